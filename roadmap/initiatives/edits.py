"""Changes of the plan: work, effort, not-before, needs, problems, state."""

from __future__ import annotations

from typing import Any

from flask import abort, request

from roadmap.domain import changes
from roadmap.domain.changes import Change, Requirement
from roadmap.domain.plan import DECLINED
from roadmap.extensions import db
from roadmap.models import Initiative
from roadmap.models.planning import CONTRIBUTES, SOLVES
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.tradeoffs import present
from roadmap.tradeoffs.decide import Answer
from roadmap.web import arguments
from roadmap.web.arguments import ID

from . import queries, units
from . import ties as tie_words
from .blueprint import blueprint
from .editing import BOTH, edit_page, fresh, on_board, settle
from .forms import (
    MOST_ITEMS,
    EffortForm,
    NeedsForm,
    NotBeforeForm,
    StateForm,
    TiesForm,
    WorkForm,
    mark,
    number_or_none,
)


@blueprint.route(f"/initiatives/<{ID}:id>/work", methods=BOTH)
@allow("shape")
def work(id: int) -> Answer:
    initiative = on_board(id)
    was = present.requirements(id)
    form = WorkForm(data={"items": [_typed(item) for item in was] or [{}]})
    pressed = request.form.get("row", "")
    if pressed:
        form = WorkForm(
            formdata=None, data={"items": _rearranged(form, pressed)}, seen=form.seen.data
        )
    products, teams = queries.products(), queries.teams()
    form.offer(products, teams)
    if pressed or not form.validate_on_submit():
        return edit_page("work", initiative, form, mark(was), products=products, teams=teams)
    items = tuple(_requirement(entry.form) for entry in form.items if not entry.form.blank)
    return settle(
        initiative, form, mark(was), "work", "What other work delays",
        lambda _: changes.ChangeEffort(str(id), items, present.requirements(id)),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/effort", methods=BOTH)
@allow("shape")
def effort(id: int) -> Answer:
    initiative = on_board(id)
    was = present.requirements(id)
    form = EffortForm(data={"left": [_number(item.person_days) for item in was]})
    items = queries.work(id)
    for entry, item in zip(form.left, items, strict=False):
        entry.label.text = f"{item.title or 'Work item'} ({item.team})"
    if not form.validate_on_submit():
        return edit_page("effort", initiative, form, mark(was), items=items)
    left = [units.days_of(entry.data) if entry.data else None for entry in form.left]

    def build(picture: Picture) -> Change:
        now = present.requirements(id)
        if len(now) != len(left):
            raise changes.Refused("Its work items were changed meanwhile. Start again from there.")
        new = tuple(_with_days(item, days) for item, days in zip(now, left, strict=True))
        return changes.ChangeEffort(str(id), new, now)

    return settle(initiative, form, mark(was), "effort", "What the new estimate delays", build)


@blueprint.route(f"/initiatives/<{ID}:id>/not-before", methods=BOTH)
@allow("shape")
def not_before(id: int) -> Answer:
    initiative = on_board(id)
    form = NotBeforeForm(data={"day": initiative.not_before})
    now = mark(initiative.not_before)
    if not form.validate_on_submit():
        return edit_page("not_before", initiative, form, now)
    return settle(
        initiative, form, now, "not_before", "What the date delays",
        lambda _: changes.ChangeNotBefore(str(id), form.day.data, fresh(id).not_before),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/needs", methods=BOTH)
@allow("shape")
def needs(id: int) -> Answer:
    initiative = on_board(id)
    was = present.needs(id)
    form = NeedsForm()
    if not form.validate_on_submit():
        picture = pictures.current()
        text = arguments.text("q")
        return edit_page(
            "needs", initiative, form, mark(was), q=text,
            needed=queries.needed(picture, was),
            possible=queries.possible_needs(picture, str(id), was, text),
        )  # fmt: skip
    wanted = {number_or_none(value) for value in request.form.getlist("need")}
    chosen = tuple(str(need) for need in sorted(need for need in wanted if need is not None))
    return settle(
        initiative, form, mark(was), "needs", "What waiting for them delays",
        lambda _: changes.ChangeNeeds(str(id), chosen, present.needs(id)),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/problems", methods=BOTH)
@allow("shape")
def ties(id: int) -> Answer:
    initiative = db.get_or_404(Initiative, id)
    if initiative.state == DECLINED:
        abort(404)
    was = present.ties(id)
    form = TiesForm()
    if not form.validate_on_submit():
        text = arguments.text("q")
        tied = {int(problem): kind for problem, kind in was}
        return edit_page(
            "ties", initiative, form, mark(was), q=text, tied=tied,
            titles=queries.problem_titles(tied),
            possible=queries.possible_problems(tied, text),
        )  # fmt: skip
    chosen = _chosen_ties()

    def build(picture: Picture) -> changes.ChangeTies:
        return changes.ChangeTies(str(id), chosen, present.ties(id))

    picture = pictures.knowing(pictures.current(), str(id))
    note = tie_words.warning(picture, build(picture))
    return settle(
        initiative, form, mark(was), "ties", "What the ties change", build,
        note=note, first=bool(note),
    )  # fmt: skip


@blueprint.post(f"/initiatives/<{ID}:id>/state")
@allow("shape")
def state(id: int) -> Answer:
    initiative = on_board(id)
    form = StateForm()
    if not form.validate():
        abort(400)
    return settle(
        initiative, None, "", "state", "What the state delays",
        lambda _: changes.ChangeState(str(id), form.state.data, fresh(id).state),
    )  # fmt: skip


def _typed(item: Requirement) -> dict[str, Any]:
    return {
        "title": item.title,
        "product": int(item.product),
        "team": int(item.team),
        "days": _number(item.person_days),
        "most": "" if item.max_days is None else units.people(item.max_days),
    }


def _number(days: int | None) -> str:
    return "" if days is None else str(days)


def _requirement(row: Any) -> Requirement:
    return Requirement(
        row.title.data or "",
        str(row.product.data),
        str(row.team.data),
        units.days_of(row.days.data) if row.days.data else None,
        units.week_of(row.most.data) if row.most.data else None,
    )


def _with_days(item: Requirement, days: int | None) -> Requirement:
    return Requirement(item.title, item.product, item.team, days, item.max_days)


def _rearranged(form: WorkForm, pressed: str) -> list[dict[str, Any]]:
    """The rows as typed, with one more, one less ("remove-2") or one earlier ("up-2")."""
    rows = form.typed()
    what, _, place = pressed.partition("-")
    at = number_or_none(place)
    if what == "add" and len(rows) < MOST_ITEMS:
        rows.append({})
    elif at is not None and at < len(rows):
        row = rows.pop(at)
        if what == "up":
            rows.insert(max(0, at - 1), row)
    return rows


def _chosen_ties() -> tuple[tuple[str, str], ...]:
    found: dict[int, str] = {}
    for name, kind in request.form.items():
        problem = number_or_none(name.removeprefix("tie-")) if name.startswith("tie-") else None
        if problem is not None and kind in (SOLVES, CONTRIBUTES):
            found[problem] = kind
    known = queries.problem_titles(found)
    return tuple((str(problem), found[problem]) for problem in sorted(known))
