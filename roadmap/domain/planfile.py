"""The plan file: a plan as JSON, and the answers to questions about one.

`load` and `dump` are each other's inverse. Schema: `today`; `fiscal_start`, the first month
of fiscal years, which name quarters; `teams[] {id, people {"2027Q1": 5.4}}`; `initiatives[] {id,
rank, title, state, owner, not_before, needs[], promised[] {date, to, account, accepted}, work[]
{team, product, person_days, max_people}}`; `problems[] {id, initiatives[]}`; `deals[] {id, status,
amount, icp_fit, needed_by, blockers[]}`. Every field must be there, but fiscal_start (1 without
it), account and accepted; rank, owner, not_before, product, person_days, max_people, amount,
needed_by, account and accepted may be null. Fields beyond these are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from datetime import date

from roadmap.domain.answers import answer_by, answer_promotion
from roadmap.domain.calendar import quarter_name, quarter_named
from roadmap.domain.deals import STATUSES
from roadmap.domain.fields import Entry, PlanFileError, parse
from roadmap.domain.needs import find_cycle
from roadmap.domain.plan import (
    ON_BOARD,
    STATES,
    Deal,
    Initiative,
    Plan,
    Problem,
    Promise,
    Team,
    WorkItem,
)

LAST_YEAR = 9990
"""The last year of `today` whose horizon is still inside the calendar."""


def load(text: str) -> Plan:
    """The plan in a file's text. Raises PlanFileError, which names the place."""
    file = Entry(parse(text))
    today = file.date("today")
    if today.year > LAST_YEAR:
        file.refuse("today", f"must not be after the year {LAST_YEAR}")
    fiscal_start = _fiscal_start(file)
    teams = {entry.text("id"): _team(entry, fiscal_start) for entry in _identified(file, "teams")}
    entries = _identified(file, "initiatives")
    known = {entry.text("id") for entry in entries}
    initiatives = {entry.text("id"): _initiative(entry, known, teams) for entry in entries}
    order = _order(entries, initiatives)
    _refuse_cycle(entries, initiatives)
    problems = {
        entry.text("id"): Problem(
            id=entry.text("id"), initiatives=entry.names("initiatives", known, "initiative")
        )
        for entry in _identified(file, "problems")
    }
    deals = {entry.text("id"): _deal(entry, problems) for entry in _identified(file, "deals")}
    return Plan(today, teams, initiatives, order, problems, deals, fiscal_start)


def dump(plan: Plan) -> str:
    """A plan as the text of a plan file."""
    ranks = plan.ranks
    file = {
        "today": plan.today.isoformat(),
        **({} if plan.fiscal_start == 1 else {"fiscal_start": plan.fiscal_start}),
        "teams": [
            {
                "id": team.id,
                "people": {
                    quarter_name(first, plan.fiscal_start): _people(days)
                    for first, days in team.days_per_week.items()
                },
            }
            for team in plan.teams.values()
        ],
        "initiatives": [
            {
                "id": initiative.id,
                "rank": ranks.get(initiative.id),
                "title": initiative.title,
                "state": initiative.state,
                "owner": initiative.owner,
                "not_before": _iso(initiative.not_before),
                "needs": list(initiative.needs),
                "promised": [_dumped(promise) for promise in initiative.promised],
                "work": [
                    {
                        "team": item.team,
                        "product": item.product,
                        "person_days": item.person_days,
                        "max_people": None if item.max_days is None else _people(item.max_days),
                    }
                    for item in initiative.work
                ],
            }
            for initiative in plan.initiatives.values()
        ],
        "problems": [
            {"id": problem.id, "initiatives": list(problem.initiatives)}
            for problem in plan.problems.values()
        ],
        "deals": [
            {
                "id": deal.id,
                "status": deal.status,
                "amount": deal.amount,
                "icp_fit": deal.icp_fit,
                "needed_by": _iso(deal.needed_by),
                "blockers": list(deal.blockers),
            }
            for deal in plan.deals.values()
        ],
    }
    return json.dumps(file, indent=1, ensure_ascii=False) + "\n"


def _identified(file: Entry, name: str) -> list[Entry]:
    """The objects of a list, each with an id of its own."""
    entries = file.entries(name)
    seen: set[str] = set()
    for entry in entries:
        id = entry.name("id")
        if id in seen:
            entry.refuse("id", f'"{id}" is there twice')
        seen.add(id)
    return entries


def _fiscal_start(file: Entry) -> int:
    if "fiscal_start" not in file.names_of_fields():
        return 1
    month = file.whole("fiscal_start", largest=12)
    if month < 1:
        file.refuse("fiscal_start", "must be a month, 1 to 12")
    return month


