"""What somebody chose on the page of an upload, as a mapping: only what differs from what was found
out is said, so that a saved mapping fits the next export as well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from roadmap.domain.deals import AVERAGE, LIST_PRICE, STATUSES
from roadmap.web.fields import whole_number

from . import split_reasons
from .looking import Look
from .separators import SEPARATORS
from .values import text

ENCODINGS = (
    ("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("iso-8859-1", "ISO-8859-1"),
    ("iso-8859-15", "ISO-8859-15"), ("cp1250", "Windows-1250"), ("cp1251", "Windows-1251"),
    ("mac-roman", "Mac Roman"), ("utf-16", "UTF-16"), ("shift_jis", "Shift JIS"),
    ("gb18030", "GB 18030"), ("big5", "Big5"), ("euc-kr", "EUC-KR"),
)  # fmt: skip
SEPARATOR_NAMES = tuple((mark, word.capitalize()) for mark, word in SEPARATORS.items())
DATE_ORDERS = (
    ("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day"),
)  # fmt: skip
DECIMAL_NAMES = ((".", "1,234.56"), (",", "1.234,56"))
STAND_INS = (
    (LIST_PRICE, "The product's list price"),
    (AVERAGE, "The average of the product's won deals"),
)
REASONS = (
    (split_reasons.ONE, "One reason in each cell"),
    *((mark, f"Several, separated by {mark}") for mark in split_reasons.MARKS),
)
SEVERAL_LINES = (
    (split_reasons.SUM, "Lines whose amounts add up"),
    (split_reasons.WHOLE, "Lines that each have the whole deal's amount"),
    (split_reasons.CONTRADICT, "A contradiction: do not import them"),
)
MONTH_DAYS = (("first", "The first day"), ("last", "The last day"))
#: Settings that are one select each, with what it offers.
SELECTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "encoding": ENCODINGS,
    "separator": SEPARATOR_NAMES,
    "date_order": DATE_ORDERS,
    "decimal": DECIMAL_NAMES,
    "stand_in": STAND_INS,
    "month_only": MONTH_DAYS,
    "split_reasons": REASONS,
    "several_lines": SEVERAL_LINES,
}
NO_COLUMN = "-"
MOST_CONSTANT = 200


def chosen(
    form: Mapping[str, str], looks: Sequence[Look], before: Mapping[str, Any]
) -> dict[str, Any]:
    """The mapping of a form; what makes no sense counts as not chosen. `before` is the mapping that
    the form was made from: what the form does not ask for stays."""
    found = {name: value for name, value in before.items() if name not in SELECTS}
    for name, offered in SELECTS.items():
        value = form.get(name, "")
        if value in dict(offered):
            found[name] = value
    lost_zero = bool(form.get("lost_zero_is_unknown"))
    if looks and not looks[0].error and lost_zero != looks[0].lost_zero:
        found["lost_zero_is_unknown"] = lost_zero
    for look in looks:
        if look.error:
            continue
        found[look.kind] = _columns(form, look, before.get(look.kind, {}))
        for setting, said in (("ignore", _skipped), ("constants", _constants)):
            kept = before.get(setting, {})
            found[setting] = {**found.get(setting, kept), look.kind: said(form, look, kept)}
    found["header_rows"] = {
        **before.get("header_rows", {}), **_header_rows(form, looks),
    }  # fmt: skip
    sheets = {
        look.kind: title
        for look in looks
        if (title := form.get(f"{look.kind}-sheet")) in look.titles and title != look.title
    }
    found["sheets"] = {**before.get("sheets", {}), **sheets}
    for setting in ("ignore", "constants"):
        found[setting] = {kind: said for kind, said in found.get(setting, {}).items() if said}
    return {name: value for name, value in found.items() if value not in ({}, None)}


def answered(
    form: Mapping[str, str], questions: Sequence[Mapping[str, Any]], mapping: Mapping[str, Any]
) -> dict[str, Any]:
    """The mapping with what was answered to questions that have options."""
    found: dict[str, Any] = json.loads(json.dumps(mapping))
    for number, question in enumerate(questions):
        options = question.get("options", ())
        said = form.get(f"answer-{number}", "")
        if not said.isdecimal() or not said.isascii() or int(said) >= len(options):
            continue
        for *above, last in question["paths"]:
            place = found
            for name in above:
                place = place.setdefault(name, {})
            place[last] = options[int(said)][0]
    return found


def meanings(
    form: Mapping[str, str], questions: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str, str]]:
    """(setting, word, meaning) for each stage that was asked for and answered."""
    found = []
    for question in questions:
        setting = question["setting"]
        for number, word in enumerate(question.get("words", ())):
            meaning = form.get(f"{setting}-{number}", "")
            if meaning in STATUSES:
                found.append((setting, word, meaning))
    return found


def _columns(form: Mapping[str, str], look: Look, before: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(before)
    for field, _, taken in look.columns:
        label = form.get(f"{look.kind}-{field}")
        if label is None or label == (taken or NO_COLUMN):
            continue
        if label == NO_COLUMN:
            columns[field] = None
        elif label in look.header:
            columns[field] = label
    return columns


def _skipped(form: Mapping[str, str], look: Look, before: Mapping[str, Any]) -> list[str]:
    """The columns that are not imported; of those that this file lacks, those that were said."""
    labels = look.labels
    ticked = [label for at, label in enumerate(labels) if form.get(f"{look.kind}-skip-{at}")]
    return [label for label in before.get(look.kind, []) if label not in labels] + ticked


def _constants(form: Mapping[str, str], look: Look, before: Mapping[str, Any]) -> dict[str, str]:
    """What holds for every row, of fields that take no column."""
    found = dict(before.get(look.kind, {}))
    for field, _, taken in look.columns:
        said = text(form.get(f"{look.kind}-constant-{field}", ""))[:MOST_CONSTANT]
        if form.get(f"{look.kind}-{field}", taken or NO_COLUMN) != NO_COLUMN or not said:
            found.pop(field, None)
        else:
            found[field] = said
    return found


def _header_rows(form: Mapping[str, str], looks: Sequence[Look]) -> dict[str, int]:
    found = {}
    for look in looks:
        typed = form.get(f"{look.kind}-header_row", "")
        number = whole_number(typed, 100)
        if number and number != look.header_row:
            found[look.kind] = number
    return found
