"""Committing a change: one transaction for the order, the revision and the ledger's record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from roadmap.domain import changes
from roadmap.domain.change import Change
from roadmap.domain.errors import Conflict, NotAllowed, Refused
from roadmap.domain.roles import EXECUTIVE, PRODUCT
from roadmap.extensions import db
from roadmap.models import (
    PROMISE_DIRECTIONS,
    Initiative,
    MovedDeal,
    MovedForecast,
    MovedPromise,
    Problem,
    Tradeoff,
    User,
    Workspace,
)
from roadmap.planning import daily, totals
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.workspace import clock, revision

from . import present
from .apply import apply, touched_deals
from .consequences import Consequences, Moved, ReachedDeal
from .previews import Preview, preview_of

#: Makes a change from the board as it stands under the lock. Raises Refused.
Builder = Callable[[Picture], Change]


@dataclass(frozen=True)
class Signature:
    """Who commits a trade-off, who owns it, who sponsors it, and why."""

    by: User
    owner_id: int | None = None
    sponsor_id: int | None = None
    reason: str = ""


def commit(
    build: Builder,
    signature: Signature,
    *,
    shown: str | None = None,
    reverts_id: int | None = None,
    only_if_free: bool = False,
    prepare: Callable[[Workspace], None] | None = None,
) -> Tradeoff | None:
    """Make the change, with its record in the ledger; None when there was nothing to record.

    `shown` is the fingerprint of the impact that the person was shown: the same impact is
    committed, whatever happened to the board since. Raises Conflict when it is another one by now,
    Refused when the change makes no sense (any more), Refused when owner, sponsor or reason is
    missing, NotAllowed when it costs something and the person may not commit trade-offs. Nothing is
    written then. With `only_if_free`, a change with any consequence is Refused, too: it is to be
    shown first. `prepare` writes, under the lock, what the change needs to be there: the row of an
    initiative that has never been on the board.
    """
    with _all_or_nothing():
        daily.opened(clock.today())
        row = revision.lock()
        if prepare is not None:
            prepare(row)
        picture = pictures.current()
        preview = preview_of(picture, build(picture), reverts_id)
        _check(preview, signature, only_if_free, shown)
        entry = _carry_out(row, preview, signature)
        db.session.commit()
    return entry


def last() -> Tradeoff | None:
    """The newest event of the ledger: the only one that can be reverted."""
    return db.session.scalar(select(Tradeoff).order_by(Tradeoff.id.desc()).limit(1))


def reversal(id: int) -> Builder:
    """Builds the change that undoes the ledger's last event.

    The change is refused when the event is not the last any more, or when what it changed has been
    changed again without a record, as changes that delay nothing may be.
    """

    def build(picture: Picture) -> Change:
        newest = last()
        if newest is None or newest.id != id:
            raise Refused("Only the last trade-off can be reverted, and this is not the last.")
        change = changes.from_json(newest.inverse)
        if present.refreshed(change) != change:
            raise Refused("What it changed has been changed again since.")
        if isinstance(change, changes.ChangeTies):
            _refuse_merged([int(problem) for problem, _ in change.ties])
        return change

    return build


def _refuse_merged(problem_ids: list[int]) -> None:
    """A merged problem has no evidence: an initiative that addressed it would do so for nothing."""
    merged = db.session.scalar(
        select(Problem).where(Problem.id.in_(problem_ids), Problem.merged_into_id.is_not(None))
    )
    if merged is not None:
        raise Refused(f"“{merged.title}”, which it would address again, is merged by now.")


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    try:
        yield
    except BaseException:
        db.session.rollback()
        raise


def _check(preview: Preview, signature: Signature, only_if_free: bool, shown: str | None) -> None:
    if only_if_free and not (preview.impact.empty and not preview.gives_up):
        raise Refused(found=preview)
    if preview.needs_owner and signature.by.role not in (PRODUCT, EXECUTIVE):
        raise NotAllowed(found=preview)
    if shown is not None and shown != preview.fingerprint:
        raise Conflict(found=preview)
    if not preview.needs_owner:
        return
    errors = {}
    if not _is_one_of(signature.owner_id, (PRODUCT, EXECUTIVE)):
        errors["owner"] = "Say who owns this trade-off."
    if not signature.reason.strip():
        errors["reason"] = "Say why, for those who will ask."
    if signature.sponsor_id is None and preview.sponsor_reasons:
        errors["sponsor"] = "Name the executive who sponsors this."
    if signature.sponsor_id is not None and not _is_one_of(signature.sponsor_id, (EXECUTIVE,)):
        errors["sponsor"] = "A sponsor is an executive."
    if errors:
        raise Refused(errors=errors, found=preview)


def _is_one_of(user_id: int | None, roles: tuple[str, ...]) -> bool:
    user = db.session.get(User, user_id) if user_id else None
    return user is not None and user.active and user.role in roles


def _carry_out(row: Workspace, preview: Preview, signature: Signature) -> Tradeoff | None:
    plan, change = preview.picture.plan, preview.change
    inverse = change.inverse(plan)
    shown = Consequences(preview)
    details = (shown.delayed, shown.advanced, shown.pushed, shown.brought)
    touched = touched_deals(change)
    only_order = isinstance(change, changes.Move)
    # A move leaves every figure as it was: there is nothing to keep right.
    with nullcontext() if only_order else totals.keeping(touched):
        apply(change, plan)
    evidence = bool(touched) or isinstance(change, changes.ChangeFiscalStart)
    number = revision.count(row, plan=not only_order, order=only_order, evidence=evidence)
    if change.initiative_id is not None:
        db.session.execute(
            update(Initiative)
            .where(Initiative.id == int(change.initiative_id))
            .values(revision=number)
        )
    if not preview.recorded:
        return None
    entry = _entry(shown, signature, inverse, number)
    db.session.add(entry)
    db.session.flush()
    _record_details(entry.id, shown, *details)
    return entry


def _entry(shown: Consequences, signature: Signature, inverse: Change, number: int) -> Tradeoff:
    preview = shown.preview
    impact, change = preview.impact, preview.change
    reach = impact.reach
    start, to = preview.ranks
    team = getattr(change, "team", None)
    return Tradeoff(
        kind=change.kind,
        decided_at=clock.now(),
        as_of=preview.picture.today,
        revision=number,
        decided_by_id=signature.by.id,
        owner_id=signature.owner_id,
        sponsor_id=signature.sponsor_id,
        reason=signature.reason.strip(),
        sentence=shown.sentence,
        initiative_id=int(change.initiative_id) if change.initiative_id else None,
        team_id=int(team) if team else None,
        from_rank=start,
        to_rank=to,
        reverts_id=preview.reverts_id,
        change=change.as_json(),
        inverse=inverse.as_json(),
        delayed_count=len(impact.delayed),
        advanced_count=len(impact.advanced),
        pushed_count=len(reach.pushed),
        pushed_amount=reach.pushed_amount,
        pushed_weighted=reach.pushed_weighted,
        brought_count=len(reach.brought),
        brought_amount=reach.brought_amount,
        brought_weighted=reach.brought_weighted,
        broken_count=len(impact.broken),
        mended_count=len(impact.mended),
        sponsor_reasons=shown.sponsor_reasons,
        withdrawn_count=len(impact.withdrawn),
        worsened_count=len(impact.worsened),
        relied_count=len(shown.counted_on.ids),
        relied_amount=shown.counted_on.amount,
    )


def _record_details(
    id: int,
    shown: Consequences,
    delayed: list[Moved],
    advanced: list[Moved],
    pushed: list[ReachedDeal],
    brought: list[ReachedDeal],
) -> None:
    forecasts = [
        {
            "tradeoff_id": id, "initiative_id": int(moved.id), "direction": direction,
            "title": moved.title, "owner_id": moved.owner_id,
            "start_before": moved.start_before, "finish_before": moved.finish_before,
            "start_after": moved.start_after, "finish_after": moved.finish_after,
            "weeks": moved.weeks, "causes": list(moved.causes),
        }
        for direction, listed in (("delayed", delayed), ("advanced", advanced))
        for moved in listed
    ]  # fmt: skip
    deals = [
        {
            "tradeoff_id": id, "deal_id": deal.id, "direction": direction, "name": deal.name,
            "account": deal.account, "rep": deal.rep, "amount": deal.amount, "fit": deal.fit,
            "needed_by": deal.needed_by, "ready_before": deal.ready_before,
            "ready_after": deal.ready_after,
        }
        for direction, reached in (
            ("pushed", pushed), ("brought", brought), ("relied", shown.relied)
        )
        for deal in reached
    ]  # fmt: skip
    promises = [
        {
            "tradeoff_id": id, "initiative_id": int(kept.id), "direction": direction,
            "title": kept.title, "date": kept.date, "to": kept.to,
        }
        for direction in PROMISE_DIRECTIONS
        for kept in getattr(shown, direction)
    ]  # fmt: skip
    for model, rows in ((MovedForecast, forecasts), (MovedDeal, deals), (MovedPromise, promises)):
        if rows:
            db.session.execute(insert(model), rows)
