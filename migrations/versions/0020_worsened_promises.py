"""Promises that were missed already and are missed by more stand in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BEFORE = "'broken', 'mended', 'withdrawn'"


def upgrade() -> None:
    _list(f"{BEFORE}, 'worsened'")
    with op.batch_alter_table("tradeoffs") as batch_op:
        # What is recorded already did not look at promises that were missed.
        batch_op.add_column(
            sa.Column("worsened_count", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("tradeoffs") as batch_op:
        batch_op.alter_column("worsened_count", server_default=None)
    _protect()


def downgrade() -> None:
    """Fails where the ledger holds such a promise: nothing of it is ever lost."""
    _list(BEFORE)
    with op.batch_alter_table("tradeoffs") as batch_op:
        batch_op.drop_column("worsened_count")
    _protect()


def _list(values: str) -> None:
    name = "ck_tradeoff_promises_direction_listed"
    with op.batch_alter_table("tradeoff_promises") as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_="check")
    with op.batch_alter_table("tradeoff_promises") as batch_op:
        batch_op.create_check_constraint(batch_op.f(name), f"direction IN ({values})")


def _protect() -> None:
    """SQLite copies a table to change it, and its triggers go with the old one."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in ("tradeoffs", "tradeoff_promises"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is never edited or deleted'); END"
            )
