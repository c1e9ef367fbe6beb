"""Schedules that a reader can work out by hand. A team has 10 person-days a week unless it says so.

Week 0 is that of Monday 4 January 2027.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from roadmap.domain.plan import Plan, PlanError, Team
from roadmap.domain.schedule import Fault, Remainder, schedule
from tests.domain.small import initiative, plan, work


def weeks(plan: Plan) -> dict[str, tuple[str, int | None, int | None]]:
    return {id: (p.state, p.start, p.last) for id, p in schedule(plan).items()}


def test_two_initiatives_share_a_team_in_rank_order() -> None:
    # A draws 10 in week 0 and 5 in week 1. B gets the other 5 of week 1 and 3 in week 2.
    forecast = schedule(plan(initiative("A", work(15)), initiative("B", work(8))))
    assert forecast["A"].draws == ((0, "core", 0, 10), (0, "core", 1, 5))
    assert forecast["B"].draws == ((0, "core", 1, 5), (0, "core", 2, 3))
    assert forecast.start("B") == date(2027, 1, 11)
    assert forecast.finish("B") == date(2027, 1, 22)
    assert forecast.used("core")[:4] == (10, 10, 3, 0)
    assert forecast.drawn["core", 1] == (("A", 5), ("B", 5))
    assert forecast.because("B").waited_weeks == 1


def test_items_on_different_teams_run_side_by_side() -> None:
    # 20 on core: weeks 0 and 1. 30 on web: weeks 0 to 2. The later one finishes it.
    side_by_side = initiative("A", work(20, "core"), work(30, "web"))
    assert weeks(plan(side_by_side, teams={"core": 10, "web": 10})) == {"A": ("scheduled", 0, 2)}


def test_it_starts_with_whichever_item_draws_first_and_ends_with_the_last_to_finish() -> None:
    # X has core in week 0, so A's first item draws in week 1, its second, on web, in week 0.
    # B's first item ends in week 2 on core, its second still in week 1 on web.
    started = plan(
        initiative("X", work(10)),
        initiative("A", work(10), work(5, "web")),
        initiative("B", work(10), work(10, "web")),
        teams={"core": 10, "web": 10},
    )
    assert weeks(started) == {
        "X": ("scheduled", 0, 0),
        "A": ("scheduled", 0, 1),
        "B": ("scheduled", 0, 2),
    }


def test_items_on_one_team_share_its_weeks_in_listed_order() -> None:
    # At most 4 a week for the first: 4, 4, 4. The second takes what is left of 10: 6, 6.
    placement = schedule(plan(initiative("A", work(12, most=4), work(12))))["A"]
    assert placement.draws == (
        *((0, "core", 0, 4), (0, "core", 1, 4), (0, "core", 2, 4)),
        *((1, "core", 0, 6), (1, "core", 1, 6)),
    )
    assert placement.last == 2


def test_a_limit_leaves_the_rest_of_the_team_to_others() -> None:
    # A may take 5 a week: weeks 0 to 3. B has the other 5: weeks 0 and 1.
    limited = plan(initiative("A", work(20, most=5)), initiative("B", work(10)))
    assert weeks(limited) == {"A": ("scheduled", 0, 3), "B": ("scheduled", 0, 1)}


def test_as_of_a_sunday_work_starts_in_the_week_that_follows() -> None:
    forecast = schedule(plan(initiative("A", work(1)), today=date(2027, 1, 3)))
    assert forecast.start("A") == date(2027, 1, 4)
    assert forecast.finish("A") == date(2027, 1, 8)


def test_a_week_has_the_capacity_of_the_quarter_of_its_monday() -> None:
    # As of Monday 28 December 2026: that week is still 2026Q4 with 2 person-days, though its
    # Friday is 1 January. From 4 January on there are 6. So 2 + 6 + 4 of 12 finish in week 2.
    quarters = plan(initiative("A", work(12)), today=date(2026, 12, 28))
    quarters = replace(
        quarters, teams={"core": Team("core", {date(2026, 10, 1): 2, date(2027, 1, 1): 6})}
    )
    assert schedule(quarters)["A"].draws == (
        *((0, "core", 0, 2), (0, "core", 1, 6), (0, "core", 2, 4)),
    )


def test_a_quarter_without_a_figure_takes_the_latest_earlier_one_and_before_the_first_is_0() -> (
    None
):
    # From Monday 4 January 2027 there is nothing until 2027Q3, whose first Monday is 5 July: 26
    # weeks later. Q4 has no figure of its own and keeps the 5 of Q3, until 2028Q1 says 0.
    gaps = plan(initiative("A", work(1)))
    gaps = replace(gaps, teams={"core": Team("core", {date(2028, 1, 1): 0, date(2027, 7, 1): 5})})
    forecast = schedule(gaps)
    assert forecast.start("A") == date(2027, 7, 5)
    assert forecast["A"].start == 26
    # Week 51 is that of 27 December, the last Monday of 2027.
    assert forecast.capacity["core"][26:53] == [5] * 26 + [0]


def test_capacity_changes_with_the_quarters_of_the_fiscal_year() -> None:
    # Years begin in February: the week of Monday 25 January is the last with 2 person-days.
    board = plan(initiative("A", work(10)), today=date(2027, 1, 18))
    figures = {date(2026, 11, 1): 2, date(2027, 2, 1): 6}
    board = replace(board, teams={"core": Team("core", figures)}, fiscal_start=2)

    draws = schedule(board)["A"].draws

    assert draws == ((0, "core", 0, 2), (0, "core", 1, 2), (0, "core", 2, 6))


def test_a_team_without_figures_has_no_capacity() -> None:
    idle = plan(initiative("A", work(1)))
    idle = replace(idle, teams={"core": Team("core")})
    assert weeks(idle) == {"A": ("beyond", None, None)}


@pytest.mark.parametrize(
    ("not_before", "start"),
    [
        (date(2027, 1, 18), 2),  # a Monday: that very week
        (date(2027, 1, 19), 3),  # a Tuesday: the week after
        (date(2026, 6, 1), 0),  # long past
    ],
)
def test_not_before_holds_an_initiative_back_and_others_go_first(
    not_before: date, start: int
) -> None:
    forecast = schedule(
        plan(initiative("A", work(5), not_before=not_before), initiative("B", work(10)))
    )
    assert forecast["A"].start == start
    assert forecast["B"].start == 0
    assert forecast.because("A").not_before == (not_before if start else None)


def test_a_need_goes_first_and_inherits_the_rank_of_what_needs_it() -> None:
    # A needs C. C is pulled forward to week 0, A is ready in week 1, B gets what they leave:
    # nothing in week 0 (C takes 10), nothing in week 1 (A takes 10), so week 2.
    forecast = schedule(
        plan(
            initiative("A", work(10), needs="C"),
            initiative("B", work(10)),
            initiative("C", work(10)),
        )
    )
    assert {id: placement.last for id, placement in forecast.items()} == {"A": 1, "B": 2, "C": 0}
    assert list(forecast) == ["A", "B", "C"]
    assert forecast.because("A").needs == ("C",)


def test_the_needs_of_one_initiative_go_in_rank_order() -> None:
    # A needs B and C, listed the other way round: B, ranked higher, draws in week 0, C in week 1.
    forecast = schedule(
        plan(
            initiative("A", work(10), needs="C B"),
            initiative("B", work(10)),
            initiative("C", work(10)),
        )
    )
    assert {id: placement.last for id, placement in forecast.items()} == {"A": 2, "B": 0, "C": 1}


def test_a_dependant_starts_in_the_week_after_its_need_though_the_team_is_free() -> None:
    # A takes 1 of 10 in week 0. B could start at once but for its need: week 1.
    needy = plan(initiative("A", work(1)), initiative("B", work(1), needs="A"))
    assert weeks(needy)["B"] == ("scheduled", 1, 1)


def test_a_shipped_need_is_met_and_a_declined_one_blocks() -> None:
    forecast = schedule(
        plan(
            initiative("A", work(10), needs="S"),
            initiative("B", work(10), needs="S D"),
            initiative("S", state="shipped", needs="D"),
            initiative("D", state="declined"),
        )
    )
    assert forecast["A"].state == "scheduled"
    assert forecast["B"].state == "blocked"
    assert forecast.because("B").faults == (Fault("D", "declined"),)
    assert set(forecast) == {"A", "B"}


def test_an_unestimated_need_blocks_all_that_need_it_and_pulls_nothing_forward() -> None:
    # C is blocked through B through A. It does not pull E before D: D finishes in week 0.
    forecast = schedule(
        plan(
            initiative("C", work(10), needs="B E"),
            initiative("D", work(10)),
            initiative("B", work(10), needs="A"),
            initiative("A", work(10), work(None)),
            initiative("E", work(10)),
        )
    )
    assert {id: (p.state, p.last) for id, p in forecast.items()} == {
        "C": ("blocked", None),
        "D": ("scheduled", 0),
        "B": ("blocked", None),
        "A": ("unestimated", None),
        "E": ("scheduled", 1),
    }
    assert forecast.because("C").faults == (Fault("B", "blocked"),)
    assert forecast.because("B").faults == (Fault("A", "unestimated"),)
    assert forecast.because("A").unestimated_items == (1,)


def test_blocked_by_state_pulls_nothing_forward_whatever_its_not_before() -> None:
    forecast = schedule(
        plan(
            initiative("A", work(1), needs="U E", not_before=date(2027, 2, 1)),
            initiative("D", work(10)),
            initiative("E", work(10)),
            initiative("U"),
        )
    )
    assert (forecast["A"].state, forecast["D"].last, forecast["E"].last) == ("blocked", 0, 1)


def test_unestimated_goes_before_blocked() -> None:
    assert weeks(plan(initiative("A", needs="D"), initiative("D", state="declined"))) == {
        "A": ("unestimated", None, None)
    }


def test_no_work_items_is_unestimated_but_no_effort_left_is_an_estimate() -> None:
    # B has nothing left: it starts and finishes in its ready week, which is week 1 after A.
    forecast = schedule(
        plan(
            initiative("N"),
            initiative("A", work(10)),
            initiative("B", work(0), work(0), needs="A"),
            initiative("C", work(10), needs="B"),
        )
    )
    assert forecast["N"].state == "unestimated"
    assert forecast.because("N").no_work
    assert forecast["B"] == ("scheduled", 1, 1, 1, ())
    assert forecast.start("B") == date(2027, 1, 11)
    assert forecast.finish("B") == date(2027, 1, 15)
    assert forecast["C"].start == 2


def test_what_does_not_fit_is_beyond_keeps_what_it_drew_and_blocks_its_dependants() -> None:
    # 156 weeks of 10 are 1,560. A wants 1,570: it takes all of them, and 10 are left over.
    # B finds nothing. C needs A: blocked, though its team has time.
    forecast = schedule(
        plan(
            initiative("A", work(1570)),
            initiative("B", work(1)),
            initiative("C", work(1, "web"), needs="A"),
            teams={"core": 10, "web": 1},
        )
    )
    assert {id: (p.state, p.start, p.last) for id, p in forecast.items()} == {
        "A": ("beyond", 0, None),
        "B": ("beyond", None, None),
        "C": ("blocked", None, None),
    }
    assert forecast.finish("A") is None
    assert forecast.because("A").left_over == (Remainder(0, "core", 10),)
    assert forecast.because("C").faults == (Fault("A", "beyond"),)


def test_later_items_draw_even_if_an_earlier_one_does_not_fit() -> None:
    # The first item, 1 a week, wants 157 of 156 weeks. The second still takes 9 in week 0.
    forecast = schedule(plan(initiative("A", work(157, most=1), work(9)), initiative("B", work(9))))
    assert forecast["A"].state == "beyond"
    assert forecast["A"].draws[-1] == (1, "core", 0, 9)
    assert forecast["B"].start == 1


def test_the_last_week_still_counts_and_a_ready_week_past_it_is_beyond() -> None:
    # 1,560 finish in week 155, 28 December 2029. B needs A: ready in week 156, past the horizon.
    forecast = schedule(plan(initiative("A", work(1560)), initiative("B", work(0), needs="A")))
    assert forecast.finish("A") == date(2029, 12, 28)
    assert forecast["B"] == ("beyond", 156, None, None, ())


def test_a_blocked_need_blocks_even_where_not_before_is_past_the_horizon() -> None:
    late = initiative("B", work(1), needs="A", not_before=date(2040, 1, 1))
    assert weeks(plan(initiative("A", work(5000)), late))["B"] == ("blocked", None, None)


def test_a_cycle_is_refused_with_the_cycle_spelled_out() -> None:
    circle = plan(
        initiative("A", work(1), needs="B"),
        initiative("B", work(1), needs="C"),
        initiative("C", work(1), needs="B"),
    )
    with pytest.raises(PlanError, match="B → C → B"):
        schedule(circle)


def test_a_chain_of_thousands_is_no_trouble() -> None:
    # Each needs the next one down: the whole chain is pulled by the first. Nothing is left to do
    # in any, so number 5,000 takes week 0, and the 157th from the end is past the horizon.
    chain = [
        initiative(f"{n}", work(0), needs=f"{n + 1}" if n < 5000 else "") for n in range(1, 5001)
    ]
    forecast = schedule(plan(*chain))
    assert forecast["5000"].last == 0
    assert forecast["4845"].last == 155
    assert forecast["4844"].state == "beyond"
    assert forecast["1"].state == "blocked"
