from __future__ import annotations

from decimal import Decimal

from babel.numbers import list_currencies
from wtforms import DecimalField, Field, Form, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, StopValidation, ValidationError

from roadmap.models.base import MOST_CENTS
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import MoneyField, choices, line
from roadmap.workspace import clock


def _finite(form: Form, field: Field) -> None:
    """A range compares, which no NaN lets itself be."""
    if field.data is not None and not field.data.is_finite():
        raise StopValidation("Between 0 and 1.")


def _share(label: str, description: str = "") -> DecimalField:
    """A share from 0 to 1 in steps of a hundredth."""
    return DecimalField(
        label,
        [InputRequired("Enter a share."), _finite, NumberRange(0, 1, "Between 0 and 1.")],
        places=2,
        description=description,
    )


def _percent(label: str) -> IntegerField:
    valid = [InputRequired("Enter a percentage."), NumberRange(0, 100, "Between 0 and 100.")]
    return IntegerField(label, valid)


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
    window_months = IntegerField(
        "Window of losses, in months",
        [InputRequired("Enter a number of months."), NumberRange(1, 60, "Between 1 and 60.")],
    )
    conversations_target = IntegerField(
        "Direct conversations a month",
        [InputRequired("Enter a number."), NumberRange(0, 100, "Between 0 and 100.")],
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
