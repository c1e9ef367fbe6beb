"""What tying deals to a problem would do to each of them."""

from dataclasses import replace
from datetime import date

from roadmap.domain.deals import BEFORE_ALL
from roadmap.domain.plan import Deal
from roadmap.domain.tying import Tying, tying

TODAY = date(2027, 1, 4)
SOLVED = {"sso": date(2027, 3, 12), "export": date(2027, 6, 4), "done": BEFORE_ALL, "never": None}


def deal(id: str = "acme", **changes: object) -> Deal:
    return replace(Deal(id, "open", 100, 50, date(2027, 4, 1)), **changes)


def tie(*deals: Deal, to: str = "sso") -> Tying:
    return tying([(each, each) for each in deals], to, SOLVED, TODAY)


def test_deals_are_sorted_by_what_happens_to_them() -> None:
    found = tie(
        deal("free"),
        deal("tied", blockers=("sso",)),
        deal("lost", status="lost"),
        deal("won", status="won", blockers=("sso",)),
    )
    assert [each.deal.id for each in found.tied] == ["free"]
    assert [each.id for each in found.known] == ["tied"]
    assert [each.id for each in found.lost] == ["lost"]
    assert [each.id for each in found.won] == ["won"]


def test_amounts_are_of_the_deals_that_are_newly_tied_and_unknown_ones_are_counted_beside() -> None:
    found = tie(deal("a"), deal("b", amount=None), deal("c", amount=900, blockers=("sso",)))
    assert (found.amount, found.unknown, found.in_time) == (100, 1, 2)


def test_a_deal_that_waits_for_something_later_stays_late_and_the_latest_is_named_first() -> None:
    (tied,) = tie(deal(blockers=("done", "export", "never"))).tied
    assert tied.others == ("never", "export", "done")
    assert not tied.after.in_time
    assert not tied.falls_behind


def test_a_deal_that_was_in_time_falls_behind_with_a_problem_that_is_solved_too_late() -> None:
    (tied,) = tie(deal(blockers=("sso",)), to="export").tied
    assert tied.falls_behind
    assert tied.others == ("sso",)
    (fine,) = tie(deal(blockers=("done",))).tied
    assert fine.before.in_time
    assert not fine.falls_behind


def test_what_the_step_takes_back_is_not_counted_as_another_blocker() -> None:
    now = deal(blockers=("export",))
    found = tying([(now, replace(now, blockers=()))], "sso", SOLVED, TODAY)
    assert found.tied[0].others == ()
    assert found.in_time == 1


def test_a_problem_that_nobody_solves_makes_every_deal_late() -> None:
    assert tie(deal("a"), deal("b"), to="unknown").in_time == 0
