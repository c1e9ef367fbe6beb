"""A change together with what it would do to the board as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from roadmap.domain.change import Change
from roadmap.domain.changes import Move
from roadmap.domain.errors import Refused
from roadmap.domain.fingerprint import fingerprint
from roadmap.domain.impact import Impact, impact, needs_sponsor
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture


@dataclass(frozen=True)
class Preview:
    """Nothing is changed by making one."""

    picture: Picture
    change: Change
    impact: Impact
    #: The trade-off that this one would revert.
    reverts_id: int | None = None

    @cached_property
    def ranks(self) -> tuple[int | None, int | None]:
        return self.change.ranks(self.picture.plan)

    @cached_property
    def costs(self) -> bool:
        """Whether something gets worse: then it is a trade-off, which somebody has to own."""
        impact = self.impact
        worse = impact.delayed, impact.reach.pushed, impact.broken, impact.worsened
        return any((*worse, impact.withdrawn))

    @cached_property
    def sponsor_reasons(self) -> tuple[str, ...]:
        return needs_sponsor(self.impact, self.picture.threshold)

    @cached_property
    def fingerprint(self) -> str:
        """Equal to that of what was shown if and only if the impact is the same."""
        return fingerprint([self.change], self.impact, self.sponsor_reasons)

    @property
    def needs_owner(self) -> bool:
        """A promotion is always owned; any other change when it costs something, or gives up what
        others were told.
        """
        return self.costs or isinstance(self.change, Move) or self.gives_up

    @cached_property
    def gives_up(self) -> bool:
        return self.change.gives_up(self.picture.plan)

    @property
    def recorded(self) -> bool:
        """Whether the ledger keeps it: all that moves the order, all that has consequences or gives
        something up, and whatever reverts such an event.
        """
        kept = self.ranks != (None, None) or not self.impact.empty or self.gives_up
        return kept or self.reverts_id is not None

    @property
    def title(self) -> str:
        id = self.change.initiative_id
        if id is not None:
            known = self.picture.plan.initiatives.get(id)
            return known.title if known else "it"
        return self.picture.teams.get(getattr(self.change, "team", ""), "")


def preview_of(picture: Picture, change: Change, reverts_id: int | None = None) -> Preview:
    """Compare the board with and without the change. Raises Refused when it makes no sense."""
    if isinstance(change, Move) and picture.rank(change.initiative) == change.to:
        raise Refused(f"It is at position {change.to} already.")
    if change.initiative_id is not None:
        picture = pictures.knowing(picture, change.initiative_id)
    after = change.after(picture.plan)
    found = impact(picture.plan, after, before=picture.schedule, index=pictures.index(picture))
    return Preview(picture, change, found, reverts_id)
