"""Two problems become one, or one two: which blockers stay, and whose they are."""

from datetime import UTC, datetime

from roadmap.domain.merging import Block, divide, pairs, ties_after


def block(id: int, deal: int = 1, source: str = "rep", *, counts: bool = True, day: int = 1,
          note: str = "", requests: tuple[int, ...] = ()) -> Block:  # fmt: skip
    at = datetime(2026, 11, day, tzinfo=UTC)
    return Block(id, deal, source, counts, at, note, frozenset(requests))


def test_only_the_same_deal_from_the_same_source_collides() -> None:
    here = [block(1), block(2, source="customer")]
    found = pairs(here, [block(3, deal=2), block(4, source="crm"), block(5)])
    assert [(pair.kept.id, pair.removed.id) for pair in found] == [(1, 5)]


def test_the_one_that_counts_stays_else_the_one_tied_first_else_the_survivors() -> None:
    (pair,) = pairs([block(1, counts=False)], [block(2, day=9)])
    assert pair.kept.id == 2
    (pair,) = pairs([block(1, day=9)], [block(2, day=3)])
    assert pair.kept.id == 2
    (pair,) = pairs([block(1)], [block(2)])
    assert pair.kept.id == 1


def test_no_words_are_lost_and_none_are_said_twice() -> None:
    (pair,) = pairs([block(1, note="We sign in by hand")], [block(2, note="Forty logins")])
    assert pair.note == "We sign in by hand\nForty logins"
    (pair,) = pairs([block(1, note="Same")], [block(2, note="Same")])
    assert pair.note == "Same"
    (pair,) = pairs([block(1)], [block(2, note="Only this")])
    assert pair.note == "Only this"


def test_a_tie_made_by_hand_stays_one_whoever_else_made_it() -> None:
    (pair,) = pairs([block(1, requests=(7,))], [block(2, requests=(8,))])
    assert pair.requests == {7, 8}
    (pair,) = pairs([block(1)], [block(2, requests=(8,))])
    assert pair.requests == frozenset()
    (pair,) = pairs([block(1, requests=(7,))], [block(2)])
    assert pair.requests == frozenset()


def test_solving_wins_over_contributing_from_either_side() -> None:
    here = {1: "solves", 2: "contributes", 3: "contributes"}
    coming = {1: "contributes", 2: "solves", 4: "contributes"}
    assert ties_after(here, coming) == {
        1: "solves", 2: "solves", 3: "contributes", 4: "contributes",
    }  # fmt: skip


def test_a_split_takes_deals_tied_by_hand_and_requests_with_what_rests_on_them() -> None:
    blocks = [
        block(1, deal=10), block(2, deal=11), block(3, deal=12, requests=(7,)),
        block(4, deal=13, requests=(7, 8)), block(5, deal=10, source="crm"),
        block(6, deal=10, source="customer", requests=(9,)),
    ]  # fmt: skip
    division = divide(blocks, deals={10, 12}, requests={7})
    assert division.moved == [1, 3, 5]
    assert division.copied == [(4, frozenset({7}))]
    assert divide(blocks, deals={12, 13}, requests=()) == ([], [], [])


def test_a_split_leaves_or_takes_a_copy_for_requests_that_relied_on_what_others_tied() -> None:
    tied = block(1, deal=10)._replace(relying=frozenset({7, 8}))
    assert divide([tied], deals={10}, requests={7}) == ([1], [], [(1, frozenset({8}))])
    assert divide([tied], deals=(), requests={7}) == ([], [(1, frozenset({7}))], [])
    assert divide([tied], deals={10}, requests={7, 8}) == ([1], [], [])


def test_what_interviews_made_gives_way_and_goes_only_where_nobody_else_made_it() -> None:
    said = block(1, note="Their words")._replace(said=True)
    (pair,) = pairs([said], [block(2, day=9, note="By hand")])
    assert (pair.kept.id, pair.said, pair.note, pair.requests) == (2, False, "By hand", frozenset())
    relied = said._replace(relying=frozenset({6}))
    (pair,) = pairs([relied], [block(2, day=9, requests=(7,))])
    assert (pair.kept.id, pair.said, pair.requests) == (2, False, frozenset({6, 7}))
    (pair,) = pairs([said], [block(2, day=9, note="More of them")._replace(said=True)])
    assert (pair.kept.id, pair.said, pair.note) == (1, True, "Their words\nMore of them")
