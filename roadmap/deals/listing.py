"""The list of deals: its filters, its order, and what it adds up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, case, func, literal, select, union_all

from roadmap.domain.calendar import months_before
from roadmap.domain.collation import sort_key
from roadmap.domain.deals import STATUSES
from roadmap.domain.statements import IMPORT
from roadmap.evidence import dates
from roadmap.extensions import db, streamed
from roadmap.market.figures import as_of
from roadmap.market.kept import kept
from roadmap.models import Account, Blocker, CrmOwner, Deal, Problem, Segment
from roadmap.web import arguments, paging
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


class Filters(NamedTuple):
    """What the list is narrowed to. `segment` and `owner` may be "none"."""

    status: str = ""
    account: int | None = None
    segment: int | str | None = None
    product: str = ""
    owner: int | str | None = None
    problem: int | None = None
    ties: str = ""
    window: str = ""
    """"1" leaves those that closed in the trailing window."""
    q: str = ""


def filters() -> Filters:
    """As the address has them."""
    return arguments.filters(Filters, status=STATUSES, ties=TIES, window=("1",))


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
    problems: tuple[tuple[int, str, bool], ...]
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


def page_of_deals(asked: Filters, sort: str) -> Page:
    """One page in one query, whatever the table's size, where an index has the order."""
    order = ORDERS[sort]
    where = paging.place(order)
    few = sums(asked).ids
    base = _filtered(asked) if few is None else select(Deal.id).where(Deal.id.in_(sorted(few)))
    found = paging.keys(order, Deal.id.expression, base, where)
    by = paging.sorted_by(order, found, backwards=where.backwards)
    ids = select(found).order_by(*by).limit(paging.PAGE + 1).subquery()
    statement = (
        _columns(ids.c.key, Blocker.problem_id, Problem.title, Blocker.counts)
        .join(ids, ids.c.id == Deal.id)
        .outerjoin(Blocker, Blocker.deal_id == Deal.id)
        .outerjoin(Problem, Problem.id == Blocker.problem_id)
        .order_by(
            *paging.sorted_by(order, ids, backwards=where.backwards), Problem.sort_key, Problem.id
        )
    )
    lines: dict[int, tuple[Any, Line]] = {}
    for row in db.session.execute(statement):
        key, line = lines.get(row.id) or (row.key, _line(row))
        lines[row.id] = key, _with_problem(line, row.problem_id, row.title, row.counts)
    found_page = paging.page(list(lines.values()), where, lambda each: (each[0], each[1].id))
    return replace(found_page, rows=[line for _, line in found_page.rows])


def all_deals(asked: Filters, sort: str) -> Iterator[Line]:
    """Every deal that the filters let through, in order, read as they are asked for."""
    order = ORDERS[sort]
    direction = order.key.desc() if order.descending else order.key.asc()
    last = Deal.id.desc() if order.descending else Deal.id.asc()
    statement = _columns().where(*_conditions(asked))
    for row in streamed(statement.order_by(order.key.is_(None), direction, last)):
        yield _line(row)


def sums(asked: Filters) -> Sums:
    """Count, sum and, where they are few, the ids: one query that may have to read every row.

    Kept while the evidence stays, so that a search without a match is made once, not per page.
    """
    return kept(("deal sums", *as_of(), asked), lambda: _sums(asked))


def _sums(asked: Filters) -> Sums:
    found = _filtered(asked).with_only_columns(Deal.id, Deal.amount).cte("found")
    totals = select(
        literal(0),
        func.count(),
        func.coalesce(func.sum(found.c.amount), 0),
        func.count(case((found.c.amount.is_(None), 1))),
    ).select_from(found)
    if asked == Filters():
        return _summed(db.session.execute(totals).one())
    few = select(found.c.id).limit(FEW + 1).subquery()
    ids = select(few.c.id, literal(0), literal(0), literal(0))
    rows: Sequence[Any] = db.session.execute(union_all(totals, ids)).all()
    listed = frozenset(row[0] for row in rows if row[0])
    (total,) = [row for row in rows if not row[0]]
    return _summed(total)._replace(ids=listed if len(listed) <= FEW else None)


def _summed(row: Any) -> Sums:
    return Sums(int(row[1]), int(row[2]), int(row[3]))


def choices() -> Choices:
    """In one query, kept while nothing that they name changes."""
    return kept(
        ("deal choices", as_of()[0], workspace().plan_revision), _choices
    )  # fmt: skip


def named(asked: Filters) -> dict[str, str]:
    """What the ids in the filters are called, for the filters that no select shows."""
    known = {"account": (Account.name, Account.id), "problem": (Problem.title, Problem.id)}
    parts = [
        select(literal(name).label("filter"), column.label("text")).where(id == value)
        for name, (column, id) in known.items()
        if (value := getattr(asked, name))
    ]
    if not parts:
        return {}
    rows: Any = db.session.execute(union_all(*parts))
    return {row.filter: row.text for row in rows}


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
    return statement.where(*_conditions(asked))


def _conditions(asked: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.status:
        conditions.append(Deal.status == asked.status)
    if asked.account:
        conditions.append(Deal.account_id == asked.account)
    if asked.segment:
        conditions.append(_is(Account.segment_id, asked.segment))
    if asked.window:
        _, today, months = as_of()
        conditions += [
            Deal.close_date > months_before(today, months),
            Deal.close_date <= today,
        ]
    if asked.product:
        conditions.append(Deal.product == asked.product)
    if asked.owner:
        conditions.append(_is(Deal.crm_owner_id, asked.owner))
    if asked.q:
        conditions.append(has(asked.q, Deal.search_text, Account.search_text))
    return [*conditions, *_tie_conditions(asked)]


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


def _is(column: Any, value: int | str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if value == NONE else column == value
    return found


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


#: The fields of a line that its row has.
_OF_ROW = Line._fields[:-1]


def _line(row: Row[Any]) -> Line:
    return Line(**{name: getattr(row, name) for name in _OF_ROW}, problems=())


def _with_problem(line: Line, id: int | None, title: str, counts: bool) -> Line:
    if id is None:
        return line
    if line.problems and line.problems[-1][0] == id:
        counts = counts or line.problems[-1][2]
        return line._replace(problems=(*line.problems[:-1], (id, title, counts)))
    return line._replace(problems=(*line.problems, (id, title, counts)))
