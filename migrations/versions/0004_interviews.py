"""Conversations with customers, the reasons they gave, the interviews' script, reps' reports."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "script_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "bucket IN ('general', 'product', 'price', 'process', 'presence')",
            name=op.f("ck_script_questions_bucket_listed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_questions")),
        sa.UniqueConstraint("bucket", "position", name=op.f("uq_script_questions_bucket_position")),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("ask_quarter", sa.String(length=6), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("held_by_id", sa.Integer(), nullable=True),
        sa.Column("spoke_name", sa.String(length=200), nullable=False),
        sa.Column("spoke_role", sa.String(length=200), nullable=False),
        sa.Column("spoke_layer", sa.String(length=20), nullable=True),
        sa.Column("would_not_say", sa.Boolean(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("competitor_better", sa.Text(), nullable=False),
        sa.Column("would_have_changed", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'loss interview' OR deal_id IS NOT NULL",
            name=op.f("ck_conversations_loss_of_deal"),
        ),
        sa.CheckConstraint(
            "kind IN ('loss interview', 'win interview', 'demo', 'visit', 'call')",
            name=op.f("ck_conversations_kind_listed"),
        ),
        sa.CheckConstraint(
            "spoke_layer IN ('executive', 'manager', 'user')",
            name=op.f("ck_conversations_spoke_layer_listed"),
        ),
        sa.CheckConstraint(
            "state <> 'cancelled' OR ask_quarter IS NULL", name=op.f("ck_conversations_ask_stands")
        ),
        sa.CheckConstraint(
            "state <> 'held' OR held_on IS NOT NULL", name=op.f("ck_conversations_held_on_day")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'cancelled')", name=op.f("ck_conversations_state_listed")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_conversations_revision_range")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_conversations_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["users.id"],
            name=op.f("fk_conversations_asked_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"],
            ["users.id"],
            name=op.f("fk_conversations_assigned_to_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["users.id"],
            name=op.f("fk_conversations_changed_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_conversations_deal_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["held_by_id"],
            ["users.id"],
            name=op.f("fk_conversations_held_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "account_id", "ask_quarter", name=op.f("uq_conversations_account_id_ask_quarter")
        ),
        sa.UniqueConstraint(
            "deal_id", "ask_quarter", name=op.f("uq_conversations_deal_id_ask_quarter")
        ),
        sa.UniqueConstraint("form_token", name=op.f("uq_conversations_form_token")),
    )
    op.create_index(op.f("ix_conversations_assigned_to_id"), "conversations", ["assigned_to_id"])
    op.create_index(op.f("ix_conversations_held_by_id"), "conversations", ["held_by_id"])
    op.create_index("ix_conversations_held_on", "conversations", ["held_on", "id"])
    op.create_index("ix_conversations_state_planned_on", "conversations", ["state", "planned_on"])

    op.create_table(
        "conversation_problems",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_problems_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_conversation_problems_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint(
            "conversation_id", "problem_id", name=op.f("pk_conversation_problems")
        ),
    )
    op.create_index("ix_conversation_problems_problem_id", "conversation_problems", ["problem_id"])

    op.create_table(
        "deal_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("against", sa.String(length=20), nullable=False),
        sa.Column("competitor", sa.String(length=200), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=True),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("blocker_id", sa.Integer(), nullable=True),
        sa.Column("loss_reason_id", sa.Integer(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "against IN ('competitor', 'no decision', 'nobody', 'unknown')",
            name=op.f("ck_deal_reports_against_listed"),
        ),
        sa.CheckConstraint(
            "bucket IN ('product', 'price', 'process', 'presence')",
            name=op.f("ck_deal_reports_bucket_listed"),
        ),
        sa.CheckConstraint(
            "outcome IN ('won', 'lost')", name=op.f("ck_deal_reports_outcome_listed")
        ),
        sa.CheckConstraint(
            "problem_id IS NULL OR bucket = 'product'",
            name=op.f("ck_deal_reports_problem_of_product"),
        ),
        sa.ForeignKeyConstraint(
            ["blocker_id"],
            ["blockers.id"],
            name=op.f("fk_deal_reports_blocker_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_deal_reports_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_reports_deal_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["loss_reason_id"],
            ["loss_reasons.id"],
            name=op.f("fk_deal_reports_loss_reason_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_deal_reports_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_reports")),
        sa.UniqueConstraint("deal_id", "number", name=op.f("uq_deal_reports_deal_id_number")),
    )
    op.create_index(op.f("ix_deal_reports_blocker_id"), "deal_reports", ["blocker_id"])
    op.create_index(op.f("ix_deal_reports_loss_reason_id"), "deal_reports", ["loss_reason_id"])

    op.create_table(
        "interview_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("blocker_id", sa.Integer(), nullable=True),
        sa.Column("loss_reason_id", sa.Integer(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "bucket IN ('product', 'price', 'process', 'presence')",
            name=op.f("ck_interview_reasons_bucket_listed"),
        ),
        sa.CheckConstraint(
            "problem_id IS NULL OR bucket = 'product'",
            name=op.f("ck_interview_reasons_problem_of_product"),
        ),
        sa.CheckConstraint(
            "blocker_id IS NULL OR loss_reason_id IS NULL",
            name=op.f("ck_interview_reasons_carried_once"),
        ),
        sa.CheckConstraint(
            "weight >= 1 AND weight <= 1000", name=op.f("ck_interview_reasons_weight_range")
        ),
        sa.ForeignKeyConstraint(
            ["blocker_id"],
            ["blockers.id"],
            name=op.f("fk_interview_reasons_blocker_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_interview_reasons_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["loss_reason_id"],
            ["loss_reasons.id"],
            name=op.f("fk_interview_reasons_loss_reason_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_interview_reasons_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_reasons")),
    )
    op.create_index(op.f("ix_interview_reasons_blocker_id"), "interview_reasons", ["blocker_id"])
    op.create_index(
        op.f("ix_interview_reasons_conversation_id"), "interview_reasons", ["conversation_id"]
    )
    op.create_index(
        op.f("ix_interview_reasons_loss_reason_id"), "interview_reasons", ["loss_reason_id"]
    )
    op.create_index(op.f("ix_interview_reasons_problem_id"), "interview_reasons", ["problem_id"])

    # The row that is there already gets a value.
    target = sa.Column("conversations_target", sa.Integer(), nullable=False, server_default="2")
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.add_column(target)
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.alter_column("conversations_target", server_default=None)
        batch_op.create_check_constraint(
            batch_op.f("ck_workspace_conversations_target_range"),
            "conversations_target >= 0 AND conversations_target <= 100",
        )


def downgrade() -> None:
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("ck_workspace_conversations_target_range"), type_="check"
        )
        batch_op.drop_column("conversations_target")
    # Their indexes go with them.
    for table in (
        "interview_reasons",
        "deal_reports",
        "conversation_problems",
        "conversations",
        "script_questions",
    ):
        op.drop_table(table)
