"""How a lost deal is split over the buckets, by hand and against plain loops over its reasons."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain import winloss
from roadmap.domain.splits import COLUMNS, NOT_GIVEN, said
from roadmap.domain.winloss import BUCKETS, SOURCES, Reason

REASONS = st.lists(
    st.builds(
        Reason,
        bucket=st.sampled_from(BUCKETS),
        source=st.sampled_from(SOURCES),
        problem=st.sampled_from([None, "1", "2"]),
        weight=st.integers(1, 1_000),
    ),
    max_size=8,
)


def test_equal_weights_split_a_deal_equally() -> None:
    found = said([Reason("product", "rep"), Reason("price", "crm")])
    assert found.split() == {"product": Fraction(1, 2), "price": Fraction(1, 2)}


def test_an_interview_s_weights_split_it_as_it_says_and_leave_the_claims_aside() -> None:
    found = said(
        [
            Reason("product", "rep"),
            Reason("price", "interview", weight=3),
            Reason("process", "interview", weight=1),
            Reason("presence", "customer"),
        ]
    )
    assert found.split() == {"price": Fraction(3, 4), "process": Fraction(1, 4)}
    assert found.false_loss


def test_the_customer_s_words_verify_where_there_was_no_interview() -> None:
    found = said([Reason("price", "crm"), Reason("product", "customer")])
    assert found.split() == {"product": Fraction(1)}
    assert found.hidden_product_loss


def test_a_deal_without_reasons_is_not_given() -> None:
    assert said([]).split() == {NOT_GIVEN: Fraction(1)}


def test_a_deal_adds_the_product_of_its_two_splits_to_each_cell() -> None:
    found = said(
        [
            Reason("product", "rep"),
            Reason("price", "rep"),
            Reason("price", "interview", weight=2),
            Reason("process", "interview", weight=1),
        ]
    )
    assert found.agreement() == {
        ("product", "price"): Fraction(1, 3),
        ("product", "process"): Fraction(1, 6),
        ("price", "price"): Fraction(1, 3),
        ("price", "process"): Fraction(1, 6),
    }


def test_a_claim_alone_is_on_no_cell() -> None:
    assert said([Reason("product", "rep")]).agreement() == {}


@given(REASONS)
def test_shares_sum_to_one_deal(reasons: list[Reason]) -> None:
    found = said(reasons)
    assert sum(found.split().values()) == 1
    assert set(found.split()) <= set(COLUMNS)
    assert sum(found.agreement().values()) == (1 if found.has_both else 0)


@given(REASONS)
def test_a_split_is_what_a_loop_over_the_reasons_finds(reasons: list[Reason]) -> None:
    interviews = [reason for reason in reasons if reason.source == "interview"]
    customers = [reason for reason in reasons if reason.source == "customer"]
    claims = [reason for reason in reasons if reason.source in ("crm", "rep")]
    chosen = interviews or customers or claims
    shares: dict[str, Fraction] = {}
    for reason in chosen:
        part = Fraction(reason.weight, sum(other.weight for other in chosen))
        shares[reason.bucket] = shares.get(reason.bucket, Fraction(0)) + part
    assert said(reasons).split() == (shares or {NOT_GIVEN: Fraction(1)})


@given(REASONS)
def test_false_and_hidden_losses_are_those_of_the_reasons(reasons: list[Reason]) -> None:
    found = said(reasons)
    assert found.false_loss == winloss.false_loss(reasons)
    assert found.hidden_product_loss == winloss.hidden_product_loss(reasons)
