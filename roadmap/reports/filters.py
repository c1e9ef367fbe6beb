"""What all reports are narrowed to, as an address or a command says it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import request
from sqlalchemy import ColumnElement, select

from roadmap.domain.calendar import months_before
from roadmap.domain.errors import Refused
from roadmap.domain.winloss import SOURCES
from roadmap.extensions import db
from roadmap.market import reps
from roadmap.market.verdicts import SOURCE_NAMES
from roadmap.models import Account, CrmOwner, Deal, Segment
from roadmap.web.arguments import MOST_ID
from roadmap.web.fields import FIRST_DAY, LAST_DAY, has_controls, whole_number
from roadmap.workspace import clock

from . import dimensions

NONE, ALL = "none", "all"
MOST_MONTHS = 60
_ATTRIBUTE = "attr."


class Filters(NamedTuple):
    """What every report is narrowed to. `segment` and `rep` are an id or "none".

    `window` is a number of months, or "all", or None for what the report usually takes. `source`
    leaves the reasons from this source alone, as if no other had been given. `attributes` are names
    of dimensions with the value that they must have.
    """

    as_of: date
    segment: int | str | None = None
    product: str = ""
    rep: int | str | None = None
    fit: int | None = None
    window: int | str | None = None
    source: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def narrowed(self) -> bool:
        return self != Filters(self.as_of)

    def since(self, usual: int | None = None) -> date | None:
        """The day after which a deal must have closed; None for whenever."""
        months = usual if self.window is None else self.window
        return months_before(self.as_of, months) if isinstance(months, int) else None

    def as_address(self) -> dict[str, object]:
        """What the address says of them; what is left out is empty."""
        today = clock.today()
        return {
            "as_of": "" if self.as_of == today else self.as_of.isoformat(),
            "segment": self.segment or "",
            "product": self.product,
            "rep": self.rep or "",
            "fit": self.fit or "",
            "window": self.window or "",
            "source": self.source,
            **{_address_name(name): value for name, value in self.attributes},
        }


def from_address() -> Filters:
    """As the address has them; what makes no sense counts as not given."""
    found = Filters(clock.today())
    for name, value in request.args.items():
        try:
            found = _with(found, name, value)
        except Refused:
            continue
    return found


def from_words(as_of: date | None, pairs: Mapping[str, str]) -> Filters:
    """As a command has them. Raises Refused for a name or value that means nothing."""
    found = Filters(as_of or clock.today())
    if not FIRST_DAY <= found.as_of <= LAST_DAY:
        raise Refused(f"as of: choose a day between {FIRST_DAY.year} and {LAST_DAY.year}")
    for given, value in pairs.items():
        name = given if given in _READERS else _ATTRIBUTE + given.removeprefix(_ATTRIBUTE)
        if name not in _READERS and not _attribute_name(name):
            raise Refused(f"{given}: there is no such filter or attribute")
        found = _with(found, name, value)
    return found


def conditions(asked: Filters) -> list[ColumnElement[bool]]:
    """For a select from deals, outer joined to their accounts."""
    found = list(account_conditions(asked))
    if asked.product:
        found.append(Deal.product == asked.product)
    if asked.rep:
        found.append(_is(reps.of_deal(), asked.rep))
    for name, value in asked.attributes:
        by = dimensions.dimension(name)
        if by is not None and not by.of_account:
            found.append(by.column == value)
    return found


def account_conditions(asked: Filters) -> list[ColumnElement[bool]]:
    """Those of the filters that speak of accounts, for a select from accounts alone."""
    found: list[ColumnElement[bool]] = []
    if asked.segment:
        found.append(_is(Account.segment_id, asked.segment))
    if asked.fit:
        found.append(Account.fit >= asked.fit)
    for name, value in asked.attributes:
        by = dimensions.dimension(name)
        if by is not None and by.of_account:
            found.append(by.column == value)
    return found


def narrowed_to(name: str, key: dimensions.Key) -> dict[str, object] | None:
    """What an address says to look at one group alone; None where it cannot."""
    if key is None:
        return {name: NONE} if name in (dimensions.SEGMENT, dimensions.REP) else None
    return {name if name in _OTHERWISE else _address_name(name): key}


def in_words(asked: Filters) -> list[tuple[str, str, str]]:
    """Each filter that is set: its name in the address, what it is called, its value in words."""
    segments = dimensions.labels(_known(dimensions.SEGMENT))
    found = []
    if asked.segment:
        name = "Unassigned" if asked.segment == NONE else _name(segments, asked.segment)
        found.append(("segment", "Segment", name))
    if asked.product:
        found.append(("product", "Product", asked.product))
    if asked.rep:
        named = dimensions.labels(_known(dimensions.REP))
        name = "Nobody" if asked.rep == NONE else _name(named, asked.rep)
        found.append(("rep", "Rep", name))
    if asked.fit:
        found.append(("fit", "ICP fit", f"at least {asked.fit} %"))
    if asked.window:
        last = "month" if asked.window == 1 else f"{asked.window} months"
        words = "whenever" if asked.window == ALL else f"in the last {last}"
        found.append(("window", "Closed", words))
    if asked.source:
        found.append(("source", "Reasons from", SOURCE_NAMES[asked.source]))
    for name, value in asked.attributes:
        found.append((_address_name(name), _known(name).label, value))
    return found


def _known(name: str) -> dimensions.Dimension:
    by = dimensions.dimension(name)
    if by is None:
        raise Refused(f"{name}: there is no such attribute")
    return by


def _name(names: Mapping[Any, str], id: int | str) -> str:
    return names.get(id, "one that does not exist")


def _with(asked: Filters, name: str, value: str) -> Filters:
    """The filters with one more. Raises Refused; names that mean nothing change nothing."""
    value = " ".join(value.split())[:200]
    if not value:
        return asked
    if has_controls(value):
        raise Refused(f"{name}: remove the control characters")
    if name in _READERS:
        return asked._replace(**{name: _READERS[name](value)})
    attribute = _attribute_name(name)
    if not attribute:
        return asked
    return asked._replace(
        attributes=tuple(sorted({**dict(asked.attributes), attribute: value}.items()))
    )


#: Dimensions that have a filter of their own.
_OTHERWISE = frozenset({dimensions.SEGMENT, dimensions.PRODUCT, dimensions.REP})
#: Dimensions whose name an address says plainly: any other attribute is "attr.NAME" there.
_PLAIN = frozenset({"industry", "region", dimensions.SIZE})


def _attribute_name(name: str) -> str:
    """The dimension that a filter's name means, "" for none."""
    plain = name.removeprefix(_ATTRIBUTE)
    if (name == plain and name not in _PLAIN) or plain in _OTHERWISE:
        return ""
    return plain if dimensions.dimension(plain) is not None else ""


