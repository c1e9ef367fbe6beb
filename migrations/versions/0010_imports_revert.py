"""Reverting an import is a job: its state, its lock, and what it is refused for.

Few requests are merged into another: an index of those alone is one that databases use. Over all
rows, nearly all of which say nothing, it looks to them as if it found everything.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATES = "'uploaded', 'staging', 'asking', 'ready', 'applying', 'applied', "
BEFORE = (f"{STATES}'reverted', 'failed'", "'applied', 'reverted'")
AFTER = (f"{STATES}'reverting', 'reverted', 'failed'", "'applied', 'reverting', 'reverted'")


def upgrade() -> None:
    with op.batch_alter_table("imports") as batch_op:
        batch_op.add_column(
            sa.Column("job", sa.String(length=32), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("dependences", sa.JSON(), nullable=False, server_default="[]")
        )
    with op.batch_alter_table("imports") as batch_op:
        batch_op.alter_column("job", server_default=None)
        batch_op.alter_column("dependences", server_default=None)
    _states(*AFTER)
    op.drop_index("ix_requests_merged_into_id", "requests")
    said = sa.text("merged_into_id IS NOT NULL")
    op.create_index(
        "ix_requests_merged_into_id", "requests", ["merged_into_id"],
        sqlite_where=said, postgresql_where=said,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_requests_merged_into_id", "requests")
    op.create_index("ix_requests_merged_into_id", "requests", ["merged_into_id"])
    # Nothing of one that is being reverted was taken back yet.
    op.execute(
        "UPDATE imports SET state = 'applied', reverted_by_id = NULL WHERE state = 'reverting'"
    )
    _states(*BEFORE)
    with op.batch_alter_table("imports") as batch_op:
        batch_op.drop_column("dependences")
        batch_op.drop_column("job")


def _states(listed: str, dated: str) -> None:
    names = [op.f(f"ck_imports_{name}") for name in ("state_listed", "applied_dated")]
    with op.batch_alter_table("imports") as batch_op:
        for name in names:
            batch_op.drop_constraint(name, type_="check")
    with op.batch_alter_table("imports") as batch_op:
        batch_op.create_check_constraint(names[0], f"state IN ({listed})")
        batch_op.create_check_constraint(
            names[1], f"(state IN ({dated})) = (applied_at IS NOT NULL)"
        )
