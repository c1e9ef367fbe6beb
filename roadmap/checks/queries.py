"""Each check reads and says, line by line, what is wrong; nothing means that all is right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, and_, exists, func, or_, select, text

from roadmap.domain.interviews import HELD, LOSS_INTERVIEW
from roadmap.domain.needs import find_cycle
from roadmap.domain.plan import ON_BOARD
from roadmap.domain.plan import Initiative as PlannedInitiative
from roadmap.domain.statements import INTERVIEW, REPORT, REQUEST
from roadmap.evidence import counting, dates, roots
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.market import classify
from roadmap.models import (
    PROMISE_DIRECTIONS,
    Account,
    AccountName,
    Base,
    Conversation,
    DealReport,
    Initiative,
    MovedDeal,
    MovedForecast,
    MovedPromise,
    Need,
    Notice,
    Request,
    Statement,
    Tradeoff,
    User,
    Workspace,
)
from roadmap.planning import totals

from . import requests
from .replay import Event, replay

Check = Callable[[], Iterator[str]]

#: Who says something, besides hands and CRM.
ORIGINS: Mapping[str, Any] = {REQUEST: Request, INTERVIEW: Conversation, REPORT: DealReport}


def workspace_row() -> Iterator[str]:
    """The settings and the revision, without which nothing works."""
    count = db.session.scalar(select(func.count()).select_from(Workspace))
    if count != 1:
        yield f"the workspace has {count} rows instead of 1"


def ranks() -> Iterator[str]:
    """Who is on the board has a place in the order, of its own, and nobody else has one."""
    rows = db.session.execute(
        select(Initiative.id, Initiative.state, Initiative.position).order_by(Initiative.id)
    ).all()
    keys = Counter(position for _, _, position in rows if position is not None)
    for id, state, position in rows:
        if state in ON_BOARD and position is None:
            yield f"initiative {id} is {state} but has no place in the order"
        if state not in ON_BOARD and position is not None:
            yield f"initiative {id} is {state} but has a place in the order"
        if position is not None and keys[position] > 1:
            yield f"initiative {id} shares its place in the order with another"


def dates_of_deals() -> Iterator[str]:
    """A deal's own date is the newest that stands in its list."""
    for id in db.session.scalars(dates.wrong()):
        yield f"deal {id} is not needed by the newest date of its list"


def ledger_order() -> Iterator[str]:
    """Replaying the ledger from an empty board gives the present order."""
    rows = db.session.execute(
        select(Tradeoff.id, Tradeoff.initiative_id, Tradeoff.from_rank, Tradeoff.to_rank)
        .where(or_(Tradeoff.from_rank.is_not(None), Tradeoff.to_rank.is_not(None)))
        .order_by(Tradeoff.id)
    )
    replayed = replay(Event(id, initiative or 0, start, to) for id, initiative, start, to in rows)
    yield from replayed.wrong
    present = db.session.scalars(
        select(Initiative.id).where(Initiative.position.is_not(None)).order_by(Initiative.position)
    ).all()
    places = {id: rank for rank, id in enumerate(replayed.order, start=1)}
    for rank, id in enumerate(present, start=1):
        if places.get(id) != rank:
            where = f"at rank {places[id]}" if id in places else "off the board"
            yield f"initiative {id} stands at rank {rank}, but the ledger has it {where}"
    for id in places.keys() - set(present):
        yield f"initiative {id} is off the board, but the ledger has it at rank {places[id]}"


def ledger_revisions() -> Iterator[str]:
    """Each trade-off made a revision of its own, in order, and none that is still to come."""
    last = 0
    present = db.session.scalar(select(Workspace.revision)) or 0
    rows = db.session.execute(select(Tradeoff.id, Tradeoff.revision).order_by(Tradeoff.id))
    for id, revision in rows:
        if revision <= last:
            yield f"trade-off {id} has revision {revision}, not above the one before it"
        if revision > present:
            yield f"trade-off {id} has revision {revision}, but the workspace is at {present}"
        last = revision


