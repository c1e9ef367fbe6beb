"""The database itself refuses what makes no sense, whoever writes it.

Every CHECK, UNIQUE, FOREIGN KEY and NOT NULL of the models is tried by plain SQL; one that nobody
thought of here fails a test.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
    delete,
    insert,
    null,
)
from sqlalchemy.exc import IntegrityError

from roadmap.models.base import MOST_CENTS, MOST_DAYS
from tests.storage.rows import DAY, NOW, TABLES, add, count, valid

#: SQLite names no foreign key; whatever is in the ledger stays there for another reason, too.
NOWHERE = "FOREIGN KEY constraint failed"
FINAL = "the ledger is never edited or deleted"

#: Both columns hold one and the same initiative.
ITSELF: dict[str, Any] = {"initiative_id": None, "needed_id": None}

#: For each CHECK, rows that break it and nothing else.
BROKEN: Mapping[str, list[dict[str, Any]]] = {
    "ck_account_names_merged_whole": [{"moved": None}, {"external_id": None}, {"former_id": None}],
    "ck_account_names_not_into_itself": [{"account_id": 5_000, "former_id": 5_000}],
    "ck_accounts_employees_range": [{"employees": -1}],
    "ck_accounts_fit_range": [{"fit": -1}, {"fit": 101}],
    "ck_accounts_revenue_range": [{"revenue": -1}],
    "ck_capacities_days_per_week_range": [{"days_per_week": -1}, {"days_per_week": 5001}],
    "ck_deals_amount_source_listed": [{"amount": 1, "amount_source": "guess"}],
    "ck_deals_source_of_amount": [{"amount": None, "amount_source": "average"}],
    "ck_conversations_ask_stands": [{"state": "cancelled"}],
    "ck_conversations_held_on_day": [{"state": "held"}],
    "ck_conversations_kind_listed": [{"kind": "letter"}],
    "ck_conversations_loss_of_deal": [{"kind": "loss interview"}],
    "ck_conversations_revision_range": [{"revision": -1}],
    "ck_conversations_spoke_layer_listed": [{"spoke_layer": "nobody"}],
    "ck_conversations_state_listed": [{"state": "forgotten"}],
    "ck_deal_reports_against_listed": [{"against": "the weather"}],
    "ck_deal_reports_bucket_listed": [{"bucket": "luck"}],
    "ck_deal_reports_outcome_listed": [{"outcome": "open"}],
    "ck_deals_amount_range": [{"amount": -1}, {"amount": MOST_CENTS + 1}],
    "ck_deals_lost_to_listed": [{"lost_to": "the weather"}],
    "ck_deals_lost_to_only_lost": [
        {"status": "open", "lost_to": "competitor"},
        {"status": "won", "lost_to": "unknown"},
    ],
    "ck_deals_probability_range": [{"probability": -1}, {"probability": 101}],
    "ck_deal_dates_hand_is_nobody_else": [{"origin_id": 1}, {"origin": "import"}],
    "ck_deal_dates_origin_listed": [{"origin": "rumour", "origin_id": 1}],
    "ck_deals_status_listed": [{"status": "closed"}, {"status": "Open"}],
    "ck_icp_criteria_operator_listed": [{"operator": "like"}],
    "ck_icp_criteria_weight_range": [{"weight": 0}, {"weight": 1001}],
    "ck_initiative_problems_kind_listed": [{"kind": "eases"}],
    "ck_imports_applied_dated": [{"state": "applied"}, {"applied_at": NOW}],
    "ck_imports_attempt_range": [{"attempt": -1}],
    "ck_imports_done_range": [{"done": -1}],
    "ck_imports_reverted_dated": [
        {"state": "reverted", "applied_at": NOW},
        {"state": "applied", "applied_at": NOW, "reverted_at": NOW},
    ],
    "ck_imports_state_listed": [{"state": "half done"}],
    "ck_imports_total_range": [{"total": -1}],
    "ck_initiatives_declined_with_reason": [
        {"state": "declined", "position": None},
        {"decline_reason": "No longer wanted"},
    ],
    "ck_initiatives_kind_listed": [{"kind": "tactical"}],
    "ck_initiatives_position_on_board": [
        {"position": None},
        {"state": "committed", "position": None},
        {"state": "in progress", "position": None},
        {"state": "shipped", "shipped_on": DAY},
        {"state": "declined", "decline_reason": "Too costly"},
    ],
    "ck_initiatives_shipped_on_day": [
        {"state": "shipped", "position": None},
        {"shipped_on": DAY},
    ],
    "ck_initiatives_state_listed": [{"state": "parked", "position": None}],
    "ck_loss_words_bucket_decided": [{"bucket": "price"}],
    "ck_loss_words_bucket_listed": [{"bucket": "weather", "decided_at": NOW}],
    "ck_loss_words_problem_of_product": [{"problem_id": 1, "bucket": "price", "decided_at": NOW}],
    "ck_statements_amount_then_range": [{"amount_then": -1}, {"amount_then": MOST_CENTS + 1}],
    "ck_statements_bucket_listed": [{"bucket": "luck"}, {"bucket": ""}, {"bucket": "Product"}],
    "ck_statements_counts_for_a_problem": [{"problem_id": 1, "root_id": None}],
    "ck_statements_counts_for_its_root": [{"counts": True, "problem_strength": 5}],
    "ck_statements_counts_with_strength": [{"problem_strength": 5}],
    "ck_statements_ended_is_silent": [{"ended_at": NOW}],
    "ck_statements_fit_then_range": [{"fit_then": -1}, {"fit_then": 101}],
    "ck_statements_hand_is_nothing_else": [{"origin": "hand", "origin_id": 1}],
    "ck_statements_of_a_deal": [{"deal_id": None}],
    "ck_statements_origin_known": [{"origin": "request"}, {"origin": "report"}],
    "ck_statements_origin_listed": [{"origin": "rumour", "origin_id": 1}],
    "ck_statements_reason_weight_range": [{"reason_weight": 0}, {"reason_weight": 1001}],
    "ck_statements_severity_listed": [{"severity": "grave"}],
    "ck_statements_source_listed": [{"source": "rumour"}],
    "ck_statements_strength_of_both": [{"strength": 4}, {"source": "customer"}],
    "ck_statements_weight_range": [{"weight": 0}, {"weight": 1001}],
    "ck_stage_words_meaning_listed": [{"meaning": "perhaps"}],
    "ck_stage_words_setting_listed": [{"setting": "columns"}],
    "ck_staged_accounts_action_listed": [{"action": "deleted"}],
    "ck_staged_deals_action_listed": [{"action": "deleted"}],
    "ck_staged_requests_action_listed": [{"action": "deleted"}],
    "ck_needs_not_itself": [ITSELF],
    "ck_notices_kind_listed": [{"kind": "gossip"}],
    "ck_outbox_attempts_range": [{"attempts": -1}],
    "ck_outbox_kind_listed": [{"kind": "circular"}],
    "ck_problem_steps_kind_listed": [{"kind": "rename"}],
    "ck_problems_not_above_itself": [{"id": 5_000, "parent_id": 5_000}],
    "ck_problems_not_into_itself": [{"id": 5_000, "merged_into_id": 5_000}],
    "ck_problems_layer_listed": [{"layer": "nobody"}],
    "ck_problems_revision_range": [{"revision": -1}],
    "ck_request_deals_amount_then_range": [{"amount_then": -1}, {"amount_then": MOST_CENTS + 1}],
    "ck_request_deals_fit_then_range": [{"fit_then": -1}, {"fit_then": 101}],
    "ck_request_events_kind_listed": [{"kind": "forgotten"}],
    "ck_requests_asking_somebody": [{"state": "asking"}, {"waits_for": "rep"}],
    "ck_requests_bucket_listed": [{"state": "elsewhere", "bucket": "product", "handed_to_id": 1}],
    "ck_requests_consequence_listed": [{"consequence": "doom"}],
    "ck_requests_elsewhere_bucket": [{"state": "new", "bucket": "price", "handed_to_id": 1}],
    "ck_requests_elsewhere_owned": [{"state": "elsewhere", "bucket": "price"}],
    "ck_requests_merged_into": [{"state": "merged"}],
    "ck_requests_not_into_itself": [{"id": 5_000, "merged_into_id": 5_000}],
    "ck_requests_quote_of_confirmed": [{"quote_confirmed": True}],
    "ck_requests_revision_range": [{"revision": -1}],
    "ck_requests_said_by_layer_listed": [{"said_by_layer": "nobody"}],
    "ck_requests_said_by_listed": [{"said_by": "rumour"}],
    "ck_requests_severity_listed": [{"severity": "grave"}],
    "ck_requests_state_listed": [{"state": "lost"}],
    "ck_requests_waits_for_listed": [{"state": "asking", "waits_for": "godot"}],
    "ck_segment_answers_answer_listed": [{"answer": "wait"}],
    "ck_segment_answers_fit_range": [{"fit": -1}, {"fit": 101}],
    "ck_segment_answers_lost_count_range": [{"lost_count": -1}],
    "ck_segment_answers_open_count_range": [{"open_count": -1}],
    "ck_segment_answers_until_later": [{"until": DAY.replace(year=2026)}],
    "ck_segment_answers_won_count_range": [{"won_count": -1}],
    "ck_script_questions_bucket_listed": [{"bucket": "luck"}],
    "ck_tradeoff_deals_direction_listed": [{"direction": "delayed"}],
    "ck_tradeoff_forecasts_direction_listed": [{"direction": "pushed"}],
    "ck_tradeoff_promises_direction_listed": [{"direction": "pushed"}],
    "ck_tradeoffs_kind_listed": [{"kind": "mistake"}],
    "ck_users_unread_notices_range": [{"unread_notices": -1}],
    "ck_users_role_listed": [{"role": "owner"}, {"role": "Admin"}, {"role": ""}],
    "ck_work_items_max_days_range": [{"max_days": 0}, {"max_days": MOST_DAYS + 1}],
    "ck_work_items_person_days_range": [{"person_days": -1}, {"person_days": MOST_DAYS + 1}],
    "ck_workspace_conversations_target_range": [
        {"conversations_target": -1},
        {"conversations_target": 101},
    ],
    "ck_workspace_decimal_mark_listed": [{"decimal_mark": ";"}, {"decimal_mark": ""}],
    "ck_workspace_fiscal_start_range": [{"fiscal_start": 0}, {"fiscal_start": 13}],
    "ck_workspace_factor_deal_breaker_range": [
        {"factor_deal_breaker": -1},
        {"factor_deal_breaker": 101},
    ],
    "ck_workspace_factor_hindrance_range": [{"factor_hindrance": -1}, {"factor_hindrance": 101}],
    "ck_workspace_factor_nice_to_have_range": [
        {"factor_nice_to_have": -1},
        {"factor_nice_to_have": 101},
    ],
    "ck_workspace_one_row": [{"id": 2}, {"id": 0}],
    "ck_workspace_recovery_rate_range": [{"recovery_rate": -1}, {"recovery_rate": 10_001}],
    "ck_workspace_sponsor_threshold_range": [{"sponsor_threshold": -1}],
    "ck_workspace_weight_crm_range": [{"weight_crm": -1}, {"weight_crm": 101}],
    "ck_workspace_weight_customer_range": [{"weight_customer": -1}, {"weight_customer": 101}],
    "ck_workspace_weight_interview_range": [{"weight_interview": -1}, {"weight_interview": 101}],
    "ck_workspace_weight_rep_range": [{"weight_rep": -1}, {"weight_rep": 101}],
    "ck_workspace_window_months_range": [{"window_months": 0}, {"window_months": 61}],
}

#: What stands at the edge and must be taken.
SOUND = [
    ("accounts", {"fit": 0, "employees": 0, "revenue": 0}),
    ("accounts", {"fit": 100, "employees": None, "revenue": None}),
    ("deals", {"amount": 0, "probability": 0}),
    ("deals", {"amount": MOST_CENTS, "probability": 100, "lost_to": "no decision"}),
    ("deals", {"amount": None, "probability": None, "status": "open"}),
    ("work_items", {"person_days": 0, "max_days": 1}),
    ("work_items", {"person_days": None, "max_days": None}),
    ("initiatives", {"state": "shipped", "position": None, "shipped_on": DAY}),
    ("initiatives", {"state": "declined", "position": None, "decline_reason": ""}),
    ("initiatives", {"state": "in progress", "position": -(1 << 62)}),
    ("capacities", {"days_per_week": 0}),
]

#: Parts go with their whole; everything else that is pointed to stays.
GOES_ALONG = {
    "fk_capacities_team_id": "CASCADE",
    "fk_commitments_initiative_id": "CASCADE",
    "fk_conversation_problems_conversation_id": "CASCADE",
    "fk_forecasts_initiative_id": "CASCADE",
    "fk_drafts_user_id": "CASCADE",
    "fk_user_sessions_user_id": "CASCADE",
    "fk_initiative_problems_initiative_id": "CASCADE",
    "fk_initiative_totals_initiative_id": "CASCADE",
    "fk_loss_words_parts_words_id": "CASCADE",
    "fk_needs_initiative_id": "CASCADE",
    "fk_problem_segments_problem_id": "CASCADE",
    "fk_problem_segments_segment_id": "CASCADE",
    "fk_request_deals_request_id": "CASCADE",
    "fk_request_watchers_request_id": "CASCADE",
    "fk_request_watchers_user_id": "CASCADE",
    "fk_staged_accounts_import_id": "CASCADE",
    "fk_staged_deals_import_id": "CASCADE",
    "fk_staged_requests_import_id": "CASCADE",
    "fk_work_items_initiative_id": "CASCADE",
    "fk_accounts_segment_id": "SET NULL",
    "fk_segment_answers_segment_id": "SET NULL",
    "fk_deal_reports_blocker_id": "SET NULL",
    "fk_deal_reports_loss_reason_id": "SET NULL",
    "fk_interview_reasons_blocker_id": "SET NULL",
    "fk_interview_reasons_loss_reason_id": "SET NULL",
}

# A table's constraints are a set: each worker of a test run must find them in the same order.
RULES = sorted(
    (rule for table in TABLES.values() for rule in table.constraints),
    key=lambda rule: str(rule.name),
)
KEYS = [rule for rule in RULES if isinstance(rule, ForeignKeyConstraint)]
CHECKS = {str(rule.name): rule.table.name for rule in RULES if isinstance(rule, CheckConstraint)}
UNIQUE = [rule for rule in RULES if isinstance(rule, UniqueConstraint | PrimaryKeyConstraint)]
REQUIRED = [
    column
    for table in TABLES.values()
    for column in table.columns
    if not column.nullable and not column.primary_key and table.name != "workspace"
]


def full_name(rule: Any) -> str:
    return f"{rule.table.name}.{rule.name}"


def refused(connection: Connection, statement: Any, *about: str) -> None:
    """The statement fails, and the database says that it is for this reason."""
    savepoint = connection.begin_nested()
    with pytest.raises(IntegrityError) as refusal:
        connection.execute(statement)
    savepoint.rollback()
    message = str(refusal.value.orig)
    assert any(word in message for word in about), message


def test_every_check_of_the_models_is_tried_here() -> None:
    assert set(BROKEN) == set(CHECKS)


@pytest.mark.parametrize(
    ("rule", "values"),
    [(rule, values) for rule, broken in BROKEN.items() for values in broken],
    ids=lambda value: value if isinstance(value, str) else ",".join(map(str, value.values())),
)
def test_a_row_that_breaks_a_check_is_refused(
    connection: Connection, rule: str, values: dict[str, Any]
) -> None:
    name = CHECKS[rule]
    if name == "workspace":
        connection.execute(delete(TABLES[name]))
    if values is ITSELF:
        values = dict.fromkeys(values, add(connection, "initiatives")["id"])
    refused(connection, insert(TABLES[name]).values(valid(connection, name, **values)), rule)


@pytest.mark.parametrize(("name", "values"), SOUND)
def test_what_stands_at_the_edge_is_taken(
    connection: Connection, name: str, values: dict[str, Any]
) -> None:
    row = add(connection, name, **values)
    key = {column.name: row[column.name] for column in TABLES[name].primary_key.columns}
    assert count(connection, name, **key) == 1


@pytest.mark.parametrize("rule", UNIQUE, ids=full_name)
def test_a_second_row_of_the_same_key_is_refused(connection: Connection, rule: Any) -> None:
    name = rule.table.name
    # Without a value of its own it would be null, which equals nothing.
    chosen = {column.name: add(connection, key.column.table.name)["id"] for column in rule.columns
              if column.nullable for key in column.foreign_keys}  # fmt: skip
    first = {"id": 1} if name == "workspace" else add(connection, name, **chosen)
    shared = {column.name: first[column.name] for column in rule.columns}
    second = insert(rule.table).values(valid(connection, name, **shared))
    refused(connection, second, str(rule.name), *(f"{name}.{column}" for column in shared))


@pytest.mark.parametrize("column", REQUIRED, ids=str)
def test_a_row_without_a_required_value_is_refused(
    connection: Connection, column: Column[Any]
) -> None:
    # A None in a JSON column would be JSON's own null.
    values = valid(connection, column.table.name, **{column.name: null()})
    refused(connection, insert(column.table).values(values), f'"{column.name}"', str(column))


@pytest.mark.parametrize("key", KEYS, ids=full_name)
def test_a_row_that_points_nowhere_is_refused(
    connection: Connection, key: ForeignKeyConstraint
) -> None:
    (column,) = key.columns
    values = valid(connection, key.table.name, **{column.name: 999_999})
    refused(connection, insert(key.table).values(values), str(key.name), NOWHERE)


@pytest.mark.parametrize("key", KEYS, ids=full_name)
def test_what_something_rests_on_cannot_be_deleted(
    connection: Connection, key: ForeignKeyConstraint
) -> None:
    (column,) = key.columns
    parent = key.referred_table
    id = add(connection, parent.name)["id"]
    # Nothing else points to it: only this key can stand in the way.
    row = add(connection, key.table.name, **{column.name: id})
    removal = delete(parent).where(parent.c.id == id)
    outcome = GOES_ALONG.get(str(key.name), "RESTRICT")
    if outcome == "RESTRICT":
        refused(connection, removal, str(key.name), NOWHERE, FINAL)
        assert count(connection, key.table.name, **{column.name: id}) == 1
        return
    connection.execute(removal)
    assert count(connection, key.table.name, **{column.name: id}) == 0
    if outcome == "SET NULL":
        assert count(connection, key.table.name, id=row["id"]) == 1
