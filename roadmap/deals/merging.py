"""Accounts that are one: merged by hand, and taken apart again.

The merged account leaves `accounts`, so that every figure counts it no more; its name and its ids
stay among the names of the one that it was merged into, with what is needed to go back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, NoReturn

from sqlalchemy import select, update

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.interviews import CANCELLED
from roadmap.extensions import db
from roadmap.market import classify
from roadmap.market.rules import attribute_name
from roadmap.models import Account, AccountName, Conversation, Deal, Request, Segment, Workspace
from roadmap.models.base import chunks
from roadmap.planning import daily, totals
from roadmap.workspace import clock, revision

from .actions import deal_ids_of, reclassify

#: What an account keeps apart from its attributes; a segment counts where it was set by hand.
OWN, SEGMENT = classify.OWN_ATTRIBUTES, "segment by hand"
#: All that is stored of an account that leaves.
STORED = ("external_id", "name", *OWN, "attributes", "segment_id", "segment_by_hand")


class Fact(NamedTuple):
    """Something known of both accounts, or of the one that goes alone (`kept` is None then)."""

    key: str
    label: str
    gone: Any
    kept: Any


def facts(gone: Account, kept: Account) -> list[Fact]:
    """What the account that goes says where the other says nothing, or something else."""
    mine, theirs = _said(gone), _said(kept)
    return [
        Fact(key, "Segment" if key == SEGMENT else attribute_name(key), value, theirs.get(key))
        for key, value in mine.items()
        if value not in (None, "") and value != theirs.get(key)
    ]


def after(gone: Account, kept: Account, chosen: Collection[str]) -> dict[str, Any]:
    """What is known of both together: of the one that goes what the other does not know, and what
    was chosen."""
    taken = {f.key: f.gone for f in facts(gone, kept) if f.kept is None or f.key in chosen}
    return _said(kept) | taken


def classified(said: Mapping[str, Any]) -> tuple[int, int | None]:
    """The fit in percent and the segment's id of an account of which this is known."""
    values = classify.values_of(
        said[classify.INDUSTRY], said[classify.REGION], said[classify.EMPLOYEES],
        said[classify.REVENUE], said,
    )  # fmt: skip
    fit, segment = classify.classifier()(values)
    return fit, (said[SEGMENT] or None) if SEGMENT in said else segment


def merge(
    gone_id: int,
    kept_id: int,
    by_id: int,
    *,
    chosen: Collection[str],
    seen: tuple[int, date | None],
) -> None:
    """Let one account be part of another: deals, requests, conversations, names, and facts where
    the other has none or `chosen` names them.

    Raises Conflict where plan, evidence or the day changed after the revision and the day that were
    `seen`, Refused where one of them is gone, or both are the same.
    """
    daily.opened(clock.today())
    row = revision.lock(seen[0])
    if seen[1] != clock.today():
        db.session.rollback()
        raise Conflict
    gone, kept = (db.session.get(Account, id, populate_existing=True) for id in (gone_id, kept_id))
    if gone is None or kept is None or gone is kept:
        _refuse("One of the accounts is gone, or both are the same.")
    moved: dict[str, Any] = {
        "account": {name: getattr(gone, name) for name in STORED},
        "deals": list(deal_ids_of([gone.id])),
        "requests": _ids(Request, gone.id),
        "names": _ids(AccountName, gone.id),
        "conversations": _conversations(gone.id),
        "before": _said(kept),
    }
    with totals.keeping([*moved["deals"], *deal_ids_of([kept.id])]):
        moved["after"] = after(gone, kept, chosen)
        _set(kept, moved["after"])
        reclassify(kept)
        _share_quarters(gone.id, kept.id)
        _move(row, moved, gone.id, kept.id)
        db.session.add(
            AccountName(
                account_id=kept.id, name=gone.name, external_id=gone.external_id,
                former_id=gone.id, moved=moved, by_id=by_id, at=clock.now(),
            )
        )  # fmt: skip
        db.session.delete(gone)
        db.session.flush()
    _count(row)


