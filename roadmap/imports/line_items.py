"""Rows of one deal that are its lines: they agree on the deal, and each says another part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .layout import Layout
from .split_reasons import SUM

_OF_DEAL = (
    "name", "account_id", "account_name", "owner", "stage", "status", "won", "closed",
    "close_date", "closed_on", "opened_on",
)  # fmt: skip
_MOST_NAMES = 200


class Lines:
    """Compares rows of one id: those that differ in nothing but the amount are no lines."""

    def __init__(self, layout: Layout) -> None:
        self._shared = layout.together(*_OF_DEAL)
        self._amount = layout.reader("amount")
        self._first: dict[str, tuple[int, int]] = {}
        self.unlike: set[str] = set()

    def see(self, id: str, cells: Sequence[str]) -> None:
        amount = self._amount(cells)
        rest = hash(tuple(cell for cell in cells if cell != amount))
        own = hash(self._shared.key(cells))
        first = self._first.get(id)
        if first is None:
            self._first[id] = own, rest
        elif first[0] != own or first[1] == rest:
            self.unlike.add(id)


def taken_out(deals: dict[str, list[Any]], lines: Mapping[int, int], held: dict[int, Any]) -> Any:
    """The deals without those that are lines, which are held by the row of their first."""
    rows = deals["row"]
    if lines.keys().isdisjoint(rows):
        return deals
    for at, row in enumerate(rows):
        if row in lines:
            held.setdefault(lines[row], []).append({name: deals[name][at] for name in deals})
    kept = [at for at, row in enumerate(rows) if row not in lines]
    return {name: [values[at] for at in kept] for name, values in deals.items()}


def put_together(held: Mapping[int, Sequence[dict[str, Any]]], how: str) -> dict[str, list[Any]]:
    """A deal of each one's lines: an amount that one of them does not know is unknown."""
    deals = []
    for each in held.values():
        amounts = [line["amount"] for line in each]
        products = dict.fromkeys(line["product"] for line in each if line["product"])
        total = None if None in amounts else sum(amounts)
        deals.append({
            **each[0], "product": ", ".join(products)[:_MOST_NAMES] or None,
            "amount": total if how == SUM else amounts[0],
        })  # fmt: skip
    return {name: [deal[name] for deal in deals] for name in deals[0]} if deals else {}
