"""The first month of the fiscal year: which figures would stand in which quarter, and its price."""

from __future__ import annotations

from calendar import month_name
from datetime import date
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for

from roadmap.domain import calendar
from roadmap.domain.changes import ChangeFiscalStart
from roadmap.initiatives import units
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.teams.queries import in_force, quarters
from roadmap.tradeoffs import decide
from roadmap.tradeoffs.decide import Answer, Asked
from roadmap.web.fields import whole_number

from .views import blueprint


class Quarter(NamedTuple):
    """A quarter on screen with each team's people, and where those figures would stand."""

    label: str
    becomes: str
    begins: date
    people: tuple[str, ...]


@blueprint.get("/settings/fiscal-year")
@allow("plan_capacity")
def fiscal_year() -> Answer:
    picture = pictures.current()
    month = _month(request.args.get("month")) or picture.plan.fiscal_start
    return _page(picture, month)


@blueprint.post("/settings/fiscal-year")
@allow("plan_capacity")
def change_fiscal_year() -> Answer:
    month = _month(request.form.get("month")) or abort(400)
    if month == pictures.current().plan.fiscal_start:
        flash(f"Fiscal years begin in {month_name[month]} already.", "info")
        return redirect(url_for("settings.fiscal_year"), 303)
    asked = Asked(
        build=lambda picture: ChangeFiscalStart(month, picture.plan.fiscal_start),
        action=url_for("settings.change_fiscal_year"),
        back=url_for("settings.fiscal_year", month=month),
        fields=decide.passed_on(),
        heading="What other quarters delay",
    )
    return decide.settle(asked, done=url_for("settings.fiscal_year"))


def moved_quarters(picture: Picture, month: int) -> list[Quarter]:
    """The quarters on screen, and which ones they would be if years began with `month`."""
    now, teams = picture.plan.fiscal_start, picture.plan.teams
    return [
        Quarter(
            calendar.quarter_label(first, now),
            calendar.quarter_label(becomes, month),
            becomes,
            tuple(units.people(in_force(team.days_per_week, first)) for team in teams.values()),
        )
        for first in quarters(picture.today)
        for becomes in [calendar.nearest_quarter(first, month)]
    ]


def _page(picture: Picture, month: int) -> str:
    return render_template(
        "settings/fiscal_year.html",
        month=month,
        now=picture.plan.fiscal_start,
        months=[(number, month_name[number]) for number in range(1, 13)],
        teams=picture.teams,
        quarters=moved_quarters(picture, month),
    )


def _month(text: str | None) -> int | None:
    number = whole_number(text or "", most=12)
    return number or None
