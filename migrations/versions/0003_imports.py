"""Imports, their rows in staging, and what CRM's words and currencies mean."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_exchange_rates_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_exchange_rates")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("full_export", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared_revision", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by_id", sa.Integer(), nullable=True),
        sa.Column("reverted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reverted_by_id", sa.Integer(), nullable=True),
        sa.Column("beside", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(state = 'reverted') = (reverted_at IS NOT NULL)",
            name=op.f("ck_imports_reverted_dated"),
        ),
        sa.CheckConstraint(
            "(state IN ('applied', 'reverted')) = (applied_at IS NOT NULL)",
            name=op.f("ck_imports_applied_dated"),
        ),
        sa.CheckConstraint(
            "state IN ('uploaded', 'staging', 'asking', 'ready', 'applying', 'applied', 'reverted', 'failed')",
            name=op.f("ck_imports_state_listed"),
        ),
        sa.CheckConstraint("attempt >= 0", name=op.f("ck_imports_attempt_range")),
        sa.CheckConstraint("done >= 0", name=op.f("ck_imports_done_range")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_imports_total_range")),
        sa.ForeignKeyConstraint(
            ["applied_by_id"],
            ["users.id"],
            name=op.f("fk_imports_applied_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_imports_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverted_by_id"],
            ["users.id"],
            name=op.f("fk_imports_reverted_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "loss_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=True),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "bucket IN ('product', 'price', 'process', 'presence')",
            name=op.f("ck_loss_words_bucket_listed"),
        ),
        sa.CheckConstraint(
            "problem_id IS NULL OR bucket = 'product'",
            name=op.f("ck_loss_words_problem_of_product"),
        ),
        sa.CheckConstraint(
            "bucket IS NULL OR decided_at IS NOT NULL", name=op.f("ck_loss_words_bucket_decided")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_loss_words_decided_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problems.id"],
            name=op.f("fk_loss_words_problem_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss_words")),
        sa.UniqueConstraint("key", name=op.f("uq_loss_words_key")),
    )
    op.create_index(op.f("ix_loss_words_problem_id"), "loss_words", ["problem_id"])
    op.create_table(
        "saved_mappings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_saved_mappings_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_mappings")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_mappings_name")),
    )
    op.create_table(
        "stage_words",
        sa.Column("setting", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.Column("meaning", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "meaning IN ('open', 'won', 'lost')", name=op.f("ck_stage_words_meaning_listed")
        ),
        sa.CheckConstraint(
            "setting IN ('stages', 'statuses')", name=op.f("ck_stage_words_setting_listed")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_stage_words_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("setting", "key", name=op.f("pk_stage_words")),
    )
    op.create_table(
        "staged_accounts",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=True),
        sa.Column("value", sa.String(length=200), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("search_text", sa.String(length=400), nullable=True),
        sa.Column("industry", sa.String(length=200), nullable=True),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("revenue", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.Column("fit", sa.Integer(), nullable=True),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=True),
        sa.Column("merged", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "action IN ('new', 'changed', 'unchanged', 'skipped', 'failed')",
            name=op.f("ck_staged_accounts_action_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_staged_accounts_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_staged_accounts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "staged_deals",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=True),
        sa.Column("value", sa.String(length=200), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("search_text", sa.String(length=400), nullable=True),
        sa.Column("account_key", sa.String(length=200), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("product", sa.String(length=200), nullable=True),
        sa.Column("stage", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=True),
        sa.Column("lost_to", sa.String(length=20), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("amount_source", sa.String(length=20), nullable=True),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("close_date", sa.Date(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.Column("words_key", sa.String(length=200), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=True),
        sa.Column("merged", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "action IN ('new', 'changed', 'unchanged', 'skipped', 'failed')",
            name=op.f("ck_staged_deals_action_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_staged_deals_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_staged_deals")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("blockers") as batch_op:
        batch_op.add_column(sa.Column("loss_words_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_blockers_loss_words_id"), ["loss_words_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_blockers_loss_words_id"),
            "loss_words",
            ["loss_words_id"],
            ["id"],
            ondelete="RESTRICT",
        )

    with op.batch_alter_table("deals") as batch_op:
        batch_op.add_column(sa.Column("amount_source", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("vanished_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("loss_words_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_deals_loss_words_id", ["loss_words_id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_deals_amount_source_listed"),
            "amount_source IN ('list price', 'average')",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_deals_source_of_amount"), "amount_source IS NULL OR amount IS NOT NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_deals_loss_words_id"),
            "loss_words",
            ["loss_words_id"],
            ["id"],
            ondelete="RESTRICT",
        )

    with op.batch_alter_table("loss_reasons") as batch_op:
        batch_op.add_column(sa.Column("loss_words_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_loss_reasons_loss_words_id"), ["loss_words_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_loss_reasons_loss_words_id"),
            "loss_words",
            ["loss_words_id"],
            ["id"],
            ondelete="RESTRICT",
        )


def downgrade() -> None:
    with op.batch_alter_table("loss_reasons") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_loss_reasons_loss_words_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_loss_reasons_loss_words_id"))
        batch_op.drop_column("loss_words_id")

    with op.batch_alter_table("deals") as batch_op:
        for name in ("source_of_amount", "amount_source_listed"):
            batch_op.drop_constraint(batch_op.f(f"ck_deals_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_deals_loss_words_id"), type_="foreignkey")
        batch_op.drop_index("ix_deals_loss_words_id")
        batch_op.drop_column("loss_words_id")
        batch_op.drop_column("vanished_on")
        batch_op.drop_column("amount_source")

    with op.batch_alter_table("blockers") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_blockers_loss_words_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_blockers_loss_words_id"))
        batch_op.drop_column("loss_words_id")

    op.drop_table("staged_deals")
    op.drop_table("staged_accounts")
    op.drop_table("stage_words")
    op.drop_table("saved_mappings")
    op.drop_table("loss_words")
    op.drop_table("imports")
    op.drop_table("exchange_rates")
