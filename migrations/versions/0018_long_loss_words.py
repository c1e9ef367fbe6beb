"""Loss reasons that share their first 200 characters are told apart by a hash of the whole."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOST, HASH = 200, 16
WORDS = sa.table("loss_words", sa.column("id"), sa.column("key"), sa.column("text"))


def upgrade() -> None:
    """The one wording that each cut key has goes on under the key of its whole text."""
    for id, text in _long():
        key = text.casefold()
        end = sha256(key.encode()).hexdigest()[:HASH]
        _rename(id, f"{key[: MOST - HASH]}{end}")


def downgrade() -> None:
    """Cut again, where no other wording has that key yet: of two, the later one keeps its own."""
    taken = set(op.get_bind().scalars(sa.select(WORDS.c.key)))
    for id, text in _long():
        key = text.casefold()[:MOST]
        if key not in taken:
            taken.add(key)
            _rename(id, key)


def _long() -> list[tuple[int, str]]:
    some = sa.select(WORDS.c.id, WORDS.c.text).where(sa.func.length(WORDS.c.text) >= MOST - HASH)
    rows = op.get_bind().execute(some.order_by(WORDS.c.id))
    return [(id, text) for id, text in rows if len(text.casefold()) > MOST]


def _rename(id: int, key: str) -> None:
    op.get_bind().execute(sa.update(WORDS).where(WORDS.c.id == id).values(key=key))
