"""Consequences in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from roadmap.domain import causes as cause
from roadmap.domain import changes
from roadmap.domain.impact import (
    COMMITMENT_BREAKS,
    COMMITMENT_WITHDRAWN,
    NET_NEGATIVE,
    PUSHED_ABOVE_THRESHOLD,
)
from roadmap.web.filters import day, money_short, plural

from .proposals import Proposal
from .relied import NOBODY, Relied


def doing(proposal: Proposal) -> str:  # noqa: C901 (one line a kind of change)
    """What is done, as the beginning of a sentence: "Moving “SSO” from 9 to 2"."""
    change = proposal.change
    title = f"“{proposal.title}”"
    start, to = proposal.ranks
    match change:
        case changes.Move():
            return f"Moving {title} from {start} to {to}"
        case changes.Enter():
            return f"Putting {title} on the board at {to}"
        case changes.Leave(state="shipped"):
            return f"Shipping {title}"
        case changes.Leave():
            return f"Declining {title}"
        case changes.ChangeState():
            return f"Calling {title} {change.state} instead of {change.was}"
        case changes.ChangeEffort():
            return f"Changing the work of {title} {_effort(change)}"
        case changes.ChangeNotBefore():
            if change.date is None:
                return f"Letting {title} start at any time"
            return f"Letting {title} start no earlier than {day(change.date)}"
        case changes.ChangeNeeds():
            return f"Changing what {title} needs"
        case changes.ChangeTies():
            return f"Changing the problems that {title} addresses"
        case changes.ChangePromise():
            return _promising(title, change)
        case changes.ChangeCapacity():
            return f"Changing the capacity of {title}"
    raise TypeError(change)


def sentence(proposal: Proposal, counted_on: Relied = NOBODY) -> str:
    """The whole consequence in one or two sentences, for the head of a preview and the ledger."""
    impact, currency = proposal.impact, proposal.picture.currency
    reach = impact.reach
    parts = []
    if impact.delayed:
        parts.append(f"delays {plural(len(impact.delayed), 'initiative')}")
    if impact.advanced:
        parts.append(f"brings {plural(len(impact.advanced), 'initiative')} forward")
    if reach.pushed:
        amount = money_short(reach.pushed_amount, currency)
        parts.append(f"puts {amount} ({plural(len(reach.pushed), 'deal')}) out of reach")
    if reach.brought:
        amount = money_short(reach.brought_amount, currency)
        parts.append(f"brings {amount} ({plural(len(reach.brought), 'deal')}) within reach")
    if isinstance(proposal.change, changes.ChangePromise) and not parts:
        return f"{doing(proposal)}{_counted_on(proposal, counted_on)}."
    if not parts:
        parts.append("moves no forecast and no deal")
    text = f"{doing(proposal)} {_listed(parts)}"
    if reach.pushed or reach.brought:
        text += f": net {money_short(reach.net, currency)}"
    if proposal.gives_up:
        text += f", and {_standing(proposal)}"
    return text + "." + _commitments(len(impact.broken), len(impact.mended))


def causes(
    proposal: Proposal, id: str, titles: Mapping[str, str], most: int | None = None
) -> list[str]:
    """Why one initiative is delayed, a sentence a cause, the largest first."""
    found = []
    for reason in proposal.impact.causes(id)[:most]:
        match reason:
            case cause.CapacityTaken():
                found.append(
                    f"“{titles[reason.id]}” takes {plural(reason.person_days, 'person-day')} "
                    "in the weeks it had"
                )
            case cause.NeedMoved():
                found.append(f"waits for “{titles[reason.id]}”, which moved")
            case cause.OwnChange():
                found.append(f"its own {_listed(list(reason.what))} changed")
            case cause.CapacityCut():
                team = proposal.picture.teams.get(reason.team, reason.team)
                found.append(f"{team} has less capacity in {plural(len(reason.weeks), 'week')}")
    # What others take and give back can add up to nothing over its weeks, and still part them.
    return found or ["others share its teams' weeks differently"]


def sponsor_reasons(proposal: Proposal) -> list[str]:
    """Why an executive has to sponsor it, in words."""
    threshold = money_short(proposal.picture.threshold, proposal.picture.currency)
    words = {
        COMMITMENT_BREAKS: "a commitment breaks",
        COMMITMENT_WITHDRAWN: "a commitment is taken back or promised for later",
        NET_NEGATIVE: "it puts more money out of reach than it brings within reach",
        PUSHED_ABOVE_THRESHOLD: f"it puts more than {threshold} out of reach",
    }
    return [words[reason] for reason in proposal.sponsor_reasons]


def _effort(change: changes.ChangeEffort) -> str:
    def total(work: tuple[changes.Requirement, ...]) -> str:
        if not work or any(item.person_days is None for item in work):
            return "not estimated"
        return plural(sum(item.person_days or 0 for item in work), "person-day")

    return f"from {total(change.was)} to {total(change.work)}"


def _standing(proposal: Proposal) -> str:
    initiative = proposal.picture.plan.initiatives[proposal.change.initiative_id or ""]
    count = len(initiative.promised)
    return f"{plural(count, 'date')} that it promised still {'stands' if count == 1 else 'stand'}"


def _promising(title: str, change: changes.ChangePromise) -> str:
    was, becomes = change.was, change.becomes
    if was is None or becomes is None:
        one = was or becomes
        assert one is not None  # noqa: S101 (a change from nothing to nothing is none)
        verb = "Promising" if was is None else "Taking back the promise of"
        return f"{verb} {title} to {one.to} for {day(one.date)}"
    if was.to == becomes.to:
        return (
            f"Moving the date of {title} that {was.to} was promised from {day(was.date)} to "
            f"{day(becomes.date)}"
        )
    return (
        f"Promising {title} to {becomes.to} for {day(becomes.date)} instead of to {was.to} for "
        f"{day(was.date)}"
    )


def _counted_on(proposal: Proposal, found: Relied) -> str:
    if not proposal.impact.withdrawn:
        return " moves no forecast"
    if not found.ids:
        return ": no open deal counted on it"
    count = plural(len(found.ids), "open deal")
    return f": {money_short(found.amount, proposal.picture.currency)} ({count}) counted on it"


def _commitments(broken: int, mended: int) -> str:
    parts = []
    if broken:
        parts.append(f"{plural(broken, 'commitment')} {'breaks' if broken == 1 else 'break'}")
    if mended:
        parts.append(f"{plural(mended, 'commitment')} {'is' if mended == 1 else 'are'} mended")
    return f" {_listed(parts).capitalize()}." if parts else ""


def _listed(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
