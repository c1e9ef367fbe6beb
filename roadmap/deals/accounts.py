"""Accounts as pages show them: the list, and one with its fit taken apart and its deals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select

from roadmap.domain.deals import LOST, OPEN, WON
from roadmap.domain.icp import Fit
from roadmap.extensions import db, records, streamed
from roadmap.market import classify, rules
from roadmap.market.figures import as_of
from roadmap.market.kept import kept
from roadmap.models import Account, Deal, Segment
from roadmap.web import lists, paging
from roadmap.web.arguments import NONE
from roadmap.web.paging import Order, Page
from roadmap.workspace.account_names import account_has

from .actions import values_of

ORDERS = {
    "name": Order("Account", Account.sort_key.expression, False, paging.read_sort_key, False),
    "fit": Order("ICP fit", Account.fit.expression, True, paging.read_number, False),
    "employees": Order("Employees", Account.employees.expression, True, paging.read_number),
    "revenue": Order("Revenue", Account.revenue.expression, True, paging.read_number),
}


@dataclass(frozen=True)
class Filters(lists.Filters):
    segment: int | str | None = lists.number(Account.segment_id, also=(NONE,))
    q: str = lists.words(account_has)
    sort: str = lists.order(ORDERS)


class Line(NamedTuple):
    """An account in the list. `revenue` and amounts are in cents, unknown amounts count 0."""

    id: int
    name: str
    segment_id: int | None
    segment: str | None
    by_hand: bool
    fit: int
    industry: str | None
    region: str | None
    employees: int | None
    revenue: int | None
    external_id: str
    attributes: Mapping[str, Any]
    open_deals: int = 0
    open_amount: int = 0


def page_of_accounts(asked: Filters) -> Page:
    """One page: the rows, and the open deals of these fifty."""
    base = select(Account.id).where(*asked.conditions())
    page = paging.page_of(ORDERS[asked.sort], Account.id.expression, base, _columns)
    return replace(page, rows=_with_deals(records(Line, page.rows)))


def all_accounts(asked: Filters) -> Iterator[Line]:
    """Every account that the filters let through, in order, read as they are asked for."""
    statement = _columns().where(*asked.conditions())
    rows = streamed(paging.in_order(ORDERS[asked.sort], Account.id.expression, statement))
    for some in rows.partitions():
        yield from _with_deals(records(Line, some))


def count(asked: Filters) -> int:
    """Kept while the evidence stays: it has to look at every account."""

    def counted() -> int:
        statement = select(func.count()).select_from(Account).where(*asked.conditions())
        return db.session.scalar(statement) or 0

    return kept(("accounts", as_of()[0], asked.unsorted), counted)


class Part(NamedTuple):
    """A criterion of the profile, as it stands with one account."""

    sentence: str
    weight: int
    verdict: str
    has: str


def fit_of(account: Account) -> tuple[Fit, list[Part]]:
    """An account's fit with its parts: met, then not met, then missing."""
    values = values_of(account)
    fit = classify.classifier().fit(values)
    verdicts = (("met", fit.met), ("not met", fit.unmet), ("missing", fit.missing))
    parts = [
        Part(
            rules.sentence(criterion), criterion.weight, verdict,
            _shown(values.get(criterion.attribute)),
        )
        for verdict, criteria in verdicts
        for criterion in criteria
    ]  # fmt: skip
    return fit, parts


def segment_by_rules(account: Account) -> tuple[Segment | None, tuple[str, ...]]:
    """The segment that the rules put an account in, and the rules that it meets there."""
    id = classify.classifier().segment(values_of(account))
    segment = None if id is None else db.session.get(Segment, id)
    met = classify.criteria(segment.rules) if segment else ()
    return segment, tuple(rules.sentence(rule) for rule in met)


class Sums(NamedTuple):
    """An account's deals. Amounts are in cents, unknown ones count 0 and are counted beside."""

    open_deals: int
    open_amount: int
    won_deals: int
    won_amount: int
    lost_deals: int
    lost_amount: int
    unknown: int


def sums_of(account_id: int) -> Sums:
    columns: list[Any] = [
        value
        for status in (OPEN, WON, LOST)
        for value in (
            func.count(case((Deal.status == status, 1))),
            func.coalesce(func.sum(case((Deal.status == status, Deal.amount))), 0),
        )
    ]
    unknown = func.count(case((Deal.amount.is_(None), 1)))
    row = db.session.execute(select(*columns, unknown).where(Deal.account_id == account_id)).one()
    return Sums._make(int(value or 0) for value in row)


def wanted_attributes(account: Account) -> list[str]:
    """The imported attributes that the account has, or that criteria and rules look at."""
    asked = classify.classifier()
    looked_at = {criterion.attribute for criterion in asked.profile}
    looked_at |= {rule.attribute for _, segment in asked.segments for rule in segment}
    return sorted((looked_at | set(account.attributes)) - {*classify.OWN_ATTRIBUTES})


def _shown(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _columns(*more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Account.id, Account.name, Account.segment_id, Segment.name.label("segment"),
        Account.segment_by_hand.label("by_hand"), Account.fit,
        Account.industry, Account.region, Account.employees, Account.revenue, Account.external_id,
        Account.attributes,
    )  # fmt: skip
    return (
        select(*columns, *more)
        .select_from(Account)
        .outerjoin(Segment, Segment.id == Account.segment_id)
    )


def _with_deals(lines: list[Line]) -> list[Line]:
    rows = db.session.execute(
        select(Deal.account_id, func.count(), func.coalesce(func.sum(Deal.amount), 0))
        .where(Deal.account_id.in_([line.id for line in lines]), Deal.status == OPEN)
        .group_by(Deal.account_id)
    )
    found = {id: (deals, int(amount or 0)) for id, deals, amount in rows}
    return [
        line._replace(open_deals=found[line.id][0], open_amount=found[line.id][1])
        if line.id in found
        else line
        for line in lines
    ]
