"""Reverting an import is a job: its state, its lock, and what it is refused for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE = (
    "'uploaded', 'staging', 'asking', 'ready', 'applying', 'applied', 'reverted', 'failed'",
    "'applied', 'reverted'",
)
AFTER = (
    "'uploaded', 'staging', 'asking', 'ready', 'applying', 'applied', 'reverting', 'reverted', "
    "'failed'",
    "'applied', 'reverting', 'reverted'",
)


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


def downgrade() -> None:
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
