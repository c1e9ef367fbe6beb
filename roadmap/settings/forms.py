from __future__ import annotations

from decimal import Decimal

from babel.numbers import list_currencies
from wtforms import Field, Form, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from roadmap.domain.numbers import COMMA, POINT
from roadmap.models.base import MOST_CENTS
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import choices, line
from roadmap.workspace import clock
from roadmap.workspace.numbers import MoneyField, NumberField


def _share(label: str, description: str = "") -> NumberField:
    """A share from 0 to 1 in steps of a hundredth."""
    return NumberField(
        label, most=1, places=2, required="Enter a share.",
        what="a share from 0 to 1, such as 0.15", description=description,
    )  # fmt: skip


def _percent(label: str) -> NumberField:
    what = "a percentage from 0 to 100"
    return NumberField(label, most=100, required="Enter a percentage.", what=what)


def _known_currency(form: Form, field: Field) -> None:
    if field.data not in list_currencies():
        raise ValidationError("Enter a currency's three letters, such as USD or EUR.")


class SettingsForm(EditForm):
    name = line("Company", required="Enter the company's name.")
    currency = StringField(
        "Currency",
        [InputRequired("Enter a currency."), _known_currency],
        filters=[lambda text: (text or "").strip().upper()],
        description="What all amounts are in; imports convert others at the exchange rates.",
    )
    time_zone = SelectField(
        "Time zone",
        choices=lambda: choices(clock.zones()),
        description="When a day begins for everybody: today, forecasts, digests and reports.",
    )
    decimal_mark = SelectField(
        "Numbers in forms",
        choices=choices([(POINT, "1,200.50"), (COMMA, "1.200,50")]),
        description="The decimal mark that people here type.",
    )
    sponsor_threshold = MoneyField(
        "Pushed-out pipeline that asks for a sponsor",
        most=MOST_CENTS,
        required="Enter an amount; 0 always asks for a sponsor.",
        description="Above it, a trade-off needs an executive sponsor.",
    )
    recovery_rate = _share(
        "Recovery rate",
        description="The share of what was lost in the window that a solution may win back.",
    )
    window_months = NumberField(
        "Window of losses, in months", least=1, most=60, required="Enter a number of months.",
        what="a number of months from 1 to 60",
    )  # fmt: skip
    conversations_target = NumberField(
        "Direct conversations a month",
        most=100,
        required="Enter a number.",
        what="a number from 0 to 100",
        description="What each product manager aims at: interviews, demos, visits, calls.",
    )
    weight_interview = _share("Weight of a loss interview")
    weight_customer = _share("Weight of the customer's own words")
    weight_rep = _share("Weight of a rep's report")
    weight_crm = _share("Weight of a CRM pick-list")
    factor_deal_breaker = _percent("Weight of a deal breaker, in percent")
    factor_hindrance = _percent("Weight of a hindrance, in percent")
    factor_nice_to_have = _percent("Weight of a nice-to-have, in percent")


#: How many of its parts a share of 1 has in the database.
PARTS = {
    "recovery_rate": 10_000,
    "weight_interview": 100,
    "weight_customer": 100,
    "weight_rep": 100,
    "weight_crm": 100,
}


def parts(name: str, share: Decimal) -> int:
    """A share as it is stored, rounded to the hundredth that the form shows."""
    return int(round(share, 2) * PARTS[name])
