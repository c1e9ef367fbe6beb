from __future__ import annotations

import pytest

from roadmap.domain.winloss import (
    Reason,
    claimed,
    counting_blockers,
    effective,
    false_loss,
    hidden_product_loss,
    strongest,
    verified,
    which_count,
)

CRM_P = Reason("product", "crm", "P")
REP_Q = Reason("product", "rep", "Q")
REP_PRICE = Reason("price", "rep")
SAID_P = Reason("product", "customer", "P")
SAID_PRICE = Reason("price", "customer")
HEARD_R = Reason("product", "interview", "R")
HEARD_PRODUCT = Reason("product", "interview")
HEARD_PROCESS = Reason("process", "interview")


def test_interviews_go_before_the_customers_words_and_these_before_claims() -> None:
    reasons = (CRM_P, REP_Q, SAID_PRICE, HEARD_R)
    assert claimed(reasons) == (CRM_P, REP_Q)
    assert verified(reasons) == effective(reasons) == (HEARD_R,)
    assert verified(reasons[:3]) == effective(reasons[:3]) == (SAID_PRICE,)
    assert verified(reasons[:2]) == ()
    assert effective(reasons[:2]) == (CRM_P, REP_Q)
    assert effective(()) == ()


@pytest.mark.parametrize(
    ("reasons", "false", "hidden"),
    [
        ((CRM_P, HEARD_PROCESS), True, False),
        ((CRM_P, SAID_PRICE), True, False),
        ((CRM_P, REP_PRICE, SAID_PRICE), True, False),  # some claimed reason is enough
        ((CRM_P, SAID_PRICE, HEARD_R), False, False),  # the interview decides, and says Product
        ((CRM_P,), False, False),  # nothing verified
        ((REP_PRICE, HEARD_R), False, True),
        ((REP_PRICE, SAID_PRICE), False, False),
        ((HEARD_R,), False, False),  # nothing claimed: neither
        ((HEARD_PROCESS,), False, False),
        ((), False, False),
    ],
)
def test_false_and_hidden_losses(reasons: tuple[Reason, ...], false: bool, hidden: bool) -> None:
    assert false_loss(reasons) == false
    assert hidden_product_loss(reasons) == hidden


@pytest.mark.parametrize(
    ("blockers", "reasons", "counting"),
    [
        # Only claims: those in the Product bucket.
        ((CRM_P, REP_Q), (REP_PRICE,), (CRM_P, REP_Q)),
        ((CRM_P, Reason("price", "rep", "Q")), (), (CRM_P,)),
        # Verified as something else: nothing counts from then on.
        ((CRM_P,), (HEARD_PROCESS,), ()),
        # Verified with its own problem: that one instead of the claimed.
        ((CRM_P, HEARD_R), (), (HEARD_R,)),
        # Verified as Product without saying which problem: the claimed ones stay.
        ((CRM_P, REP_Q), (HEARD_PRODUCT,), (CRM_P, REP_Q)),
        ((CRM_P, HEARD_R), (HEARD_PRODUCT,), (CRM_P, HEARD_R)),
        # The interview goes before the customer's own words.
        ((CRM_P, SAID_P, HEARD_R), (), (HEARD_R,)),
        ((SAID_P,), (HEARD_PROCESS,), ()),
        # A hidden product loss starts to count.
        ((HEARD_R,), (REP_PRICE,), (HEARD_R,)),
    ],
)
def test_the_blockers_of_a_lost_deal_count_by_its_effective_product_reasons(
    blockers: tuple[Reason, ...], reasons: tuple[Reason, ...], counting: tuple[Reason, ...]
) -> None:
    assert counting_blockers("lost", blockers, reasons) == counting


def test_an_open_deals_blockers_count_unless_triage_gave_them_another_bucket() -> None:
    blockers = (CRM_P, HEARD_R, Reason("price", "customer", "Q"))
    assert counting_blockers("open", blockers, (HEARD_PROCESS,)) == (CRM_P, HEARD_R)
    assert which_count("open", blockers) == [True, True, False]


def test_a_won_deal_has_no_counting_blockers() -> None:
    assert counting_blockers("won", (CRM_P, HEARD_R)) == ()


def test_the_strongest_source() -> None:
    assert strongest(["crm", "customer", "rep"]) == "customer"
    assert strongest([]) is None
