"""What interviews and reports say of two problems: it stays on its deal through a merge or a split,
and goes home when that is undone.

A step keeps a row for each of them: its kind and id, the blocker that it rested on and whether it
had found that there, and the same as the step left it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import select, update

from roadmap.deals import carrying
from roadmap.deals.carrying import Said
from roadmap.domain.merging import Pair
from roadmap.extensions import db
from roadmap.market.steps import survivors
from roadmap.models import Blocker, Deal, DealReport, InterviewReason
from roadmap.models.base import chunks

KINDS: dict[str, type[Said]] = {"interview": InterviewReason, "report": DealReport}


class Link(NamedTuple):
    """A row as a step keeps it."""

    kind: str
    id: int
    blocker: int
    found: bool
    blocker_after: int
    found_after: bool

    @property
    def rests_after(self) -> tuple[int, bool]:
        return self.blocker_after, self.found_after

    @property
    def key(self) -> tuple[str, int]:
        return self.kind, self.id


def links(problem_ids: Collection[int]) -> list[Link]:
    """Whatever rests on these problems' blockers, as it does now. Two queries."""
    found = []
    for kind, model in KINDS.items():
        rows = db.session.execute(
            select(model.id, model.blocker_id, model.found)
            .join(Blocker, Blocker.id == model.blocker_id)
            .where(Blocker.problem_id.in_(problem_ids))
            .order_by(model.id)
        )
        for id, blocker, rests in rows:
            if blocker is not None:
                found.append(Link(kind, id, blocker, rests, blocker, rests))
    return found


def made(found: Iterable[Link]) -> set[int]:
    """The blockers that nobody but an interview or a report made."""
    return {link.blocker for link in found if not link.found}


def join(found: Sequence[Link], pairs: Sequence[Pair]) -> list[Link]:
    """Let all that rested on one of two that collide rest on the one that stays; gives the links as
    they are kept. Where somebody else made one of both, it stays when they are withdrawn.
    """
    of: dict[int, Pair] = {}
    for each in pairs:
        of[each.kept.id] = of[each.removed.id] = each
    kept = []
    for link in found:
        pair = of.get(link.blocker)
        if pair is None:
            kept.append(link)
        else:
            _rest(link, pair.kept.id, not pair.said)
            kept.append(link._replace(blocker_after=pair.kept.id, found_after=not pair.said))
    return kept


def standing(kept: Sequence[Link]) -> list[Link]:
    """Those that still rest where the step left them: the others were withdrawn or said anew."""
    now: dict[tuple[str, int], int | None] = {}
    for kind, model in KINDS.items():
        for some in chunks([link.id for link in kept if link.kind == kind]):
            rows = db.session.execute(select(model.id, model.blocker_id).where(model.id.in_(some)))
            now |= {(kind, id): blocker for id, blocker in rows}
    return [link for link in kept if now.get(link.key) == link.blocker_after]


def withdrawn(kept: Sequence[Link], still: Sequence[Link]) -> set[int]:
    """The blockers that nobody made but those who have taken their words back since."""
    return made(kept) - made(still)


def put_back(still: Sequence[Link], ids: Mapping[int, int]) -> None:
    """Let them rest where they did; `ids` gives the new id of a blocker that was restored.

    Both sides weigh and say what is left of each; one that nobody speaks for any more goes.
    """
    going = [link for link in still if link.rests_after != (link.blocker, link.found)]
    for link in going:
        _rest(link, ids.get(link.blocker, link.blocker), link.found)
    for id in sorted({link.blocker_after for link in going if not link.found_after}):
        blocker = db.session.get_one(Blocker, id, populate_existing=True)
        if not carrying.resting_on(blocker):
            db.session.delete(blocker)
    db.session.flush()


def weigh_anew(kept: Sequence[Link], still: Sequence[Link], ids: Mapping[int, int]) -> None:
    """Where some took back what they had said, or others said the same since, the blockers of those
    who went home weigh and say what they do now.
    """
    before, now = _resting(kept), _resting(still)
    moved = [link for link in still if link.rests_after != (link.blocker, link.found)]
    for id in sorted({each for link in moved for each in (link.blocker, link.blocker_after)}):
        blocker = db.session.get(Blocker, ids.get(id, id), populate_existing=True)
        if blocker is None:
            continue
        resting = carrying.resting_on(blocker)
        if before[id] != now[id] or len(resting) != len(before[id]):
            carrying.weigh(blocker)


def take_off(blocker_ids: Sequence[int]) -> list[tuple[Said, Deal]]:
    """Take whatever rests on these blockers off them, for they will go: gives it with its deal."""
    found = []
    for some in chunks(blocker_ids):
        for blocker in db.session.scalars(select(Blocker).where(Blocker.id.in_(some))).all():
            deal = db.session.get_one(Deal, blocker.deal_id)
            for said in carrying.resting_on(blocker):
                carrying.lift(said)
                found.append((said, deal))
    return found


def send_home(problem_ids: Collection[int], kept: Sequence[Link], by_id: int) -> None:
    """What was said while two problems were one goes to the one that it names."""
    known = {link.key for link in kept}
    for link in links(problem_ids):
        said = cast(Said, db.session.get_one(KINDS[link.kind], link.id, populate_existing=True))
        blocker = db.session.get_one(Blocker, link.blocker, populate_existing=True)
        named = said.problem_id or 0
        home = survivors([named]).get(named, named)
        if link.key not in known and home in problem_ids and home != blocker.problem_id:
            deal = db.session.get_one(Deal, blocker.deal_id)
            carrying.lift(said)
            carrying.carry(said, deal, by_id)


def as_rows(kept: Iterable[Link]) -> list[list[Any]]:
    return [list(link) for link in kept]


def _resting(found: Sequence[Link]) -> dict[int, set[tuple[str, int]]]:
    by_blocker: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for link in found:
        by_blocker[link.blocker].add(link.key)
    return by_blocker


def _rest(link: Link, blocker: int, found: bool) -> None:
    model = KINDS[link.kind]
    db.session.execute(
        update(model)
        .where(model.id == link.id)
        .values(blocker_id=blocker, found=found)
        .execution_options(synchronize_session=False)
    )