def split(name_id: int) -> int:
    """Take a merge back; the account's id. What came to the other one since stays there, and what
    was moved on since stays where it is. Raises Refused where something rests on the merge.
    """
    row = revision.lock()
    name = db.session.get(AccountName, name_id, populate_existing=True)
    if name is None or name.moved is None:
        _refuse("It was taken back already.")
    last = newest_merge(name.account_id)
    if last and last.id != name.id:
        _refuse(f"“{last.name}” was merged into it later. Take that back first.")
    kept, moved = name.account, name.moved
    with totals.keeping(deal_ids_of([kept.id])):
        now = _said(kept)
        fields = moved["before"].keys() | moved["after"].keys()
        was, became = ({key: moved[at].get(key) for key in fields} for at in ("before", "after"))
        _set(kept, {k: was[k] for k in fields if was[k] != became[k] == now.get(k)})
        reclassify(kept)
        again = Account(**moved["account"])
        if name.former_id and db.session.get(Account, name.former_id) is None:
            again.id = name.former_id
        if again.segment_id and db.session.get(Segment, again.segment_id) is None:
            again.segment_id, again.segment_by_hand = None, False
        reclassify(again)
        db.session.delete(name)
        db.session.add(again)
        db.session.flush()
        _move(row, moved, kept.id, again.id)
        for id, quarter in moved["conversations"]:
            asked = db.session.get(Conversation, id)
            if asked and quarter and asked.account_id == again.id and asked.state != CANCELLED:
                asked.ask_quarter = date.fromisoformat(quarter)
        db.session.flush()
    _count(row)
    return again.id


def newest_merge(account_id: int) -> AccountName | None:
    """The last account that was merged into this one: the one that can be taken apart again."""
    n = AccountName
    merges = select(n).where(n.account_id == account_id, n.former_id.is_not(None))
    return db.session.scalar(merges.order_by(n.at.desc(), n.id.desc()).limit(1))


def names_of(account_id: int) -> Sequence[AccountName]:
    """The names that an account is found by besides its own, the newest first."""
    n = AccountName
    named = select(n).where(n.account_id == account_id)
    return db.session.scalars(named.order_by(n.at.desc(), n.id.desc())).all()


def _said(account: Account) -> dict[str, Any]:
    """What is known of an account, by attribute: columns, imported ones, a segment set by hand."""
    own = {name: getattr(account, name) for name in OWN}
    said = own | account.attributes | own
    return said | ({SEGMENT: account.segment_id or 0} if account.segment_by_hand else {})


def _set(account: Account, values: Mapping[str, Any]) -> None:
    attributes = dict(account.attributes)
    for key, value in values.items():
        if key in OWN:
            setattr(account, key, value)
        elif key == SEGMENT:
            account.segment_by_hand, account.segment_id = value is not None, value or None
        elif value is None:
            attributes.pop(key, None)
        else:
            attributes[key] = value
    account.attributes = attributes


def _ids(table: Any, account_id: int) -> list[int]:
    return list(db.session.scalars(select(table.id).where(table.account_id == account_id)))


def _conversations(account_id: int) -> list[list[Any]]:
    c = Conversation
    rows = db.session.execute(select(c.id, c.ask_quarter).where(c.account_id == account_id))
    return [[id, quarter and quarter.isoformat()] for id, quarter in rows]


def _share_quarters(gone_id: int, kept_id: int) -> None:
    """Where both customers were asked in a quarter, the one that stays was."""
    c = Conversation
    taken = select(c.ask_quarter).where(c.account_id == kept_id, c.ask_quarter.is_not(None))
    quarters = db.session.scalars(taken).all()
    twice = update(c).where(c.account_id == gone_id, c.ask_quarter.in_(quarters))
    db.session.execute(twice.values(ask_quarter=None))


def _move(row: Workspace, moved: Mapping[str, Any], before: int, after: int) -> None:
    """Of what a merge moved, that which still belongs to one account belongs to the other."""
    row.intake_revision += 1
    conversations = [id for id, _ in moved["conversations"]]
    for table, ids, values in (
        (Deal, moved["deals"], {}),
        (Request, moved["requests"], {"revision": row.intake_revision}),
        (Conversation, conversations, {}),
        (AccountName, moved["names"], {}),
    ):
        for some in chunks(ids):
            change = update(table).where(table.id.in_(some), table.account_id == before)
            db.session.execute(
                change.values(account_id=after, **values).execution_options(
                    synchronize_session="fetch"
                )
            )


def _count(row: Workspace) -> None:
    revision.count(row, evidence=True)
    db.session.commit()


def _refuse(why: str) -> NoReturn:
    db.session.rollback()
    raise Refused(why)
