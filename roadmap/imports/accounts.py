"""Which account each deal of a file belongs to, and which of them nobody knows yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from roadmap.market import classify
from roadmap.models.imports import NEW

from . import queries
from .attributes import NONE
from .report import FileReport
from .staging import StagedDeal

#: A name that several accounts share.
AMBIGUOUS = ""


class AccountBook:
    """The accounts that this import has met, by the external id that they have or will have.

    The accounts' file must be staged and compared before: its accounts count as known.
    """

    def __init__(self, import_id: int) -> None:
        self.import_id = import_id
        self.ids: set[str] = set()
        self.names: dict[str, str] = {}
        self.count = 0
        # Of an account nothing but its name is known: what that fits is the same for all.
        nothing = classify.values_of(None, None, None, None, None)
        self._fit, self._segment = classify.classifier()(nothing)
        self._made: list[tuple[Any, ...]] = []

    def resolve(self, deals: Sequence[StagedDeal], report: FileReport) -> list[str | None]:
        """Each deal's account. One that nobody knows is made; of an ambiguous name, none."""
        self._look_up(deals)
        return [self._of(deal, report) for deal in deals]

    def made(self) -> list[tuple[Any, ...]]:
        """The rows in staging of the accounts that were made since this was last asked."""
        made, self._made = self._made, []
        return made

    def _look_up(self, deals: Sequence[StagedDeal]) -> None:
        ids = {deal.account_id for deal in deals} - self.ids - {""}
        if ids:
            self.ids |= queries.known_account_ids(self.import_id, ids)
        names = {deal.account_name.casefold() for deal in deals if not deal.account_id}
        names -= self.names.keys() | {""}
        if names:
            found = queries.account_keys_by_name(self.import_id, names)
            for name, keys in found.items():
                self.names[name] = keys[0] if len(keys) == 1 else AMBIGUOUS
            # A name that is another account's id is that account: ids name one each.
            fresh = {d.account_name for d in deals if d.account_name.casefold() in names}
            fresh = {name for name in fresh if name.casefold() not in found} - self.ids
            self.ids |= queries.known_account_ids(self.import_id, fresh)

    def _of(self, deal: StagedDeal, report: FileReport) -> str | None:
        id, name = deal.account_id, deal.account_name
        if id:
            if id not in self.ids:
                self._make(id, name or id)
            return id
        if not name:
            return None
        key = self.names.get(name.casefold())
        if key is None:
            key = self._make(name, name)
        if key == AMBIGUOUS:
            report.note("Several accounts have this name: the deal belongs to none", deal.row, name)
            return None
        return key

    def _make(self, id: str, name: str) -> str:
        if id not in self.ids:
            self.count += 1
            search = name.casefold()[:400]
            self._made.append(
                (
                    self.import_id,
                    -self.count,
                    NEW,
                    id,
                    name,
                    search,
                    *[None] * 4,
                    NONE,
                    self._fit,
                    self._segment,
                )
            )
            self.ids.add(id)
        # A second account of the same name would make it ambiguous, were it not the same file's.
        self.names.setdefault(name.casefold(), id)
        return id
