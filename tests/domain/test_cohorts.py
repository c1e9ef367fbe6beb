"""Cohorts are compared at equal ages, and a young one is told from a good one."""

from datetime import date
from fractions import Fraction

from roadmap.domain.cohorts import Outcome, cohorts, label
from roadmap.domain.trend import month_of

JANUARY = month_of(date(2026, 1, 1))


def lost(opened: int, closed: int | None, deals: int = 1) -> Outcome:
    return Outcome(opened, "lost", closed, deals, 100 * deals, 0)


def test_a_quarter_takes_the_deals_of_its_three_months() -> None:
    found = cohorts(
        [
            lost(JANUARY, JANUARY + 1, 2),
            Outcome(JANUARY + 2, "won", JANUARY + 4, 3, 900, 1),
            Outcome(JANUARY + 3, "open", None, 5, 0, 5),
        ],
        3,
    )
    assert [label(each) for each in found] == ["Q1 2026", "Q2 2026"]
    first, second = found
    assert (first.opened, first.lost.deals, first.won.deals, first.open.deals) == (5, 2, 3, 0)
    assert (first.won.amount, first.won.unknown) == (900, 1)
    assert (second.open.deals, second.open.unknown) == (5, 5)


def test_each_deal_is_as_old_as_the_months_after_its_own() -> None:
    (found,) = cohorts([lost(JANUARY, JANUARY + 3), lost(JANUARY, JANUARY + 4)], 1)
    assert found.lost_by_age == {3: 1, 6: 2, 12: 2}
    assert found.lost_at(3, date(2027, 1, 11)) == Fraction(1, 2)


def test_a_cohort_is_too_young_until_its_last_month_has_that_many_behind_it() -> None:
    (found,) = cohorts([lost(JANUARY, JANUARY)], 3)
    # Opened up to 31 March: three whole months later is the end of June.
    assert found.lost_at(3, date(2026, 6, 29)) is None
    assert found.lost_at(3, date(2026, 6, 30)) == 1


def test_a_loss_without_a_day_is_lost_at_no_age() -> None:
    (found,) = cohorts([lost(JANUARY, None), lost(JANUARY, JANUARY)], 1)
    assert found.undated == 1
    assert found.lost.deals == 2
    assert found.lost_at(12, date(2028, 1, 1)) == Fraction(1, 2)


def test_months_are_named_as_people_write_them() -> None:
    (found,) = cohorts([lost(JANUARY, JANUARY)], 1)
    assert label(found) == "Jan 2026"
