from __future__ import annotations

from typing import Any

from wtforms import DateField, Field, HiddenField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from roadmap.domain.statements import DEAL_BREAKER
from roadmap.domain.winloss import BUCKETS
from roadmap.market.verdicts import BUCKET_NAMES, SIGN_WITHOUT, SIGNED_WITHOUT
from roadmap.models import Deal
from roadmap.models.base import MOST_CENTS
from roadmap.planning.seen import SeenForm
from roadmap.web.arguments import MOST_ID, NONE
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import choices, line, sensible_day, words
from roadmap.web.forms import Form
from roadmap.workspace.numbers import MoneyField, NumberField

TIE_SOURCES = (
    ("rep", "A sales rep said so"),
    ("customer", "The customer's own words"),
    ("crm", "CRM says so"),
)
VERIFIED_SOURCES = (
    ("customer", "The customer's own words"),
    ("interview", "A loss interview"),
)


def _id(value: Any) -> int | None:
    text = str(value or "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > MOST_ID:
        raise ValueError("That is none of the choices.")
    return int(text)


class TieForm(Form):
    problem = SelectField("Problem", coerce=_id, validate_choice=False)
    source = SelectField("How we know", choices=choices(TIE_SOURCES), default="rep")
    severity = SelectField(
        "Would they sign without it?", choices=choices(SIGN_WITHOUT.items()), default=DEAL_BREAKER
    )

    def offer(self, problems: list[tuple[int, str]]) -> None:
        self.problem.choices = choices([("", "Choose a problem"), *problems])

    def validate_problem(self, field: Field) -> None:
        if field.data is None:
            raise ValidationError("Choose a problem.")


class ReasonForm(Form):
    """Why a deal was lost. Two of them stand on one page, so their fields' ids say which."""

    bucket = SelectField("Reason", choices=choices((each, BUCKET_NAMES[each]) for each in BUCKETS))
    problem = SelectField("Problem", coerce=_id, validate_choice=False)
    source = SelectField("How we know", choices=choices(VERIFIED_SOURCES), default="customer")
    severity = SelectField(
        "Would they have signed without it?",
        choices=choices(SIGNED_WITHOUT.items()),
        default=DEAL_BREAKER,
    )
    note = words("In words", render_kw={"rows": 2})

    def __init__(self, kind: str, problems: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if kind == "claimed":
            del self.source
        self.problem.choices = choices([("", "None named"), *problems])
        for field in self:
            field.id = f"{kind}-{field.name}"

    def validate_problem(self, field: Field) -> None:
        if field.data is not None and self.bucket.data != "product":
            raise ValidationError("Only a Product reason names a problem.")


class NeededByForm(EditForm):
    needed_by = DateField(
        "Needed by",
        [Optional(), sensible_day],
        description="Empty: the expected close date stands for it.",
    )

    @classmethod
    def of(cls, deal: Deal) -> NeededByForm:
        """As it is stored."""
        return cls(formdata=None, data={"needed_by": deal.own_needed_by})


class SegmentForm(EditForm):
    """A segment's id, "none" for no segment at all, or "rules" to follow them."""

    segment = SelectField("Segment", id="field-segment")

    def offer(self, segments: list[tuple[int, str]]) -> None:
        self.segment.choices = choices(
            [("rules", "As the rules say"), *((str(id), name) for id, name in segments),
             (NONE, "None")]
        )  # fmt: skip


class OwnerForm(EditForm):
    """Which user an owner in CRM is; empty for nobody."""

    user = SelectField("User", coerce=_id)

    def offer(self, users: list[tuple[int, str]]) -> None:
        self.user.choices = choices([("", "Nobody: not reachable"), *users])


class MergeForm(SeenForm):
    into = HiddenField()


class AccountForm(EditForm):
    industry = line("Industry")
    region = line("Region")
    employees = NumberField("Employees", most=MOST_ID)
    revenue = MoneyField("Yearly revenue", most=MOST_CENTS)

    #: The names of the imported attributes, by field.
    imported: dict[str, str]

    def values(self) -> dict[str, object]:
        """Which attribute a field is of hangs on the others, so it is said with its value."""
        found = super().values()
        return found | {field: [name, found[field]] for field, name in self.imported.items()}

    def more(self) -> list[StringField]:
        """The fields of the imported attributes."""
        return [self[field] for field in self.imported]

    def attributes(self) -> dict[str, str]:
        return {name: self[field].data or "" for field, name in self.imported.items()}


def account_form(names: list[str], **kwargs: Any) -> AccountForm:
    """The form with a field for each imported attribute besides the four of every account."""
    fields = {f"more_{number}": name for number, name in enumerate(names, 1)}
    parts: dict[str, Any] = {field: line(name, 1000) for field, name in fields.items()}
    made: type[AccountForm] = type("AccountForm", (AccountForm,), {**parts, "imported": fields})
    return made(**kwargs)
