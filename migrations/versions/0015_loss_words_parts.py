"""A loss reason of CRM's may name several: its deals have those."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAME = "loss_words_parts"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("words_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["words_id"], ["loss_words.id"], name=op.f(f"fk_{NAME}_words_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["loss_words.id"], name=op.f(f"fk_{NAME}_part_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("words_id", "part_id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(op.f(f"ix_{NAME}_part_id"), NAME, ["part_id"])


def downgrade() -> None:
    op.drop_table(NAME)
