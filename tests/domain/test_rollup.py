"""Problems that roll up: what may be above what, and the tree after a merge."""

import pytest

from roadmap.domain.errors import Refused
from roadmap.domain.rollup import Node, above, after_merge, beneath, check, circle


def tree(**parents: str | None) -> dict[int, Node]:
    """Problems A, B, … by name: "executive:B" is a layer and a parent, either may be missing."""
    numbers = {name: number for number, name in enumerate(parents, 1)}
    nodes = {}
    for name, given in parents.items():
        layer, _, parent = (given or "").partition(":")
        nodes[numbers[name]] = Node(numbers[name], name, layer or None, numbers.get(parent))
    return nodes


def test_a_parent_is_felt_higher_up_where_both_layers_are_known() -> None:
    nodes = tree(Boss="executive", Lead="manager", Hand="user", Twin="user", Unknown=None)
    check(nodes, 3, 2)
    check(nodes, 3, 1)
    check(nodes, 3, 5)
    check(nodes, 5, 3)
    for child, parent in ((2, 3), (1, 2), (3, 4)):
        with pytest.raises(Refused, match="is not above"):
            check(nodes, child, parent)


def test_a_circle_is_refused_with_all_of_it_spelled_out() -> None:
    nodes = tree(A=":B", B=":C", C=None)
    with pytest.raises(Refused) as refusal:
        check(nodes, 3, 1)
    assert str(refusal.value) == "That would be a circle: “C” → “A” → “B” → “C”."
    with pytest.raises(Refused, match="“A” → “A”"):
        check(nodes, 1, 1)


def test_the_tree_is_read_upwards_and_downwards() -> None:
    nodes = tree(Top=None, b=":Top", A=":Top", leaf=":A")
    assert [node.title for node in above(nodes, 4)] == ["A", "Top"]
    assert [(depth, node.title) for depth, node in beneath(nodes, 1)] == [
        (1, "A"), (2, "leaf"), (1, "b"),
    ]  # fmt: skip
    assert above(nodes, 99) == beneath(nodes, 99) == []


def test_a_circle_in_the_data_ends_every_walk() -> None:
    nodes = tree(A=":B", B=":A", C=":A")
    assert [node.title for node in above(nodes, 3)] == ["A", "B"]
    assert {node.title for _, node in beneath(nodes, 1)} == {"B", "C"}
    assert [node.title for node in circle(nodes, 1)] == ["A", "B"]
    assert circle(nodes, 3) == []


def test_what_rolled_up_to_the_loser_rolls_up_to_the_survivor() -> None:
    nodes = tree(Loser="executive", Survivor="manager", High="manager:Loser", Low="user:Loser")
    assert after_merge(nodes, 1, 2) == {3: None, 4: 2}


def test_a_survivor_from_beneath_takes_the_losers_place() -> None:
    nodes = tree(Top=None, Loser=":Top", Between=":Loser", Survivor=":Between")
    assert after_merge(nodes, 2, 4) == {4: 1, 3: 4}
    nodes = tree(Loser=None, Survivor=":Loser", Other=":Loser")
    assert after_merge(nodes, 1, 2) == {2: None, 3: 2}
    nodes = tree(Top="user", Loser=":Top", Survivor="executive:Loser")
    assert after_merge(nodes, 2, 3) == {3: None}
