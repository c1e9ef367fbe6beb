"""The first tables: people, market, deals, plan, ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "icp_criteria",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attribute", sa.String(length=80), nullable=False),
        sa.Column("operator", sa.String(length=20), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "operator IN ('is', 'any_of', 'at_least', 'at_most', 'between')",
            name=op.f("ck_icp_criteria_operator_listed"),
        ),
        sa.CheckConstraint(
            "weight >= 1 AND weight <= 1000", name=op.f("ck_icp_criteria_weight_range")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_icp_criteria")),
    )
    op.create_table(
        "problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("workaround", sa.Text(), nullable=False),
        sa.Column("layer", sa.String(length=20), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "layer IN ('executive', 'manager', 'user')", name=op.f("ck_problems_layer_listed")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_problems_revision_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        sa.UniqueConstraint("title", name=op.f("uq_problems_title")),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("name", name=op.f("uq_products_name")),
    )
    op.create_table(
        "segments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("name", name=op.f("uq_segments_name")),
        sa.UniqueConstraint("position", name=op.f("uq_segments_position")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_key", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('rep', 'product', 'executive', 'admin')", name=op.f("ck_users_role_listed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "workspace",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("plan_revision", sa.BigInteger(), nullable=False),
        sa.Column("order_revision", sa.BigInteger(), nullable=False),
        sa.Column("evidence_revision", sa.BigInteger(), nullable=False),
        sa.Column("figures_as_of", sa.Date(), nullable=True),
        sa.Column("sponsor_threshold", sa.BigInteger(), nullable=False),
        sa.Column("recovery_rate", sa.Integer(), nullable=False),
        sa.Column("window_months", sa.Integer(), nullable=False),
        sa.Column("weight_interview", sa.Integer(), nullable=False),
        sa.Column("weight_customer", sa.Integer(), nullable=False),
        sa.Column("weight_rep", sa.Integer(), nullable=False),
        sa.Column("weight_crm", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_workspace_one_row")),
        sa.CheckConstraint(
            "recovery_rate >= 0 AND recovery_rate <= 10000",
            name=op.f("ck_workspace_recovery_rate_range"),
        ),
        sa.CheckConstraint(
            "sponsor_threshold >= 0", name=op.f("ck_workspace_sponsor_threshold_range")
        ),
        sa.CheckConstraint(
            "weight_crm >= 0 AND weight_crm <= 100", name=op.f("ck_workspace_weight_crm_range")
        ),
        sa.CheckConstraint(
            "weight_customer >= 0 AND weight_customer <= 100",
            name=op.f("ck_workspace_weight_customer_range"),
        ),
        sa.CheckConstraint(
            "weight_interview >= 0 AND weight_interview <= 100",
            name=op.f("ck_workspace_weight_interview_range"),
        ),
        sa.CheckConstraint(
            "weight_rep >= 0 AND weight_rep <= 100", name=op.f("ck_workspace_weight_rep_range")
        ),
        sa.CheckConstraint(
            "window_months >= 1 AND window_months <= 60",
            name=op.f("ck_workspace_window_months_range"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_text", sa.String(length=400), nullable=False),
        sa.Column("industry", sa.String(length=200), nullable=True),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("revenue", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("segment_by_hand", sa.Boolean(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.CheckConstraint("employees >= 0", name=op.f("ck_accounts_employees_range")),
        sa.CheckConstraint("fit >= 0 AND fit <= 100", name=op.f("ck_accounts_fit_range")),
        sa.CheckConstraint("revenue >= 0", name=op.f("ck_accounts_revenue_range")),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segments.id"],
            name=op.f("fk_accounts_segment_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("external_id", name=op.f("uq_accounts_external_id")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index("ix_accounts_search_text", ["search_text"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_segment_id"), ["segment_id"], unique=False)

    op.create_table(
        "capacities",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("days_per_week", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "days_per_week >= 0 AND days_per_week <= 5000",
            name=op.f("ck_capacities_days_per_week_range"),
        ),
        sa.CheckConstraint("length(quarter) = 6", name=op.f("ck_capacities_quarter_form")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_capacities_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "quarter", name=op.f("pk_capacities")),
    )
    op.create_table(
        "crm_owners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_crm_owners_user_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_owners")),
        sa.UniqueConstraint("name", name=op.f("uq_crm_owners_name")),
    )
    with op.batch_alter_table("crm_owners", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crm_owners_user_id"), ["user_id"], unique=False)

    op.create_table(
        "initiatives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("effort_updated_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'declined') = (decline_reason IS NOT NULL)",
            name=op.f("ck_initiatives_declined_with_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'shipped') = (shipped_on IS NOT NULL)",
            name=op.f("ck_initiatives_shipped_on_day"),
        ),
        sa.CheckConstraint(
            "(state IN ('candidate', 'committed', 'in progress')) = (position IS NOT NULL)",
            name=op.f("ck_initiatives_position_on_board"),
        ),
        sa.CheckConstraint(
            "kind IN ('strategic', 'incremental')", name=op.f("ck_initiatives_kind_listed")
        ),
        sa.CheckConstraint(
            "state IN ('candidate', 'committed', 'in progress', 'shipped', 'declined')",
            name=op.f("ck_initiatives_state_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_initiatives_owner_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiatives")),
        sa.UniqueConstraint("position", name=op.f("uq_initiatives_position")),
    )
    with op.batch_alter_table("initiatives", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_initiatives_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_initiatives_revision"), ["revision"], unique=False)

    op.create_table(
        "problem_segments",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_problem_segments_problem_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segments.id"],
            name=op.f("fk_problem_segments_segment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("problem_id", "segment_id", name=op.f("pk_problem_segments")),
    )
    with op.batch_alter_table("problem_segments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_problem_segments_segment_id"), ["segment_id"], unique=False
        )

    op.create_table(
        "commitments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("promised_to", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_commitments_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_commitments_initiative_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_commitments_initiative_id"), ["initiative_id"], unique=False
        )

    op.create_table(
        "deals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_text", sa.String(length=400), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("crm_owner_id", sa.Integer(), nullable=True),
        sa.Column("product", sa.String(length=200), nullable=True),
        sa.Column("stage", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("lost_to", sa.String(length=20), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("close_date", sa.Date(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "lost_to IN ('competitor', 'no decision', 'unknown')",
            name=op.f("ck_deals_lost_to_listed"),
        ),
        sa.CheckConstraint(
            "lost_to IS NULL OR status = 'lost'", name=op.f("ck_deals_lost_to_only_lost")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'won', 'lost')", name=op.f("ck_deals_status_listed")
        ),
        sa.CheckConstraint(
            "amount >= 0 AND amount <= 10000000000000", name=op.f("ck_deals_amount_range")
        ),
        sa.CheckConstraint(
            "probability >= 0 AND probability <= 100", name=op.f("ck_deals_probability_range")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_deals_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["crm_owner_id"],
            ["crm_owners.id"],
            name=op.f("fk_deals_crm_owner_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("external_id", name=op.f("uq_deals_external_id")),
    )
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.create_index("ix_deals_account_id", ["account_id"], unique=False)
        batch_op.create_index("ix_deals_amount", ["amount", "id"], unique=False)
        batch_op.create_index("ix_deals_close_date", ["close_date", "id"], unique=False)
        batch_op.create_index("ix_deals_crm_owner_id", ["crm_owner_id"], unique=False)
        batch_op.create_index("ix_deals_search_text", ["search_text", "id"], unique=False)
        batch_op.create_index("ix_deals_status_close_date", ["status", "close_date"], unique=False)

    op.create_table(
        "forecasts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("finish", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_forecasts_initiative_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("day", "initiative_id", name=op.f("pk_forecasts")),
    )
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_forecasts_initiative_id_day", ["initiative_id", "day"], unique=False
        )

    op.create_table(
        "initiative_problems",
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "kind IN ('solves', 'contributes')", name=op.f("ck_initiative_problems_kind_listed")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_initiative_problems_initiative_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_initiative_problems_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("initiative_id", "problem_id", name=op.f("pk_initiative_problems")),
    )
    with op.batch_alter_table("initiative_problems", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_initiative_problems_problem_id"), ["problem_id"], unique=False
        )

    op.create_table(
        "initiative_totals",
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("open_amount", sa.BigInteger(), nullable=False),
        sa.Column("open_unknown", sa.Integer(), nullable=False),
        sa.Column("lost_count", sa.Integer(), nullable=False),
        sa.Column("lost_amount", sa.BigInteger(), nullable=False),
        sa.Column("lost_unknown", sa.Integer(), nullable=False),
        sa.Column("lost_all_count", sa.Integer(), nullable=False),
        sa.Column("lost_all_amount", sa.BigInteger(), nullable=False),
        sa.Column("lost_undated", sa.Integer(), nullable=False),
        sa.Column("deal_count", sa.Integer(), nullable=False),
        sa.Column("fit_sum", sa.BigInteger(), nullable=False),
        sa.Column("verified_count", sa.Integer(), nullable=False),
        sa.Column("open_value", sa.String(length=200), nullable=False),
        sa.Column("lost_value", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_initiative_totals_initiative_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("initiative_id", name=op.f("pk_initiative_totals")),
    )
    op.create_table(
        "needs",
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("needed_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("initiative_id <> needed_id", name=op.f("ck_needs_not_itself")),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_needs_initiative_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["needed_id"], ["initiatives.id"], name=op.f("fk_needs_needed_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("initiative_id", "needed_id", name=op.f("pk_needs")),
    )
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_needed_id"), ["needed_id"], unique=False)

    op.create_table(
        "tradeoffs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("sponsor_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("from_rank", sa.Integer(), nullable=True),
        sa.Column("to_rank", sa.Integer(), nullable=True),
        sa.Column("reverts_id", sa.Integer(), nullable=True),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("inverse", sa.JSON(), nullable=False),
        sa.Column("delayed_count", sa.Integer(), nullable=False),
        sa.Column("advanced_count", sa.Integer(), nullable=False),
        sa.Column("pushed_count", sa.Integer(), nullable=False),
        sa.Column("pushed_amount", sa.BigInteger(), nullable=False),
        sa.Column("pushed_weighted", sa.BigInteger(), nullable=False),
        sa.Column("brought_count", sa.Integer(), nullable=False),
        sa.Column("brought_amount", sa.BigInteger(), nullable=False),
        sa.Column("brought_weighted", sa.BigInteger(), nullable=False),
        sa.Column("broken_count", sa.Integer(), nullable=False),
        sa.Column("mended_count", sa.Integer(), nullable=False),
        sa.Column("sponsor_reasons", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('promotion', 'entry', 'leave', 'effort', 'needs', 'not before', 'state', 'ties', 'capacity')",
            name=op.f("ck_tradeoffs_kind_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_tradeoffs_decided_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_tradeoffs_initiative_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_tradeoffs_owner_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverts_id"],
            ["tradeoffs.id"],
            name=op.f("fk_tradeoffs_reverts_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["users.id"], name=op.f("fk_tradeoffs_sponsor_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_tradeoffs_team_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tradeoffs")),
        sa.UniqueConstraint("reverts_id", name=op.f("uq_tradeoffs_reverts_id")),
    )
    with op.batch_alter_table("tradeoffs", schema=None) as batch_op:
        batch_op.create_index("ix_tradeoffs_decided_at", ["decided_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_tradeoffs_decided_by_id"), ["decided_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tradeoffs_initiative_id"), ["initiative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_tradeoffs_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tradeoffs_sponsor_id"), ["sponsor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tradeoffs_team_id"), ["team_id"], unique=False)

    op.create_table(
        "work_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_days", sa.Integer(), nullable=True),
        sa.Column("max_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "max_days >= 1 AND max_days <= 1000000", name=op.f("ck_work_items_max_days_range")
        ),
        sa.CheckConstraint(
            "person_days >= 0 AND person_days <= 1000000",
            name=op.f("ck_work_items_person_days_range"),
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_work_items_initiative_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_work_items_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_work_items_team_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_items")),
    )
    with op.batch_alter_table("work_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_work_items_initiative_id"), ["initiative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_work_items_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_items_team_id"), ["team_id"], unique=False)

    op.create_table(
        "blockers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tied_by_id", sa.Integer(), nullable=True),
        sa.Column("amount_then", sa.BigInteger(), nullable=True),
        sa.Column("stage_then", sa.String(length=200), nullable=False),
        sa.Column("fit_then", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "bucket IN ('product', 'price', 'process', 'presence')",
            name=op.f("ck_blockers_bucket_listed"),
        ),
        sa.CheckConstraint(
            "source IN ('crm', 'rep', 'customer', 'interview')",
            name=op.f("ck_blockers_source_listed"),
        ),
        sa.CheckConstraint(
            "amount_then >= 0 AND amount_then <= 10000000000000",
            name=op.f("ck_blockers_amount_then_range"),
        ),
        sa.CheckConstraint(
            "fit_then >= 0 AND fit_then <= 100", name=op.f("ck_blockers_fit_then_range")
        ),
        sa.CheckConstraint("weight >= 1 AND weight <= 1000", name=op.f("ck_blockers_weight_range")),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_blockers_deal_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_blockers_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tied_by_id"], ["users.id"], name=op.f("fk_blockers_tied_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blockers")),
        sa.UniqueConstraint(
            "deal_id", "problem_id", "source", name=op.f("uq_blockers_deal_id_problem_id_source")
        ),
    )
    with op.batch_alter_table("blockers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_blockers_problem_id_counts", ["problem_id", "counts", "deal_id"], unique=False
        )

    op.create_table(
        "loss_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "bucket IN ('product', 'price', 'process', 'presence')",
            name=op.f("ck_loss_reasons_bucket_listed"),
        ),
        sa.CheckConstraint(
            "source IN ('crm', 'rep', 'customer', 'interview')",
            name=op.f("ck_loss_reasons_source_listed"),
        ),
        sa.CheckConstraint(
            "weight >= 1 AND weight <= 1000", name=op.f("ck_loss_reasons_weight_range")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_loss_reasons_deal_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["users.id"],
            name=op.f("fk_loss_reasons_recorded_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss_reasons")),
    )
    with op.batch_alter_table("loss_reasons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loss_reasons_deal_id"), ["deal_id"], unique=False)

    op.create_table(
        "tradeoff_deals",
        sa.Column("tradeoff_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("rep", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("ready_before", sa.Date(), nullable=True),
        sa.Column("ready_after", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "direction IN ('pushed', 'brought')", name=op.f("ck_tradeoff_deals_direction_listed")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_tradeoff_deals_deal_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["tradeoff_id"],
            ["tradeoffs.id"],
            name=op.f("fk_tradeoff_deals_tradeoff_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tradeoff_id", "deal_id", name=op.f("pk_tradeoff_deals")),
    )
    with op.batch_alter_table("tradeoff_deals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tradeoff_deals_deal_id"), ["deal_id"], unique=False)

    op.create_table(
        "tradeoff_forecasts",
        sa.Column("tradeoff_id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("start_before", sa.Date(), nullable=True),
        sa.Column("finish_before", sa.Date(), nullable=True),
        sa.Column("start_after", sa.Date(), nullable=True),
        sa.Column("finish_after", sa.Date(), nullable=True),
        sa.Column("weeks", sa.Integer(), nullable=True),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "direction IN ('delayed', 'advanced')",
            name=op.f("ck_tradeoff_forecasts_direction_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_tradeoff_forecasts_initiative_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
            name=op.f("fk_tradeoff_forecasts_owner_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tradeoff_id"],
            ["tradeoffs.id"],
            name=op.f("fk_tradeoff_forecasts_tradeoff_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tradeoff_id", "initiative_id", name=op.f("pk_tradeoff_forecasts")),
    )
    with op.batch_alter_table("tradeoff_forecasts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tradeoff_forecasts_initiative_id"), ["initiative_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tradeoff_forecasts_owner_id"), ["owner_id"], unique=False
        )

    op.create_table(
        "tradeoff_promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tradeoff_id", sa.Integer(), nullable=False),
        sa.Column("initiative_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("promised_to", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "direction IN ('broken', 'mended')", name=op.f("ck_tradeoff_promises_direction_listed")
        ),
        sa.ForeignKeyConstraint(
            ["initiative_id"],
            ["initiatives.id"],
            name=op.f("fk_tradeoff_promises_initiative_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tradeoff_id"],
            ["tradeoffs.id"],
            name=op.f("fk_tradeoff_promises_tradeoff_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tradeoff_promises")),
    )
    with op.batch_alter_table("tradeoff_promises", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tradeoff_promises_tradeoff_id"), ["tradeoff_id"], unique=False
        )
    op.execute(
        sa.insert(sa.table("workspace", *(sa.column(name) for name in FIRST_WORKSPACE))).values(
            FIRST_WORKSPACE
        )
    )
    _create_triggers()


def downgrade() -> None:
    _drop_triggers()
    with op.batch_alter_table("tradeoff_promises", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tradeoff_promises_tradeoff_id"))

    op.drop_table("tradeoff_promises")
    with op.batch_alter_table("tradeoff_forecasts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tradeoff_forecasts_owner_id"))
        batch_op.drop_index(batch_op.f("ix_tradeoff_forecasts_initiative_id"))

    op.drop_table("tradeoff_forecasts")
    with op.batch_alter_table("tradeoff_deals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tradeoff_deals_deal_id"))

    op.drop_table("tradeoff_deals")
    with op.batch_alter_table("loss_reasons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loss_reasons_deal_id"))

    op.drop_table("loss_reasons")
    with op.batch_alter_table("blockers", schema=None) as batch_op:
        batch_op.drop_index("ix_blockers_problem_id_counts")

    op.drop_table("blockers")
    with op.batch_alter_table("work_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_items_team_id"))
        batch_op.drop_index(batch_op.f("ix_work_items_product_id"))
        batch_op.drop_index(batch_op.f("ix_work_items_initiative_id"))

    op.drop_table("work_items")
    with op.batch_alter_table("tradeoffs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tradeoffs_team_id"))
        batch_op.drop_index(batch_op.f("ix_tradeoffs_sponsor_id"))
        batch_op.drop_index(batch_op.f("ix_tradeoffs_owner_id"))
        batch_op.drop_index(batch_op.f("ix_tradeoffs_initiative_id"))
        batch_op.drop_index(batch_op.f("ix_tradeoffs_decided_by_id"))
        batch_op.drop_index("ix_tradeoffs_decided_at")

    op.drop_table("tradeoffs")
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_needed_id"))

    op.drop_table("needs")
    op.drop_table("initiative_totals")
    with op.batch_alter_table("initiative_problems", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_initiative_problems_problem_id"))

    op.drop_table("initiative_problems")
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.drop_index("ix_forecasts_initiative_id_day")

    op.drop_table("forecasts")
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.drop_index("ix_deals_status_close_date")
        batch_op.drop_index("ix_deals_search_text")
        batch_op.drop_index("ix_deals_crm_owner_id")
        batch_op.drop_index("ix_deals_close_date")
        batch_op.drop_index("ix_deals_amount")
        batch_op.drop_index("ix_deals_account_id")

    op.drop_table("deals")
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitments_initiative_id"))

    op.drop_table("commitments")
    with op.batch_alter_table("problem_segments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_problem_segments_segment_id"))

    op.drop_table("problem_segments")
    with op.batch_alter_table("initiatives", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_initiatives_revision"))
        batch_op.drop_index(batch_op.f("ix_initiatives_owner_id"))

    op.drop_table("initiatives")
    with op.batch_alter_table("crm_owners", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crm_owners_user_id"))

    op.drop_table("crm_owners")
    op.drop_table("capacities")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_segment_id"))
        batch_op.drop_index("ix_accounts_search_text")

    op.drop_table("accounts")
    op.drop_table("workspace")
    op.drop_table("users")
    op.drop_table("teams")
    op.drop_table("segments")
    op.drop_table("products")
    op.drop_table("problems")
    op.drop_table("icp_criteria")


#: The ledger is written once. A trade-off that may be edited later is no record of who decided what.
LEDGER = ("tradeoffs", "tradeoff_forecasts", "tradeoff_deals", "tradeoff_promises")

FIRST_WORKSPACE = {
    "id": 1,
    "name": "My company",
    "currency": "USD",
    "revision": 1,
    "plan_revision": 1,
    "order_revision": 1,
    "evidence_revision": 1,
    "sponsor_threshold": 50_000_000,
    "recovery_rate": 1500,
    "window_months": 6,
    "weight_interview": 100,
    "weight_customer": 80,
    "weight_rep": 50,
    "weight_crm": 30,
}


def _create_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in LEDGER:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the ledger is never edited or deleted'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is never edited or deleted' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER {table}_final BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_final()"
        )


def _drop_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # they go with their tables
    for table in LEDGER:
        op.execute(f"DROP TRIGGER {table}_final ON {table}")
    op.execute("DROP FUNCTION ledger_is_final()")
