"""Problems: the list, one problem's case, writing them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.rollup import LAYERS
from roadmap.extensions import db
from roadmap.models import Problem
from roadmap.people.guards import allow, can
from roadmap.planning import picture
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.web.paging import Numbered
from roadmap.workspace.edits import settle

from . import actions, asked, case, figures, queries, rollup, steps, tied
from .forms import ParentForm, ProblemForm
from .queries import Filters
from .steps import live
from .verdicts import BUCKET_NAMES

blueprint = Blueprint("market", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/problems")
@allow("read")
def problems() -> Answer:
    filters = Filters.from_address()
    lines = queries.problem_lines(picture.current(), filters)
    pages = Numbered(len(lines))
    together = figures.unique(frozenset(line.id for line in lines) if filters.narrowed else None)
    return render_template(
        "market/problems.html",
        lines=pages.of(lines),
        pages=pages,
        filters=filters,
        together=together,
        segments=queries.segment_choices(),
        layers=[(layer, layer.capitalize()) for layer in LAYERS],
        sorts=queries.SORTS,
        link=filters.link("market.problems"),
    )


@blueprint.get("/problems.csv")
@allow("read")
def problems_csv() -> Answer:
    lines = queries.problem_lines(picture.current(), Filters.from_address())
    return csv_response(
        "problems.csv",
        (
            "Problem", "Layer", "Segments", "Open deals", "Open amount", "Open amount × fit",
            "Open deals without amount", "Lost deals in the window", "Lost amount in the window",
            "Lost deals without close date", "Accounts", "Initiatives", "Uncovered", "Page",
        ),
        (
            (
                line.title, line.layer, "; ".join(name for _, name in line.segments),
                line.figures.open_count, cents(line.figures.open_amount),
                cents(line.figures.open_fit_amount), line.figures.open_unknown,
                line.figures.lost_count, cents(line.figures.lost_amount),
                line.figures.lost_undated, line.figures.accounts,
                "; ".join(solver.title for solver in line.solvers),
                "yes" if line.uncovered else "no",
                url_for("market.problem", id=line.id, _external=True),
            )
            for line in lines
        ),
    )  # fmt: skip


@blueprint.get("/problems/new")
@allow("shape")
def new_problem() -> Answer:
    return _problem_form(_offered(ProblemForm()), None)


@blueprint.post("/problems")
@allow("shape")
def create_problem() -> Answer:
    form = _offered(ProblemForm())
    if not form.validate():
        return _problem_form(form, None, 422)
    try:
        problem = actions.create_problem(_said(form))
    except Refused as refused:
        form.title.errors = [str(refused)]
        return _problem_form(form, None, 422)
    flash(f"“{problem.title}” is a problem now. Tie the deals that it blocks.", "ok")
    return htmx.go(url_for("market.problem", id=problem.id))


@blueprint.get(f"/problems/<{ID}:id>")
@allow("read")
def problem(id: int) -> Answer:
    found = _find(id)
    if found.merged_into_id is not None:
        return _merged(found)
    now = picture.current()
    words, higher = arguments.text("deal"), arguments.text("parent")
    return render_template(
        "market/problem.html",
        problem=found,
        today=now.today,
        case=case.of(found, now, current_user.id, reads_all=can("triage")),
        request_address=asked.address,
        open_deals=tied.tied_deals(id, "open"),
        lost_deals=tied.tied_deals(id, "lost"),
        buckets=BUCKET_NAMES,
        words=words,
        matches=queries.deal_matches(id, words) if words else None,
        higher=higher,
        parent_form=ParentForm(formdata=None, data={"parent": found.parent_id}),
        parents=rollup.possible_parents(id, higher) if higher else None,
    )


@blueprint.post(f"/problems/<{ID}:id>/parent")
@allow("shape")
def roll_up(id: int) -> Answer:
    """`parent` is the problem to roll up to; empty for none any more."""
    problem = live(id)
    form = ParentForm()
    try:
        actions.roll_up(id, form.parent.data, lambda: form.merge(_stored_parent(id, form)))
    except Refused as refused:
        flash(f"“{problem.title}” stays where it is. {refused}", "warn")
        return htmx.go(url_for("market.problem", id=id))
    flash("Saved." if form.parent.data else "It rolls up to nothing any more.", "ok")
    return htmx.go(url_for("market.problem", id=id))


@blueprint.get(f"/problems/<{ID}:id>/edit")
@allow("shape")
def edit_problem(id: int) -> Answer:
    return _problem_form(_stored(live(id)), live(id))


@blueprint.post(f"/problems/<{ID}:id>")
@allow("shape")
def change_problem(id: int) -> Answer:
    form, found = _offered(ProblemForm()), live(id)
    if not form.validate():
        return _problem_form(form, found, 422)
    try:
        settle(form, lambda: _stored(live(id)))
        actions.change_problem(id, _said(form))
    except Refused as refused:
        form[refused.field].errors = [str(refused)]
        return _problem_form(form, _find(id), 422)
    except Conflict as conflict:
        if conflict.form is None:
            raise
        return _problem_form(form, _find(id), 409)
    flash("Saved.", "ok")
    return htmx.go(url_for("market.problem", id=id))


def _stored(problem: Problem) -> ProblemForm:
    form = _offered(ProblemForm(formdata=None, obj=problem))
    form.layer.data = problem.layer or ""
    form.segments.data = [segment.id for segment in problem.segments]
    return form


def _stored_parent(id: int, typed: ParentForm) -> ParentForm:
    """What it rolls up to, with a name for this and for what was chosen."""
    stored = ParentForm(formdata=None, data={"parent": live(id).parent_id})
    ids = {form.parent.data for form in (stored, typed) if form.parent.data}
    titles = queries.titles_of(ids)
    for form in (stored, typed):
        form.offer(titles)
    return stored


def _find(id: int) -> Problem:
    return db.session.get(Problem, id) or abort(404)


def _merged(problem: Problem) -> Answer:
    survivor = steps.survivor(problem)
    return render_template(
        "market/merged.html", problem=problem, survivor=survivor, history=steps.of(problem.id)
    )


def _offered(form: ProblemForm) -> ProblemForm:
    form.offer(queries.segment_choices())
    return form


def _said(form: ProblemForm) -> actions.ProblemWords:
    return actions.ProblemWords(
        title=form.title.data or "",
        statement=form.statement.data or "",
        layer=form.layer.data or None,
        workaround=form.workaround.data or "",
        segment_ids=form.segments.data or (),
    )


def _problem_form(form: ProblemForm, problem: Problem | None, status: int = 200) -> Answer:
    return render_template("market/problem_form.html", form=form, problem=problem), status
