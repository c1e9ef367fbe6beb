"""A small company, built step by step: what a test needs, and nothing else.

    company = Company(app)
    core = company.team("Core", people=2)
    pain = company.problem("Sign-in is manual work")
    company.deal("Acme renewal", 500_000_00, needed_by="2027-06-30", blockers=[pain])
    sso = company.initiative("SSO", work=[(core, 20)], solves=[pain])

Every step commits and counts the revision. Totals and the day's kept forecast are made right once,
when somebody else looks: whenever a context of the application opens that is not a step's. Steps
give ids, so that nothing hangs on a session; each opens an application context of its own.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import Flask, appcontext_pushed, has_app_context
from sqlalchemy import select

from roadmap.deals import merging as accounts
from roadmap.domain.calendar import quarter_named
from roadmap.domain.interviews import Given
from roadmap.domain.statements import DEAL_BREAKER, strength
from roadmap.evidence import dates
from roadmap.extensions import db
from roadmap.initiatives import actions as initiatives
from roadmap.intake import actions as intake
from roadmap.interviews import actions as interviews
from roadmap.interviews.actions import Spoken
from roadmap.models import (
    Account,
    Base,
    Capacity,
    Commitment,
    CrmOwner,
    Deal,
    Initiative,
    Need,
    Problem,
    ProblemTie,
    Product,
    Segment,
    Statement,
    Team,
    User,
    WorkItem,
    Workspace,
)
from roadmap.patterns import merging
from roadmap.people import actions as people
from roadmap.planning import daily, totals
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.workspace import clock, revision
from tests.support import cast

#: The first quarter with a figure: a later one without takes the latest earlier one.
LONG_AGO = "2020Q1"

Day = date | str | None


class Company:
    """`app`'s company. The cast is enrolled on the way if nobody is there yet."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = itertools.count(1)
        self._stale_since: date | None = None
        self._stepping = False
        appcontext_pushed.connect(self._looked_at, app)
        with app.app_context():
            enrolled = {user.email: user.id for user in db.session.scalars(select(User))}
        known = {each.role: enrolled.get(each.email) for each in cast.CAST}
        if not all(known.values()):
            known = dict(cast.enrol(app))
        self.people = {role: id for role, id in known.items() if id is not None}
        with self._writing():
            pass

    # --- people, teams, products -----------------------------------------------------------------

    def user(self, role: str = "product", name: str = "") -> int:
        number = next(self._numbers)
        name = name or f"{role.capitalize()} {number}"
        with self.app.app_context():
            return people.create(f"user{number}@demo.example", name, role, cast.PASSWORD).id

    def team(self, name: str = "Core", people: float | Mapping[str, float] = 2) -> int:
        """`people` for every quarter, or by quarter such as "2027Q1", in steps of 0.2."""
        figures = people if isinstance(people, Mapping) else {LONG_AGO: people}
        with self._writing():
            team = Team(name=name)
            team.capacity = [
                Capacity(quarter=quarter_named(name, 1), days_per_week=round(count * 5))
                for name, count in figures.items()
            ]
            return self._add(team)

    def product(self, name: str = "Platform") -> int:
        with self._step():
            known = db.session.scalar(select(Product.id).where(Product.name == name))
        if known:
            return known
        with self._writing():
            return self._add(Product(name=name))

    # --- the market ------------------------------------------------------------------------------

    def segment(self, name: str, rules: Sequence[Any] = ()) -> int:
        with self._writing():
            return self._add(Segment(name=name, position=next(self._numbers), rules=list(rules)))

    def problem(self, title: str, segments: Iterable[int] = (), **words: Any) -> int:
        with self._writing():
            problem = Problem(title=title, **words)
            problem.segments = [db.session.get_one(Segment, id) for id in segments]
            return self._add(problem)

    def merged(self, loser: int, survivor: int) -> int:
        """Merge one problem into the other; gives the step."""
        with self.app.app_context():
            row = db.session.scalars(select(Workspace)).one()
            by = db.session.get_one(User, self.people["product"])
            return merging.merge(loser, survivor, by, since=row.revision, as_of=clock.today())

    def merged_account(self, gone: int, kept: int, *chosen: str) -> int:
        """Merge one account into the other; gives the name's id."""
        with self.app.app_context():
            row = db.session.scalars(select(Workspace)).one()
            by, seen = self.people["product"], (row.revision, clock.today())
            accounts.merge(gone, kept, by, chosen=chosen, seen=seen)
            name = accounts.newest_merge(kept)
            assert name is not None
            return name.id

    # --- deals -----------------------------------------------------------------------------------

    def account(self, name: str = "", fit: int = 100, segment: int | None = None) -> int:
        number = next(self._numbers)
        name = name or f"Account {number}"
        with self._writing():
            return self._add(
                Account(
                    external_id=f"A{number}", name=name, fit=fit,
                    segment_id=segment,
                )
            )  # fmt: skip

    def owner(self, name: str, user: int | None = None) -> int:
        """A deal owner as CRM spells the name, matched to a user or not."""
        with self._writing():
            known = db.session.scalar(select(CrmOwner.id).where(CrmOwner.name == name))
            return known or self._add(CrmOwner(name=name, user_id=user))

    def deal(
        self,
        name: str = "",
        amount: int | None = 100_000_00,
        *,
        needed_by: Day = "2027-12-31",
        blockers: Iterable[int | tuple[int, str]] = (),
        status: str = "open",
        fit: int = 100,
        account: int | None = None,
        owner: int | None = None,
        **columns: Any,
    ) -> int:
        """A deal. `blockers` are problems, or pairs of problem and source ("rep" by default).

        `amount` is in cents. Unless `account` is given it has an account of its own with this fit.
        """
        account = self.account(fit=fit) if account is None else account
        number = next(self._numbers)
        name = name or f"Deal {number}"
        if status == "lost":
            columns.setdefault("close_date", clock_day("2026-12-15"))
        with self._writing():
            deal = Deal(
                external_id=f"D{number}", name=name, status=status,
                amount=amount, account_id=account, crm_owner_id=owner,
                **{key: clock_day(value) if key.endswith(("_date", "_on")) else value
                   for key, value in columns.items()},
            )  # fmt: skip
            id = self._add(deal)
            if status == "open" and needed_by is not None:
                dates.say(id, clock_day(needed_by), None)
            pairs = [each if isinstance(each, tuple) else (each, "rep") for each in blockers]
            for problem, source in pairs:
                said = statement(
                    id, problem, source, counts=status != "won", amount_then=amount, fit_then=fit
                )
                if said.counts:
                    sources = [other for of, other in pairs if of == problem]
                    said.problem_strength = max(strength(each, DEAL_BREAKER) for each in sources)
                db.session.add(said)
            return id

    # --- initiatives -----------------------------------------------------------------------------

    def initiative(
        self,
        title: str = "",
        *,
        rank: int | None = None,
        work: Iterable[tuple[int, int | None] | tuple[int, int | None, int | None]] = (),
        solves: Iterable[int] = (),
        contributes: Iterable[int] = (),
        needs: Iterable[int] = (),
        not_before: Day = None,
        promised: Iterable[tuple[Day, str]] = (),
        owner: int | None = None,
        kind: str = "incremental",
        value: str = "",
        product: int | None = None,
        updated_on: Day = "2027-01-04",
    ) -> int:
        """An initiative that entered the board, last or at `rank`.

        `work` items are team, person-days (None: not estimated) and, if wanted, the most
        person-days in a week; all are for `product`, or for one called "Platform".
        """
        title = title or f"Initiative {next(self._numbers)}"
        product = self.product() if product is None else product
        with self._step():
            by = db.session.get_one(User, self.people["product"])
            id = initiatives.enter(
                title=title, value=value, kind=kind, owner_id=owner, rank=rank, by=by
            ).id
        with self._writing():
            row = db.session.get_one(Initiative, id)
            row.not_before = clock_day(not_before)
            row.effort_updated_on = clock_day(updated_on)
            for position, item in enumerate(work):
                team, days, most = (*item, None)[:3]
                row.work.append(
                    WorkItem(
                        position=position, title=f"Part {position + 1}", product_id=product,
                        team_id=team, person_days=days, max_days=most,
                    )
                )  # fmt: skip
            row.promises = [Commitment(date=clock_day(day), to=to) for day, to in promised]
            db.session.add_all(Need(initiative_id=id, needed_id=need) for need in needs)
            for kind_of_tie, problems in (("solves", solves), ("contributes", contributes)):
                db.session.add_all(
                    ProblemTie(initiative_id=id, problem_id=problem, kind=kind_of_tie)
                    for problem in problems
                )
        return id

    def need(self, initiative: int, needed: int) -> None:
        with self._writing():
            db.session.add(Need(initiative_id=initiative, needed_id=needed))

    # --- requests --------------------------------------------------------------------------------

    def request(
        self,
        body: str = "Their auditors reject our export every quarter.",
        *,
        deals: Iterable[int] = (),
        account: int | None = None,
        problem: int | None = None,
        by: str = "rep",
        **said: Any,
    ) -> int:
        """What a person of this role sent; `problem` is what it joins, pending. The account is that
        of the first deal unless one is given.
        """
        deals = list(deals)
        with self.app.app_context():
            if deals and account is None:
                account = db.session.get_one(Deal, deals[0]).account_id
            words = intake.Said(
                body, account_id=account, deal_ids=deals, problem_id=problem, **said
            )
            return intake.submit(words, db.session.get_one(User, self.people[by])).id

    # --- conversations ---------------------------------------------------------------------------

    def interview(
        self, deal: int, *reasons: tuple[str, int | None], held: bool = False, **spoken: Any
    ) -> int:
        """A loss interview of a lost deal, planned or, with reasons or `held`, held and logged.

        `reasons` are pairs of bucket and problem; further ones of weight and quote may follow.
        """
        with self.app.app_context():
            by = db.session.get_one(User, self.people["product"])
            id = interviews.begin(deal, by).id
            if reasons or held:
                interviews.log(id, self.spoken(*reasons, **spoken), by)
            return id

    def spoken(self, *reasons: Any, **spoken: Any) -> Spoken:
        """What came out of a conversation with somebody of the customer's."""
        given = [Given(*each, *(1, "")[len(each) - 2 :]) for each in reasons]
        words = {
            "held_on": date(2027, 1, 4), "held_by_id": self.people["product"], "name": "Dana Osei",
            "would_not_say": not given, **spoken,
        }  # fmt: skip
        return Spoken(reasons=given, **words)

    def conversation(
        self, account: int, problems: Iterable[int] = (), kind: str = "call", **spoken: Any
    ) -> int:
        """A demo, a visit or a call that was held."""
        with self.app.app_context():
            by = db.session.get_one(User, self.people[spoken.pop("by", "product")])
            deal = spoken.pop("deal", None)
            words = {"held_by_id": by.id, "would_not_say": False, **spoken}
            said = self.spoken(problem_ids=list(problems), **words)
            return interviews.record(kind, account, deal, said, by).id

    # --- looking ---------------------------------------------------------------------------------

    @contextmanager
    def looking(self) -> Iterator[Picture]:
        """The company as it stands, in a session of its own: `db.session` works inside.

        Rows that were read stay readable afterwards.
        """
        with self.app.app_context():
            yield pictures.current()
            db.session.expunge_all()
            db.session.rollback()

    def order(self) -> list[str]:
        """Titles on the board, rank 1 first."""
        with self.looking() as picture:
            return [picture.cards[id].title for id in picture.plan.order]

    def finish(self, id: int) -> date | None:
        with self.looking() as picture:
            return picture.schedule.finish(str(id))

    def wrong_totals(self) -> list[str]:
        """Where stored totals differ from a fresh count: empty when all is right."""
        with self.app.app_context():
            return totals.differences(db.session.scalars(select(Workspace)).one())

    # --- writing ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Make totals and kept forecasts right, for whoever looks past the application."""
        with self.app.app_context():
            pass

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._step():
            today = clock.today()
        if self._stale_since not in {None, today}:
            # The forecasts of the day before are kept as of that day.
            self.refresh()
        with self._step():
            row = revision.lock()
            yield
            db.session.flush()
            revision.count(row, plan=True)
            db.session.commit()
        self._stale_since = today
        if has_app_context():
            # Whoever is inside one need not open another to look.
            self.refresh()

    @contextmanager
    def _step(self) -> Iterator[None]:
        """A context that asks for no figures to be right."""
        self._stepping = True
        try:
            with self.app.app_context():
                yield
        finally:
            self._stepping = False

    def _looked_at(self, _app: Flask, **_details: Any) -> None:
        day, self._stale_since = self._stale_since, self._stale_since if self._stepping else None
        if day is None or self._stepping:
            return
        with self._step():
            row = revision.lock()
            daily.refresh(row, day)
            daily.keep_forecasts(day)
            db.session.commit()

    def _add(self, row: Base) -> int:
        db.session.add(row)
        db.session.flush()
        id: int = row.id  # type: ignore[attr-defined]
        return id


def statement(
    deal: int, problem: int | None = None, source: str = "rep", **columns: Any
) -> Statement:
    """Something said of a deal that nobody else says, stored as if it had been counted."""
    counts = columns.get("counts", problem is not None)
    return Statement(**{
        "problem_strength": strength(source, DEAL_BREAKER) if counts else None,
        "origin": "crm" if source == "crm" else "hand", "deal_id": deal, "problem_id": problem,
        "root_id": problem, "source": source, "counts": counts, "reason_weight": 1,
        **columns,
    })  # fmt: skip


def clock_day(value: Day) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
