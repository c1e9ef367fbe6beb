"""Commitments that are taken back, or moved later, stand in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BEFORE = (
    "'promotion', 'entry', 'leave', 'effort', 'needs', 'not before', 'state', 'ties', 'capacity'"
)
#: Table, the check of which column, and what it lists before and afterwards.
LISTS = (
    ("tradeoffs", "kind", BEFORE, f"{BEFORE}, 'promise'"),
    ("tradeoff_deals", "direction", "'pushed', 'brought'", "'pushed', 'brought', 'relied'"),
    ("tradeoff_promises", "direction", "'broken', 'mended'", "'broken', 'mended', 'withdrawn'"),
)
COUNTS = (
    ("withdrawn_count", sa.Integer()),
    ("relied_count", sa.Integer()),
    ("relied_amount", sa.BigInteger()),
)


def upgrade() -> None:
    for table, column, _, after in LISTS:
        _list(table, column, after)
    with op.batch_alter_table("tradeoffs") as batch_op:
        for name, kind in COUNTS:
            # What is recorded already took no commitment back.
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default="0"))
    with op.batch_alter_table("tradeoffs") as batch_op:
        for name, _ in COUNTS:
            batch_op.alter_column(name, server_default=None)
    _protect()


def downgrade() -> None:
    """Fails where the ledger holds such an event: nothing of it is ever lost."""
    with op.batch_alter_table("tradeoffs") as batch_op:
        for name, _ in reversed(COUNTS):
            batch_op.drop_column(name)
    for table, column, before, _ in LISTS:
        _list(table, column, before)
    _protect()


def _list(table: str, column: str, values: str) -> None:
    name = f"ck_{table}_{column}_listed"
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(batch_op.f(name), type_="check")
    with op.batch_alter_table(table) as batch_op:
        batch_op.create_check_constraint(batch_op.f(name), f"{column} IN ({values})")


def _protect() -> None:
    """SQLite copies a table to change it, and its triggers go with the old one."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, *_ in LISTS:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is never edited or deleted'); END"
            )
