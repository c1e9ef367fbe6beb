"""Names have a key that both databases sort by in the same order: Unicode's.

Deals are listed along its index, which takes the place of the one over their lower-case names.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from roadmap.domain.collation import sort_key

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TITLED = {"initiatives", "problems"}
NAMED = ("accounts", "crm_owners", "deals", "initiatives", "problems", "products", "segments",
         "teams", "users")  # fmt: skip
STAGED = ("staged_accounts", "staged_deals")
CHUNK = 5_000


def upgrade() -> None:
    for name in (*NAMED, *STAGED):
        given = {"server_default": sa.text("''"), "nullable": False} if name in NAMED else {}
        op.add_column(name, sa.Column("sort_key", sa.LargeBinary(), **given))
        _fill(name)
    op.drop_index("ix_deals_search_text", "deals")
    for name in ("accounts", "deals"):
        op.create_index(f"ix_{name}_sort_key", name, ["sort_key", "id"])


def downgrade() -> None:
    for name in ("accounts", "deals"):
        op.drop_index(f"ix_{name}_sort_key", name)
    op.create_index("ix_deals_search_text", "deals", ["search_text", "id"])
    for name in (*NAMED, *STAGED):
        op.drop_column(name, "sort_key")


def _fill(name: str) -> None:
    column = "title" if name in TITLED else "name"
    by = ("import_id", "row") if name in STAGED else ("id",)
    table = sa.table(name, *map(sa.column, (column, "sort_key", *by)))
    update = sa.update(table).where(*(table.c[each] == sa.bindparam(f"of_{each}") for each in by))
    update = update.values(sort_key=sa.bindparam("key", type_=sa.LargeBinary()))
    for rows in _chunks(sa.select(table.c[column].label("text"), *(table.c[each] for each in by))):
        op.get_bind().execute(update, [
            {"key": sort_key(row.text), **{f"of_{each}": getattr(row, each) for each in by}}
            for row in rows
        ])  # fmt: skip


def _chunks(statement: sa.Select) -> Iterator[list[sa.Row]]:
    rows = [row for row in op.get_bind().execute(statement) if row.text is not None]
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
