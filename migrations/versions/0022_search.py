"""Search boxes compare folded texts, and the workspace has a glossary."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from roadmap.domain.folding import COMMON, folded

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CHUNK = 5_000
NAMES = {"accounts": ("id",), "deals": ("id",), "staged_accounts": ("import_id", "row"),
         "staged_deals": ("import_id", "row")}  # fmt: skip


def upgrade() -> None:
    glossary = sa.Column("glossary", sa.Text(), nullable=False, server_default="")
    _add("workspace", glossary)
    op.execute(sa.text("UPDATE workspace SET glossary = :text").bindparams(text=COMMON))
    for name in ("search_text", "search_body"):
        _add("requests", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    _fill("requests", "search_text", ("title", "prospect"), ("id",))
    _fill("requests", "search_body", ("body", "purpose", "quote"), ("id",))
    for table, key in NAMES.items():
        _fill(table, "search_text", ("name",), key)
    op.create_index("ix_deals_search_text", "deals", ["search_text", "account_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_deals_search_text", "deals")
    for name in ("search_text", "search_body"):
        with op.batch_alter_table("requests") as batch_op:
            batch_op.drop_column(name)
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.drop_column("glossary")


def _add(table: str, column: sa.Column) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.add_column(column)
    with op.batch_alter_table(table) as batch_op:
        batch_op.alter_column(column.name, server_default=None)


def _fill(name: str, column: str, of: Sequence[str], by: Sequence[str]) -> None:
    table = sa.table(name, *map(sa.column, (column, *of, *by)))
    update = sa.update(table).where(*(table.c[each] == sa.bindparam(f"of_{each}") for each in by))
    update = update.values({column: sa.bindparam("text")})
    found = op.get_bind().execute(sa.select(*(table.c[each] for each in (*of, *by))))
    rows = [
        {"text": folded(" ".join(str(getattr(row, each) or "") for each in of)),
         **{f"of_{each}": getattr(row, each) for each in by}}
        for row in found
    ]  # fmt: skip
    for row in rows if of == ("name",) else ():
        row["text"] = row["text"][:400]
    for start in range(0, len(rows), CHUNK):
        op.get_bind().execute(update, rows[start : start + CHUNK])
