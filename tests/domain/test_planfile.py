from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from roadmap.domain.changes import ChangeCapacity, ChangeFiscalStart, from_json
from roadmap.domain.plan import Deal, Initiative, Plan, Problem, Promise, Team, WorkItem
from roadmap.domain.planfile import PlanFileError, answer_by, answer_promotion, dump, load

FILE: dict[str, Any] = {
    "today": "2027-01-04",
    "teams": [{"id": "core", "people": {"2027Q1": 5.4, "2027Q2": 6}}, {"id": "web", "people": {}}],
    "initiatives": [
        {
            "id": "A",
            "rank": 2,
            "title": "Single sign-on",
            "state": "in progress",
            "owner": "ann",
            "not_before": "2027-02-01",
            "needs": ["B", "S"],
            "promised": [{"date": "2027-06-30", "to": "Acme"}],
            "work": [
                {"team": "core", "product": "app", "person_days": 12, "max_people": 1.2},
                {"team": "web", "product": "site", "person_days": None, "max_people": None},
            ],
        },
        {
            "id": "B",
            "rank": 1,
            "title": "Audit log",
            "state": "candidate",
            "owner": None,
            "not_before": None,
            "needs": [],
            "promised": [],
            "work": [{"team": "core", "product": "app", "person_days": 30, "max_people": None}],
        },
        {
            "id": "S",
            "rank": None,
            "title": "Shipped",
            "state": "shipped",
            "owner": None,
            "not_before": None,
            "needs": [],
            "promised": [],
            "work": [],
        },
    ],
    "problems": [{"id": "P", "initiatives": ["A", "B"]}],
    "deals": [
        {
            "id": "D",
            "status": "open",
            "amount": None,
            "icp_fit": 70,
            "needed_by": "2027-03-31",
            "blockers": ["P"],
        }
    ],
}

PLAN = Plan(
    today=date(2027, 1, 4),
    teams={"core": Team("core", {date(2027, 1, 1): 27, date(2027, 4, 1): 30}), "web": Team("web")},
    initiatives={
        "A": Initiative(
            id="A",
            title="Single sign-on",
            state="in progress",
            owner="ann",
            not_before=date(2027, 2, 1),
            needs=("B", "S"),
            promised=(Promise(date(2027, 6, 30), "Acme"),),
            work=(WorkItem("core", 12, 6, "app"), WorkItem("web", None, None, "site")),
        ),
        "B": Initiative("B", "Audit log", work=(WorkItem("core", 30, None, "app"),)),
        "S": Initiative("S", "Shipped", state="shipped"),
    },
    order=("B", "A"),
    problems={"P": Problem("P", ("A", "B"))},
    deals={"D": Deal("D", "open", None, 70, date(2027, 3, 31), ("P",))},
)


def copy() -> dict[str, Any]:
    file: dict[str, Any] = json.loads(json.dumps(FILE))
    return file


def test_a_file_is_a_plan_and_back() -> None:
    assert load(json.dumps(FILE)) == PLAN
    assert json.loads(dump(PLAN)) == FILE


def test_a_byte_order_mark_and_fields_beyond_the_schema_are_passed_over() -> None:
    file = copy()
    file["comment"] = {"nobody": "reads", "this": [1e9, None]}
    file["deals"][0]["stage"] = "proposal"
    assert load("\ufeff" + json.dumps(file)) == PLAN


@pytest.mark.parametrize("state", ["in progress", "in_progress", "in-progress"])
def test_in_progress_is_spelled_in_three_ways_and_written_in_one(state: str) -> None:
    file = copy()
    file["initiatives"][0]["state"] = state
    assert json.loads(dump(load(json.dumps(file)))) == FILE


@pytest.mark.parametrize("people", ["0.2", "5.4", "1e1", "0.0", "1000000000", "123456789.8"])
def test_people_are_exact_to_a_fifth(people: str) -> None:
    text = json.dumps(FILE).replace("5.4", people)
    days = load(text).teams["core"].days_per_week[date(2027, 1, 1)]
    assert days == round(float(people) * 5)
    assert load(dump(load(text))) == load(text)


