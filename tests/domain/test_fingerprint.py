"""Two impacts have one fingerprint if and only if they are the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain.changes import (
    Change,
    ChangeEffort,
    ChangeNotBefore,
    ChangePromise,
    Leave,
    Move,
    Promised,
    Requirement,
)
from roadmap.domain.deals import readiness, solutions
from roadmap.domain.fingerprint import (
    DELAYED,
    PARTS,
    PUSHED,
    SPONSOR,
    STEPS,
    differing,
    fingerprint,
)
from roadmap.domain.impact import impact, needs_sponsor
from roadmap.domain.plan import SHIPPED, Deal, Plan, Problem, Promise
from roadmap.domain.schedule import schedule
from tests.domain.plans import boards
from tests.domain.small import MONDAY, initiative, plan, work

THRESHOLD = 700


def of(board: Plan, *steps: Change, threshold: int = THRESHOLD) -> str:
    after = board
    for step in steps:
        after = step.after(after)
    found = impact(board, after)
    return fingerprint(steps, found, needs_sponsor(found, threshold))


def naive(board: Plan, move: Move) -> Any:
    """What the definition lists, counted one by one and compared as it is."""
    after_plan = board.moved(move.initiative, move.to)
    before, after = schedule(board), schedule(after_plan)
    shifts = {}
    for id in board.order:
        was, now = before[id].last, after[id].last
        if was != now:
            shifts[id] = "lost" if now is None else "gained" if was is None else now - was
    reach = {}
    solved, solved_after = solutions(board, before), solutions(after_plan, after)
    for deal in board.deals.values():
        then = readiness(deal, solved, board.today).in_time
        now = readiness(deal, solved_after, board.today).in_time
        if then != now:
            reach[deal.id] = (now, deal.amount)
    promises = Counter[tuple[str, str, bool]]()
    for id, one in board.initiatives.items():
        for promise in one.promised:
            if one.state == SHIPPED:
                continue
            finishes = [placed.finish(id) for placed in (before, after)]
            held, holds = (day is not None and day <= promise.date for day in finishes)
            if held != holds:
                promises[id, promise.to, holds] += 1
    pushed = sum(amount or 0 for in_time, amount in reach.values() if not in_time)
    brought = sum(amount or 0 for in_time, amount in reach.values() if in_time)
    reasons = (
        any(not holds for _, _, holds in promises), brought < pushed, pushed > THRESHOLD,
    )  # fmt: skip
    return move, shifts, reach, promises, reasons


@st.composite
def two(draw: st.DrawFn) -> tuple[Plan, Move, Plan, Move]:
    """A move on a board, and one on the same board after something else happened to it."""
    board, id, to = draw(boards())
    other, other_move = board, Move(id, to)
    for event in draw(st.lists(st.sampled_from(sorted(EVENTS)), max_size=2)):
        other = EVENTS[event](draw, other)
    if draw(st.integers(0, 5)) == 0:
        other_move = Move(id, draw(st.integers(1, len(board.order))))
    return board, Move(id, to), other, other_move


def _another_moved(draw: st.DrawFn, board: Plan) -> Plan:
    return board.moved(draw(st.sampled_from(board.order)), draw(st.integers(1, len(board.order))))


def _a_deal_changed(draw: st.DrawFn, board: Plan) -> Plan:
    if not board.deals:
        return board
    deal = draw(st.sampled_from(sorted(board.deals.values(), key=lambda each: each.id)))
    new = replace(deal, amount=draw(st.sampled_from([None, 0, 1, 900])))
    return replace(board, deals={**board.deals, deal.id: new})


def _something_was_promised(draw: st.DrawFn, board: Plan) -> Plan:
    one = board.initiatives[draw(st.sampled_from(board.order))]
    day = board.today + timedelta(days=draw(st.integers(0, 200)))
    new = replace(one, promised=(*one.promised, Promise(day, draw(st.sampled_from("AB")))))
    return replace(board, initiatives={**board.initiatives, one.id: new})


def _an_estimate_grew(draw: st.DrawFn, board: Plan) -> Plan:
    one = board.initiatives[draw(st.sampled_from(board.order))]
    grown = (replace(item, person_days=(item.person_days or 0) + 5) for item in one.work)
    return replace(board, initiatives={**board.initiatives, one.id: replace(one, work=(*grown,))})


EVENTS = {
    "another moved": _another_moved,
    "a deal changed": _a_deal_changed,
    "a promise": _something_was_promised,
    "an estimate grew": _an_estimate_grew,
}


@given(two())
def test_equal_if_and_only_if_a_naive_comparison_finds_no_difference(
    both: tuple[Plan, Move, Plan, Move],
) -> None:
    board, move, other, other_move = both
    same = naive(board, move) == naive(other, other_move)
    assert (of(board, move) == of(other, other_move)) is same


def crowd(today: date = MONDAY) -> Plan:
    """A, B and C of one week each; D with a team of its own. B to the top pushes P's deal out."""
    board = plan(
        initiative("A", work(10)), initiative("B", work(10)), initiative("C", work(10)),
        initiative("D", work(10, "web")), today=today, teams={"core": 10, "web": 10},
    )  # fmt: skip
    friday = today + timedelta(days=4)
    a = replace(board.initiatives["A"], promised=(Promise(friday, "Acme"),))
    return replace(
        board,
        initiatives={**board.initiatives, "A": a},
        problems={"P": Problem("P", ("A",))},
        deals={"1": Deal("1", "open", 500, 50, friday, ("P",))},
    )


