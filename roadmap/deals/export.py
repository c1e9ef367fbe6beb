"""Deals and accounts to take along. An import knows these files by their columns, reads them
without a question and changes nothing: `imports/presets.py` has their columns, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from roadmap.market.segment_queries import names_in_accounts, names_in_deals
from roadmap.web.csv import cents

from . import accounts, listing

DEALS = (
    "Deal", "Account", "ICP fit (%)", "Status", "Lost to", "Stage", "Amount", "Closes", "Needed by",
    "CRM owner", "Product", "Amount stands in", "Vanished from CRM", "CRM id", "Account's CRM id",
    "Opened", "Needed by in CRM", "Probability", "Amount in the file", "Loss reason",
)  # fmt: skip
ACCOUNTS = (
    "Account", "Segment", "Set by hand", "ICP fit (%)", "Industry", "Region", "Employees",
    "Yearly revenue", "Open deals", "Open amount", "CRM id",
)  # fmt: skip

#: The attribute that has a column of its own.
_LOSS_REASON = DEALS[-1]

Table = tuple[Sequence[str], Iterable[Sequence[object]]]


def deals(asked: listing.Filters) -> Table:
    """A header and the deals that the filters let through, in order."""
    names = [_LOSS_REASON, *(name for name in names_in_deals() if name != _LOSS_REASON)]
    return (*DEALS[:-1], *names), _deals(listing.all_deals(asked), names)


def _deals(lines: Iterable[listing.Line], names: Sequence[str]) -> Iterator[Sequence[object]]:
    for line in lines:
        own = None if line.amount_source else line.amount
        yield (
            line.name, line.account, line.fit, line.status, line.lost_to, line.stage,
            cents(line.amount), line.close_date, line.needed_by, line.owner, line.product,
            line.amount_source, line.vanished, line.external_id, line.account_key, line.opened_on,
            line.date_in_crm, None if line.probability is None else f"{line.probability}%",
            cents(own), *map(line.attributes.get, names),
        )  # fmt: skip


def all_accounts(asked: accounts.Filters) -> Table:
    """The same of the accounts."""
    names = names_in_accounts()
    return (*ACCOUNTS, *names), (
        (
            line.name, line.segment, "yes" if line.by_hand else "no", line.fit, line.industry,
            line.region, line.employees, cents(line.revenue), line.open_deals,
            cents(line.open_amount), line.external_id, *map(line.attributes.get, names),
        )
        for line in accounts.all_accounts(asked)
    )  # fmt: skip
