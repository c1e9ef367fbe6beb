from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from roadmap.web.fields import NoControls


class SignInForm(FlaskForm):  # type: ignore[misc]
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
