"""Consequences in plain words."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Mapping

from roadmap.domain import causes as cause
from roadmap.domain import changes
from roadmap.domain.change import Change
from roadmap.domain.impact import (
    COMMITMENT_BREAKS,
    COMMITMENT_WITHDRAWN,
    COMMITMENT_WORSENS,
    DRIFT_WEEKS,
    NET_NEGATIVE,
    PUSHED_ABOVE_THRESHOLD,
    Impact,
)
from roadmap.models import Tradeoff
from roadmap.web.filters import day, money_short, plural
from roadmap.workspace.settings import workspace

from .previews import Preview
from .relied import NOBODY, Relied


def doing(preview: Preview) -> str:
    """What is done, as the beginning of a sentence: "Moving “SSO” from 9 to 2"."""
    verb, _, rest = _act(preview.change, f"“{preview.title}”", *preview.ranks)
    return f"{verb} {rest}"


def done(entry: Tradeoff) -> str:
    """What was done and what it led to, for whoever has just done it: "Moved “SSO” from 9 to 2. It
    delayed 4 initiatives."
    """
    named = entry.initiative.title if entry.initiative else entry.team.name if entry.team else "it"
    change = changes.from_json(entry.change)
    back = " back" if entry.reverts_id else ""
    _, verb, rest = _act(change, f"“{named}”", entry.from_rank, entry.to_rank, back)
    currency = workspace().currency
    pushed, brought = entry.pushed_count, entry.brought_count
    parts = []
    if entry.delayed_count:
        parts.append(f"delayed {plural(entry.delayed_count, 'initiative')}")
    if entry.advanced_count:
        parts.append(f"brought {plural(entry.advanced_count, 'initiative')} forward")
    if pushed:
        amount = money_short(entry.pushed_amount, currency)
        parts.append(f"put {amount} ({plural(pushed, 'deal')}) out of reach")
    if brought:
        amount = money_short(entry.brought_amount, currency)
        parts.append(f"brought {amount} ({plural(brought, 'deal')}) within reach")
    text = f"{verb} {rest}."
    if parts:
        text += f" It {_listed(parts)}"
        if pushed or brought:
            text += f": net {money_short(entry.brought_amount - entry.pushed_amount, currency)}"
        text += "."
    counts = entry.broken_count, entry.worsened_count, entry.mended_count
    for count, words in zip(counts, ("broken", "missed by more", "mended"), strict=True):
        if count:
            verb = "was" if count == 1 else "were"
            text += f" {plural(count, 'promise')} {verb} {words}."
    return text


def _act(  # noqa: C901, PLR0912 (one line a kind of change)
    change: Change, title: str, start: int | None, to: int | None, back: str = ""
) -> tuple[str, str, str]:
    """A change as a verb in the present, one in the past, and the rest of either sentence. `back`
    is put where a change that reverts another one brings something back.
    """
    match change:
        case changes.Move():
            return "Moving", "Moved", f"{title} from {start}{back} to {to}"
        case changes.Enter():
            return "Putting", "Put", f"{title}{back} on the board at {to}"
        case changes.Leave(state="shipped"):
            return "Shipping", "Shipped", title
        case changes.Leave():
            return "Declining", "Declined", title
        case changes.ChangeState():
            return "Calling", "Called", f"{title} {change.state} instead of {change.was}"
        case changes.ChangeEffort():
            return "Changing", "Changed", f"the work of {title} {_effort(change)}"
        case changes.ChangeNotBefore():
            if change.date is None:
                return "Letting", "Let", f"{title} start at any time"
            return "Letting", "Let", f"{title} start no earlier than {day(change.date)}"
        case changes.ChangeNeeds():
            return "Changing", "Changed", f"what {title} needs"
        case changes.ChangeTies():
            return "Changing", "Changed", f"the problems that {title} addresses"
        case changes.ChangePromise():
            return _promising(title, change)
        case changes.ChangeCapacity():
            return "Changing", "Changed", f"the capacity of {title}"
        case changes.ChangeFiscalStart():
            return "Beginning", "Began", f"the fiscal year in {month_name[change.month]}"
    raise TypeError(change)


def sentence(preview: Preview, counted_on: Relied = NOBODY) -> str:
    """The whole consequence in one or two sentences, for the head of a preview and the ledger."""
    impact, currency = preview.impact, preview.picture.currency
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
    if isinstance(preview.change, changes.ChangePromise) and not parts:
        return f"{doing(preview)}{_counted_on(preview, counted_on)}."
    if not parts:
        parts.append(_unmoved(preview))
    text = f"{doing(preview)} {_listed(parts)}"
    if reach.pushed or reach.brought:
        text += f": net {money_short(reach.net, currency)}"
    if preview.gives_up:
        text += f", and {_standing(preview)}"
    return text + "." + _promises(impact)


def causes(
    preview: Preview, id: str, titles: Mapping[str, str], most: int | None = None
) -> list[str]:
    """Why one initiative is delayed, a sentence a cause, the largest first."""
    found = []
    for reason in preview.impact.causes(id)[:most]:
        match reason:
            case cause.CapacityTaken():
                found.append(
                    f"“{titles[reason.id]}” uses {plural(reason.person_days, 'day')}"
                    f"{_of_team(preview, id, reason.id)} that it had planned"
                )
            case cause.NeedMoved():
                found.append(f"waits for “{titles[reason.id]}”, which moved")
            case cause.OwnChange():
                found.append(f"its own {_listed(list(reason.what))} changed")
            case cause.CapacityCut():
                team = preview.picture.teams.get(reason.team, reason.team)
                found.append(f"{team} has less capacity in {plural(len(reason.weeks), 'week')}")
    # What others take and give back can add up to nothing over its weeks, and still part them.
    return found or ["others share its teams' weeks differently"]


def sponsor_reasons(preview: Preview) -> list[str]:
    """Why an executive has to sponsor it, in words."""
    threshold = money_short(preview.picture.threshold, preview.picture.currency)
    words = {
        COMMITMENT_BREAKS: "a promise breaks",
        COMMITMENT_WITHDRAWN: "a promise is taken back or made for later",
        COMMITMENT_WORSENS: f"a missed promise is missed by {DRIFT_WEEKS} weeks more, or for good",
        NET_NEGATIVE: "it puts more money out of reach than it brings within reach",
        PUSHED_ABOVE_THRESHOLD: f"it puts more than {threshold} out of reach",
    }
    return [words[reason] for reason in preview.sponsor_reasons]


def _effort(change: changes.ChangeEffort) -> str:
    def total(work: tuple[changes.Requirement, ...]) -> str:
        if not work or any(item.person_days is None for item in work):
            return "not estimated"
        return plural(sum(item.person_days or 0 for item in work), "person-day")

    return f"from {total(change.was)} to {total(change.work)}"


def _standing(preview: Preview) -> str:
    initiative = preview.picture.plan.initiatives[preview.change.initiative_id or ""]
    count = len(initiative.promised)
    return f"{plural(count, 'date')} that it promised still {'stands' if count == 1 else 'stand'}"


def _promising(title: str, change: changes.ChangePromise) -> tuple[str, str, str]:
    was, becomes = change.was, change.becomes
    if was is None or becomes is None:
        one = was or becomes
        assert one is not None  # noqa: S101 (a change from nothing to nothing is none)
        if was is None:
            return "Promising", "Promised", f"{title} to {one.to} for {day(one.date)}"
        rest = f"the promise of {title} to {one.to} for {day(one.date)}"
        return "Taking back", "Took back", rest
    if was.to == becomes.to:
        rest = (
            f"the date of {title} that {was.to} was promised from {day(was.date)} to "
            f"{day(becomes.date)}"
        )
        return "Moving", "Moved", rest
    rest = (
        f"{title} to {becomes.to} for {day(becomes.date)} instead of to {was.to} for "
        f"{day(was.date)}"
    )
    return "Promising", "Promised", rest


def _of_team(preview: Preview, delayed: str, other: str) -> str:
    """ " of Core", where it is one team whose days another initiative uses."""
    impact = preview.impact
    had = {team for _, team, _, _ in impact.before[delayed].draws}
    both = had & {team for _, team, _, _ in impact.after[other].draws}
    return f" of {preview.picture.teams[both.pop()]}" if len(both) == 1 else ""


def _unmoved(preview: Preview) -> str:
    """That nothing moves, and why not, where one can say."""
    text, change = "changes no forecast and no deal", preview.change
    if not isinstance(change, changes.Move):
        return text
    if preview.picture.plan.initiatives[change.initiative].unestimated:
        return f"{text}: without an estimate it takes nobody's time"
    return f"{text}: nothing it passes needs its teams in the same weeks"


def _counted_on(preview: Preview, found: Relied) -> str:
    if not preview.impact.withdrawn:
        return " changes no forecast"
    if not found.ids:
        return ": no open deal counted on it"
    count = plural(len(found.ids), "open deal")
    return f": {money_short(found.amount, preview.picture.currency)} ({count}) counted on it"


def _promises(impact: Impact) -> str:
    parts = []
    for count, one, many in (
        (len(impact.broken), "breaks", "break"),
        (len(impact.worsened), "is missed by more", "are missed by more"),
        (len(impact.mended), "is mended", "are mended"),
    ):
        if count:
            parts.append(f"{plural(count, 'promise')} {one if count == 1 else many}")
    return f" {_listed(parts).capitalize()}." if parts else ""


def _listed(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
