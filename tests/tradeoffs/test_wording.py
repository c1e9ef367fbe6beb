"""What is said of a change once it is made: in the past, whatever its kind."""

from datetime import date

import pytest
from flask import Flask

from roadmap.domain import changes
from roadmap.domain.change import Change
from roadmap.domain.changes import KINDS, Promised, Requirement
from roadmap.models import Initiative, Team, Tradeoff
from roadmap.tradeoffs import wording
from tests.support.company import Company

pytestmark = pytest.mark.either

DAY, LATER = date(2027, 3, 5), date(2027, 4, 2)
WORK = (Requirement("Part", "1", "1", 10, None),)
DONE: list[tuple[Change, str]] = [
    (changes.Move("1", 2), "Moved “SSO” from 9 to 2."),
    (changes.Enter("1", 2, "candidate"), "Put “SSO” on the board at 2."),
    (changes.Leave("1", "shipped", shipped_on=DAY), "Shipped “SSO”."),
    (changes.Leave("1", "declined", "No"), "Declined “SSO”."),
    (changes.ChangeState("1", "committed", "candidate"),
     "Called “SSO” committed instead of candidate."),
    (changes.ChangeEffort("1", WORK, ()),
     "Changed the work of “SSO” from not estimated to 10 person-days."),
    (changes.ChangeNotBefore("1", None, DAY), "Let “SSO” start at any time."),
    (changes.ChangeNotBefore("1", DAY, None), "Let “SSO” start no earlier than 5 Mar 2027."),
    (changes.ChangeNeeds("1", (), ("2",)), "Changed what “SSO” needs."),
    (changes.ChangeTies("1", (), ()), "Changed the problems that “SSO” addresses."),
    (changes.ChangeCapacity("1", {}, {}), "Changed the capacity of “Core”."),
    (changes.ChangePromise("1", Promised(DAY, "Acme"), None),
     "Promised “SSO” to Acme for 5 Mar 2027."),
    (changes.ChangePromise("1", None, Promised(DAY, "Acme")),
     "Took back the promise of “SSO” to Acme for 5 Mar 2027."),
    (changes.ChangePromise("1", Promised(LATER, "Acme"), Promised(DAY, "Acme")),
     "Moved the date of “SSO” that Acme was promised from 5 Mar 2027 to 2 Apr 2027."),
    (changes.ChangePromise("1", Promised(DAY, "Bolt"), Promised(DAY, "Acme")),
     "Promised “SSO” to Bolt for 5 Mar 2027 instead of to Acme for 5 Mar 2027."),
    (changes.ChangeFiscalStart(2, 1), "Began the fiscal year in February."),
]  # fmt: skip


def entry(change: Change, **counted: int) -> Tradeoff:
    counts = ("delayed", "advanced", "pushed", "brought", "broken", "mended")
    about = Team(name="Core") if change.kind == "capacity" else None
    return Tradeoff(
        change=change.as_json(), from_rank=9, to_rank=2, team=about,
        initiative=None if about else Initiative(title="SSO"),
        **{f"{name}_count": 0 for name in counts} | {"pushed_amount": 0, "brought_amount": 0}
        | counted,
    )  # fmt: skip


def test_every_kind_of_change_is_said_in_the_past(app: Flask) -> None:
    Company(app)
    with app.app_context():
        assert [wording.done(entry(change)) for change, _ in DONE] == [words for _, words in DONE]
    assert {change.kind for change, _ in DONE} == set(KINDS)


def test_its_consequences_are_too(app: Flask) -> None:
    Company(app)
    with app.app_context():
        said = wording.done(entry(
            changes.Move("1", 2), delayed_count=2, advanced_count=1, pushed_count=2,
            pushed_amount=350_000_00, brought_count=1, brought_amount=120_000_00, broken_count=1,
            mended_count=2,
        ))  # fmt: skip
    assert said == (
        "Moved “SSO” from 9 to 2. It delayed 2 initiatives, brought 1 initiative forward, put "
        "$350K (2 deals) out of reach and brought $120K (1 deal) within reach: net −$230K. "
        "1 promise was broken. 2 promises were mended."
    )
