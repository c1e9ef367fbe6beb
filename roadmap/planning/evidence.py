"""Open deals and the problems that they wait for, as the domain's values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import func, select

from roadmap.domain.deals import OPEN
from roadmap.domain.plan import Deal
from roadmap.extensions import db
from roadmap.models import Account, Blocker
from roadmap.models import Deal as DealRow


def waiting_deals() -> Iterator[Deal]:
    """Every open deal with a counting blocker, with the date that it needs its solution by."""
    rows = (
        db.session.connection()
        .execute(
            select(
                DealRow.id,
                DealRow.amount,
                func.coalesce(Account.fit, 0),
                DealRow.needed_by,
                Blocker.problem_id,
            )
            .join(Blocker, Blocker.deal_id == DealRow.id)
            .outerjoin(Account, Account.id == DealRow.account_id)
            .where(DealRow.status == OPEN, Blocker.counts)
            .order_by(DealRow.id)
        )
        .yield_per(5000)
    )
    for id, group in groupby(rows, itemgetter(0)):
        ties = list(group)
        _, amount, fit, needed_by, _ = ties[0]
        blockers = tuple(dict.fromkeys(str(tie[4]) for tie in ties))
        yield Deal(str(id), OPEN, amount, fit, needed_by, blockers)


def counting_blockers(ids: Sequence[int]) -> dict[int, list[str]]:
    """The problems that count as blockers of each of these deals."""
    found: dict[int, list[str]] = defaultdict(list)
    for start in range(0, len(ids), 5000):
        rows = db.session.execute(
            select(Blocker.deal_id, Blocker.problem_id)
            .where(Blocker.deal_id.in_(ids[start : start + 5000]), Blocker.counts)
            .distinct()
        )
        for deal, problem in rows:
            found[deal].append(str(problem))
    return found
