from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from roadmap.domain.roles import EXECUTIVE, PRODUCT, ROLE_NAMES
from roadmap.extensions import db
from roadmap.models import User
from roadmap.web.fields import choices, whole_number, words
from roadmap.web.forms import Form
from roadmap.workspace import revision


def _person(value: object) -> int | None:
    """A user's id from a form or a choice; None for nobody and for what is no id."""
    return whole_number(value)


class CommitForm(Form):
    """Who answers for a trade-off. `fingerprint` and `shown` are the impact that the preview
    showed, in full and in sum; `revision` is when it did.
    """

    revision = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(0, revision.MOST)]
    )
    fingerprint = HiddenField()
    shown = HiddenField(validators=[Optional(), Length(max=200)])
    owner = SelectField(
        "Owner of the trade-off",
        coerce=_person,
        validate_choice=False,
        description="Answers for it from now on.",
    )
    sponsor = SelectField(
        "Executive sponsor",
        coerce=_person,
        validate_choice=False,
    )
    reason = words(
        "Reason",
        description="Who asked, and on what evidence. It stays in the ledger.",
        render_kw={"rows": 3},
    )

    #: The ids of those who can own one.
    people: Collection[int] = ()

    def offer_people(self) -> None:
        """Fill the choices with those who can own or sponsor one."""
        people = db.session.execute(
            select(User.id, User.name, User.role)
            .where(User.active, User.role.in_((PRODUCT, EXECUTIVE)))
            .order_by(User.sort_key)
        ).all()
        self.people = {id for id, _, _ in people}
        nobody = ("", "Choose a person")
        self.owner.choices = choices(
            [nobody, *((id, f"{name} ({ROLE_NAMES[role].lower()})") for id, name, role in people)]
        )
        self.sponsor.choices = choices(
            [nobody, *((id, name) for id, name, role in people if role == EXECUTIVE)]
        )
