"""Rows of a backlog, staged as rows of deals are: shown before they are applied, and taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ACTIONS = ("new", "changed", "unchanged", "skipped", "failed")
_LISTED = " OR ".join(f"action = '{action}'" for action in _ACTIONS)


def upgrade() -> None:
    op.create_table(
        "staged_requests",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("label", sa.String(200)),
        sa.Column("value", sa.String(200)),
        sa.Column("external_id", sa.String(200)),
        sa.Column("name", sa.String(200)),
        sa.Column("changes", sa.JSON(none_as_null=True)),
        sa.Column("said", sa.JSON(none_as_null=True)),
        sa.CheckConstraint(_LISTED, name=op.f("ck_staged_requests_action_listed")),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_staged_requests_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_staged_requests")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("staged_requests")
