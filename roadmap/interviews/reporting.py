"""A rep's own report of a closed deal: what they claim, kept with all that they claimed before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.errors import Refused
from roadmap.domain.statements import REPORT
from roadmap.domain.winloss import REP
from roadmap.evidence.counting import recount
from roadmap.evidence.recording import end_of, say
from roadmap.extensions import db
from roadmap.models import Deal, DealReport, Problem, Statement, User
from roadmap.planning import daily, totals
from roadmap.workspace import clock, revision

from .queries import report_of


@dataclass(frozen=True)
class Claim:
    """The answers as they were typed; `bucket` None is "I don't know"."""

    against: str
    competitor: str = ""
    bucket: str | None = None
    problem_id: int | None = None
    quote: str = ""
    decided_by: str = ""


def report(
    deal_id: int, claim: Claim, by: User, *, merge: Callable[[], Claim] | None = None
) -> DealReport:
    """Store the deal's next report; after a loss its reason takes the place of the one before.

    `merge` gives, under the lock, the claim merged with the report that stands by then. Raises
    Refused for an open deal or no problem, and what `merge` raises.
    """
    daily.opened(clock.today())
    row = revision.lock()
    try:
        deal = db.session.get_one(Deal, deal_id, populate_existing=True)
        if deal.status == OPEN:
            raise Refused("The deal is open: there is nothing to report yet.")
        claim = merge() if merge is not None else claim
        if claim.problem_id is not None and db.session.get(Problem, claim.problem_id) is None:
            raise Refused("There is no such problem.")
        before = report_of(deal_id)
        found = DealReport(
            deal_id=deal_id,
            number=before.number + 1 if before else 1,
            outcome=deal.status,
            against=claim.against,
            competitor=claim.competitor if claim.against == "competitor" else "",
            bucket=claim.bucket,
            quote=claim.quote,
            decided_by=claim.decided_by,
            by_id=by.id,
            at=clock.now(),
        )
        with totals.keeping([deal_id]):
            if before is not None:
                end_of(REPORT, before.id)
            db.session.add(found)
            db.session.flush()
            lost = deal.status == LOST
            if found.bucket is not None and (lost or claim.problem_id is not None):
                say(
                    deal, REPORT, found.id, REP, by.id, problem_id=claim.problem_id,
                    bucket=found.bucket, words=found.quote,
                )  # fmt: skip
            if not lost:  # What nearly stopped a deal that was won stands in nothing's way.
                end_of(REPORT, found.id)
            recount([deal_id])
        revision.count(row, evidence=True)
        db.session.commit()
        return found
    finally:
        db.session.rollback()


def history(deal_id: int) -> list[DealReport]:
    """Every report of a deal, the latest first."""
    return list(
        db.session.scalars(
            select(DealReport)
            .where(DealReport.deal_id == deal_id)
            .options(
                joinedload(DealReport.by),
                joinedload(DealReport.statement).joinedload(Statement.problem),
            )
            .order_by(DealReport.number.desc())
        )
    )
