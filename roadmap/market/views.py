"""Problems, segments and the ideal customer profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from roadmap.domain.icp import Criterion
from roadmap.extensions import db
from roadmap.models import Problem, Segment
from roadmap.models.market import LAYERS
from roadmap.people.guards import allow
from roadmap.planning import picture
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.web.fields import whole_number
from roadmap.web.filters import plural
from roadmap.workspace import revision

from . import actions, classify, figures, queries, rules, segment_queries
from .forms import ProblemForm, SegmentForm
from .queries import Filters
from .solvers import is_uncovered, solution, solvers

blueprint = Blueprint("market", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/problems")
@allow("read")
def problems() -> Answer:
    filters = _filters()
    lines = queries.problem_lines(picture.current(), filters)
    last_page = max(1, -(-len(lines) // queries.PAGE))
    page = min(arguments.number("page") or 1, last_page)
    first = (page - 1) * queries.PAGE
    narrowed = filters._replace(sort="open") != Filters()
    together = figures.unique(frozenset(line.id for line in lines) if narrowed else None)
    return render_template(
        "market/problems.html",
        lines=lines[first : first + queries.PAGE],
        total=len(lines),
        first=first,
        page=page,
        last_page=last_page,
        filters=filters,
        narrowed=narrowed,
        together=together,
        segments=queries.segment_choices(),
        layers=[(layer, layer.capitalize()) for layer in LAYERS],
        sorts=queries.SORTS,
        link=_problems_link(filters),
    )


@blueprint.get("/problems.csv")
@allow("read")
def problems_csv() -> Answer:
    lines = queries.problem_lines(picture.current(), _filters())
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
    except actions.Refused as refused:
        form.title.errors = [str(refused)]
        return _problem_form(form, None, 422)
    flash(f"“{problem.title}” is a problem now. Tie the deals that it blocks.", "ok")
    return htmx.go(url_for("market.problem", id=problem.id))


@blueprint.get(f"/problems/<{ID}:id>")
@allow("read")
def problem(id: int) -> Answer:
    found = _find(Problem, id)
    now = picture.current()
    words = arguments.text("deal")
    return render_template(
        "market/problem.html",
        problem=found,
        today=now.today,
        counted=figures.by_problem().get(id, figures.NOTHING),
        alone=figures.alone(id),
        verified=queries.verified_deals(id),
        open_deals=queries.tied_deals(id, "open"),
        lost_deals=queries.tied_deals(id, "lost"),
        solvers=solvers(now).get(id, []),
        solution=solution(now, id),
        uncovered=is_uncovered(now, id),
        words=words,
        matches=queries.deal_matches(id, words) if words else None,
    )


@blueprint.get(f"/problems/<{ID}:id>/edit")
@allow("shape")
def edit_problem(id: int) -> Answer:
    found = _find(Problem, id)
    form = _offered(ProblemForm(obj=found))
    form.layer.data = found.layer or ""
    form.segments.data = [segment.id for segment in found.segments]
    form.seen.data = found.revision
    return _problem_form(form, found)


@blueprint.post(f"/problems/<{ID}:id>")
@allow("shape")
def change_problem(id: int) -> Answer:
    found = _find(Problem, id)
    form = _offered(ProblemForm())
    if not form.validate():
        return _problem_form(form, found, 422)
    seen = whole_number(form.seen.data, revision.MOST)
    try:
        actions.change_problem(id, _said(form), -1 if seen is None else seen)
    except actions.Refused as refused:
        form.title.errors = [str(refused)]
        return _problem_form(form, _find(Problem, id), 422)
    except actions.Overtaken:
        return _overtaken(form, id)
    flash("Saved.", "ok")
    return htmx.go(url_for("market.problem", id=id))


@blueprint.get("/segments")
@allow("read")
def segments() -> Answer:
    return render_template("market/segments.html", lines=segment_queries.segment_lines())


@blueprint.get("/segments.csv")
@allow("read")
def segments_csv() -> Answer:
    return csv_response(
        "segments.csv",
        (
            "Segment", "Rules", "Accounts", "Set by hand", "Mean ICP fit (%)", "Open deals",
            "Open amount", "Lost deals in the window", "Lost amount in the window",
            "Lost deals without close date",
        ),
        (
            (
                line.name, " and ".join(line.rules), line.accounts, line.by_hand, line.fit,
                line.figures.open_count, cents(line.figures.open_amount),
                line.figures.lost_count, cents(line.figures.lost_amount),
                line.figures.lost_undated,
            )
            for line in segment_queries.segment_lines()
        ),
    )  # fmt: skip


@blueprint.get("/segments/new")
@allow("shape")
def new_segment() -> Answer:
    return _segment_form(SegmentForm(), None, rules.with_blanks([]))


@blueprint.post("/segments")
@allow("shape")
def create_segment() -> Answer:
    return _save_segment(None)


@blueprint.get(f"/segments/<{ID}:id>/edit")
@allow("shape")
def edit_segment(id: int) -> Answer:
    segment = _find(Segment, id)
    rows = rules.as_rows(classify.criteria(segment.rules))
    return _segment_form(SegmentForm(obj=segment), segment, rows)


@blueprint.post(f"/segments/<{ID}:id>")
@allow("shape")
def change_segment(id: int) -> Answer:
    return _save_segment(_find(Segment, id))


@blueprint.post(f"/segments/<{ID}:id>/position")
@allow("shape")
def move_segment(id: int) -> Answer:
    _find(Segment, id)
    actions.move_segment(id, up=request.form.get("to") == "up")
    return htmx.go(url_for("market.segments"))


@blueprint.post(f"/segments/<{ID}:id>/removal")
@allow("shape")
def remove_segment(id: int) -> Answer:
    segment = _find(Segment, id)
    try:
        actions.remove_segment(id)
    except actions.Refused as refused:
        flash(f"“{segment.name}” stays: {refused}", "warn")
        return htmx.go(url_for("market.segments"))
    flash(f"“{segment.name}” is removed; its accounts were assigned anew.", "ok")
    return htmx.go(url_for("market.segments"))


@blueprint.get("/profile")
@allow("see_administration", hidden=True)
def profile() -> Answer:
    return _profile_page(rules.as_rows(classify.profile()))


@blueprint.post("/profile/preview")
@allow("administer")
def preview_profile() -> Answer:
    rows, criteria = rules.read(request.form)
    if any(row.error for row in rows):
        return _profile_page(rows, 422)
    return _profile_page(rules.with_blanks(rows), preview=segment_queries.preview_profile(criteria))


@blueprint.post("/profile")
@allow("administer")
def save_profile() -> Answer:
    rows, criteria = rules.read(request.form)
    if any(row.error for row in rows):
        return _profile_page(rows, 422)
    changed = actions.save_profile(criteria)
    flash(f"Saved. The fit of {plural(changed, 'account')} changed, and all totals with it.", "ok")
    return htmx.go(url_for("market.profile"))


def _filters() -> Filters:
    return Filters(
        segment=arguments.number("segment"),
        layer=arguments.choice("layer", LAYERS),
        uncovered=request.args.get("uncovered") == "1",
        q=arguments.text("q"),
        sort=arguments.choice("sort", queries.SORTS, "open"),
    )


def _problems_link(filters: Filters) -> Any:
    """Addresses of the list with these filters and some changes, for templates."""
    values: dict[str, object] = filters._asdict()
    values["uncovered"] = "1" if filters.uncovered else ""
    values["sort"] = "" if filters.sort == "open" else filters.sort

    def link(endpoint: str = "market.problems", **changes: object) -> str:
        return arguments.address(endpoint, values, **changes)

    return link


def _find(table: type[Any], id: int) -> Any:
    return db.session.get(table, id) or abort(404)


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


def _overtaken(form: ProblemForm, id: int) -> Answer:
    """What was typed, beside what somebody else saved meanwhile; saving again goes over it."""
    stored = _find(Problem, id)
    form.seen.data = stored.revision
    form.seen.raw_data = None
    return (
        render_template("market/problem_form.html", form=form, problem=stored, overtaken=True),
        409,
    )


def _save_segment(segment: Segment | None) -> Answer:
    form = SegmentForm()
    rows, criteria = rules.read(request.form)
    if not form.validate() or any(row.error for row in rows):
        return _segment_form(form, segment, rows, 422)
    try:
        saved, moved = actions.save_segment(
            segment.id if segment else None,
            form.name.data or "",
            form.description.data or "",
            criteria,
        )
    except actions.Refused as refused:
        form.name.errors = [str(refused)]
        return _segment_form(form, segment, rows, 422)
    flash(f"“{saved.name}” is saved; {plural(moved, 'account')} changed segment.", "ok")
    return htmx.go(url_for("market.segments"))


def _segment_form(
    form: SegmentForm,
    segment: Segment | None,
    rows: Sequence[rules.RuleRow],
    status: int = 200,
) -> Answer:
    return (
        render_template(
            "market/segment_form.html",
            form=form,
            segment=segment,
            rows=rows if status == 200 else rules.with_blanks(rows),
            attributes=_attributes(rows),
            operators=rules.OPERATOR_NAMES,
        ),
        status,
    )


def _profile_page(
    rows: Sequence[rules.RuleRow],
    status: int = 200,
    preview: segment_queries.ProfilePreview | None = None,
) -> Answer:
    return (
        render_template(
            "market/profile.html",
            rows=rows if status == 200 else rules.with_blanks(rows),
            criteria=_sentences(classify.profile()),
            attributes=_attributes(rows),
            operators=rules.OPERATOR_NAMES,
            preview=preview,
        ),
        status,
    )


def _attributes(rows: Sequence[rules.RuleRow]) -> list[tuple[str, str]]:
    """What rules may look at, with whatever they look at already, even if no account has it."""
    offered = segment_queries.attribute_choices()
    known = {name for name, _ in offered}
    return [
        ("", "–"),
        *offered,
        *((row.attribute, row.attribute) for row in rows if row.attribute not in {"", *known}),
    ]


def _sentences(profile: Sequence[Criterion]) -> list[tuple[str, int]]:
    return [(rules.sentence(criterion), criterion.weight) for criterion in profile]
