"""The reports, the deals beneath their numbers, what was decided about a segment, and the case for
a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, render_template, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from roadmap.domain.errors import Conflict
from roadmap.domain.money import half_up
from roadmap.domain.trend import month_label
from roadmap.extensions import db
from roadmap.models import Problem, Segment
from roadmap.people.guards import allow
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.workspace.edits import settle

from . import answers, beneath, cells, drawing, filters, tables, together
from .case import case_for
from .catalogue import KINDS
from .filters import Filters
from .forms import AnswerForm
from .frame import Frame, frame, kept_for_role, offer, usual
from .wording import percent, shares

blueprint = Blueprint("reports", __name__)

blueprint.add_app_template_filter(half_up, "cents")
blueprint.add_app_template_filter(month_label)

Answer = str | Response | tuple[str, int]


@blueprint.get("/reports")
@allow("read")
def index() -> Answer:
    asked = filters.from_address()
    cards = kept_for_role(("index", asked), lambda: Markup(_cards(asked)))  # noqa: S704 (a template)
    return render_template("reports/index.html", as_of=asked.as_of, cards=cards)


@blueprint.get("/reports/segments")
@allow("read")
def segments() -> Answer:
    return _page("segments", drawing.segments)


@blueprint.get("/reports/segments.csv")
@allow("read")
def segments_csv() -> Answer:
    return _csv("segments")


@blueprint.get("/reports/reasons")
@allow("read")
def reasons() -> Answer:
    return _page("reasons", drawing.reasons)


@blueprint.get("/reports/reasons.csv")
@allow("read")
def reasons_csv() -> Answer:
    return _csv("reasons")


@blueprint.get("/reports/revenue-at-risk")
@allow("read")
def revenue_at_risk() -> Answer:
    return _page("revenue-at-risk")


@blueprint.get("/reports/revenue-at-risk.csv")
@allow("read")
def revenue_at_risk_csv() -> Answer:
    return _csv("revenue-at-risk")


@blueprint.get("/reports/trend")
@allow("read")
def trend() -> Answer:
    return _page("trend", drawing.trend)


@blueprint.get("/reports/trend.csv")
@allow("read")
def trend_csv() -> Answer:
    return _csv("trend")


@blueprint.get("/reports/false-losses")
@allow("read")
def false_losses() -> Answer:
    return _page("false-losses")


@blueprint.get("/reports/false-losses.csv")
@allow("read")
def false_losses_csv() -> Answer:
    return _csv("false-losses")


@blueprint.get("/reports/cohorts")
@allow("read")
def cohorts() -> Answer:
    return _page("cohorts", drawing.cohorts)


@blueprint.get("/reports/cohorts.csv")
@allow("read")
def cohorts_csv() -> Answer:
    return _csv("cohorts")


@blueprint.get("/reports/deals")
@allow("read")
def deals() -> Answer:
    asked, cell = filters.from_address(), cells.from_address()
    values = {**asked.as_address(), **cell._asdict()}
    return render_template(
        "reports/deals.html",
        listing=beneath.listing(asked, cell),
        kind=KINDS.get(cell.report),
        asked=asked,
        words=[*cells.in_words(cell), *((name, text) for _, name, text in filters.in_words(asked))],
        percent=percent,
        shares=shares,
        link=lambda endpoint, **changes: arguments.address(endpoint, values, **changes),
        page_link=partial(arguments.address, "reports.deals", values),
    )


@blueprint.get("/reports/deals.csv")
@allow("read")
def deals_csv() -> Answer:
    asked, cell = filters.from_address(), cells.from_address()
    total = beneath.sums(asked, cell)
    rows = (
        (
            row.name, row.account, row.fit, row.state, cents(row.amount), tables.number(row.share),
            tables.money(row.part), row.close_date, row.owner, row.product, row.amount_source,
        )
        for row in beneath.every(asked, cell)
    )  # fmt: skip
    last = (
        "Total", None, None, None, None, tables.number(total.shares), tables.money(total.amount),
        None, None, None, None,
    )  # fmt: skip
    return csv_response(
        "deals-beneath.csv",
        (
            "Deal", "Account", "ICP fit (%)", "State as of the day", "Amount", "Share",
            "Amount counted", "Closes", "CRM owner", "Product", "Amount stands in",
        ),
        (row for rows_of in (rows, (last,)) for row in rows_of),
    )  # fmt: skip


@blueprint.get(f"/reports/segments/<{ID}:id>/answer")
@allow("read")
def answer(id: int) -> Answer:
    return _answer_page(_segment(id), _blank(id))


@blueprint.post(f"/reports/segments/<{ID}:id>/answer")
@allow("commit")
def give_answer(id: int) -> Answer:
    segment, form = _segment(id), AnswerForm()
    if not form.validate():
        return _answer_page(segment, form, 422)
    try:
        settle(form, lambda: _blank(id))
    except Conflict:
        return _answer_page(segment, form, 409)
    answers.give(segment, form.said(), current_user.id)
    flash(f"{segment.name}: {form.answer.data}. It stands beside the figures from now on.", "ok")
    return htmx.go(url_for("reports.segments"))


@blueprint.get(f"/problems/<{ID}:id>/case")
@allow("read")
def case(id: int) -> Answer:
    problem = db.session.get(Problem, id) or abort(404)
    return render_template(
        "reports/case.html", case=case_for(problem), shares=shares, percent=percent
    )


def _cards(asked: Filters) -> str:
    with together.reading_all(asked):
        frames = usual(asked)
    return render_template("reports/_cards.html", frames=frames)


def _page(name: str, draw: Callable[[Frame], Mapping[str, Any]] = lambda _: {}) -> str:
    """The report's page. Its body is made once: everything on it hangs on the same few things."""
    shown = frame(name)
    body = shown.kept("body", lambda: Markup(_body(shown, draw(shown))))  # noqa: S704 (a template)
    return render_template("reports/show.html", frame=shown, body=body)


def _body(shown: Frame, drawn: Mapping[str, Any]) -> str:
    return render_template(
        f"reports/{shown.kind.name.replace('-', '_')}.html",
        frame=shown,
        report=shown.report,
        offer=offer(shown.asked),
        answers=answers.latest() if shown.kind.name == "segments" else {},
        percent=percent,
        shares=shares,
        most=shown.most,
        **drawn,
    )


def _csv(name: str) -> Response:
    shown = frame(name)
    table = shown.kind.table(shown.report)
    return csv_response(table.filename, table.header, table.rows)


def _segment(id: int) -> Segment:
    return db.session.get(Segment, id) or abort(404)


def _blank(segment_id: int) -> AnswerForm:
    """A form for the next answer, with the mark of the one that stands."""
    form = AnswerForm(formdata=None)
    form.standing = next(iter(answers.history(segment_id)), None)
    return form


def _answer_page(segment: Segment, form: AnswerForm, status: int = 200) -> Answer:
    return (
        render_template(
            "reports/answer.html",
            segment=segment,
            form=form,
            line=answers.line_of(segment.id),
            standing=answers.latest().get(segment.id),
            history=answers.history(segment.id),
            percent=percent,
        ),
        status,
    )
