"""Dispositions: what each step makes of where a request stands."""

from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from roadmap.domain import triage
from roadmap.domain.errors import Refused
from roadmap.domain.triage import Disposition
from roadmap.domain.winloss import OTHER_BUCKETS

DAY = date(2027, 1, 18)

dispositions = st.one_of(
    st.builds(Disposition, problem_id=st.none() | st.integers(1, 9)),
    st.builds(
        Disposition, st.just("confirmed"), st.integers(1, 9), quote_confirmed=st.booleans()
    ),
    st.builds(Disposition, st.just("merged"), merged_into_id=st.integers(1, 9)),
    st.builds(
        Disposition, st.just("elsewhere"), bucket=st.sampled_from(OTHER_BUCKETS),
        handed_to_id=st.integers(1, 9),
    ),
    st.builds(
        Disposition, st.just("asking"), waits_for=st.sampled_from(triage.WAITS_FOR),
        remind_on=st.dates(),
    ),
    st.builds(Disposition, st.just("declined"), problem_id=st.none() | st.integers(1, 9)),
)  # fmt: skip

STEPS = {
    "join": lambda d: d.join(1),
    "leave": lambda d: d.leave(),
    "confirm": lambda d: d.confirm(1, quote=True),
    "merge": lambda d: d.merge(2),
    "hand over": lambda d: d.hand_over("price", 3),
    "ask": lambda d: d.ask("rep", DAY),
    "answer": lambda d: d.answer(),
    "decline": lambda d: d.decline(),
}


@given(dispositions)
def test_what_is_stored_is_read_as_it_was(one: Disposition) -> None:
    assert Disposition.from_json(one.as_json()) == one


@given(dispositions, st.sampled_from(sorted(STEPS)))
def test_no_step_leads_to_what_the_database_would_refuse(one: Disposition, step: str) -> None:
    try:
        then = STEPS[step](one)
    except Refused:
        return
    assert then.state in triage.STATES
    assert (then.state == "merged") == (then.merged_into_id is not None)
    assert (then.state == "elsewhere") == (then.bucket is not None)
    assert (then.bucket is None) == (then.handed_to_id is None)
    assert (then.state == "asking") == (then.waits_for is not None)
    assert then.state != "confirmed" or then.problem_id is not None
    assert not then.quote_confirmed or then.state == "confirmed"


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (Disposition(), {"join", "confirm", "merge", "hand over", "ask", "decline"}),
        (Disposition(problem_id=1),
         {"join", "leave", "confirm", "merge", "hand over", "ask", "decline"}),
        (Disposition("asking", waits_for="rep", remind_on=DAY),
         {"join", "confirm", "merge", "hand over", "ask", "answer", "decline"}),
        (Disposition("confirmed", 1), {"confirm", "merge", "hand over", "decline"}),
        (Disposition("declined"), {"confirm", "merge", "hand over", "decline"}),
        (Disposition("merged", merged_into_id=2), set()),
    ],
    ids=lambda value: value.state if isinstance(value, Disposition) else "",
)  # fmt: skip
def test_which_steps_make_sense(state: Disposition, allowed: set[str]) -> None:
    found = set()
    for name, step in STEPS.items():
        try:
            step(state)
        except Refused:
            continue
        found.add(name)
    assert found == allowed


def test_a_question_and_a_refusal_keep_the_problem_that_was_thought_of() -> None:
    pending = Disposition().join(7)
    assert pending.ask("customer", DAY).problem_id == 7
    assert pending.ask("customer", DAY).answer() == pending
    assert pending.decline().problem_id == 7


def test_a_disposition_has_no_field_that_a_request_lacks() -> None:
    from roadmap.models import Request

    # Which problem it is about is read from its statement; all the rest stands in columns.
    assert {field.name for field in fields(Disposition)} <= set(
        inspect(Request).column_attrs.keys()
    )
