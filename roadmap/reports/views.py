"""The reports, the deals beneath their numbers, what was decided about a segment, and the case for
a problem."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.domain.cohorts import AGES
from roadmap.domain.cohorts import label as cohort_label
from roadmap.domain.money import half_up
from roadmap.domain.trend import month_label
from roadmap.extensions import db
from roadmap.models import Problem, Segment
from roadmap.people.guards import allow
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.workspace.settings import workspace

from . import answers, beneath, cells, drawing, filters, findings, tables
from .case import case_for
from .catalogue import KINDS
from .findings import percent, shares
from .forms import AnswerForm
from .frame import Frame, frame, offer
from .trends import COLUMN_NAMES

blueprint = Blueprint("reports", __name__)

blueprint.add_app_template_filter(half_up, "cents")
blueprint.add_app_template_filter(month_label)

Answer = str | Response | tuple[str, int]

#: So many lines are shown; the CSV has them all.
MOST_LINES = 50


@blueprint.get("/reports")
@allow("read")
def index() -> Answer:
    return render_template("reports/index.html", frames=[frame(name) for name in KINDS])


@blueprint.get("/reports/segments")
@allow("read")
def segments() -> Answer:
    shown = frame("segments")
    return _page(
        shown,
        bars=drawing.bars(shown, shown.report, MOST_LINES),
        title=findings.of_chart(shown.report),
        overall=drawing.place(shown.report.total.rate),
        answers=answers.latest(),
    )


@blueprint.get("/reports/segments.csv")
@allow("read")
def segments_csv() -> Answer:
    return _csv("segments")


@blueprint.get("/reports/reasons")
@allow("read")
def reasons() -> Answer:
    shown = frame("reasons")
    report, currency = shown.report, workspace().currency
    return _page(
        shown,
        title=findings.of_heat(report) if report.lines else "",
        columns=list(COLUMN_NAMES.values()),
        heat=drawing.buckets(shown, report.lines[:MOST_LINES], currency),
        agreement=drawing.agreement(shown, report, currency),
    )


@blueprint.get("/reports/reasons.csv")
@allow("read")
def reasons_csv() -> Answer:
    return _csv("reasons")


@blueprint.get("/reports/revenue-at-risk")
@allow("read")
def revenue_at_risk() -> Answer:
    return _page(frame("revenue-at-risk"))


@blueprint.get("/reports/revenue-at-risk.csv")
@allow("read")
def revenue_at_risk_csv() -> Answer:
    return _csv("revenue-at-risk")


@blueprint.get("/reports/trend")
@allow("read")
def trend() -> Answer:
    shown = frame("trend")
    points, stretches = drawing.curve(shown.report)
    return _page(
        shown,
        title=findings.of_curve(shown.report),
        points=points,
        stretches=stretches,
        heat=drawing.months(shown, shown.report, workspace().currency),
        line_cell=drawing.line_cell,
        now=drawing.span(shown.report.period.months),
        before=drawing.span(shown.report.period.before),
        span=drawing.span,
    )


@blueprint.get("/reports/trend.csv")
@allow("read")
def trend_csv() -> Answer:
    return _csv("trend")


@blueprint.get("/reports/false-losses")
@allow("read")
def false_losses() -> Answer:
    return _page(frame("false-losses"))


@blueprint.get("/reports/false-losses.csv")
@allow("read")
def false_losses_csv() -> Answer:
    return _csv("false-losses")


@blueprint.get("/reports/cohorts")
@allow("read")
def cohorts() -> Answer:
    shown = frame("cohorts")
    return _page(
        shown,
        total=tables.whole(shown.report.cohorts),
        ages=AGES,
        cohort_label=cohort_label,
        outcomes=drawing.outcomes,
        opening=drawing.opening,
    )


@blueprint.get("/reports/cohorts.csv")
@allow("read")
def cohorts_csv() -> Answer:
    return _csv("cohorts")


@blueprint.get("/reports/deals")
@allow("read")
def deals() -> Answer:
    asked, cell = filters.from_address(), cells.from_address()
    page = arguments.number("page", most=100_000) or 1
    values = {**asked.as_address(), **cell._asdict()}
    return render_template(
        "reports/deals.html",
        listing=beneath.listing(asked, cell, page),
        kind=KINDS.get(cell.report),
        asked=asked,
        words=[*cells.in_words(cell), *((name, text) for _, name, text in filters.in_words(asked))],
        percent=percent,
        shares=shares,
        link=lambda endpoint, **changes: arguments.address(endpoint, values, **changes),
    )


@blueprint.get("/reports/deals.csv")
@allow("read")
def deals_csv() -> Answer:
    asked, cell = filters.from_address(), cells.from_address()
    total = beneath.sums(asked, cell)
    rows = (
        (
            row.name, row.account, row.fit, row.state, cents(row.amount), tables.number(row.share),
            tables.money(row.part), row.close_date, row.owner, row.product,
        )
        for row in beneath.every(asked, cell)
    )  # fmt: skip
    last = (
        "Total", None, None, None, None, tables.number(total.shares), tables.money(total.amount),
        None, None, None,
    )  # fmt: skip
    return csv_response(
        "deals-beneath.csv",
        (
            "Deal", "Account", "ICP fit (%)", "State as of the day", "Amount", "Share",
            "Amount counted", "Closes", "CRM owner", "Product",
        ),
        (row for rows_of in (rows, (last,)) for row in rows_of),
    )  # fmt: skip


@blueprint.get(f"/reports/segments/<{ID}:id>/answer")
@allow("read")
def answer(id: int) -> Answer:
    return _answer_page(_segment(id), AnswerForm())


@blueprint.post(f"/reports/segments/<{ID}:id>/answer")
@allow("commit")
def give_answer(id: int) -> Answer:
    segment, form = _segment(id), AnswerForm()
    if not form.validate():
        return _answer_page(segment, form, 422)
    answers.give(segment, form.said(), current_user.id)
    flash(f"{segment.name}: {form.answer.data}. It stands beside the figures from now on.", "ok")
    return htmx.go(url_for("reports.segments"))


@blueprint.get(f"/problems/<{ID}:id>/case")
@allow("read")
def case(id: int) -> Answer:
    problem = db.session.get(Problem, id) or abort(404)
    return render_template("reports/case.html", case=case_for(problem), shares=shares)


def _page(shown: Frame, **values: object) -> str:
    return render_template(
        f"reports/{shown.kind.name.replace('-', '_')}.html",
        frame=shown,
        report=shown.report,
        offer=offer(shown.asked),
        percent=percent,
        shares=shares,
        most=MOST_LINES,
        **values,
    )


def _csv(name: str) -> Response:
    shown = frame(name)
    table = shown.kind.table(shown.report)
    return csv_response(table.filename, table.header, table.rows)


def _segment(id: int) -> Segment:
    return db.session.get(Segment, id) or abort(404)


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
