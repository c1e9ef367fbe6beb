"""What each report finds, in a sentence or two that its numbers support."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from roadmap.domain.cohorts import AGES, Cohort, label
from roadmap.domain.money import half_up
from roadmap.domain.splits import NOT_GIVEN
from roadmap.domain.standing import FEWEST, TOO_FEW
from roadmap.domain.trend import Change, Series, month_label
from roadmap.domain.winloss import BUCKETS
from roadmap.web.filters import day, money_short, plural
from roadmap.workspace.settings import workspace

from . import cohorts, facts, false_losses, reasons, segments, selection, trends
from .trends import COLUMN_NAMES

#: From this mean fit on, in percent, a group is inside the profile.
INSIDE = 50
#: From this difference on, in parts of 1, a rate is far above another.
FAR = Fraction(15, 100)


def percent(value: Fraction | Decimal | None) -> str:
    """ "80 %"; "–" for none."""
    return "–" if value is None else f"{half_up(Fraction(value) * 100)} %"


def shares(value: Fraction) -> str:
    """A number of deals, of which some may be parts: "3", "2.5", "0.33"."""
    hundredths = half_up(value * 100)
    whole, rest = divmod(abs(hundredths), 100)
    text = f"{whole:,}.{rest:02d}".rstrip("0").rstrip(".") if rest else f"{whole:,}"
    return f"−{text}" if hundredths < 0 else text


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
            f"Nowhere do we lose clearly more often than the {overall} overall. {best.label}: only "
            f"{percent(best.rate)} lost over {best.closed:,} deals."
        )
    few = sum(line.verdict == TOO_FEW for line in report.lines)
    small = "is" if few == 1 else "are"
    many = f" {few} of {len(report.lines)} groups {small} too small to tell." if few else ""
    return (
        f"{overall} of {total.closed:,} closed deals were lost, and no group stands out: the "
        f"differences may be chance.{many}"
    )


def of_reasons(report: reasons.Report) -> str:
    whole = report.total.whole
    if whole.deals < FEWEST:
        return f"{_only(whole.deals, 'lost deal')}: too few to tell why."
    cells = report.total.cells
    largest = max((*BUCKETS, NOT_GIVEN), key=lambda column: cells[column].shares)
    part = percent(cells[largest].shares / whole.deals)
    if largest == NOT_GIVEN:
        first = f"For {part} of {whole.deals:,} lost deals nobody gave a reason."
        if cells[largest].deals == whole.deals:
            return f"{first} Reps and customers have to be asked before anything can be told."
    else:
        first = (
            f"{COLUMN_NAMES[largest]} is the most frequent reason: {part} of {whole.deals:,} lost "
            f"deals{_worth(cells[largest].amount, whole)}."
        )
    return f"{first} {_trust(report)}"


def of_selection(report: selection.Report) -> str:
    total = report.total
    if not report.lines:
        return "No deal waits for a problem or was lost over one."
    top = report.lines[0]
    if not total.open_count:
        lost = plural(total.lost_count, "deal")
        return f"No open deal waits for a problem; {lost} were lost over {_problems(report)}."
    first = (
        f"{_cash(total.open_amount)} in {plural(total.open_count, 'open deal')} "
        f"{'waits' if total.open_count == 1 else 'wait'} for {_problems(report)}. The largest is "
        f"“{top.title}” ({_cash(top.sums.open_amount)} in {plural(top.sums.open_count, 'deal')})"
    )
    return f"{first}, {_solution(top)}.{_uncovered(report, top)}"


def of_trend(report: trends.Report) -> str:
    change = report.total.by_count
    months = len(report.period.months)
    if change.now + change.before < FEWEST:
        lost = plural(int(change.now + change.before), "lost deal")
        return f"Only {lost} in {2 * months} months: too few to call a trend."
    said = f"in the {months} months to {day(report.asked.as_of)}, against the {months} before"
    first = f"Losses {_moved(change, shares)} {said}{_rising(report)}"
    amount = report.total.by_amount
    if not report.amounts_known:
        return f"{first}. Their amounts are unknown."
    money = f" By amount they {_moved(amount, lambda value: _cash(half_up(value)))}."
    return f"{first}.{money}{_loud(report)}"


def of_false_losses(report: false_losses.Report) -> str:
    covered = report.coverage
    known = f"{covered.verified:,} of {plural(covered.lost, 'lost deal')}"
    if not covered.verified:
        return f"Nobody knows: none of {plural(covered.lost, 'lost deal')} has a verified reason."
    if not report.total.deals:
        return f"No false loss among the {known} whose reason is verified."
    one = report.total.deals == 1
    spared = (
        f" {shares(report.weeks)} person-weeks of engineering are spared."
        if report.weeks
        else " Each initiative that lost weight still has other deals."
    )
    return (
        f"{plural(report.total.deals, 'loss was', 'losses were')} claimed as Product and "
        f"{'was' if one else 'were'} something else: {_cash(report.total.amount)} that no feature "
        f"would have won.{spared if report.initiatives else ''}"
    )


def of_cohorts(report: cohorts.Report) -> str:
    as_of = report.asked.as_of
    for age in (AGES[1], AGES[0]):
        old = [each for each in report.cohorts if each.lost_at(age, as_of) is not None]
        if len(old) > 1 and min(old[-1].opened, old[-2].opened) >= FEWEST:
            return _compared(old[-1], old[-2], age, report)
    return "Too few deals, or too young, to compare how they turn out."


def of_chart(report: segments.Report) -> str:
    """The title over the intervals."""
    overall = percent(report.total.rate)
    if report.losing:
        return f"Lost clearly more often than the {overall} overall: {_named(report.losing)}"
    if report.winning:
        return f"Lost clearly less often than the {overall} overall: {_named(report.winning)}"
    return f"No {report.by.label.lower()} differs clearly from the {overall} overall"


def of_heat(report: reasons.Report) -> str:
    """The title over bucket × group."""
    pairs = [(line, column) for line in report.lines for column in BUCKETS]
    line, column = max(pairs, key=lambda pair: pair[0].cells[pair[1]].shares)
    most = shares(line.cells[column].shares)
    if not line.cells[column].deals:
        return "Nobody gave a reason for any of these losses"
    where = "no segment" if line.key is None and report.by.name == "segment" else line.label
    return f"Most losses in one place: {COLUMN_NAMES[column]} in {where}, {most} deals"


def of_curve(report: trends.Report) -> str:
    """The title over the losses by month."""
    counts = report.total.counts
    most = max(counts)
    if not most:
        return "No losses in these months"
    month = month_label(report.period.months[counts.index(most)])
    return f"Most deals were lost in {month}: {shares(most)}"


def of_case(sums: selection.Sums, since: date | None) -> str:
    """What a problem costs, in a sentence."""
    if not sums.deals:
        return "No open deal waits for it, and none was lost over it in this time."
    waits = "waits" if sums.open_count == 1 else "wait"
    first = f"{_cash(sums.open_amount)} in {plural(sums.open_count, 'open deal')} {waits} for it"
    lost = f"{_cash(sums.lost_amount)} in {plural(sums.lost_count, 'deal')}"
    after = "" if since is None else f" since {day(since)}"
    said = f"{first}; {lost} {'was' if sums.lost_count == 1 else 'were'} lost over it{after}."
    return f"{said} Customers confirm it in {sums.heard:,} of {sums.deals:,}."


def of_problem_trend(found: Series) -> str:
    """Whether losses over one problem grow."""
    change = found.by_count
    if change.now + change.before < FEWEST:
        lost = plural(int(change.now + change.before), "lost deal")
        return f"{lost} in {2 * len(found.counts)} months: too few to call a trend."
    loud = " It rests on a single deal." if change.rests_on_one_deal else ""
    return f"Losses {_moved(change, shares)} against the {len(found.counts)} months before.{loud}"


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
    far = "far " if (line.rate or 0) - (line.overall or 0) >= FAR else ""
    first = (
        f"{line.label}: {percent(line.rate)} lost over {line.closed:,} deals, {far}above {overall} "
        "overall"
    )
    if line.fit is None or not (report.profiled and report.by.of_account):
        return f"{first}."
    if line.fit >= INSIDE:
        return f"{first}, and inside the profile: pivot or double down?"
    return f"{first}, but outside the profile: good to know, nothing to decide."


def _named(lines: list[segments.Line]) -> str:
    few = ", ".join(f"{line.label} ({percent(line.rate)})" for line in lines[:3])
    return f"{few} and {len(lines) - 3} more" if len(lines) > 3 else few


def _trust(report: reasons.Report) -> str:
    covered, both = report.coverage, report.both.deals
    if not covered.verified:
        return "No customer was asked yet: all this is what sales says."
    heard = f"The customer's word is known for {covered.verified:,}"
    if not both:
        return f"{heard}, none of them with a claim to compare."
    agreed = percent(report.agreed / both)
    return f"{heard}; of the {both:,} that sales spoke about, too, both agree on {agreed}."


def _worth(amount: Fraction, whole: segments.Tally) -> str:
    if not whole.known:
        return ", their amounts unknown"
    return f", {_cash(half_up(amount))}"


def _problems(report: selection.Report) -> str:
    return plural(len(report.lines), "problem")


def _solution(line: selection.Line) -> str:
    if line.uncovered:
        return "which nothing on the board solves"
    dates = [solver.finish for solver in line.solvers if solver.kind == "solves"]
    known = [finish for finish in dates if finish is not None]
    if known and len(known) == len(dates):
        return f"forecast for {day(max(known))}"
    return "without a forecast yet"


def _uncovered(report: selection.Report, top: selection.Line) -> str:
    others = [line for line in report.uncovered if line is not top]
    if not others:
        return ""
    word = "problem has" if len(others) == 1 else "problems have"
    more = "other " if top.uncovered else ""
    return f" {len(others)} {more}{word} open deals and no initiative."


def _moved(change: Change, written: Callable[[Fraction], str]) -> str:
    if not change.difference:
        return f"stayed at {written(change.now)}"
    verb = "rose" if change.difference > 0 else "fell"
    ratio = "" if change.ratio is None else f" ({half_up(change.ratio * 100):+d} %)"
    return f"{verb} from {written(change.before)} to {written(change.now)}{ratio}".replace("-", "−")


def _rising(report: trends.Report) -> str:
    most = max(report.lines, key=lambda line: line.series.by_count.difference, default=None)
    if most is None or most.series.by_count.difference <= 0 or len(report.lines) < 2:
        return ""
    return f"; {most.label} rose most, by {shares(most.series.by_count.difference)}"


def _loud(report: trends.Report) -> str:
    if not report.total.by_amount.rests_on_one_deal:
        return ""
    return " That rise rests on a single deal, so it is no trend."


def _compared(now: Cohort, before: Cohort, age: int, report: cohorts.Report) -> str:
    as_of = report.asked.as_of
    return (
        f"Of the {now.opened:,} deals opened in {label(now)}, {percent(now.lost_at(age, as_of))} "
        f"were lost within {age} months, against {percent(before.lost_at(age, as_of))} of the "
        f"{before.opened:,} opened in {label(before)}."
    )


def _only(count: int, what: str) -> str:
    return f"Only {plural(count, what)}" if count else f"No {what} yet"


def _cash(cents: int) -> str:
    return money_short(cents, workspace().currency)
