"""Accounts into the database: those of a file, and those that deals name and nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from roadmap.market import classify
from roadmap.models import Account
from roadmap.planning import totals

from . import queries
from .report import FileReport
from .staging import StagedAccount, StagedDeal
from .values import shown
from .writing import insert_rows, update_rows

FIGURES = ("industry", "region", "employees", "revenue")
_DERIVED = ("fit", "segment_id")
_STORED = ("external_id", "name", "search_text", *FIGURES, "attributes", *_DERIVED)
Values = dict[str, Any]


class AccountBook:
    """The accounts that this import has met, by external id and by name in lower case."""

    def __init__(self, *, maintain_totals: bool = True) -> None:
        self.classify = classify.classifier()
        self.maintain_totals = maintain_totals
        self.by_id: dict[str, int] = {}
        self.by_name: dict[str, list[int]] = {}
        self.created: list[str] = []
        self.seen: set[str] = set()
        self.given_ids: int = 0

    def store(self, staged: Sequence[StagedAccount], report: FileReport) -> None:
        """Insert what is new, update what differs. A blank cell leaves what is known alone:
        somebody may have filled in here what CRM does not know."""
        staged = [account for account in staged if self._first(account, report)]
        known = queries.accounts([account.id for account in staged])
        by_name = queries.accounts_by_name(
            [a.values["search_text"] for a in staged if a.id not in known]
        )
        new: list[Values] = []
        changed: list[tuple[int, Values]] = []
        moved: list[int] = []
        for account in staged:
            found = known.get(account.id) or self._by_name(account, by_name)
            if found is None:
                new.append(self._derived(_fresh(account)))
                report.new += 1
                continue
            id, before = found
            after = self._derived(_merged(account, before))
            if all(before[name] == after[name] for name in _STORED):
                report.unchanged += 1
                continue
            report.changed += 1
            changed.append((id, after))
            if after["fit"] != before["fit"]:
                moved.append(id)
        insert_rows(Account, new)
        with self._keeping(moved):
            update_rows(Account, _STORED, changed)

    def _first(self, account: StagedAccount, report: FileReport) -> bool:
        """Whether no earlier row was this account: replaced names can make two rows one."""
        if account.id in self.seen:
            report.fail(account.row, f"an earlier row is the account {shown(account.id)}, too")
            return False
        self.seen.add(account.id)
        return True

    def resolve(self, deals: Sequence[StagedDeal], report: FileReport) -> list[int | None]:
        """Each deal's account. One that nobody knows is created; of an ambiguous name, none."""
        self._look_up(deals)
        new: dict[str, Values] = {}
        for deal in deals:
            id, name = deal.account_id, deal.account_name
            if id and id not in self.by_id:
                new.setdefault(id, {"id": id, "name": name or id})
            elif name and not id and self._named(name) is None:
                new.setdefault(name.casefold(), {"id": name, "name": name})
        if new:
            self._create(list(new.values()))
        return [self._of(deal, report) for deal in deals]

    def _look_up(self, deals: Sequence[StagedDeal]) -> None:
        ids = {deal.account_id for deal in deals} - self.by_id.keys() - {""}
        names = {deal.account_name.casefold() for deal in deals if not deal.account_id}
        names -= self.by_name.keys() | {""}
        self.by_id.update(queries.account_ids(ids))
        for name, found in queries.account_ids_by_name(names).items():
            self.by_name[name] = found
        unknown = {
            deal.account_id: deal.account_name
            for deal in deals
            if deal.account_id and deal.account_id not in self.by_id and deal.account_name
        }
        self._give_ids(unknown)

    def _give_ids(self, names: dict[str, str]) -> None:
        """Accounts known by name alone take the id that the file now has for that name."""
        nameless = queries.accounts_named_only([name.casefold() for name in names.values()])
        rows = []
        for external_id, name in names.items():
            found = nameless.pop(name.casefold(), None)
            if found:
                rows.append((found[0], {"external_id": external_id}))
                self.by_id[external_id] = found[0]
        update_rows(Account, ("external_id",), rows)
        self.given_ids += len(rows)

    def _create(self, accounts: Sequence[Values]) -> None:
        # A name that is another account's id would break the ids' uniqueness: it is that account.
        taken = queries.account_ids([account["id"] for account in accounts])
        rows = [
            self._derived(
                {
                    "external_id": id,
                    "name": account["name"],
                    "search_text": account["name"].casefold()[:400],
                    **dict.fromkeys(FIGURES),
                    "attributes": {},
                    "segment_by_hand": False,
                    "segment_id": None,
                }
            )
            for id, account in {account["id"]: account for account in accounts}.items()
            if id not in taken
        ]
        insert_rows(Account, rows)
        self.created += [row["name"] for row in rows]
        ids = queries.account_ids([account["id"] for account in accounts])
        self.by_id.update(ids)
        for account in accounts:
            known = self.by_name.setdefault(account["name"].casefold(), [])
            if ids[account["id"]] not in known:
                known.append(ids[account["id"]])

    def _named(self, name: str) -> list[int] | None:
        return self.by_name.get(name.casefold()) or None

    def _of(self, deal: StagedDeal, report: FileReport) -> int | None:
        if deal.account_id:
            return self.by_id[deal.account_id]
        if not deal.account_name:
            return None
        found = self.by_name[deal.account_name.casefold()]
        if len(found) > 1:
            report.note(
                "Several accounts have this name: the deal belongs to none",
                deal.row,
                deal.account_name,
            )
            return None
        return found[0]

    def _by_name(
        self, account: StagedAccount, by_name: dict[str, list[tuple[int, Values]]]
    ) -> tuple[int, Values] | None:
        """An account stored under its name alone or, where the file has no ids, under any id."""
        found = by_name.get(account.values["search_text"], [])
        if account.id == account.values["name"]:
            return found[0] if len(found) == 1 else None
        for place, (_, values) in enumerate(found):
            if values["external_id"] == values["name"]:
                self.given_ids += 1
                return found.pop(place)
        return None

    def _derived(self, values: Values) -> Values:
        """With the fit and the segment that its attributes give it."""
        seen = classify.values_of(
            values["industry"],
            values["region"],
            values["employees"],
            values["revenue"],
            values["attributes"],
        )
        fit, segment = self.classify(seen)
        if not values.get("segment_by_hand"):
            values["segment_id"] = segment
        return {**values, "fit": fit}

    def _keeping(self, account_ids: Collection[int]) -> AbstractContextManager[None]:
        if not account_ids or not self.maintain_totals:
            return nullcontext()
        return totals.keeping(queries.deal_ids_of_accounts(account_ids))


def _fresh(account: StagedAccount) -> Values:
    return {
        **dict.fromkeys(FIGURES),
        **account.values,
        "external_id": account.id,
        "attributes": account.attributes,
        "segment_id": None,
        "segment_by_hand": False,
    }


def _merged(account: StagedAccount, before: Values) -> Values:
    said = {name: value for name, value in account.values.items() if value is not None}
    after = {**before, **said, "attributes": {**before["attributes"], **account.attributes}}
    # A file without ids knows an account by its name; the id that another file gave it stays.
    if account.id != account.values["name"]:
        after["external_id"] = account.id
    return after
