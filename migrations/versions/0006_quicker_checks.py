"""What becomes of a staged row is checked word by word; staged accounts are found by id and name.

SQLite looks into a list of words at the cost of a small index for each row, which took a third of
the time of writing one. Accounts are found in staging, so that not all need be in memory.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("staged_accounts", "staged_deals")
WORDS = ("new", "changed", "unchanged", "skipped", "failed")
LISTED = "action IN ('new', 'changed', 'unchanged', 'skipped', 'failed')"
ONE_BY_ONE = " OR ".join(f"action = '{word}'" for word in WORDS)


def upgrade() -> None:
    _check(ONE_BY_ONE)
    for column in ("external_id", "search_text"):
        op.create_index(f"ix_staged_accounts_{column}", "staged_accounts", ["import_id", column])


def downgrade() -> None:
    for column in ("external_id", "search_text"):
        op.drop_index(f"ix_staged_accounts_{column}", "staged_accounts")
    _check(LISTED)


def _check(rule: str) -> None:
    for table in TABLES:
        name = op.f(f"ck_{table}_action_listed")
        with op.batch_alter_table(table, table_kwargs={"sqlite_with_rowid": False}) as batch:
            batch.drop_constraint(name, type_="check")
            batch.create_check_constraint(name, rule)
