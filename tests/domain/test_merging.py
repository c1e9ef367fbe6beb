"""Two problems become one: how initiatives address what comes of it, and what stands for both."""

from roadmap.domain.merging import survivor, ties_after


def test_solving_wins_over_contributing_from_either_side() -> None:
    here = {1: "solves", 2: "contributes", 3: "contributes"}
    coming = {1: "contributes", 2: "solves", 4: "contributes"}
    assert ties_after(here, coming) == {
        1: "solves", 2: "solves", 3: "contributes", 4: "contributes",
    }  # fmt: skip


def test_what_was_merged_again_and_again_is_where_the_last_went() -> None:
    into = {1: 2, 2: 3}
    assert [survivor(id, into.get) for id in (1, 2, 3)] == [3, 3, 3]
    assert survivor(1, {1: 2, 2: 1}.get) == 2