def ledger_details() -> Iterator[str]:
    """What a trade-off counts is what its lists hold."""
    details = (
        (MovedForecast, ("delayed", "advanced")),
        (MovedDeal, ("pushed", "brought", "relied")),
        (MovedPromise, PROMISE_DIRECTIONS),
    )
    counted: dict[tuple[int, str], int] = {}
    sums: dict[tuple[int, str], int] = {}
    for model, _ in details:
        amount = func.coalesce(func.sum(model.amount), 0) if model is MovedDeal else func.count()
        for id, direction, count, total in db.session.execute(
            select(model.tradeoff_id, model.direction, func.count(), amount).group_by(
                model.tradeoff_id, model.direction
            )
        ):
            counted[id, direction] = count
            sums[id, direction] = int(total or 0)
    for row in db.session.execute(
        select(
            Tradeoff.id,
            Tradeoff.delayed_count, Tradeoff.advanced_count, Tradeoff.pushed_count,
            Tradeoff.brought_count, Tradeoff.broken_count, Tradeoff.mended_count,
            Tradeoff.pushed_amount, Tradeoff.brought_amount,
            Tradeoff.withdrawn_count, Tradeoff.relied_count, Tradeoff.relied_amount,
            Tradeoff.worsened_count,
        ).order_by(Tradeoff.id)
    ).mappings():  # fmt: skip
        id = row["id"]
        for direction in (name for _, names in details for name in names):
            says, lists = row[f"{direction}_count"], counted.get((id, direction), 0)
            if says != lists:
                yield f"trade-off {id} says {says} {direction}, but lists {lists}"
        for direction in ("pushed", "brought", "relied"):
            says, adds_up = row[f"{direction}_amount"], sums.get((id, direction), 0)
            if says != adds_up:
                yield (f"trade-off {id} says {says} cents {direction}, but its deals add up to "
                       f"{adds_up}")  # fmt: skip


def stored_totals() -> Iterator[str]:
    """What stands behind each initiative is what a fresh count finds."""
    row = db.session.scalar(select(Workspace))
    if row is not None:
        yield from totals.differences(row)


def statements() -> Iterator[str]:
    """What each statement is stored to count for is what all of its deal's come to, and it counts
    where its problem is now.
    """
    for deal, id, right in counting.wrong():
        weighs = "" if right.weight is None else f", and its reason weighs {right.weight}"
        yield (f"statement {id} of deal {deal} is stored otherwise than the deal's statements say: "
               f"it {'counts' if right.counts else 'does not count'}{weighs}")  # fmt: skip
    elsewhere = select(Statement.id, Statement.root_id).where(
        STANDING, Statement.root_id != roots.root_of(Statement.problem_id)
    )
    for id, root in db.session.execute(elsewhere.order_by(Statement.id)):
        yield f"statement {id} counts for problem {root}, which is not where its own problem went"


def origins() -> Iterator[str]:
    """Whoever says something is there, and what a cancelled interview said was ended."""
    for origin, model in ORIGINS.items():
        lost = select(Statement.id).where(
            Statement.origin == origin, Statement.origin_id.is_not(None),
            ~exists().where(model.id == Statement.origin_id),
        )  # fmt: skip
        for id in db.session.scalars(lost.order_by(Statement.id)):
            yield f"statement {id} is of {origin} that is not there"
    held = select(Statement.id).join(Conversation, Conversation.id == Statement.origin_id)
    for id in db.session.scalars(
        held.where(Statement.origin == INTERVIEW, STANDING, Conversation.state != HELD)
    ):
        yield f"statement {id} stands, but its interview was not held, or was withdrawn"
    saying = select(Statement.origin_id).where(Statement.origin == INTERVIEW, STANDING)
    for id in db.session.scalars(
        select(Conversation.id)
        .where(
            Conversation.kind == LOSS_INTERVIEW, Conversation.state == HELD,
            ~Conversation.would_not_say, Conversation.id.not_in(saying),
        )
        .order_by(Conversation.id)
    ):  # fmt: skip
        yield f"interview {id} gives no reason, and does not say that they would not"


