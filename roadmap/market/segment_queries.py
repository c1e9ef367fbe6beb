"""Segments and the profile as pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select, true

from roadmap.domain.collation import sort_key
from roadmap.domain.icp import Criterion
from roadmap.domain.money import half_up
from roadmap.extensions import db
from roadmap.models import Account, Deal, Segment

from . import classify, figures, rules
from .figures import NOTHING, Figures
from .kept import kept


class SegmentLine(NamedTuple):
    """A segment in the list. `id` is None for the unassigned; `fit` the mean of its accounts'."""

    id: int | None
    name: str
    description: str
    rules: tuple[str, ...]
    accounts: int
    by_hand: int
    fit: int | None
    figures: Figures


def segment_lines() -> list[SegmentLine]:
    """All segments in their order, and last the accounts that none of them takes."""
    counted = figures.by_segment()
    accounts = kept(("accounts by segment", *figures.as_of()), _accounts)
    lines = [
        _line(id, name, description, _sentences(stored), accounts, counted)
        for id, name, description, stored in db.session.execute(
            select(Segment.id, Segment.name, Segment.description, Segment.rules).order_by(
                Segment.position
            )
        )
    ]
    if None in accounts:
        lines.append(_line(None, "Unassigned", "", (), accounts, counted))
    return lines


def _line(
    id: int | None,
    name: str,
    description: str,
    sentences: tuple[str, ...],
    accounts: dict[int | None, tuple[int, int, int]],
    counted: Mapping[int | None, Figures],
) -> SegmentLine:
    number, by_hand, fit_sum = accounts.get(id, (0, 0, 0))
    mean = half_up(fit_sum, number) if number else None
    return SegmentLine(
        id, name, description, sentences, number, by_hand, mean, counted.get(id, NOTHING)
    )


def _sentences(stored: Sequence[dict[str, object]]) -> tuple[str, ...]:
    return tuple(rules.sentence(criterion) for criterion in classify.criteria(stored))


def _accounts() -> dict[int | None, tuple[int, int, int]]:
    """Per segment: accounts, those put there by hand, the sum of their fits in percent."""
    rows = db.session.execute(
        select(
            Account.segment_id,
            func.count(),
            func.count().filter(Account.segment_by_hand),
            func.sum(Account.fit),
        ).group_by(Account.segment_id)
    )
    return {id: (number, by_hand, int(fits)) for id, number, by_hand, fits in rows}


def attribute_choices() -> list[tuple[str, str]]:
    """The attributes that rules may look at: the four of every account, and all imported ones."""
    names = (*classify.OWN_ATTRIBUTES, *names_in_accounts())
    return [(name, rules.attribute_name(name)) for name in names]


def names_in_accounts() -> list[str]:
    """The attributes that imports brought to accounts, beside the four of every account."""
    own = {*classify.OWN_ATTRIBUTES}
    names = kept(("attributes", figures.as_of()[0]), lambda: _names_in(Account))
    return [name for name in names if name not in own]


def names_in_deals() -> list[str]:
    """The attributes that imports brought to deals."""
    return kept(("deals' attributes", figures.as_of()[0]), lambda: _names_in(Deal))


def _names_in(table: type[Account] | type[Deal]) -> list[str]:
    """The names in all rows' `attributes`; each database opens JSON in its own way."""
    if db.engine.dialect.name == "sqlite":
        names = func.json_each(table.attributes).table_valued("key")
        statement = select(names.c.key).select_from(table).join(names, true())
    else:
        statement = select(func.json_object_keys(table.attributes))
    return sorted(db.session.scalars(statement.distinct()), key=sort_key)


@dataclass(frozen=True)
class ProfilePreview:
    """What saving a profile would do. Means are whole per cents over all accounts."""

    accounts: int
    changed: int
    better: int
    worse: int
    mean_before: int
    mean_after: int


def preview_profile(criteria: Sequence[Criterion]) -> ProfilePreview:
    """Counts every account's fit under another profile; stores nothing."""
    asked = classify.Classifier(tuple(criteria), classify.classifier().segments)
    ways: Counter[bool] = Counter()
    difference = 0
    for change in classify.changes(asked):
        if change.fit != change.fit_before:
            ways[change.fit > change.fit_before] += 1
            difference += change.fit - change.fit_before
    number, total = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Account.fit), 0)).select_from(Account)
    ).one()
    return ProfilePreview(
        accounts=number,
        changed=ways.total(),
        better=ways[True],
        worse=ways[False],
        mean_before=half_up(int(total), number) if number else 0,
        mean_after=half_up(int(total) + difference, number) if number else 0,
    )
