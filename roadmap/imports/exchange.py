"""The table of exchange rates: what people say other currencies are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from babel.numbers import list_currencies
from sqlalchemy import delete, select

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.models import ExchangeRate, User
from roadmap.web.conflicts import Theirs, digest, keeps, mark, read_mark
from roadmap.web.fields import FIRST_DAY, LAST_DAY, has_controls
from roadmap.workspace import numbers, revision

from .rates import Rate

MOST_RATE = 1_000_000
WORTH = "what one unit is worth, such as 1.0853"


def rates() -> Sequence[ExchangeRate]:
    return db.session.scalars(select(ExchangeRate).order_by(ExchangeRate.currency)).all()


def read(typed: Mapping[str, str], own: str) -> tuple[Rate | None, dict[str, str]]:
    """The rate that was typed, or what is wrong with it by field. `own` is the workspace's."""
    errors: dict[str, str] = {}
    currency = typed["currency"].upper()
    if currency not in list_currencies():
        errors["currency"] = "Enter a currency's three letters, such as EUR."
    elif currency == own:
        errors["currency"] = "This is the workspace's own currency."
    factor = None
    try:
        factor = numbers.read(typed["rate"], WORTH, most=MOST_RATE, places=15)
    except ValueError as error:
        errors["rate"] = str(error)
    if factor == 0:
        errors["rate"] = f"Write {numbers.as_typed(WORTH)}."
    day = _day(typed["as_of"])
    if day is None:
        errors["as_of"] = "Enter the day that the rate is of."
    source = typed["source"]
    if len(source) > 200 or has_controls(source):
        errors["source"] = "At most 200 characters."
    if errors or factor is None or day is None:
        return None, errors
    return Rate(currency, factor, day, source), {}


def seen() -> str:
    """The mark of a form that sets any of the rates."""
    return mark({rate.currency: _says(rate) for rate in rates()})


def keep(wanted: Rate, by_id: int, seen: str) -> None:
    """Set a currency's rate. What was imported before keeps the rate that it was converted at.

    Raises Conflict where it is not the one of the form's mark any more.
    """
    revision.lock()
    known = db.session.get(ExchangeRate, wanted.currency, populate_existing=True)
    now = digest(_says(known) if known else None)
    typed = digest([str(wanted.factor), wanted.as_of, wanted.source])
    if not keeps(read_mark(seen).get(wanted.currency, digest(None)), typed, now):
        who = db.session.get(User, known.by_id) if known and known.by_id else None
        text = " · ".join(map(str, _says(known))) if known else ""
        db.session.rollback()
        raise Conflict(found=Theirs.of(text, who.name if who else "Somebody else"))
    row = known or ExchangeRate(currency=wanted.currency)
    row.rate, row.as_of, row.source = str(wanted.factor), wanted.as_of, wanted.source
    row.by_id = by_id
    db.session.add(row)
    db.session.commit()


def remove(currency: str) -> None:
    db.session.execute(delete(ExchangeRate).where(ExchangeRate.currency == currency))
    db.session.commit()


def _says(rate: ExchangeRate) -> list[object]:
    return [rate.rate, rate.as_of, rate.source]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None
