"""Losses that were claimed as Product and verified as something else: work that was spared.

Source: win-loss semantics, Buckets (false loss, hidden product loss).

What engineering was spared is said in two ways, neither of them a guess: the whole amount of the
false losses, and the person-weeks that are left of those initiatives off which the false losses
took their last deal. An initiative lost weight when it addresses a problem that a false loss had
claimed; it is spared when no open and no lost deal counts for any of its problems any more. Each
initiative's weeks are taken once, however many false losses it had; without an estimate they are
unknown, and counted beside. A shipped one spares nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Subquery, and_, case, func, select

from roadmap.domain.collation import sort_key
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.plan import SHIPPED
from roadmap.domain.winloss import BUCKETS, CLAIMED, PRODUCT, REP
from roadmap.extensions import db
from roadmap.market import figures, reps
from roadmap.market.kept import kept
from roadmap.models import Blocker, Deal, Initiative, LossReason, Problem, ProblemTie
from roadmap.planning.picture import Picture

from . import facts, together
from .facts import Coverage
from .filters import Filters
from .segments import Tally

DAYS_PER_WEEK = 5


class Claim(NamedTuple):
    """False losses alike: whose deals they were, and whether the rep or only CRM claimed them."""

    owner_id: int | None
    owner: str
    by_rep: Tally
    by_crm: Tally

    @property
    def deals(self) -> int:
        return self.by_rep.deals + self.by_crm.deals

    @property
    def amount(self) -> int:
        return self.by_rep.amount + self.by_crm.amount

    @property
    def unknown(self) -> int:
        return self.by_rep.unknown + self.by_crm.unknown


class Relieved(NamedTuple):
    """An initiative that lost weight: false losses that no longer count for it, the deals that
    still do, and what is left of it in person-weeks (None without an estimate)."""

    id: int
    title: str
    state: str
    false: Tally
    deals_left: int
    weeks: Fraction | None

    @property
    def spared(self) -> bool:
        return not self.deals_left and self.state != SHIPPED


@dataclass(frozen=True)
class Report:
    asked: Filters
    since: date | None
    total: Tally
    by_rep: Tally
    by_crm: Tally
    claims: tuple[Claim, ...]
    initiatives: tuple[Relieved, ...]
    hidden: Tally
    coverage: Coverage
    undated: int

    @property
    def spared(self) -> list[Relieved]:
        return [each for each in self.initiatives if each.spared]

    @property
    def weeks(self) -> Fraction:
        return sum((each.weeks for each in self.spared if each.weeks), Fraction(0))

    @property
    def unestimated(self) -> int:
        return sum(each.weeks is None for each in self.spared)


def report(asked: Filters, picture: Picture) -> Report:
    """The source filter has no say here: a false loss is what two sources say differently."""
    asked = whatever_source(asked)
    since = asked.since()
    claims, hidden, ties, covered, undated = kept(
        ("false losses", figures.as_of(), asked),
        lambda: (
            *_claims(asked, since),
            _relieved(asked, since),
            together.coverage(asked, since),
            facts.undated_losses(asked, since),
        ),
    )
    names = reps.names()
    found = [
        Claim(owner, "Nobody" if owner is None else names[owner], *tallies)
        for owner, tallies in claims.items()
    ]
    found.sort(key=lambda claim: (-claim.deals, -claim.amount, sort_key(claim.owner)))
    by_rep = _added([claim.by_rep for claim in found])
    by_crm = _added([claim.by_crm for claim in found])
    return Report(
        asked,
        since,
        _added([by_rep, by_crm]),
        by_rep,
        by_crm,
        tuple(found),
        _initiatives(picture, ties),
        hidden,
        covered,
        undated,
    )


def whatever_source(asked: Filters) -> Filters:
    return asked._replace(source="")


def is_false(why: CTE) -> ColumnElement[bool]:
    """Claimed as Product, verified as something else."""
    return and_(why.c.claimed_product > 0, verified_weight(why) > 0, why.c.verified_product == 0)


def is_hidden(why: CTE) -> ColumnElement[bool]:
    """Claimed as something else, verified as Product."""
    others = claimed_weight(why) > 0
    return and_(why.c.claimed_product == 0, others, why.c.verified_product > 0)


def rep_claims() -> ColumnElement[bool]:
    """Whether the rep said Product; otherwise only CRM's pick-list did."""
    said = (
        select(table.id)
        .where(table.deal_id == Deal.id, table.bucket == PRODUCT, table.source == REP)
        .exists()
        for table in (Blocker, LossReason)
    )
    one, other = said
    return one | other


def verified_weight(why: CTE) -> ColumnElement[Any]:
    """Null without any reason; 0 without a verified one."""
    return _weight(why, "verified")


