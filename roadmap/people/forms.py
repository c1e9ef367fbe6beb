from __future__ import annotations

from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from roadmap.web.fields import NoControls
from roadmap.web.forms import Form


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
