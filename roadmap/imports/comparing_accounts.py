"""Staged accounts against those that are stored: see `comparing`.

A blank cell leaves what is stored alone: somebody may have filled in here what CRM does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update

from roadmap.domain.folding import folded_name
from roadmap.extensions import db
from roadmap.market import classify
from roadmap.models import StagedAccount, StagedDeal
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, NEW, UNCHANGED

from . import queries
from .comparing import COMPARED, ranges

FIGURES = ("industry", "region", "employees", "revenue")
SAID = ("external_id", "name", *FIGURES, "attributes")

Values = dict[str, Any]
Classified = Callable[[classify.Values], tuple[int, int | None]]


def compare_accounts(import_id: int, *, commit: bool = True) -> int:
    """Say of every staged account what is to become of it, with the fit and the segment that its
    attributes give it; returns how many are said otherwise than before."""
    moved = 0
    asked = _remembering(classify.classifier())
    for start, end in ranges(StagedAccount, import_id):
        moved += _compare_some(import_id, asked, start, end)
        if commit:
            db.session.commit()
    return moved


def _compare_some(import_id: int, asked: Classified, start: int, end: int) -> int:
    s = StagedAccount
    columns = [
        getattr(s, name) for name in ("row", "action", "changes", "fit", "segment_id", *SAID)
    ]
    staged = db.session.execute(
        select(*columns).where(
            s.import_id == import_id, s.row >= start, s.row < end, s.action.in_(COMPARED)
        )
    ).all()
    known = queries.accounts([row.external_id for row in staged])
    named = queries.accounts_by_name(
        [row.name.casefold() for row in staged if row.external_id not in known]
    )
    values, moved, renamed = [], 0, {}
    met = [known.get(row.external_id) or _by_name(row, named) for row in staged]
    others = _others([row for row, found in zip(staged, met, strict=True) if not found], named)
    into, here = (
        queries.accounts(others.values()),
        queries.staged_accounts(import_id, others.values()),
    )
    for as_read, one in zip(staged, met, strict=True):
        row, found, key = as_read, one, others.get(as_read.row)
        if key:
            renamed[row.external_id] = key
            if key in here:  # It speaks for itself.
                moved += row.action != UNCHANGED
                values.append(_nothing(row))
                continue
            found, here[key] = into[key], row.row
            row = _instead(import_id, row, key, found[1]["name"])
        outcome = _outcome(row, found, asked)
        moved += (row.action, row.changes) != (outcome["action"], outcome["changes"])
        if row.external_id != outcome["x"]:
            renamed[row.external_id] = outcome["x"]
        stays = outcome["action"] == row.action == NEW
        if not (stays and (row.fit, row.segment_id) == (outcome["fit"], outcome["segment_id"])):
            values.append({"r": row.row, **outcome})
    if values:
        _store(import_id, values)
    _follow(import_id, renamed)
    return moved


def _outcome(row: Any, found: tuple[int, Values] | None, asked: Classified) -> dict[str, Any]:
    """What the columns of staging are to say; `x` is the external id that it will have."""
    if found is None:
        values = {name: getattr(row, name) for name in (*FIGURES, "attributes")}
        values["attributes"] = values["attributes"] or {}
        fit, segment = _classified(values, asked)
        return {"action": NEW, "x": row.external_id, "a": None, "changes": None, "m": None,
                "fit": fit, "segment_id": segment}  # fmt: skip
    id, before = found
    said = {name: getattr(row, name) for name in ("name", *FIGURES)}
    if row.row < 0 and row.name.casefold() == before["name"].casefold():
        said["name"] = before["name"]  # what deals name in another case keeps its name
    after = {**before, **{name: value for name, value in said.items() if value is not None}}
    after["attributes"] = {**before["attributes"], **(row.attributes or {})}
    after["external_id"] = row.external_id
    # A file without ids knows an account by its name; the id that another file gave it stays.
    if row.external_id == row.name:
        after["external_id"] = before["external_id"]
    fit, segment = _classified(after, asked)
    after |= {
        "fit": fit,
        "segment_id": before["segment_id"] if before["segment_by_hand"] else segment,
    }
    changes = {
        name: [before[name], after[name]]
        for name in (*SAID, "fit", "segment_id")
        if before[name] != after[name]
    }
    return {"action": CHANGED if changes else UNCHANGED, "x": after["external_id"], "a": id,
            "changes": changes or None, "m": after["attributes"], "fit": fit,
            "segment_id": after["segment_id"]}  # fmt: skip


def _others(rows: Sequence[Any], named: Mapping[str, Any]) -> dict[int, str]:
    """By row, the external id of the account that is found by the row's id, which was another's, or
    by its name, where nothing else tells accounts apart."""
    if not rows or not queries.any_other_names():
        return {}
    found = queries.other_names({name for row in rows for name in (row.external_id, row.name)})
    by_id = {each.external_id: each.key for each in found if each.external_id}
    others: dict[int, str] = {}
    for row in rows:
        text, bare = folded_name(row.name), row.external_id == row.name
        keys = {
            each.key for each in found
            if each.search_text == text and (bare or each.external_id == each.name)
        }  # fmt: skip
        if row.external_id in by_id:
            others[row.row] = by_id[row.external_id]
        elif len(keys) == 1 and not named.get(row.name.casefold()):
            others[row.row] = keys.pop()
    return others


def _nothing(row: Any) -> dict[str, Any]:
    return {"r": row.row, "action": UNCHANGED, "x": row.external_id, "a": None, "changes": None,
            "m": None, "fit": row.fit, "segment_id": row.segment_id}  # fmt: skip


def _instead(import_id: int, row: Any, key: str, name: str) -> Any:
    """The row as one of the account with this external id, whose name it leaves alone."""
    queries.rename_staged(import_id, row.row, name)
    return SimpleNamespace(**{**row._mapping, "external_id": key, "name": name})


def _by_name(row: Any, named: Mapping[str, list[tuple[int, Values]]]) -> tuple[int, Values] | None:
    """An account stored under its name alone or, where the file has no ids, under any id."""
    found = named.get(row.name.casefold(), [])
    if row.external_id == row.name:
        return found[0] if len(found) == 1 else None
    for place, (_, values) in enumerate(found):
        if values["external_id"] == values["name"]:
            return found.pop(place)
    return None


def _remembering(asked: classify.Classifier) -> Classified:
    """Of most accounts that deals name nothing is known, so what that fits is asked for once."""
    nothing = classify.values_of(None, None, None, None, None)
    found = asked(nothing)

    def classified(values: classify.Values) -> tuple[int, int | None]:
        return found if values == nothing else asked(values)

    return classified


def _classified(values: Values, asked: Classified) -> tuple[int, int | None]:
    return asked(
        classify.values_of(
            values["industry"], values["region"], values["employees"], values["revenue"],
            values["attributes"],
        )
    )  # fmt: skip


def _store(import_id: int, values: list[dict[str, Any]]) -> None:
    table = sa_table(StagedAccount)
    db.session.connection().execute(
        update(table)
        .where(table.c.import_id == import_id, table.c.row == bindparam("r"))
        .values(
            action=bindparam("b_action"), external_id=bindparam("x"), account_id=bindparam("a"),
            changes=bindparam("c"), merged=bindparam("m"), fit=bindparam("f"),
            segment_id=bindparam("s"),
        ),
        [
            {"r": v["r"], "b_action": v["action"], "x": v["x"], "a": v["a"], "c": v["changes"],
             "m": v["m"], "f": v["fit"], "s": v["segment_id"]}
            for v in values
        ],
    )  # fmt: skip


def _follow(import_id: int, other: Mapping[str, str]) -> None:
    """Deals of an account that turns out to be known under another id belong to that one."""
    for before, after in other.items():
        db.session.execute(
            update(StagedDeal)
            .where(StagedDeal.import_id == import_id, StagedDeal.account_key == before)
            .values(account_key=after)
            .execution_options(synchronize_session=False)
        )


def drop_unchanged_named(import_id: int) -> None:
    """Accounts that deals name and that are as they were are no part of an import."""
    s = StagedAccount
    db.session.execute(
        delete(s)
        .where(and_(s.import_id == import_id, s.row < 0, s.action == UNCHANGED))
        .execution_options(synchronize_session=False)
    )
