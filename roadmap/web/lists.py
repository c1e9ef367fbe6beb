"""What a list page is narrowed to and sorted by, declared field by field: read from the address,
said in its links and chips, and turned into the conditions of its query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Self

from sqlalchemy import ColumnElement, select

from roadmap.extensions import db

from . import arguments
from .arguments import MOST_ID, NONE

#: Of a filter's value, what must hold; a column for one that has to be equal.
Where = Callable[[Any], ColumnElement[bool]] | Any


@dataclass(frozen=True)
class Filters:
    """A list's filters, by the words that its address has for them; what was not given, or makes no
    sense, has its default. Frozen, so that it can be part of a cache's key.
    """

    @classmethod
    def from_address(cls) -> Self:
        return cls(**{each.name: each.metadata["read"](each.name) for each in fields(cls)})

    @property
    def unsorted(self) -> Self:
        """The same rows in the usual order."""
        orders = {each.name: each.default for each in fields(self) if each.metadata["is_order"]}
        return replace(self, **orders)

    @property
    def narrowed(self) -> bool:
        return self.unsorted != type(self)()

    def address(self, **changes: object) -> dict[str, str]:
        """What an address says of them, with changes; what is as usual is left out."""
        known = {each.name: each for each in fields(self)}
        values = {name: getattr(self, name) for name in known} | changes
        return {
            name: known[name].metadata["say"](value) if name in known else str(value)
            for name, value in values.items()
            if value not in (None, "", False, known[name].default if name in known else None)
        }

    def link(self, endpoint: str, **kept: object) -> Callable[..., str]:
        """Addresses with these filters and some changes, for templates: link(), link(TO, q="x")."""

        def link(to: str = endpoint, **changes: object) -> str:
            return arguments.address(to, {**kept, **self.address(**changes)})

        return link

    def conditions(self) -> list[ColumnElement[bool]]:
        """Of the fields that say what must hold, those that are set."""
        set_ = ((each.metadata["where"], getattr(self, each.name)) for each in fields(self))
        return [_condition(where, value) for where, value in set_ if value and where is not None]

    def named(self, unknown: str = "") -> dict[str, str]:
        """What the ids are called, for chips; one that does not exist is `unknown`, or left out."""
        called = {each.name: each.metadata["called"] for each in fields(self)}
        texts = {
            name: db.session.scalar(select(text).where(text.class_.id == id)) or unknown
            for name, text in called.items()
            if text is not None and (id := getattr(self, name))
        }
        return {name: text for name, text in texts.items() if text}


def custom(
    default: object,
    read: Callable[[str], object],
    where: Where = None,
    *,
    say: Callable[[Any], str] = str,
    called: Any = None,
    is_order: bool = False,
) -> Any:
    """A field that is read from the address by its name. `called` is the column with the name of
    what its id stands for.
    """
    metadata: Mapping[str, Any] = {
        "read": read, "where": where, "say": say, "called": called, "is_order": is_order,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


def words(where: Where = None) -> Any:
    return custom("", arguments.text, where)


def choice(among: Collection[str], where: Where = None) -> Any:
    return custom("", partial(arguments.choice, allowed=among), where)


def number(
    where: Where = None, *, most: int = MOST_ID, also: Collection[str] = (), called: Any = None
) -> Any:
    """An id or another number from 1, or one of the words `also`, such as "none"."""

    def read(name: str) -> int | str | None:
        return arguments.choice(name, also) or arguments.number(name, most)

    return custom(None, read, where, called=called)


def percent(where: Where = None) -> Any:
    return number(where, most=100)


def flag(where: Where = None) -> Any:
    read = partial(arguments.choice, allowed=("1",))
    return custom(False, lambda name: bool(read(name)), where, say=lambda _: "1")


def month(where: Where = None) -> Any:
    """The first day of a month, such as 2026-11 in the address."""
    return custom(None, arguments.month, where, say=lambda day: f"{day:%Y-%m}")


def order(among: Mapping[str, object]) -> Any:
    """What the list is sorted by; the first is usual."""
    usual = next(iter(among))
    read = partial(arguments.choice, allowed=among, default=usual)
    return custom(usual, read, is_order=True)


def _condition(where: Where, value: object) -> Any:
    if not hasattr(where, "is_"):
        return where(value)
    return where.is_(None) if value == NONE else where == value
