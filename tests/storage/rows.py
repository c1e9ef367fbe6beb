"""A valid row of any table, made by plain SQL: each test then breaks one thing about it."""

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, func, insert, select

from roadmap.models import Base

TABLES: Mapping[str, Table] = Base.metadata.tables
DAY = date(2027, 1, 11)
NOW = datetime(2027, 1, 11, 10, tzinfo=UTC)

_numbers = itertools.count(1_000)
_codes = itertools.count(10)


def _unique(word: str) -> Callable[[], str]:
    return lambda: f"{word} {next(_numbers)}"


#: What a row needs besides keys of its own, columns with a default and rows that it points to.
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "users": {
        "email": _unique("person@"), "name": "P", "role": "rep", "password_hash": "",
    },
    "user_sessions": {
        "token_hash": _unique("hash"), "created_at": NOW, "seen_at": NOW, "address": "",
        "browser": "",
    },
    "sign_in_failures": {"subject": _unique("account"), "since": NOW, "count": 1},
    "submissions": {"key": _unique("key"), "at": NOW},
    "drafts": {"token": _unique("token"), "at": NOW, "content": ""},
    "crm_owners": {"name": _unique("Owner")},
    "segments": {"name": _unique("Segment"), "position": lambda: next(_numbers)},
    "icp_criteria": {"position": 1, "attribute": "industry", "operator": "is", "values": ["x"]},
    "problems": {"title": _unique("Problem")},
    "products": {"name": _unique("Product")},
    "teams": {"name": _unique("Team")},
    "capacities": {"quarter": date(2027, 1, 1), "days_per_week": 5},
    "accounts": {"external_id": _unique("A"), "name": "A", "search_text": "a"},
    "account_names": {
        "name": "N", "search_text": "n", "external_id": _unique("N"), "moved": {},
        "former_id": lambda: next(_numbers),
    },
    "deals": {"external_id": _unique("D"), "name": "D", "search_text": "d", "status": "lost"},
    "problem_steps": {"kind": "merge", "moved": {}},
    "statements": {"source": "rep", "reason_weight": 1, "strength": 5},
    "deal_dates": {"said_at": NOW},
    "initiatives": {
        "title": "I", "kind": "strategic", "state": "candidate", "position": lambda: next(_numbers),
    },
    "work_items": {"position": 0},
    "commitments": {"date": DAY, "promised_to": "Acme"},
    "forecasts": {"day": DAY, "state": "scheduled"},
    "tradeoffs": {
        "kind": "promotion", "as_of": DAY, "revision": 2, "reason": "", "sentence": "",
        "change": {}, "inverse": {}, "delayed_count": 0, "advanced_count": 0,
        "pushed_count": 0, "pushed_amount": 0, "pushed_weighted": 0,
        "brought_count": 0, "brought_amount": 0, "brought_weighted": 0,
        "broken_count": 0, "mended_count": 0, "sponsor_reasons": [],
    },
    "tradeoff_forecasts": {"direction": "delayed", "title": "I", "causes": []},
    "tradeoff_deals": {"direction": "pushed", "name": "D", "account": "", "rep": "", "fit": 0},
    "requests": {"title": "R", "external_id": _unique("R"), "form_token": _unique("F")},
    "request_events": {"kind": "sent"},
    "segment_answers": {
        "segment_name": "S", "answer": "pivot", "reason": "", "until": DAY, "as_of": DAY,
        "won_count": 0, "won_amount": 0, "lost_count": 0, "lost_amount": 0, "open_count": 0,
        "open_amount": 0, "verdict": "",
    },
    "outbox": {
        "kind": "urgent", "to_address": "a@b.example", "message_id": _unique("letter"),
        "subject": "S", "body": "B",
    },
    "notices": {"kind": "later", "text": "T"},
    "imports": {"state": "uploaded"},
    "staged_deals": {"row": lambda: next(_numbers), "action": "new"},
    "staged_accounts": {"row": lambda: next(_numbers), "action": "new"},
    "staged_requests": {"row": lambda: next(_numbers), "action": "new"},
    "saved_mappings": {"name": _unique("Mapping"), "mapping": {}, "header": []},
    "stage_words": {
        "setting": "stages", "key": _unique("stage"), "word": "S", "meaning": "open",
    },
    "loss_words": {"key": _unique("reason"), "text": "R"},
    "exchange_rates": {"currency": lambda: f"C{next(_codes)}", "rate": "1.5", "as_of": DAY},
    "conversations": {
        "kind": "demo", "state": "planned", "form_token": _unique("T"),
        "ask_quarter": lambda: date(next(_numbers), 1, 1),
    },
    "script_questions": {"bucket": "price", "position": lambda: next(_numbers), "text": "Why?"},
    "deal_reports": {
        "number": lambda: next(_numbers), "outcome": "lost", "against": "unknown",
        "bucket": "product",
    },
    "tradeoff_promises": {"direction": "broken", "title": "I", "date": DAY, "promised_to": "A"},
}  # fmt: skip


class Another(str):
    """A row of this table, which is added."""


#: What else a row must say where it says this.
GOES_WITH: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("statements", "problem_id"): {"root_id": Another("problems")},
    ("statements", "root_id"): {"problem_id": Another("problems")},
    ("loss_words", "problem_id"): {"bucket": "product", "decided_at": NOW},
    ("requests", "merged_into_id"): {"state": "merged"},
    ("requests", "handed_to_id"): {"state": "elsewhere", "bucket": "price"},
}


#: What a valid row points to although its column may be null.
POINTS = {("statements", "deal_id")}


def valid(connection: Connection, name: str, /, **given: Any) -> dict[Column[Any], Any]:
    """A row of that table that only lacks being inserted; the rows that it points to are there."""
    table = TABLES[name]
    values = {
        column: value() if callable(value) else value
        for column, value in NEEDED.get(name, {}).items()
    }
    for column in given:
        values |= {
            other: add(connection, value)["id"] if isinstance(value, Another) else value
            for other, value in GOES_WITH.get((name, column), {}).items()
        }
    if "sort_key" in table.c:
        values["sort_key"] = b""  # Else it is worked out of a name that a test may leave out.
    values |= given
    for column in table.columns:
        required = column.primary_key or not column.nullable or (name, column.name) in POINTS
        if column.foreign_keys and required and column.name not in values:
            (key,) = column.foreign_keys
            values[column.name] = add(connection, key.column.table.name)["id"]
    # By column: the models call `promised_to` by another name.
    return {table.c[column]: value for column, value in values.items()}


def add(connection: Connection, name: str, /, **given: Any) -> dict[str, Any]:
    """Insert a valid row, with the rows that it cannot be without; its values by column."""
    values = valid(connection, name, **given)
    done = connection.execute(insert(TABLES[name]).values(values))
    keys = TABLES[name].primary_key.columns.keys()
    made = dict(zip(keys, done.inserted_primary_key or (), strict=True))
    return {column.name: value for column, value in values.items()} | made


def count(connection: Connection, name: str, /, **where: Any) -> int:
    table = TABLES[name]
    conditions = (table.c[column] == value for column, value in where.items())
    return connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
