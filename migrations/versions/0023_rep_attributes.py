"""What a file of teams says of reps, such as their manager and region."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("attributes", sa.JSON(), nullable=False, server_default="{}")
    with op.batch_alter_table("crm_owners") as batch_op:
        batch_op.add_column(column)
    with op.batch_alter_table("crm_owners") as batch_op:
        batch_op.alter_column("attributes", server_default=None)


def downgrade() -> None:
    op.drop_column("crm_owners", "attributes")
