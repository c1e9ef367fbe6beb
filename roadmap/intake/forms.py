"""What a rep fills in, and what may be wrong with it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from wtforms import DateField, Field, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import Optional, ValidationError

from roadmap.domain.rollup import LAYERS
from roadmap.domain.statements import DEAL_BREAKER
from roadmap.domain.triage import SAID_BY, UNKNOWN
from roadmap.market.verdicts import SIGN_WITHOUT
from roadmap.web.fields import (
    choices,
    line,
    sensible_day,
    sound_token,
    whole_number,
    words,
)
from roadmap.web.forms import Form
from roadmap.workspace import clock

SAID_BY_NAMES = {
    "customer": "The customer said so",
    "rep": "My reading of it",
    "partner": "A partner said so",
    "support": "Support said so",
    "unknown": "Unknown",
}
#: The same to somebody else.
SAID_BY_WORDS = {**SAID_BY_NAMES, "rep": "The rep's reading of it"}
#: What would happen if nothing changed, as it was asked before severity was.
CONSEQUENCE_NAMES = {
    "lost": "We lose the deal",
    "delayed": "The deal comes later",
    "smaller": "The deal gets smaller",
    "nothing": "Nothing",
}


def _deal_id(value: Any) -> int:
    """What is no id is no deal of the account either, and refused as such."""
    return whole_number(value) or 0


class RequestForm(Form):
    """A request as it is typed. `account` is the chosen one's id; until there is one, `company` are
    the words to find it by, or with `prospect` the name of a company that CRM does not know.
    """

    token = HiddenField(filters=[sound_token])
    asked = HiddenField()
    account = HiddenField()
    prospect = HiddenField()
    company = line("Account", render_kw={"autocomplete": "off", "dir": "auto"})
    deals = SelectMultipleField("Deals", coerce=_deal_id, validate_choice=False)
    problem_id = HiddenField()
    requester = SelectField("On behalf of", validate_choice=False)
    body = words(
        "What are they trying to do, and what stops them?",
        required="Say what they are trying to do, and what stops them.",
        render_kw={"rows": 4, "dir": "auto"},
    )
    quote = words("Their exact words", render_kw={"rows": 4, "dir": "auto"})
    purpose = words("What would they do with it?", render_kw={"rows": 3, "dir": "auto"})
    said_by = SelectField(
        "Who said so",
        choices=choices((each, SAID_BY_NAMES[each]) for each in SAID_BY),
        default=UNKNOWN,
    )
    said_by_name = line("Their name", render_kw={"autocomplete": "off", "dir": "auto"})
    said_by_role = line("Their role", render_kw={"autocomplete": "off", "dir": "auto"})
    said_by_layer = SelectField(
        "Where they sit",
        choices=choices([("", "Unknown"), *((each, each.capitalize()) for each in LAYERS)]),
        default="",
    )
    said_on = DateField("When they said it", [Optional(), sensible_day])
    workaround = words("What do they do today?", render_kw={"rows": 2, "dir": "auto"})
    severity = RadioField(
        "Would they sign without it?",
        choices=choices(SIGN_WITHOUT.items()),
        default=DEAL_BREAKER,
    )
    needed_by = DateField("By when do they need it?", [Optional(), sensible_day])
    competitor = line("Competitor, if any", render_kw={"autocomplete": "off", "dir": "auto"})
    note = words("Private note", render_kw={"rows": 2, "dir": "auto"})

    def begin(self, account_id: int | None = None, deal_ids: Sequence[int] = ()) -> None:
        """An empty form, perhaps about an account and deals."""
        self.begin_subject(account_id, deal_ids)
        self.said_on.data = clock.today()
        self.renew_token()

    def begin_subject(self, account_id: int | None = None, deal_ids: Sequence[int] = ()) -> None:
        """Be about this account and these deals; without one, about nobody yet."""
        self.account.data = "" if account_id is None else str(account_id)
        self.company.data = self.prospect.data = ""
        self.deals.data = list(deal_ids)

    def renew_token(self) -> None:
        """Sending it again is another request from now on."""
        self.token.data = secrets.token_urlsafe(24)

    def offer_requesters(self, people: Sequence[tuple[int, str]] | None) -> None:
        """Whom a product manager may ask for; without any, one asks for oneself."""
        if people is None:
            del self.requester
        else:
            self.requester.choices = choices([("", "Nobody, it is mine"), *people])

    @property
    def account_id(self) -> int | None:
        return whole_number(self.account.data) or None

    @property
    def problem(self) -> int | None:
        return whole_number(self.problem_id.data) or None

    @property
    def deal_ids(self) -> list[int]:
        return list(self.deals.data or ())

    def validate_said_on(self, field: Field) -> None:
        # East of us it is tomorrow already.
        if field.data is not None and field.data > clock.today() + timedelta(days=1):
            raise ValidationError("That day is still to come. When did they say it?")

    def validate_needed_by(self, field: Field) -> None:
        if field.data is not None and field.data < clock.today():
            raise ValidationError(
                "That day has passed. Leave it empty if they still need it and have no new date."
            )


class AnswerForm(Form):
    text = words("Your answer", required="Write the answer.", render_kw={"rows": 3, "dir": "auto"})
