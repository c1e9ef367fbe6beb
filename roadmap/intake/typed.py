"""From what somebody typed to a request: about whom it is, and whether to ask back once."""

from __future__ import annotations

from flask_login import current_user
from sqlalchemy import select

from roadmap.domain.asking import names_only_a_feature
from roadmap.domain.errors import Refused
from roadmap.domain.roles import REP
from roadmap.extensions import db
from roadmap.models import Request, User
from roadmap.people.guards import can
from roadmap.web.fields import whole_number

from . import choosing
from .actions import Said
from .forms import RequestForm

#: What a person would miss if it were dropped.
WORDS = (
    "account_id", "body", "quote", "purpose", "note", "workaround", "needed_by", "competitor",
    "severity", "said_by_name", "said_by_role",
)  # fmt: skip


def offered(form: RequestForm) -> RequestForm:
    """The form with the people whom the person who is signed in may ask for."""
    form.offer_requesters(_reps() if can("submit_for_others") else None)
    return form


def settle_company(form: RequestForm) -> bool:
    """Find the account that the typed words mean, or take them for a prospect.

    False, with the error beside its field, where that would be a guess.
    """
    if form.company.errors:
        return False
    if form.account_id is not None:
        return True
    words = form.company.data or ""
    if not words:
        form.company.errors = ["Choose the account, or type the prospect's name."]
        return False
    if form.prospect.data:
        return True
    found = choosing.the_account_called(words)
    if found is not None:
        form.account.data = str(found)
        return True
    if choosing.matching_accounts(words):
        form.company.errors = [
            f"Choose one of these accounts, or say that “{words}” is not in CRM yet."
        ]
        return False
    form.prospect.data = "1"
    return True


def needs_asking(form: RequestForm) -> bool:
    """Whether it names a feature and nothing else: that gets one question, once.

    Whoever said which problem it is has answered it.
    """
    if form.asked.data or form.purpose.data or form.problem is not None:
        return False
    return names_only_a_feature(f"{form.body.data} {form.quote.data}")


def said(form: RequestForm) -> Said:
    """The request, as it is stored. Raises Refused for somebody whom one may not ask for."""
    prospect = form.company.data or ""
    return Said(
        body=form.body.data or "",
        token=form.token.data,
        requester_id=_requester(form),
        account_id=form.account_id,
        prospect="" if form.account_id else prospect,
        deal_ids=form.deal_ids,
        problem_id=form.problem,
        purpose=form.purpose.data or "",
        quote=form.quote.data or "",
        note=form.note.data or "",
        said_by=form.said_by.data,
        said_by_name=form.said_by_name.data or "",
        said_by_role=form.said_by_role.data or "",
        said_by_layer=form.said_by_layer.data or None,
        said_on=form.said_on.data,
        workaround=form.workaround.data or "",
        severity=form.severity.data,
        needed_by=form.needed_by.data,
        competitor=form.competitor.data or "",
    )


def is_what_was_said(stored: Request, said: Said) -> bool:
    """Whether a request that is stored is the one that was sent, word for word."""
    return all(getattr(stored, name) == getattr(said, name) for name in WORDS)


def _requester(form: RequestForm) -> int:
    chosen = form.requester.data if "requester" in form else ""
    if not chosen:
        me: int = current_user.id
        return me
    number = whole_number(chosen)
    if number not in dict(_reps()):
        raise Refused("Choose one of the sales reps.")
    return number


def _reps() -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(User.id, User.name)
        .where(User.active, User.role == REP)
        .order_by(User.sort_key, User.id)
    )
    return [(id, name) for id, name in rows]
