"""What each report finds, in a sentence or two that its numbers support."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from roadmap.domain.cohorts import label
from roadmap.domain.plan import SHIPPED, SOLVES
from roadmap.domain.splits import NOT_GIVEN
from roadmap.domain.standing import FEWEST, TOO_FEW, differ, moved
from roadmap.domain.trend import Change, Series, month_label
from roadmap.domain.winloss import BUCKETS, CLAIMED
from roadmap.web.filters import day, plural

from . import cohorts, facts, false_losses, reasons, segments, selection, trends, wording
from .trends import COLUMN_NAMES
from .wording import cash, listed, percent, shares, short, worth

#: From this mean fit on, in percent as it is shown, a group is inside the profile.
INSIDE = 50
#: From this difference on, in parts of 1, a rate is far above another.
FAR = Fraction(15, 100)


def of_segments(report: segments.Report) -> str:
    total = report.total
    if total.closed < FEWEST:
        return f"{_only(total.closed, 'closed deal')}: too few to tell where we lose."
    overall = percent(total.rate)
    if report.losing:
        worst, *others = report.losing
        also = f" Also losing: {_named(others)}." if others else ""
        return f"{_losing(report, worst, overall)}{also}"
    if report.winning:
        best = report.winning[0]
        return (
            f"Nowhere do we lose clearly more often than the {overall} overall. "
            f"{short(best.label)}: only {percent(best.rate)} lost over {best.closed:,} deals."
        )
    closed = [line for line in report.lines if line.closed]
    first = f"{overall} of {total.closed:,} closed deals were lost"
    if len(closed) == 1:
        return f"{first}; there is no other group to compare them with."
    few = sum(line.verdict == TOO_FEW for line in closed)
    if few == len(closed):
        return f"{first}, and each of the {few:,} groups is too small to tell more."
    many = f" {few:,} of {len(closed):,} groups {'is' if few == 1 else 'are'} too small to tell."
    return f"{first}, and no group stands out: the differences may be chance.{many if few else ''}"


def of_reasons(report: reasons.Report) -> str:
    whole = report.total.whole
    if whole.deals < FEWEST:
        return f"{_only(whole.deals, 'lost deal')}: too few to tell why."
    cells = report.total.cells
    most = max(cells[bucket].shares for bucket in BUCKETS)
    part = percent(max(most, cells[NOT_GIVEN].shares) / whole.deals)
    if cells[NOT_GIVEN].shares > most:
        first = f"For {part} of {whole.deals:,} lost deals nobody gave a reason."
        if cells[NOT_GIVEN].deals == whole.deals:
            return f"{first} Reps and customers have to be asked before anything can be told."
        return f"{first} {_trust(report)}"
    first_of_all = [bucket for bucket in BUCKETS if cells[bucket].shares == most]
    names = listed([COLUMN_NAMES[bucket] for bucket in first_of_all])
    if len(first_of_all) > 1:
        first = f"{names} are the most frequent reasons: {part} of {whole.deals:,} lost deals each."
    else:
        cell = cells[first_of_all[0]]
        first = (
            f"{names} is the most frequent reason: {part} of {whole.deals:,} lost deals, "
            f"{worth(cell.amount, cell.unknown, cell.deals)}."
        )
    return f"{first} {_trust(report)}"


def of_selection(report: selection.Report) -> str:
    total = report.total
    if not report.lines:
        return "No deal waits for a problem or was lost over one."
    waiting = [line for line in report.lines if line.sums.open_count]
    if not waiting:
        lost = plural(total.lost_count, "deal was", "deals were")
        return f"No open deal waits for a problem; {lost} lost over {_problems(report.lines)}."
    top = max(waiting, key=lambda line: line.sums.open_amount)
    sums = top.sums
    as_large = [line for line in waiting if line.sums.open_amount == sums.open_amount]
    first = (
        f"{worth(total.open_amount, total.open_unknown, total.open_count)} in "
        f"{plural(total.open_count, 'open deal')} {'waits' if total.open_count == 1 else 'wait'} "
        f"for {_problems(waiting)}."
    )
    if not sums.open_amount:
        return f"{first[0].upper()}{first[1:]}{_uncovered(report, None)}"
    rank = "The largest is" if len(as_large) == 1 else "One of the largest is"
    return (
        f"{first} {rank} “{short(top.title)}” ({cash(sums.open_amount)} in "
        f"{plural(sums.open_count, 'deal')}), {_solution(top)}.{_uncovered(report, top)}"
    )


def of_trend(report: trends.Report) -> str:
    change = report.total.by_count
    months = len(report.period.months)
    if change.now + change.before < FEWEST:
        return f"{_lost_in(change, 2 * months)}: too few to call a trend."
    said = f"in the {months} months to {day(report.asked.as_of)}, against the {months} before"
    first = (
        f"Losses {wording.moved(change, shares)} {said}{_chance(change)}{_rising(report)}."
        f"{_unfinished(report)}"
    )
    if not report.amounts_known:
        return f"{first} Their amounts are unknown."
    amount = wording.moved(report.total.by_amount, cash)
    loud = amount.startswith("rose") and report.total.by_amount.rests_on_one_deal
    last = " That rise rests on a single deal, so it is no trend." if loud else ""
    return f"{first} By amount they {amount}.{last}"


def of_false_losses(report: false_losses.Report) -> str:
    covered, total = report.coverage, report.total
    if not covered.lost:
        return "No deal was lost."
    if not covered.verified:
        return f"Nobody knows: none of {plural(covered.lost, 'lost deal')} has a verified reason."
    if not total.deals:
        known = f"{covered.verified:,} of {plural(covered.lost, 'lost deal')}"
        return f"No false loss among the {known} whose reason is verified."
    return (
        f"{plural(total.deals, 'loss was', 'losses were')} claimed as Product and "
        f"{'was' if total.deals == 1 else 'were'} something else: "
        f"{worth(total.amount, total.unknown, total.deals)} that no feature would have won."
        f"{_spared(report)}"
    )


def of_cohorts(report: cohorts.Report) -> str:
    found = report.compared
    if found is None:
        return "Too few deals, or too young, to compare how they turn out."
    now, before = found.now, found.before
    sure = differ(now.lost, now.opened, before.lost, before.opened)
    says = "more than chance explains" if sure else "the difference may be chance"
    same = now.share == before.share
    return (
        f"Of the {now.opened:,} deals opened in {label(now.last)}, {percent(now.share)} were lost "
        f"within {found.age} months, against {percent(before.share)} of the {before.opened:,} "
        f"opened {_when(before)}{'' if same else f': {says}'}."
    )


def of_chart(report: segments.Report) -> str:
    """The title over the intervals."""
    overall = percent(report.total.rate)
    if report.losing:
        return f"Lost clearly more often than the {overall} overall: {_named(report.losing)}"
    if report.winning:
        return f"Lost clearly less often than the {overall} overall: {_named(report.winning)}"
    if all(line.verdict == TOO_FEW for line in report.lines):
        return f"Too few closed deals in each group to compare it with the {overall} overall"
    return f"None differs clearly from the {overall} overall"


def of_heat(report: reasons.Report) -> str:
    """The title over bucket × group."""
    pairs = [(line, column) for line in report.lines for column in BUCKETS]
    most = max(line.cells[column].shares for line, column in pairs)
    if not most:
        return "Nobody gave a reason for any of these losses"
    first = [(line, column) for line, column in pairs if line.cells[column].shares == most]
    if len(first) > 1:
        return f"At most {_deals(most)} were lost in one place, in {len(first)} places"
    line, column = first[0]
    where = "no segment" if line.key is None and report.by.name == "segment" else short(line.label)
    return f"Most losses in one place: {COLUMN_NAMES[column]} in {where}, {_deals(most)}"


def of_curve(report: trends.Report) -> str:
    """The title over the losses by month."""
    counts = report.total.counts
    most = max(counts)
    if not most:
        return "No losses in these months"
    labels = [
        month_label(month)
        for month, count in zip(report.period.months, counts, strict=True)
        if count == most
    ]
    if len(labels) > 2:
        return f"At most {_deals(most)} were lost in a month"
    each = " each" if len(labels) > 1 else ""
    return f"Most deals were lost in {listed(labels)}: {shares(most)}{each}"


def of_case(sums: selection.Sums, since: date | None) -> str:
    """What a problem costs, in a sentence."""
    if not sums.deals:
        return "No open deal waits for it, and none was lost over it in this time."
    after = "" if since is None else f" since {day(since)}"
    waits = "waits" if sums.open_count == 1 else "wait"
    lost = f"{'was' if sums.lost_count == 1 else 'were'} lost over it{after}"
    opened = (
        f"{worth(sums.open_amount, sums.open_unknown, sums.open_count)} in "
        f"{plural(sums.open_count, 'open deal')} {waits} for it"
        if sums.open_count
        else "no open deal waits for it"
    )
    gone = (
        f"{worth(sums.lost_amount, sums.lost_unknown, sums.lost_count)} in "
        f"{plural(sums.lost_count, 'deal')} {lost}"
        if sums.lost_count
        else f"none was lost over it{after}"
    )
    said = f"{opened}; {gone}."
    known = f"Customers confirm it in {sums.heard:,} of {sums.deals:,}."
    return f"{said[0].upper()}{said[1:]} {known}"


def of_problem_trend(found: Series) -> str:
    """Whether losses over one problem grow."""
    change, months = found.by_count, len(found.counts)
    if change.now + change.before < FEWEST:
        return f"{_lost_in(change, 2 * months)}: too few to call a trend."
    text = wording.moved(change, shares)
    return f"Losses {text} against the {months} months before{_chance(change)}."


def of_coverage(covered: facts.Coverage) -> str:
    """How far to trust it."""
    if not covered.lost:
        return "No lost deals"
    part = percent(Fraction(covered.verified, covered.lost))
    amount = (
        f", {percent(Fraction(covered.verified_amount, covered.lost_amount))} of their amount"
        if covered.lost_amount
        else ""
    )
    return f"{part} of {plural(covered.lost, 'lost deal')}{amount}"


def _losing(report: segments.Report, line: segments.Line, overall: str) -> str:
    """Only of customers it can be asked whether we want them, and only where a profile says so."""
    rate = percent(line.rate)
    far = "far " if (line.rate or 0) - (line.overall or 0) >= FAR else ""
    above = f"just above the {overall}" if rate == overall else f"{far}above {overall}"
    first = f"{short(line.label)}: {rate} lost over {line.closed:,} deals, {above} overall"
    fit = line.fit_percent
    if fit is None or line.key is None or not (report.profiled and report.by.of_account):
        return f"{first}."
    if fit >= INSIDE:
        return f"{first}, and inside the profile: pivot or double down?"
    return f"{first}, but outside the profile: good to know, nothing to decide."


def _named(lines: list[segments.Line]) -> str:
    few = ", ".join(f"{short(line.label, 40)} ({percent(line.rate)})" for line in lines[:3])
    return f"{few} and {len(lines) - 3:,} more" if len(lines) > 3 else few


def _trust(report: reasons.Report) -> str:
    covered, both = report.coverage, report.both.deals
    if report.asked.source in CLAIMED:
        return "All this is what sales says: other sources are left out."
    if not covered.verified:
        return "No customer confirmed a reason yet: all this is what sales says."
    heard = f"The customer's word is known for {covered.verified:,}"
    if report.asked.source:
        return f"{heard}; other sources are left out."
    if not both:
        return f"{heard}, none of them with a claim to compare."
    agreed = percent(report.agreed / both)
    return f"{heard}; of the {both:,} that sales spoke about, too, both agree on {agreed}."


def _problems(lines: Sequence[selection.Line]) -> str:
    return plural(len(lines), "problem")


def _solution(line: selection.Line) -> str:
    if line.uncovered:
        return "which nothing on the board solves"
    solving = [solver for solver in line.solvers if solver.kind == SOLVES]
    dates = [solver.finish for solver in solving if solver.state != SHIPPED]
    known = [finish for finish in dates if finish is not None]
    if solving and not dates:
        return "solved by what has shipped"
    if known and len(known) == len(dates):
        return f"forecast for {day(max(known))}"
    return "without a forecast yet"


def _uncovered(report: selection.Report, top: selection.Line | None) -> str:
    count = sum(line is not top for line in report.uncovered)
    if not count:
        return ""
    if top is not None and top.uncovered:
        either = "waits for a solution, too" if count == 1 else "wait for a solution, too"
        return f" {plural(count, 'other problem')} with open deals {either}."
    has = "has nothing on the board that solves it" if count == 1 else (
        "have nothing on the board that solves them"
    )  # fmt: skip
    return f" {plural(count, 'problem')} with open deals {has}."


def _chance(change: Change) -> str:
    """How far to trust a change in numbers of deals."""
    if change.rests_on_one_deal:
        return ", and that rests on a single deal"
    if change.difference and not moved(change.before, change.now):
        return ", which may be chance"
    return ""


def _lost_in(change: Change, months: int) -> str:
    count = int(change.now + change.before)
    lost = f"Only {plural(count, 'lost deal')}" if count else "No lost deal"
    return f"{lost} in {months} months"


def _unfinished(report: trends.Report) -> str:
    """A fall may be only that the last month is not over."""
    if report.total.by_count.difference > 0 or not report.unfinished:
        return ""
    return f" {month_label(report.period.months[-1])} is not over."


def _rising(report: trends.Report) -> str:
    """The line that rose most in numbers of deals; those that rose as much are named with it."""
    if len(report.lines) < 2:
        return ""
    most = max(line.series.by_count.difference for line in report.lines)
    first = [line for line in report.lines if line.series.by_count.difference == most]
    if most <= 0 or len(first) > 2:
        return ""
    quoted = "“{}”" if report.by == trends.PROBLEM else "{}"
    names = listed([quoted.format(short(line.label)) for line in first])
    each = " each" if len(first) > 1 else ""
    lone = all(line.series.by_count.rests_on_one_deal for line in first)
    return f"; {names} rose most, by {shares(most)}{each}{', on a single deal' if lone else ''}"


def _spared(report: false_losses.Report) -> str:
    """What that spared engineering, as far as anybody estimated it."""
    weeks, unknown = report.weeks, report.unestimated
    if weeks:
        more = f", and {plural(unknown, 'initiative')} without an estimate" if unknown else ""
        return (
            f" {shares(weeks)} person-weeks of engineering{more} "
            f"{'is' if weeks == 1 and not more else 'are'} spared."
        )
    if report.spared:
        count = len(report.spared)
        one = "initiative is" if count == 1 else "initiatives are"
        return f" {plural(count, one, one)} spared; nobody estimated how much work that is."
    if report.initiatives and all(each.deals_left for each in report.initiatives):
        return " Each initiative that they spoke for still has other deals."
    return ""


def _when(before: cohorts.Part) -> str:
    first, last = label(before.first), label(before.last)
    return f"in {last}" if first == last else f"from {first} to {last}"


def _deals(count: Fraction) -> str:
    return f"{shares(count)} {'deal' if count == 1 else 'deals'}"


def _only(count: int, what: str) -> str:
    return f"Only {plural(count, what)}" if count else f"No {what} yet"
