"""A rep's report: four questions after a loss, three after a win, made for a phone."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, render_template, url_for
from flask_login import current_user
from wtforms import Field, RadioField
from wtforms.validators import InputRequired, ValidationError

from roadmap.deals import queries as deals
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.roles import REP
from roadmap.domain.winloss import BUCKETS
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.models import Deal, DealReport
from roadmap.people.guards import allow
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import choices, line, words
from roadmap.web.filters import moment

from . import queries, reporting
from .blueprint import blueprint
from .problems import ProblemField, problems_for
from .reporting import Claim
from .views import Answer

UNKNOWN = "unknown"
AGAINST_LOST = (
    ("competitor", "A competitor"),
    ("no decision", "No decision: they stayed as they are"),
    (UNKNOWN, "I don't know"),
)
AGAINST_WON = (
    ("competitor", "A competitor"),
    ("nobody", "Nobody: no competitor was there"),
    (UNKNOWN, "I don't know"),
)


class ReportForm(EditForm):
    """The first question is who else there was; "I don't know" is always an answer."""

    together = (("against", "competitor"), ("bucket", "problem"))

    against = RadioField("", validators=[InputRequired("Choose one; “I don't know” is fine.")])
    competitor = line("Which competitor")
    bucket = RadioField(
        "",
        choices=choices([*((each, BUCKET_NAMES[each]) for each in BUCKETS),
                         (UNKNOWN, "I don't know")]),
        validators=[InputRequired("Choose one; “I don't know” is fine.")],
    )  # fmt: skip
    problem = ProblemField("Which problem")
    quote = words("3. What did the customer say, in their words?", render_kw={"rows": 3})
    decided_by = words("", render_kw={"rows": 3})

    def ask(self, deal: Deal) -> None:
        """Put the questions for this outcome, and offer the problems there are."""
        lost = deal.status == LOST
        self.against.label.text = (
            "1. Who won it instead?" if lost else "1. Whom did we win against?"
        )
        self.against.choices = choices(AGAINST_LOST if lost else AGAINST_WON)
        self.bucket.label.text = (
            "2. What was the main reason?" if lost else "2. What nearly cost us the deal?"
        )
        self.decided_by.label.text = (
            "4. What would have changed the outcome?" if lost else "3. What decided it for us?"
        )
        self.problem.choose_from(problems_for(deal))
        if not lost:
            del self.quote

    def validate_problem(self, field: Field) -> None:
        if field.data is not None and self.bucket.data != "product":
            raise ValidationError("Only a Product reason names a problem.")

    def claim(self) -> Claim:
        return Claim(
            against=self.against.data,
            competitor=self.competitor.data or "",
            bucket=None if self.bucket.data == UNKNOWN else self.bucket.data,
            problem_id=self.problem.data,
            quote=(self.quote.data or "") if "quote" in self else "",
            decided_by=self.decided_by.data or "",
        )


@blueprint.get(f"/deals/<{ID}:id>/report")
@allow("report_own_deals")
def report(id: int) -> Answer:
    deal = _own(id)
    return _page(deal, _stored(deal))


@blueprint.post(f"/deals/<{ID}:id>/report")
@allow("report_own_deals")
def save_report(id: int) -> Answer:
    deal = _own(id)
    form = ReportForm()
    form.ask(deal)
    if not form.validate():
        return _page(deal, form), 422

    def merged() -> Claim:
        form.merge(_stored(_own(id)))
        return form.claim()

    try:
        reporting.report(id, form.claim(), current_user, merge=merged)
    except Refused as refused:
        form.problem.errors = [str(refused)]
        return _page(_own(id), form), 422
    except Conflict:
        return _page(_own(id), form), 409
    flash("Thank you: it is on the deal.", "ok")
    return htmx.go(url_for("deals.show", id=id))


def _own(id: int) -> Deal:
    """A closed deal that this person may report on: a rep only on their own."""
    deal = deals.find(id)
    if deal is None or deal.status == OPEN:
        abort(404)
    if current_user.role == REP and not deals.owned_by(deal, current_user):
        abort(403)
    return deal


def _stored(deal: Deal) -> ReportForm:
    """The form as the report that stands fills it."""
    before = queries.report_of(deal.id)
    form = ReportForm(formdata=None, data=_answers(before))
    form.ask(deal)
    if before is not None:
        form.who = f"{before.by.name}, {moment(before.at)},"
    return form


def _answers(before: DealReport | None) -> dict[str, Any]:
    if before is None:
        return {}
    return {
        "against": before.against,
        "competitor": before.competitor,
        "bucket": before.bucket or UNKNOWN,
        "problem": before.problem.id if before.problem else None,
        "quote": before.quote,
        "decided_by": before.decided_by,
    }


def _page(deal: Deal, form: ReportForm) -> str:
    return render_template(
        "interviews/report.html",
        deal=deal,
        form=form,
        history=reporting.history(deal.id),
        against=dict((*AGAINST_LOST, *AGAINST_WON)),
        buckets=BUCKET_NAMES,
    )
