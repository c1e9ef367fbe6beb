"""Names that accounts are found by besides their own, of those that were merged as well."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("search_text", sa.String(400), nullable=False),
        sa.Column("external_id", sa.String(200)),
        sa.Column("former_id", sa.Integer()),
        sa.Column("moved", sa.JSON()),
        sa.Column("import_id", sa.Integer()),
        sa.Column("by_id", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(former_id IS NULL) = (external_id IS NULL) AND (former_id IS NULL) = (moved IS NULL)",
            name=op.f("ck_account_names_merged_whole"),
        ),
        sa.CheckConstraint(
            "former_id <> account_id", name=op.f("ck_account_names_not_into_itself")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_account_names_{column}"), ondelete="RESTRICT"
            )
            for column, target in (("account_id", "accounts.id"), ("import_id", "imports.id"),
                                   ("by_id", "users.id"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_names")),
        sa.UniqueConstraint("external_id", name=op.f("uq_account_names_external_id")),
    )  # fmt: skip
    for column in ("account_id", "former_id", "import_id", "search_text"):
        op.create_index(f"ix_account_names_{column}", "account_names", [column])


def downgrade() -> None:
    op.drop_table("account_names")
