"""What merging two accounts would do, without doing it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from roadmap.domain.deals import OPEN
from roadmap.domain.money import half_up
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Conversation, Deal, Problem, Request, Segment
from roadmap.workspace.account_names import account_has

from .accounts import Sums, sums_of
from .merging import SEGMENT, Fact, after, classified, facts

#: So many accounts, and pairs of deals, are shown.
MOST = 20


class Weighed(NamedTuple):
    """A problem that holds open deals of either account; amounts weighted by ICP fit, in cents."""

    id: int
    title: str
    accounts: int
    before: int
    after: int


@dataclass(frozen=True)
class MergePreview:
    gone: Account
    kept: Account
    deals: Sequence[Sums]
    """Of the one that goes, of the one that stays, of both together."""
    segments: Sequence[str]
    fits: Sequence[int]
    """In percent; in the same order."""
    requests: int
    conversations: int
    facts: Sequence[Fact]
    problems: Sequence[Weighed]
    twins: Sequence[tuple[int, str, int, str]]
    """Deals that may be one: id and name of either account's."""

    @property
    def filled(self) -> list[Fact]:
        """What the one that stays did not know."""
        return [fact for fact in self.facts if fact.kept is None]

    @property
    def conflicts(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.kept is not None]


def preview(gone: Account, kept: Account, chosen: Collection[str]) -> MergePreview:
    fit, segment = classified(after(gone, kept, chosen))
    sums = sums_of(gone.id), sums_of(kept.id)
    fits = gone.fit, kept.fit, fit
    return MergePreview(
        gone,
        kept,
        (*sums, Sums(*map(sum, zip(*sums, strict=True)))),
        [_segment(id) for id in (gone.segment_id, kept.segment_id, segment)],
        fits,
        _count(Request, gone.id),
        _count(Conversation, gone.id),
        [
            fact._replace(
                gone=_segment(fact.gone), kept=None if fact.kept is None else _segment(fact.kept)
            )
            if fact.key == SEGMENT
            else fact
            for fact in facts(gone, kept)
        ],
        _weighed(gone.id, kept.id, fits),
        _twins(gone.id, kept.id),
    )


def candidates(account: Account, words: str) -> Sequence[tuple[int, str, str | None]]:
    """Accounts that it may be one with: id, name and region of those with these words or, without
    any, with the first word of its name."""
    words = words or next((word for word in account.name.split() if len(word) > 2), account.name)
    rows = db.session.execute(
        select(Account.id, Account.name, Account.region)
        .where(account_has(words), Account.id != account.id)
        .order_by(Account.sort_key, Account.id)
        .limit(MOST)
    )
    return [(id, name, region) for id, name, region in rows]


def _segment(id: int | None) -> str:
    segment = db.session.get(Segment, id) if id else None
    return segment.name if segment else "Unassigned"


def _count(table: Any, account_id: int) -> int:
    found = select(func.count()).select_from(table).where(table.account_id == account_id)
    return db.session.scalar(found) or 0


def _weighed(gone: int, kept: int, fits: tuple[int, int, int]) -> list[Weighed]:
    held = select(Blocker.problem_id, Blocker.deal_id).where(Blocker.holds).distinct().subquery()
    rows = db.session.execute(
        select(Problem.id, Problem.title, Deal.account_id, func.sum(Deal.amount))
        .join(held, held.c.problem_id == Problem.id)
        .join(Deal, Deal.id == held.c.deal_id)
        .where(Deal.account_id.in_((gone, kept)), Deal.status == OPEN)
        .group_by(Problem.id, Problem.title, Deal.account_id)
    )
    found: dict[tuple[int, str], dict[int, int]] = {}
    for id, title, account, amount in rows:
        found.setdefault((id, title), {})[account or 0] = int(amount or 0)
    of = {gone: fits[0], kept: fits[1]}
    lines = [
        Weighed(
            id, title, len(amounts),
            half_up(sum(amount * of[account] for account, amount in amounts.items()), 100),
            half_up(sum(amounts.values()) * fits[2], 100),
        )
        for (id, title), amounts in found.items()
    ]  # fmt: skip
    changed = [line for line in lines if line.before != line.after or line.accounts > 1]
    return sorted(changed, key=lambda line: (-line.after, line.id))[:MOST]


def _twins(gone: int, kept: int) -> list[tuple[int, str, int, str]]:
    a, b = aliased(Deal), aliased(Deal)
    alike = and_(a.amount == b.amount, a.status == b.status, a.close_date == b.close_date)
    rows = db.session.execute(
        select(a.id, a.name, b.id, b.name)
        .join(b, and_(b.account_id == kept, or_(a.search_text == b.search_text, alike)))
        .where(a.account_id == gone)
        .order_by(a.id, b.id)
        .limit(MOST)
    )
    return [(one, name, other, called) for one, name, other, called in rows]
