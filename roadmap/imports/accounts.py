"""Which account each deal of a file belongs to, and which of them nobody knows yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from roadmap.domain.collation import sort_key
from roadmap.domain.folding import folded_name
from roadmap.market import classify
from roadmap.models.imports import NEW

from . import queries
from .attributes import NONE
from .comparing_accounts import FIGURES
from .deal_rows import Deals
from .report import FileReport

#: So many accounts are kept in memory; others are looked up where they are named again.
MOST_KEPT = 50_000
#: In place of an account's id: a name that several share; no account at all.
AMBIGUOUS, NONE_NAMED = "\0several", "\0none"


class AccountBook:
    """The accounts that this import has met, by the external id that they have or will have.

    The accounts' file must be staged and compared before: its accounts count as known.
    """

    def __init__(self, import_id: int) -> None:
        self.import_id = import_id
        #: The names of the accounts by their ids, and what deals call some of them otherwise.
        self.ids: dict[str, str] = {}
        self._otherwise: dict[str, dict[str, None]] = {}
        #: Whether all pairs of the file are still known.
        self._complete = True
        self.names: dict[str, str] = {}
        self.count = 0
        #: Whether staged accounts may be stored ones: by an id, or by a name that one had before.
        self.by_id = queries.any_other_names()
        # Of an account nothing but its name is known: what that fits is the same for all.
        nothing = classify.values_of(None, None, None, None, None)
        self._fit, self._segment = classify.classifier()(nothing)
        #: By the id and the name that deals give.
        self._keys: dict[tuple[str, str], str] = {}
        self._made: list[tuple[Any, ...]] = []

    def resolve(self, deals: Deals, report: FileReport) -> list[str | None]:
        """Each deal's account. One that nobody knows is made; of an ambiguous name, none."""
        if len(self._keys) > MOST_KEPT:
            self._complete = False
            for kept in (self._keys, self.names, self.ids):
                kept.clear()
        pairs = list(zip(deals["account_id"], deals["account_name"], strict=True))
        keys = list(map(self._keys.get, pairs))
        if None in keys:
            self._meet([pair for pair, key in zip(pairs, keys, strict=True) if key is None])
            keys = list(map(self._keys.get, pairs))
        if AMBIGUOUS in keys:
            for row, (_, name), key in zip(deals["row"], pairs, keys, strict=True):
                if key == AMBIGUOUS:
                    note = "Several accounts have this name: the deal belongs to none"
                    report.note(note, row, name)
        return [None if key is AMBIGUOUS or key is NONE_NAMED else key for key in keys]

    def _meet(self, pairs: Sequence[tuple[str, str]]) -> None:
        """In the order of the rows, so that the same file makes the same accounts."""
        self._look_up(set(pairs))
        for pair in dict.fromkeys(pairs):
            self._keys[pair] = self._of(*pair)

    def made(self) -> list[tuple[Any, ...]]:
        """The rows in staging of the accounts that were made since this was last asked."""
        made, self._made = self._made, []
        return made

    def stage(self, id: str, name: str, facts: Mapping[str, Any]) -> None:
        """Make the row in staging of an account that deals name, with what they say of it."""
        self.count += 1
        self.by_id = self.by_id or bool(facts)
        search, figures = folded_name(name), (facts.get(each) for each in FIGURES)
        self._made.append(
            (self.import_id, -self.count, NEW, id, name, search, sort_key(name), *figures, NONE,
             self._fit, self._segment)
        )  # fmt: skip

    def rename(self, report: FileReport) -> None:
        """Give the accounts that all rows call otherwise, and alike, that name; others keep theirs,
        as those do that the accounts' file names."""
        if not self._otherwise:
            return
        known = queries.known_accounts(self.import_id, self._otherwise)
        staged = queries.staged_accounts(self.import_id, self._otherwise)
        as_here = {id for id, name in self._keys if name.casefold() == known.get(id, "").casefold()}
        for id, names in self._otherwise.items():
            if self._complete and len(names) == 1 and id not in as_here and staged.get(id, -1) < 0:
                (name,), self.by_id = names, True
                if id in staged:
                    queries.rename_staged(self.import_id, staged[id], name)
                else:
                    self.stage(id, name, {})
                continue
            for name in names:
                both = f"{known[id]} ({id}): {name}"
                report.note("Accounts that deals call otherwise: they keep their name", None, both)

    def _look_up(self, pairs: Collection[tuple[str, str]]) -> None:
        """Ask once for all ids and names that were not met before."""
        ids = {id for id, _ in pairs} - self.ids.keys() - {""}
        if ids:
            self.ids |= queries.known_accounts(self.import_id, ids)
        named = {name.casefold(): name for id, name in pairs if name and not id}
        names = named.keys() - self.names.keys()
        if names:
            found = queries.account_keys_by_name(self.import_id, names)
            for name, keys in found.items():
                self.names[name] = keys[0] if len(keys) == 1 else AMBIGUOUS
            # A name that is another account's id is that account: ids name one each.
            unknown = names - found.keys()
            fresh = {name for _, name in pairs if name.casefold() in unknown}
            self.ids |= queries.known_accounts(self.import_id, fresh - self.ids.keys())

    def _of(self, id: str, name: str) -> str:
        if id:
            if id not in self.ids:
                self._make(id, name or id)
            elif name and name.casefold() != self.ids[id].casefold():
                self._otherwise.setdefault(id, {})[name] = None
            return id
        if not name:
            return NONE_NAMED
        key = self.names.get(name.casefold())
        return self._make(name, name) if key is None else key

    def _make(self, id: str, name: str) -> str:
        if id not in self.ids:
            self.by_id = self.by_id or id != name
            self.stage(id, name, {})
            self.ids[id] = name
        # A second account of the same name would make it ambiguous, were it not the same file's.
        self.names.setdefault(name.casefold(), id)
        return id
