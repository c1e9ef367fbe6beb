"""Cheapest promotions worked out by hand; 10 person-days a week from Monday 4 January 2027."""

from __future__ import annotations

from datetime import date

import pytest

from roadmap.domain.plan import Initiative, PlanError
from roadmap.domain.promotion import Cheapest, cheapest, finishes
from tests.domain.small import initiative, plan, work

WEEK_0, WEEK_1, WEEK_2 = date(2027, 1, 8), date(2027, 1, 15), date(2027, 1, 22)

BOARD = plan(initiative("A", work(10)), initiative("B", work(10)), initiative("C", work(10)))


def test_it_goes_no_further_up_than_it_must() -> None:
    assert list(finishes(BOARD, "C", 3)) == [0, 1, 2]
    assert cheapest(BOARD, "C", WEEK_1) == Cheapest("C", WEEK_1, 2)
    assert cheapest(BOARD, "C", WEEK_0) == Cheapest("C", WEEK_0, 1)
    assert cheapest(BOARD, "C", date(2027, 1, 14)) == Cheapest("C", date(2027, 1, 14), 1)


def test_already_met_is_the_present_rank() -> None:
    assert cheapest(BOARD, "C", WEEK_2) == Cheapest("C", WEEK_2, 3, already_met=True)


def test_earlier_is_not_always_better() -> None:
    # D (10 on y) needs C (10 on y) and B (20 on x), and B needs A (20 on y).
    # At rank 1 D pulls C first: y in week 0. Then A for B: weeks 1 and 2, B in 3 and 4, D in 5.
    # At rank 2 A has gone before: weeks 0 and 1. C in week 2, B in weeks 2 and 3, D in week 4.
    board = plan(
        initiative("A", work(20, "y")),
        initiative("C", work(10, "y")),
        initiative("D", work(10, "y"), needs="C B"),
        initiative("B", work(20, "x"), needs="A"),
        teams={"x": 10, "y": 10},
    )
    assert list(finishes(board, "D", 4)) == [5, 4, 4, 4]


def test_below_what_needs_it_only_its_place_among_the_other_needs_counts() -> None:
    board = plan(
        initiative("P", work(1), needs="S C"),
        initiative("S", work(10)),
        initiative("C", work(10)),
        initiative("X", work(10)),
    )
    # Rank 1: C in week 0. Rank 2: P pulls C and S, C ranks higher: week 0. Rank 3: S goes first.
    assert list(finishes(board, "C", 4)) == [0, 0, 1, 1]
    assert cheapest(board, "C", WEEK_0).rank == 2


@pytest.mark.parametrize(
    ("candidate", "by", "reason"),
    [
        # Nobody has estimated it.
        (initiative("C", work(None)), WEEK_2, "unestimated"),
        # Its first allowed week ends on 22 January.
        (initiative("C", work(1), not_before=date(2027, 1, 12)), WEEK_1, "not_before"),
        (initiative("C", work(1), not_before=date(2040, 1, 1)), date(2041, 1, 1), "not_before"),
        # Even first in line N takes weeks 0 and 1, so C finishes in week 2 at the earliest.
        (initiative("C", work(1), needs="N"), WEEK_1, "need"),
        (initiative("C", work(1), needs="D"), WEEK_2, "need"),
        (initiative("C", work(1), needs="U"), WEEK_2, "need"),
        # 21 person-days take three weeks, even alone.
        (initiative("C", work(21)), WEEK_1, "effort"),
        (initiative("C", work(2000)), date(2031, 1, 1), "effort"),
        (initiative("C", work(1)), date(2027, 1, 7), "effort"),
        # Ready in week 1 by its date, and two weeks of work: neither alone is too much for week 1.
        (initiative("C", work(20), not_before=date(2027, 1, 11)), WEEK_1, "capacity"),
    ],
)
def test_without_an_answer_it_says_what_alone_rules_the_date_out(
    candidate: Initiative, by: date, reason: str
) -> None:
    board = plan(
        initiative("A", work(10)),
        initiative("N", work(20)),
        candidate,
        initiative("U"),
        initiative("D", state="declined"),
    )
    assert cheapest(board, "C", by) == Cheapest("C", by, None, ruled_out_by=reason)


def test_only_what_is_on_the_board_can_be_promoted() -> None:
    with pytest.raises(PlanError, match="not on the board"):
        cheapest(plan(initiative("S", state="shipped")), "S", WEEK_0)


def test_a_need_that_leaves_time_at_one_position_does_not_alone_rule_the_date_out() -> None:
    # As decided: A fills week 0 of the team, B week 1, C (after A) week 1 of the other team, so D
    # may start in week 2, whose Friday is 22 January. At the top D pulls B before A: C waits until
    # week 2, and D could only start in week 3. D itself takes two weeks.
    board = plan(
        initiative("A", work(10)),
        initiative("B", work(10)),
        initiative("C", work(10, "other"), needs="A"),
        initiative("D", work(20, "other"), needs="B C"),
        teams={"core": 10, "other": 10},
    )
    assert cheapest(board, "D", date(2027, 1, 22)).ruled_out_by == "capacity"
    assert cheapest(board, "D", date(2027, 1, 15)).ruled_out_by == "need"
