"""Writing accounts, deals and their reasons, as an import and the reps' reports would have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from roadmap.domain.calendar import Grid
from roadmap.domain.statements import HAND
from roadmap.domain.winloss import CRM, INTERVIEW, REP
from roadmap.evidence import dates
from roadmap.evidence.counting import recount
from roadmap.extensions import db
from roadmap.market import classify
from roadmap.models import Account, CrmOwner, Deal, Statement, User

from .accounts import ACCOUNTS, AccountSeed
from .deals import deals
from .seeds import BlockerSeed, DealSeed, ReasonSeed


def write(today: date, users: Mapping[str, User], problems: Mapping[str, int]) -> None:
    """Everything that is known of deals today; the profile and the segments are there already."""
    db.session.flush()
    accounts = _accounts()
    owners = {row.name: row for row in db.session.scalars(select(CrmOwner))}
    writer = _Writer(today, users, problems)
    for number, seed in enumerate(deals(), start=1):
        owner = owners[seed.owner] if seed.owner else None
        writer.deal(number, seed, accounts[seed.account], owner)
    db.session.flush()
    recount(db.session.scalars(select(Deal.id)).all())


def _accounts() -> dict[str, Account]:
    classifier = classify.classifier()
    found = {}
    for number, seed in enumerate(ACCOUNTS, start=1):
        account = _account(number, seed)
        account.fit, account.segment_id = classifier(
            classify.values_of(
                account.industry,
                account.region,
                account.employees,
                account.revenue,
                account.attributes,
            )
        )
        found[seed.name] = account
    db.session.add_all(found.values())
    db.session.flush()
    return found


def _account(number: int, seed: AccountSeed) -> Account:
    technicians = {} if seed.technicians is None else {"Field technicians": str(seed.technicians)}
    return Account(
        external_id=f"A-{number:04}",
        name=seed.name,
        industry=seed.industry,
        region=seed.region,
        employees=seed.employees,
        revenue=None if seed.revenue is None else seed.revenue * 100,
        attributes=technicians,
    )


class _Writer:
    def __init__(self, today: date, users: Mapping[str, User], problems: Mapping[str, int]) -> None:
        self.today = today
        self.grid = Grid(today)
        self.users = users
        self.problems = problems

    def deal(self, number: int, seed: DealSeed, account: Account, owner: CrmOwner | None) -> None:
        needed = None if seed.week is None else self.grid.friday(seed.week) + timedelta(days=2)
        closed = None if seed.closed is None else self.today - timedelta(days=seed.closed)
        deal = Deal(
            external_id=f"D-{number:05}",
            name=seed.name,
            account_id=account.id,
            crm_owner_id=owner.id if owner else None,
            product=seed.product,
            stage=seed.stage,
            status=seed.status,
            lost_to=seed.lost_to,
            amount=None if seed.amount is None else seed.amount * 100,
            probability=seed.probability,
            opened_on=self.today - timedelta(days=seed.opened),
            close_date=closed or needed,
            attributes={},
        )
        db.session.add(deal)
        db.session.flush()
        if seed.named_date:
            dates.say(deal.id, needed, self._who(REP, owner), said_at=self._heard(seed))
        self._said(deal, seed, account, owner)

    def _said(self, deal: Deal, seed: DealSeed, account: Account, owner: CrmOwner | None) -> None:
        moment = self._heard(seed)
        # Deals grow while they are talked about: it was less when it was said.
        then = None if deal.amount is None else deal.amount * 9 // 1_000_000 * 100_000
        given: tuple[BlockerSeed | ReasonSeed, ...] = (*seed.blockers, *seed.reasons)
        for each in given:
            problem = self.problems[each.problem] if isinstance(each, BlockerSeed) else None
            db.session.add(
                Statement(
                    origin=CRM if each.source == CRM else HAND,
                    deal_id=deal.id,
                    problem_id=problem,
                    root_id=problem,
                    source=each.source,
                    bucket=each.bucket,
                    weight=each.weight,
                    words=each.note,
                    said_at=moment,
                    by_id=self._who(each.source, owner),
                    amount_then=then,
                    stage_then="Discovery",
                    fit_then=account.fit,
                )
            )

    def _heard(self, seed: DealSeed) -> datetime:
        """When it was said: soon after a deal was opened, or when it was closed."""
        ago = seed.closed if seed.closed is not None else max(seed.opened - 20, 1)
        return datetime.combine(self.today - timedelta(days=ago), time(9), UTC)

    def _who(self, source: str, owner: CrmOwner | None) -> int | None:
        """CRM by itself, interviews by a product manager, the rest by the deal's owner."""
        if source == CRM:
            return None
        if source == INTERVIEW or owner is None or owner.user_id is None:
            return self.users["Priya Nair"].id
        return owner.user_id