def account_fit() -> Iterator[str]:
    """Each account's fit and segment are what the profile and the segments' rules give."""
    for change in classify.changes(classify.classifier()):
        if change.fit != change.fit_before:
            yield (f"account {change.id} has a fit of {change.fit_before} % stored, but the "
                   f"profile gives {change.fit} %")  # fmt: skip
        if change.segment != change.segment_before:
            yield (f"account {change.id} is in segment {change.segment_before or 'none'}, but the "
                   f"rules give {change.segment or 'none'}")  # fmt: skip


def merged_accounts() -> Iterator[str]:
    """An account that was merged into another is not there a second time."""
    again = select(Account.id, AccountName.name).join(
        AccountName, AccountName.external_id == Account.external_id
    )
    for id, name in db.session.execute(again):
        yield f"account {id} has the CRM id of “{name}”, which was merged into another"


def needs() -> Iterator[str]:
    """No initiatives wait for each other."""
    waits: dict[str, list[str]] = defaultdict(list)
    for id, needed in db.session.execute(select(Need.initiative_id, Need.needed_id)):
        waits[str(id)].append(str(needed))
    ids = db.session.scalars(select(Initiative.id))
    cycle = find_cycle(
        {str(id): PlannedInitiative(str(id), "", needs=tuple(waits[str(id)])) for id in ids}
    )
    if cycle:
        yield f"initiatives wait for each other: {' → '.join(cycle)}"


def unread_notices() -> Iterator[str]:
    """The figure on each bell is the number of unread notices behind it."""
    unread = func.count(Notice.id).filter(Notice.read_at.is_(None))
    statement = (
        select(User.id, User.unread_notices, unread)
        .outerjoin(Notice, Notice.user_id == User.id)
        .group_by(User.id, User.unread_notices)
        .having(unread != User.unread_notices)
        .order_by(User.id)
    )
    for id, stored, count in db.session.execute(statement):
        yield f"user {id} has {count} unread notices, but {stored} stored"


def orphans() -> Iterator[str]:
    """Whatever points to a row points to one that exists."""
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            missing = _dangling(table, constraint)
            if missing:
                columns = ", ".join(constraint.column_keys)
                yield (f"{table.name}.{columns}: {missing} rows point to no row of "
                       f"{constraint.referred_table.name}")  # fmt: skip


def database_file() -> Iterator[str]:
    """SQLite finds its own file whole."""
    if db.engine.dialect.name == "sqlite":
        found = db.session.scalars(text("PRAGMA integrity_check(20)")).all()
        yield from (str(line) for line in found if line != "ok")


#: In the order in which a person would look: what everything stands on first.
CHECKS: dict[str, Check] = {
    "the database's file": database_file,
    "the workspace": workspace_row,
    "the order": ranks,
    "the ledger against the order": ledger_order,
    "the ledger's revisions": ledger_revisions,
    "the ledger's lists": ledger_details,
    "needs": needs,
    "statements that count": statements,
    "dates of deals": dates_of_deals,
    "accounts' fit and segment": account_fit,
    "accounts that were merged": merged_accounts,
    "stored totals": stored_totals,
    "unread notices": unread_notices,
    **requests.CHECKS,
    "who said it": origins,
    "rows that others point to": orphans,
}


def _dangling(table: Table, constraint: ForeignKeyConstraint) -> int:
    other = constraint.referred_table.alias()
    pairs: list[Any] = [
        (element.parent, other.c[element.column.key]) for element in constraint.elements
    ]
    points = and_(*(column.is_not(None) for column, _ in pairs))
    hits = exists().where(*(column == target for column, target in pairs))
    statement = select(func.count()).select_from(table).where(points, ~hits)
    return db.session.scalar(statement) or 0
