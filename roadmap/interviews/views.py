"""Loss interviews: whom to ask next, planning, the script, the log, and what it changed."""

from __future__ import annotations

import secrets
from datetime import date

from flask import abort, flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.interviews import CANCELLED, LOSS_INTERVIEW, PLANNED, Effect, effect_from_json
from roadmap.extensions import db
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.models import Conversation, Deal
from roadmap.people.guards import allow
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.web.filters import money_short
from roadmap.web.paging import Numbered
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace

from . import actions, queries, script
from .actions import Spoken
from .blueprint import blueprint
from .forms import LogForm, PlanForm, typed_before, who_changed
from .problems import problems_for
from .queries import Filters

Answer = str | Response | tuple[str, int]


@blueprint.get("/interviews")
@allow("read")
def index() -> Answer:
    asked = Filters.from_address()
    sums = queries.sums(asked)
    pages = Numbered(sums.deals)
    return render_template(
        "interviews/index.html",
        candidates=queries.candidates(asked, pages),
        sums=sums,
        planned=queries.planned(),
        filters=asked,
        pages=pages,
        segments=queries.segment_choices(),
        products=queries.product_choices(),
        today=clock.today(),
        link=asked.link("interviews.index"),
    )


@blueprint.get("/interviews.csv")
@allow("read")
def index_csv() -> Answer:
    return csv_response(
        "whom-to-interview.csv",
        (
            "Deal", "Account", "ICP fit (%)", "Segment", "CRM owner", "Lost on", "Amount",
            "Amount x fit", "Verified", "Asked on", "Again from", "Amount stands in",
        ),
        (
            (
                one.name, one.account, one.fit, one.segment, one.owner, one.close_date,
                cents(one.amount), cents(one.weighted), "yes" if one.verified else "no",
                one.asked_on, one.again_on, one.amount_source,
            )
            for one in queries.candidates(Filters.from_address())
        ),
    )  # fmt: skip


@blueprint.get("/interviews/new")
@allow("shape")
def new() -> Answer:
    deal = queries.lost_deal(arguments.number("deal") or 0) or abort(404)
    form = PlanForm(formdata=None, data={"token": secrets.token_urlsafe(24)})
    form.assigned_to.data = current_user.id
    return _plan_page(form, deal)


@blueprint.post(f"/deals/<{ID}:id>/interviews")
@allow("shape")
def plan(id: int) -> Answer:
    """Plan one or, where it was held already, open its log at once."""
    deal = queries.lost_deal(id) or abort(404)
    form = PlanForm()
    form.offer(queries.interviewers())
    try:
        if request.form.get("press") == "held":
            begun = actions.begin(id, current_user, form.token.data or None)
            return htmx.go(url_for("interviews.log", id=begun.id))
        if not form.validate():
            return _plan_page(form, deal), 422
        actions.plan(id, *form.plan(), current_user, form.token.data or None)
    except Refused as refused:
        form.planned_on.errors = [*form.planned_on.errors, str(refused)]
        return _plan_page(form, queries.lost_deal(id) or abort(404)), 422
    flash("The interview is planned.", "ok")
    return htmx.go(url_for("interviews.index"))


@blueprint.get(f"/interviews/<{ID}:id>")
@allow("read")
def show(id: int) -> Answer:
    conversation = _find(id)
    return render_template(
        "interviews/show.html",
        conversation=conversation,
        effect=effect_from_json(conversation.effect),
        say=_money,
        buckets=BUCKET_NAMES,
        today=clock.today(),
    )


@blueprint.get(f"/interviews/<{ID}:id>/plan")
@allow("shape")
def edit_plan(id: int) -> Answer:
    conversation = _planned(id)
    return _plan_page(_stored_plan(id), conversation.deal, conversation)


@blueprint.post(f"/interviews/<{ID}:id>/plan")
@allow("shape")
def replan(id: int) -> Answer:
    form, status = PlanForm(), 422
    form.offer(queries.interviewers(_find(id).assigned_to_id))

    def merged() -> tuple[int, date]:
        form.merge(_stored_plan(id))
        return form.plan()

    if form.validate():
        try:
            actions.replan(id, merged, current_user)
        except Refused as refused:
            form.planned_on.errors = [str(refused)]
        except Conflict:
            status = 409
        else:
            flash("Saved.", "ok")
            return htmx.go(url_for("interviews.show", id=id))
    conversation = _find(id)
    return _plan_page(form, conversation.deal, conversation), status


