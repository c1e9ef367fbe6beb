"""The sign-in page: by itself, and as the answer to a form that is sent without a session."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for

from roadmap.web import drafts, htmx

from .demo_people import demo_people
from .forms import SignInForm


def page(form: SignInForm, status: int = 200) -> Response:
    """The page, carrying on what a form brought before."""
    carried = request.form.get(drafts.FIELD, "")
    return _render(form, status, request.args.get("next"), carried)


def instead() -> Response:
    """Asks to sign in and carries what was typed: nothing of it is lost, nothing was changed."""
    post = drafts.typed()
    return _render(
        SignInForm(formdata=None), 401, htmx.standing_on(), drafts.pack(post) if post else "",
        again=True, too_long=post is not None and not drafts.pack(post),
    )  # fmt: skip


def notice(address: str) -> Response:
    """Says above the page that the session ended, and leaves the page as it is: what was typed into
    it is there still, and asks to sign in once it is sent. Pages that ask by themselves get this.
    """
    html = render_template("people/_session_ended.html", address=address)
    response = make_response(html, 401)
    response.headers["HX-Retarget"] = "#flashes"
    response.headers["HX-Reswap"] = "innerMorph"
    return response


def _render(
    form: SignInForm, status: int, following: str | None, carried: str, **more: bool
) -> Response:
    html = render_template(
        "people/sign_in.html", form=form, demo_people=demo_people(), carried=carried,
        action=url_for("people.sign_in", next=following), **more,
    )  # fmt: skip
    response = make_response(html, status)
    if htmx.wants_fragment():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
