"""A preview's consequences as the preview shows them and the ledger keeps them: with names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select

from roadmap.domain.deals import ready_date
from roadmap.domain.impact import Commitment, Shift, Worsened
from roadmap.domain.money import half_up
from roadmap.extensions import db
from roadmap.models import Account, CrmOwner, Deal, User
from roadmap.planning.evidence import holding_problems
from roadmap.workspace import clock

from . import wording
from .previews import Preview
from .relied import NOBODY, Relied, relied

_Dates = dict[int, date | None]


class Moved(NamedTuple):
    """An initiative whose forecast moves. `weeks` is None where a finish is missing."""

    id: str
    title: str
    owner_id: int | None
    owner: str | None
    rank: int | None
    start_before: date | None
    finish_before: date | None
    start_after: date | None
    finish_after: date | None
    weeks: int | None
    causes: tuple[str, ...]

    @property
    def quarter_before(self) -> str:
        return _quarter(self.finish_before)

    @property
    def quarter_after(self) -> str:
        return _quarter(self.finish_after)


class ReachedDeal(NamedTuple):
    """A deal that is put out of reach, or brought within it. The rep may be unreachable."""

    id: int
    name: str
    account: str
    rep: str
    rep_user: str | None
    amount: int | None
    amount_source: str | None
    fit: int
    needed_by: date | None
    ready_before: date | None
    ready_after: date | None


class Kept(NamedTuple):
    """A promise that breaks, is mended, taken back or missed by more. `finish` is its forecast
    after the change.
    """

    id: str
    title: str
    to: str
    owner_id: int | None
    finish: date | None
    date: date


class Told(NamedTuple):
    """Somebody to tell, why, and whether they are somebody who signs in here."""

    name: str
    why: str
    reachable: bool


@dataclass(frozen=True)
class Consequences:
    """Everything that a preview shows. Lists hold at most `limit` entries; counts are whole."""

    preview: Preview
    limit: int | None = None

    @cached_property
    def sentence(self) -> str:
        return wording.sentence(self.preview, self.counted_on)

    @cached_property
    def counted_on(self) -> Relied:
        return relied(self.preview.impact) if self.preview.impact.withdrawn else NOBODY

    @cached_property
    def sponsor_reasons(self) -> list[str]:
        return wording.sponsor_reasons(self.preview)

    @cached_property
    def delayed(self) -> list[Moved]:
        """The longest delays first; those that lose their date before all."""
        shifts = sorted(self.preview.impact.delayed, key=_longest_first)
        return [self._moved(shift, explain=True) for shift in shifts[: self.limit]]

    @cached_property
    def advanced(self) -> list[Moved]:
        shifts = sorted(self.preview.impact.advanced, key=_longest_first)
        return [self._moved(shift, explain=False) for shift in shifts[: self.limit]]

    @cached_property
    def pushed(self) -> list[ReachedDeal]:
        return self._deals(self.preview.impact.reach.pushed)

    @cached_property
    def brought(self) -> list[ReachedDeal]:
        return self._deals(self.preview.impact.reach.brought)

    @cached_property
    def broken(self) -> list[Kept]:
        return [self._kept(promise) for promise in self.preview.impact.broken]

    @cached_property
    def mended(self) -> list[Kept]:
        return [self._kept(promise) for promise in self.preview.impact.mended]

    @cached_property
    def withdrawn(self) -> list[Kept]:
        return [self._kept(promise) for promise in self.preview.impact.withdrawn]

    @cached_property
    def worsened(self) -> list[Kept]:
        return [self._kept(promise) for promise in self.preview.impact.worsened]

    @cached_property
    def relied(self) -> list[ReachedDeal]:
        """The deals that counted on what is taken back, the largest first."""
        return self._deals([str(id) for id in self.counted_on.ids])

    @cached_property
    def net_weighted(self) -> int:
        """Net in cents, each deal by its fit, rounded half up."""
        return half_up(self.preview.impact.reach.net_weighted, 100)

    @cached_property
    def unknown_amounts(self) -> int:
        """How many of the deals count 0 because nobody knows their amount."""
        return len(self.preview.impact.reach.unknown)

    @cached_property
    def to_tell(self) -> list[Told]:
        """Owners of what is delayed or was promised, reps of what is pushed out or had counted on a
        date, holders of what breaks, is missed by more or is taken back.
        """
        why: dict[tuple[str, bool], list[str]] = {}
        for moved in self.delayed:
            if moved.owner:
                why.setdefault((moved.owner, True), []).append(f"owns “{moved.title}”")
            else:
                nobody = ("Nobody yet", False)
                why.setdefault(nobody, []).append(f"“{moved.title}” has no owner")
        for promise in self.withdrawn:
            if owner := self._owner_of(promise.id):
                why.setdefault((owner, True), []).append(f"owns “{promise.title}”")
        for deal in (*self.pushed, *self.relied):
            who = (deal.rep_user, True) if deal.rep_user else (deal.rep or "No rep", False)
            why.setdefault(who, []).append(f"sells “{deal.name}”")
        for promise in (*self.broken, *self.worsened, *self.withdrawn):
            who = (promise.to, False)
            why.setdefault(who, []).append(f"was promised “{promise.title}”")
        return [Told(name, _few(reasons), reach) for (name, reach), reasons in why.items()]

    def _moved(self, shift: Shift, *, explain: bool) -> Moved:
        impact, picture = self.preview.impact, self.preview.picture
        card = picture.cards.get(shift.id)
        causes = wording.causes(self.preview, shift.id, self._titles, 6) if explain else ()
        return Moved(
            shift.id,
            self._titles[shift.id],
            card.owner_id if card else None,
            card.owner if card else None,
            impact.after_plan.ranks.get(shift.id),
            impact.before.start(shift.id),
            shift.before,
            impact.after.start(shift.id),
            shift.after,
            shift.weeks,
            tuple(causes),
        )

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {id: one.title for id, one in self.preview.impact.after_plan.initiatives.items()}

    def _owner_of(self, id: str) -> str | None:
        card = self.preview.picture.cards.get(id)
        return card.owner if card else None

    def _kept(self, promise: Commitment | Worsened) -> Kept:
        card = self.preview.picture.cards.get(promise.id)
        owner = card.owner_id if card else None
        finish = self.preview.impact.after.finish(promise.id)
        title = self._titles[promise.id]
        return Kept(promise.id, title, promise.to, owner, finish, promise.date)

    def _deals(self, ids: Sequence[str]) -> list[ReachedDeal]:
        shown = [int(id) for id in ids[: self.limit]]
        rows = {row[0]: row for row in deal_rows(shown)}
        before, after = self._ready_dates(shown)
        return [
            ReachedDeal._make((*rows[id], before.get(id), after.get(id)))
            for id in shown
            if id in rows
        ]

    def _ready_dates(self, ids: list[int]) -> tuple[_Dates, _Dates]:
        """When each deal's last problem is solved, before and after; None where never."""
        blockers = holding_problems(ids)
        before, after = (
            {id: ready_date(problems, solved) for id, problems in blockers.items()}
            for solved in (self.preview.picture.solved, self.preview.impact.solved_after)
        )
        return before, after


def deal_rows(ids: list[int]) -> list[Any]:
    """Name, account, rep, the user behind the rep, amount and its source, fit and date of deals."""
    rows: list[Any] = []
    for start in range(0, len(ids), 5000):
        rows += db.session.execute(
            select(
                Deal.id,
                Deal.name,
                db.func.coalesce(Account.name, ""),
                db.func.coalesce(CrmOwner.name, ""),
                User.name,
                Deal.amount,
                Deal.amount_source,
                db.func.coalesce(Account.fit, 0),
                Deal.needed_by,
            )
            .outerjoin(Account, Account.id == Deal.account_id)
            .outerjoin(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
            .outerjoin(User, (User.id == CrmOwner.user_id) & User.active)
            .where(Deal.id.in_(ids[start : start + 5000]))
        ).all()
    return rows


def _longest_first(shift: Shift) -> tuple[bool, int]:
    return shift.weeks is not None, -(shift.weeks or 0)


def _quarter(day: date | None) -> str:
    return "no date" if day is None else clock.quarter_label(clock.quarter(day))


def _few(reasons: list[str]) -> str:
    shown = ", ".join(reasons[:3])
    return shown if len(reasons) <= 3 else f"{shown} and {len(reasons) - 3} more"
