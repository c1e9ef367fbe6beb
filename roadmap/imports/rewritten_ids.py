"""Ids that a spreadsheet rewrote (00101 as 101 or 101.0), and ids that were used again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Deal, StagedDeal
from roadmap.models.base import chunks
from roadmap.models.imports import CHANGED, NEW

from .mapping import MappingError, choice
from .report import examples_named
from .values import shown

#: So many new ids are looked at: what rewrites one rewrites the column.
SAMPLE, MOST_WIDE, MOST_NAMED = 500, 18, 1_000
SAME, OTHER = "same", "other"

_NUMBER = re.compile(r"0*([0-9]{1,18})(?:[.,]0+)?", re.ASCII)


def ask(import_id: int, said: str | None) -> None:
    """Raises MappingError where new deals have ids that only a spreadsheet's hand tells from stored
    ones, unless it was said what they are."""
    if said:
        return
    s = StagedDeal
    fresh = select(s.external_id).where(s.import_id == import_id, s.action == NEW)
    found = stored(db.session.scalars(fresh.order_by(s.row).limit(SAMPLE)).all())
    db.session.commit()
    if not found:
        return
    some = ", ".join(f"{shown(id)} (here {known})" for id, known in list(found.items())[:3])
    raise MappingError(
        f"Ids differ from those of known deals by zeros or a fraction alone: {some}. A spreadsheet "
        'does that. Say "rewritten_ids": "same" in the mapping (--mapping) where they are the same '
        'deals, or "other".',
        [
            choice(
                f"A spreadsheet seems to have rewritten ids: {some}. Are they the same deals?",
                [["rewritten_ids"]],
                [(SAME, "Yes, the same deals"), (OTHER, "No, other deals, which are new")],
            )
        ],
    )


def stored(ids: Iterable[str | None]) -> dict[str, str]:
    """The one stored id that each of some ids may have been, of those that are not stored."""
    numbers = {id: match[1].lstrip("0") for id in ids if id and (match := _NUMBER.fullmatch(id))}
    forms = {form for number in set(numbers.values()) if number for form in _forms(number)}
    known: dict[str, list[str]] = {}
    for chunk in chunks(sorted(forms)):
        for id in db.session.scalars(select(Deal.external_id).where(Deal.external_id.in_(chunk))):
            match = _NUMBER.fullmatch(id)
            known.setdefault(match[1].lstrip("0") if match else "", []).append(id)
    return {
        id: known[number][0] for id, number in numbers.items()
        if len(known.get(number, ())) == 1 and id not in known[number]
    }  # fmt: skip


def restored(ids: Sequence[str]) -> list[str]:
    """Ids as they are stored, where a spreadsheet rewrote them; two never become one."""
    found = stored(ids)
    taken = Counter(found.values()) + Counter(ids)
    return [known if (known := found.get(id)) and taken[known] == 1 else id for id in ids]


def reused(import_id: int) -> list[str]:
    """A remark on ids that have another name, account and opening day than here."""
    s, names = StagedDeal, ("name", "account", "opened_on")
    rows = db.session.execute(
        select(s.external_id, s.changes)
        .where(s.import_id == import_id, s.action == CHANGED)
        .where(*(s.changes[name].as_string().is_not(None) for name in names))
        .order_by(s.row)
        .limit(MOST_NAMED)
    )
    found = [
        f"{id}: {changes['name'][0]}, now {changes['name'][1]}"
        for id, changes in rows
        if all(all(changes[name]) for name in names)
    ]
    if not found:
        return []
    what = "Ids that may have been used again, with another name, account and opening day than here"
    return [f"{what}: {len(found):,} ({examples_named(Counter(found))})"]


def _forms(number: str) -> Collection[str]:
    padded = {number.zfill(width) for width in range(len(number), MOST_WIDE + 1)}
    return padded | {f"{number}.0", f"{number}.00"}
