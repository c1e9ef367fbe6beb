"""A request's answer in plain words: where it stands, and a reply that somebody may send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from roadmap.domain.asking import title_of
from roadmap.domain.deals import IN_TIME, LATE
from roadmap.domain.triage import (
    ASKING,
    CONFIRMED,
    CUSTOMER,
    DECLINED,
    ELSEWHERE,
    MERGED,
    NEW,
)
from roadmap.market.solvers import Solver
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.models import Request
from roadmap.planning.picture import Picture
from roadmap.web.filters import day, money_short, plural

from .prices import Loser, Price, listed
from .settling import survivor
from .standing import ASKED, CLOSE, OWN, UNDATED, Standing, Target, standing

#: Stands in a prefilled reply where no workaround is known, for whoever sends it to fill.
GAP = "Could they … meanwhile?"

#: How a state is called in a list, and its tone.
STATE_NAMES = {
    NEW: ("info", "waits for triage"),
    ASKING: ("warn", "waits for an answer"),
    CONFIRMED: ("ok", "part of a problem"),
    MERGED: ("neutral", "merged"),
    ELSEWHERE: ("neutral", "not the product"),
    DECLINED: ("danger", "declined"),
}


class Headline(NamedTuple):
    """Where a request stands, in a few words and in a sentence."""

    tone: str
    title: str
    sentence: str
    #: The request to open for more, where another one speaks for it.
    head_id: int | None = None


PENDING = "Its deals are not counted for that problem until a product manager confirms it."
UNTRIAGED = "A product manager says which problem it is part of; whoever asked is told then."


def headline(request: Request, found: Standing) -> Headline:
    """Where it stands, for everybody who looks."""
    problem = f"“{found.problem.title}”" if found.problem else ""
    match request.state:
        case "new" if found.problem:
            return Headline("info", f"It joins the problem {problem}", PENDING)
        case "new":
            return Headline("info", "It waits for triage", UNTRIAGED)
        case "asking":
            return _waiting(request)
        case "confirmed":
            how = "as the customer's own words" if request.quote_confirmed else "as a rep's report"
            says = f"Its deals count for that problem, {how}."
            return Headline("ok", f"It is part of the problem {problem}", says)
        case "merged":
            head = survivor(request)
            says = "Both say the same; people and deals count once."
            return Headline("info", f"It is answered together with “{head.title}”", says, head.id)
        case "elsewhere":
            owner = request.handed_to.name if request.handed_to else "Nobody"
            bucket = BUCKET_NAMES[request.bucket or "price"]
            return Headline("info", f"It is about {bucket}, not the product", f"{owner} takes it.")
    return Headline("danger", "It is declined", "The history says why.")


def _waiting(request: Request) -> Headline:
    if request.waits_for == CUSTOMER:
        says = "Product management would like to hear it from them."
        return Headline("warn", "It waits for a conversation with the customer", says)
    return Headline("warn", "It waits for an answer", "Product management has a question.")


def outlook(found: Standing) -> str:
    """When its problem is solved, and for which of its deals that is in time; "" while unknown."""
    if found.solution is None:
        return ""
    when = found.solution.date
    says = f"Solved {day(when)}" if when else found.solution.words.capitalize()
    in_time, late = ([t for t in some if not t.rival] for some in (found.in_time, found.late))
    groups = (
        ("in time", [target for target in in_time if not target.also]),
        ("in time, with other problems left,", [target for target in in_time if target.also]),
        ("too late", late),
    )
    parts = [f"{words} for {listed(_names(some))}" for words, some in groups if some]
    first = f"{says}: {listed(parts)}." if parts else f"{says}."
    named = len(found.targets) > 1
    return " ".join((first, *(_both(t, named=named) for t in found.targets if t.rival)))


#: How a date is told by whose it is.
WHOSE = {
    ASKED: "For {}, as asked",
    OWN: "For {}, which the deal has as the customer's date",
    CLOSE: "CRM expects to close on {}",
}
VERDICTS = {IN_TIME: "in time", LATE: "too late", UNDATED: "never in time"}


def _both(target: Target, *, named: bool) -> str:
    """Both verdicts, where two dates of a deal have different ones."""
    name = f"“{target.deal.name}”: " if target.deal and named else ""
    sides = (target, target.rival) if target.rival else (target,)
    return name + " ".join(
        f"{WHOSE[side.source].format(day(side.by))}: {VERDICTS[side.verdict]}." for side in sides
    )


def tone(head: Headline, found: Standing) -> str:
    """The colour and the icon of the answer: those of its verdict, where it has one."""
    if not (found.late or found.in_time) or found.head.state not in (NEW, CONFIRMED):
        return head.tone
    if found.late:
        return "danger"
    doubts = any(target.rival or target.also for target in found.in_time)
    return "warn" if doubts or len(found.in_time) < len(found.dated) else "ok"


def _names(some: Sequence[Target]) -> list[str]:
    """The first few deals by name; a request without deals has a date of its own."""
    names = [f"“{t.deal.name}”" if t.deal else f"{day(t.by)}, as asked" for t in some[:3]]
    return [*names, f"{len(some) - 3} more"] if len(some) > 3 else names


def prefilled_reply(request: Request, picture: Picture) -> str:
    """A reply in plain words, for a product manager to edit before it is sent."""
    found = standing(request, picture)
    if found.problem is None:
        return "Thank you. What would they do with it, and what stops them today?"
    if found.solution is None or found.uncovered:
        return f"Nothing on the board solves “{found.problem.title}” yet. {_meanwhile(found)}"
    if found.solution.words == "solved already":
        return f"“{found.problem.title}” is solved already: {_solving(found)} has shipped."
    if found.late:
        return " ".join((_forecast(found), *_too_late(found, picture), _meanwhile(found)))
    if found.in_time:
        return f"{_forecast(found)} That is in time for {listed(_names(found.in_time))}."
    return f"{_forecast(found)} By when do they need it?"


def _forecast(found: Standing) -> str:
    when = found.solution.date if found.solution else None
    names = _solving(found)
    if when is None:
        return f"There is no forecast for {names} yet."
    verb = "is" if len(_solvers(found)) == 1 else "are"
    return f"{names} {verb} forecast for {day(when)}."


def _too_late(found: Standing, picture: Picture) -> list[str]:
    """Of the earliest date that is missed, what making it would cost, or why nothing makes it."""
    earliest = min((each.by for each in found.prices), default=None)
    if earliest is None:
        dates = sorted({target.by for target in found.late if target.by})
        return [f"They needed it by {day(dates[0])}, which has passed."] if dates else []
    due = [each for each in found.prices if each.by == earliest]
    impossible = [each for each in due if not each.possible]
    if impossible:
        return [_why_not(each, picture) for each in impossible]
    return [_cost(each, picture) for each in due]


def _why_not(found: Price, picture: Picture) -> str:
    title = picture.plan.initiatives[found.id].title
    return f"No position on the board has “{title}” done by {day(found.by)}: {found.why_not}."


def _cost(found: Price, picture: Picture) -> str:
    title = picture.plan.initiatives[found.id].title
    if found.loser is None:
        return (
            f"Doing “{title}” by {day(found.by)} is possible: "
            f"moving it from {found.rank} to {found.to} delays nothing."
        )
    loser = found.loser
    other = f"“{picture.plan.initiatives[loser.id].title}”"
    delay = (
        f"leave {other} without a date"
        if loser.weeks is None
        else f"delay {other} by {plural(loser.weeks, 'week')}"
    )
    more = f" (and {plural(found.delayed - 1, 'other initiative')})" if found.delayed > 1 else ""
    return (
        f"Doing this by {day(found.by)} would {delay}{more}{_waited_for(loser, picture.currency)}."
    )


def _waited_for(loser: Loser, currency: str) -> str:
    if not loser.deals:
        return ", which no open deal waits for"
    verb = "waits" if loser.deals == 1 else "wait"
    worth = f" worth {money_short(loser.amount, currency)}" if loser.amount else ""
    return f", which {plural(loser.deals, 'deal')}{worth} {verb} for"


def _meanwhile(found: Standing) -> str:
    """The known workaround as a question, or a gap for whoever edits it."""
    known = title_of(found.problem.workaround).rstrip(".!… ") if found.problem else ""
    return f"Could they {_as_a_part(known)} meanwhile?" if known else GAP


def _as_a_part(sentence: str) -> str:
    """A sentence's words inside another: without its capital, unless it is an abbreviation's."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def _solving(found: Standing) -> str:
    return listed(f"“{solver.title}”" for solver in _solvers(found)) if _solvers(found) else "it"


def _solvers(found: Standing) -> list[Solver]:
    return [solver for solver in found.solvers if solver.kind == "solves"]
