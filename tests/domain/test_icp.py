from __future__ import annotations

import pytest

from roadmap.domain.icp import Account, Criterion, fit, meets_all, segment_of

BANK = Criterion("industry", "any_of", ("Banking", "Insurance"), weight=3)
LARGE = Criterion("employees", "between", (500, 5000), weight=2)
NORDIC = Criterion("region", "is", ("Nordics",))
RICH = Criterion("revenue", "at_least", ("1000000.50",))


def test_the_fit_is_the_weighted_share_of_criteria_met_rounded_half_up() -> None:
    # Met: 3 + 2 of 3 + 2 + 1 + 1 = 7, so 500/7 = 71.4 %.
    account: Account = {"industry": " banking", "employees": 500, "region": "DACH"}
    result = fit(account, [BANK, LARGE, NORDIC, RICH])
    assert result.percent == 71
    assert result.met == (BANK, LARGE)
    assert result.unmet == (NORDIC,)
    assert result.missing == (RICH,)
    assert not result.no_criteria


def test_half_a_percent_is_rounded_up() -> None:
    # 1 of 8 is 12.5 %.
    rest = Criterion("revenue", "at_most", (0,), weight=7)
    assert fit({"region": "NORDICS", "revenue": 1}, [NORDIC, rest]).percent == 13


def test_without_criteria_the_fit_is_0_and_says_so() -> None:
    assert fit({"industry": "Banking"}, []).percent == 0
    assert fit({"industry": "Banking"}, []).no_criteria


@pytest.mark.parametrize(
    ("criterion", "value", "met"),
    [
        (NORDIC, "nordics", True),
        (NORDIC, "  NORDICS ", True),
        (NORDIC, "Nordic", False),
        (NORDIC, "", None),
        (NORDIC, None, None),
        (LARGE, 5000, True),
        (LARGE, "5000", True),
        (LARGE, 5001, False),
        (LARGE, 499.9, False),
        (LARGE, "many", None),
        (LARGE, True, None),
        (LARGE, float("nan"), None),
        (RICH, "1000000.5", True),
        (RICH, "1000000.49", False),
        (Criterion("employees", "at_most", (10,)), 10, True),
        (Criterion("employees", "at_most", (10,)), 11, False),
        (Criterion("employees", "is", (10,)), 10, True),
    ],
)
def test_criteria(criterion: Criterion, value: object, met: bool | None) -> None:
    assert criterion.met_by({criterion.attribute: value}) is met


@pytest.mark.parametrize(
    ("operator", "values", "weight"),
    [
        ("like", ("x",), 1),
        ("is", (), 1),
        ("is", ("a", "b"), 1),
        ("any_of", (), 1),
        ("between", (1,), 1),
        ("at_least", ("many",), 1),
        ("is", ("a",), 0),
    ],
)
def test_criteria_that_make_no_sense_are_refused(
    operator: str, values: tuple[object, ...], weight: int
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Criterion("industry", operator, values, weight)


def test_an_account_belongs_to_the_first_segment_whose_rules_it_meets() -> None:
    segments = [("large banks", (BANK, LARGE)), ("banks", (BANK,)), ("everybody", ())]
    assert segment_of({"industry": "banking", "employees": 900}, segments) == "large banks"
    assert segment_of({"industry": "banking", "employees": 9}, segments) == "banks"
    assert segment_of({"industry": "retail"}, segments) is None


def test_no_rules_are_met_by_nobody() -> None:
    assert not meets_all({}, ())
