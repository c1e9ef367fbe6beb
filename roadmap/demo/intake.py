"""What became of the requests: sent, triaged, asked about and answered, each on its day.

Those that are confirmed speak of deals that are tied to the same problem by hand already, so that
the evidence behind the story of the board stays what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from itertools import chain

from sqlalchemy import func, select

from roadmap.domain.calendar import Grid
from roadmap.domain.triage import CUSTOMER, REP, UNKNOWN
from roadmap.extensions import db
from roadmap.intake import actions, steps, triaging
from roadmap.intake.actions import Said
from roadmap.models import Account, Deal, Notice
from roadmap.notices import actions as notices
from roadmap.workspace import clock

from .asks import ASKS, GARETH, NADIA, ROSA, YUKI, AskSeed
from .history import Event, Story

PRIYA, MAREK, LENA, TOMAS = "Priya Nair", "Marek Dubovsky", "Lena Achterberg", "Tomas Riquelme"
ELIAS, INGRID = "Elias Berg", "Ingrid Solvang"


def send(seed: AskSeed, story: Story) -> None:
    """A rep sends what they heard."""
    account = None if seed.prospect else _account(seed.account)
    known = _deals(seed.deals)
    said = Said(
        body=seed.body,
        account_id=account,
        prospect=seed.account if seed.prospect else "",
        deal_ids=known,
        problem_id=story.problems[seed.joins] if seed.joins else None,
        quote=seed.quote,
        note=seed.note,
        said_by=seed.said_by,
        said_by_name=seed.name,
        said_by_role=seed.role,
        said_by_layer=seed.layer,
        said_on=None if seed.said_by == UNKNOWN else clock.today(),
        workaround=seed.workaround,
        severity=seed.severity,
        needed_by=_needed(story.today, seed.week),
        competitor=seed.competitor,
    )
    story.requests[seed.key] = actions.submit(said, story.people[seed.by]).id


def confirm(key: str, problem: str, by: str, *, quote: bool = False) -> Event:
    def event(story: Story) -> None:
        id, problem_id = story.requests[key], story.problems[problem]
        triaging.confirm(id, problem_id, story.people[by], quote=quote)

    return event


def confirm_both(keys: tuple[str, str], problem: str, by: str) -> Event:
    def event(story: Story) -> None:
        ids = [story.requests[key] for key in keys]
        triaging.confirm_many(ids, story.problems[problem], story.people[by])

    return event


def undo(key: str, by: str) -> Event:
    def event(story: Story) -> None:
        steps.undo(story.requests[key], story.people[by])

    return event


def merge(key: str, into: str, by: str) -> Event:
    def event(story: Story) -> None:
        triaging.merge(story.requests[key], story.requests[into], story.people[by])

    return event


def hand_over(key: str, bucket: str, to: str, by: str, text: str) -> Event:
    def event(story: Story) -> None:
        owner = story.people[to].id
        triaging.hand_over(story.requests[key], bucket, owner, story.people[by], text)

    return event


def ask(key: str, whom: str, days: int, by: str, text: str) -> Event:
    """Ask, and be reminded after so many days."""

    def event(story: Story) -> None:
        remind_on = clock.today() + timedelta(days=days)
        triaging.ask(story.requests[key], whom, remind_on, story.people[by], text)

    return event


def answer(key: str, by: str, text: str) -> Event:
    def event(story: Story) -> None:
        actions.answer(story.requests[key], story.people[by], text)

    return event


def reply(key: str, by: str, text: str) -> Event:
    def event(story: Story) -> None:
        triaging.reply(story.requests[key], story.people[by], text)

    return event


def decline(key: str, by: str, text: str) -> Event:
    def event(story: Story) -> None:
        triaging.decline(story.requests[key], story.people[by], text)

    return event


def watch(key: str, *people: str) -> Event:
    def event(story: Story) -> None:
        for name in people:
            actions.watch(story.requests[key], story.people[name].id, wanted=True)

    return event


def read_all(*people: str) -> Event:
    """They have seen what they were told so far."""

    def event(story: Story) -> None:
        newest = db.session.scalar(select(func.max(Notice.id))) or 0
        for name in people:
            notices.read_all(story.people[name].id, newest)

    return event


#: Days ago, and what happened after the day's requests had come in.
STEPS: tuple[tuple[int, Event], ...] = (
    (65, watch("meridel", ELIAS)),
    (62, confirm("meridel", "access", PRIYA, quote=True)),
    (62, confirm("ashdown", "leavers", PRIYA, quote=True)),
    (62, confirm("kestrel", "access", PRIYA)),
    (60, watch("kestrel", ROSA)),
    (59, confirm("tidewater", "signal", LENA, quote=True)),
    (56, confirm("vltavin", "residency", PRIYA)),
    (55, confirm("brightmoor", "seats", MAREK, quote=True)),
    (54, ask(
        "dunmarrow", REP, 5, MAREK,
        "Is it the orders alone, or do the confirmations have to go back as well? That is half of "
        "the work.",
    )),
    (53, answer(
        "dunmarrow", NADIA,
        "Both. Without the confirmation the order stays open in SAP, and that is what the second "
        "planner does all day.",
    )),
    (52, confirm("dunmarrow", "sap", MAREK)),
    (49, confirm_both(("foxglen", "nettlefold"), "bulk", TOMAS)),
    (46, confirm("halloran", "subcontractors", LENA, quote=True)),
    (44, confirm("castellan", "residency", PRIYA)),
    (41, reply(
        "meridel", PRIYA,
        "Offline work goes first now, and single sign-on moves back with it: I will not promise "
        "Dana her date. What would help to know: could they begin with the fifty people of the "
        "control room? For those, support sends the list of users each month, and they compare it "
        "with their directory.",
    )),
    (40, merge("council", "castellan", PRIYA)),
    (36, confirm("pilot", "parts", LENA)),
    (34, confirm("blackmere", "nights", PRIYA)),
    (33, reply(
        "blackmere", PRIYA,
        "No, not this year, and here is why: a night desk is four people, and no initiative on the "
        "board would give that up; yours is the only deal that waits for it. What there is: the "
        "duty manager's number, which is in the contracts of our twenty largest. Ingrid agrees to "
        "put it into Blackmere's. Ask Tess whether a person who picks up is enough.",
    )),
    (32, confirm("juniper", "arrival", TOMAS)),
    (32, undo("juniper", TOMAS)),
    (32, confirm("juniper", "routes", TOMAS)),
    (30, confirm("lindqvarn", "integration", MAREK)),
    (27, decline(
        "clearpane", TOMAS,
        "We decided against it a week ago, and I would rather say so than let it wait: two "
        "customers asked in a year, and neither would sign for it. The links that they send out "
        "carry their logo today; Yuki, shall I show them where?",
    )),
    (22, hand_over(
        "palisade", "process", INGRID, PRIYA,
        "Nothing to build here: the agreement lies with our own legal team. Ingrid has it on "
        "Thursday's agenda.",
    )),
    (20, read_all(ROSA, NADIA, GARETH, YUKI)),
    (19, ask(
        "northlight", REP, 7, PRIYA,
        "Do they have a directory that the installers are in before the first day? If they are "
        "only on that list, single sign-on does not help them.",
    )),
    (16, ask(
        "aurelia", CUSTOMER, 21, LENA,
        "We have this from the integrator alone. I would like to hear their inspector say it: an "
        "hour with whoever keeps the folder.",
    )),
    (12, watch("lindqvarn", MAREK, ELIAS)),
    (8, read_all(NADIA, YUKI)),
)  # fmt: skip


def _events() -> Mapping[int, tuple[Event, ...]]:
    found: dict[int, list[Event]] = defaultdict(list)
    sent: list[tuple[int, Event]] = [(seed.ago, partial(send, seed)) for seed in ASKS]
    for ago, event in chain(sent, STEPS):
        found[ago].append(event)
    return {ago: tuple(events) for ago, events in found.items()}


#: By days ago: what came in first, then what was done with it.
EVENTS = _events()


def _account(name: str) -> int:
    return db.session.scalars(select(Account.id).where(Account.name == name)).one()


def _deals(names: tuple[str, ...]) -> list[int]:
    return [db.session.scalars(select(Deal.id).where(Deal.name == name)).one() for name in names]


def _needed(today: date, week: int | None) -> date | None:
    return None if week is None else Grid(today).friday(week)
