"""Deals into the database: compared with what is there, and written where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from roadmap.deals.actions import recount
from roadmap.intake.settling import settle_deals
from roadmap.models import Deal
from roadmap.models.deals import LOST, WON
from roadmap.planning import totals
from roadmap.workspace.settings import workspace

from . import queries
from .accounts import AccountBook
from .owners import OwnerBook
from .report import FileReport
from .staging import StagedDeal
from .writing import insert_rows, update_rows

#: What the stored totals rest on.
IN_FIGURES = ("status", "amount", "account_id", "close_date", "needed_by")
_NEW: dict[str, Any] = {
    **dict.fromkeys(queries.DEAL_COLUMNS),
    "stage": "",
    "attributes": {},
}
Values = dict[str, Any]


class DealBook:
    """Writes staged deals, a chunk at a time.

    `labels` are the attributes that the file has columns for: one of them that is blank in a row
    is dropped from that deal, as CRM has dropped it; all others stay.
    """

    def __init__(
        self,
        accounts: AccountBook,
        owners: OwnerBook,
        labels: Sequence[str],
        *,
        has_account: bool,
        has_owner: bool,
        maintain_totals: bool = True,
    ) -> None:
        self.accounts = accounts
        self.owners = owners
        self.labels = frozenset(labels)
        self.has_account = has_account
        self.has_owner = has_owner
        self.maintain_totals = maintain_totals

    def store(self, deals: Sequence[StagedDeal], report: FileReport) -> None:
        """Insert what is new and update what differs; nothing is deleted."""
        known = queries.deals([deal.id for deal in deals])
        accounts = self.accounts.resolve(deals, report) if self.has_account else ()
        owners = self.owners.resolve([deal.owner for deal in deals]) if self.has_owner else ()
        new: list[Values] = []
        changed: list[tuple[int, Values]] = []
        in_figures: list[int] = []
        other_status: dict[int, str] = {}
        for place, deal in enumerate(deals):
            said = dict(deal.values)
            if self.has_account:
                said["account_id"] = accounts[place]
            if self.has_owner:
                said["crm_owner_id"] = owners[place]
            if deal.id not in known:
                new.append(_fresh(deal, said))
                report.new += 1
                continue
            id, before = known[deal.id]
            after = self._merged(deal, said, before)
            differing = {name for name in queries.DEAL_COLUMNS if before[name] != after[name]}
            if not differing:
                report.unchanged += 1
                continue
            report.changed += 1
            changed.append((id, after))
            if differing.intersection(IN_FIGURES):
                in_figures.append(id)
            if "status" in differing:
                other_status[id] = before["status"]
        insert_rows(Deal, new)
        with self._keeping(in_figures):
            update_rows(Deal, queries.DEAL_COLUMNS, changed)
            if other_status:
                recount(other_status)
        settle_deals(workspace(), [id for id, was in other_status.items() if was == WON])

    def _merged(self, deal: StagedDeal, said: Values, before: Values) -> Values:
        after = {**before, **said}
        if after["status"] == LOST and after["lost_to"] is None:
            after["lost_to"] = before["lost_to"] or "unknown"
        kept = {
            label: value
            for label, value in before["attributes"].items()
            if label not in self.labels
        }
        after["attributes"] = {**kept, **deal.attributes}
        return after

    def _keeping(self, ids: Sequence[int]) -> AbstractContextManager[None]:
        return totals.keeping(ids) if ids and self.maintain_totals else nullcontext()


def _fresh(deal: StagedDeal, said: Values) -> Values:
    values = {**_NEW, **said, "external_id": deal.id, "attributes": deal.attributes}
    if values["status"] == LOST and values["lost_to"] is None:
        values["lost_to"] = "unknown"
    return values
