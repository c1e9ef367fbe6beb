"""Many people decide at once: everybody's decision is made once, on what they were shown."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db, reading
from roadmap.models import Tradeoff
from tests.support.company import Company
from tests.support.http import Reply, Visitor
from tests.tradeoffs.conftest import Serve

PEOPLE = 16
#: Each round at least one of those who try gets through.
MOST_TRIES = 3 * PEOPLE


def reasons(app: Flask) -> Counter[str]:
    with app.app_context(), reading():
        return Counter(db.session.scalars(select(Tradeoff.reason).where(Tradeoff.reason != "")))


def assert_all_is_right(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 0, result.output


def test_sixteen_people_who_move_at_once_all_get_through(
    app: Flask, crowd: Company, serve: Serve
) -> None:
    owner, sponsor = crowd.people["product"], crowd.people["executive"]
    statuses: Counter[int] = Counter()

    def decide(who: Visitor, number: int) -> bool:
        """Preview a move of one's own and commit it; look again whenever the board moved."""
        reply = look(who, number)
        for _ in range(MOST_TRIES):
            reply = who.commit(reply, owner=owner, sponsor=sponsor, reason=f"Person {number}")
            statuses[reply.status] += 1
            if reply.status == 303:
                return True
            if reply.status == 422 or "commit-form" not in reply.text:
                reply = look(who, number)
        return False

    def look(who: Visitor, number: int) -> Reply:
        # Where somebody else's move has put it there already, one asks for the place beside it.
        for to in (number % 20 + 1, (number + 1) % 20 + 1):
            reply = who.get(f"/board/preview?initiative={number}&to={to}")
            statuses[reply.status] += 1
            if reply.status == 200:
                return reply
        raise AssertionError(reply.text)

    with serve() as server:
        priya = Visitor(server.url).sign_in("product")
        with ThreadPoolExecutor(PEOPLE) as pool:
            done = pool.map(decide, [priya.also() for _ in range(PEOPLE)], range(1, PEOPLE + 1))
            assert all(done), statuses

    assert set(statuses) <= {200, 303, 409, 422}, statuses
    assert statuses[303] == PEOPLE
    assert reasons(app) == Counter(f"Person {number}" for number in range(1, PEOPLE + 1))
    assert_all_is_right(app)


def test_sixteen_moves_that_do_not_touch_each_other_are_committed_at_the_first_try(
    app: Flask, crowd: Company, serve: Serve
) -> None:
    """All on one revision, each with a team of its own."""
    pairs = []
    for n in range(PEOPLE):
        team = crowd.team(f"Team {n}", people=1)
        pairs.append([crowd.initiative(f"Of {n}: {m}", work=[(team, 5)]) for m in "AB"])
    first = len(crowd.order()) - 2 * PEOPLE + 1
    owner = crowd.people["product"]

    with serve() as server:
        priya = Visitor(server.url).sign_in("product")
        shown = [
            priya.get(f"/board/preview?initiative={second}&to={first + 2 * n}")
            for n, (_, second) in enumerate(pairs)
        ]
        clash = priya.get(f"/board/preview?initiative={pairs[0][0]}&to={first + 1}")
        together = Barrier(PEOPLE)

        def commit(who: Visitor, number: int) -> int:
            together.wait(20)
            reply = who.commit(shown[number], owner=owner, reason=f"Person {number}")
            return reply.status

        with ThreadPoolExecutor(PEOPLE) as pool:
            answers = list(pool.map(commit, [priya.also() for _ in pairs], range(PEOPLE)))
        assert answers == [303] * PEOPLE
        # It stands there by now, which was not so when it was shown: nothing is done, and said so.
        late = priya.commit(clash, owner=owner, reason="Late")
        assert late.status == 409
        assert f"at position {first + 1} already" in late.text

    order = [title for n in range(PEOPLE) for title in (f"Of {n}: B", f"Of {n}: A")]
    assert crowd.order()[first - 1 :] == order
    assert reasons(app) == Counter(f"Person {number}" for number in range(PEOPLE))
    assert_all_is_right(app)


def test_of_two_who_promote_on_the_same_board_one_is_told_that_it_moved(
    app: Flask, crowd: Company, serve: Serve
) -> None:
    owner, sponsor = crowd.people["product"], crowd.people["executive"]
    with serve() as server, ThreadPoolExecutor(2) as pool:
        priya, elias = (Visitor(server.url).sign_in(role) for role in ("product", "executive"))
        for turn in range(4):
            ids = (20 - turn, 10 + turn)
            before = crowd.order(), reasons(app)
            shown = [
                who.get(f"/board/preview?initiative={id}&to=1")
                for who, id in zip((priya, elias), ids, strict=True)
            ]
            together = Barrier(2)

            def commit(who: Visitor, preview: Reply, reason: str, together: Barrier) -> Reply:
                together.wait(20)
                return who.commit(preview, owner=owner, sponsor=sponsor, reason=reason)

            words = [f"{name} in turn {turn}" for name in ("Priya", "Elias")]
            answers = list(pool.map(commit, (priya, elias), shown, words, [together] * 2))

            assert sorted(answer.status for answer in answers) == [303, 409]
            won = next(n for n, answer in enumerate(answers) if answer.status == 303)
            lost = answers[1 - won]
            title = f"Initiative {ids[won]}"
            # Only the winner's move is stored, in the order and in the ledger.
            assert crowd.order() == [title, *(t for t in before[0] if t != title)]
            assert reasons(app) - before[1] == Counter([words[won]])
            # The other sees what happened in between, and loses nothing of what was typed.
            assert title in lost.text
            assert words[1 - won] in lost.text
            assert int(lost.fields()["revision"]) > int(shown[1 - won].fields()["revision"])
    assert_all_is_right(app)


def test_what_was_shown_is_what_is_committed(app: Flask, crowd: Company, serve: Serve) -> None:
    """Evidence that changes after the preview may change what happens, too."""
    from roadmap.deals import actions as deals

    with serve() as server:
        priya = Visitor(server.url).sign_in("product")
        preview = priya.get("/board/preview?initiative=20&to=1")
        named = re.search(r'href="/deals/(\d+)"', preview.text)
        assert named
        with app.app_context():
            deals.need_by(int(named[1]), None, crowd.people["product"])
        answer = priya.commit(
            preview, owner=crowd.people["product"], sponsor=crowd.people["executive"],
            reason="Because",
        )  # fmt: skip
    assert answer.status == 409
    assert reasons(app) == Counter()
