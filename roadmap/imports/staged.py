"""What rows of files become: a deal or an account as it shall be staged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class StagedDeal(NamedTuple):
    """A deal as its row has it; what the file has no column for is None, or empty. Days are
    written as YYYY-MM-DD."""

    row: int
    id: str
    name: str
    account_id: str
    account_name: str
    owner: str
    product: str | None
    stage: str
    status: str
    lost_to: str | None
    amount: int | None
    probability: int | None
    opened_on: str | None
    close_date: str | None
    needed_by: str | None
    #: A JSON object.
    attributes: str
    #: What CRM says about the loss, cut to the length of a key.
    words: str


@dataclass(slots=True)
class StagedAccount:
    """An account as its row has it; `id` is its name where the file has no ids."""

    row: int
    id: str
    values: dict[str, Any]
    #: A JSON object.
    attributes: str
