"""What whoever asked does with a request: send it, say what it is about, answer, watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select

from roadmap.domain.asking import title_of
from roadmap.domain.errors import Refused
from roadmap.domain.statements import DEAL_BREAKER
from roadmap.domain.triage import UNKNOWN, Disposition
from roadmap.extensions import db
from roadmap.models import Account, Request, RequestDeal, RequestWatcher, User
from roadmap.notices.actions import tell
from roadmap.workspace import clock, revision

from . import steps
from .naming import named_deal, of_account
from .settling import settle

#: More than a person types in a minute; a script is told to wait.
MOST_A_MINUTE = 20


class TooMany(Exception):
    """This person sent very many requests within a minute: nothing is stored, nothing is lost."""


@dataclass(frozen=True)
class Said:
    """A request as somebody typed it. Texts are stripped; empty means not given.

    `title` is taken from `body` where it is empty. `problem_id` is the problem that it joins.
    """

    body: str
    title: str = ""
    token: str | None = None
    requester_id: int | None = None
    account_id: int | None = None
    prospect: str = ""
    deal_ids: Sequence[int] = ()
    problem_id: int | None = None
    purpose: str = ""
    quote: str = ""
    note: str = ""
    said_by: str = UNKNOWN
    said_by_name: str = ""
    said_by_role: str = ""
    said_by_layer: str | None = None
    said_on: date | None = None
    workaround: str = ""
    severity: str = DEAL_BREAKER
    needed_by: date | None = None
    competitor: str = ""


def submit(said: Said, by: User) -> Request:
    """Store a request and, where it joins a problem, that it does; pending until triage.

    The same token twice is the same request, whoever asks first. Raises Refused where account,
    deals, problem or requester make no sense, TooMany for more than a person can type.
    """
    with steps.locked() as row:
        known = _sent_before(said.token, by)
        if known is not None:
            db.session.rollback()
            return known
        if _within_a_minute(by) >= MOST_A_MINUTE:
            raise TooMany
        if said.account_id is not None and db.session.get(Account, said.account_id) is None:
            raise Refused("There is no such account.")
        request = _written(said, by)
        db.session.add(request)
        db.session.flush()
        steps.record(row, request, by, "sent")
        if said.problem_id is not None:
            problem = steps.problem(said.problem_id)
            steps.dispose(row, request, by, "joined", lambda now: now.join(problem.id))
        db.session.commit()
    return request


def join(id: int, problem_id: int, by: User) -> Request:
    """Say which problem it is about; pending until triage confirms it. Raises Refused."""
    found = steps.problem(problem_id)
    return steps.step(id, by, "joined", lambda now: now.join(found.id))


def leave(id: int, by: User) -> Request:
    """Take a pending join back. Raises Refused."""
    return steps.step(id, by, "left", Disposition.leave)


def answer(id: int, by: User, text: str) -> Request:
    """Give what was asked for; the request waits for triage again. Raises Refused."""

    def then(request: Request) -> None:
        sentence = f"{by.name} answered about “{request.title}”."
        tell({steps.asker(id) or by.id} - {by.id}, "answered", sentence, request_id=id)

    return steps.step(id, by, "answered", Disposition.answer, text, then=then)


def choose_date(id: int, deal_id: int, by: User, *, holds: bool) -> None:
    """Say whether a request's date is the one that holds for a deal, or the deal's other one.

    Raises Refused where the request states no date or does not name the deal.
    """
    with steps.locked() as row:
        request = steps.fresh(id)
        named = db.session.get(RequestDeal, (id, deal_id), populate_existing=True)
        if named is None or request.needed_by is None:
            raise Refused("The request states no date for this deal.")
        named.date_holds = holds
        row.intake_revision += 1
        request.revision = row.intake_revision
        db.session.flush()
        settle(row, [request], by.id)
        db.session.commit()


def watch(id: int, user_id: int, *, wanted: bool) -> None:
    """Be told of what happens to a request, or no longer."""
    revision.lock()
    db.session.execute(
        delete(RequestWatcher).where(
            RequestWatcher.request_id == id, RequestWatcher.user_id == user_id
        )
    )
    if wanted:
        db.session.add(RequestWatcher(request_id=id, user_id=user_id))
    db.session.commit()


def _sent_before(token: str | None, by: User) -> Request | None:
    if not token:
        return None
    found = db.session.scalar(select(Request).where(Request.form_token == token))
    if found is not None and found.submitted_by_id != by.id:
        raise Refused("This form was sent by somebody else. Open a new one.")
    return found


def _within_a_minute(by: User) -> int:
    sent = select(func.count()).where(
        Request.submitted_by_id == by.id, Request.created_at > clock.now() - timedelta(minutes=1)
    )
    return db.session.scalar(sent) or 0


def _written(said: Said, by: User) -> Request:
    requester = db.session.get(User, said.requester_id or by.id)
    if requester is None or not requester.active:
        raise Refused("Choose somebody who can sign in.")
    return Request(
        form_token=said.token,
        submitted_by_id=by.id,
        requester_id=requester.id,
        account_id=said.account_id,
        prospect=None if said.account_id else said.prospect or None,
        title=said.title or title_of(said.body),
        body=said.body,
        purpose=said.purpose,
        quote=said.quote,
        note=said.note,
        said_by=said.said_by,
        said_by_name=said.said_by_name,
        said_by_role=said.said_by_role,
        said_by_layer=said.said_by_layer,
        said_on=said.said_on,
        workaround=said.workaround,
        severity=said.severity,
        needed_by=said.needed_by,
        competitor=said.competitor,
        created_at=clock.now(),
        deals=[RequestDeal(**named_deal(id)) for id in of_account(said.account_id, said.deal_ids)],
    )
