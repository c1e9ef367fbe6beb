"""Requests and their triage, notices and the outbox, problems that roll up, merge and split."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('urgent', 'digest')", name=op.f("ck_outbox_kind_listed")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts_range")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_outbox_user_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(op.f("ix_outbox_user_id"), "outbox", ["user_id"])
    op.create_index("ix_outbox_waiting", "outbox", ["sent_at", "next_try_at"])

    op.create_table(
        "problem_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('merge', 'split')", name=op.f("ck_problem_steps_kind_listed")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_problem_steps_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["problems.id"],
            name=op.f("fk_problem_steps_other_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_problem_steps_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"],
            ["users.id"],
            name=op.f("fk_problem_steps_undone_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_steps")),
    )
    op.create_index(op.f("ix_problem_steps_other_id"), "problem_steps", ["other_id"])
    op.create_index(op.f("ix_problem_steps_problem_id"), "problem_steps", ["problem_id"])

    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("prospect", sa.String(length=200), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("said_by", sa.String(length=20), nullable=False),
        sa.Column("said_by_name", sa.String(length=200), nullable=False),
        sa.Column("said_by_role", sa.String(length=200), nullable=False),
        sa.Column("said_by_layer", sa.String(length=20), nullable=True),
        sa.Column("said_on", sa.Date(), nullable=True),
        sa.Column("workaround", sa.Text(), nullable=False),
        sa.Column("consequence", sa.String(length=20), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("competitor", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("quote_confirmed", sa.Boolean(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("bucket", sa.String(length=20), nullable=True),
        sa.Column("handed_to_id", sa.Integer(), nullable=True),
        sa.Column("waits_for", sa.String(length=20), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(state = 'asking') = (waits_for IS NOT NULL)", name=op.f("ck_requests_asking_somebody")
        ),
        sa.CheckConstraint(
            "(state = 'elsewhere') = (bucket IS NOT NULL)",
            name=op.f("ck_requests_elsewhere_bucket"),
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL)",
            name=op.f("ck_requests_merged_into"),
        ),
        sa.CheckConstraint(
            "NOT quote_confirmed OR state = 'confirmed'",
            name=op.f("ck_requests_quote_of_confirmed"),
        ),
        sa.CheckConstraint(
            "bucket IN ('price', 'process', 'presence')", name=op.f("ck_requests_bucket_listed")
        ),
        sa.CheckConstraint(
            "consequence IN ('lost', 'delayed', 'smaller', 'nothing', 'unknown')",
            name=op.f("ck_requests_consequence_listed"),
        ),
        sa.CheckConstraint(
            "said_by IN ('customer', 'rep', 'partner', 'support', 'unknown')",
            name=op.f("ck_requests_said_by_listed"),
        ),
        sa.CheckConstraint(
            "said_by_layer IN ('executive', 'manager', 'user')",
            name=op.f("ck_requests_said_by_layer_listed"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR problem_id IS NOT NULL",
            name=op.f("ck_requests_confirmed_problem"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'asking', 'confirmed', 'merged', 'elsewhere', 'declined')",
            name=op.f("ck_requests_state_listed"),
        ),
        sa.CheckConstraint(
            "waits_for IN ('rep', 'customer')", name=op.f("ck_requests_waits_for_listed")
        ),
        sa.CheckConstraint(
            "(bucket IS NULL) = (handed_to_id IS NULL)", name=op.f("ck_requests_elsewhere_owned")
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_requests_not_into_itself")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_requests_revision_range")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_requests_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["handed_to_id"],
            ["users.id"],
            name=op.f("fk_requests_handed_to_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["requests.id"],
            name=op.f("fk_requests_merged_into_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_requests_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"],
            ["users.id"],
            name=op.f("fk_requests_requester_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"],
            ["users.id"],
            name=op.f("fk_requests_submitted_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("external_id", name=op.f("uq_requests_external_id")),
        sa.UniqueConstraint("form_token", name=op.f("uq_requests_form_token")),
    )
    op.create_index(op.f("ix_requests_account_id"), "requests", ["account_id"])
    op.create_index(op.f("ix_requests_handed_to_id"), "requests", ["handed_to_id"])
    op.create_index(op.f("ix_requests_merged_into_id"), "requests", ["merged_into_id"])
    op.create_index(op.f("ix_requests_problem_id"), "requests", ["problem_id"])
    op.create_index(op.f("ix_requests_requester_id"), "requests", ["requester_id"])
    op.create_index(op.f("ix_requests_revision"), "requests", ["revision"])
    op.create_index("ix_requests_state_created_at", "requests", ["state", "created_at", "id"])
    op.create_index(op.f("ix_requests_submitted_by_id"), "requests", ["submitted_by_id"])

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('triaged', 'merged', 'asked', 'answered', 'replied', 'reminder', 'handed', 'later', 'earlier', 'missed', 'in time', 'committed', 'shipped', 'declined')",
            name=op.f("ck_notices_kind_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_notices_initiative_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outbox.id"], name=op.f("fk_notices_mail_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_notices_request_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notices_user_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_mail_id_user_id", "notices", ["mail_id", "user_id"])
    op.create_index(op.f("ix_notices_request_id"), "notices", ["request_id"])
    op.create_index("ix_notices_user_id_at", "notices", ["user_id", "at", "id"])

    op.create_table(
        "request_deals",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("amount_then", sa.BigInteger(), nullable=True),
        sa.Column("stage_then", sa.String(length=200), nullable=False),
        sa.Column("fit_then", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "amount_then >= 0 AND amount_then <= 10000000000000",
            name=op.f("ck_request_deals_amount_then_range"),
        ),
        sa.CheckConstraint(
            "fit_then >= 0 AND fit_then <= 100", name=op.f("ck_request_deals_fit_then_range")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_request_deals_deal_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_request_deals_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "deal_id", name=op.f("pk_request_deals")),
    )
    op.create_index(op.f("ix_request_deals_deal_id"), "request_deals", ["deal_id"])

    op.create_table(
        "request_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('sent', 'imported', 'joined', 'left', 'answered', 'confirmed', 'merged', 'elsewhere', 'asked', 'replied', 'declined', 'renamed', 'linked', 'undone')",
            name=op.f("ck_request_events_kind_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_request_events_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_request_events_request_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"],
            ["request_events.id"],
            name=op.f("fk_request_events_undoes_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_events")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_request_events_undoes_id")),
    )
    op.create_index(op.f("ix_request_events_request_id"), "request_events", ["request_id"])

    op.create_table(
        "request_watchers",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_request_watchers_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_request_watchers_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "user_id", name=op.f("pk_request_watchers")),
    )
    op.create_index(op.f("ix_request_watchers_user_id"), "request_watchers", ["user_id"])

    op.create_table(
        "request_blockers",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("blocker_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_request_blockers_request_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["blocker_id"],
            ["blockers.id"],
            name=op.f("fk_request_blockers_blocker_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "blocker_id", name=op.f("pk_request_blockers")),
    )
    op.create_index(op.f("ix_request_blockers_blocker_id"), "request_blockers", ["blocker_id"])
    op.create_table(
        "request_reasons",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_request_reasons_request_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"],
            ["loss_reasons.id"],
            name=op.f("fk_request_reasons_reason_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "reason_id", name=op.f("pk_request_reasons")),
    )
    op.create_index(op.f("ix_request_reasons_reason_id"), "request_reasons", ["reason_id"])
    with op.batch_alter_table("problems") as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_problems_merged_into_id"), ["merged_into_id"])
        batch_op.create_index(batch_op.f("ix_problems_parent_id"), ["parent_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_problems_merged_into_id"),
            "problems",
            ["merged_into_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_problems_parent_id"),
            "problems",
            ["parent_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_problems_not_above_itself"), "parent_id <> id"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_problems_not_into_itself"), "merged_into_id <> id"
        )

    # Rows that are there already get a value; those to come bring their own.
    _add("users", sa.Column("unread_notices", sa.Integer(), nullable=False), "0")
    _add("users", sa.Column("wants_mail", sa.Boolean(), nullable=False), sa.true())
    with op.batch_alter_table("users") as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_users_unread_notices_range"), "unread_notices >= 0"
        )
    _add("workspace", sa.Column("intake_revision", sa.BigInteger(), nullable=False), "0")
    _add("workspace", sa.Column("told_revision", sa.BigInteger(), nullable=False), "0")
    op.add_column("workspace", sa.Column("told_as_of", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("workspace") as batch_op:
        for name in ("told_as_of", "told_revision", "intake_revision"):
            batch_op.drop_column(name)
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_users_unread_notices_range"), type_="check")
        batch_op.drop_column("wants_mail")
        batch_op.drop_column("unread_notices")
    with op.batch_alter_table("problems") as batch_op:
        for name in ("not_above_itself", "not_into_itself"):
            batch_op.drop_constraint(batch_op.f(f"ck_problems_{name}"), type_="check")
        for name in ("parent_id", "merged_into_id"):
            batch_op.drop_constraint(batch_op.f(f"fk_problems_{name}"), type_="foreignkey")
            batch_op.drop_index(batch_op.f(f"ix_problems_{name}"))
            batch_op.drop_column(name)
    # Their indexes go with them.
    for table in (
        "request_blockers",
        "request_reasons",
        "request_watchers",
        "request_events",
        "request_deals",
        "notices",
        "requests",
        "problem_steps",
        "outbox",
    ):
        op.drop_table(table)


def _add(table: str, column: sa.Column, value: object) -> None:
    column.server_default = sa.DefaultClause(value)
    with op.batch_alter_table(table) as batch_op:
        batch_op.add_column(column)
    with op.batch_alter_table(table) as batch_op:
        batch_op.alter_column(column.name, server_default=None)
