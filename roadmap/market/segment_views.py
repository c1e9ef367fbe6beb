"""Segments and the ideal customer profile."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, render_template, request, url_for

from roadmap.domain.icp import Criterion
from roadmap.extensions import db
from roadmap.models import Segment
from roadmap.people.guards import allow
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.web.filters import plural

from . import actions, classify, rules, segment_queries
from .forms import SegmentForm
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
    return _segment_form(SegmentForm(), None, rules.with_blanks([]))


@blueprint.post("/segments")
@allow("shape")
def create_segment() -> Answer:
    return _save_segment(None)


@blueprint.get(f"/segments/<{ID}:id>/edit")
@allow("shape")
def edit_segment(id: int) -> Answer:
    segment = _find(id)
    rows = rules.as_rows(classify.criteria(segment.rules))
    return _segment_form(SegmentForm(obj=segment), segment, rows)


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


def _find(id: int) -> Segment:
    return db.session.get(Segment, id) or abort(404)


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