def test_days_of_the_calendar_are_no_part_of_it() -> None:
    later = MONDAY + timedelta(weeks=3)
    assert of(crowd(), Move("B", 1)) == of(crowd(later), Move("B", 1))
    # On Tuesday of the same week nothing else happens either.
    tuesday = replace(crowd(), today=MONDAY + timedelta(days=1))
    assert of(crowd(), Move("B", 1)) == of(tuesday, Move("B", 1))


def test_where_others_pushed_it_meanwhile_is_no_part_of_it() -> None:
    """Ranks are absolute: a move says where to."""
    assert of(crowd(), Move("C", 1)) == of(crowd().moved("D", 1), Move("C", 1))
    assert of(crowd(), Move("C", 1)) != of(crowd(), Move("C", 2))


def test_it_tells_which_parts_differ() -> None:
    shown = of(crowd(), Move("B", 1))
    more = replace(crowd(), deals={"1": replace(crowd().deals["1"], amount=800)})
    assert differing(shown, of(more, Move("B", 1))) == (PUSHED, SPONSOR)
    assert differing(shown, of(crowd().moved("C", 1), Move("B", 1))) != ()
    assert DELAYED in differing(shown, of(crowd(), Move("D", 1)))
    assert differing(shown, shown) == ()
    for nonsense in ("", "x", "." * 40):
        assert differing(nonsense, shown) == PARTS


def test_a_step_is_another_where_it_changes_from_something_else() -> None:
    """Though what it leads to is the same, and though nothing at all happens by it."""

    def effort(was: int) -> ChangeEffort:
        work = (Requirement("Part", "1", "web", 10, None),)
        return ChangeEffort("D", work, (Requirement("Part", "1", "web", was, None),))

    assert differing(of(crowd(), effort(10)), of(crowd(), effort(9))) == (STEPS,)
    for one, other in (
        (ChangeNotBefore("D", None, None), ChangeNotBefore("D", None, MONDAY)),
        (
            ChangePromise("D", None, None),
            ChangePromise("D", Promised(date(2029, 1, 1), "Acme"), None),
        ),
    ):
        assert differing(of(crowd(), one), of(crowd(), other)) == (STEPS,)
    # Declining what was a candidate is not declining what is committed by now.
    committed = replace(crowd().initiatives["D"], state="committed")
    board = replace(crowd(), initiatives={**crowd().initiatives, "D": committed})
    gone = Leave("D", "declined", "No")
    assert differing(of(crowd(), gone), of(board, gone)) == (STEPS,)
