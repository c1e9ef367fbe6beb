"""Signing in and out, one's own sessions and password, and who is who."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from roadmap.domain.errors import Refused
from roadmap.extensions import db, writes_nothing
from roadmap.models import User
from roadmap.web import drafts
from roadmap.web.arguments import ID
from roadmap.web.typed import takes_passwords
from roadmap.workspace import clock

from . import sign_in_page, signing_in, throttle, user_sessions
from .forms import PasswordForm, SignInForm, TimeZoneForm
from .guards import allow
from .session import safe_next
from .signing_in import NotNow

blueprint = Blueprint("people", __name__)

Answer = str | Response


@blueprint.get("/sign-in")
def sign_in() -> Answer:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return sign_in_page.page(SignInForm(formdata=None))


@blueprint.post("/sign-in")
@takes_passwords
@writes_nothing
def enter() -> Answer:
    """Writes the session in a transaction of its own, when the password was looked at."""
    form = SignInForm()
    if not form.validate():
        return sign_in_page.page(form, 422)
    try:
        user = signing_in.sign_in(form.email.data or "", form.password.data or "")
    except (Refused, NotNow) as error:
        form.password.errors = [str(error)]
        return _refused(sign_in_page.page(form), error)
    response = redirect(_after_sign_in(user), 303)
    throttle.remember_browser(response, user.email)
    return response


def _after_sign_in(user: User) -> str:
    """The form that waits for who signed in, if one does, else the page that they came from."""
    draft = drafts.keep(user.id)
    if draft:
        return url_for("people.draft", token=draft)
    if request.form.get(drafts.FIELD):
        flash("What was typed before is not kept: it was another person’s, or too old.", "info")
    return safe_next(request.args.get("next"))


@blueprint.get("/drafts/<token>")
@allow("read")
def draft(token: str) -> Answer:
    """The form that was sent without a session, as it was typed."""
    found = drafts.find(token, current_user.id) or abort(404)
    return drafts.show(found, drafts.SIGNED_IN_AGAIN)


@blueprint.post("/sign-out")
def sign_out() -> Answer:
    user_sessions.end(current_user.id, user_sessions.current_id())
    db.session.commit()
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("people.sign_in"), 303)


@blueprint.get("/sessions")
@allow("read")
def sessions() -> Answer:
    return render_template(
        "people/sessions.html",
        sessions=user_sessions.of(current_user.id),
        current_id=user_sessions.current_id(),
    )


@blueprint.post(f"/sessions/<{ID}:id>/end")
@allow("read")
def end_session(id: int) -> Answer:
    if not user_sessions.end(current_user.id, id):
        abort(404)
    db.session.commit()
    flash("That session has ended.", "ok")
    return redirect(url_for("people.sessions"), 303)


@blueprint.post("/sessions/end-others")
@allow("read")
def end_other_sessions() -> Answer:
    user_sessions.end(current_user.id, but=user_sessions.current_id())
    db.session.commit()
    flash("All your other sessions have ended.", "ok")
    return redirect(url_for("people.sessions"), 303)


@blueprint.get("/password")
@allow("read")
def password() -> Answer:
    return _password_page(PasswordForm())


@blueprint.post("/password")
@takes_passwords
@allow("read")
@writes_nothing
def change_password() -> Answer:
    form = PasswordForm()
    if not form.validate():
        return _refused(_password_page(form))
    try:
        signing_in.change_password(
            current_user, form.present_password.data or "", form.new_password.data or ""
        )
    except (Refused, NotNow) as error:
        wrong = isinstance(error, NotNow) or str(error) == signing_in.WRONG
        (form.present_password if wrong else form.new_password).errors = [str(error)]
        return _refused(_password_page(form), error)
    flash("Your password is changed. Your other sessions have ended.", "ok")
    return redirect(url_for("people.sessions"), 303)


@blueprint.get("/time-zone")
@allow("read")
def time_zone() -> Answer:
    return _time_zone_page(TimeZoneForm(obj=current_user))


@blueprint.post("/time-zone")
@allow("read")
def choose_time_zone() -> Answer:
    form = TimeZoneForm()
    if not form.validate():
        return _refused(_time_zone_page(form))
    current_user.time_zone = form.time_zone.data or None
    db.session.commit()
    flash(f"Times are shown in {clock.reader_zone().key.replace('_', ' ')}.", "ok")
    return redirect(url_for("people.time_zone"), 303)


@blueprint.get("/users")
@allow("see_administration", hidden=True)
def users() -> Answer:
    people = db.session.scalars(select(User).order_by(User.active.desc(), User.sort_key)).all()
    return render_template("people/users.html", people=people)


def _password_page(form: PasswordForm) -> str:
    return render_template("people/password.html", form=form)


def _time_zone_page(form: TimeZoneForm) -> str:
    return render_template("people/time_zone.html", form=form, now=clock.now())


def _refused(page: str | Response, error: Exception | None = None) -> Response:
    """A form again, without its passwords, and when to come back where that is what it takes."""
    response = make_response(page)
    response.status_code = 422
    if isinstance(error, NotNow):
        response.status_code = 429
        response.headers["Retry-After"] = str(error.seconds)
    return response