@blueprint.post(f"/interviews/<{ID}:id>/cancellation")
@allow("shape")
def cancel(id: int) -> Answer:
    """Cancel what was planned, or withdraw what was logged."""
    _find(id)
    try:
        effect = actions.cancel(id, current_user)
    except Refused as refused:
        flash(str(refused), "warn")
    else:
        said = "Cancelled: the customer may be asked again."
        flash(said if effect is None else f"Withdrawn. {' '.join(effect.sentences(_money))}", "ok")
    return htmx.go(url_for("interviews.show", id=id))


@blueprint.get(f"/interviews/<{ID}:id>/log")
@allow("shape")
def log(id: int) -> Answer:
    return _log_page(_open(id))


@blueprint.get(f"/interviews/<{ID}:id>/script")
@allow("shape")
def show_script(id: int) -> Answer:
    """The questions with the fields of the log beside them, to print or to hold in one's hand."""
    return _log_page(_open(id), page="script")


@blueprint.post(f"/interviews/<{ID}:id>/log")
@allow("shape")
def save_log(id: int) -> Answer:
    """Save it or, with the other buttons, show what saving would change, or one more row."""
    conversation = _find(id)
    page = "script" if request.form.get("page") == "script" else "log"
    form = LogForm()
    form.offer(queries.interviewers(conversation.held_by_id), problems_for(conversation.deal))
    press = request.form.get("press", "save")
    if press == "more":
        form.more()
        form.offer(queries.interviewers(conversation.held_by_id), problems_for(conversation.deal))
        return _log_page(conversation, form, page=page)
    if not form.validate():
        return _log_page(conversation, form, page=page), 422

    def merged() -> Spoken:
        form.merge(_stored_log(id, form))
        return form.spoken()

    try:
        if press == "preview":
            effect = actions.preview(id, form.spoken(), merge=merged)
            return _log_page(_open(id), form, page=page, effect=effect)
        effect = actions.log(id, form.spoken(), current_user, merge=merged)
    except Refused as refused:
        form.name.errors = [*form.name.errors, str(refused)]
        return _log_page(_find(id), form, page=page), 422
    except Conflict:
        return _log_page(_find(id), form, page=page), 409
    flash(" ".join(effect.sentences(_money)), "ok")
    return htmx.go(url_for("interviews.show", id=id))


@blueprint.get("/interviews/problems")
@allow("read")
def problems() -> Answer:
    """Those to offer while somebody types a title in the field of this name, for a deal."""
    deal = db.session.get(Deal, arguments.number("deal") or 0)
    words = arguments.text(request.args.get("field", ""))
    return render_template(
        "interviews/_problem_options.html", offered=problems_for(deal).found(words)
    )


def _find(id: int) -> Conversation:
    return queries.find(id, [LOSS_INTERVIEW]) or abort(404)


def _planned(id: int) -> Conversation:
    conversation = _find(id)
    return conversation if conversation.state == PLANNED else abort(404)


def _open(id: int) -> Conversation:
    """One that can be logged: planned, or logged already."""
    conversation = _find(id)
    return conversation if conversation.state != CANCELLED else abort(404)


def _money(amount: int | None) -> str:
    return money_short(amount, workspace().currency)


def _plan_page(form: PlanForm, deal: Deal | None, conversation: Conversation | None = None) -> str:
    form.offer(queries.interviewers(conversation.assigned_to_id if conversation else None))
    return render_template("interviews/plan.html", form=form, deal=deal, conversation=conversation)


def _log_page(
    conversation: Conversation,
    form: LogForm | None = None,
    *,
    page: str = "log",
    effect: Effect | None = None,
) -> str:
    return render_template(
        f"interviews/{page}.html",
        conversation=conversation,
        form=form or _stored_log(conversation.id),
        effect=effect,
        say=_money,
        buckets=BUCKET_NAMES,
        questions=script.questions(),
    )


def _stored_plan(id: int) -> PlanForm:
    conversation = _find(id)
    form = PlanForm(formdata=None, obj=conversation)
    form.assigned_to.data = conversation.assigned_to_id
    form.offer(queries.interviewers(conversation.assigned_to_id))
    form.who = who_changed(conversation)
    return form


def _stored_log(id: int, typed: LogForm | None = None) -> LogForm:
    """The log as it is stored; of one that was not held yet, with day and person as `typed`."""
    conversation = _find(id)
    data = typed_before(conversation, clock.today(), current_user.id)
    if typed is not None and conversation.held_on is None:
        data |= {"held_on": typed.held_on.data, "held_by": typed.held_by.data}
    form = LogForm(formdata=None, data=data)
    form.offer(queries.interviewers(data["held_by"]), problems_for(conversation.deal))
    form.who = who_changed(conversation)
    return form
