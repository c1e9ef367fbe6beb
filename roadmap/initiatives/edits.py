"""Changes of the plan: work, effort, not-before, needs, problems, state."""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

from flask import abort, request

from roadmap.domain import changes
from roadmap.domain.change import Change
from roadmap.domain.changes import Requirement
from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.plan import DECLINED
from roadmap.extensions import db
from roadmap.models import Initiative
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.tradeoffs import present
from roadmap.tradeoffs.decide import Answer
from roadmap.web import arguments
from roadmap.web.arguments import ID
from roadmap.web.fields import choices
from roadmap.workspace.numbers import as_typed

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
    number_or_none,
)


@blueprint.route(f"/initiatives/<{ID}:id>/work", methods=BOTH)
@allow("shape")
def work(id: int) -> Answer:
    initiative = on_board(id)
    form = WorkForm(data=_work(id))
    pressed = request.form.get("row", "")
    if pressed:
        rows = _rearranged(form, pressed)
        form = WorkForm(formdata=None, data={"items": rows}, seen=form.seen.data or "-")
    show = partial(_work_page, initiative, form)
    if pressed or not _offered(form).validate_on_submit():
        return show()

    def build(picture: Picture) -> Change:
        items = (_requirement(entry.form) for entry in form.items if not entry.form.blank)
        return changes.ChangeEffort(str(id), tuple(items), present.requirements(id))

    return settle(
        initiative, "work", "What other work delays", build, form=form, show=show,
        stored=lambda: _offered(WorkForm(formdata=None, data=_work(id))),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/effort", methods=BOTH)
@allow("shape")
def effort(id: int) -> Answer:
    initiative = on_board(id)
    form = _effort_form(id)
    show = partial(edit_page, "effort", initiative, form)
    if not form.validate_on_submit():
        return show()

    def build(picture: Picture) -> Change:
        now, left = present.requirements(id), [entry.data for entry in form.left]
        if len(now) != len(left):
            raise Refused("Its work items were changed meanwhile. Start again from there.")
        new = tuple(map(_with_days, now, left))
        return changes.ChangeEffort(str(id), new, now)

    return settle(
        initiative, "effort", "What the new estimate delays", build, form=form, show=show,
        stored=lambda: _effort_form(id, formdata=None),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/not-before", methods=BOTH)
@allow("shape")
def not_before(id: int) -> Answer:
    initiative = on_board(id)
    form = NotBeforeForm(data={"day": initiative.not_before})
    show = partial(edit_page, "not_before", initiative, form)
    if not form.validate_on_submit():
        return show()
    return settle(
        initiative, "not_before", "What the date delays",
        lambda _: changes.ChangeNotBefore(str(id), form.day.data, fresh(id).not_before),
        form=form, show=show,
        stored=lambda: NotBeforeForm(formdata=None, data={"day": fresh(id).not_before}),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/needs", methods=BOTH)
@allow("shape")
def needs(id: int) -> Answer:
    initiative = on_board(id)
    form = _needs_form(id)
    show = partial(_needs_page, initiative, form)
    if not form.validate_on_submit():
        return show()
    return settle(
        initiative, "needs", "What waiting for them delays",
        lambda _: changes.ChangeNeeds(str(id), form.chosen(), present.needs(id)),
        form=form, show=show, stored=lambda: _needs_form(id, formdata=None),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/problems", methods=BOTH)
@allow("shape")
def ties(id: int) -> Answer:
    initiative = db.get_or_404(Initiative, id)
    if initiative.state == DECLINED:
        _refuse_declined()
    form = _ties_form(id)
    show = partial(_ties_page, initiative, form)
    if not form.validate_on_submit():
        return show()

    def build(picture: Picture) -> changes.ChangeTies:
        known = queries.problem_titles(form.ties.data)
        chosen = tuple((str(problem), form.ties.data[problem]) for problem in sorted(known))
        return changes.ChangeTies(str(id), chosen, present.ties(id))

    picture = pictures.knowing(pictures.current(), str(id))
    note = tie_words.warning(picture, build(picture))
    return settle(
        initiative, "ties", "What the ties change", build, form=form, show=show,
        stored=lambda: _ties_form(id, formdata=None), note=note, first=bool(note),
    )  # fmt: skip


@blueprint.post(f"/initiatives/<{ID}:id>/state")
@allow("shape")
def state(id: int) -> Answer:
    initiative = on_board(id)
    form = StateForm()
    if not form.validate():
        abort(400)
    return settle(
        initiative, "state", "What the state delays",
        lambda _: changes.ChangeState(str(id), form.state.data, fresh(id).state),
        form=form, stored=lambda: StateForm(formdata=None, state=fresh(id).state),
    )  # fmt: skip


def _refuse_declined() -> NoReturn:
    if request.method == "POST":
        raise Conflict("It is declined by now: nothing was changed.")
    abort(404)


def _work(id: int) -> dict[str, Any]:
    return {"items": [_typed(item) for item in present.requirements(id)] or [{}]}


def _offered(form: WorkForm) -> WorkForm:
    form.offer(queries.products(), queries.teams())
    return form


def _work_page(initiative: Initiative, form: WorkForm) -> Answer:
    products, teams = queries.products(), queries.teams()
    form.offer(products, teams)
    return edit_page("work", initiative, form, products=products, teams=teams)


def _effort_form(id: int, **kwargs: Any) -> EffortForm:
    was = present.requirements(id)
    form = EffortForm(data={"left": [_number(item.person_days) for item in was]}, **kwargs)
    form.name_after([f"{w.title or 'Work item'} ({w.team})" for w in queries.work(id)])
    return form


def _needs_form(id: int, **kwargs: Any) -> NeedsForm:
    was = present.needs(id)
    form = NeedsForm(data={"need": [int(need) for need in was]}, **kwargs)
    needed = queries.needed(pictures.current(), was)
    form.need.choices = choices((other.id, other.title) for other in needed)
    return form


def _needs_page(initiative: Initiative, form: NeedsForm) -> Answer:
    picture, text, chosen = pictures.current(), arguments.text("q"), form.chosen()
    return edit_page(
        "needs", initiative, form, q=text,
        needed=queries.needed(picture, chosen),
        possible=queries.possible_needs(picture, str(initiative.id), chosen, text),
    )  # fmt: skip


def _ties_form(id: int, **kwargs: Any) -> TiesForm:
    was = {int(problem): kind for problem, kind in present.ties(id)}
    form = TiesForm(data={"ties": was}, **kwargs)
    form.ties.know(queries.problem_titles(form.ties.data))
    return form


def _ties_page(initiative: Initiative, form: TiesForm) -> Answer:
    text = arguments.text("q")
    return edit_page(
        "ties", initiative, form, q=text,
        possible=queries.possible_problems(form.ties.data, text),
    )  # fmt: skip


def _typed(item: Requirement) -> dict[str, Any]:
    return {
        "title": item.title,
        "product": int(item.product),
        "team": int(item.team),
        "days": _number(item.person_days),
        "most": "" if item.max_days is None else as_typed(units.people(item.max_days)),
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


def _with_days(item: Requirement, typed: str) -> Requirement:
    days = units.days_of(typed) if typed else None
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
