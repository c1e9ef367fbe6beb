from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from roadmap.domain.deals import (
    BEFORE_ALL,
    DealIndex,
    Readiness,
    reach_between,
    readiness,
    solutions,
    uncovered,
)
from roadmap.domain.margins import DealGroup
from roadmap.domain.plan import Deal, Plan, Problem
from roadmap.domain.schedule import schedule
from tests.domain.small import MONDAY, initiative, plan, work

WEEK_0, WEEK_1 = date(2027, 1, 8), date(2027, 1, 15)


def solved_by(*ids: str) -> date | None:
    """When a problem that these solve is solved: A finishes in week 0, B in week 1, X never."""
    board: Plan = plan(
        initiative("A", work(10)),
        initiative("B", work(10)),
        initiative("X"),
        initiative("S", state="shipped"),
        initiative("D", state="declined"),
    )
    board = replace(board, problems={"P": Problem("P", ids)})
    return solutions(board, schedule(board))["P"]


@pytest.mark.parametrize(
    ("ids", "solved"),
    [
        (["A"], WEEK_0),
        (["A", "B"], WEEK_1),  # all of them have to finish
        (["B", "A"], WEEK_1),
        (["A", "X"], None),  # X is unestimated: never
        (["A", "S"], WEEK_0),  # what has shipped does not matter while others are on the board
        (["S"], BEFORE_ALL),
        (["S", "D"], BEFORE_ALL),
        (["D"], None),  # uncovered
        (["A", "D"], WEEK_0),  # declined ones do not count
        ([], None),
    ],
)
def test_a_problem_is_solved_when_all_on_the_board_that_solve_it_have_finished(
    ids: list[str], solved: date | None
) -> None:
    assert solved_by(*ids) == solved


def test_uncovered_is_a_problem_that_nobody_solves() -> None:
    board = plan(
        initiative("X"), initiative("D", state="declined"), initiative("S", state="shipped")
    )
    assert uncovered(Problem("P"), board)
    assert uncovered(Problem("P", ("D",)), board)
    assert not uncovered(Problem("P", ("X", "D")), board)
    assert not uncovered(Problem("P", ("S",)), board)


def deal(
    *blockers: str,
    needed_by: date | None = WEEK_0,
    status: str = "open",
    id: str = "deal",
    amount: int | None = 100,
    fit: int = 50,
) -> Deal:
    return Deal(id, status, amount, fit, needed_by, blockers)


SOLVED = {"early": WEEK_0, "late": WEEK_1, "never": None, "always": BEFORE_ALL}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (deal("early"), Readiness("in time", WEEK_0, WEEK_0, waits_for=("early",))),
        (deal("early", "late"), Readiness("late", WEEK_1, WEEK_0, waits_for=("late",))),
        (deal("early", "never"), Readiness("late", None, WEEK_0, waits_for=("never",))),
        (
            deal("always", needed_by=None),
            Readiness("late", BEFORE_ALL, None, undated=True, waits_for=("always",)),
        ),
        # Overdue, but judged like any other: its problem was solved before every date.
        (
            deal("always", needed_by=date(2026, 12, 1)),
            Readiness(
                "in time", BEFORE_ALL, date(2026, 12, 1), overdue=True, waits_for=("always",)
            ),
        ),
        (deal(), Readiness("no part")),
        (deal("early", status="lost"), Readiness("no part")),
        (deal("early", status="won"), Readiness("no part")),
        (deal("unheard of"), Readiness("late", None, WEEK_0, waits_for=("unheard of",))),
    ],
)
def test_a_deal_is_in_time_when_its_latest_solution_is_no_later_than_needed(
    given: Deal, expected: Readiness
) -> None:
    assert readiness(given, SOLVED, MONDAY) == expected


def test_every_deal_counts_once_with_its_whole_amount() -> None:
    # Both problems of D1 slip by a week: it is pushed once. D2 waits for a third problem that is
    # late before and after, so nothing happens to it. D3 has a week to spare.
    deals = [
        deal("p", "q", id="D1", amount=1000, fit=80),
        deal("p", "r", id="D2"),
        deal("q", id="D3", needed_by=WEEK_1),
        deal("p", id="D4", amount=None),
        deal("p", id="D5", amount=1000, fit=10),
    ]
    before = {"p": WEEK_0, "q": WEEK_0, "r": None}
    after = {"p": WEEK_1, "q": WEEK_1, "r": None}
    reach = DealIndex(deals).reach(before, after)
    assert reach.pushed == ("D1", "D5", "D4")
    assert reach.pushed_amount == 2000
    assert reach.pushed_weighted == 1000 * 80 + 1000 * 10
    assert reach.net == -2000
    assert reach.net_weighted == -90_000
    assert reach.unknown == ("D4",)
    assert DealIndex(deals).reach(after, before).brought == ("D1", "D5", "D4")


def test_closed_and_unblocked_deals_are_not_in_the_index_and_undated_ones_never_in_time() -> None:
    index = DealIndex([deal("p", status="lost"), deal("p", id="U", needed_by=None), deal()])
    assert len(index) == 1
    assert index.in_time({"p": BEFORE_ALL}) == ()


def test_late_deals_get_later_and_near_ones_come_closer_each_once() -> None:
    # p slips from week 0 to week 1, q from week 1 to never.
    deals = [
        deal("p", id="near", needed_by=WEEK_1 + timedelta(days=21), amount=700),
        deal("p", id="far", needed_by=WEEK_1 + timedelta(days=28)),
        deal("q", "p", id="late", needed_by=WEEK_0, amount=None),
        deal("p", id="undated", needed_by=None, amount=5),
        deal("p", id="overdue", needed_by=MONDAY - timedelta(days=1)),
    ]
    index = DealIndex(deals)
    before, after = {"p": WEEK_0, "q": WEEK_1}, {"p": WEEK_1, "q": None}
    told = index.margins(before, after, MONDAY)
    assert told.closer == DealGroup(("near",), 700, 0)
    assert told.closest_weeks == 3
    assert told.later_still == DealGroup(("undated", "late"), 5, 1)
    back = index.margins(after, before, MONDAY)
    assert (back.safer, back.sooner_late) == (told.closer, told.later_still)
    assert back.closest_weeks is None


def test_a_deal_whose_blockers_change_is_judged_by_its_own_in_each_plan() -> None:
    was = {"D": deal("early", id="D"), "E": deal("late", id="E"), "F": deal("early", id="F")}
    now = {"D": deal("late", id="D"), "E": deal("early", id="E"), "F": deal(id="F")}
    reach = reach_between(was, SOLVED, now, SOLVED)
    assert reach.pushed == ("D",)
    assert reach.brought == ("E",)
