"""Fiscal years begin with a month of the workspace's, and what is stored names a quarter by its first
day. Changing the month may be a trade-off.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KINDS = (
    "'promotion', 'entry', 'leave', 'effort', 'needs', 'not before', 'state', 'ties', 'capacity'"
)


def upgrade() -> None:
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.add_column(
            sa.Column("fiscal_start", sa.Integer(), nullable=False, server_default="1")
        )
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.alter_column("fiscal_start", server_default=None)
        batch_op.create_check_constraint(
            batch_op.f("ck_workspace_fiscal_start_range"),
            "fiscal_start >= 1 AND fiscal_start <= 12",
        )
    _name(sa.Date(), lambda name: date(int(name[:4]), 3 * int(name[5]) - 2, 1))
    _kinds(f"{KINDS}, 'fiscal year', 'promise'")


def downgrade() -> None:
    """Quarters of a fiscal year become the calendar quarters in which they begin. Fails where the
    ledger holds another fiscal year: nothing of it is ever lost.
    """
    _kinds(f"{KINDS}, 'promise'")
    _name(sa.String(length=6), lambda first: f"{first.year:04d}Q{(first.month + 2) // 3}")
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_workspace_fiscal_start_range"), type_="check")
        batch_op.drop_column("fiscal_start")


def _name(type_, name) -> None:
    """Quarters by other names: capacities, which have them in their key, in a new table."""
    old = sa.Date() if isinstance(type_, sa.String) else sa.String(length=6)
    database = op.get_bind()
    capacities = sa.table(
        "capacities", sa.column("team_id"), sa.column("quarter", old), sa.column("days_per_week")
    )
    rows = [
        {"team_id": team, "quarter": name(quarter), "days_per_week": days}
        for team, quarter, days in database.execute(sa.select(capacities)).all()
    ]
    op.drop_table("capacities")
    form = sa.CheckConstraint("length(quarter) = 6", name=op.f("ck_capacities_quarter_form"))
    made = op.create_table(
        "capacities",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("quarter", type_, nullable=False),
        sa.Column("days_per_week", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "days_per_week >= 0 AND days_per_week <= 5000",
            name=op.f("ck_capacities_days_per_week_range"),
        ),
        *([form] if isinstance(type_, sa.String) else []),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_capacities_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "quarter", name=op.f("pk_capacities")),
    )
    if rows:
        op.bulk_insert(made, rows)
    asks = sa.table("conversations", sa.column("id"), sa.column("ask_quarter", old))
    known = database.execute(sa.select(asks).where(asks.c.ask_quarter.is_not(None))).all()
    # Empty meanwhile: neither database would turn one into the other.
    database.execute(sa.update(asks).values(ask_quarter=None))
    with op.batch_alter_table("conversations") as batch_op:
        batch_op.alter_column("ask_quarter", type_=type_, postgresql_using="NULL")
    asks = sa.table("conversations", sa.column("id"), sa.column("ask_quarter", type_))
    for id, quarter in known:
        database.execute(sa.update(asks).where(asks.c.id == id).values(ask_quarter=name(quarter)))


def _kinds(values: str) -> None:
    """SQLite copies a table to change it, and its triggers go with the old one."""
    with op.batch_alter_table("tradeoffs") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_tradeoffs_kind_listed"), type_="check")
    with op.batch_alter_table("tradeoffs") as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_tradeoffs_kind_listed"), f"kind IN ({values})"
        )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tradeoffs_no_{verb.lower()} BEFORE {verb} ON tradeoffs "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is never edited or deleted'); END"
            )
