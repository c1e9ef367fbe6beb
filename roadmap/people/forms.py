from __future__ import annotations

from wtforms import EmailField, PasswordField, SelectField
from wtforms.validators import EqualTo, InputRequired, Length

from roadmap.web.fields import NoControls, choices
from roadmap.web.forms import Form
from roadmap.workspace import clock

from .password_rules import SHORTEST


class SignInForm(Form):
    email = EmailField(
        "E-mail",
        [InputRequired("Enter your e-mail address."), Length(max=254), NoControls()],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(Form):
    present_password = PasswordField(
        "Your present password",
        [InputRequired("Enter your present password."), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        "New password",
        [InputRequired("Enter a new password."), Length(max=1000)],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST},
    )
    new_password_again = PasswordField(
        "New password, once more",
        [EqualTo("new_password", "The two new passwords differ.")],
        render_kw={"autocomplete": "new-password"},
    )


class TimeZoneForm(Form):
    time_zone = SelectField(
        "Show times in",
        choices=lambda: choices([("", "The company's time zone"), *clock.zones()]),
        filters=[lambda name: name or ""],
        description="For you alone. Days, such as today and a forecast, are the company's.",
    )
