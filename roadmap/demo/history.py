"""Ten weeks of decisions at Varnholt, made through the product's own actions, each on its day.

Dates are days before today, and whole weeks where consequences matter: forecasts count in weeks, so
the story is the same whatever day it is told on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlalchemy import select

from roadmap.domain import changes
from roadmap.domain.calendar import Grid
from roadmap.domain.change import Change
from roadmap.domain.deals import LOST
from roadmap.domain.plan import CANDIDATE, COMMITTED, DECLINED, IN_PROGRESS, SHIPPED
from roadmap.domain.statements import HAND
from roadmap.domain.winloss import INTERVIEW
from roadmap.evidence.counting import recount
from roadmap.evidence.recording import say
from roadmap.extensions import db
from roadmap.models import Blocker, Deal, Initiative, Segment, Tradeoff, User
from roadmap.models.reports import LEAVE
from roadmap.planning import picture as pictures
from roadmap.planning import totals
from roadmap.planning.picture import Picture
from roadmap.reports import answers
from roadmap.tradeoffs import actions as tradeoffs
from roadmap.tradeoffs import present
from roadmap.tradeoffs.actions import Builder, Signature
from roadmap.workspace import clock, revision

from .company import MIDMARKET, UTILITIES
from .deals import LOST_MEANWHILE

#: How many days ago the board was first filled.
BEGINNING = 70

#: What people reported as done of what the plan had them do, where it was less than all.
PACE = {"Integrations": 70}


@dataclass
class Story:
    """Who and what the story speaks of, by name and by short name."""

    today: date
    people: Mapping[str, User]
    initiatives: Mapping[str, Initiative]
    problems: Mapping[str, int]
    #: The requests that came in so far.
    requests: dict[str, int] = field(default_factory=dict)
    #: The plan of the last report of progress, to tell what was done since.
    reported: Picture | None = None

    def id(self, key: str) -> str:
        return str(self.initiatives[key].id)

    def commit(
        self, build: Builder, by: str, reason: str = "", *, owner: str | None = None,
        sponsor: str | None = None, reverts: int | None = None,
    ) -> Tradeoff | None:  # fmt: skip
        signature = Signature(
            by=self.people[by],
            owner_id=self.people[owner or by].id,
            sponsor_id=self.people[sponsor].id if sponsor else None,
            reason=reason,
        )
        return tradeoffs.commit(build, signature, reverts_id=reverts)

    def move(
        self, key: str, to: int, by: str, reason: str, *, owner: str | None = None, sponsor: str
    ) -> None:
        self.commit(
            _always(changes.Move(self.id(key), to)), by, reason, owner=owner, sponsor=sponsor
        )

    def decline(self, key: str, by: str, reason: str) -> None:
        self.commit(_always(changes.Leave(self.id(key), DECLINED, reason)), by, reason)


Event = Callable[[Story], None]


def days(today: date) -> Iterator[tuple[date, tuple[Event, ...]]]:
    """The days on which something happened or a forecast was kept, the oldest first."""
    found = {today - timedelta(days=ago): events for ago, events in EVENTS.items()}
    first = clock.quarter(today)
    if first >= today - timedelta(days=BEGINNING):
        found.setdefault(first, ())
    yield from sorted(found.items())


def enter_all(story: Story) -> None:
    """Everything enters the board in the order of that day, and its forecasts begin."""
    for key in story.initiatives:
        if key != "chat":
            enter(story, key, "Ingrid Solvang")
    for key in ("audit", "photos", "dispatch"):
        set_state(story, key, IN_PROGRESS)
    for key in ("sap", "residency", "offline"):
        set_state(story, key, COMMITTED)


def answer_for_segments(story: Story) -> None:
    """What was decided on the figures of that day: one stands, the other has to be asked again."""
    _answer(
        story,
        UTILITIES,
        LEAVE,
        "They say no a little more often than others, but not so that it could not be chance. We "
        "look again in summer.",
    )
    _answer(
        story,
        MIDMARKET,
        LEAVE,
        "Outside the profile. What we win there is welcome, and we build nothing for it.",
    )


def _answer(story: Story, name: str, answer: str, reason: str) -> None:
    segment = db.session.scalars(select(Segment).where(Segment.name == name)).one()
    until = story.today + timedelta(days=200)
    answers.give(segment, answers.Said(answer, reason, until), story.people["Elias Berg"].id)


def enter(story: Story, key: str, by: str) -> None:
    def last(picture: Picture) -> Change:
        return changes.Enter(story.id(key), len(picture.plan.order) + 1, CANDIDATE)

    story.commit(last, by, "It joins the board at the end; the order is decided from here on.")


def set_state(story: Story, key: str, state: str) -> None:
    def build(picture: Picture) -> Change:
        was = picture.plan.initiatives[story.id(key)].state
        return changes.ChangeState(story.id(key), state, was)

    if story.initiatives[key].state != state:
        story.commit(build, "Priya Nair", "Work has begun.")


def report_progress(story: Story) -> None:
    """Everybody says what is left: what the plan had them do since the last report, at their pace.

    Those further down say it first: otherwise a place that is not used up yet would look free.
    """
    since = story.reported
    now = pictures.current()
    if since is not None:
        weeks = (now.today - since.today).days // 7
        for id in reversed(since.plan.order):
            if id in now.plan.ranks:
                _report_one(story, since, id, weeks)
    remember(story)


def remember(story: Story) -> None:
    """From here on the teams work by this plan."""
    story.reported = pictures.current()


def _report_one(story: Story, since: Picture, id: str, weeks: int) -> None:
    drawn: dict[int, int] = {}
    for item, team, week, days_drawn in since.schedule[id].draws:
        if week < weeks:
            drawn[item] = drawn.get(item, 0) + days_drawn * PACE.get(since.teams[team], 100)
    if not drawn:
        return

    def build(picture: Picture) -> Change:
        was = present.requirements(int(id))
        work = tuple(
            replace(part, person_days=max(0, (part.person_days or 0) - drawn.get(place, 0) // 100))
            for place, part in enumerate(was)
        )
        return changes.ChangeEffort(id, work, was)

    key = next(key for key, initiative in story.initiatives.items() if initiative.id == int(id))
    set_state(story, key, IN_PROGRESS)
    owner = _owner(story, key)
    story.commit(build, owner, "Remaining effort, as the team reports it.")


def ship_photos(story: Story) -> None:
    leave = changes.Leave(story.id("photos"), SHIPPED, shipped_on=clock.today())
    story.commit(_always(leave), "Lena Achterberg", "Out to all customers.")


def promote_offline(story: Story) -> None:
    """The one that hurts: a commitment breaks and millions fall out of reach."""
    story.move(
        "offline",
        2,
        "Priya Nair",
        "Polderwind and Tidewater Mains both walk away without offline work, and said so in "
        "writing. We know what it costs in EU residency and roles; Elias calls Halloran Lifts "
        "himself.",
        owner="Lena Achterberg",
        sponsor="Elias Berg",
    )


def decline_white_label(story: Story) -> None:
    story.decline(
        "whitelabel",
        "Tomas Riquelme",
        "Two customers asked in a year, and neither would sign for it. Links with their logo do.",
    )


def promote_bulk(story: Story) -> None:
    """The cheap one: a little time for one other, and deals within reach."""
    story.move(
        "bulk",
        5,
        "Tomas Riquelme",
        "One person for eight weeks, and three renewals hang on it. The dispatch board can wait "
        "for that long.",
        sponsor="Ingrid Solvang",
    )


def promote_billing(story: Story) -> None:
    """The contested one."""
    story.move(
        "billing",
        3,
        "Marek Dubovsky",
        "Brightmoor asked for it on Tuesday and wants an answer by Friday.",
        sponsor="Ingrid Solvang",
    )


def revert_billing(story: Story) -> None:
    entry = tradeoffs.last()
    if entry is None:
        return
    story.commit(
        tradeoffs.reversal(entry.id),
        "Elias Berg",
        "One loud deal is not a pattern. Brightmoor would take the winter tariff by hand, and the "
        "owners of SAP and residency were not asked.",
        sponsor="Elias Berg",
        reverts=entry.id,
    )


def reestimate_sap(story: Story) -> None:
    """An effort that grew, and what that delayed."""
    id = story.id("sap")

    def build(picture: Picture) -> Change:
        was = present.requirements(int(id))
        first = replace(was[0], person_days=(was[0].person_days or 0) + 24)
        return changes.ChangeEffort(id, (first, *was[1:]), was)

    story.commit(
        build,
        "Marek Dubovsky",
        "The pilot customer's orders have partial confirmations, which nobody had thought of.",
        sponsor="Ingrid Solvang",
    )


def decline_tablet(story: Story) -> None:
    story.decline(
        "tablet",
        "Lena Achterberg",
        "Nobody owns it and no deal waits for it; the mobile app runs on tablets well enough.",
    )


def lose_brandtberg(story: Story) -> None:
    """What was put out of reach is lost, and an interview says that it was for that."""
    row = revision.lock()
    deal = db.session.scalars(select(Deal).where(Deal.name == LOST_MEANWHILE)).one()
    known = db.session.scalars(select(Blocker).where(Blocker.deal_id == deal.id)).one()
    with totals.keeping([deal.id]):
        deal.status, deal.stage, deal.lost_to = LOST, "Closed lost", "competitor"
        deal.close_date, deal.probability = clock.today(), 0
        say(
            deal, HAND, None, INTERVIEW, story.people["Priya Nair"].id, problem_id=known.problem_id,
            words="“We waited for a date that kept moving, and signed with somebody who had the "
            "region already.”",
        )  # fmt: skip
        recount([deal.id])
    revision.count(row, evidence=True)
    db.session.commit()


def hold_api_back(story: Story) -> None:
    """Told on the last day: a forecast slips past a deal's date, and its people do not know yet."""
    id = story.id("api")
    day = Grid(story.today).monday(21)

    def build(_: Picture) -> Change:
        return changes.ChangeNotBefore(id, day, story.initiatives["api"].not_before)

    story.commit(
        build,
        "Marek Dubovsky",
        "Keys that customers hand out are reviewed by an outside firm first, and its earliest date "
        "is in spring. We do not open an interface before it.",
        sponsor="Ingrid Solvang",
    )


def enter_chat(story: Story) -> None:
    enter(story, "chat", "Tomas Riquelme")


def _always(change: Change) -> Builder:
    """A change that does not depend on the board as it stands."""

    def build(_: Picture) -> Change:
        return change

    return build


def _owner(story: Story, key: str) -> str:
    owner = story.initiatives[key].owner_id
    return next((name for name, user in story.people.items() if user.id == owner), "Priya Nair")


#: By days ago. Progress is reported first, so that what follows is decided on fresh figures.
EVENTS: dict[int, tuple[Event, ...]] = {
    BEGINNING: (enter_all, report_progress, answer_for_segments),
    56: (report_progress,),
    49: (ship_photos,),
    42: (report_progress, promote_offline, remember),
    35: (decline_white_label,),
    28: (report_progress, promote_bulk, remember),
    21: (promote_billing,),
    20: (revert_billing,),
    14: (report_progress, reestimate_sap, remember),
    10: (decline_tablet,),
    9: (lose_brandtberg,),
    7: (enter_chat,),
    0: (report_progress, hold_api_back),
}
