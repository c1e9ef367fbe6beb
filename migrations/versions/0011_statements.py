"""What was said of deals is one table: a statement for each origin that says something.

A blocker and a loss reason were shared by whoever said the same; now each says it for themselves,
and the first of them stands for all. What a standing merge moved is known by the problem that it
was said of, so that undoing needs no rows kept aside.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAMED = "origin_id IS NOT NULL"
STANDING = "ended_at IS NULL"
BUCKETS = ("product", "price", "process", "presence")
SOURCES = ("crm", "rep", "customer", "interview")
#: Source and, the severity being the same for all, the strongest of three.
STRENGTH = "CASE source WHEN 'crm' THEN 2 WHEN 'rep' THEN 5 WHEN 'customer' THEN 8 ELSE 11 END"
MOST_WEIGHT = 1000
#: How many values a statement names at most.
CHUNK = 5_000
#: What a step keeps besides evidence, as it was and is.
KEPT = (
    "requests", "ties_before", "ties_after", "segments_before", "segments_after", "parents",
)  # fmt: skip

_MOMENT = sa.DateTime(timezone=True)
_STATEMENTS = sa.table(
    "statements",
    *(
        sa.column(name)
        for name in (
            "id", "origin", "origin_id", "deal_id", "problem_id", "root_id", "bucket", "source",
            "severity", "weight", "words", "by_id", "amount_then", "stage_then", "fit_then",
            "strength", "reason_weight",
        )
    ),
    sa.column("said_at", _MOMENT),
    sa.column("ended_at", _MOMENT),
    sa.column("counts", sa.Boolean()),
)  # fmt: skip
_CONVERSATIONS = sa.table(
    "conversations",
    *(sa.column(name) for name in ("id", "deal_id", "changed_by_id", "state")),
    sa.column("changed_at", _MOMENT),
)
_INTERVIEW_REASONS = sa.table(
    "interview_reasons",
    *(
        sa.column(name)
        for name in (
            "id", "conversation_id", "position", "bucket", "problem_id", "weight", "quote",
            "blocker_id", "loss_reason_id", "found",
        )
    ),
)  # fmt: skip


def upgrade() -> None:
    _create_statements()
    bind = op.get_bind()
    bind.execute(
        sa.text(f"""
        INSERT INTO statements (id, origin, origin_id, deal_id, problem_id, root_id, bucket, source,
            severity, weight, words, said_at, by_id, amount_then, stage_then, fit_then, strength,
            counts, reason_weight)
        SELECT id, CASE WHEN loss_words_id IS NOT NULL OR source = 'crm' AND tied_by_id IS NULL
            THEN 'crm' ELSE 'hand' END, loss_words_id, deal_id, problem_id, problem_id, bucket,
            source, 'deal breaker', weight, note, tied_at, tied_by_id, amount_then, stage_then,
            fit_then, {STRENGTH}, counts, weight
        FROM blockers ORDER BY id""")
    )
    last = bind.scalar(sa.text("SELECT max(id) FROM blockers")) or 0
    bind.execute(
        sa.text(f"""
        INSERT INTO statements (id, origin, origin_id, deal_id, bucket, source, severity, weight,
            words, said_at, by_id, stage_then, fit_then, strength, counts, reason_weight)
        SELECT :last + id, CASE WHEN loss_words_id IS NOT NULL
            OR source = 'crm' AND recorded_by_id IS NULL THEN 'crm' ELSE 'hand' END,
            loss_words_id, deal_id, bucket, source, 'deal breaker', weight, note, recorded_at,
            recorded_by_id, '', 0, {STRENGTH}, FALSE, weight
        FROM loss_reasons ORDER BY id"""),
        {"last": last},
    )
    _Carrying(bind, last).carry()
    _count_on(bind, "statements")
    for table in ("interview_reasons", "request_blockers", "request_reasons"):
        op.drop_table(table)
    with op.batch_alter_table("deal_reports") as batch_op:
        for name in ("blocker_id", "loss_reason_id"):
            batch_op.drop_index(batch_op.f(f"ix_deal_reports_{name}"))
            batch_op.drop_constraint(batch_op.f(f"fk_deal_reports_{name}"), type_="foreignkey")
        for name in ("blocker_id", "loss_reason_id", "found"):
            batch_op.drop_column(name)
    op.drop_table("blockers")
    op.drop_table("loss_reasons")


class _Speaker(NamedTuple):
    """Whoever rested on a row: an origin, what it said there, and what that weighs."""

    origin: str
    id: int
    words: str
    weight: int = 1


class _Carrying:
    """Tells apart who said what of each blocker and each reason."""

    def __init__(self, bind: sa.Connection, last: int) -> None:
        self.bind = bind
        #: What reasons' ids grew by.
        self.last = last
        #: By statement, the requests that rested on it.
        self.requests: dict[int, set[int]] = defaultdict(set)
        #: By interview's reason or report: the statement that carried it, and whether it was found.
        self.carried: dict[tuple[str, int], tuple[int, bool]] = {}
        #: By statement, the problem that it was said of, where that is not where it counts.
        self.said_of: dict[int, int] = {}
        #: By split, its statements and the problems that they were said of before.
        self.split: dict[int, list[list[int]]] = defaultdict(list)
        self.touched: set[int] = set()
        self.newest = bind.scalar(sa.text("SELECT max(id) FROM statements")) or 0

    def carry(self) -> None:
        for column, table, shift in (
            ("blocker_id", "request_blockers", 0),
            ("reason_id", "request_reasons", self.last),
        ):
            rows = self._rows(f"SELECT {column}, request_id FROM {table}")
            for id, request in rows:
                self.requests[id + shift].add(request)
        for kind, table in (("interview", "interview_reasons"), ("report", "deal_reports")):
            rows = self._rows(
                f"SELECT id, blocker_id, loss_reason_id, found FROM {table} "
                "WHERE blocker_id IS NOT NULL OR loss_reason_id IS NOT NULL"
            )
            for id, blocker, reason, found in rows:
                at = blocker if blocker is not None else reason + self.last
                self.carried[kind, id] = at, bool(found)
        steps = self._rows(
            "SELECT id, kind, problem_id, other_id, moved, undone_at IS NULL FROM problem_steps "
            "ORDER BY id DESC"
        )
        steps = [
            (*row[:4], json.loads(row[4]) if isinstance(row[4], str) else row[4], row[5])
            for row in steps
        ]
        for id, kind, problem, other, moved, stands in steps:
            if stands:
                self._take_apart(id, kind, problem, other, moved)
        self._say()
        self._write_problems()
        for id, *_, moved, _ in steps:
            kept = {name: moved.get(name, []) for name in KEPT}
            kept["statements"] = sorted(self.split[id])
            self.bind.execute(
                sa.text("UPDATE problem_steps SET moved = :moved WHERE id = :id"),
                {"id": id, "moved": json.dumps(kept)},
            )
        self._withdrawn()
        self._recount()

    def _take_apart(
        self, step: int, kind: str, problem: int, other: int, moved: dict[str, Any]
    ) -> None:
        """Undo a step in what is told here, the newest first; where things count stays."""
        if kind == "split":
            for id in (*moved["blockers"], *moved["copies"]):
                self.split[step].append([id, problem])
            return
        restored = {row["id"]: self._restored(row, other, problem) for row in moved["removed"]}
        for request, blocker in moved["rests_after"]:
            self.requests[blocker].discard(request)
        for request, blocker in moved["rests_before"]:
            self.requests[restored.get(blocker, blocker)].add(request)
        for link_kind, id, blocker, found, after, _ in moved["said"]:
            if self.carried.get((link_kind, id), (None,))[0] == after:
                self.carried[link_kind, id] = restored.get(blocker, blocker), bool(found)
        for blocker, note in moved["notes"]:
            self._execute(
                "UPDATE statements SET words = :note WHERE id = :id", id=blocker, note=note
            )
        of_split = {id: pair for pairs in self.split.values() for pair in pairs for id in pair[:1]}
        for blocker in moved["blockers"]:
            if blocker in of_split:
                of_split[blocker][1] = other
            else:
                self.said_of[blocker] = other

    def _restored(self, row: dict[str, Any], other: int, problem: int) -> int:
        """A blocker that gave way to another: it is said of the merged problem again."""
        id = self._next()
        stays = self.bind.execute(
            sa.text(
                "SELECT counts FROM statements "
                "WHERE root_id = :root AND deal_id = :deal AND source = :source"
            ),
            {"root": problem, "deal": row["deal_id"], "source": row["source"]},
        ).first()
        if stays is not None:  # Else it was untied since, and so is this.
            crm = row.get("loss_words_id") or (row["source"] == "crm" and not row["tied_by_id"])
            self._insert(
                id=id, origin="crm" if crm else "hand", origin_id=row.get("loss_words_id"),
                deal_id=row["deal_id"], problem_id=other, root_id=problem, bucket=row["bucket"],
                source=row["source"], weight=row["weight"], words=row["note"],
                said_at=datetime.fromisoformat(row["tied_at"]), by_id=row["tied_by_id"],
                amount_then=row["amount_then"], stage_then=row["stage_then"],
                fit_then=row["fit_then"], counts=bool(stays[0]),
            )  # fmt: skip
            self.touched.add(id)
        return id

    def _say(self) -> None:
        """Give each statement to whoever said it first, and one of their own to all others."""
        found: set[int] = set()
        speakers = self._speakers(found)
        notes = {
            id: note
            for some in _chunks(sorted(speakers))
            for id, note in self._rows(
                "SELECT id, words FROM statements WHERE id IN :ids", ids=some
            )
        }
        for id, said in sorted(speakers.items()):
            first = None
            if self.requests[id] or id not in found:
                # What the row says is what its first speaker said.
                first = next((each for each in said if each.words == notes.get(id)), said[0])
                self._execute(
                    "UPDATE statements SET origin = :origin, origin_id = :origin_id, "
                    "weight = :weight WHERE id = :id",
                    id=id, origin=first.origin, origin_id=first.id, weight=first.weight,
                )  # fmt: skip
            for each in said:
                if each is not first and id in notes:
                    self._copy(id, each)
            self.touched.add(id)
        self._rely()

    def _speakers(self, found: set[int]) -> dict[int, list[_Speaker]]:
        """By statement, all who rest on it; those go into `found` that others had made before."""
        speakers: dict[int, list[_Speaker]] = defaultdict(list)
        wanted = sorted({request for requests in self.requests.values() for request in requests})
        words = self._words_of(wanted)
        for id, requests in self.requests.items():
            speakers[id] += [_Speaker("request", each, words[each]) for each in sorted(requests)]
        interviews = {
            id: _Speaker("interview", conversation, quote, weight)
            for id, conversation, quote, weight in self._rows(
                "SELECT id, conversation_id, quote, weight FROM interview_reasons"
            )
        }
        reports = {
            id: _Speaker("report", id, quote)
            for id, quote in self._rows("SELECT id, quote FROM deal_reports")
        }
        for (kind, id), (at, was_found) in sorted(self.carried.items()):
            speakers[at].append(interviews[id] if kind == "interview" else reports[id])
            if was_found:
                found.add(at)
        return speakers

    def _rely(self) -> None:
        """Requests that say what somebody else had said before did not rest on it; they say it now
        themselves.
        """
        requests = {
            row[0]: row[1:]
            for row in self._rows(
                "SELECT id, merged_into_id, state, problem_id, quote_confirmed FROM requests"
            )
        }
        says = set(
            self._rows("SELECT origin_id, deal_id, root_id, source FROM statements "
                       "WHERE origin = 'request' AND root_id IS NOT NULL")
        )  # fmt: skip
        lacking = []
        for request, deal in self._rows("SELECT request_id, deal_id FROM request_deals"):
            head = request
            while requests[head][0] is not None:
                head = requests[head][0]
            _, state, problem, _ = requests[head]
            source = "customer" if requests[request][3] else "rep"
            if state == "confirmed" and (request, deal, problem, source) not in says:
                lacking.append((request, deal, problem, source, head))
        words = self._words_of(sorted({each[0] for each in lacking}))
        for request, deal, problem, source, head in sorted(lacking):
            there = self._rows(
                "SELECT min(id) FROM statements WHERE deal_id = :deal AND root_id = :problem "
                "AND source = :source AND ended_at IS NULL",
                deal=deal, problem=problem, source=source,
            )[0][0]  # fmt: skip
            if there is not None:
                new = self._copy(there, _Speaker("request", request, words[request]))
                self._execute(
                    "UPDATE statements SET said_at = e.at, by_id = e.by_id FROM request_events e "
                    "WHERE statements.id = :new AND e.id = (SELECT max(id) FROM request_events "
                    "WHERE request_id = :head AND kind = 'confirmed')",
                    new=new, head=head,
                )  # fmt: skip
                self.touched.add(there)

    def _copy(self, id: int, said: _Speaker) -> int:
        new = self._next()
        self._execute(
            """INSERT INTO statements (id, origin, origin_id, deal_id, problem_id, root_id, bucket,
                source, severity, weight, words, said_at, by_id, amount_then, stage_then, fit_then,
                strength, counts)
            SELECT :new, :origin, :origin_id, deal_id, problem_id, root_id, bucket, source,
                severity, :weight, :words, said_at, by_id, amount_then, stage_then, fit_then,
                strength, counts FROM statements WHERE id = :id""",
            new=new, id=id, origin=said.origin, origin_id=said.id, weight=said.weight,
            words=said.words,
        )  # fmt: skip
        if id in self.said_of:
            self.said_of[new] = self.said_of[id]
        for pairs in self.split.values():
            pairs += [[new, problem] for statement, problem in list(pairs) if statement == id]
        return new

    def _words_of(self, requests: list[int]) -> dict[int, str]:
        return {
            id: quote if confirmed and quote else title
            for some in _chunks(requests)
            for id, quote, title, confirmed in self._rows(
                "SELECT id, quote, title, quote_confirmed FROM requests WHERE id IN :ids", ids=some
            )
        }

    def _write_problems(self) -> None:
        of: dict[int, list[int]] = defaultdict(list)
        for statement, problem in self.said_of.items():
            of[problem].append(statement)
        for problem, ids in of.items():
            for some in _chunks(ids):
                self.bind.execute(
                    sa.text(
                        "UPDATE statements SET problem_id = :problem WHERE id IN :ids"
                    ).bindparams(sa.bindparam("ids", expanding=True)),
                    {"problem": problem, "ids": some},
                )

    def _withdrawn(self) -> None:
        """What interviews say that stands on no deal: they were withdrawn, or the deal was won."""
        r, c = _INTERVIEW_REASONS.c, _CONVERSATIONS.c
        rows = self.bind.execute(
            sa.select(
                r.conversation_id, c.deal_id, r.problem_id, r.bucket, r.weight, r.quote,
                c.changed_at, c.changed_by_id, c.state,
            )
            .join(_CONVERSATIONS, c.id == r.conversation_id)
            .where(r.blocker_id.is_(None), r.loss_reason_id.is_(None), c.deal_id.is_not(None))
            .order_by(r.conversation_id, r.position)
        ).all()  # fmt: skip
        merged = dict(
            self._rows("SELECT id, merged_into_id FROM problems WHERE merged_into_id IS NOT NULL")
        )
        for conversation, deal, problem, bucket, weight, quote, at, by, state in rows:
            root = problem
            while root in merged:
                root = merged[root]
            id = self._next()
            self._insert(
                id=id, origin="interview", origin_id=conversation, deal_id=deal,
                problem_id=problem, root_id=root, bucket=bucket, source="interview", weight=weight,
                words=quote, said_at=at, by_id=by, stage_then="", fit_then=0, counts=False,
                ended_at=None if state == "held" else at,
            )  # fmt: skip
            if state == "held":
                self.touched.add(id)

    def _recount(self) -> None:
        """Of those that say the same from one source the first stands for all."""
        many = self._rows(
            "SELECT deal_id FROM statements WHERE ended_at IS NULL GROUP BY deal_id, root_id, "
            "CASE WHEN root_id IS NULL THEN bucket ELSE '' END, source HAVING count(*) > 1"
        )
        deals = {row[0] for row in many}
        for some in _chunks(sorted(self.touched)):
            deals |= {
                row[0]
                for row in self._rows("SELECT deal_id FROM statements WHERE id IN :ids", ids=some)
            }
        groups: dict[tuple, list] = defaultdict(list)
        for some in _chunks(sorted(deals)):
            for id, deal, root, bucket, source, origin, weight, counts in self._rows(
                "SELECT id, deal_id, root_id, bucket, source, origin, weight, counts "
                "FROM statements WHERE ended_at IS NULL AND deal_id IN :ids ORDER BY id", ids=some
            ):  # fmt: skip
                groups[deal, root, "" if root else bucket, source].append(
                    (id, origin, weight, counts)
                )
        for group in groups.values():
            interviews = sum(weight for _, origin, weight, _ in group if origin == "interview")
            together = min(interviews, MOST_WEIGHT) or max(weight for _, _, weight, _ in group)
            counts = any(each[3] for each in group)
            for place, (id, *_) in enumerate(group):
                self._execute(
                    "UPDATE statements SET counts = :counts, reason_weight = :weight "
                    "WHERE id = :id",
                    id=id, counts=bool(counts), weight=None if place else together,
                )  # fmt: skip

    def _next(self) -> int:
        """The id of a further statement, above all that there are."""
        self.newest += 1
        return self.newest

    def _insert(self, **values: Any) -> None:
        strength = {"crm": 2, "rep": 5, "customer": 8, "interview": 11}[values["source"]]
        self.bind.execute(
            _STATEMENTS.insert().values(severity="deal breaker", strength=strength, **values)
        )

    def _rows(self, statement: str, **values: object) -> list:
        clause = sa.text(statement)
        if "ids" in values:
            clause = clause.bindparams(sa.bindparam("ids", expanding=True))
        return self.bind.execute(clause, values).all()

    def _execute(self, statement: str, **values: object) -> None:
        self.bind.execute(sa.text(statement), values)


def _chunks(items: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])


def _count_on(bind: sa.Connection, table: str) -> None:
    """Let new rows have ids above those that were given here."""
    if bind.dialect.name == "postgresql":
        bind.execute(sa.text(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
            f"(SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
        ))  # fmt: skip


def _create_statements() -> None:
    listed = {
        "origin": ("hand", "request", "interview", "report", "crm"),
        "source": SOURCES,
        "bucket": BUCKETS,
        "severity": ("nice to have", "hindrance", "deal breaker"),
    }
    op.create_table(
        "statements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("root_id", sa.Integer(), nullable=True),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("amount_then", sa.BigInteger(), nullable=True),
        sa.Column("stage_then", sa.String(length=200), nullable=False),
        sa.Column("fit_then", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("reason_weight", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(
                " OR ".join(f"{column} = '{value}'" for value in values),
                name=op.f(f"ck_statements_{column}_listed"),
            )
            for column, values in listed.items()
        ),
        *(
            sa.CheckConstraint(
                f"{column} >= {least} AND {column} <= {most}",
                name=op.f(f"ck_statements_{column}_range"),
            )
            for column, least, most in (
                ("weight", 1, 1000), ("amount_then", 0, 10_000_000_000_000), ("fit_then", 0, 100),
                ("reason_weight", 1, 1000),
            )
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_statements_{name}"))
            for name, rule in (
                ("counts_for_a_problem", "(problem_id IS NULL) = (root_id IS NULL)"),
                ("hand_is_nothing_else", "origin <> 'hand' OR origin_id IS NULL"),
                ("origin_known", "origin = 'hand' OR origin = 'crm' OR origin_id IS NOT NULL"),
                ("ended_is_silent", "ended_at IS NULL OR (NOT counts AND reason_weight IS NULL)"),
                ("counts_for_its_root", "root_id IS NOT NULL OR NOT counts"),
                (
                    "strength_of_both",
                    ("strength = CASE source WHEN 'crm' THEN 0 WHEN 'rep' THEN 1 "
                    "WHEN 'customer' THEN 2 WHEN 'interview' THEN 3 END * 3 + CASE severity "
                    "WHEN 'nice to have' THEN 0 WHEN 'hindrance' THEN 1 WHEN 'deal breaker' THEN 2 "
                    "END"),
                ),
            )
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_statements_{column}"), ondelete="RESTRICT"
            )
            for column, target in (
                ("deal_id", "deals.id"), ("problem_id", "problems.id"), ("root_id", "problems.id"),
                ("by_id", "users.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
    )  # fmt: skip
    op.create_index("ix_statements_deal_id", "statements", ["deal_id"])
    for name, columns, where in (
        ("ix_statements_origin_id", ["origin_id", "origin"], NAMED),
        (
            "ix_statements_root_id",
            ["root_id", "counts", "deal_id", "source", "reason_weight", "ended_at"],
            STANDING,
        ),
    ):
        op.create_index(
            name, "statements", columns,
            sqlite_where=sa.text(where), postgresql_where=sa.text(where),
        )  # fmt: skip


def downgrade() -> None:
    """Each reason is a row again, and whoever says it points to it.

    What only statements know goes: ended ones (but those of withdrawn interviews), severities, who
    was the second to say something by hand. A merge where both problems had the same deal cannot be
    taken apart any more; undoing it gives back what was of the merged problem alone.
    """
    _create_old_tables()
    bind = op.get_bind()
    crm = "CASE WHEN origin = 'crm' THEN origin_id END"
    for statement in (
        f"""INSERT INTO blockers (id, deal_id, problem_id, source, bucket, weight, counts, note,
            tied_at, tied_by_id, amount_then, stage_then, fit_then, loss_words_id)
        SELECT id, deal_id, root_id, source, bucket, reason_weight, counts, words, said_at, by_id,
            amount_then, stage_then, fit_then, {crm} FROM statements
        WHERE ended_at IS NULL AND reason_weight IS NOT NULL AND root_id IS NOT NULL""",
        f"""INSERT INTO loss_reasons (id, deal_id, bucket, source, weight, note, recorded_at,
            recorded_by_id, loss_words_id)
        SELECT id, deal_id, bucket, source, reason_weight, words, said_at, by_id, {crm}
        FROM statements
        WHERE ended_at IS NULL AND reason_weight IS NOT NULL AND root_id IS NULL""",
    ):
        bind.execute(sa.text(statement))
    _count_on(bind, "blockers")
    _count_on(bind, "loss_reasons")
    # Of whom a reason is: the first who says it, whom all others found there.
    first = """SELECT s.id, s.origin, s.origin_id, s.problem_id, s.bucket, s.weight, s.words,
        s.root_id, h.id AS head, h.origin AS head_origin
        FROM statements s LEFT JOIN statements h ON h.deal_id = s.deal_id
            AND h.source = s.source AND h.ended_at IS NULL AND h.reason_weight IS NOT NULL
            AND s.ended_at IS NULL AND (h.root_id = s.root_id
                OR h.root_id IS NULL AND s.root_id IS NULL AND h.bucket = s.bucket)
        WHERE s.origin IN ('request', 'interview', 'report')
            AND (s.ended_at IS NULL OR s.origin = 'interview' AND EXISTS (
                SELECT 1 FROM conversations c WHERE c.id = s.origin_id AND c.state = 'cancelled'
                    AND s.ended_at >= c.changed_at))
        ORDER BY s.id"""
    places: dict[int, int] = defaultdict(int)
    for row in bind.execute(sa.text(first)).all():
        _, origin, origin_id, problem, bucket, weight, words, root, head, head_origin = row
        blocker, reason = (head, None) if root is not None else (None, head)
        found = head is not None and head_origin != origin
        if origin == "request" and not found:
            table, column = (
                ("request_blockers", "blocker_id") if blocker else ("request_reasons", "reason_id")
            )
            bind.execute(
                sa.text(f"INSERT INTO {table} (request_id, {column}) "
                        "SELECT :request, :head WHERE NOT EXISTS (SELECT 1 "
                        f"FROM {table} WHERE request_id = :request AND {column} = :head)"),
                {"request": origin_id, "head": head},
            )  # fmt: skip
        elif origin == "interview":
            bind.execute(
                _INTERVIEW_REASONS.insert().values(
                    conversation_id=origin_id, position=places[origin_id], bucket=bucket,
                    problem_id=problem if bucket == "product" else None, weight=weight, quote=words,
                    blocker_id=blocker, loss_reason_id=reason, found=found,
                )
            )  # fmt: skip
            places[origin_id] += 1
        elif origin == "report":
            bind.execute(
                sa.text("UPDATE deal_reports SET blocker_id = :blocker, "
                        "loss_reason_id = :reason, found = :found WHERE id = :id"),
                {"blocker": blocker, "reason": reason, "found": found, "id": origin_id},
            )  # fmt: skip
    _old_steps(bind)
    op.drop_table("statements")


def _old_steps(bind: sa.Connection) -> None:
    """What a step moved, as far as rows say it."""
    empty: dict[str, list[object]] = {
        name: []
        for name in (
            "blockers", "copies", "removed", "left", "notes", "weights", "said", "rests_before",
            "rests_after",
        )
    }  # fmt: skip
    for id, kind, problem, other, moved in bind.execute(
        sa.text("SELECT id, kind, problem_id, other_id, moved FROM problem_steps")
    ).all():
        stored = json.loads(moved) if isinstance(moved, str) else moved
        journal = {statement for statement, _ in stored.pop("statements", [])}
        heads = bind.execute(
            sa.text(
                "SELECT id, problem_id FROM statements WHERE ended_at IS NULL "
                "AND reason_weight IS NOT NULL AND root_id = :root ORDER BY id"
            ),
            {"root": problem if kind == "merge" else other},
        ).all()
        gone = [
            s for s, said_of in heads if (said_of == other if kind == "merge" else s in journal)
        ]
        bind.execute(
            sa.text("UPDATE problem_steps SET moved = :moved WHERE id = :id"),
            {"id": id, "moved": json.dumps({**stored, **empty, "blockers": gone})},
        )


def _create_old_tables() -> None:
    def listed(table: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
        among = ", ".join(f"'{value}'" for value in values)
        return sa.CheckConstraint(
            f"{column} IN ({among})", name=op.f(f"ck_{table}_{column}_listed")
        )

    def within(table: str, column: str, least: int, most: int) -> sa.CheckConstraint:
        return sa.CheckConstraint(
            f"{column} >= {least} AND {column} <= {most}", name=op.f(f"ck_{table}_{column}_range")
        )

    def points(
        table: str, column: str, target: str, then: str = "RESTRICT"
    ) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(
            [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=then
        )

    op.create_table(
        "blockers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tied_by_id", sa.Integer(), nullable=True),
        sa.Column("amount_then", sa.BigInteger(), nullable=True),
        sa.Column("stage_then", sa.String(length=200), nullable=False),
        sa.Column("fit_then", sa.Integer(), nullable=False),
        sa.Column("loss_words_id", sa.Integer(), nullable=True),
        listed("blockers", "bucket", BUCKETS),
        listed("blockers", "source", SOURCES),
        within("blockers", "amount_then", 0, 10_000_000_000_000),
        within("blockers", "fit_then", 0, 100),
        within("blockers", "weight", 1, MOST_WEIGHT),
        points("blockers", "deal_id", "deals"),
        points("blockers", "problem_id", "problems"),
        points("blockers", "tied_by_id", "users"),
        points("blockers", "loss_words_id", "loss_words"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blockers")),
        sa.UniqueConstraint(
            "deal_id", "problem_id", "source", name=op.f("uq_blockers_deal_id_problem_id_source")
        ),
    )
    op.create_index(
        "ix_blockers_problem_id_counts", "blockers", ["problem_id", "counts", "deal_id"]
    )
    op.create_index(op.f("ix_blockers_loss_words_id"), "blockers", ["loss_words_id"])
    op.create_table(
        "loss_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("loss_words_id", sa.Integer(), nullable=True),
        listed("loss_reasons", "bucket", BUCKETS),
        listed("loss_reasons", "source", SOURCES),
        within("loss_reasons", "weight", 1, MOST_WEIGHT),
        points("loss_reasons", "deal_id", "deals"),
        points("loss_reasons", "recorded_by_id", "users"),
        points("loss_reasons", "loss_words_id", "loss_words"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss_reasons")),
    )
    op.create_index(op.f("ix_loss_reasons_deal_id"), "loss_reasons", ["deal_id"])
    op.create_index(op.f("ix_loss_reasons_loss_words_id"), "loss_reasons", ["loss_words_id"])
    for table, column, target in (
        ("request_blockers", "blocker_id", "blockers"),
        ("request_reasons", "reason_id", "loss_reasons"),
    ):
        op.create_table(
            table,
            sa.Column("request_id", sa.Integer(), nullable=False),
            sa.Column(column, sa.Integer(), nullable=False),
            points(table, "request_id", "requests"),
            points(table, column, target, "CASCADE"),
            sa.PrimaryKeyConstraint("request_id", column, name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_table(
        "interview_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=20), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("blocker_id", sa.Integer(), nullable=True),
        sa.Column("loss_reason_id", sa.Integer(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        listed("interview_reasons", "bucket", BUCKETS),
        sa.CheckConstraint(
            "problem_id IS NULL OR bucket = 'product'",
            name=op.f("ck_interview_reasons_problem_of_product"),
        ),
        sa.CheckConstraint(
            "blocker_id IS NULL OR loss_reason_id IS NULL",
            name=op.f("ck_interview_reasons_carried_once"),
        ),
        within("interview_reasons", "weight", 1, MOST_WEIGHT),
        points("interview_reasons", "blocker_id", "blockers", "SET NULL"),
        points("interview_reasons", "conversation_id", "conversations", "CASCADE"),
        points("interview_reasons", "loss_reason_id", "loss_reasons", "SET NULL"),
        points("interview_reasons", "problem_id", "problems"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_reasons")),
    )
    for column in ("blocker_id", "conversation_id", "loss_reason_id", "problem_id"):
        op.create_index(op.f(f"ix_interview_reasons_{column}"), "interview_reasons", [column])
    with op.batch_alter_table("deal_reports") as batch_op:
        batch_op.add_column(sa.Column("blocker_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("loss_reason_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("found", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        for column, target in (("blocker_id", "blockers"), ("loss_reason_id", "loss_reasons")):
            batch_op.create_index(batch_op.f(f"ix_deal_reports_{column}"), [column])
            batch_op.create_foreign_key(
                batch_op.f(f"fk_deal_reports_{column}"), target, [column], ["id"],
                ondelete="SET NULL",
            )  # fmt: skip
    with op.batch_alter_table("deal_reports") as batch_op:
        batch_op.alter_column("found", server_default=None)
