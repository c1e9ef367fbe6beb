"""How severe a problem is for a deal: what holds the deal, and what weighs less.

All that was said until now is a deal breaker, so no figure changes. What requests said would happen
if nothing changed stays with them as it was said.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FACTORS = {"deal_breaker": 100, "hindrance": 50, "nice_to_have": 10}
INDEX = "ix_statements_root_id"
COLUMNS = ["root_id", "counts", "deal_id", "source", "reason_weight", "ended_at"]
COUNTED = op.f("ck_statements_counts_with_strength")


def upgrade() -> None:
    op.drop_index(INDEX, "statements")
    op.add_column("statements", sa.Column("problem_strength", sa.Integer(), nullable=True))
    op.execute(
        """UPDATE statements SET problem_strength = strongest.strength FROM (
            SELECT deal_id, root_id, max(strength) AS strength FROM statements
            WHERE counts GROUP BY deal_id, root_id
        ) AS strongest
        WHERE statements.counts AND strongest.deal_id = statements.deal_id
            AND strongest.root_id = statements.root_id"""
    )
    with op.batch_alter_table("statements") as batch_op:
        batch_op.create_check_constraint(COUNTED, "(problem_strength IS NOT NULL) = counts")
    _index([*COLUMNS[:-1], "problem_strength", COLUMNS[-1]])
    _add("workspace", {f"factor_{name}": sa.Integer() for name in FACTORS}, FACTORS.values())
    with op.batch_alter_table("workspace") as batch_op:
        for name in FACTORS:
            batch_op.create_check_constraint(
                op.f(f"ck_workspace_factor_{name}_range"),
                f"factor_{name} >= 0 AND factor_{name} <= 100",
            )
    _add("requests", {"severity": sa.String(length=20)}, ["deal breaker"])
    with op.batch_alter_table("requests") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_requests_severity_listed"),
            "severity IN ('nice to have', 'hindrance', 'deal breaker')",
        )


def downgrade() -> None:
    """Whatever was said is a deal breaker again; where it was not, figures are counted anew."""
    op.execute(
        "UPDATE workspace SET figures_as_of = NULL "
        "WHERE EXISTS (SELECT 1 FROM statements WHERE severity <> 'deal breaker')"
    )
    op.execute(
        "UPDATE statements SET severity = 'deal breaker', strength = strength - strength % 3 + 2 "
        "WHERE severity <> 'deal breaker'"
    )
    for table, checks, columns in (
        ("requests", ["severity_listed"], ["severity"]),
        (
            "workspace",
            [f"factor_{name}_range" for name in FACTORS],
            [f"factor_{name}" for name in FACTORS],
        ),
        ("statements", ["counts_with_strength"], ["problem_strength"]),
    ):
        if table == "statements":
            op.drop_index(INDEX, table)
        with op.batch_alter_table(table) as batch_op:
            for name in checks:
                batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            for name in columns:
                batch_op.drop_column(name)
    _index(COLUMNS)


def _index(columns: list[str]) -> None:
    standing = sa.text("ended_at IS NULL")
    op.create_index(INDEX, "statements", columns, sqlite_where=standing, postgresql_where=standing)


def _add(table: str, columns: dict[str, sa.types.TypeEngine], values: object) -> None:
    """Columns that no row may lack, with what all rows have at first."""
    with op.batch_alter_table(table) as batch_op:
        for (name, type_), value in zip(columns.items(), values, strict=True):
            batch_op.add_column(sa.Column(name, type_, nullable=False, server_default=str(value)))
    with op.batch_alter_table(table) as batch_op:
        for name in columns:
            batch_op.alter_column(name, server_default=None)
