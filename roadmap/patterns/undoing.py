"""Undoing a merge or a split: everything goes back to where it was, or nothing does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import or_, select, update

from roadmap.deals import carrying
from roadmap.domain import rollup
from roadmap.domain.triage import CONFIRMED, MERGED
from roadmap.domain.winloss import CRM
from roadmap.extensions import db
from roadmap.intake.settling import settle
from roadmap.market import rollup as families
from roadmap.market.steps import survivors
from roadmap.models import (
    Blocker,
    Deal,
    Initiative,
    LossWords,
    Problem,
    ProblemStep,
    ProblemTie,
    Request,
    RequestBlocker,
    Segment,
    User,
)
from roadmap.models.base import chunks
from roadmap.planning import daily
from roadmap.workspace import clock, revision

from . import merging, moving, said
from .moving import Moved, refuse
from .said import Link


def undo(step_id: int, by: User) -> ProblemStep:
    """Put back what a step moved, under the same ids.

    A problem that was split off stays as an empty page that says so. Raises Refused, naming what
    depends on the step, where something was built on it since.
    """
    try:
        daily.opened(clock.today())
        row = revision.lock()
        step = db.session.get_one(ProblemStep, step_id, populate_existing=True)
        moved = Moved(**step.moved)
        _check(step, moved)
        with moving.evidence_kept(row, step.problem_id, step.other_id):
            _put_back(step, moved, by)
        # Whatever happened to requests meanwhile: their evidence is where they are.
        both = Request.problem_id.in_((step.problem_id, step.other_id))
        settle(row, db.session.scalars(select(Request).where(both).order_by(Request.id)), by.id)
        step.undone_at, step.undone_by_id = clock.now(), by.id
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return step


def _put_back(step: ProblemStep, moved: Moved, by: User) -> None:
    # In a merge the other problem's things went to the one that stays; in a split the reverse.
    home = step.other_id if step.kind == "merge" else step.problem_id
    kept = [Link(*row) for row in moved.said]
    still = said.standing(kept)
    gone = said.withdrawn(kept, still)
    copies = [*moved.copies, *moved.left]
    loose = said.take_off(copies)
    moving.change_rests(moved.rests_after, [])
    moving.remove_blockers(copies)
    if step.kind == "merge":
        moving.move_blockers([id for id in moved.blockers if id not in gone], home)
    else:
        # Somebody may have tied one of its deals to the first problem again meanwhile.
        merging.fold(step.other_id, home, Moved())
    ids = moving.restore_blockers([row for row in moved.removed if row["id"] not in gone])
    moving.change_rests([], [[r, ids.get(b, b)] for r, b in moved.rests_before])
    for column, values in ((Blocker.note, moved.notes), (Blocker.weight, moved.weights)):
        for blocker, value in values:
            if blocker not in gone:
                statement = update(Blocker).where(Blocker.id == blocker).values({column: value})
                db.session.execute(statement)
    said.put_back(still, ids)
    said.weigh_anew(kept, still, ids)
    moving.move_requests([id for id, _, _ in moved.requests], home)
    moving.change_ties(moved.ties_after, moved.ties_before)
    known = set(db.session.scalars(select(Segment.id)))
    back = [pair for pair in moved.segments_before if pair[1] in known]
    moving.change_segments([*moved.segments_after, *back], back)
    moving.change_parents({id: before for id, before, _ in moved.parents})
    other = db.session.get_one(Problem, step.other_id)
    if step.kind == "merge":
        other.merged_into_id = None
    else:
        _empty(other, step)
    db.session.flush()
    if step.kind == "merge":
        _words_home(step)
        said.send_home((step.problem_id, step.other_id), kept, by.id)
    for each, deal in loose:
        carrying.carry(each, deal, by.id)
    _refuse_circle([id for id, _, _ in moved.parents])


def _words_home(step: ProblemStep) -> None:
    """What CRM's words came to while two problems were one goes to the one that they stand for."""
    rows = db.session.execute(
        select(Blocker.id, LossWords.problem_id)
        .join(LossWords, LossWords.id == Blocker.loss_words_id)
        .where(Blocker.problem_id == step.problem_id)
    ).all()
    merged = survivors({id for _, id in rows if id is not None})
    tied = select(Blocker.deal_id).where(Blocker.problem_id == step.other_id, Blocker.source == CRM)
    going = [blocker for blocker, id in rows if id and merged.get(id, id) == step.other_id]
    for some in chunks(going):
        db.session.execute(
            update(Blocker)
            .where(Blocker.id.in_(some), Blocker.deal_id.not_in(tied.scalar_subquery()))
            .values(problem_id=step.other_id)
            .execution_options(synchronize_session=False)
        )


def _empty(other: Problem, step: ProblemStep) -> None:
    """What is left of a problem whose split was undone; its title is free again."""
    ending = f" (split undone, no. {step.id})"
    other.title = other.title[: 200 - len(ending)] + ending
    other.merged_into_id, other.parent_id = step.problem_id, None


