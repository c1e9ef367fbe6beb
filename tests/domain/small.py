"""Small plans, written tersely, for examples that a reader can work out by hand."""

from __future__ import annotations

from datetime import date

from roadmap.domain.plan import Initiative, Plan, Team, WorkItem

MONDAY = date(2027, 1, 4)
"""The Monday of week 0 in these examples; its Friday is 8 January."""


def plan(
    *initiatives: Initiative, today: date = MONDAY, teams: dict[str, int] | None = None
) -> Plan:
    """Initiatives on the board in the order given; `teams` have their person-days every week."""
    given = {"core": 10} if teams is None else teams
    return Plan(
        today=today,
        teams={id: Team(id, {date(2020, 1, 1): days}) for id, days in given.items()},
        initiatives={initiative.id: initiative for initiative in initiatives},
        order=tuple(initiative.id for initiative in initiatives if initiative.on_board),
    )


def work(days: int | None, team: str = "core", most: int | None = None) -> WorkItem:
    return WorkItem(team, days, most)


def initiative(
    id: str,
    *items: WorkItem,
    needs: str = "",
    not_before: date | None = None,
    state: str = "candidate",
) -> Initiative:
    """`needs` are ids between spaces."""
    return Initiative(
        id=id,
        title=f"Initiative {id}",
        state=state,
        not_before=not_before,
        needs=tuple(needs.split()),
        work=items,
    )
