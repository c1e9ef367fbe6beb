"""The list of deals: its filters, its order, and what it adds up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, union_all

from roadmap.domain.calendar import months_before
from roadmap.domain.collation import sort_key
from roadmap.domain.deals import STATUSES
from roadmap.domain.statements import IMPORT
from roadmap.evidence import dates
from roadmap.extensions import db, records, streamed
from roadmap.market.figures import as_of
from roadmap.market.kept import kept
from roadmap.models import Account, Blocker, CrmOwner, Deal, Problem, Segment
from roadmap.web import lists, paging
from roadmap.web.arguments import NONE
from roadmap.web.filters import first_name_first
from roadmap.web.paging import Order, Page
from roadmap.workspace.searching import has
from roadmap.workspace.settings import workspace

#: How a deal's ties narrow the list.
TIES = {
    "holding": "A problem that holds it", "counting": "A problem that counts",
    "any": "Any problem", NONE: "No problem tied yet",
}  # fmt: skip


ORDERS = {
    "close": Order("Closes", Deal.close_date.expression, True, paging.read_day),
    "amount": Order("Amount", Deal.amount.expression, True, paging.read_number),
    "name": Order("Deal", Deal.sort_key.expression, False, paging.read_sort_key, nullable=False),
    "needed": Order("Needed by", Deal.needed_by.expression, False, paging.read_day),
}

#: A select with more choices than this is no help; the list is then narrowed from other pages.
MOST_CHOICES = 200

#: So many deals are quicker to look up and sort than to come upon along an index.
FEW = 500


@dataclass(frozen=True)
class Filters(lists.Filters):
    """What the list is narrowed to. `segment` and `owner` may be "none"."""

    status: str = lists.choice(STATUSES, Deal.status)
    account: int | None = lists.number(Deal.account_id, called=Account.name)
    segment: int | str | None = lists.number(Account.segment_id, also=(NONE,))
    product: str = lists.words(Deal.product)
    owner: int | str | None = lists.number(Deal.crm_owner_id, also=(NONE,))
    problem: int | None = lists.number(called=Problem.title)
    ties: str = lists.choice(TIES)
    window: bool = lists.flag(lambda _: _in_window())
    """Whether it is those that closed in the trailing window."""
    q: str = lists.words(lambda words: has(words, Deal.search_text, Account.search_text))
    sort: str = lists.order(ORDERS)

    def conditions(self) -> list[ColumnElement[bool]]:
        return [*super().conditions(), *_tie_conditions(self)]


class Line(NamedTuple):
    """A deal in the list. `needed_by` is its own date, else the expected close date."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    fit: int | None
    stage: str
    status: str
    lost_to: str | None
    amount: int | None
    close_date: date | None
    own_needed_by: date | None
    needed_by: date | None
    owner: str | None
    product: str | None
    amount_source: str | None
    """What stands in for the amount; None where it is CRM's own."""
    vanished: date | None
    """The day of the full export that it was missing from."""
    external_id: str
    account_key: str | None
    """CRM's id of its account."""
    opened_on: date | None
    date_in_crm: date | None
    """By when it is needed, as imports said."""
    probability: int | None
    attributes: Mapping[str, Any]
    problems: tuple[tuple[int, str, bool], ...] = ()
    """Those that it is tied to: id, title, whether one of the ties counts."""


class Sums(NamedTuple):
    """Of all deals that the filters let through. The amount is in cents; unknown ones count 0.

    `ids` names them where they are few: a page then looks them up instead of walking an index.
    """

    deals: int
    amount: int
    unknown: int
    ids: frozenset[int] | None = None


class Choices(NamedTuple):
    """What the selects offer: (value, text) pairs; none where there are too many to choose from."""

    segments: list[tuple[int, str]]
    products: list[tuple[str, str]]
    owners: list[tuple[int, str]]
    problems: list[tuple[int, str]]


def page_of_deals(asked: Filters) -> Page:
    """One page, whatever the table's size, where an index has the order: its rows, and the problems
    of these fifty.
    """
    few = sums(asked).ids
    base = _filtered(asked) if few is None else select(Deal.id).where(Deal.id.in_(sorted(few)))
    page = paging.page_of(ORDERS[asked.sort], Deal.id.expression, base, _columns)
    return replace(page, rows=_with_problems(records(Line, page.rows)))


def all_deals(asked: Filters) -> Iterator[Line]:
    """Every deal that the filters let through, in order, read as they are asked for."""
    statement = _columns().where(*asked.conditions())
    rows = streamed(paging.in_order(ORDERS[asked.sort], Deal.id.expression, statement))
    for some in rows.partitions():
        yield from records(Line, some)


def sums(asked: Filters) -> Sums:
    """Count, sum and, where they are few, the ids: one query that may have to read every row.

    Kept while the evidence stays, so that a search without a match is made once, not per page.
    """
    return kept(("deal sums", *as_of(), asked.unsorted), lambda: _sums(asked))


