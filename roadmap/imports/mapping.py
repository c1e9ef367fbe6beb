"""Which column means what: a frozen value that a preset, a JSON file or (later) a form gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from roadmap.domain.deals import AMOUNT_SOURCES, LOST, LOST_TO, STATUSES, WON
from roadmap.domain.triage import DECLINED, NEW
from roadmap.models.imports import ACCOUNTS, DEALS, REQUESTS

from .dates import ORDERS
from .money import DECIMALS, is_known, unit_of
from .split_reasons import CONTRADICT, MARKS, ONE, SUM, WHOLE
from .values import plain, text

REPS = "reps"

#: What a deal's row may say of the deal's account.
ACCOUNT_FACTS = ("account_industry", "account_region", "account_employees", "account_revenue")
#: What a deal's columns may hold, in the order of the documentation.
DEAL_FIELDS = (
    "id", "name", "account_id", "account_name", "owner", "product", "stage", "pipeline", "status",
    "won", "closed", "active", "amount", "won_amount", "currency", "close_date", "closed_on",
    "won_on", "lost_on", "opened_on", "needed_by", "probability", "lost_to", "loss_reason",
    "deleted", *ACCOUNT_FACTS,
)  # fmt: skip
ACCOUNT_FIELDS = ("id", "name", "industry", "region", "employees", "revenue", "deleted")
REQUEST_FIELDS = (
    "id", "title", "body", "quote", "account_id", "account_name", "requester", "date", "needed_by",
    "status", "deleted",
)  # fmt: skip
FIELDS = MappingProxyType({DEALS: DEAL_FIELDS, ACCOUNTS: ACCOUNT_FIELDS, REQUESTS: REQUEST_FIELDS})
DATE_FIELDS = (
    "close_date", "closed_on", "won_on", "lost_on", "opened_on", "needed_by", "date",
)  # fmt: skip
#: What the day is called on which a deal ended so.
ENDS = MappingProxyType({WON: "won_on", LOST: "lost_on"})
#: What a request of a backlog can be here: nobody has triaged it yet, or it is done with.
REQUEST_STATES = (NEW, DECLINED)
REPLACEABLE = (
    "name", "account_name", "owner", "product", "stage", "currency", "industry", "region",
    "requester",
)  # fmt: skip

Columns = Mapping[str, tuple[str, ...]]
Words = Mapping[str, str]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class MappingError(ValueError):
    """The mapping cannot be used; the message names the place and what is wrong there.

    Where the file leaves something open, `questions` says what: {setting, …}, for a form to ask.
    `plain` is the message without how to say it in a mapping file.
    """

    def __init__(
        self, message: str, questions: Sequence[Mapping[str, Any]] = (), plain: str = ""
    ) -> None:
        super().__init__(message)
        self.questions = list(questions)
        self.plain = plain or message


def choice(
    says: str, paths: Sequence[Sequence[str]], options: Sequence[tuple[Any, str]]
) -> Mapping[str, Any]:
    """A question with what may be answered: (a value, its words); the value goes into the mapping
    at each of the paths."""
    return {"setting": paths[0][0], "says": says, "paths": paths, "options": options}


@dataclass(frozen=True)
class FileMapping:
    """How one file is read. Columns are labels; the first that is filled in a row speaks."""

    columns: Columns = field(default_factory=_nothing)
    #: Columns that are neither fields nor worth keeping, by their keys.
    ignored: frozenset[str] = frozenset()
    #: Between several accounts in one cell, of which the first is taken.
    several: str = ""
    #: By field that has no column, what holds for every row.
    constants: Words = field(default_factory=_nothing)


@dataclass(frozen=True)
class ImportMapping:
    """Everything that the files cannot say by themselves. Keys of `stages`, `statuses`, `lost_to`
    and `states` are plain: without case, spaces and punctuation."""

    preset: str = ""
    deals: FileMapping = field(default_factory=FileMapping)
    accounts: FileMapping = field(default_factory=FileMapping)
    requests: FileMapping = field(default_factory=FileMapping)
    date_order: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    separator: str | None = None
    stages: Words = field(default_factory=_nothing)
    statuses: Words = field(default_factory=_nothing)
    lost_to: Words = field(default_factory=_nothing)
    #: Of requests: what each status of a backlog comes to.
    states: Words = field(default_factory=_nothing)
    #: By field, what is written instead of a value (values in lower case).
    replace: Mapping[str, Words] = field(default_factory=_nothing)
    #: What one unit of the revenue column is worth, in whole units of the currency.
    revenue_unit: int = 1
    #: Whether the CRM writes 0 into the amount of a lost or an open deal, whatever it was.
    lost_zero_is_unknown: bool | None = None
    open_zero_is_unknown: bool | None = None
    #: The day of a date that is a month alone: first, last.
    month_only: str | None = None
    #: Whether ids that differ by zeros alone are the same deals: same, other.
    rewritten_ids: str | None = None
    #: Which currency a sign stands for that several share.
    currencies: Words = field(default_factory=_nothing)
    #: By kind of file, the row that the header is, where it is not found out rightly.
    header_rows: Mapping[str, int] = field(default_factory=_nothing)
    #: What several rows of one deal are (see `split_reasons`); None while nobody has said.
    several_lines: str | None = None
    #: By kind of file, the sheet of a workbook.
    sheets: Words = field(default_factory=_nothing)
    #: What stands in for an unknown amount: "" for nothing.
    stand_in: str = ""
    #: How several loss reasons in one cell are separated (see `split_reasons`); None: not said.
    split_reasons: str | None = None
    #: Named by the user, so that a missing column is an error and not just absent.
    demanded: Mapping[str, frozenset[str]] = field(default_factory=_nothing)

    def file(self, kind: str) -> FileMapping:
        found: FileMapping = getattr(self, kind)
        return found


def overlaid(preset: ImportMapping, own: ImportMapping) -> ImportMapping:
    """The preset with what the user said put above it; a field with no column is switched off."""
    merged: dict[str, Any] = {}
    for kind in FIELDS:
        below, above = preset.file(kind), own.file(kind)
        columns = {**below.columns, **above.columns}
        merged[kind] = replace(
            below,
            columns=MappingProxyType({name: found for name, found in columns.items() if found}),
            ignored=below.ignored | above.ignored,
            constants=above.constants,
        )
    for name in ("stages", "statuses", "lost_to", "states"):
        merged[name] = MappingProxyType({**getattr(preset, name), **getattr(own, name)})
    default = ImportMapping()
    for each in fields(ImportMapping):
        if each.name not in merged and getattr(own, each.name) != getattr(default, each.name):
            merged[each.name] = getattr(own, each.name)
    return replace(preset, **merged)


def load(path: Path) -> ImportMapping:
    """The mapping in a JSON file; raises MappingError that names the place in it."""
    try:
        content = path.read_text("utf-8-sig")
    except OSError as error:
        raise MappingError(f"{path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise MappingError(f"{path.name} is not UTF-8 text.") from error
    try:
        return parse(json.loads(content))
    except json.JSONDecodeError as error:
        raise MappingError(
            f"{path.name}, line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except RecursionError as error:
        raise MappingError(f"{path.name} is nested too deeply.") from error
    except MappingError as error:
        raise MappingError(f"{path.name}: {error}") from error


def parse(value: object) -> ImportMapping:
    """A mapping from plain JSON values; docs/importing.md describes them."""
    top = _object(value, "the mapping")
    keys = {
        "preset", *FIELDS, "date_order", "decimal", "encoding", "separator", "stages", "statuses",
        "lost_to", "states", "replace", "revenue_unit", "lost_zero_is_unknown",
        "open_zero_is_unknown", "month_only", "currencies", "rewritten_ids",
        "header_rows", "stand_in", "ignore", "constants", "split_reasons", "sheets",
        "several_lines",
    }  # fmt: skip
    _known(top, keys, "")
    ignored = _object(top.get("ignore", {}), "ignore")
    _known(ignored, FIELDS, "ignore.")
    constants = _object(top.get("constants", {}), "constants")
    _known(constants, FIELDS, "constants.")
    columns = {kind: _columns(top.get(kind, {}), kind) for kind in FIELDS}
    sheets = _object(top.get("sheets", {}), "sheets")
    _known(sheets, FIELDS, "sheets.")
    unit = top.get("revenue_unit", 1)
    if isinstance(unit, bool) or not isinstance(unit, int) or not 1 <= unit <= 10**12:
        raise MappingError("revenue_unit: give a whole number such as 1000 or 1000000.")
    zeros = {name: top.get(name) for name in ("lost_zero_is_unknown", "open_zero_is_unknown")}
    for name, zero in zeros.items():
        if zero is not None and not isinstance(zero, bool):
            raise MappingError(f"{name}: give true or false.")
    currencies = _object(top.get("currencies", {}), "currencies")
    for sign, code in currencies.items():
        if not isinstance(code, str) or not is_known(code):
            raise MappingError(f"currencies.{sign}: give a currency's code, such as EUR.")
    separator = _string(top, "separator")
    if separator is not None and (len(separator) != 1 or separator in '"\r\n\0'):
        raise MappingError('separator: give one character, such as ";".')
    return ImportMapping(
        preset=_string(top, "preset") or "",
        **{
            kind: FileMapping(
                columns[kind],
                frozenset(map(column_key, _labels(ignored.get(kind, []), f"ignore.{kind}"))),
                constants=_constants(constants.get(kind, {}), kind),
            )
            for kind in FIELDS
        },
        date_order=_choice(top, "date_order", ORDERS),
        decimal=_choice(top, "decimal", DECIMALS),
        encoding=_string(top, "encoding"),
        separator=separator,
        stages=_words(top.get("stages", {}), "stages", STATUSES),
        statuses=_words(top.get("statuses", {}), "statuses", STATUSES),
        lost_to=_words(top.get("lost_to", {}), "lost_to", LOST_TO),
        states=_words(top.get("states", {}), "states", REQUEST_STATES),
        replace=_replacements(top.get("replace", {})),
        revenue_unit=unit,
        lost_zero_is_unknown=zeros["lost_zero_is_unknown"],
        open_zero_is_unknown=zeros["open_zero_is_unknown"],
        month_only=_choice(top, "month_only", ("first", "last")),
        rewritten_ids=_choice(top, "rewritten_ids", ("same", "other")),
        currencies=MappingProxyType(dict(currencies)),
        header_rows=_header_rows(top.get("header_rows", {})),
        sheets=MappingProxyType({kind: _string(sheets, kind) or "" for kind in sheets}),
        several_lines=_choice(top, "several_lines", (SUM, WHOLE, CONTRADICT)),
        split_reasons=_choice(top, "split_reasons", (ONE, *MARKS)),
        stand_in=_choice(top, "stand_in", AMOUNT_SOURCES) or "",
        demanded=MappingProxyType(
            {kind: _demanded(labels) for kind, labels in columns.items()},
        ),
    )


def column_key(label: str) -> str:
    """A label without case, spaces, punctuation and the ending of a custom Salesforce field."""
    label = unit_of(text(label))[0]
    return plain(label[:-3] if label[-3:].casefold() == "__c" else label) or label


def _columns(value: object, place: str) -> Columns:
    given = _object(value, place)
    _known(given, FIELDS[place], f"{place}.")
    found: dict[str, tuple[str, ...]] = {}
    for name, labels in given.items():
        if labels is None:
            found[name] = ()
            continue
        listed = [labels] if isinstance(labels, str) else labels
        found[name] = _labels(listed, f"{place}.{name}", ", or null for none")
        if not listed:
            raise MappingError(f"{place}.{name}: give a column's name, or null for none.")
    return MappingProxyType(found)


def _labels(listed: object, place: str, otherwise: str = "") -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(
        isinstance(label, str) and label.strip() for label in listed
    ):
        raise MappingError(f"{place}: give a column's name, a list of them{otherwise}.")
    return tuple(listed)


def _constants(value: object, kind: str) -> Words:
    given = _object(value, f"constants.{kind}")
    _known(given, FIELDS[kind], f"constants.{kind}.")
    for name, said in given.items():
        if not isinstance(said, str) or not text(said):
            raise MappingError(f"constants.{kind}.{name}: give a text.")
    return MappingProxyType({name: text(said) for name, said in given.items()})


def _header_rows(value: object) -> Mapping[str, int]:
    given = _object(value, "header_rows")
    _known(given, FIELDS, "header_rows.")
    for kind, number in given.items():
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 100:
            raise MappingError(f"header_rows.{kind}: give a row's number from 1 to 100.")
    return MappingProxyType(dict(given))


def _demanded(columns: Columns) -> frozenset[str]:
    return frozenset(name for name, labels in columns.items() if labels)


def _words(value: object, place: str, allowed: Sequence[str]) -> Words:
    found = {}
    for word, meaning in _object(value, place).items():
        if meaning not in allowed:
            raise MappingError(
                f"{place}.{word}: give {_or(allowed)}, not {json.dumps(meaning)[:60]}."
            )
        found[plain(word)] = meaning
    return MappingProxyType(found)


def _replacements(value: object) -> Mapping[str, Words]:
    given = _object(value, "replace")
    _known(given, REPLACEABLE, "replace.")
    found = {}
    for name, table in given.items():
        words = _object(table, f"replace.{name}")
        for word, other in words.items():
            if not isinstance(other, str):
                raise MappingError(f"replace.{name}.{word}: give a text.")
        found[name] = MappingProxyType(
            {text(word).casefold(): text(other) for word, other in words.items()}
        )
    return MappingProxyType(found)


def _object(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MappingError(f"{place}: give an object in braces.")
    return value


def _known(given: Iterable[str], known: Iterable[str], place: str) -> None:
    for name in given:
        if name not in known:
            listed = ", ".join(sorted(known))
            raise MappingError(f"{place}{name}: there is no such setting; there are {listed}.")


def _string(top: Mapping[str, Any], name: str) -> str | None:
    value = top.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise MappingError(f"{name}: give a text.")
    return value


def _choice(top: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str | None:
    value = top.get(name)
    if value is None or value in allowed:
        return value
    raise MappingError(f"{name}: give {_or(allowed)}, not {json.dumps(value)[:60]}.")


def _or(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