def every_field(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all fields of all objects in a file, but for a team's quarters."""
    found = []
    if isinstance(value, dict) and "people" not in path:
        for name, inner in value.items():
            found += [(*path, name), *every_field(inner, (*path, name))]
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += every_field(inner, (*path, index))
    return found


def spelled(path: tuple[Any, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def with_value(path: tuple[Any, ...], value: Any, *, delete: bool = False) -> str:
    file = copy()
    at: Any = file
    for step in path[:-1]:
        at = at[step]
    if delete:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(file)


def place_of(text: str) -> str:
    with pytest.raises(PlanFileError) as caught:
        load(text)
    assert str(caught.value).startswith(caught.value.place)
    return caught.value.place


@pytest.mark.parametrize("path", every_field(FILE), ids=spelled)
def test_every_missing_field_is_named_with_its_place(path: tuple[Any, ...]) -> None:
    assert place_of(with_value(path, None, delete=True)) == spelled(path)


@pytest.mark.parametrize("path", every_field(FILE), ids=spelled)
@pytest.mark.parametrize("wrong", [True, {}, float("nan"), float("-inf"), -1, 10**30])
def test_every_value_of_a_wrong_type_is_named_with_its_place(
    path: tuple[Any, ...], wrong: Any
) -> None:
    if wrong == {} and path[-1] == "people":
        return
    assert place_of(with_value(path, wrong)) == spelled(path)


@pytest.mark.parametrize(
    ("path", "wrong", "place", "said"),
    [
        (["today"], "2027-02-30", "today", "no such day"),
        (["today"], "20270104", "today", "must be a date"),
        (["today"], "2027-W01-1", "today", "must be a date"),
        (["today"], "9999-01-01", "today", "9990"),
        (["teams", 1, "id"], "core", "teams[1].id", "twice"),
        (["teams", 1, "id"], "", "teams[1].id", "empty"),
        (["teams", 0, "people"], {"2027-1": 1}, "teams[0].people.2027-1", "quarter"),
        (["teams", 0, "people", "2027Q1"], 5.3, "teams[0].people.2027Q1", "multiple of 0.2"),
        (["teams", 0, "people", "2027Q1"], -0.2, "teams[0].people.2027Q1", "from 0"),
        (["teams", 0, "people", "2027Q1"], None, "teams[0].people.2027Q1", "not null"),
        (["teams", 0, "people", "2027Q1"], "5", "teams[0].people.2027Q1", "not text"),
        (["teams", 0, "people", "2027Q1"], 10**400, "teams[0].people.2027Q1", "from 0"),
        (["initiatives", 1, "id"], "A", "initiatives[1].id", "twice"),
        (["initiatives", 0, "rank"], 1, "initiatives[1].rank", '"A" has rank 1 too'),
        (["initiatives", 0, "rank"], 3, "initiatives[0].rank", "nobody has 2"),
        (["initiatives", 1, "rank"], 0, "initiatives[1].rank", "nobody has 1"),
        (["initiatives", 0, "rank"], None, "initiatives[0].rank", "on the board"),
        (["initiatives", 0, "rank"], 1.5, "initiatives[0].rank", "whole number"),
        (["initiatives", 2, "rank"], 3, "initiatives[2].rank", "off the board"),
        (["initiatives", 0, "state"], "doing", "initiatives[0].state", "candidate"),
        (["initiatives", 0, "needs"], ["Z"], "initiatives[0].needs[0]", 'no initiative "Z"'),
        (["initiatives", 0, "needs"], ["B", 1], "initiatives[0].needs[1]", "text"),
        (["initiatives", 1, "needs"], ["A"], "initiatives[0].needs", "A → B → A"),
        (["initiatives", 1, "needs"], ["B"], "initiatives[1].needs", "B → B"),
        (["initiatives", 0, "work", 0, "team"], "x", "initiatives[0].work[0].team", 'team "x"'),
        (
            ["initiatives", 0, "work", 1, "max_people"],
            0,
            "initiatives[0].work[1].max_people",
            "more than 0",
        ),
        (
            ["initiatives", 0, "work", 0, "person_days"],
            2.5,
            "initiatives[0].work[0].person_days",
            "whole number",
        ),
        (["initiatives", 0, "title"], "\ud800", "initiatives[0].title", "surrogate"),
        (["initiatives", 0], "A", "initiatives[0]", "must be an object"),
        (["problems", 0, "initiatives"], ["Z"], "problems[0].initiatives[0]", "initiative"),
        (["deals", 0, "status"], "Open", "deals[0].status", "open, won, lost"),
        (["deals", 0, "icp_fit"], 101, "deals[0].icp_fit", "from 0 to 100"),
        (["deals", 0, "amount"], 0.5, "deals[0].amount", "whole number"),
        (["deals", 0, "blockers"], ["Z"], "deals[0].blockers[0]", 'problem "Z"'),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(
    path: list[Any], wrong: Any, place: str, said: str
) -> None:
    text = with_value(tuple(path), wrong)
    assert place_of(text) == place
    with pytest.raises(PlanFileError, match=said):
        load(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1, column 1"),
        ('{"today":\n oops}', "line 2, column 2"),
        ('{"today": 1, "today": 2}', "today"),
        ("[]", ""),
        ("null", ""),
        ("[" * 100_000, ""),
    ],
)
def test_what_is_no_plan_at_all(text: str, place: str) -> None:
    assert place_of(text) == place


QUESTIONS: list[tuple[Callable[[], object], str]] = [
    (lambda: answer_promotion(PLAN, "Z", 1), 'there is no initiative "Z"'),
    (lambda: answer_promotion(PLAN, "S", 1), '"S" is shipped: it is not on the board'),
    (lambda: answer_promotion(PLAN, "A", 0), "rank 0 does not exist"),
    (lambda: answer_promotion(PLAN, "A", 3), "the board has ranks 1 to 2"),
    (lambda: answer_by(PLAN, "Z", date(2027, 1, 8)), 'there is no initiative "Z"'),
]


@pytest.mark.parametrize(("ask", "said"), QUESTIONS)
def test_questions_that_make_no_sense(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(PlanFileError, match=said):
        ask()


def simple_plan() -> Plan:
    """A (10 person-days) before B (10) on a team of 10: A in week 0, B in week 1."""
    file = copy()
    file["teams"] = [{"id": "core", "people": {"2027Q1": 2}}]
    first, second, _ = file["initiatives"]
    for entry, rank in ((first, 1), (second, 2)):
        entry |= {"rank": rank, "needs": [], "not_before": None, "promised": []}
        entry["work"] = [{"team": "core", "product": "", "person_days": 10, "max_people": None}]
    first["promised"] = [{"date": "2027-01-08", "to": "Acme"}]
    file["problems"] = [{"id": "P", "initiatives": ["A"]}, {"id": "Q", "initiatives": ["B"]}]
    deal = {"status": "open", "icp_fit": 50, "needed_by": "2027-01-08"}
    file["deals"] = [
        {**deal, "id": "D", "amount": 500, "blockers": ["P"]},
        {**deal, "id": "E", "amount": 300, "blockers": ["Q"]},
    ]
    return load(json.dumps(file))


WEEK_0 = {"state": "scheduled", "start": "2027-01-04", "finish": "2027-01-08", "last": 0}
WEEK_1 = {"state": "scheduled", "start": "2027-01-11", "finish": "2027-01-15", "last": 1}
TAKEN = {"kind": "capacity_taken", "id": "B", "person_days": 10}
MOVED: dict[str, object] = {
    "before": {"A": WEEK_0, "B": WEEK_1},
    "after": {"B": WEEK_0, "A": WEEK_1},
    "delayed": [
        {"id": "A", "from": "2027-01-08", "to": "2027-01-15", "weeks": 1, "cause": [TAKEN]}
    ],
    "advanced": [{"id": "B", "from": "2027-01-15", "to": "2027-01-08", "weeks": 1, "cause": []}],
    "pushed": ["D"],
    "brought": ["E"],
    "pushed_amount": 500,
    "brought_amount": 300,
    "net": -200,
    "broken": [{"id": "A", "date": "2027-01-08", "to": "Acme"}],
    "mended": [],
    "worsened": [],
    "closest_weeks": None,
    **{key: [] for key in ("closer", "safer", "later_still", "sooner_late")},
    **dict.fromkeys(
        ("closer_amount", "safer_amount", "later_still_amount", "sooner_late_amount"), 0
    ),
}


#: It is stored and compared, so it may not change from one version to the next.
FINGERPRINT = (
    "8a03d724f0ced75f433b1bdf.e86784cdbb1195868d76f5d8.a29704891a60c73b78a93f4d..."
    "15ee0ec602594d875c0debfa.df21a1cf6c62a9c116e717f4.4016c053b06036dd8b87db43...."
    "4757d3b1e025fa0063d3ff96"
)


def test_the_answer_to_a_promotion() -> None:
    answer = answer_promotion(simple_plan(), "B", 1)
    assert answer["fingerprint"] == FINGERPRINT
    assert answer == MOVED | {"fingerprint": FINGERPRINT}
    assert json.loads(json.dumps(answer)) == answer


def test_the_answer_to_a_date() -> None:
    assert answer_by(simple_plan(), "B", date(2027, 1, 8)) == {
        "rank": 1,
        "already_met": False,
        "ruled_out_by": None,
        **MOVED,
        "fingerprint": FINGERPRINT,
    }


@pytest.mark.parametrize(
    ("by", "rank", "already_met", "ruled_out_by"),
    [(date(2027, 1, 15), 2, True, None), (date(2027, 1, 7), None, False, "effort")],
)
def test_an_answer_without_a_move_has_an_empty_impact(
    by: date, rank: int | None, already_met: bool, ruled_out_by: str | None
) -> None:
    answer = answer_by(simple_plan(), "B", by)
    assert answer["rank"] == rank
    assert answer["already_met"] is already_met
    assert answer["ruled_out_by"] == ruled_out_by
    assert answer["before"] == answer["after"] == MOVED["before"]
    for empty in ("delayed", "advanced", "pushed", "brought", "broken", "mended"):
        assert answer[empty] == []
    assert answer["net"] == 0


def test_quarters_of_a_file_are_those_of_its_fiscal_year() -> None:
    plan = load(json.dumps({**FILE, "fiscal_start": 2}))

    # The fiscal year 2027 began in February 2026.
    assert plan.teams["core"].days_per_week == {date(2026, 2, 1): 27, date(2026, 5, 1): 30}
    assert load(dump(plan)) == plan
    for month in (0, 13, -1, "2", 1.5, None):
        with pytest.raises(PlanFileError, match="fiscal_start"):
            load(json.dumps({**FILE, "fiscal_start": month}))


def test_another_fiscal_year_moves_each_figure_to_the_quarter_with_most_of_its_months() -> None:
    plan = load(json.dumps(FILE))
    change = ChangeFiscalStart(2, 1)

    after = change.after(plan)

    assert after.teams["core"].days_per_week == {date(2027, 2, 1): 27, date(2027, 5, 1): 30}
    assert change.inverse(plan).after(after) == plan
    assert from_json(change.as_json()) == change


def test_the_ledgers_capacities_are_read_in_their_old_form_too() -> None:
    old = {"kind": "capacity", "team": "1", "days_per_week": {"2027Q1": 5}, "was": {"2026Q4": 10}}

    change = from_json(old)

    assert change == ChangeCapacity("1", {date(2027, 1, 1): 5}, {date(2026, 10, 1): 10})
    assert change.as_json()["days_per_week"] == {"2027-01-01": 5}
    assert from_json(change.as_json()) == change
