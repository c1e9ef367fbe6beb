"""What a tie does to a problem's solution date, said before it is made."""

from __future__ import annotations

from datetime import date

from roadmap.domain.changes import ChangeTies
from roadmap.domain.deals import BEFORE_ALL, solutions
from roadmap.domain.schedule import schedule
from roadmap.planning.picture import Picture
from roadmap.web.filters import day

from . import queries


def warning(picture: Picture, change: ChangeTies) -> str:
    """The problems that lose their date or get a later one; empty when there are none."""
    after = change.after(picture.plan)
    now = solutions(after, schedule(after))
    worse = []
    for problem in sorted({int(id) for id, _ in (*change.ties, *change.was)}):
        was, will = picture.solved.get(str(problem)), now.get(str(problem))
        if was is not None and (will is None or will > was):
            worse.append((problem, was, will))
    titles = queries.problem_titles([problem for problem, _, _ in worse])
    return " ".join(_sentence(titles[problem], was, will) for problem, was, will in worse)


def _sentence(title: str, was: date, will: date | None) -> str:
    before = "was solved already" if was == BEFORE_ALL else f"was to be solved on {day(was)}"
    if will is None:
        return f"This takes the date of “{title}” away: it {before}, and now has no date."
    return f"“{title}” {before}; with this it is solved on {day(will)}."
