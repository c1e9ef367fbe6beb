"""`flask import teams`: who sells for whom and where, so that reports can group by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import CrmOwner, User
from roadmap.workspace import revision

from .layout import Layout
from .mapping import REPS, FileMapping, MappingError, column_key
from .sheets import open_sheet
from .values import name, shown

_NAME = (
    "name", "fullname", "rep", "salesrep", "owner", "opportunityowner", "dealowner", "ownername",
    "username", "employee", "person",
)  # fmt: skip
_EMAIL = ("email", "emailaddress", "mail", "login", "useremail")


class Outcome(NamedTuple):
    """How many people are new, changed and as they were, and the rows without anybody."""

    new: int
    changed: int
    unchanged: int
    failed: Sequence[int]
    attributes: Sequence[str]


def run(path: Path, *, dry_run: bool = False) -> Outcome:
    """Take the people of a file, by name or e-mail address: every other column is an attribute of
    theirs, a blank cell none. People who are not in the file stay as they are. Raises
    UnreadableFile, and MappingError where no column says who somebody is.
    """
    sheet = open_sheet(path, lambda cells: not _KNOWN.isdisjoint(map(column_key, cells)))
    keys = {column_key(label): label for label in reversed(sheet.header)}
    columns = {
        field: tuple(keys[key] for key in known if key in keys)
        for field, known in (("name", _NAME), ("email", _EMAIL))
    }
    layout = Layout(REPS, sheet.header, FileMapping(columns), ())
    if not layout.has("name", "email"):
        raise MappingError(f"{path.name} has no column with people's names or e-mail addresses.")
    row = revision.lock()
    people = _People()
    counts, failed = {"new": 0, "changed": 0, "unchanged": 0}, []
    for number, cells in sheet.rows():
        who = name(layout.cell(cells, "name")), name(layout.cell(cells, "email"))
        if sheet.fault(cells) or not any(who):
            failed.append(number)
            continue
        said = {label: name(cells[at])[:200] for label, at in layout.attributes.items()}
        counts[people.take(*who, said)] += 1
    if dry_run or not counts["new"] + counts["changed"]:
        db.session.rollback()
    else:
        revision.count(row, evidence=True)
        db.session.commit()
    return Outcome(**counts, failed=failed, attributes=[shown(each) for each in layout.attributes])


_KNOWN = frozenset((*_NAME, *_EMAIL))


class _People:
    """CRM's owners by whatever they go by: their own name, and their user's name and address."""

    def __init__(self) -> None:
        self.owners: dict[str, list[CrmOwner]] = {}
        self.users: dict[str, list[User]] = {}
        for user in db.session.scalars(select(User).where(User.active)):
            for known in {user.name.casefold(), user.email}:
                self.users.setdefault(known, []).append(user)
        for owner in db.session.scalars(select(CrmOwner)):
            match = owner.user
            for known in {owner.name, *((match.name, match.email) if match else ())}:
                self.owners.setdefault(known.casefold(), []).append(owner)

    def take(self, called: str, email: str, said: Mapping[str, str]) -> str:
        """Give somebody what is said of them; returns what became of them."""
        ways = {called.casefold(), email.casefold()} - {""}
        owners = {owner.name: owner for way in ways for owner in self.owners.get(way, ())}
        if not owners:
            users = {user.id for way in ways for user in self.users.get(way, ())}
            owner = CrmOwner(
                name=(called or email)[:200], attributes={k: v for k, v in said.items() if v},
                user_id=users.pop() if len(users) == 1 else None,
            )  # fmt: skip
            db.session.add(owner)
            for way in ways:
                self.owners[way] = [owner]
            return "new"
        moved = {_changed(each, said) for each in owners.values()}
        return "changed" if True in moved else "unchanged"


def _changed(owner: CrmOwner, said: Mapping[str, Any]) -> bool:
    before = owner.attributes
    owner.attributes = {k: v for k, v in {**before, **said}.items() if v}
    return owner.attributes != before
