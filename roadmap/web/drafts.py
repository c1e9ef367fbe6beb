"""What was typed into a form whose session had ended is not lost: it waits behind the sign-in.

A refused post is packed and signed into the sign-in form; nothing of somebody who is not signed in
is stored. After the right password it becomes a draft of that user. It is shown by letting the
form's own handler render it: the handler runs with the post, reads only, and every form of ours
says that it is not sound (`web/forms.py`). Where that gives no page with the form, the page that
the form stood on is filled instead, and what fits nowhere is shown to be copied.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import (
    Response,
    current_app,
    g,
    make_response,
    render_template,
    request,
    session,
)
from flask.globals import request_ctx
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response as BaseResponse

from roadmap.config import MOST_FORM_BYTES
from roadmap.extensions import db, writing
from roadmap.models import Draft
from roadmap.models.base import now

from . import htmx, submissions
from . import typed as sent
from .filling import Filled, fill

#: The field of the sign-in form that carries what was typed.
FIELD = "draft"

#: For how long a draft is there, and how many somebody has at most.
KEPT, MOST = timedelta(days=1), 5

_OURS = frozenset({submissions.CSRF, submissions.TOKEN, FIELD})
#: What is about sessions and passwords themselves is not run again, nor a draft within a draft.
_NOT_AGAIN = "static", *(f"people.{name}" for name in (
    "sign", "enter", "draft", "sessions", "end_", "password", "change_password",
))  # fmt: skip

SIGNED_IN_AGAIN = "Signed in again. What you typed is here; nothing was saved yet."
TOO_OLD = "This page is too old for your session. What you typed is here; nothing was saved yet."
FILES = "Choose the file again: files are not kept."


@dataclass(frozen=True)
class Typed:
    """A post: where it went, the page it was sent from, and its fields."""

    path: str
    page: str | None
    fields: list[tuple[str, str]]
    files: bool = False

    @property
    def token(self) -> str:
        return dict(self.fields).get(submissions.TOKEN, "")

    def as_json(self) -> list[Any]:
        return [self.path, self.page, self.fields, self.files]


def typed() -> Typed | None:
    """What this post brings; None where that is nothing, too much, or another site sent it."""
    try:
        fields = _fields()
    except RequestEntityTooLarge:
        return None
    brings = request.files or any(name not in _OURS for name, _ in fields)
    if request.method != "POST" or not brings or not _is_from_here():
        return None
    path = request.full_path.rstrip("?")
    return Typed(path, htmx.standing_on(), fields, bool(request.files))


def _fields() -> list[tuple[str, str]]:
    return [(name, value) for name, value in sent.typed() if name != FIELD]


def _is_from_here() -> bool:
    """Whether a page of ours sent it, as far as the browser tells; others must not fill forms."""
    origin = request.headers.get("Origin") or request.referrer
    site = request.headers.get("Sec-Fetch-Site")
    same = not origin or f"{origin}/".startswith(request.host_url)
    return same and site in (None, "same-origin", "none")


def pack(post: Typed) -> str:
    """The post as one signed text; empty where it is larger than a form may be."""
    packed = str(_signer().dumps(post.as_json()))
    return packed if len(packed) < MOST_FORM_BYTES * 3 // 4 else ""


def unpack(packed: str) -> Typed | None:
    try:
        path, page, fields, files = _signer().loads(packed, max_age=int(KEPT.total_seconds()))
    except BadData:
        return None
    return Typed(path, page, [(name, value) for name, value in fields], files)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="draft")


def keep(user_id: int) -> str | None:
    """Store what the sign-in form carried as this user's; returns its token.

    What a page that was made for somebody else sent is theirs, and is not kept.
    """
    packed = request.form.get(FIELD, "")
    post = unpack(packed)
    if post is None:
        return None
    if not submissions.made_for(post.token, user_id):
        return None
    token = secrets.token_urlsafe(16)
    with writing():
        older = select(Draft.token).where(Draft.user_id == user_id).order_by(Draft.at.desc())
        spare = list(db.session.scalars(older.offset(MOST - 1)))
        db.session.execute(delete(Draft).where(Draft.token.in_(spare) | (Draft.at < now() - KEPT)))
        db.session.add(Draft(token=token, user_id=user_id, at=now(), content=packed))
        db.session.commit()
    return token


def find(token: str, user_id: int) -> Typed | None:
    if not re.fullmatch(r"[\w-]{1,32}", token, re.ASCII):
        return None
    mine = select(Draft.content).where(Draft.token == token, Draft.user_id == user_id)
    content = db.session.scalar(mine)
    return unpack(content) if content else None


def show(post: Typed, note: str, status: int = 200) -> BaseResponse:
    """The form's page, or its part to htmx, with everything as it was typed; nothing is written."""
    db.session.rollback()
    g.reads, g.shows_draft = True, True
    if post.token and submissions.made_for(post.token, current_user.id):
        # The same press: had it arrived after all, sending it again gets its answer.
        g.form_token = post.token
    try:
        return _page(post, f"{note} {FILES}" if post.files else note, status)
    finally:
        db.session.rollback()
        g.reads = g.shows_draft = False


