"""Answers to segments: pivot, double down or leave, with the figures of that moment."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segment_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("segment_name", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("won_count", sa.Integer(), nullable=False),
        sa.Column("won_amount", sa.BigInteger(), nullable=False),
        sa.Column("lost_count", sa.Integer(), nullable=False),
        sa.Column("lost_amount", sa.BigInteger(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("open_amount", sa.BigInteger(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "answer IN ('pivot', 'double down', 'leave')",
            name=op.f("ck_segment_answers_answer_listed"),
        ),
        sa.CheckConstraint("won_count >= 0", name=op.f("ck_segment_answers_won_count_range")),
        sa.CheckConstraint("lost_count >= 0", name=op.f("ck_segment_answers_lost_count_range")),
        sa.CheckConstraint("open_count >= 0", name=op.f("ck_segment_answers_open_count_range")),
        sa.CheckConstraint("fit >= 0 AND fit <= 100", name=op.f("ck_segment_answers_fit_range")),
        sa.CheckConstraint("until >= as_of", name=op.f("ck_segment_answers_until_later")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_segment_answers_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segments.id"],
            name=op.f("fk_segment_answers_segment_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_answers")),
    )
    op.create_index(op.f("ix_segment_answers_by_id"), "segment_answers", ["by_id"])
    op.create_index(op.f("ix_segment_answers_segment_id"), "segment_answers", ["segment_id"])


def downgrade() -> None:
    op.drop_table("segment_answers")
