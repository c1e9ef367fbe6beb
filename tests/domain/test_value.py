"""Value worked out by hand, and its sums as properties. As of 31 August 2027."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain.statements import DEAL_BREAKER, HINDRANCE, NICE_TO_HAVE, strength
from roadmap.domain.value import (
    NOTHING,
    SCALE,
    DealEvidence,
    Figures,
    Weights,
    contributions,
    difference,
    suggested_order,
)
from roadmap.domain.winloss import SOURCES
from tests.domain.small import initiative, plan, work

TODAY = date(2027, 8, 31)
TIES = {"P": ("A",), "Q": ("A", "B")}
#: Deal breakers, by source.
CRM, REP, CUSTOMER, INTERVIEW = (strength(source, DEAL_BREAKER) for source in SOURCES)


def test_a_deal_counts_with_its_fit_evidence_and_share() -> None:
    # $1,000.00 at 80 % fit, heard in an interview for P (A only) and typed by a rep for Q (A, B).
    # Two initiatives share it: A 1000 * 0.8 * 1.0 / 2 = $400, B 1000 * 0.8 * 0.5 / 2 = $200.
    deal = DealEvidence("open", 100_000, 80, None, [("P", INTERVIEW), ("Q", REP)])
    figures = contributions([deal], TIES, TODAY)
    assert figures["A"].open_at_stake == 40_000
    assert figures["B"].open_at_stake == 20_000
    assert figures["A"] == Figures(
        open_count=1,
        open_amount=100_000,
        deal_count=1,
        fit_sum=80,
        verified_count=1,
        open_value=Fraction(40_000 * SCALE),
    )
    assert figures["B"].verified_count == 0


def test_each_deal_counts_once_with_its_strongest_source() -> None:
    # Both problems are A's: one deal, and the customer's own words (0.8) beat the pick-list.
    deal = DealEvidence("open", 1000, 100, None, [("P", CRM), ("R", CUSTOMER), ("P", REP)])
    figures = contributions([deal], {"P": ("A",), "R": ("A",)}, TODAY)
    assert figures["A"].open_count == 1
    assert figures["A"].open_at_stake == 800


@pytest.mark.parametrize(
    ("blockers", "cents"),
    [
        # $10 × evidence × severity: 0.5 for a hindrance, 0.1 for what would be nice to have.
        ([("P", strength("rep", HINDRANCE))], 250),
        ([("P", strength("interview", NICE_TO_HAVE))], 100),
        # The largest product counts, whichever source is the stronger.
        ([("P", strength("interview", NICE_TO_HAVE)), ("R", REP)], 500),
        ([("P", strength("customer", HINDRANCE)), ("R", CRM)], 400),
    ],
)
def test_what_is_no_deal_breaker_weighs_less(blockers: list[tuple[str, int]], cents: int) -> None:
    deal = DealEvidence("open", 1000, 100, None, blockers)
    figures = contributions([deal], {"P": ("A",), "R": ("A",)}, TODAY)["A"]
    assert figures.open_at_stake == cents
    assert figures.open_amount == 1000
    none = Weights(severity={"deal breaker": 0, "hindrance": 0, "nice to have": 0})
    assert contributions([deal], {"P": ("A",)}, TODAY, none)["A"].open_at_stake == 0


def test_thirds_stay_exact() -> None:
    deal = DealEvidence("open", 100, 100, None, [("P", INTERVIEW)])
    figures = contributions([deal] * 3, {"P": ("A", "B", "C")}, TODAY)
    assert figures["A"].open_at_stake == 100
    assert contributions([deal], {"P": ("A", "B", "C")}, TODAY)["A"].open_at_stake == Fraction(
        100, 3
    )


@pytest.mark.parametrize(
    ("closed", "counted"),
    [
        (date(2027, 2, 28), False),  # six months before: 31 February is clamped to the 28th
        (date(2027, 3, 1), True),
        (TODAY, True),
        (date(2027, 9, 1), False),
    ],
)
def test_the_trailing_window_is_after_its_start_up_to_and_including_today(
    closed: date, counted: bool
) -> None:
    deal = DealEvidence("lost", 1000, 50, closed, [("P", CRM)])
    figures = contributions([deal], TIES, TODAY)["A"]
    assert figures.lost_count == counted
    assert figures.lost_amount == 1000 * counted
    # Recoverable: 0.15 * 1000 * 0.5 * 0.3 = 22.5 cents.
    assert figures.recoverable(1500) == Fraction(45, 2) * counted
    assert (figures.lost_all_count, figures.lost_all_amount) == (1, 1000)


def test_undated_losses_are_left_out_and_named_and_unknown_amounts_too() -> None:
    deals = [
        DealEvidence("lost", 1000, 50, None, [("P", CRM)]),
        DealEvidence("lost", None, 50, TODAY, [("P", CRM)]),
        DealEvidence("open", None, 40, None, [("P", CRM)]),
        DealEvidence("won", 1000, 50, TODAY, [("P", CRM)]),
        DealEvidence("open", 1000, 50, None, [("nobody's", CRM)]),
    ]
    assert contributions(deals, TIES, TODAY) == {
        "A": Figures(
            open_count=1,
            open_unknown=1,
            lost_count=1,
            lost_unknown=1,
            lost_all_count=2,
            lost_all_amount=1000,
            lost_undated=1,
            deal_count=2,
            fit_sum=90,
        )
    }


def test_settings_change_evidence_window_and_recovery() -> None:
    weights = Weights(
        evidence={"crm": 10, "rep": 20, "customer": 30, "interview": 40}, window_months=1
    )
    deal = DealEvidence("lost", 1000, 100, date(2027, 7, 31), [("P", CRM)])
    assert contributions([deal], TIES, TODAY, weights)["A"].lost_count == 0
    deal = deal._replace(closed=date(2027, 8, 1))
    # 0.5 * 1000 * 1 * 0.1 = 50.
    assert contributions([deal], TIES, TODAY, weights)["A"].value(5000) == 50


def test_the_suggested_order_is_by_value_per_person_week() -> None:
    # A: 900 cents over 10 person-days = 2 person-weeks: 450 a week. B: 500 over 5 days: 500.
    # C and D: nothing at stake, ties by rank. E is done, F unestimated: last, in rank order.
    board = plan(
        initiative("F"),
        initiative("A", work(10)),
        initiative("C", work(1)),
        initiative("E", work(0)),
        initiative("D", work(99)),
        initiative("B", work(5)),
    )
    figures = {
        "A": Figures(open_value=Fraction(900 * SCALE)),
        "B": Figures(open_value=Fraction(350 * SCALE), lost_value=Fraction(1000 * SCALE)),
    }
    assert [
        (row.id, row.place, row.rank, row.score, row.without)
        for row in suggested_order(board, figures, 1500)
    ] == [
        ("B", 1, 6, Fraction(500), None),
        ("A", 2, 2, Fraction(450), None),
        ("C", 3, 3, Fraction(0), None),
        ("D", 4, 5, Fraction(0), None),
        ("F", 5, 1, None, "unestimated"),
        ("E", 6, 4, None, "nothing left"),
    ]


def test_scores_that_differ_by_almost_nothing_are_still_told_apart() -> None:
    board = plan(initiative("A", work(5)), initiative("B", work(5)))
    tiny = Fraction(1, 10**40)
    figures = {
        "A": Figures(open_value=Fraction(1)),
        "B": Figures(open_value=1 + tiny),
    }
    assert [row.id for row in suggested_order(board, figures, 0)] == ["B", "A"]


problems = st.sampled_from("PQRS")
deals = st.lists(
    st.builds(
        DealEvidence,
        st.sampled_from(["open", "lost", "won"]),
        st.one_of(st.none(), st.integers(0, 10**9)),
        st.integers(0, 100),
        st.one_of(st.none(), st.dates(date(2026, 12, 1), date(2027, 9, 30))),
        st.lists(st.tuples(problems, st.integers(0, INTERVIEW)), max_size=4),
    ),
    max_size=12,
)
ties = st.dictionaries(problems, st.lists(st.sampled_from("ABCDE"), max_size=4, unique=True))


@given(deals, ties)
def test_the_boards_total_never_exceeds_the_deals_total(
    deals: list[DealEvidence], ties: dict[str, list[str]]
) -> None:
    figures = contributions(deals, ties, TODAY).values()
    for status, total in (
        ("open", sum(part.open_at_stake for part in figures)),
        ("lost", sum(part.lost_value / SCALE for part in figures)),
    ):
        weighted = sum((d.amount or 0) * d.fit for d in deals if d.status == status)
        assert total <= Fraction(weighted, 100)


@given(deals, deals, deals, ties)
def test_totals_kept_by_difference_equal_totals_counted_afresh(
    kept: list[DealEvidence],
    old: list[DealEvidence],
    new: list[DealEvidence],
    ties: dict[str, list[str]],
) -> None:
    stored = contributions([*kept, *old], ties, TODAY)
    change = difference(contributions(old, ties, TODAY), contributions(new, ties, TODAY))
    for id, figures in change.items():
        stored[id] = stored.get(id, NOTHING) + figures
    afresh = contributions([*kept, *new], ties, TODAY)
    assert {id: figures for id, figures in stored.items() if figures != NOTHING} == afresh
