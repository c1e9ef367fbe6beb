"""What an empty company does first."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import exists, select

from roadmap.extensions import db
from roadmap.models import Deal, Problem, Team


def first_steps() -> list[dict[str, Any]]:
    """The three steps to a full board, with those that are done.

    They lead to pages that everybody may read: the page is the same for every role, and offers what
    the reader may do.
    """
    teams, deals, problems = db.session.execute(
        select(exists(select(Team.id)), exists(select(Deal.id)), exists(select(Problem.id)))
    ).one()
    return [
        {
            "text": "Say who builds: teams and their people per quarter.",
            "url": url_for("teams.index"),
            "label": "Teams",
            "done": teams,
        },
        {
            "text": "Bring in the evidence: deals from CRM, and the problems that block them.",
            "url": url_for("market.problems" if deals else "deals.index"),
            "label": "Problems" if deals else "Deals",
            "done": deals and problems,
        },
        {
            "text": "Put the first initiative on the board and tie it to a problem.",
            "url": url_for("initiatives.index"),
            "label": "Initiatives",
            "done": False,
        },
    ]
