"""What customers say about a problem, in their words: from requests, and from deals' ties."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import or_, select, true

from roadmap.domain.statements import REQUEST
from roadmap.domain.triage import CONFIRMED
from roadmap.domain.winloss import VERIFIED
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.models import Account, Deal, Request, Statement, User
from roadmap.workspace import clock

from .asked import standing_for

#: How many a page shows before it folds the rest away.
FEW = 6
MOST = 100


class Voice(NamedTuple):
    """Somebody's words. `who` may be empty where nobody wrote down whose they are.

    They come from a request or from a deal's tie. `vouched` words are confirmed by a product
    manager or heard in an interview; the others are shown to those alone who may read the request.
    """

    words: str
    who: str
    day: date | None
    account_id: int | None
    account: str | None
    vouched: bool
    source: str
    request_id: int | None = None
    deal_id: int | None = None
    deal: str | None = None


def voices(problem_id: int, reader_id: int, *, reads_all: bool) -> list[Voice]:
    """The latest first, at most `MOST`. Two queries."""
    found = [*_requested(problem_id, reader_id, reads_all), *_noted(problem_id)]
    found.sort(key=lambda voice: (voice.day or date.min, voice.words), reverse=True)
    return found[:MOST]


def _requested(problem_id: int, reader_id: int, reads_all: bool) -> list[Voice]:
    family = standing_for(problem_id, (CONFIRMED,))
    mine = or_(Request.quote_confirmed, Request.requester_id == reader_id)
    rows = db.session.execute(
        select(
            Request.id, Request.quote, Request.said_by_name, Request.said_by_role,
            Request.said_on, Request.quote_confirmed, Account.id, Account.name, Request.prospect,
        )
        .join(family, family.c.id == Request.id)
        .outerjoin(Account, Account.id == Request.account_id)
        .where(Request.quote != "", true() if reads_all else mine)
        .order_by(Request.said_on.is_(None), Request.said_on.desc(), Request.id)
        .limit(MOST)
    )  # fmt: skip
    return [
        Voice(
            quote, ", ".join(filter(None, (name, role))), day, account, account_name or prospect,
            vouched, "request", request_id=id,
        )
        for id, quote, name, role, day, vouched, account, account_name, prospect in rows
    ]  # fmt: skip


def _noted(problem_id: int) -> list[Voice]:
    """What a customer's words, or an interview, say of a deal.

    Those of a request are left out: it speaks for itself.
    """
    rows = db.session.execute(
        select(
            Statement.words, Statement.said_at, Statement.source, User.name, Account.id,
            Account.name, Deal.id, Deal.name,
        )
        .join(Deal, Deal.id == Statement.deal_id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .outerjoin(User, User.id == Statement.by_id)
        .where(
            Statement.root_id == problem_id,
            STANDING,
            Statement.source.in_(VERIFIED),
            Statement.words != "",
            Statement.origin != REQUEST,
        )
        .order_by(Statement.said_at.desc(), Statement.id)
        .limit(MOST)
    )  # fmt: skip
    return [
        Voice(
            note, f"noted by {by}" if by else "", clock.day_of(at), account, account_name, True,
            source, deal_id=deal, deal=deal_name,
        )
        for note, at, source, by, account, account_name, deal, deal_name in rows
    ]  # fmt: skip
