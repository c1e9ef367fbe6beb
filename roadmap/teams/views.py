"""Teams: how full they are, their people per quarter, and who draws on them in which weeks."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, render_template, url_for

from roadmap.domain.changes import ChangeCapacity
from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.initiatives import units
from roadmap.models import Team
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.tradeoffs import decide, present
from roadmap.tradeoffs.decide import Answer, Asked
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.conflicts import EditForm
from roadmap.web.csv import csv_response
from roadmap.workspace import clock
from roadmap.workspace.edits import settle
from roadmap.workspace.numbers import as_typed

from . import actions, queries
from .forms import PeopleForm, TeamForm

blueprint = Blueprint("teams", __name__)

BOTH = ["GET", "POST"]
HEADER = ["team", "quarter", "people", "person_days", "person_days_used"]
DRAWERS_HEADER = ["id", "rank", "initiative", "owner", "from", "to", "weeks", "person_days"]


@blueprint.get("/teams")
@allow("read")
def index() -> Answer:
    return _index(TeamForm(formdata=None))


@blueprint.post("/teams")
@allow("plan_capacity")
def create() -> Answer:
    form = TeamForm()
    if form.validate():
        try:
            team = actions.create(form.name.data or "")
        except Refused as taken:
            form.name.errors = [str(taken)]
        else:
            flash(f"“{team.name}” is there. Now say how many people it has.", "success")
            return htmx.go(url_for("teams.people", id=team.id))
    return _index(form), 422


@blueprint.get("/teams.csv")
@allow("read")
def table() -> Response:
    rows = (
        [team.name, quarter.name, quarter.people, quarter.capacity, quarter.used]
        for team in queries.teams(pictures.current())
        for quarter in team.quarters
    )
    return csv_response("teams.csv", HEADER, rows)


@blueprint.get(f"/teams/<{ID}:id>")
@allow("read")
def show(id: int) -> Answer:
    team = db.get_or_404(Team, id)
    picture = pictures.current()
    found = next(each for each in queries.teams(picture) if each.id == str(id))
    return render_template(
        "teams/show.html",
        team=team,
        quarters=found.quarters,
        has_figures=found.has_figures,
        chart=queries.chart(picture, str(id)),
        drawers=queries.drawers(picture, str(id)),
        weeks=queries.weeks(picture, str(id)),
    )


@blueprint.get(f"/teams/<{ID}:id>.csv")
@allow("read")
def drawers_table(id: int) -> Response:
    db.get_or_404(Team, id)
    picture = pictures.current()
    rows = (
        [one.id, one.rank, one.title, one.owner, one.first, one.last, one.weeks, one.days,
         *one.by_quarter]
        for one in queries.drawers(picture, str(id))
    )  # fmt: skip
    header = [*DRAWERS_HEADER, *map(clock.quarter_name, queries.quarters(picture.today))]
    return csv_response(f"team-{id}.csv", header, rows)


@blueprint.route(f"/teams/<{ID}:id>/name", methods=BOTH)
@allow("plan_capacity")
def rename(id: int) -> Answer:
    name = db.get_or_404(Team, id).name
    form = _name_form(id)
    if form.validate_on_submit():
        try:
            settle(form, lambda: _name_form(id, formdata=None))
            actions.rename(id, form.name.data or "")
        except Refused as taken:
            form.name.errors = [str(taken)]
        except Conflict:
            pass
        else:
            flash("Saved.", "success")
            return htmx.go(url_for("teams.show", id=id))
    page = render_template("teams/rename.html", form=form, id=id, name=name)
    return page, _status(form)


@blueprint.route(f"/teams/<{ID}:id>/people", methods=BOTH)
@allow("plan_capacity")
def people(id: int) -> Answer:
    team = db.get_or_404(Team, id)
    names = queries.quarters(pictures.current().today)
    form = _people_form(id, names)
    if form.validate_on_submit() and len(form.people) == len(names):
        asked = Asked(
            build=lambda _: _change(id, names, form),
            action=url_for("teams.people", id=id),
            back=url_for("teams.show", id=id),
            fields=decide.passed_on(),
            heading="What other people in the team delay",
        )
        try:
            return decide.settle(asked, done=url_for("teams.show", id=id))
        except Conflict:
            team = db.get_or_404(Team, id)
    page = render_template("teams/people.html", form=form, team=team)
    return page, _status(form)


def _status(form: EditForm) -> int:
    return 409 if form.conflict else 422 if form.errors else 200


def _name_form(id: int, **kwargs: Any) -> TeamForm:
    return TeamForm(obj=db.session.get(Team, id), **kwargs)


def _people_form(id: int, names: list[date], **kwargs: Any) -> PeopleForm:
    was = present.capacity(id)
    own = [as_typed(units.people(was[name])) if name in was else "" for name in names]
    form = PeopleForm(data={"people": own}, **kwargs)
    form.quarters = [clock.quarter_label(name) for name in names]
    for entry, name, label in zip(form.people, names, form.quarters, strict=False):
        entry.label.text = label
        if name not in was:
            entry.description = f"Empty: {units.people(queries.in_force(was, name))}, as before."
    return form


def _change(id: int, names: list[date], form: PeopleForm) -> ChangeCapacity:
    """Figures of quarters that are not on screen stay. Raises Conflict."""
    form.merge(_people_form(id, names, formdata=None))
    typed = [entry.data for entry in form.people]
    was = present.capacity(id)
    kept = {name: days for name, days in was.items() if name not in names}
    new = {name: units.week_of(text) for name, text in zip(names, typed, strict=True) if text}
    return ChangeCapacity(str(id), dict(sorted({**kept, **new}.items())), was)


def _index(form: TeamForm) -> str:
    picture = pictures.current()
    return render_template(
        "teams/index.html",
        form=form,
        teams=queries.teams(picture),
        quarters=[clock.quarter_label(name) for name in queries.quarters(picture.today)],
        chart=queries.chart(picture),
    )
