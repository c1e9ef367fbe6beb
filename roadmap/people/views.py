"""Signing in and out, and who is who."""

from __future__ import annotations

from flask import (
    Blueprint,
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

from . import actions, passwords
from .demo_people import demo_people
from .forms import SignInForm
from .guards import allow
from .session import safe_next

blueprint = Blueprint("people", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/sign-in")
def sign_in() -> Answer:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return render_template("people/sign_in.html", form=SignInForm(), demo_people=demo_people())


@blueprint.post("/sign-in")
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT"])
@writes_nothing
def enter() -> Answer:
    form = SignInForm()
    user = actions.find(form.email.data or "") if form.validate() else None
    fits = passwords.matches(user.password_hash if user else None, form.password.data or "")
    if user and user.active and fits:
        # Nobody who knew the session before knows the new one's token.
        session.clear()
        login_user(user)
        return redirect(safe_next(request.args.get("next")), 303)
    if not form.errors:
        form.password.errors = ["That e-mail address and password do not belong together."]
    return render_template("people/sign_in.html", form=form, demo_people=demo_people()), 422


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
