"""Which segment an account belongs to, and how well it fits the ideal customer profile.

An import builds one `classifier()` and asks it per account; `reassign` and `refit` do all
that are stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select, update

from roadmap.domain.icp import Criterion, Fit, fit, segment_of
from roadmap.extensions import db, streamed
from roadmap.models import Account, Segment
from roadmap.models import Criterion as CriterionRow
from roadmap.models.base import chunks

#: Attributes that every account has a column for; any other name is an imported one.
INDUSTRY, REGION, EMPLOYEES, REVENUE = "industry", "region", "employees", "revenue"
OWN_ATTRIBUTES = (INDUSTRY, REGION, EMPLOYEES, REVENUE)

Values = Mapping[str, object]


@dataclass(frozen=True)
class Classifier:
    """The profile and the segments' rules as they stand, ready for any number of accounts."""

    profile: tuple[Criterion, ...]
    segments: tuple[tuple[int, tuple[Criterion, ...]], ...]

    def __call__(self, values: Values) -> tuple[int, int | None]:
        """An account's fit in percent and the segment that its attributes put it in."""
        return self.fit(values).percent, self.segment(values)

    def fit(self, values: Values) -> Fit:
        """The fit with its parts: criteria met, not met, and those whose attribute is missing."""
        return fit(values, self.profile)

    def segment(self, values: Values) -> int | None:
        """The id of the first segment whose rules are met; None is unassigned."""
        return segment_of(values, self.segments)


def classifier() -> Classifier:
    """As the database has profile and segments now: two queries."""
    segments = db.session.execute(select(Segment.id, Segment.rules).order_by(Segment.position))
    return Classifier(
        profile=profile(),
        segments=tuple((id, criteria(rules)) for id, rules in segments),
    )


def profile() -> tuple[Criterion, ...]:
    """The criteria of the ideal customer profile, in their order."""
    rows = db.session.execute(
        select(
            CriterionRow.attribute, CriterionRow.operator, CriterionRow.values, CriterionRow.weight
        ).order_by(CriterionRow.position, CriterionRow.id)
    )
    return tuple(
        Criterion(attribute, operator, tuple(values), weight)
        for attribute, operator, values, weight in rows
    )


def criteria(rules: Iterable[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """A segment's rules as its row keeps them: {attribute, operator, value}, value being a list."""
    return tuple(
        Criterion(
            rule["attribute"],
            rule["operator"],
            tuple(rule["value"] if isinstance(rule["value"], list) else [rule["value"]]),
        )
        for rule in rules
    )


def values_of(
    industry: str | None,
    region: str | None,
    employees: int | None,
    revenue: int | None,
    attributes: Mapping[str, Any] | None,
) -> dict[str, object]:
    """An account as criteria see it. `revenue` comes in cents and is compared in whole currency."""
    values: dict[str, object] = dict(attributes or {})
    values[INDUSTRY] = industry
    values[REGION] = region
    values[EMPLOYEES] = employees
    values[REVENUE] = None if revenue is None else Decimal(revenue) / 100
    return values


class Change(NamedTuple):
    """An account whose fit or segment is no longer what its row says."""

    id: int
    fit_before: int
    fit: int
    segment_before: int | None
    segment: int | None


def changes(classify: Classifier) -> Iterator[Change]:
    """The stored accounts that another profile or other segments would change.

    A segment set by hand stays, whatever the rules say.
    """
    rows = streamed(
        select(
            Account.id,
            Account.fit,
            Account.segment_id,
            Account.segment_by_hand,
            Account.industry,
            Account.region,
            Account.employees,
            Account.revenue,
            Account.attributes,
        )
    )
    for id, old_fit, old_segment, by_hand, *given in rows:
        new_fit, segment = classify(values_of(*given))
        if by_hand:
            segment = old_segment
        if new_fit != old_fit or segment != old_segment:
            yield Change(id, old_fit, new_fit, old_segment, segment)


def reassign() -> int:
    """Store every account's segment anew, but for those set by hand; returns how many moved."""
    alike: dict[int | None, list[int]] = defaultdict(list)
    for change in changes(classifier()):
        if change.segment != change.segment_before:
            alike[change.segment].append(change.id)
    for segment, ids in alike.items():
        _store(ids, segment_id=segment)
    return sum(map(len, alike.values()))


def refit() -> int:
    """Store the fit of every account anew; returns how many changed.

    Totals rest on fit: whoever calls this counts them anew afterwards.
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for change in changes(classifier()):
        if change.fit != change.fit_before:
            alike[change.fit].append(change.id)
    for percent, ids in alike.items():
        _store(ids, fit=percent)
    return sum(map(len, alike.values()))


def _store(ids: Sequence[int], **values: int | None) -> None:
    for some in chunks(ids):
        db.session.execute(
            update(Account)
            .where(Account.id.in_(some))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
