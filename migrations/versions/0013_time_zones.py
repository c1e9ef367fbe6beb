"""The workspace has a time zone, whose days count; people may have one that times are shown in."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "workspace",
        sa.Column("time_zone", sa.String(length=64), nullable=False, server_default="UTC"),
    )
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.alter_column("time_zone", server_default=None)
    op.add_column("users", sa.Column("time_zone", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "time_zone")
    op.drop_column("workspace", "time_zone")
