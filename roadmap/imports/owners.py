"""Deal owners as CRM spells them, and the users that they are."""

from __future__ import annotations

from collections.abc import Sequence

from roadmap.models import CrmOwner

from . import queries
from .writing import insert_rows, update_rows


class OwnerBook:
    """The owners that this import has met.

    A name is matched by itself only where it is the full name, or the e-mail address, of exactly
    one active user; whoever else it may be, a person says.
    """

    def __init__(self) -> None:
        self.users = queries.users_by_name()
        self.ids: dict[str, int] = {}
        self.unmatched: list[str] = []
        self.matched = 0

    def resolve(self, names: Sequence[str]) -> list[int | None]:
        """Each name's owner, created where it is new; None where no name is given."""
        wanted = set(names) - self.ids.keys() - {""}
        if wanted:
            self._meet(sorted(wanted))
        return [self.ids.get(name) for name in names]

    def _meet(self, names: Sequence[str]) -> None:
        known = queries.owners(names)
        new = [{"name": name, "user_id": None} for name in names if name not in known]
        if new:
            insert_rows(CrmOwner, new)
            known = queries.owners(names)
        matches = []
        for name in names:
            id, user = known[name]
            self.ids[name] = id
            if user is not None:
                continue
            found = self.users.get(name.casefold(), [])
            if len(found) == 1:
                matches.append((id, {"user_id": found[0]}))
            else:
                self.unmatched.append(name)
        self.matched += len(matches)
        update_rows(CrmOwner, ("user_id",), matches)
