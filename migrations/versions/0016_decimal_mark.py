"""The decimal mark that people type into forms."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAME = "ck_workspace_decimal_mark_listed"


def upgrade() -> None:
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.add_column(
            sa.Column("decimal_mark", sa.String(length=1), nullable=False, server_default=".")
        )
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.alter_column("decimal_mark", server_default=None)
        batch_op.create_check_constraint(op.f(NAME), "decimal_mark IN ('.', ',')")


def downgrade() -> None:
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.drop_constraint(op.f(NAME), type_="check")
        batch_op.drop_column("decimal_mark")
