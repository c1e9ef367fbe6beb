"""Signing in and out, and who is who."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from roadmap.extensions import db, limiter, writes_nothing
from roadmap.models import User
from roadmap.web import drafts

from . import actions, passwords, signing_in
from .forms import SignInForm
from .guards import allow
from .session import safe_next

blueprint = Blueprint("people", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/sign-in")
def sign_in() -> Answer:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return signing_in.page(SignInForm(formdata=None))


@blueprint.post("/sign-in")
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT"])
@writes_nothing
def enter() -> Answer:
    form = SignInForm()
    user = actions.find(form.email.data or "") if form.validate() else None
    fits = passwords.matches(user.password_hash if user else None, form.password.data or "")
    if user and user.active and fits:
        draft = drafts.keep(user.id)
        # Nobody who knew the session before knows the new one's token.
        session.clear()
        login_user(user)
        if draft:
            return redirect(url_for("people.draft", token=draft), 303)
        if request.form.get(drafts.FIELD):
            flash("What was typed before is not kept: it was another person’s, or too old.", "info")
        return redirect(safe_next(request.args.get("next")), 303)
    if not form.errors:
        form.password.errors = ["That e-mail address and password do not belong together."]
    return signing_in.page(form, 422)


@blueprint.get("/drafts/<token>")
@allow("read")
def draft(token: str) -> Answer:
    """The form that was sent without a session, as it was typed."""
    found = drafts.find(token, current_user.id) or abort(404)
    return drafts.show(found, drafts.SIGNED_IN_AGAIN)


@blueprint.post("/sign-out")
@writes_nothing
def sign_out() -> Answer:
    logout_user()
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("people.sign_in"), 303)


@blueprint.get("/users")
@allow("see_administration", hidden=True)
def users() -> Answer:
    people = db.session.scalars(select(User).order_by(User.active.desc(), User.name)).all()
    return render_template("people/users.html", people=people)
