from datetime import date

import pytest

from roadmap.domain.promises import BROKEN, HOLDS, IN_DANGER, KEPT, MISSED, promise_state

TODAY, PROMISED = date(2027, 1, 4), date(2027, 3, 26)


@pytest.mark.parametrize(
    ("finish", "on_board", "today", "state"),
    [
        (date(2027, 2, 26), True, TODAY, HOLDS),
        (date(2027, 3, 5), True, TODAY, IN_DANGER),
        (PROMISED, True, PROMISED, IN_DANGER),
        (date(2027, 4, 2), True, TODAY, BROKEN),
        (None, True, TODAY, BROKEN),
        (date(2027, 4, 2), True, date(2027, 3, 27), MISSED),
        (PROMISED, False, date(2027, 6, 1), KEPT),
        (date(2027, 3, 27), False, date(2027, 6, 1), MISSED),
        (None, False, TODAY, MISSED),
    ],
)
def test_a_promise_is_judged_by_its_date_and_what_became_of_it(
    finish: date | None, on_board: bool, today: date, state: str
) -> None:
    assert promise_state(PROMISED, finish, on_board=on_board, today=today) == state
