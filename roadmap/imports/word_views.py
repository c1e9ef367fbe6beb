"""CRM's loss reasons, each decided once; the exchange rates."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, render_template, request, url_for
from flask_login import current_user
from wtforms import SelectField

from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.models import LossWords
from roadmap.people.guards import allow
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.conflicts import EditForm, mark
from roadmap.web.csv import cents, csv_response
from roadmap.web.fields import choices, whole_number
from roadmap.web.paging import PAGE
from roadmap.workspace import clock
from roadmap.workspace.edits import settle
from roadmap.workspace.settings import workspace

from . import deciding, exchange
from .views import Answer, blueprint


class DecisionForm(EditForm):
    """What a wording of CRM stands for; its page writes a pair of selects for each."""

    together = (("bucket", "problem"),)
    bucket = SelectField(
        "Reason",
        choices=choices(
            [("", "Not decided"), *BUCKET_NAMES.items(), (deciding.NOTHING, "Gives no reason")]
        ),
    )
    problem = SelectField("Problem", coerce=lambda value: whole_number(value) or None)


@blueprint.get("/imports/loss-reasons")
@allow("import")
def words() -> Answer:
    after = arguments.number("after") or 0
    waiting, number = deciding.waiting(after)
    return render_template(
        "imports/words.html",
        waiting=waiting,
        number=number,
        after=after,
        page=PAGE,
        decided=deciding.decided(),
        problems=deciding.problems(),
        buckets=BUCKET_NAMES,
        nothing=deciding.NOTHING,
        mark=lambda line: mark(deciding.choice(line)),
    )


@blueprint.get("/imports/loss-reasons.csv")
@allow("import")
def words_csv() -> Answer:
    lines = [*deciding.decided(), *deciding.waiting()[0]]
    return csv_response(
        "loss-reasons.csv",
        ("Loss reason in CRM", "Decided", "Bucket", "Problem", "Lost deals", "Amount"),
        (
            (line.text, "yes" if line.decided else "no", line.bucket, line.problem, line.deals,
             cents(line.amount))
            for line in lines
        ),
    )  # fmt: skip


@blueprint.post(f"/imports/loss-reasons/<{ID}:id>")
@allow("import")
def decide(id: int) -> Answer:
    found = db.session.get(LossWords, id) or abort(404)
    form = DecisionForm()
    settle(form, lambda: _stored(id, form))
    bucket, problem = form.bucket.data or "", form.problem.data
    try:
        lost = deciding.decide(found.id, bucket, problem, current_user.id)
    except Refused as refused:
        flash(str(refused), "warn")
    else:
        follow = "1 lost deal follows" if lost == 1 else f"{lost:,} lost deals follow"
        flash(f"“{found.text[:80]}” is {'understood' if bucket else 'open again'}: {follow}.", "ok")
    return htmx.go(url_for("imports.words"))


def _stored(id: int, typed: DecisionForm) -> DecisionForm:
    stored = DecisionForm(formdata=None, data=deciding.choice(deciding.line_of(id)))
    for form in (stored, typed):
        form.problem.choices = choices([("", "No known problem"), *deciding.problems()])
    return stored


@blueprint.get("/settings/exchange-rates")
@allow("read")
def rates() -> Answer:
    return _rates_page(200, {}, {}, exchange.seen())


@blueprint.get("/settings/exchange-rates.csv")
@allow("read")
def rates_csv() -> Answer:
    return csv_response(
        "exchange-rates.csv",
        ("Currency", f"Worth in {workspace().currency}", "As of", "Source"),
        ((rate.currency, rate.rate, rate.as_of, rate.source) for rate in exchange.rates()),
    )


def _rates_page(
    status: int, typed: Mapping[str, str], errors: Mapping[str, str], seen: str
) -> Answer:
    lines, today = exchange.rates(), clock.today()
    return (
        render_template(
            "imports/rates.html", lines=lines, today=today, typed=typed, errors=errors, seen=seen
        ),
        status,
    )


@blueprint.post("/settings/exchange-rates")
@allow("administer")
def set_rate() -> Answer:
    seen = request.form.get("seen", "")
    typed = {name: " ".join(request.form.get(name, "").split()) for name in
             ("currency", "rate", "as_of", "source")}  # fmt: skip
    wanted, errors = exchange.read(typed, workspace().currency)
    if errors or wanted is None:
        return _rates_page(422, typed, errors, seen)
    try:
        exchange.keep(wanted, current_user.id, seen)
    except Conflict as changed:
        return _rates_page(409, typed, {"rate": changed.found}, exchange.seen())
    flash("Saved. Imports from now on use it.", "ok")
    return htmx.go(url_for("imports.rates"))


@blueprint.post("/settings/exchange-rates/<string(length=3):currency>/removal")
@allow("administer")
def remove_rate(currency: str) -> Answer:
    exchange.remove(currency)
    flash(f"The rate of {currency} is gone.", "ok")
    return htmx.go(url_for("imports.rates"))