def _sums(asked: Filters) -> Sums:
    found = _filtered(asked).with_only_columns(Deal.id, Deal.amount).cte("found")
    totals = select(
        literal(0).label("id"),
        func.count().label("deals"),
        func.coalesce(func.sum(found.c.amount), 0).label("amount"),
        func.count(case((found.c.amount.is_(None), 1))).label("unknown"),
    ).select_from(found)
    rows: Sequence[Any]
    if not asked.narrowed:
        rows = db.session.execute(totals).all()
        listed = None
    else:
        few = select(found.c.id).limit(FEW + 1).subquery()
        ids = select(few.c.id, literal(0), literal(0), literal(0))
        rows = db.session.execute(union_all(totals, ids)).all()
        listed = frozenset(row.id for row in rows if row.id)
    (total,) = (row for row in rows if not row.id)
    few_ids = None if listed is None or len(listed) > FEW else listed
    return Sums(int(total.deals), int(total.amount), int(total.unknown), few_ids)


def choices() -> Choices:
    """In one query, kept while nothing that they name changes."""
    return kept(
        ("deal choices", as_of()[0], workspace().plan_revision), _choices
    )  # fmt: skip


def _choices() -> Choices:
    kinds = (
        select(literal("segment"), Segment.id, Segment.name),
        select(literal("owner"), CrmOwner.id, CrmOwner.name),
        select(literal("problem"), Problem.id, Problem.title).where(
            Problem.merged_into_id.is_(None)
        ),
        select(literal("product"), literal(0), Deal.product)
        .where(Deal.product.is_not(None))
        .distinct(),
    )
    found: dict[str, list[tuple[int, str]]] = {}
    rows: Any = db.session.execute(union_all(*kinds))
    for kind, id, text in rows:
        shown = first_name_first(text) if kind == "owner" else text
        found.setdefault(kind, []).append((id, shown))
    for listed in found.values():
        listed.sort(key=lambda pair: (sort_key(pair[1]), pair[0]))
    few = {kind: listed for kind, listed in found.items() if len(listed) <= MOST_CHOICES}
    return Choices(
        few.get("segment", []),
        [(text, text) for _, text in few.get("product", [])],
        few.get("owner", []),
        few.get("problem", []),
    )


def _filtered(asked: Filters) -> Select[Any]:
    """Deals that the filters let through; joins accounts only where a filter looks at them."""
    statement: Select[Any] = select(Deal.id)
    if asked.segment or asked.q:
        statement = statement.outerjoin(Account, Account.id == Deal.account_id)
    return statement.where(*asked.conditions())


def _in_window() -> ColumnElement[bool]:
    _, today, months = as_of()
    return and_(Deal.close_date > months_before(today, months), Deal.close_date <= today)


def _tie_conditions(asked: Filters) -> list[ColumnElement[bool]]:
    if asked.ties == NONE:
        return [~select(Blocker.id).where(Blocker.deal_id == Deal.id).exists()]
    if not (asked.problem or asked.ties):
        return []
    # Of one problem: its ties, by their index. Of any: a look for each deal that the order offers.
    tied = select(Blocker.deal_id)
    if asked.ties in ("counting", "holding"):
        tied = tied.where(Blocker.counts if asked.ties == "counting" else Blocker.holds)
    if asked.problem:
        return [Deal.id.in_(tied.where(Blocker.problem_id == asked.problem))]
    return [tied.where(Blocker.deal_id == Deal.id).exists()]


def _columns(*more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Deal.id, Deal.name, Deal.account_id, Account.name.label("account"), Account.fit,
        Deal.stage, Deal.status, Deal.lost_to, Deal.amount, Deal.close_date,
        Deal.own_needed_by.label("own_needed_by"), Deal.needed_by.label("needed_by"),
        CrmOwner.name.label("owner"), Deal.product, Deal.amount_source,
        Deal.vanished_on.label("vanished"), Deal.external_id,
        Account.external_id.label("account_key"), Deal.opened_on,
        dates.newest(IMPORT).label("date_in_crm"), Deal.probability, Deal.attributes,
    )  # fmt: skip
    return (
        select(*columns, *more)
        .select_from(Deal)
        .outerjoin(Account, Account.id == Deal.account_id)
        .outerjoin(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
    )


def _with_problems(lines: Sequence[Line]) -> list[Line]:
    """With the problems that they are tied to, by title."""
    rows: Any = db.session.execute(
        select(
            Blocker.deal_id, Problem.id, Problem.title, func.max(case((Blocker.counts, 1), else_=0))
        )
        .join(Problem, Problem.id == Blocker.problem_id)
        .where(Blocker.deal_id.in_([line.id for line in lines]))
        .group_by(Blocker.deal_id, Problem.id)
        .order_by(Problem.sort_key, Problem.id)
    )
    found: dict[int, list[tuple[int, str, bool]]] = {}
    for deal_id, id, title, counts in rows:
        found.setdefault(deal_id, []).append((id, title, bool(counts)))
    return [line._replace(problems=tuple(found.get(line.id, ()))) for line in lines]
