"""Open deals and the problems that they wait for, as the domain's values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, func, select

from roadmap.domain.deals import OPEN
from roadmap.domain.plan import Deal
from roadmap.extensions import db
from roadmap.models import Account, Blocker
from roadmap.models import Deal as DealRow
from roadmap.models.base import chunks


def waiting_deals() -> Iterator[Deal]:
    """Every open deal that a problem holds, with the date that it needs its solution by."""
    tied = _deals().join(Blocker, (Blocker.deal_id == DealRow.id) & Blocker.holds)
    return _with_blockers(tied.where(DealRow.status == OPEN).order_by(DealRow.id))


def all_deals() -> Iterator[Deal]:
    """Every deal, with the problems that hold it."""
    tied = _deals().outerjoin(Blocker, (Blocker.deal_id == DealRow.id) & Blocker.holds)
    return _with_blockers(tied.order_by(DealRow.id, Blocker.problem_id))


def _deals() -> Select[Any]:
    columns: tuple[Any, ...] = (
        DealRow.id, DealRow.status, DealRow.amount, func.coalesce(Account.fit, 0).label("fit"),
        DealRow.needed_by.label("needed_by"), Blocker.problem_id,
    )  # fmt: skip
    of_account = DealRow.account_id == Account.id
    return select(*columns).select_from(DealRow).outerjoin(Account, of_account)


def _with_blockers(statement: Select[Any]) -> Iterator[Deal]:
    rows = db.session.connection().execute(statement, execution_options={"yield_per": 5_000})
    for id, group in groupby(rows, attrgetter("id")):
        deal, *more = group
        problems = (row.problem_id for row in (deal, *more) if row.problem_id is not None)
        blockers = tuple(dict.fromkeys(map(str, problems)))
        yield Deal(str(id), deal.status, deal.amount, deal.fit, deal.needed_by, blockers)


def holding_problems(ids: Sequence[int]) -> dict[int, list[str]]:
    """The problems that hold each of these deals."""
    found: dict[int, list[str]] = defaultdict(list)
    for some in chunks(ids):
        rows = db.session.execute(
            select(Blocker.deal_id, Blocker.problem_id)
            .where(Blocker.deal_id.in_(some), Blocker.holds)
            .distinct()
        )
        for deal, problem in rows:
            found[deal].append(str(problem))
    return found
