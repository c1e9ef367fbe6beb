"""The columns of what `deals/export.py` writes, so that it can be imported again."""

from __future__ import annotations

from types import MappingProxyType

from .mapping import FileMapping

DEALS = FileMapping(
    MappingProxyType(
        {
            "id": ("crmid",),
            "name": ("deal",),
            "account_id": ("accountscrmid",),
            "account_name": ("account",),
            "owner": ("crmowner",),
            "product": ("product",),
            "stage": ("stage",),
            "status": ("status",),
            "amount": ("amountinthefile",),
            "close_date": ("closes",),
            "opened_on": ("opened",),
            "needed_by": ("neededbyincrm",),
            "probability": ("probability",),
            "lost_to": ("lostto",),
            "loss_reason": ("lossreason",),
        }
    ),
    frozenset("icpfit amount neededby amountstandsin vanishedfromcrm".split()),
)
ACCOUNTS = FileMapping(
    MappingProxyType(
        {
            "id": ("crmid",), "name": ("account",), "industry": ("industry",),
            "region": ("region",), "employees": ("employees",), "revenue": ("yearlyrevenue",),
        }
    ),
    frozenset("segment setbyhand icpfit opendeals openamount".split()),
)  # fmt: skip


def is_accounts(keys: frozenset[str]) -> bool:
    """Whether these are the columns of our own list of accounts."""
    return {"crmid", "account"} | ACCOUNTS.ignored <= keys
