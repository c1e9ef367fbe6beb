"""What is worth telling about a forecast: crossed quarters and dates of deals, not every slip."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain import news as rules
from roadmap.domain.calendar import quarter
from roadmap.domain.deals import BEFORE_ALL
from roadmap.domain.news import (
    EARLIER,
    IN_TIME,
    KINDS,
    LATER,
    MISSED,
    News,
    Standing,
)
from roadmap.domain.plan import STATES

news = partial(rules.news, fiscal_start=1)

MARCH, LATE_MARCH, JUNE = date(2027, 3, 5), date(2027, 3, 26), date(2027, 6, 11)

days = st.dates(date(2026, 1, 1), date(2029, 12, 31))
finishes = st.one_of(st.none(), st.just(BEFORE_ALL), days)
ids = st.sampled_from(["1", "2", "3"])
standings = st.builds(
    Standing,
    finish=finishes,
    initiatives=st.dictionaries(ids, st.sampled_from(STATES)),
    deals=st.dictionaries(ids, st.booleans()),
)


def at(finish: date | None, deals: Mapping[str, bool] | None = None, **states: str) -> Standing:
    """A standing; initiatives by keyword, `_7="committed"`."""
    return Standing(finish, {id[1:]: state for id, state in states.items()}, deals or {})


def test_nothing_is_news_to_those_who_were_never_told() -> None:
    now = at(MARCH, {"1": False}, _7="shipped")
    assert news(Standing.from_json({}), now) == ([], now)


def test_a_slip_past_a_deals_date_is_told_with_the_slip_as_one() -> None:
    found, told = news(at(MARCH, {"1": True, "2": True}), at(JUNE, {"1": False, "2": True}))
    assert found == [News(MISSED, ("1",), MARCH, JUNE)]
    assert found[0].urgent
    assert told.finish == JUNE


def test_a_deal_may_be_missed_within_the_quarter() -> None:
    found, told = news(at(MARCH, {"1": True}), at(LATE_MARCH, {"1": False}))
    assert found == [News(MISSED, ("1",), MARCH, LATE_MARCH)]
    assert told.finish == LATE_MARCH


def test_a_deal_that_needs_it_sooner_is_missed_although_nothing_slipped() -> None:
    found, _ = news(at(MARCH, {"1": True}), at(MARCH, {"1": False}))
    assert found == [News(MISSED, ("1",), MARCH, MARCH)]
    assert not found[0].moved


def test_a_deal_missed_while_the_forecast_comes_forward_is_told_apart_from_that() -> None:
    found, told = news(at(JUNE, {"1": True}), at(MARCH, {"1": False}))
    assert found == [News(MISSED, ("1",), MARCH, MARCH), News(EARLIER, (), JUNE, MARCH)]
    assert told.finish == MARCH


def test_one_deal_lost_and_another_won_back_are_two_pieces() -> None:
    found, _ = news(at(MARCH, {"1": True, "2": False}), at(JUNE, {"1": False, "2": True}))
    assert found == [News(MISSED, ("1",), MARCH, JUNE), News(IN_TIME, ("2",), JUNE, JUNE)]


def test_coming_forward_brings_a_deal_in_time_and_says_so_once() -> None:
    found, _ = news(at(JUNE, {"1": False}), at(MARCH, {"1": True}))
    assert found == [News(IN_TIME, ("1",), JUNE, MARCH)]
    assert not found[0].urgent


def test_slips_within_the_quarter_add_up_until_they_leave_it() -> None:
    told = at(date(2027, 1, 8))
    for week in range(1, 12):
        found, told = news(told, at(date(2027, 1, 8) + timedelta(weeks=week)))
        assert not found
        assert told.finish == date(2027, 1, 8)

    found, told = news(told, at(date(2027, 4, 2)))

    assert found == [News(LATER, (), date(2027, 1, 8), date(2027, 4, 2))]
    assert told.finish == date(2027, 4, 2)


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [(MARCH, None, LATER), (None, MARCH, EARLIER), (MARCH, BEFORE_ALL, EARLIER),
     (BEFORE_ALL, JUNE, LATER), (BEFORE_ALL, None, LATER)],
)  # fmt: skip
def test_losing_or_gaining_a_date_is_news(was: date | None, now: date | None, kind: str) -> None:
    assert news(at(was), at(now))[0] == [News(kind, (), was, now)]


@pytest.mark.parametrize(
    ("was", "now", "kinds"),
    [
        ("candidate", "committed", ["committed"]),
        ("candidate", "in progress", ["committed"]),
        ("committed", "in progress", []),
        ("in progress", "committed", []),
        ("in progress", "candidate", []),
        ("in progress", "shipped", ["shipped"]),
        ("candidate", "declined", ["declined"]),
        ("declined", "candidate", []),
        ("declined", "committed", ["committed"]),
        (None, "candidate", []),
        (None, "committed", ["committed"]),
        (None, "shipped", ["shipped"]),
        (None, "declined", []),
        ("committed", None, []),
    ],
)
def test_what_an_initiative_came_to(was: str | None, now: str | None, kinds: list[str]) -> None:
    found, told = news(
        at(MARCH, **({"_7": was} if was else {})), at(MARCH, **({"_7": now} if now else {}))
    )
    assert [item.kind for item in found] == kinds
    assert all(item.initiative == "7" for item in found)
    assert told.initiatives.get("7") == now


def test_what_shipped_is_not_told_as_a_forecast_that_came_forward_too() -> None:
    found, told = news(at(MARCH, _7="in progress"), at(BEFORE_ALL, _7="shipped"))
    assert [item.kind for item in found] == ["shipped"]
    assert told.finish == BEFORE_ALL


def test_shipping_one_of_two_leaves_the_forecast_to_be_told() -> None:
    found, _ = news(
        at(MARCH, _7="in progress", _8="candidate"), at(JUNE, _7="shipped", _8="candidate")
    )
    assert [item.kind for item in found] == ["later", "shipped"]


def test_deals_that_appear_or_vanish_are_remembered_in_silence() -> None:
    found, told = news(at(MARCH, {"1": True}), at(MARCH, {"2": False}))
    assert not found
    assert told.deals == {"2": False}


def test_what_was_stored_by_an_older_version_can_be_read() -> None:
    assert Standing.from_json({"finish": None}) == Standing()
    assert Standing.from_json({}) is None


@given(standings)
def test_it_comes_back_from_json_as_it_was(standing: Standing) -> None:
    assert Standing.from_json(json.loads(json.dumps(standing.as_json()))) == standing


@given(standings)
def test_nothing_new_is_no_news(standing: Standing) -> None:
    assert news(standing, standing) == ([], standing)


@given(standings, standings)
def test_what_was_told_is_not_told_again(told: Standing, now: Standing) -> None:
    _, then = news(told, now)
    assert news(then, now) == ([], then)


@given(standings, standings)
def test_all_but_the_date_is_remembered_as_it_is(told: Standing, now: Standing) -> None:
    _, then = news(told, now)
    assert (then.deals, then.initiatives) == (now.deals, now.initiatives)
    assert then.finish in (told.finish, now.finish)


@given(standings, standings)
def test_each_deal_that_crossed_is_named_once_and_no_other(told: Standing, now: Standing) -> None:
    found, _ = news(told, now)
    crossed = {id for id in told.deals.keys() & now.deals.keys() if told.deals[id] != now.deals[id]}
    named = [(item.kind, id) for item in found for id in item.deals]
    assert sorted(named) == sorted((IN_TIME if now.deals[id] else MISSED, id) for id in crossed)


@given(standings, standings)
def test_only_a_missed_date_is_urgent_and_comes_first(told: Standing, now: Standing) -> None:
    found, _ = news(told, now)
    assert all(item.kind in KINDS for item in found)
    assert [item.urgent for item in found] == sorted((item.urgent for item in found), reverse=True)


@given(standings, standings)
def test_a_move_is_said_once_and_only_as_it_was(told: Standing, now: Standing) -> None:
    found, _ = news(told, now)
    moves = [item for item in found if item.moved]
    assert len(moves) <= 1
    assert all((item.was, item.now) == (told.finish, now.finish) for item in moves)


@given(st.lists(days, min_size=2))
def test_however_it_creeps_the_date_that_people_know_is_in_its_quarter(path: list[date]) -> None:
    told = at(path[0])
    for day in path[1:]:
        found, told = news(told, at(day))
        assert told.finish is not None
        assert quarter(told.finish, 1) == quarter(day, 1)
        assert len(found) <= 1
