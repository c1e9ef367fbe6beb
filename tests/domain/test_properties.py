"""Properties that hold for every plan."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.domain import planfile
from roadmap.domain.calendar import HORIZON
from roadmap.domain.causes import CapacityTaken
from roadmap.domain.deals import DealIndex, reach_between, readiness, solutions
from roadmap.domain.impact import impact
from roadmap.domain.margins import DealGroup
from roadmap.domain.plan import Plan
from roadmap.domain.promotion import cheapest, finishes
from roadmap.domain.schedule import BEYOND, BLOCKED, SCHEDULED, UNESTIMATED, schedule
from tests.domain import reference
from tests.domain.plans import boards, changes, crowded_plan, plans


@given(plans())
def test_the_schedule_is_the_one_that_the_definition_gives(plan: Plan) -> None:
    rows = {id: (p.state, p.start, p.last) for id, p in schedule(plan).items()}
    assert rows == reference.timetable(plan)


@given(plans())
def test_no_week_of_any_team_is_drawn_beyond_its_capacity(plan: Plan) -> None:
    forecast = schedule(plan)
    drawn: Counter[tuple[str, int]] = Counter()
    for placement in forecast.placements.values():
        for _, team, week, days in placement.draws:
            assert days > 0
            drawn[team, week] += days
    for team in plan.teams:
        assert forecast.capacity[team] == [
            reference.capacity(plan, team, week) for week in range(HORIZON)
        ]
        assert forecast.used(team) == tuple(drawn[team, week] for week in range(HORIZON))
        assert min(forecast.free[team]) >= 0


@given(plans())
def test_no_item_draws_more_in_a_week_than_its_own_limit(plan: Plan) -> None:
    for id, placement in schedule(plan).items():
        weeks = Counter((item, week) for item, _, week, _ in placement.draws)
        assert all(count == 1 for count in weeks.values())
        for item, team, week, days in placement.draws:
            work = plan.initiatives[id].work[item]
            assert work.team == team
            assert placement.ready is not None
            assert week >= placement.ready
            assert work.max_days is None or days <= work.max_days


@given(plans())
def test_all_effort_is_placed_or_reported_beyond_the_horizon(plan: Plan) -> None:
    forecast = schedule(plan)
    for id, placement in forecast.items():
        drawn = Counter[int]()
        for item, _, _, days in placement.draws:
            drawn[item] += days
        left = {
            item: (work.person_days or 0) - drawn[item]
            for item, work in enumerate(plan.initiatives[id].work)
        }
        because = forecast.because(id)
        if placement.state == SCHEDULED:
            assert not any(left.values())
            assert not because.left_over
        elif placement.state == BEYOND:
            reported = {rest.item: rest.person_days for rest in because.left_over}
            assert reported == {item: days for item, days in left.items() if days}
        else:
            assert not placement.draws
            assert because.faults or placement.state == UNESTIMATED


@given(plans())
def test_reasons_explain_the_ready_week(plan: Plan) -> None:
    forecast = schedule(plan)
    for id, placement in forecast.items():
        because = forecast.because(id)
        assert bool(because.faults) == (placement.state == BLOCKED)
        if placement.ready:
            assert because.not_before or because.needs
        elif placement.ready == 0:
            assert not because.not_before
            assert not because.needs


@given(plans())
def test_the_same_plan_gives_the_same_schedule(plan: Plan) -> None:
    assert schedule(plan).placements == schedule(replace(plan)).placements


@given(boards())
def test_promoting_never_delays_what_ranks_above_unless_a_shared_need_explains_it(
    board: tuple[Plan, str, int],
) -> None:
    plan, id, rank = board
    rank = min(rank, plan.ranks[id])
    moved = plan.moved(id, rank)
    above = moved.order[: rank - 1]
    if any(id in _all_needs(plan, other) for other in above):
        return
    before, after = schedule(plan), schedule(moved)
    for other in above:
        assert before[other] == after[other]


@given(boards())
def test_a_move_and_its_undoing_restore_every_date(board: tuple[Plan, str, int]) -> None:
    plan, id, rank = board
    back = plan.moved(id, rank).moved(id, plan.ranks[id])
    assert back == plan
    assert schedule(back).placements == schedule(plan).placements
    assert impact(plan, back).empty


@given(boards(), st.integers(-10, 700))
def test_the_cheapest_promotion_equals_trying_every_position(
    board: tuple[Plan, str, int], days: int
) -> None:
    plan, id, _ = board
    by = plan.today + timedelta(days=days)
    present = plan.ranks[id]
    tried = [reference.timetable(plan.moved(id, rank))[id][2] for rank in range(1, present + 1)]
    assert list(finishes(plan, id, present)) == tried
    enough = [
        rank
        for rank, last in enumerate(tried, start=1)
        if last is not None and reference.friday(plan, last) <= by
    ]
    answer = cheapest(plan, id, by)
    assert answer.rank == max(enough, default=None)
    assert answer.already_met == (present in enough)
    assert (answer.ruled_out_by is None) == bool(enough)


@given(changes())
def test_what_one_direction_delays_the_other_advances(change: tuple[Plan, Plan]) -> None:
    there, back = impact(*change), impact(*reversed(change))
    assert {(s.id, s.before, s.after, s.weeks) for s in there.delayed} == {
        (s.id, s.after, s.before, s.weeks) for s in back.advanced
    }
    assert set(there.entering) == set(back.leaving)
    assert (there.reach.pushed, there.reach.brought) == (back.reach.brought, back.reach.pushed)
    assert there.reach.net == -back.reach.net
    assert set(there.broken) == set(back.mended)


@given(changes())
def test_the_impact_is_the_one_that_the_definition_gives(change: tuple[Plan, Plan]) -> None:
    before, after = change
    was, now = reference.timetable(before), reference.timetable(after)
    both = was.keys() & now.keys()
    told = impact(before, after)
    delayed = {id for id in both if _later(was[id][2], now[id][2])}
    advanced = {id for id in both if _later(now[id][2], was[id][2])}
    assert {shift.id for shift in told.delayed} == delayed
    assert {shift.id for shift in told.advanced} == advanced
    verdicts = reference.in_time(before, was), reference.in_time(after, now)
    pushed = {id for id, ready in verdicts[0].items() if ready and not verdicts[1][id]}
    brought = {id for id, ready in verdicts[1].items() if ready and not verdicts[0][id]}
    assert set(told.reach.pushed) == pushed
    assert set(told.reach.brought) == brought
    assert told.reach.pushed_amount == sum(before.deals[id].amount or 0 for id in pushed)
    assert told.reach.brought_weighted == sum(
        (before.deals[id].amount or 0) * before.deals[id].icp_fit for id in brought
    )
    assert set(told.reach.unknown) == {
        id for id in pushed | brought if before.deals[id].amount is None
    }


@given(changes())
def test_the_deal_index_equals_judging_every_deal(change: tuple[Plan, Plan]) -> None:
    before, after = change
    solved = solutions(before, schedule(before)), solutions(after, schedule(after))
    ready = [
        {id for id, deal in before.deals.items() if readiness(deal, days, before.today).in_time}
        for days in solved
    ]
    index = DealIndex(before.deals.values())
    reach = index.reach(*solved)
    assert set(index.in_time(solved[0])) == ready[0]
    assert set(reach.pushed) == ready[0] - ready[1]
    assert set(reach.brought) == ready[1] - ready[0]
    assert reach_between(before.deals, solved[0], before.deals, solved[1]) == reach


@given(changes())
def test_deals_come_closer_or_get_later_as_the_definition_says(change: tuple[Plan, Plan]) -> None:
    before, after = change
    told = impact(before, after)
    expected = reference.margin_groups(
        change, (reference.timetable(before), reference.timetable(after))
    )
    for name, ids in expected.items():
        group: DealGroup = getattr(told.margins, name)
        assert set(group.ids) == ids
        assert group.amount == sum(after.deals[id].amount or 0 for id in ids)
    index = DealIndex(before.deals.values())
    assert index.margins(told.solved_before, told.solved_after, before.today) == told.margins


@given(changes())
def test_capacity_taken_is_the_net_of_draws_where_the_delayed_one_drew(
    change: tuple[Plan, Plan],
) -> None:
    told = impact(*change)
    for shift in told.delayed:
        places = {(team, week) for _, team, week, _ in told.before[shift.id].draws}
        net: Counter[str] = Counter()
        for sign, forecast in ((-1, told.before), (1, told.after)):
            for id, placement in forecast.items():
                for _, team, week, days in placement.draws:
                    if (team, week) in places and id != shift.id:
                        net[id] += sign * days
        ranks = told.after_plan.ranks
        taken = sorted(
            ((id, days) for id, days in net.items() if days > 0),
            key=lambda pair: (-pair[1], ranks[pair[0]]),
        )
        causes = told.causes(shift.id)
        assert [
            (cause.id, cause.person_days) for cause in causes if isinstance(cause, CapacityTaken)
        ] == taken


@given(st.integers(0, 2**32))
@settings(max_examples=300)
def test_a_crowd_of_needs_is_scheduled_as_the_definition_says(seed: int) -> None:
    plan = crowded_plan(random.Random(seed))
    rows = {id: (p.state, p.start, p.last) for id, p in schedule(plan).items()}
    assert rows == reference.timetable(plan)


@given(st.integers(0, 2**32))
def test_a_crowd_of_needs_is_promoted_as_if_every_position_were_tried(seed: int) -> None:
    plan = crowded_plan(random.Random(seed))
    for id in plan.order:
        tried = [schedule(plan.moved(id, rank))[id].last for rank in plan.ranks.values()]
        assert list(finishes(plan, id, len(plan.order))) == tried


@given(plans())
def test_a_plan_file_holds_the_whole_plan(plan: Plan) -> None:
    assert planfile.load(planfile.dump(plan)) == plan


def _later(was: int | None, now: int | None) -> bool:
    return was is not None and (now is None or now > was)


def _all_needs(plan: Plan, id: str) -> set[str]:
    found: set[str] = set()
    waiting = [id]
    while waiting:
        for need in plan.initiatives[waiting.pop()].needs:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return found