def _address_name(name: str) -> str:
    return name if name in _PLAIN else _ATTRIBUTE + name


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise Refused(f"as_of: “{value}” is no date such as 2027-01-31") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Refused(f"as_of: choose a day between {FIRST_DAY.year} and {LAST_DAY.year}")
    return day


def _segment(value: str) -> int | str:
    return _id_or_none("segment", value, Segment)


def _rep(value: str) -> int | str:
    found = _id_or_none("rep", value, CrmOwner)
    return found if isinstance(found, str) else reps.same().get(found, found)


def _id_or_none(what: str, value: str, table: type[Segment] | type[CrmOwner]) -> int | str:
    """An id, "none", or a name as it is written."""
    if value == NONE:
        return NONE
    number = whole_number(value, MOST_ID)
    if number:
        return number
    found = db.session.scalar(select(table.id).where(table.name == value))
    if found is None:
        raise Refused(f"{what}: there is none called “{value}” (“none” means without one)")
    return found


def _product(value: str) -> str:
    return value


def _fit(value: str) -> int:
    number = whole_number(value, 100)
    if number is None:
        raise Refused(f"fit: “{value}” is no whole number from 0 to 100")
    return number


def _window(value: str) -> int | str:
    number = whole_number(value, MOST_MONTHS)
    if value != ALL and not number:
        raise Refused(f"window: “{value}” is no number of months from 1 to {MOST_MONTHS}")
    return ALL if value == ALL else number or ALL


def _source(value: str) -> str:
    if value not in SOURCES:
        raise Refused(f"source: “{value}” is none of {', '.join(SOURCES)}")
    return value


_READERS: Mapping[str, Any] = {
    "as_of": _day,
    "segment": _segment,
    "product": _product,
    "rep": _rep,
    "fit": _fit,
    "window": _window,
    "source": _source,
}


def _is(column: Any, value: int | str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if value == NONE else column == value
    return found
