"""Replaying the ledger: what fits gives the order, what does not is named."""

from roadmap.checks.replay import Event, replay


def test_entries_moves_and_departures_give_the_order() -> None:
    found = replay(
        [
            Event(1, 10, None, 1),
            Event(2, 20, None, 2),
            Event(3, 30, None, 1),
            Event(4, 20, 3, 1),
            Event(5, 30, 2, None),
            Event(6, 30, None, 2),
        ]
    )
    assert found.order == [20, 30, 10]
    assert found.wrong == []


def test_an_event_that_does_not_fit_is_named_and_made_all_the_same() -> None:
    found = replay(
        [
            Event(1, 10, None, 1),
            Event(2, 20, None, 2),
            Event(3, 10, 2, 1),
            Event(4, 10, None, 2),
            Event(5, 99, 1, None),
            Event(6, 20, 1, 9),
        ]
    )
    assert found.order == [10, 20]
    assert found.wrong == [
        "trade-off 3 moves initiative 10 from rank 2, but it stood at 1",
        "trade-off 4 puts initiative 10 on the board a second time",
        "trade-off 5 moves initiative 99, which was not on the board then",
        "trade-off 6 puts initiative 20 at rank 9 of 2",
    ]
