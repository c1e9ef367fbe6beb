"""The form: empty, while it is typed, and sent."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.domain.errors import Refused
from roadmap.extensions import writes_nothing
from roadmap.models import Request
from roadmap.people.guards import allow
from roadmap.web import arguments, htmx
from roadmap.web.fields import whole_number

from . import actions, choosing, typed
from .actions import MOST_A_MINUTE, TooMany
from .blueprint import blueprint
from .forms import RequestForm
from .suggestions import chosen as chosen_problem
from .suggestions import suggestions

Answer = str | Response | tuple[str, int]


@blueprint.get("/requests/new")
@allow("submit")
def new() -> Answer:
    """An empty form; `account` or `deal` in the address say what it is about."""
    form = typed.offered(RequestForm(formdata=None))
    deal = arguments.number("deal")
    account = choosing.account_of(deal) if deal else arguments.number("account")
    form.begin(account, [deal] if deal and account else _only_deal(account))
    return _page(form)


@blueprint.post("/requests")
@allow("submit")
def submit() -> Answer:
    form = typed.offered(RequestForm())
    sound = [form.validate(), typed.settle_company(form)]
    if not all(sound):
        return _page(form, 422)
    if typed.needs_asking(form):
        form.asked.data = "1"
        return _page(form, asking=True)
    try:
        said = typed.said(form)
        sent = actions.submit(said, current_user)
    except Refused as refused:
        form.form_errors.append(str(refused))
        return _page(form, 422)
    except TooMany:
        return _page(form, 429)
    if not typed.is_what_was_said(sent, said):
        # It had arrived before the connection was lost, and was changed since: both are kept.
        form.renew_token()
        return _page(form, 409, arrived=sent)
    return htmx.go(url_for("intake.show", id=sent.id))


@blueprint.post("/requests/form")
@allow("submit")
@writes_nothing
def fill() -> Answer:
    """The form with what was typed and what the pressed button asks for; for those without
    JavaScript. Nothing is stored.
    """
    form = typed.offered(RequestForm())
    step = request.form.get("step", "")
    if step == "other":
        form.begin_subject()
    elif step == "prospect":
        form.prospect.data = "1" if form.company.validate(form) else ""
    elif account := whole_number(request.form.get("choose")):
        form.begin_subject(account, _only_deal(account))
    return _page(form, looking=step == "similar")


@blueprint.post("/requests/similar")
@allow("submit")
@writes_nothing
def similar() -> Answer:
    """Problems that look the same as what is being typed."""
    form = typed.offered(RequestForm())
    return render_template("intake/_similar.html", **_similar(form))


@blueprint.get("/requests/accounts")
@allow("submit")
def accounts() -> Answer:
    """The accounts that the typed words may mean; before any, those of one's own open deals."""
    words = arguments.text("company")
    return render_template("intake/_accounts.html", **_accounts(words))


@blueprint.get("/requests/deals")
@allow("submit")
def deals() -> Answer:
    """Whom it is about: a chosen account with its deals, a prospect, or the search anew."""
    form = RequestForm(formdata=None)
    account = arguments.number("account")
    form.begin(account, _ticked(account))
    form.company.data = arguments.text("company")
    form.prospect.data = "1" if request.args.get("prospect") and form.company.data else ""
    return render_template("intake/_about.html", form=form, **_about(form))


def _ticked(account: int | None) -> list[int]:
    """The deals that the address names or, where somebody just chose the account, the only one."""
    if "kept" in request.args:
        numbers = (whole_number(each) for each in request.args.getlist("deals"))
        return [number for number in numbers if number]
    return _only_deal(account)


def _only_deal(account_id: int | None) -> list[int]:
    """Somebody's own open deal with an account, where there is but one."""
    chosen = choosing.chosen_account(account_id, current_user.id)
    return [chosen.own[0].id] if chosen and len(chosen.own) == 1 else []


def _page(
    form: RequestForm,
    status: int = 200,
    *,
    asking: bool = False,
    looking: bool = False,
    arrived: Request | None = None,
) -> Answer:
    """The form as it is: a page or, to htmx, the form alone."""
    page = render_template(
        "intake/_form.html" if htmx.wants_fragment() else "intake/new.html",
        form=form,
        asking=asking,
        arrived=arrived,
        too_many=MOST_A_MINUTE if status == 429 else None,
        fresh=request.method == "GET",
        looking=looking,
        **_about(form),
        **_similar(form, look=looking),
    )
    return page, status


def _about(form: RequestForm) -> dict[str, object]:
    chosen = choosing.chosen_account(form.account_id, current_user.id, form.deal_ids)
    if form.company.errors:
        chosen, form.prospect.data = None, ""
    return {"chosen": chosen, **_accounts(form.company.data or "", wanted=chosen is None)}


def _accounts(words: str, *, wanted: bool = True) -> dict[str, object]:
    found = choosing.matching_accounts(words) if wanted and words else []
    own = choosing.own_accounts(current_user.id) if wanted and not words else []
    return {"words": words, "matches": found, "own": own}


def _similar(form: RequestForm, *, look: bool = True) -> dict[str, object]:
    body, quote = form.body.data or "", form.quote.data or ""
    found = suggestions(body, quote, form.account_id, form.deal_ids) if look else []
    joined = chosen_problem(form.problem) if form.problem else None
    others = [each for each in found if joined is None or each.id != joined.id]
    return {"joined": joined, "similar": others}
