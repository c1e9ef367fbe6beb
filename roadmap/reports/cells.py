"""A number of a report, as an address names it: which deals lie beneath, and how much of each."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from flask import request
from sqlalchemy import select

from roadmap.domain.cohorts import AGES
from roadmap.domain.deals import LOST, OPEN, WON
from roadmap.domain.splits import COLUMNS, Said
from roadmap.domain.trend import month_of
from roadmap.domain.winloss import BUCKETS
from roadmap.extensions import db
from roadmap.models import Initiative, Problem
from roadmap.web import arguments

from . import dimensions, trends
from .dimensions import Key

CLOSED, BLOCKED = "closed", "blocked"
STATES = (WON, LOST, OPEN, CLOSED, BLOCKED)
HEARD, BOTH, FALSE, HIDDEN = "verified", "both", "false", "hidden"
KINDS = (HEARD, BOTH, FALSE, HIDDEN)
REPORTS = ("segments", "reasons", "revenue-at-risk", "trend", "false-losses", "cohorts")
CLAIMANTS = ("rep", "crm")

STATE_NAMES = {
    WON: "Won", LOST: "Lost", OPEN: "Open", CLOSED: "Won or lost", BLOCKED: "Open or lost",
}  # fmt: skip
KIND_NAMES = {
    HEARD: "with a verified reason", BOTH: "with a claim and a verified reason",
    FALSE: "false losses", HIDDEN: "hidden product losses",
}  # fmt: skip
CLAIMANT_NAMES = {"rep": "the rep", "crm": "CRM alone"}
ALONE_NAMES = {"1": "by this problem alone", "0": "by other problems, too"}

MISSING, GIVEN = "-", "="


class Cell(NamedTuple):
    """A number of a report. `group` is a key as `written` has it; months are written "2027-01"."""

    report: str = ""
    by: str = ""
    group: str = ""
    state: str = ""
    bucket: str = ""
    claimed: str = ""
    verified: str = ""
    kind: str = ""
    claimant: str = ""
    start: str = ""
    end: str = ""
    problem: int | None = None
    alone: str = ""
    heard: str = ""
    initiative: int | None = None
    opened: str = ""
    until: str = ""
    age: int | None = None
    weighted: str = ""
    stand_in: str = ""
    """"1" leaves the deals whose amount stands in for an unknown one."""

    @property
    def splits(self) -> bool:
        """Whether a deal may be in it with a part of itself."""
        return bool(self.bucket or self.claimed or self.verified or self.weighted)

    def share(self, said: Said, fit: int | None) -> Fraction:
        """How much of a deal with these reasons, and this fit in percent, is in the cell."""
        share = Fraction(fit or 0, 100) if self.weighted else Fraction(1)
        if self.bucket:
            share *= said.split().get(self.bucket, Fraction(0))
        if self.claimed:
            share *= said.claimed.share(self.claimed)
        if self.verified:
            share *= said.verified.share(self.verified)
        return share


def from_address() -> Cell:
    """As the address has it; what makes no sense counts as not given."""
    return Cell(
        report=arguments.choice("report", REPORTS),
        by=arguments.text("by"),
        group=request.args.get("group", "")[:201],
        state=arguments.choice("state", STATES),
        bucket=arguments.choice("bucket", COLUMNS),
        claimed=arguments.choice("claimed", BUCKETS),
        verified=arguments.choice("verified", BUCKETS),
        kind=arguments.choice("kind", KINDS),
        claimant=arguments.choice("claimant", CLAIMANTS),
        start=_month_text("start"),
        end=_month_text("end"),
        problem=arguments.number("problem"),
        alone=arguments.choice("alone", ("1", "0")),
        heard=arguments.choice("heard", ("1",)),
        initiative=arguments.number("initiative"),
        opened=_month_text("opened"),
        until=_month_text("until"),
        age=arguments.number("age", max(AGES)),
        weighted=arguments.choice("weighted", ("1",)),
        stand_in=arguments.choice("stand_in", ("1",)),
    )


def written(key: Key) -> str:
    """A group's key in an address: one that is missing differs from one that is empty."""
    return MISSING if key is None else f"{GIVEN}{key}"


def month_text(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def in_words(cell: Cell) -> list[tuple[str, str]]:
    """What the cell is, part by part."""
    names = trends.COLUMN_NAMES
    by = dimensions.dimension(cell.by) if cell.group else None
    parts = [
        ("Deals", STATE_NAMES.get(cell.state, "")),
        (by.label, group_name(by, cell.group)) if by else ("", ""),
        ("Reason", names.get(cell.bucket, "")),
        ("Claimed", names.get(cell.claimed, "")),
        ("Verified", names.get(cell.verified, "")),
        ("Only", KIND_NAMES.get(cell.kind, "")),
        ("Claimed by", CLAIMANT_NAMES.get(cell.claimant, "")),
        ("Closed", _span(cell.start, cell.end)),
        ("Problem", _title(Problem, cell.problem)),
        ("Blocked", ALONE_NAMES.get(cell.alone, "")),
        ("Only", "confirmed by the customer" if cell.heard else ""),
        ("Claimed for", _title(Initiative, cell.initiative)),
        ("Opened", _span(cell.opened, cell.until)),
        ("Lost within", f"{cell.age} months" if cell.age else ""),
        ("Each", "amount × its account's fit" if cell.weighted else ""),
        ("Amount", "a list price or an average" if cell.stand_in else ""),
    ]
    return [(what, words) for what, words in parts if words]


def group_name(by: dimensions.Dimension, group: str) -> str:
    if group == MISSING:
        return by.missing
    value = group.removeprefix(GIVEN)
    names = {str(key): name for key, name in dimensions.labels(by).items()}
    return names.get(value, value)


def _span(start: str, end: str) -> str:
    return start if start == end or not end else f"{start} to {end}"


def _title(table: type[Problem] | type[Initiative], id: int | None) -> str:
    if id is None:
        return ""
    return db.session.scalar(select(table.title).where(table.id == id)) or "none such"


def _month_text(name: str) -> str:
    """A month such as "2027-01", of those that people may set."""
    text = request.args.get(name, "")
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError:
        return ""
    return text if 1900 <= day.year <= 2199 and text == day.isoformat()[:7] else ""


def month_at(text: str) -> int:
    return month_of(date.fromisoformat(f"{text}-01"))