def _check(step: ProblemStep, moved: Moved) -> None:
    """Raises Refused where the step does not stand, or something builds on it."""
    if step.undone_at is not None:
        refuse("It was undone already.")
    later = db.session.scalars(
        select(ProblemStep)
        .where(
            ProblemStep.id > step.id,
            ProblemStep.undone_at.is_(None),
            or_(
                ProblemStep.problem_id.in_((step.problem_id, step.other_id)),
                ProblemStep.other_id.in_((step.problem_id, step.other_id)),
            ),
        )
        .order_by(ProblemStep.id.desc())
    ).first()
    if later is not None:
        what = "merged into" if later.kind == "merge" else "split off"
        refuse(
            f"“{later.other.title}” was {what} “{later.problem.title}” afterwards: undo that first."
        )
    at = step.problem_id if step.kind == "merge" else step.other_id
    _check_deals(moved, at)
    _check_requests(moved, at)
    _check_links(moved)
    _check_nothing_else(step, moved)


def _check_deals(moved: Moved, at: int) -> None:
    here = set(db.session.scalars(select(Blocker.id).where(Blocker.problem_id == at)))
    wanted = {*moved.blockers, *moved.copies, *(id for id, _ in moved.notes)}
    # A tie that an interview or a report had made went with it, and is not missed.
    spoken = {link.blocker_after for link in map(Link._make, moved.said) if not link.found_after}
    if gone := wanted - here - spoken:
        number = "1 deal was" if len(gone) == 1 else f"{len(gone):,} deals were"
        refuse(f"{number} untied since: tie them again, or leave things as they are.")


def _check_requests(moved: Moved, at: int) -> None:
    was = {id: (at, state, quote) for id, state, quote in moved.requests}
    resting = {request for request, _ in moved.rests_before}
    rows = db.session.execute(
        select(
            Request.id, Request.title, Request.problem_id, Request.state, Request.quote_confirmed
        ).where(Request.id.in_({*was, *resting}))
    ).all()  # fmt: skip
    for id, title, *now in rows:
        if id in was and tuple(now) != was[id]:
            refuse(f"The request “{title}” was triaged since: take that back first.")
        if id not in was and (now[0] != at or now[1] not in (CONFIRMED, MERGED)):
            refuse(f"The request “{title}” was triaged since: take that back first.")


def _check_links(moved: Moved) -> None:
    for initiative, problem, kind in moved.ties_after:
        tie = db.session.get(ProblemTie, (initiative, problem), populate_existing=True)
        if tie is None or tie.kind != kind:
            title = db.session.get_one(Initiative, initiative).title
            refuse(f"What “{title}” addresses was changed since.")
    for request, blocker in moved.rests_after:
        if db.session.get(RequestBlocker, (request, blocker)) is None:
            title = db.session.get_one(Request, request).title
            refuse(f"The request “{title}” was triaged since: take that back first.")
    for id, _, after in moved.parents:
        problem = db.session.get_one(Problem, id, populate_existing=True)
        if problem.parent_id != after:
            refuse(f"What “{problem.title}” rolls up to was changed since.")


def _check_nothing_else(step: ProblemStep, moved: Moved) -> None:
    """What was split off may have been built on: evidence, initiatives or problems of its own."""
    if step.kind == "merge":
        return
    other = step.other_id
    found: list[str] = []
    found += _names(
        select(Deal.name).join(Blocker, Blocker.deal_id == Deal.id),
        Blocker.problem_id == other, Blocker.id, {*moved.blockers, *moved.copies},
    )  # fmt: skip
    found += _names(
        select(Request.title),
        Request.problem_id == other, Request.id, {id for id, _, _ in moved.requests},
    )  # fmt: skip
    found += _names(
        select(Initiative.title).join(ProblemTie, ProblemTie.initiative_id == Initiative.id),
        ProblemTie.problem_id == other, ProblemTie.initiative_id,
        {id for id, _, _ in moved.ties_after},
    )  # fmt: skip
    found += _names(select(Problem.title), Problem.parent_id == other, Problem.id, set())
    if found:
        names = ", ".join(f"“{name}”" for name in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        refuse(f"{names}{more} came to what was split off since: move them first.")


def _names(titles: Any, condition: Any, id: Any, but: Collection[int]) -> list[str]:
    rows: Sequence[Any] = db.session.execute(titles.add_columns(id).where(condition)).all()
    return [title for title, number in rows if number not in but]


def _refuse_circle(changed: Sequence[int]) -> None:
    nodes = families.nodes()
    for id in changed:
        path = rollup.circle(nodes, id) if id in nodes else []
        if path:
            names = " → ".join(f"“{node.title}”" for node in (*path, path[0]))
            refuse(f"That would make a circle: {names}.")
