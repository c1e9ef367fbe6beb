"""Needs: which initiatives must finish first, who is without hope for it, and cycles.

Source: planning semantics, Schedule (without hope; the needs of it, in rank order; a cycle).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import NoReturn

from roadmap.domain.plan import DECLINED, Initiative, Plan, PlanError

UNESTIMATED = "unestimated"
BLOCKED = "blocked"


def hopeless(plan: Plan) -> dict[str, str]:
    """The initiatives on the board that get no dates whatever their rank: unestimated or blocked.

    Blocked by state are those that need one that is declined, unestimated or itself blocked by
    state. Unestimated goes before blocked. A shipped need is met, whatever it needed itself.
    """
    initiatives = plan.initiatives
    verdicts = {id: UNESTIMATED for id in plan.order if initiatives[id].unestimated}
    dependants: dict[str, list[str]] = {}
    for id in plan.order:
        for need in initiatives[id].needs:
            dependants.setdefault(need, []).append(id)
    at_fault = deque(id for id in dependants if initiatives[id].state == DECLINED)
    at_fault.extend(verdicts)
    while at_fault:
        for id in dependants.get(at_fault.popleft(), ()):
            if id not in verdicts:
                verdicts[id] = BLOCKED
                at_fault.append(id)
    return verdicts


def needs_on_board(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The direct needs that are on the board, in rank order, of each initiative that has any."""
    ranks = plan.ranks
    needs = {}
    for id in plan.order:
        direct = plan.initiatives[id].needs
        if direct:
            on_board = {need for need in direct if need in ranks}
            needs[id] = tuple(sorted(on_board, key=ranks.__getitem__))
    return needs


def find_cycle(initiatives: Mapping[str, Initiative]) -> tuple[str, ...] | None:
    """A cycle of needs spelled out, such as ("A", "B", "A"), or None.

    Needs that name nobody are passed over.
    """
    done: set[str] = set()
    for root in initiatives:
        if root in done or not initiatives[root].needs:
            continue
        path: dict[str, None] = {root: None}
        stack: list[Iterator[str]] = [iter(initiatives[root].needs)]
        while stack:
            need = next(stack[-1], None)
            if need is None:
                stack.pop()
                done.add(path.popitem()[0])
            elif need in path:
                ids = list(path)
                return (*ids[ids.index(need) :], need)
            elif need in initiatives and need not in done:
                path[need] = None
                stack.append(iter(initiatives[need].needs))
    return None


def refuse_cycle(initiatives: Mapping[str, Initiative]) -> NoReturn:
    """Raise PlanError with the cycle spelled out."""
    cycle = find_cycle(initiatives) or ()
    raise PlanError("needs", f"the needs form a cycle: {' → '.join(cycle)}")
