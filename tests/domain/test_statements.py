"""What was said of a deal adds up to reasons, each once, and to the problems that it counts for."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain import statements
from roadmap.domain.deals import LOST, OPEN, STATUSES
from roadmap.domain.statements import (
    CRM,
    DEAL_BREAKER,
    HAND,
    HINDRANCE,
    INTERVIEW,
    NICE_TO_HAVE,
    ORIGINS,
    REQUEST,
    SEVERITIES,
    Counted,
    Statement,
    counted,
    holds,
    outcome,
    parts,
    strength,
)
from roadmap.domain.winloss import BUCKETS, SOURCES, Reason


@st.composite
def said(draw: st.DrawFn) -> list[Statement]:
    count = draw(st.integers(0, 9))
    return [
        Statement(
            id,
            draw(st.sampled_from([None, 1, 2])),
            draw(st.sampled_from(BUCKETS)),
            draw(st.sampled_from(SOURCES)),
            draw(st.sampled_from(ORIGINS)),
            draw(st.integers(1, 5)),
            draw(st.sampled_from(SEVERITIES)),
        )
        for id in range(1, count + 1)
    ]


def test_three_requests_on_one_problem_are_one_reason_that_weighs_one() -> None:
    asked = [Statement(id, 7, "product", "rep", REQUEST) for id in (1, 2, 3)]
    assert counted(OPEN, asked) == {
        1: Counted(True, 1, 5),
        2: Counted(True, None, 5),
        3: Counted(True, None, 5),
    }
    assert outcome(OPEN, asked).reasons == (Reason("product", "rep", "7", 1),)


def test_interviews_add_up_and_what_a_hand_said_before_adds_nothing() -> None:
    heard = [
        Statement(1, 7, "product", "interview", HAND),
        Statement(2, 7, "product", "interview", INTERVIEW, 2),
        Statement(3, 7, "product", "interview", INTERVIEW, 3),
    ]
    assert outcome(OPEN, heard).reasons == (Reason("product", "interview", "7", 5),)
    assert outcome(OPEN, heard[:1]).reasons == (Reason("product", "interview", "7", 1),)


def test_reasons_without_a_problem_are_one_for_each_bucket_and_source() -> None:
    given_ = [
        Statement(1, None, "price", "rep", HAND),
        Statement(2, None, "price", "rep", REQUEST),
        Statement(3, None, "price", "customer", HAND),
    ]
    assert [reason.source for reason in outcome(OPEN, given_).reasons] == ["rep", "customer"]
    assert not any(each.counts for each in counted(LOST, given_).values())


@pytest.mark.parametrize("status", STATUSES)
@given(every=said())
def test_what_statements_come_to_is_what_a_naive_count_finds(
    status: str, every: list[Statement]
) -> None:
    found = counted(status, every)
    assert set(found) == {each.id for each in every}
    groups = defaultdict(list)
    for each in every:
        groups[each.root, each.bucket if each.root is None else None, each.source].append(each)
    for group in groups.values():
        interviews = sum(each.weight for each in group if each.origin == INTERVIEW)
        weight = interviews or max(each.weight for each in group)
        assert [found[each.id].weight for each in group] == [weight, *[None] * (len(group) - 1)]
    heard = {each.source for each in every} & {"customer", "interview"}
    best = {"interview"} & heard or heard
    unnamed = any(
        first.source in best and first.bucket == "product" and first.root is None
        for (first, *_) in groups.values()
    )
    for (root, _, source), group in groups.items():
        product = group[0].bucket == "product"
        speaks = source in best or (source in ("crm", "rep") and (not heard or unnamed))
        counts = root is not None and product and (status == OPEN or (status == LOST and speaks))
        assert all(found[each.id].counts == counts for each in group)
    strengths: dict[int | None, int] = defaultdict(int)
    for each in every:
        if found[each.id].counts:
            own = strength(each.source, each.severity)
            strengths[each.root] = max(own, strengths[each.root])
    assert outcome(status, every).problems == strengths
    for each in every:
        right = strengths[each.root] if found[each.id].counts else None
        assert found[each.id].strength == right


def test_how_severe_a_problem_is_its_strongest_source_says_and_among_equals_the_most_severe() -> (
    None
):
    said = [
        Statement(1, 7, "product", "rep", REQUEST, 1, DEAL_BREAKER),
        Statement(2, 7, "product", "customer", HAND, 1, NICE_TO_HAVE),
        Statement(3, 7, "product", "customer", REQUEST, 1, HINDRANCE),
        Statement(4, 8, "product", "crm", CRM),
    ]
    assert {id: parts(found) for id, found in outcome(OPEN, said).problems.items()} == {
        7: ("customer", HINDRANCE),
        8: ("crm", DEAL_BREAKER),
    }
    assert [holds(found) for found in outcome(OPEN, said).problems.values()] == [False, True]


def test_source_goes_before_severity() -> None:
    order = [strength(source, severity) for source in SOURCES for severity in SEVERITIES]
    assert order == sorted(set(order))
    assert SEVERITIES[-1] == DEAL_BREAKER
    assert statements.MOST_WEIGHT == 1000
