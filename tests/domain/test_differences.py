"""What a change of statements does to deals, problems and reasons, before anybody makes it."""

from collections.abc import Mapping, Sequence
from datetime import date

from roadmap.domain.deals import BEFORE_ALL, LOST, OPEN, WON
from roadmap.domain.differences import Difference, difference, rerooted
from roadmap.domain.plan import Deal
from roadmap.domain.statements import HAND, Statement

TODAY = date(2027, 1, 4)
SSO, EXPORT, DONE, NEVER = 1, 2, 3, 4
SOLVED = {"1": date(2027, 3, 12), "2": date(2027, 6, 4), "3": BEFORE_ALL, "4": None}


def deal(id: int, status: str = OPEN, amount: int | None = 100) -> Deal:
    return Deal(str(id), status, amount, 50, date(2027, 4, 1))


def said(problems: Mapping[int, Sequence[int]], source: str = "rep") -> dict[str, list[Statement]]:
    """By deal, a statement for each of its problems."""
    return {
        str(deal): [
            Statement(10 * deal + place, problem, "product", source, HAND)
            for place, problem in enumerate(of)
        ]
        for deal, of in problems.items()
    }


def between(
    deals: Sequence[Deal], before: Mapping[int, Sequence[int]], after: Mapping[int, Sequence[int]]
) -> Difference:
    return difference(deals, said(before), said(after))


def test_a_problem_has_each_deal_once_on_each_side_and_unknown_amounts_are_counted_beside() -> None:
    deals = [deal(1), deal(2, LOST, 70), deal(3, amount=None), deal(4, WON)]
    here = {1: [SSO, SSO], 2: [SSO], 3: [SSO], 4: [SSO]}
    found = between(deals, here, {**here, 1: [EXPORT]})
    assert found.evidence(SSO) == (2, 100, 1, 70, 1, {1, 2, 3})
    assert found.evidence(SSO, after=True) == (1, 0, 1, 70, 1, {2, 3})
    assert found.evidence(EXPORT, after=True).deals == {1}
    assert not found.evidence(EXPORT).deals


def test_what_is_said_of_one_problem_or_the_chosen_of_it_counts_for_another() -> None:
    now = said({1: [SSO, EXPORT], 2: [SSO]})
    assert rerooted(now, SSO, DONE) == said({1: [DONE, EXPORT], 2: [DONE]})
    assert rerooted(now, SSO, DONE, {20}) == said({1: [SSO, EXPORT], 2: [DONE]})


def test_deals_come_within_reach_and_fall_out_of_it_with_blockers_and_with_dates() -> None:
    deals = [deal(1, amount=5), deal(2, amount=None), deal(3, LOST), deal(4, amount=9)]
    before = {1: [EXPORT], 2: [SSO], 3: [EXPORT], 4: [DONE]}
    found = between(deals, before, {1: [SSO], 2: [SSO, NEVER], 3: [SSO], 4: [DONE]})
    reach = found.reach(SOLVED, SOLVED)
    assert (reach.brought, reach.pushed, reach.net, reach.unknown) == (("1",), ("2",), 5, ("2",))
    assert found.reach(SOLVED, {**SOLVED, "3": None}).pushed == ("4", "2")


def test_a_deal_gains_a_problem_once_whatever_it_came_to_count() -> None:
    # What the customer said goes before: the rep's word is a reason all the same.
    lost = difference(
        [deal(1, LOST)],
        said({1: [EXPORT]}, "customer"),
        {"1": [*said({1: [EXPORT]}, "customer")["1"], Statement(19, SSO, "product", "rep", HAND)]},
    )
    (change,) = lost.changes
    assert change.gains(SSO)
    assert not change.gains(EXPORT)
    assert not lost.evidence(SSO, after=True).deals


def test_a_deal_that_waits_for_something_later_stays_late_and_the_latest_is_named_first() -> None:
    others = [DONE, EXPORT, NEVER]
    (change,) = between([deal(1)], {1: others}, {1: [*others, SSO]}).changes
    assert change.others(SSO, SOLVED) == [str(NEVER), str(EXPORT), str(DONE)]
    was, now = change.readiness(SOLVED, TODAY)
    assert not was.in_time
    assert not now.in_time


def test_a_deal_that_was_in_time_falls_behind_with_a_problem_that_is_solved_too_late() -> None:
    (change,) = between([deal(1)], {1: [SSO]}, {1: [SSO, EXPORT]}).changes
    was, now = change.readiness(SOLVED, TODAY)
    assert was.in_time
    assert not now.in_time