def _team(entry: Entry, fiscal_start: int) -> Team:
    people = entry.entry("people")
    days = {}
    for name in people.names_of_fields():
        first_day = quarter_named(name, fiscal_start)
        if first_day is None:
            people.refuse(name, "must be a quarter such as 2027Q1")
        days[first_day] = people.days_of_people(name)
    return Team(entry.text("id"), days)


def _initiative(entry: Entry, known: Container[str], teams: Container[str]) -> Initiative:
    state = entry.text("state").replace("_", " ").replace("-", " ")
    if state not in STATES:
        entry.refuse("state", f"must be one of {', '.join(STATES)}, not {entry.text('state')}")
    return Initiative(
        id=entry.text("id"),
        title=entry.text("title"),
        state=state,
        owner=entry.optional("owner", entry.text),
        not_before=entry.optional("not_before", entry.date),
        needs=entry.names("needs", known, "initiative"),
        promised=tuple(map(_promise, entry.entries("promised"))),
        work=tuple(_work_item(item, teams) for item in entry.entries("work")),
    )


def _promise(entry: Entry) -> Promise:
    given = entry.names_of_fields()
    return Promise(
        entry.date("date"),
        entry.text("to"),
        entry.optional("account", entry.text) if "account" in given else None,
        entry.optional("accepted", entry.date) if "accepted" in given else None,
    )


def _dumped(promise: Promise) -> dict[str, str]:
    """What is not known of it is left out, as in files from before."""
    known = {"account": promise.account, "accepted": _iso(promise.accepted)}
    given = {name: value for name, value in known.items() if value is not None}
    return {"date": promise.date.isoformat(), "to": promise.to, **given}


def _work_item(entry: Entry, teams: Container[str]) -> WorkItem:
    team = entry.text("team")
    if team not in teams:
        entry.refuse("team", f'there is no team "{team}"')
    max_days = entry.optional("max_people", entry.days_of_people)
    if max_days == 0:
        entry.refuse("max_people", "must be more than 0")
    return WorkItem(
        team=team,
        person_days=entry.optional("person_days", entry.whole),
        max_days=max_days,
        product=entry.optional("product", entry.text) or "",
    )


def _deal(entry: Entry, problems: Container[str]) -> Deal:
    status = entry.text("status")
    if status not in STATUSES:
        entry.refuse("status", f"must be one of {', '.join(STATUSES)}, not {status}")
    return Deal(
        id=entry.text("id"),
        status=status,
        amount=entry.optional("amount", entry.whole),
        icp_fit=entry.whole("icp_fit", largest=100),
        needed_by=entry.optional("needed_by", entry.date),
        blockers=entry.names("blockers", problems, "problem"),
    )


def _order(entries: Iterable[Entry], initiatives: dict[str, Initiative]) -> tuple[str, ...]:
    """The ids on the board by rank, which must be 1..n."""
    ranked: dict[int, Entry] = {}
    for entry in entries:
        rank = entry.optional("rank", entry.whole)
        state = initiatives[entry.text("id")].state
        if rank is None and state in ON_BOARD:
            entry.refuse("rank", f"must be a number: {state} initiatives are on the board")
        if rank is None:
            continue
        if state not in ON_BOARD:
            entry.refuse("rank", f"must be null: {state} initiatives are off the board")
        if rank in ranked:
            entry.refuse("rank", f'"{ranked[rank].text("id")}" has rank {rank} too')
        ranked[rank] = entry
    for rank, entry in ranked.items():
        if not 1 <= rank <= len(ranked):
            missing = next(n for n in range(1, len(ranked) + 1) if n not in ranked)
            entry.refuse(
                "rank", f"is {rank}, but ranks run from 1 without gaps: nobody has {missing}"
            )
    return tuple(ranked[rank].text("id") for rank in sorted(ranked))


def _refuse_cycle(entries: Iterable[Entry], initiatives: dict[str, Initiative]) -> None:
    cycle = find_cycle(initiatives)
    if cycle:
        entry = next(entry for entry in entries if entry.text("id") == cycle[0])
        entry.refuse("needs", f"the needs form a cycle: {' → '.join(cycle)}")


def _people(days: int) -> int | float:
    """Person-days a week as people, exact to the digit in JSON: fifths have one decimal."""
    return days // 5 if days % 5 == 0 else days / 5


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


__all__ = ["PlanFileError", "answer_by", "answer_promotion", "dump", "load"]
