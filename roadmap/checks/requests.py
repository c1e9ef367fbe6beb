"""Checks of requests, and of the evidence that follows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from roadmap.domain.statements import REQUEST
from roadmap.domain.triage import CONFIRMED, ELSEWHERE, MERGED, Disposition
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db, streamed
from roadmap.intake.settling import Said, differences
from roadmap.intake.steps import OF_COLUMNS
from roadmap.models import Problem, ProblemStep, Request, RequestEvent, Statement
from roadmap.models.base import chunks

CHUNK = 1_000
#: Which problem each was merged into or split off, in the end: requests moved along.
Kin = Mapping[int, int]


def ties() -> Iterator[str]:
    """What each request says of its deals is what its disposition asks for."""
    if any(_circles(Request.id, Request.merged_into_id)):
        return  # Nobody speaks for those in a circle, which is a fault of its own.
    says = Request.id.in_(select(Statement.origin_id).where(Statement.origin == REQUEST, STANDING))
    ids = db.session.scalars(
        select(Request.id)
        .where(or_(Request.state.in_((CONFIRMED, ELSEWHERE, MERGED)), says))
        .order_by(Request.id)
    ).all()
    for some in chunks(ids, CHUNK):
        requests = db.session.scalars(
            select(Request)
            .where(Request.id.in_(some))
            .options(selectinload(Request.deals), selectinload(Request.merged_into))
            .order_by(Request.id)
        ).all()
        gone, lacking = differences(requests)
        for request, said, _ in gone:
            yield f"request {request.id} has {_described(said)}, which its state does not ask for"
        for request, said in lacking:
            yield f"request {request.id} lacks {_described(said)}, which its state asks for"
        db.session.expunge_all()


def history() -> Iterator[str]:
    """Replaying a request's events gives where it stands."""
    kin = _kin()
    present = dict(_present(kin))
    kinds = select(RequestEvent.id).where(RequestEvent.kind.in_(OF_COLUMNS))
    events = streamed(
        select(RequestEvent.request_id, RequestEvent.id, RequestEvent.before, RequestEvent.after)
        .where(
            RequestEvent.kind.not_in(OF_COLUMNS),
            or_(RequestEvent.undoes_id.is_(None), RequestEvent.undoes_id.not_in(kinds)),
        )
        .order_by(RequestEvent.request_id, RequestEvent.id)
    )
    for id, group in groupby(events, itemgetter(0)):
        stands = Disposition().as_json()
        for _, event, before, after in group:
            was, becomes = _of_kin(before, kin), _of_kin(after, kin)
            if was == becomes:
                continue
            if was != stands:
                yield f"event {event} of request {id} begins where the one before did not end"
            stands = becomes
        if present.pop(id, stands) != stands:
            yield f"request {id} stands elsewhere than its history says"
    yield from (f"request {id} has no history" for id in sorted(present))


def circles() -> Iterator[str]:
    """Nothing was merged into itself, and no problem is part of itself."""
    for what, id, above in (
        ("requests are merged", Request.id, Request.merged_into_id),
        ("problems are merged", Problem.id, Problem.merged_into_id),
        ("problems are part of each other", Problem.id, Problem.parent_id),
    ):
        yield from (
            f"{what} in a circle: {' → '.join(map(str, circle))}" for circle in _circles(id, above)
        )


def without_problem() -> Iterator[str]:
    """Each confirmed request is about a problem."""
    lacking = select(Request.id).where(Request.state == CONFIRMED, Request.problem_id.is_(None))
    for id in db.session.scalars(lacking.order_by(Request.id)):
        yield f"request {id} is confirmed, but is about no problem"


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "requests' evidence": ties,
    "requests' history": history,
    "merged in a circle": circles,
    "confirmed requests": without_problem,
}


def _described(said: Said) -> str:
    if said.problem_id is None:
        return f"a reason of deal {said.deal_id} ({said.bucket})"
    return f"a tie of deal {said.deal_id} to problem {said.problem_id} ({said.source})"


def _present(kin: Kin) -> Iterator[tuple[int, dict[str, Any]]]:
    """Where each request stands, as its last event should say it."""
    columns = [getattr(Request, field.name) for field in fields(Disposition)]
    for id, *values in streamed(select(Request.id, *columns)):
        yield id, _of_kin(Disposition(*values).as_json(), kin)


def _of_kin(stored: Mapping[str, Any], kin: Kin) -> dict[str, Any]:
    """A disposition as it is stored, all problems of one kin being the same."""
    found = Disposition.from_json(stored).as_json()
    problem = found.get("problem_id")
    return found if problem is None else {**found, "problem_id": kin.get(problem, problem)}


def _kin() -> Kin:
    """One problem for all that were merged or split: when they were, requests moved along without
    a step of their own.
    """
    steps = db.session.execute(select(ProblemStep.problem_id, ProblemStep.other_id))
    pairs = [(one, other) for one, other in steps]
    pairs += _pointing(Problem.id, Problem.merged_into_id)
    first: dict[int, int] = {}

    def root(id: int) -> int:
        while first.get(id, id) != id:
            id = first[id]
        return id

    for one, other in pairs:
        first[root(other)] = root(one)
    return {id: root(id) for id in first}


def _circles(
    id: InstrumentedAttribute[int], above: InstrumentedAttribute[int | None]
) -> Iterator[list[int]]:
    """Every circle once, from its lowest id round to it again."""
    next_of = dict(_pointing(id, above))
    met: set[int] = set()
    for start in sorted(next_of):
        way: list[int] = []
        at: int | None = start
        while at is not None and at not in met:
            met.add(at)
            way.append(at)
            at = next_of.get(at)
        if at in way:
            yield [*way[way.index(at) :], at]


def _pointing(
    id: InstrumentedAttribute[int], above: InstrumentedAttribute[int | None]
) -> Iterable[tuple[int, int]]:
    rows = db.session.execute(select(id, above).where(above.is_not(None)).order_by(id))
    return [(one, other) for one, other in rows if other is not None]
