"""What deals can be grouped and filtered by: segment, product, rep, or any attribute."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, case, column, func, select
from sqlalchemy.dialects import sqlite

from roadmap.domain.collation import sort_key
from roadmap.extensions import db
from roadmap.market import figures, reps, segment_queries
from roadmap.market.kept import kept
from roadmap.models import Account, CrmOwner, Deal, Segment

SEGMENT, PRODUCT, REP, SIZE = "segment", "product", "rep", "employees"

#: The name, the first number of employees above the band.
BANDS = (("1 to 49", 50), ("50 to 249", 250), ("250 to 999", 1_000), ("1,000 to 4,999", 5_000))
TOP_BAND = "5,000 and more"

#: Behind the name of a deals' attribute that is called like one of accounts.
OF_DEAL = " (deal)"
#: Behind the name of what a file of teams says of reps.
OF_REP = " (rep)"

#: A group's key: an id for segments and reps, a text for all others, None where nothing is known.
Key = int | str | None


class Dimension(NamedTuple):
    """`of_account` says that all deals of an account are in one group; then so is the account."""

    name: str
    label: str
    column: ColumnElement[Any]
    of_account: bool
    missing: str = "Not given"


def dimension(name: str) -> Dimension | None:
    """By name: the product's own, else an attribute of accounts, else one of deals. Where both have
    it, the deals' has `OF_DEAL` behind its name, and the labels say whose it is."""
    attributes = _attributes()
    found = _own().get(name)
    if found is None and name in attributes.accounts:
        found = _attribute(name, Account.attributes, of_account=True)
    if found is not None:
        both = found.of_account and name.casefold() in attributes.both
        return found._replace(label=f"{found.label} (account)") if both else found
    rep = name.removesuffix(OF_REP)
    if rep != name and rep in attributes.reps and name not in attributes.deals:
        return _of_rep(rep, name)
    plain = name if name in attributes.deals else name.removesuffix(OF_DEAL)
    if plain not in attributes.deals:
        return None
    label = _of_deal(plain, attributes.both)
    return _attribute(plain, Deal.attributes, of_account=False)._replace(name=name, label=label)


def choices() -> list[tuple[str, str]]:
    """All that a report may be grouped by: (name, label)."""
    return kept(("groupings", figures.as_of()[0]), _choices)


def _choices() -> list[tuple[str, str]]:
    attributes = _attributes()
    of_deals = (_of_deal(name, attributes.both) for name in attributes.deals)
    of_reps = (name + OF_REP for name in attributes.reps)
    names = dict.fromkeys((*_own(), *of_reps, *attributes.accounts, *of_deals))
    return [(each.name, each.label) for name in names if (each := dimension(name))]


def labels(by: Dimension) -> Mapping[Key, str]:
    """What ids are called, in the order of the table; empty where a key is its own name."""
    if by.name == SEGMENT:
        named = select(Segment.id, Segment.name).order_by(Segment.position)
    elif by.name == REP:
        return reps.names()
    else:
        return {}
    rows: Any = db.session.execute(named)
    return dict(rows.all())


def label(by: Dimension, names: Mapping[Key, str], key: Key) -> str:
    if key is None:
        return by.missing
    return names.get(key, str(key))


def values(by: Dimension, most: int = 200) -> list[str]:
    """The texts that a select offers, in order; none where there are more than `most`."""

    def read() -> list[str]:
        statement = select(by.column).distinct().where(by.column.is_not(None))
        source = Account if by.of_account else Deal
        found = db.session.scalars(statement.select_from(source).limit(most + 1)).all()
        return sorted(map(str, found), key=sort_key) if len(found) <= most else []

    return kept(("report values", figures.as_of()[0], by.name), read)


class _Names(NamedTuple):
    accounts: Sequence[str]
    deals: Sequence[str]
    #: Those of deals that accounts have as well, whatever their case.
    both: frozenset[str]
    reps: Sequence[str]


def _of_rep(attribute: str, name: str) -> Dimension:
    said = select(_given(_value(CrmOwner.attributes, attribute)))
    said = said.where(CrmOwner.id == Deal.crm_owner_id).correlate(Deal)
    return Dimension(name, name, said.scalar_subquery(), False)


def _of_reps() -> list[str]:
    said = db.session.scalars(select(CrmOwner.attributes))
    return sorted({name for attributes in said for name in attributes}, key=sort_key)


def _of_deal(name: str, both: frozenset[str]) -> str:
    return name + OF_DEAL if name.casefold() in both else name


def _own() -> dict[str, Dimension]:
    listed = (
        Dimension(SEGMENT, "Segment", Account.segment_id.expression, True, "Unassigned"),
        _text("industry", "Industry", Account.industry.expression),
        _text("region", "Region", Account.region.expression),
        Dimension(SIZE, "Employees", _band(), True),
        Dimension(PRODUCT, "Product", _given(Deal.product.expression), False),
        Dimension(REP, "Rep", reps.of_deal(), False, "Nobody"),
    )
    return {each.name: each for each in listed}


def _text(name: str, label: str, column: ColumnElement[Any]) -> Dimension:
    return Dimension(name, label, _given(column), True)


def _given(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.nullif(column, "")


def _band() -> ColumnElement[Any]:
    employees = Account.employees
    return case(
        (employees.is_(None), None),
        *((employees < above, name) for name, above in BANDS),
        else_=TOP_BAND,
    )


def _attribute(name: str, column: Any, *, of_account: bool) -> Dimension:
    return Dimension(name, name, _given(_value(column, name)), of_account)


def _value(attributes: Any, name: str) -> ColumnElement[Any]:
    """A JSON column's text under a name. SQLite's paths cannot say a name that JSON writes in
    another way, such as one with a quote or an umlaut: it is looked for among the keys.
    """
    value: ColumnElement[Any] = attributes[name].as_string()
    if db.engine.dialect.name == sqlite.dialect.name and json.dumps(name) != f'"{name}"':
        each = func.json_each(attributes).table_valued("key", column("value", String))
        found = select(each.c.value).where(each.c.key == name)
        value = found.scalar_subquery().correlate(attributes.table)
    return value


def _attributes() -> _Names:
    """Whatever the imports brought."""
    accounts, deals = segment_queries.names_in_accounts(), segment_queries.names_in_deals()
    known = {name.casefold() for name in (*_own(), *accounts)}
    both = frozenset(map(str.casefold, deals)) & known
    return _Names(accounts, deals, both, kept(("rep attributes", figures.as_of()[0]), _of_reps))
