"""A deal has a list of the dates that somebody named; the newest that stands is its own.

Who named those that deals have by now, and when, nobody wrote down, but for those that the last
import of the deal brought: the others become a hand's, without a name, of the moment of this step.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NAMED = sa.text("origin_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "deal_dates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "origin IN ('hand', 'request', 'import')", name=op.f("ck_deal_dates_origin_listed")
        ),
        sa.CheckConstraint(
            "(origin = 'hand') = (origin_id IS NULL)",
            name=op.f("ck_deal_dates_hand_is_nobody_else"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_deal_dates_{column}"), ondelete="RESTRICT"
            )
            for column, target in (("deal_id", "deals.id"), ("by_id", "users.id"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_dates")),
    )
    op.create_index("ix_deal_dates_deal_id", "deal_dates", ["deal_id"])
    op.create_index(
        "ix_deal_dates_origin_id", "deal_dates", ["origin_id", "origin"],
        sqlite_where=NAMED, postgresql_where=NAMED,
    )  # fmt: skip
    op.get_bind().execute(
        sa.text(
            """INSERT INTO deal_dates (deal_id, day, origin, origin_id, said_at)
            SELECT d.id, d.needed_by, CASE WHEN brought.id IS NULL THEN 'hand' ELSE 'import' END,
                brought.id, coalesce(brought.applied_at, :now)
            FROM deals d LEFT JOIN (
                SELECT s.external_id, max(s.import_id) AS import_id FROM staged_deals s
                JOIN imports i ON i.id = s.import_id
                WHERE i.state = 'applied' AND s.needed_by IS NOT NULL
                    AND s.action IN ('new', 'changed', 'unchanged')
                GROUP BY s.external_id
            ) last ON last.external_id = d.external_id
            LEFT JOIN staged_deals said ON said.import_id = last.import_id
                AND said.external_id = d.external_id AND said.needed_by = d.needed_by
                AND said.action IN ('new', 'changed', 'unchanged')
            LEFT JOIN imports brought ON brought.id = said.import_id
            WHERE d.needed_by IS NOT NULL ORDER BY d.id"""
        ).bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True))),
        {"now": datetime.now(UTC)},
    )
    op.add_column("request_deals", sa.Column("date_holds", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("request_deals") as batch_op:
        batch_op.drop_column("date_holds")
    op.drop_table("deal_dates")
