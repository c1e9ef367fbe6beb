"""Sessions live here instead of in their cookies, and wrong passwords are counted here."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("browser", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"])
    op.create_table(
        "sign_in_failures",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failures")),
    )
    # In place: a copy of the table would have to be pointed to anew by half of the others.
    op.drop_column("users", "session_key")


def downgrade() -> None:
    """Everybody signs in again. The key is a random one, so that no older cookie fits it."""
    op.add_column(
        "users", sa.Column("session_key", sa.String(length=32), nullable=False, server_default="")
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    key = "lower(hex(randomblob(16)))" if sqlite else "replace(gen_random_uuid()::text, '-', '')"
    op.execute(f"UPDATE users SET session_key = {key}")
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("session_key", server_default=None)
    op.drop_table("sign_in_failures")
    op.drop_index(op.f("ix_user_sessions_user_id"), "user_sessions")
    op.drop_table("user_sessions")
