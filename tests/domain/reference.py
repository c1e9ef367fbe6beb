"""Planning semantics once more, as plainly as can be: what the tests compare the product with.

It is slow, recursive, and shares no code with roadmap.domain but the plan's values.
"""

from __future__ import annotations

from datetime import date, timedelta

from roadmap.domain.plan import Deal, Plan

WEEKS = 156

Row = tuple[str, int | None, int | None]
"""State, week of the first draw, finish week."""


def monday_0(today: date) -> date:
    while today.weekday() >= 5:
        today += timedelta(days=1)
    while today.weekday() > 0:
        today -= timedelta(days=1)
    return today


def friday(plan: Plan, week: int) -> date:
    return monday_0(plan.today) + timedelta(days=7 * week + 4)


def capacity(plan: Plan, team: str, week: int) -> int:
    monday = monday_0(plan.today) + timedelta(days=7 * week)
    own = (monday.year, (monday.month - 1) // 3 + 1)
    days = 0
    for first, figure in sorted(plan.teams[team].days_per_week.items()):
        if (first.year, (first.month - 1) // 3 + 1) <= own:
            days = figure
    return days


def timetable(plan: Plan) -> dict[str, Row]:
    """State, start and finish of every initiative on the board."""
    table = _Timetable(plan)
    for id in plan.order:
        table.place(id)
    return table.rows


class _Timetable:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows: dict[str, Row] = {}
        self.free = {
            (team, week): capacity(plan, team, week) for team in plan.teams for week in range(WEEKS)
        }

    def place(self, id: str) -> None:
        if id in self.rows:
            return
        hopeless = self.without_hope(id)
        if hopeless:
            self.rows[id] = (hopeless, None, None)
            return
        order = self.plan.order
        needs = [need for need in self.plan.initiatives[id].needs if need in order]
        for need in sorted(needs, key=order.index):
            self.place(need)
        finished = [self.rows[need][2] for need in needs]
        if None in finished:
            self.rows[id] = ("blocked", None, None)
            return
        ready = max([0] + [last + 1 for last in finished if last is not None])
        not_before = self.plan.initiatives[id].not_before
        if not_before:
            while monday_0(self.plan.today) + timedelta(days=7 * ready) < not_before:
                ready += 1
        self.rows[id] = self.draw(id, ready) if ready < WEEKS else ("beyond", None, None)

    def without_hope(self, id: str) -> str | None:
        initiative = self.plan.initiatives[id]
        if not initiative.work or any(item.person_days is None for item in initiative.work):
            return "unestimated"
        for need in initiative.needs:
            state = self.plan.initiatives[need].state
            if state == "declined" or (state != "shipped" and self.without_hope(need)):
                return "blocked"
        return None

    def draw(self, id: str, ready: int) -> Row:
        weeks: list[int] = []
        fits = True
        for item in self.plan.initiatives[id].work:
            left = item.person_days or 0
            for week in range(ready, WEEKS):
                limit = left if item.max_days is None else item.max_days
                days = min(left, self.free[item.team, week], limit)
                self.free[item.team, week] -= days
                left -= days
                weeks += [week] * bool(days)
            fits = fits and left == 0
        if not fits:
            return "beyond", min(weeks, default=None), None
        return "scheduled", min(weeks, default=ready), max(weeks, default=ready)


def in_time(plan: Plan, rows: dict[str, Row]) -> dict[str, bool]:
    """For each open deal that takes part, whether it is in time."""
    verdicts = {}
    for deal in plan.deals.values():
        if deal.status == "open" and deal.blockers:
            ready = [solved(plan, rows, problem) for problem in deal.blockers]
            verdicts[deal.id] = deal.needed_by is not None and all(
                day is not None and day <= deal.needed_by for day in ready
            )
    return verdicts


def solved(plan: Plan, rows: dict[str, Row], problem: str) -> date | None:
    ids = plan.problems[problem].initiatives
    on_board = [rows[id][2] for id in ids if id in plan.order]
    if any(last is None for last in on_board):
        return None
    if on_board:
        return friday(plan, max(last for last in on_board if last is not None))
    shipped = any(plan.initiatives[id].state == "shipped" for id in ids)
    return date.min if shipped else None


def week_of(plan: Plan, day: date) -> int:
    return (day - monday_0(plan.today)).days // 7


def ready(plan: Plan, rows: dict[str, Row], deal: Deal) -> date:
    """The day on which the last of its problems is solved; the last of all days for never."""
    return max(solved(plan, rows, problem) or date.max for problem in deal.blockers)


def margin_groups(
    plans: tuple[Plan, Plan], rows: tuple[dict[str, Row], dict[str, Row]]
) -> dict[str, set[str]]:
    """Which deals come closer, get safer, and which of the late ones get later or sooner."""
    groups: dict[str, set[str]] = {"closer": set(), "safer": set()}
    groups |= {"later_still": set(), "sooner_late": set()}
    for id, deal in plans[1].deals.items():
        former = plans[0].deals.get(id)
        if former is None or deal.status != "open" or former.status != "open":
            continue
        if not deal.blockers or not former.blockers:
            continue
        was = ready(plans[0], rows[0], former)
        now = ready(plans[1], rows[1], deal)
        needed = deal.needed_by
        in_time = [needed is not None and day <= needed for day in (was, now)]
        if all(in_time) and needed is not None and was != now:
            # Solved before every date is further away than any margin.
            left = [
                1_000_000 if day == date.min else week_of(plans[1], needed) - week_of(plans[1], day)
                for day in (was, now)
            ]
            if left[1] < left[0] and left[1] < 4:
                groups["closer"].add(id)
            if left[0] < left[1] and left[0] < 4:
                groups["safer"].add(id)
        overdue = needed is not None and needed < plans[1].today
        if not any(in_time) and not overdue and was != now:
            groups["later_still" if now > was else "sooner_late"].add(id)
    return groups
