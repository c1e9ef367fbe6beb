"""Products: what work items are for."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.models import Product
from roadmap.planning.picture import Picture
from roadmap.workspace import revision


class Line(NamedTuple):
    """A product with what is left to do for it on the board, in person-days."""

    id: int
    name: str
    initiatives: int
    person_days: int
    unestimated: int


def lines(picture: Picture) -> list[Line]:
    """By name. An initiative for several products counts with its own part under each."""
    initiatives: dict[str, set[str]] = {}
    unestimated: dict[str, set[str]] = {}
    days: dict[str, int] = {}
    for id in picture.plan.order:
        for item in picture.plan.initiatives[id].work:
            initiatives.setdefault(item.product, set()).add(id)
            if item.person_days is None:
                unestimated.setdefault(item.product, set()).add(id)
            else:
                days[item.product] = days.get(item.product, 0) + item.person_days
    rows = db.session.execute(
        select(Product.id, Product.name).order_by(Product.sort_key, Product.id)
    )
    return [
        Line(
            id,
            name,
            len(initiatives.get(str(id), ())),
            days.get(str(id), 0),
            len(unestimated.get(str(id), ())),
        )
        for id, name in rows
    ]


def create(name: str) -> Product:
    """Raises Refused."""
    row = revision.lock()
    _refuse_taken(name, None)
    product = Product(name=name)
    db.session.add(product)
    revision.count(row)
    db.session.commit()
    return product


def rename(product_id: int, name: str) -> None:
    """Raises Refused."""
    row = revision.lock()
    _refuse_taken(name, product_id)
    db.session.get_one(Product, product_id, populate_existing=True).name = name
    revision.count(row, plan=True)
    db.session.commit()


def _refuse_taken(name: str, own: int | None) -> None:
    if db.session.scalar(select(Product.id).where(Product.name == name, Product.id != (own or 0))):
        db.session.rollback()
        raise Refused(f"There is a product called {name} already.")
