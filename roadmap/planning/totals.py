"""Stored totals: what stands behind each initiative, kept right by difference.

Adding up half a million ties takes half a second; a board must not wait for that. So whoever
changes what counts does it inside `keeping(the deals concerned)`, which stores the difference in
the same transaction. `rebuild` counts everything anew; `differences` compares, for `flask check`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from roadmap.domain.deals import WON
from roadmap.domain.statements import SEVERITIES
from roadmap.domain.value import (
    NOTHING,
    DealEvidence,
    Figures,
    Weights,
    contributions,
    difference,
)
from roadmap.domain.winloss import SOURCES
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, Initiative, ProblemTie, Totals, Workspace
from roadmap.models.base import chunks
from roadmap.models.base import table as sa_table
from roadmap.workspace.settings import workspace

FIELDS = tuple(Figures.__slots__)
#: The setting that says how much each severity weighs.
FACTORS = {each: f"factor_{each.replace(' ', '_')}" for each in SEVERITIES}


def weights(row: Workspace) -> Weights:
    """The workspace's settings of the value."""
    return Weights(
        evidence={source: getattr(row, f"weight_{source}") for source in SOURCES},
        severity={each: getattr(row, FACTORS[each]) for each in SEVERITIES},
        window_months=row.window_months,
        recovery_rate=row.recovery_rate,
    )


def of_deal(deal: DealEvidence) -> Mapping[int, Figures]:
    """What a deal with this evidence would add to the initiatives on the board."""
    row = workspace()
    if row.figures_as_of is None:
        return {}
    return contributions([deal], tied(), row.figures_as_of, weights(row))


@contextmanager
def keeping(deal_ids: Collection[int]) -> Iterator[None]:
    """Keep the totals right while these deals, or what they are tied to, change.

    Name every deal whose status, amount, account's fit, close date or counting blockers change, or
    whose problems gain or lose an initiative. The workspace's row must be locked. Initiatives that
    enter the board get their totals' row here.
    """
    row = workspace()
    as_of = row.figures_as_of
    before = _counted(deal_ids, row, as_of) if as_of else {}
    yield
    db.session.flush()
    after = _counted(deal_ids, row, as_of) if as_of else {}
    _make_rows()
    _add(difference(before, after))


def rebuild(row: Workspace, as_of: date) -> None:
    """Count all totals anew as of a day; the row is locked."""
    found = _counted(None, row, as_of)
    db.session.execute(delete(Totals))
    on_board = db.session.scalars(select(Initiative.id).where(Initiative.position.is_not(None)))
    rows = [{"initiative_id": id, **_stored(found.get(id, NOTHING))} for id in on_board]
    if rows:
        db.session.execute(insert(Totals), rows)


def counted(row: Workspace, wanted: Weights) -> Mapping[int, Figures]:
    """What all totals would be with other weights, as of the day of the stored ones."""
    if row.figures_as_of is None:
        return {}
    return contributions(_evidence(None), tied(), row.figures_as_of, wanted)


def differences(row: Workspace) -> list[str]:
    """Where stored totals differ from a fresh count, in words; empty when all is right."""
    if row.figures_as_of is None:
        return []
    fresh = _counted(None, row, row.figures_as_of)
    kept = stored()
    wrong = []
    on_board = set(
        db.session.scalars(select(Initiative.id).where(Initiative.position.is_not(None)))
    )
    for id in sorted(on_board | set(kept)):
        if (id in on_board) != (id in kept):
            wrong.append(f"initiative {id}: has stored totals only if it is on the board")
            continue
        for name in FIELDS:
            was = getattr(kept[id], name)
            should = getattr(fresh.get(id, NOTHING), name)
            if was != should:
                wrong.append(f"initiative {id}: {name} is stored as {was}, counted as {should}")
    return wrong


