"""Impacts worked out by hand; 10 person-days a week, week 0 is that of Monday 4 January 2027."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from roadmap.domain.causes import CapacityCut, CapacityTaken, NeedMoved, OwnChange
from roadmap.domain.changes import ChangePromise, Promised, from_json
from roadmap.domain.errors import Refused
from roadmap.domain.impact import Commitment, Impact, Shift, Worsened, impact, needs_sponsor
from roadmap.domain.plan import Deal, Initiative, Plan, PlanError, Problem, Promise, Team
from tests.domain.small import initiative, plan, work

FRIDAYS = [date(2027, 1, 8), date(2027, 1, 15), date(2027, 1, 22), date(2027, 1, 29)]


def promised(initiative: Initiative, day: date) -> Initiative:
    return replace(initiative, promised=(Promise(day, "Acme"),))


def changed(plan: Plan, **changes: Initiative) -> Plan:
    return replace(plan, initiatives={**plan.initiatives, **changes})


def test_promoting_to_the_top_delays_what_it_passes() -> None:
    # Before: A week 0, B week 1, C week 2. After C to 1: C week 0, A week 1, B week 2.
    board = plan(initiative("A", work(10)), initiative("B", work(10)), initiative("C", work(10)))
    told = impact(board, board.moved("C", 1))
    assert told.delayed == (
        Shift("A", FRIDAYS[0], FRIDAYS[1], 1),
        Shift("B", FRIDAYS[1], FRIDAYS[2], 1),
    )
    assert told.advanced == (Shift("C", FRIDAYS[2], FRIDAYS[0], 2),)
    # Where A drew before (week 0) C now draws 10; where B drew (week 1), A does.
    assert told.causes("A") == (CapacityTaken("C", 10),)
    assert told.causes("B") == (CapacityTaken("A", 10),)


def test_capacity_taken_is_net_and_largest_first_with_ties_by_new_rank() -> None:
    # Before: A week 0, B 5 + C 5 week 1, D (20) weeks 2 and 3.
    # A grows to 20: weeks 0 and 1. B and C move to week 2, D draws in weeks 3 and 4.
    # D drew in weeks 2 and 3: there B takes 5 and C takes 5. Nothing else does.
    board = plan(
        initiative("A", work(10)),
        initiative("B", work(5)),
        initiative("C", work(5)),
        initiative("D", work(20)),
    )
    told = impact(board, changed(board, A=initiative("A", work(20))))
    assert told.causes("D") == (CapacityTaken("B", 5), CapacityTaken("C", 5))
    assert told.causes("A") == (OwnChange(("effort",)),)
    assert [(shift.id, shift.weeks) for shift in told.delayed] == [
        *(("A", 1), ("B", 1), ("C", 1), ("D", 1)),
    ]


def test_a_gain_in_one_week_and_a_loss_in_another_cancel_out() -> None:
    # D drew 5 in week 0 and 5 in week 1, beside X with 5 in each of weeks 0 and 1.
    # X drops its limit: 10 in week 0, none in week 1, so net 0 for D, which now draws 10 in week 1.
    # Its finish stays: it is not listed at all.
    board = plan(initiative("X", work(10, most=5)), initiative("D", work(10)))
    told = impact(board, changed(board, X=initiative("X", work(10))))
    assert not told.delayed
    assert told.causes("D") == ()


def test_what_the_delayed_one_itself_draws_is_not_taken_from_it() -> None:
    # A had 5 in week 0. With 15 it draws 10 there, 5 more than before, and 5 in week 1.
    board = plan(initiative("A", work(5)))
    told = impact(board, changed(board, A=initiative("A", work(15))))
    assert told.causes("A") == (OwnChange(("effort",)),)


def test_a_need_that_moved_is_a_cause() -> None:
    # B needs A. A doubles from 10 to 20: B starts in week 2 instead of 1, on a team of its own.
    board = plan(
        initiative("A", work(10)),
        initiative("B", work(5, "web"), needs="A"),
        teams={"core": 10, "web": 10},
    )
    told = impact(board, changed(board, A=initiative("A", work(20))))
    assert told.causes("B") == (NeedMoved("A"),)


def test_a_need_that_is_lost_is_a_cause_and_leaving_the_board_is_listed_apart() -> None:
    board = plan(initiative("A", work(10)), initiative("B", work(5), needs="A"))
    after = replace(changed(board, A=initiative("A", work(10), state="declined")), order=("B",))
    told = impact(board, after)
    assert told.delayed == (Shift("B", FRIDAYS[1], None, None),)
    assert told.causes("B") == (NeedMoved("A"),)
    assert told.leaving == ("A",)
    assert impact(after, board).entering == ("A",)
    assert impact(after, board).advanced == (Shift("B", None, FRIDAYS[1], None),)


def test_shipping_a_need_moves_nothing_later() -> None:
    board = plan(initiative("A", work(10)), initiative("B", work(5), needs="A"))
    after = replace(changed(board, A=initiative("A", work(10), state="shipped")), order=("B",))
    assert impact(board, after).advanced == (Shift("B", FRIDAYS[1], FRIDAYS[0], 1),)


def test_own_changes_are_named() -> None:
    board = plan(initiative("N", work(0)), initiative("A", work(10)))
    late = initiative("A", work(30), needs="N", not_before=date(2027, 1, 11), state="committed")
    told = impact(board, changed(board, A=late))
    assert told.causes("A") == (OwnChange(("effort", "not_before", "state", "needs")),)


def test_a_capacity_cut_names_team_and_weeks() -> None:
    # 20 in weeks 0 and 1. With 5 a week it takes weeks 0 to 3.
    board = plan(initiative("A", work(20)))
    told = impact(board, replace(board, teams={"core": Team("core", {date(2020, 1, 1): 5})}))
    assert told.delayed == (Shift("A", FRIDAYS[1], FRIDAYS[3], 2),)
    assert told.causes("A") == (CapacityCut("core", (0, 1)),)


def test_deals_fall_out_of_reach_and_come_within_it() -> None:
    # B solves P and goes from week 1 to 0; A solves Q and goes from week 0 to 1.
    # D1 needs Q by Friday of week 0: pushed. D2 needs P by then: brought. D3 needs both: neither.
    board = replace(
        plan(initiative("A", work(10)), initiative("B", work(10))),
        problems={"P": Problem("P", ("B",)), "Q": Problem("Q", ("A",))},
        deals={
            "D1": Deal("D1", "open", 700, 100, FRIDAYS[0], ("Q",)),
            "D2": Deal("D2", "open", 300, 50, FRIDAYS[0], ("P",)),
            "D3": Deal("D3", "open", 999, 50, FRIDAYS[0], ("P", "Q")),
        },
    )
    reach = impact(board, board.moved("B", 1)).reach
    assert (reach.pushed, reach.brought, reach.net) == (("D1",), ("D2",), -400)
    assert reach.net_weighted == 300 * 50 - 700 * 100


def test_commitments_break_and_mend() -> None:
    # A is promised for the Friday of week 0, which is just held; B for Thursday of week 1.
    board = plan(
        promised(initiative("A", work(10)), FRIDAYS[0]),
        promised(initiative("B", work(10)), date(2027, 1, 14)),
    )
    told = impact(board, board.moved("B", 1))
    assert told.broken == (Commitment("A", FRIDAYS[0], "Acme"),)
    assert told.mended == (Commitment("B", date(2027, 1, 14), "Acme"),)


@pytest.mark.parametrize(("state", "broken"), [("shipped", 0), ("declined", 1)])
def test_a_shipped_initiative_keeps_its_promises_and_a_declined_one_breaks_them(
    state: str, broken: int
) -> None:
    board = plan(promised(initiative("A", work(10)), FRIDAYS[0]))
    gone = promised(initiative("A", work(10), state=state), FRIDAYS[0])
    told = impact(board, replace(changed(board, A=gone), order=()))
    assert len(told.broken) == broken
    assert not told.mended


def test_a_promise_made_with_the_change_is_neither_broken_nor_mended() -> None:
    board = plan(initiative("A", work(10)))
    told = impact(board, changed(board, A=promised(initiative("A", work(10)), FRIDAYS[0])))
    assert told.empty


ACME, LATER = Promise(FRIDAYS[1], "Acme"), Promise(FRIDAYS[3], "Acme")


@pytest.mark.parametrize(
    ("was", "now", "withdrawn"),
    [
        ([ACME], [], [FRIDAYS[1]]),
        ([ACME], [LATER], [FRIDAYS[1]]),  # promised for later
        ([LATER], [ACME], []),  # tightened
        ([ACME], [Promise(FRIDAYS[0], "Globex")], [FRIDAYS[1]]),
        ([ACME, LATER], [ACME], [FRIDAYS[3]]),  # the earlier one stood already
        ([ACME, ACME], [ACME], [FRIDAYS[1]]),
        ([LATER, LATER], [ACME, LATER], []),
        ([LATER, LATER], [ACME], [FRIDAYS[3]]),  # one gave way, the other is gone
        ([ACME], [ACME, LATER], []),
    ],
)
def test_a_commitment_is_withdrawn_where_no_new_one_is_as_early(
    was: list[Promise], now: list[Promise], withdrawn: list[date]
) -> None:
    one = initiative("A", work(10))
    board = plan(replace(one, promised=tuple(was)))
    told = impact(board, changed(board, A=replace(one, promised=tuple(now))))
    assert [promise.date for promise in told.withdrawn] == withdrawn
    assert told.empty == (not withdrawn)
    assert needs_sponsor(told) == (("commitment withdrawn",) if withdrawn else ())


def test_changing_a_promise_knows_its_way_back() -> None:
    board = plan(replace(initiative("A", work(10)), promised=(ACME, ACME)))
    change = ChangePromise("A", Promised(FRIDAYS[3], "Acme", 7), Promised(FRIDAYS[1], "Acme"))
    after = change.after(board)
    assert after.initiatives["A"].promised == (ACME, LATER)
    assert change.inverse(board).after(after) == board
    for each in (
        change,
        ChangePromise("A", None, change.was),
        ChangePromise("A", change.was, None),
    ):
        assert from_json(json.loads(json.dumps(each.as_json()))) == each
    with pytest.raises(Refused, match="any more"):
        ChangePromise("A", None, Promised(FRIDAYS[2], "Acme")).after(board)


def with_reach(told: Impact, pushed: int, brought: int) -> Impact:
    return replace(told, reach=replace(told.reach, pushed_amount=pushed, brought_amount=brought))


@pytest.mark.parametrize(
    ("pushed", "brought", "reasons"),
    [
        (0, 0, ()),
        (50, 50, ()),
        (51, 50, ("net negative",)),
        (500, 900, ()),  # the threshold itself is not more than the threshold
        (501, 900, ("pushed above threshold",)),
        (501, 0, ("net negative", "pushed above threshold")),
    ],
)
def test_a_sponsor_is_needed_when_it_costs(
    pushed: int, brought: int, reasons: tuple[str, ...]
) -> None:
    board = plan(initiative("A", work(10)))
    told = with_reach(impact(board, board), pushed, brought)
    assert needs_sponsor(told, threshold=500) == reasons


def test_a_sponsor_is_needed_when_a_commitment_breaks() -> None:
    board = plan(promised(initiative("A", work(10)), FRIDAYS[0]), initiative("B", work(10)))
    assert needs_sponsor(impact(board, board.moved("B", 1))) == ("commitment breaks",)


def test_plans_of_different_weeks_are_not_compared() -> None:
    board = plan(initiative("A", work(10)))
    with pytest.raises(PlanError, match="today"):
        impact(board, replace(board, today=date(2027, 1, 9)))


@pytest.mark.parametrize(
    ("accepted", "drift", "sponsor"),
    [
        (None, 1, ()),
        (FRIDAYS[0] - timedelta(days=14), 3, ()),
        (FRIDAYS[0] - timedelta(days=21), 4, ("commitment worsens",)),
    ],
)
def test_a_missed_promise_drifts_from_the_finish_that_a_sponsor_last_accepted(
    accepted: date | None, drift: int, sponsor: tuple[str, ...]
) -> None:
    # A finishes in week 0 and was promised for the week before. B before it makes that week 1.
    late = Promise(date(2027, 1, 1), "Acme", accepted=accepted)
    board = plan(replace(initiative("A", work(10)), promised=(late,)), initiative("B", work(10)))
    told = impact(board, board.moved("B", 1))
    assert told.worsened == (Worsened("A", FRIDAYS[0], FRIDAYS[1], drift, "Acme", late.date),)
    assert needs_sponsor(told) == sponsor
    assert not impact(board.moved("B", 1), board).worsened


def test_a_missed_promise_that_loses_its_date_needs_a_sponsor() -> None:
    late = Promise(date(2027, 1, 1), "Acme")
    board = plan(replace(initiative("A", work(10)), promised=(late,)))
    gone = changed(board, A=replace(board.initiatives["A"], work=(work(None),)))
    told = impact(board, gone)
    assert told.worsened == (Worsened("A", FRIDAYS[0], None, None, "Acme", late.date),)
    assert needs_sponsor(told) == ("commitment worsens",)