def claimed_weight(why: CTE) -> ColumnElement[Any]:
    """Null without any reason; 0 without a claimed one."""
    return _weight(why, "claimed")


def _weight(why: CTE, kind: str) -> ColumnElement[Any]:
    first, *others = (why.c[f"{kind}_{bucket}"] for bucket in BUCKETS)
    found: ColumnElement[Any] = first
    for other in others:
        found = found + other
    return found


_Claims = Mapping[int | None, tuple[Tally, Tally]]


def _claims(asked: Filters, since: date | None) -> tuple[_Claims, Tally]:
    """False losses by CRM owner, what the rep claimed and what only CRM's pick-list did; and the
    hidden product losses."""
    why = facts.reasons()
    found = (
        facts.from_deals(
            asked,
            reps.of_deal().label("crm_owner_id"),
            rep_claims().label("by_rep"),
            is_false(why).label("is_false"),
            Deal.amount,
        )
        .join(why, why.c.deal_id == Deal.id)
        .where(facts.lost_at(asked.as_of, since), is_false(why) | is_hidden(why))
        .subquery()
    )
    alike = found.c.is_false, found.c.crm_owner_id, found.c.by_rep
    claims: dict[int | None, list[Tally]] = defaultdict(lambda: [Tally(), Tally()])
    hidden = Tally()
    for false, owner, by_rep, *sums in db.session.execute(
        select(*alike, *_sums(found)).group_by(*alike)
    ):
        if false:
            claims[owner][0 if by_rep else 1] = _read(sums)
        else:
            hidden = _added([hidden, _read(sums)])
    return {owner: (by_rep, by_crm) for owner, (by_rep, by_crm) in claims.items()}, hidden


class _Tie(NamedTuple):
    id: int
    title: str
    state: str
    false: Tally
    deals_left: int


def _relieved(asked: Filters, since: date | None) -> list[_Tie]:
    """Initiatives that address a problem which a false loss claimed, each deal once for each."""
    why = facts.reasons()
    tied = (
        facts.from_deals(asked, ProblemTie.initiative_id, Deal.id, Deal.amount)
        .join(why, why.c.deal_id == Deal.id)
        .join(Blocker, and_(Blocker.deal_id == Deal.id, Blocker.bucket == PRODUCT))
        .join(Problem, Problem.id == Blocker.problem_id)
        .join(ProblemTie, ProblemTie.problem_id == Problem.id)
        .where(facts.lost_at(asked.as_of, since), is_false(why), Blocker.source.in_(CLAIMED))
        .distinct()
        .subquery()
    )
    rows = db.session.execute(
        select(Initiative.id, Initiative.title, Initiative.state, *_sums(tied))
        .join(Initiative, Initiative.id == tied.c.initiative_id)
        .group_by(Initiative.id, Initiative.title, Initiative.state)
    ).all()
    left = _deals_left([row[0] for row in rows])
    return [
        _Tie(id, title, state, _read(sums), left.get(id, 0)) for id, title, state, *sums in rows
    ]


def _deals_left(initiative_ids: Sequence[int]) -> Mapping[int, int]:
    """How many open and lost deals still count for each: of any time, whatever the filters."""
    return _pairs(
        select(ProblemTie.initiative_id, func.count(Blocker.deal_id.distinct()))
        .join(Blocker, and_(Blocker.problem_id == ProblemTie.problem_id, Blocker.counts))
        .join(Deal, Deal.id == Blocker.deal_id)
        .where(ProblemTie.initiative_id.in_(initiative_ids), Deal.status.in_((OPEN, LOST)))
        .group_by(ProblemTie.initiative_id)
    )


def _initiatives(picture: Picture, ties: Sequence[_Tie]) -> tuple[Relieved, ...]:
    found = []
    for tie in ties:
        known = picture.plan.initiatives.get(str(tie.id))
        days = known.person_days if known is not None else None
        weeks = None if days is None else Fraction(days, DAYS_PER_WEEK)
        found.append(Relieved(*tie, weeks))
    found.sort(key=lambda each: (-each.false.deals, -each.false.amount, sort_key(each.title)))
    return tuple(found)


def _sums(found: Subquery) -> list[Any]:
    return [
        func.count(),
        func.coalesce(func.sum(found.c.amount), 0),
        func.count(case((found.c.amount.is_(None), 1))),
    ]


def _read(row: Sequence[Any]) -> Tally:
    return Tally(*(int(value) for value in row))


def _added(tallies: Sequence[Tally]) -> Tally:
    return Tally(*(sum(column) for column in zip(*tallies, strict=True))) if tallies else Tally()


def _pairs(statement: Any) -> Mapping[int, Any]:
    rows: Any = db.session.execute(statement)
    return dict(rows.all())