def stored(ids: Collection[int] | None = None) -> dict[int, Figures]:
    """The totals as stored, by initiative."""
    columns = [getattr(Totals, name) for name in FIELDS]
    statement: Select[Any] = select(Totals.initiative_id, *columns)
    if ids is not None:
        statement = statement.where(Totals.initiative_id.in_(ids))
    found = {}
    for id, *counts, open_value, lost_value in db.session.execute(statement):
        values = (*counts, fraction(open_value), fraction(lost_value))
        found[id] = Figures(**dict(zip(FIELDS, values, strict=True)))
    return found


def fraction(text: str) -> Fraction:
    """The exact value that a total stores as "numerator/denominator"."""
    return Fraction(*ratio(text))


def ratio(text: str) -> tuple[int, int]:
    """The same as numerator and denominator."""
    numerator, _, denominator = text.partition("/")
    return int(numerator), int(denominator)


def _counted(
    deal_ids: Collection[int] | None, row: Workspace, as_of: date
) -> Mapping[int, Figures]:
    """Contributions of some deals, or of all, to the initiatives on the board."""
    if deal_ids is not None and not deal_ids:
        return {}
    return contributions(_evidence(deal_ids), tied(), as_of, weights(row))


def _evidence(deal_ids: Collection[int] | None) -> Iterator[DealEvidence]:
    statement = (
        select(
            Deal.id,
            Deal.status,
            Deal.amount,
            func.coalesce(Account.fit, 0),
            Deal.close_date,
            Blocker.problem_id,
            Blocker.problem_strength,
        )
        .join(Blocker, Blocker.deal_id == Deal.id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Deal.status != WON, Blocker.counts)
        .order_by(Deal.id)
    )
    parts = (
        [statement]
        if deal_ids is None
        else [statement.where(Deal.id.in_(some)) for some in chunks(sorted(deal_ids))]
    )
    for part in parts:
        rows = db.session.connection().execute(part, execution_options={"yield_per": 10_000})
        for _, group in groupby(rows, itemgetter(0)):
            ties = list(group)
            _, status, amount, fit, closed, _, _ = ties[0]
            yield DealEvidence(status, amount, fit, closed, [(tie[5], tie[6]) for tie in ties])


def tied() -> dict[int, list[int]]:
    """The initiatives on the board that solve a problem or contribute to it."""
    rows = db.session.execute(
        select(ProblemTie.problem_id, ProblemTie.initiative_id)
        .join(Initiative, Initiative.id == ProblemTie.initiative_id)
        .where(Initiative.position.is_not(None))
    )
    found: dict[int, list[int]] = defaultdict(list)
    for problem, initiative in rows:
        found[problem].append(initiative)
    return found


def _make_rows() -> None:
    """A row of totals for each initiative on the board, and for no other."""
    table = sa_table(Totals)
    on_board = select(Initiative.id).where(Initiative.position.is_not(None))
    db.session.execute(
        delete(Totals)
        .where(Totals.initiative_id.not_in(on_board))
        .execution_options(synchronize_session=False)
    )
    missing = db.session.scalars(
        on_board.where(Initiative.id.not_in(select(Totals.initiative_id)))
    ).all()
    if missing:
        db.session.connection().execute(
            insert(table), [{"initiative_id": id, **_stored(NOTHING)} for id in missing]
        )


def _add(changes: Mapping[int, Figures]) -> None:
    if not changes:
        return
    kept = stored(list(changes))
    table = sa_table(Totals)
    statement = (
        update(table)
        .where(table.c.initiative_id == bindparam("row"))
        .values({name: bindparam(f"new_{name}") for name in FIELDS})
    )
    rows = []
    for id, change in changes.items():
        if id in kept:
            figures = _stored(kept[id] + change)
            rows.append({"row": id, **{f"new_{name}": figures[name] for name in FIELDS}})
    if rows:
        db.session.connection().execute(statement, rows)


def _stored(figures: Figures) -> dict[str, int | str]:
    found: dict[str, int | str] = {name: getattr(figures, name) for name in FIELDS[:-2]}
    for name in FIELDS[-2:]:
        value: Fraction = getattr(figures, name)
        found[name] = f"{value.numerator}/{value.denominator}"
    return found
