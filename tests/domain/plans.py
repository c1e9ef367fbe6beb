"""Random plans for property-based tests: small, but with every feature of a plan in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

from hypothesis import strategies as st

from roadmap.domain.deals import STATUSES
from roadmap.domain.plan import (
    CANDIDATE,
    DECLINED,
    ON_BOARD,
    SHIPPED,
    Deal,
    Initiative,
    Plan,
    Problem,
    Promise,
    Team,
    WorkItem,
)

TODAYS = [date(2027, 1, 4), date(2027, 3, 31), date(2026, 10, 3), date(2026, 12, 27)]
QUARTERS = [
    date(2025, 10, 1),
    date(2026, 10, 1),
    date(2027, 1, 1),
    date(2027, 4, 1),
    date(2028, 7, 1),
    date(2029, 10, 1),
]

# Strategies are built once: building them anew for every draw costs more than drawing.
_todays = st.sampled_from(TODAYS)
_team_ids = st.sampled_from(["a", "ab"])
_people = st.dictionaries(st.sampled_from(QUARTERS), st.integers(0, 12), max_size=4)
_counts = st.integers(0, 8)
_states = st.sampled_from((*ON_BOARD, *ON_BOARD, *ON_BOARD, SHIPPED, DECLINED))
_statuses = st.sampled_from(("open", "open", "open", *STATUSES))
_days = st.integers(-30, 300)
_not_before = st.one_of(st.none(), st.none(), st.none(), _days, st.integers(900, 1200))
_promised = st.lists(_days, max_size=2, unique=True)
_needed_by = st.one_of(st.none(), st.integers(-20, 400), st.integers(-20, 400))
_amounts = st.one_of(st.none(), st.integers(0, 1000))
_fits = st.integers(0, 100)
_effort = st.one_of(st.integers(0, 40), st.integers(0, 40), st.integers(0, 1500), st.none())
_most = st.one_of(st.none(), st.integers(1, 6))
_work = st.lists(st.tuples(st.integers(0, 1), _effort, _most), max_size=3)


@cache
def _some_of(count: int) -> st.SearchStrategy[list[int]]:
    """Up to three of the numbers below `count`."""
    if count == 0:
        return st.just([])
    return st.lists(st.integers(0, count - 1), max_size=3, unique=True)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan of up to nine initiatives, on and off the board, without cycles."""
    today = draw(_todays)
    teams = {id: Team(id, draw(_people)) for id in draw(_team_ids)}
    initiatives: dict[str, Initiative] = {}
    for number in range(draw(_counts) + 1):
        initiative = _initiative(draw, number, list(teams), today)
        initiatives[initiative.id] = initiative
    on_board = [id for id, initiative in initiatives.items() if initiative.on_board]
    problems = {
        f"p{number}": Problem(f"p{number}", _ids("i", draw(_some_of(len(initiatives)))))
        for number in range(draw(_counts) // 2)
    }
    deals = {f"d{n}": _deal(draw, n, len(problems), today) for n in range(draw(_counts))}
    order = tuple(draw(st.permutations(on_board)))
    return Plan(today, teams, initiatives, order, problems, deals)


@st.composite
def boards(draw: st.DrawFn) -> tuple[Plan, str, int]:
    """A plan with somebody on the board, one of these, and a rank to move it to."""
    plan = draw(plans().filter(lambda plan: bool(plan.order)))
    return plan, draw(st.sampled_from(plan.order)), draw(st.integers(1, len(plan.order)))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Plan, Plan]:
    """Two plans as of the same day with the same ids that may differ in all the rest of it."""
    before = draw(plans())
    today, teams = before.today, list(before.teams)
    initiatives = {
        id: replace(
            _initiative(draw, number, teams, today), promised=before.initiatives[id].promised
        )
        if draw(st.booleans())
        else before.initiatives[id]
        for number, id in enumerate(before.initiatives)
    }
    on_board = [id for id, initiative in initiatives.items() if initiative.on_board]
    return before, replace(
        before,
        teams={id: Team(id, draw(_people)) for id in teams}
        if draw(st.booleans())
        else before.teams,
        initiatives=initiatives,
        order=tuple(draw(st.permutations(on_board))),
    )


def crowded_plan(random: Random) -> Plan:
    """Ten initiatives on two scarce teams with many needs in common, whose order then counts.

    Drawn from a generator of one seed, which is far quicker than drawing part by part.
    """
    ids = [f"i{number}" for number in range(10)]
    initiatives = {id: _crowded(random, id, ids[:number]) for number, id in enumerate(ids)}
    order = [id for id in ids if initiatives[id].on_board]
    teams = {id: Team(id, {date(2020, 1, 1): random.randint(3, 8)}) for id in "ab"}
    return Plan(TODAYS[0], teams, initiatives, tuple(random.sample(order, len(order))))


def _crowded(random: Random, id: str, earlier: list[str]) -> Initiative:
    return Initiative(
        id,
        id,
        state=random.choices([CANDIDATE, SHIPPED, DECLINED], [20, 2, 1])[0],
        not_before=random.choice([None] * 4 + [TODAYS[0] + timedelta(random.randint(0, 60))]),
        needs=tuple(random.sample(earlier, min(len(earlier), random.randint(0, 3)))),
        work=tuple(
            WorkItem(
                random.choice("ab"),
                None if random.random() < 0.02 else random.randint(0, 20),
                random.choice([None, None, 3]),
            )
            for _ in range(random.randint(1, 3))
        ),
    )


def _initiative(draw: st.DrawFn, number: int, teams: list[str], today: date) -> Initiative:
    """Needs only those before it in the list of ids, so that no cycle can arise."""
    not_before = draw(_not_before)
    return Initiative(
        id=f"i{number}",
        title=f"Initiative {number}",
        state=draw(_states),
        owner="ann" if number % 2 else None,
        not_before=None if not_before is None else today + timedelta(days=not_before),
        needs=_ids("i", draw(_some_of(number))),
        promised=tuple(Promise(today + timedelta(days=days), "Acme") for days in draw(_promised)),
        work=tuple(
            WorkItem(teams[team % len(teams)], effort, most, "product")
            for team, effort, most in draw(_work)
        ),
    )


def _deal(draw: st.DrawFn, number: int, problems: int, today: date) -> Deal:
    needed_by = draw(_needed_by)
    return Deal(
        id=f"d{number}",
        status=draw(_statuses),
        amount=draw(_amounts),
        icp_fit=draw(_fits),
        needed_by=None if needed_by is None else today + timedelta(days=needed_by),
        blockers=_ids("p", draw(_some_of(problems))),
    )


def _ids(prefix: str, numbers: list[int]) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in numbers)
