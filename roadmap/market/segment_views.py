"""Segments and the ideal customer profile."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, render_template, request, url_for

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.icp import Criterion
from roadmap.extensions import db
from roadmap.models import Segment
from roadmap.people.guards import allow
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.web.filters import plural
from roadmap.workspace.edits import settle

from . import actions, classify, rules, segment_queries
from .forms import RulesForm, SegmentForm
from .views import Answer, blueprint


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
    return _segment_form(SegmentForm(), None)


@blueprint.post("/segments")
@allow("shape")
def create_segment() -> Answer:
    return _save_segment(None)


@blueprint.get(f"/segments/<{ID}:id>/edit")
@allow("shape")
def edit_segment(id: int) -> Answer:
    return _segment_form(_stored(id), _find(id))


@blueprint.post(f"/segments/<{ID}:id>")
@allow("shape")
def change_segment(id: int) -> Answer:
    return _save_segment(_find(id))


@blueprint.post(f"/segments/<{ID}:id>/position")
@allow("shape")
def move_segment(id: int) -> Answer:
    _find(id)
    actions.move_segment(id, up=request.form.get("to") == "up")
    return htmx.go(url_for("market.segments"))


@blueprint.post(f"/segments/<{ID}:id>/removal")
@allow("shape")
def remove_segment(id: int) -> Answer:
    segment = _find(id)
    try:
        actions.remove_segment(id)
    except Refused as refused:
        flash(f"“{segment.name}” stays: {refused}", "warn")
        return htmx.go(url_for("market.segments"))
    flash(f"“{segment.name}” is removed; its accounts were assigned anew.", "ok")
    return htmx.go(url_for("market.segments"))


@blueprint.get("/profile")
@allow("see_administration", hidden=True)
def profile() -> Answer:
    return _profile_page(_stored_profile())


@blueprint.post("/profile/preview")
@allow("administer")
def preview_profile() -> Answer:
    form = RulesForm()
    if not form.validate():
        return _profile_page(form, 422)
    return _profile_page(form, preview=segment_queries.preview_profile(form.rules.data))


@blueprint.post("/profile")
@allow("administer")
def save_profile() -> Answer:
    form = RulesForm()
    if not form.validate():
        return _profile_page(form, 422)
    try:
        settle(form, _stored_profile)
    except Conflict:
        return _profile_page(form, 409)
    changed = actions.save_profile(form.rules.data)
    flash(f"Saved. The fit of {plural(changed, 'account')} changed, and all totals with it.", "ok")
    return htmx.go(url_for("market.profile"))


def _find(id: int) -> Segment:
    return db.session.get(Segment, id) or abort(404)


def _stored(id: int) -> SegmentForm | None:
    """The form as the segment fills it; None where it was removed."""
    found = db.session.get(Segment, id)
    if found is None:
        return None
    data = {"name": found.name, "description": found.description}
    return SegmentForm(formdata=None, data=data | {"rules": classify.criteria(found.rules)})


def _stored_profile() -> RulesForm:
    return RulesForm(formdata=None, data={"rules": classify.profile()})


def _save_segment(segment: Segment | None) -> Answer:
    form, id = SegmentForm(), segment.id if segment else None
    if not form.validate():
        return _segment_form(form, segment, 422)
    try:
        if id is not None:
            settle(form, lambda: _stored(id))
        name, description = form.name.data or "", form.description.data or ""
        saved, moved = actions.save_segment(id, name, description, form.rules.data)
    except Refused as refused:
        form.name.errors = [str(refused)]
        return _segment_form(form, segment, 422)
    except Conflict as conflict:
        if conflict.form is None:
            raise
        return _segment_form(form, segment, 409)
    flash(f"“{saved.name}” is saved; {plural(moved, 'account')} changed segment.", "ok")
    return htmx.go(url_for("market.segments"))


def _segment_form(form: SegmentForm | None, segment: Segment | None, status: int = 200) -> Answer:
    form = form or SegmentForm(formdata=None)
    return (
        render_template(
            "market/segment_form.html",
            form=form,
            segment=segment,
            rows=form.rules.rows,
            attributes=_attributes(form.rules.rows),
            operators=rules.OPERATOR_NAMES,
        ),
        status,
    )


def _profile_page(
    form: RulesForm, status: int = 200, preview: segment_queries.ProfilePreview | None = None
) -> Answer:
    return (
        render_template(
            "market/profile.html",
            form=form,
            rows=form.rules.rows,
            criteria=_sentences(classify.profile()),
            attributes=_attributes(form.rules.rows),
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
