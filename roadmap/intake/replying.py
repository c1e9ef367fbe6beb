"""What a reply starts out as: where the request stands, and what can be done meanwhile."""

from __future__ import annotations

from roadmap.market.solvers import solution
from roadmap.models import Request
from roadmap.planning.picture import Picture
from roadmap.web.filters import day


def prefilled_reply(request: Request, picture: Picture) -> str:
    """Plain words to edit before they are sent; empty while there is nothing to say."""
    problem = request.problem
    if problem is None:
        return ""
    solved = solution(picture, problem.id)
    if solved.date:
        when = f"the forecast for it is {day(solved.date)}"
    else:
        when = solved.words.partition(": ")[2] or f"it is {solved.words}"
    said = f"We see this as part of “{problem.title}”: {when}."
    return (
        f"{said} Could they meanwhile do this? {problem.workaround}" if problem.workaround else said
    )
