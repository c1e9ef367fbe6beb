"""What stands in for amounts that CRM does not give, only where somebody switched it on.

Each is marked as what it is, for as long as it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, update

from roadmap.domain.deals import LIST_PRICE, WON
from roadmap.domain.money import half_up
from roadmap.extensions import db
from roadmap.models import Deal, StagedDeal
from roadmap.models.imports import NEW

from . import money
from .mapping import ImportMapping, column_key
from .reading import UnreadableFile
from .report import FileReport
from .sheets import open_sheet
from .values import Unreadable, text

_NAMES = ("productname", "product", "name")
_PRICES = ("salesprice", "listprice", "price", "unitprice", "standardprice", "amount")


class Product(NamedTuple):
    """A product's name and, where the file has one, its list price in cents."""

    name: str
    price: int | None


def products(path: Path, own: ImportMapping) -> list[Product]:
    """The products in a file, each name once."""

    def place(cells: Sequence[str], names: Sequence[str]) -> int | None:
        keys = [column_key(cell) for cell in cells]
        return next((keys.index(name) for name in names if name in keys), None)

    sheet = open_sheet(
        path,
        lambda cells: place(cells, _NAMES) is not None,
        encoding=own.encoding,
        separator=own.separator,
    )
    named, priced = place(sheet.header, _NAMES), place(sheet.header, _PRICES)
    if named is None:
        raise UnreadableFile(f"{path.name} has no column called product or name.")
    found: dict[str, Product] = {}
    for row in sheet.rows():
        name = text(row.cells[named]) if len(row.cells) > named else ""
        if name and name not in found:
            cell = row.cells[priced] if priced is not None and len(row.cells) > priced else ""
            found[name] = Product(name, _price(cell, own.decimal))
    return list(found.values())


def fill(import_id: int, stand_in: str, listed: Sequence[Product], report: FileReport) -> None:
    """Put the list price, or the average of won deals, where a staged deal has no amount.

    The average is over the product's won deals with an amount in this file or, where it has none,
    over those that are stored, rounded half up to a cent.
    """
    if stand_in == LIST_PRICE:
        worth = {product.name: product.price for product in listed if product.price is not None}
    else:
        worth = {**_averages(Deal), **_averages(StagedDeal, StagedDeal.import_id == import_id)}
    filled = 0
    for product, cents in worth.items():
        done: Any = db.session.execute(
            update(StagedDeal)
            .where(StagedDeal.import_id == import_id, StagedDeal.action == NEW)
            .where(StagedDeal.amount.is_(None), StagedDeal.product == product)
            .values(amount=cents, amount_source=stand_in)
            .execution_options(synchronize_session=False)
        )
        filled += done.rowcount
        db.session.commit()
    if filled:
        report.note(f"The {_called(stand_in)} stands in for the unknown amount", count=filled)


def _called(stand_in: str) -> str:
    return "list price" if stand_in == LIST_PRICE else "average of the product's won deals"


def _averages(
    table: type[Deal] | type[StagedDeal], *where: ColumnElement[bool]
) -> Mapping[str, int]:
    rows: Any = db.session.execute(
        select(table.product, func.sum(table.amount), func.count(table.amount))
        .where(table.status == WON, table.amount.is_not(None), table.product.is_not(None))
        .where(table.amount_source.is_(None), *where)
        .group_by(table.product)
    )
    return {product: half_up(int(total), count) for product, total, count in rows}


def _price(cell: str, decimal: str | None) -> int | None:
    try:
        return money.in_cents(money.number(cell, decimal or "."), cell).cents
    except Unreadable:
        return None