def _page(post: Typed, note: str, status: int) -> BaseResponse:
    flashes = session.pop("_flashes", [])
    attempts = [("POST", post.path)]
    if post.page and not htmx.wants_fragment():
        attempts.append(("GET", post.page))
    best = Filled("", post.fields)
    for method, address in attempts:
        session["_flashes"] = [*flashes, ("info", note)]
        request_ctx.flashes = None
        filled = _filled(_answer(method, address, post), post, note)
        if filled.found and (not best.found or len(filled.rest) < len(best.rest)):
            best = filled
        if best.found and not best.rest:
            break
    session["_flashes"] = [*flashes, ("info", note)]
    request_ctx.flashes = None
    if htmx.wants_fragment() and not best.found:
        title, _, message = note.partition(". ")
        return make_response(
            render_template("errors/_error.html", title=title, message=message), status
        )
    if best.found and not (best.visible or best.rest or post.files) and post.page:
        # A single button: there is nothing to see of it but the page that it stands on.
        session["_flashes"] = [
            *flashes,
            ("info", f"{note.partition('.')[0]}. Nothing was changed."),
        ]
        return htmx.go(post.page)
    if not best.found:
        best.html = render_template("people/draft.html", rest=best.rest, page=post.page)
    session.pop("_flashes", None)
    return make_response(best.html, status)


def _filled(answer: Response | None, post: Typed, note: str) -> Filled:
    if answer is None or answer.mimetype != "text/html" or answer.location:
        return Filled("", post.fields)
    html = answer.get_data(as_text=True)
    filled = fill(html, post.path, post.fields)
    before = render_template(
        "people/_rest.html", rest=filled.rest, note=note if htmx.wants_fragment() else ""
    )
    return fill(html, post.path, post.fields, before=before) if filled.found else filled


def _answer(method: str, address: str, post: Typed) -> Response | None:
    """What the address answers to this post, or to a plain look, with the database read only."""
    ours = request_ctx.request
    other = _request(method, address, post)
    adapter = current_app.create_url_adapter(other)
    assert adapter is not None  # noqa: S101 (there is a request)
    request_ctx.request = other
    try:
        other.url_rule, other.view_args = adapter.match(return_rule=True)
        if other.endpoint is None or other.endpoint.startswith(_NOT_AGAIN):
            return None
        view = current_app.ensure_sync(current_app.view_functions[other.endpoint])
        return make_response(view(**(other.view_args or {})))
    except (HTTPException, SQLAlchemyError):
        return None
    finally:
        db.session.rollback()
        request_ctx.request = ours


def _request(method: str, address: str, post: Typed) -> Any:
    ours = [(name, value) for name, value in request.headers if name.startswith("Hx-")]
    data: MultiDict[str, Any] = MultiDict(post.fields)
    builder = EnvironBuilder(
        address, request.host_url, method=method, headers=ours if htmx.wants_fragment() else [],
        data=data if method == "POST" else None,
    )  # fmt: skip
    return current_app.request_class(builder.get_environ())
