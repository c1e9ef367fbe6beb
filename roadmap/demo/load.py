"""Loading the demo company: who and what there is, then the story, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import select

from roadmap.domain.calendar import Grid, months_before, next_quarter
from roadmap.domain.errors import Refused
from roadmap.domain.plan import CONTRIBUTES, DECLINED, SOLVES
from roadmap.extensions import db
from roadmap.intake import telling
from roadmap.models import (
    Capacity,
    Commitment,
    Criterion,
    CrmOwner,
    Initiative,
    Need,
    Problem,
    ProblemTie,
    Product,
    Segment,
    Team,
    User,
    WorkItem,
)
from roadmap.people import actions as people
from roadmap.people.demo_people import CAST, DemoPerson
from roadmap.planning import daily
from roadmap.planning import picture as pictures
from roadmap.workspace import clock, revision

from . import company, evidence, history, intake, interviews, plans
from .history import Event, Story


def load() -> None:
    """Fill an empty database. Raises Refused where somebody can sign in already.

    Two loads on the same day give the same company. An interrupted one leaves nothing behind.
    """
    with _one_transaction():
        row = revision.lock()
        if db.session.scalar(select(User.id).limit(1)) is not None:
            raise Refused
        today = clock.today()
        row.name, row.currency = company.NAME, company.CURRENCY
        beginning = today - timedelta(days=history.BEGINNING)
        story = _company(today, beginning)
        decided = dict(history.days(today))
        heard = {today - timedelta(days=ago): events for ago, events in intake.EVENTS.items()}
        for day in sorted(decided.keys() | heard.keys()):
            with _as_of(day, today):
                _live(story, day, decided.get(day), heard.get(day, ()))
        interviews.write(today, story.people)
        daily.keep_forecasts(today)


def _live(story: Story, day: date, decided: Sequence[Event] | None, heard: Sequence[Event]) -> None:
    """One day: what was decided, what came in from customers, and who was told what moved.

    `decided` is None on a day that no forecast is kept of. People are told on the days on which
    progress was reported: between two of these all forecasts slip. Of today nobody was told yet.
    """
    if decided is not None:
        daily.refresh(revision.lock(), day)
    for event in (*(decided or ()), *heard):
        event(story)
    if history.report_progress in (decided or ()) and day != story.today:
        telling.catch_up_here()


def _company(today: date, beginning: date) -> Story:
    """Everything and everybody, before the first decision."""
    created = datetime.combine(beginning, time(8), UTC)
    users = {each.name: _user(each, created) for each in (*CAST, *company.COLLEAGUES)}
    by_email = {user.email: user for user in users.values()}
    for name, email in company.CRM_OWNERS.items():
        db.session.add(CrmOwner(name=name, user_id=by_email[email].id if email else None))
    problems = _market(created)
    initiatives = _initiatives(today, created, users, problems)
    evidence.write(today, users, problems)
    db.session.flush()
    return Story(today, users, initiatives, problems)


def _user(person: DemoPerson, created: datetime) -> User:
    user = people.create(person.email, person.name, person.role, person.password)
    user.created_at = created
    return user


def _market(created: datetime) -> dict[str, int]:
    """Segments, the ideal customer profile and problems; returns the problems' ids."""
    segments = {}
    for position, seed in enumerate(company.SEGMENTS, start=1):
        rules = [
            {"attribute": attribute, "operator": operator, "value": list(values)}
            for attribute, operator, values in seed.rules
        ]
        segments[seed.name] = Segment(
            name=seed.name, description=seed.description, position=position, rules=rules
        )
    db.session.add_all(segments.values())
    for position, criterion in enumerate(company.PROFILE, start=1):
        attribute, operator, values, weight = criterion
        db.session.add(
            Criterion(
                position=position,
                attribute=attribute,
                operator=operator,
                values=list(values),
                weight=weight,
            )
        )
    found = {
        seed.key: Problem(
            title=seed.title,
            statement=seed.statement,
            workaround=seed.workaround,
            layer=seed.layer,
            created_at=created,
            segments=[segments[name] for name in seed.segments],
        )
        for seed in company.PROBLEMS
    }
    for part in company.PROBLEMS:
        if part.part_of:
            found[part.key].parent = found[part.part_of]
    db.session.add_all(found.values())
    db.session.flush()
    return {key: problem.id for key, problem in found.items()}


def _initiatives(
    today: date, created: datetime, users: Mapping[str, User], problems: Mapping[str, int]
) -> dict[str, Initiative]:
    """All initiatives with their work, off the board until the story has them enter it."""
    grid = Grid(today)
    products = {name: Product(name=name) for name in company.PRODUCTS}
    teams = {name: _team(name, people, today) for name, people in company.TEAMS.items()}
    db.session.add_all((*products.values(), *teams.values()))
    db.session.flush()
    seeds = (*plans.INITIATIVES, plans.LATECOMER)
    found: dict[str, Initiative] = {}
    for seed in seeds:
        initiative = Initiative(
            title=seed.title,
            value=seed.value,
            kind=seed.kind,
            state=DECLINED,
            decline_reason="It has not entered the board",
            owner_id=users[seed.owner].id if seed.owner else None,
            not_before=None if seed.not_before is None else grid.monday(seed.not_before),
            effort_updated_on=created.date() if seed.work else None,
            created_at=created,
        )
        initiative.work = [
            WorkItem(
                position=position,
                title=item.title,
                product_id=products[item.product].id,
                team_id=teams[item.team].id,
                person_days=item.days,
                max_days=item.max_people * 5 if item.max_people else None,
            )
            for position, item in enumerate(seed.work)
        ]
        ties = [*((key, SOLVES) for key in seed.solves),
                *((key, CONTRIBUTES) for key in seed.contributes)]  # fmt: skip
        initiative.ties = [ProblemTie(problem_id=problems[key], kind=kind) for key, kind in ties]
        initiative.promises = [
            Commitment(date=grid.friday(promise.week), to=promise.to, by_id=users[promise.by].id)
            for promise in seed.promises
        ]
        db.session.add(initiative)
        db.session.flush()
        found[seed.key] = initiative
    for seed in seeds:
        for need in seed.needs:
            db.session.add(Need(initiative_id=found[seed.key].id, needed_id=found[need].id))
    db.session.flush()
    return found


def _team(name: str, people: tuple[float, float], today: date) -> Team:
    """The same people from before the story on, and others from three quarters ahead."""
    now, later = people
    first_day = months_before(clock.quarter(today), 6)
    capacity = []
    for place in range(7):
        figure = now if place < 5 else later
        capacity.append(Capacity(quarter=first_day, days_per_week=round(figure * 5)))
        first_day = next_quarter(first_day)
    return Team(name=name, capacity=capacity)


@contextmanager
def _as_of(day: date, today: date) -> Iterator[None]:
    """Let the clock stand at a day of the past. Today it runs as it does."""
    fixed = current_app.config.get("TODAY")
    if day != today:
        current_app.config["TODAY"] = day.isoformat()
    try:
        yield
    finally:
        current_app.config["TODAY"] = fixed


@contextmanager
def _one_transaction() -> Iterator[None]:
    """Make every commit within a flush, so that all of it is stored at the end or nothing is.

    The story is told by actions that commit; somebody who stops the first start of the product
    half-way must not be left with half a company.
    """
    session = db.session()
    vars(session)["commit"] = session.flush
    try:
        yield
        del vars(session)["commit"]
        session.commit()
    except BaseException:
        # What was read on the way never came to be.
        current_app.extensions.pop(pictures.KEY, None)
        raise
    finally:
        vars(session).pop("commit", None)
        session.rollback()
