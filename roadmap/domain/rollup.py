"""Problems that roll up to one higher in the customer's organisation.

An executive's priority ← a manager's ← a user's: each problem has at most one parent, and nothing
rolls up to itself. Where both layers are known, the parent's is the higher one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from roadmap.domain.errors import Refused

from .collation import sort_key

#: Who in the customer's organisation feels it, the highest first.
LAYERS = ("executive", "manager", "user")
_HEIGHTS = {layer: height for height, layer in enumerate(reversed(LAYERS), start=1)}


class Node(NamedTuple):
    """A problem in the tree. `layer` is who feels it; None while nobody knows."""

    id: int
    title: str
    layer: str | None
    parent: int | None


Nodes = Mapping[int, Node]


def check(nodes: Nodes, child: int, parent: int) -> None:
    """Raises Refused where `child` cannot roll up to `parent`; both are among the nodes."""
    lower, higher = nodes[child], nodes[parent]
    chain = [higher, *above(nodes, parent)]
    if any(node.id == child for node in chain):
        names = [node.title for node in chain]
        circle = names[: [node.id for node in chain].index(child)]
        spelled = " → ".join(f"“{name}”" for name in (lower.title, *circle, lower.title))
        raise Refused(f"That would be a circle: {spelled}.")
    if not fits(lower.layer, higher.layer):
        raise Refused(
            f"“{higher.title}” is felt by the {higher.layer}, which is not above the "
            f"{lower.layer}, who feels “{lower.title}”."
        )


def fits(lower: str | None, higher: str | None) -> bool:
    """Whether a problem of the one layer may roll up to one of the other."""
    if lower is None or higher is None:
        return True
    return _HEIGHTS[higher] > _HEIGHTS[lower]


def after_merge(nodes: Nodes, loser: int, survivor: int) -> dict[int, int | None]:
    """The new parents once one problem is merged into another, by problem, where they differ.

    What rolled up to the loser rolls up to the survivor, or to nothing where the layers do not
    allow it. A survivor from beneath the loser takes its place in the tree.
    """
    changes: dict[int, int | None] = {}
    if any(node.id == loser for node in above(nodes, survivor)):
        parent = nodes.get(nodes[loser].parent or 0)
        fitting = parent is not None and fits(nodes[survivor].layer, parent.layer)
        changes[survivor] = parent.id if parent is not None and fitting else None
    for node in nodes.values():
        if node.parent == loser and node.id != survivor:
            changes[node.id] = survivor if fits(node.layer, nodes[survivor].layer) else None
    return changes


def circle(nodes: Nodes, id: int) -> list[Node]:
    """The problems on the way from one back to itself; empty where there is no such way."""
    path = [nodes[id]]
    while (parent := path[-1].parent) is not None and parent in nodes:
        if parent == id:
            return path
        if any(node.id == parent for node in path):
            return []
        path.append(nodes[parent])
    return []


def above(nodes: Nodes, id: int) -> list[Node]:
    """What a problem rolls up to, the nearest first."""
    found: list[Node] = []
    seen = {id}
    parent = nodes[id].parent if id in nodes else None
    while parent is not None and parent in nodes and parent not in seen:
        seen.add(parent)
        found.append(nodes[parent])
        parent = nodes[parent].parent
    return found


def beneath(nodes: Nodes, id: int) -> list[tuple[int, Node]]:
    """What rolls up to a problem, as (depth from 1, problem): each under its parent, by title."""
    children: dict[int, list[Node]] = defaultdict(list)
    for node in nodes.values():
        if node.parent is not None:
            children[node.parent].append(node)
    found: list[tuple[int, Node]] = []
    waiting = [(1, node) for node in _last_first(children[id])]
    seen = {id}
    while waiting:
        depth, node = waiting.pop()
        if node.id not in seen:
            seen.add(node.id)
            found.append((depth, node))
            waiting += [(depth + 1, child) for child in _last_first(children[node.id])]
    return found


def _last_first(nodes: list[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (sort_key(node.title), node.id), reverse=True)
