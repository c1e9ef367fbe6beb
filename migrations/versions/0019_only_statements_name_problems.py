"""Which problem a request is about, or a report names, is kept by its statement alone."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OF_A_DEAL = (
    "deal_id IS NOT NULL OR (origin = 'request' AND problem_id IS NOT NULL AND NOT counts"
    " AND reason_weight IS NULL)"
)
#: What a statement of a rep's has where nothing else is known: its strength is a deal breaker's.
REP = "'rep', 'deal breaker', 1, 5, FALSE"
COLUMNS = "source, severity, weight, strength, counts"


def upgrade() -> None:
    with op.batch_alter_table("statements") as batch_op:
        batch_op.alter_column("deal_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_check_constraint(op.f("ck_statements_of_a_deal"), OF_A_DEAL)
    op.execute(
        f"""INSERT INTO statements (origin, origin_id, problem_id, root_id, bucket, {COLUMNS},
            words, said_at, by_id, stage_then, fit_then)
        SELECT 'request', r.id, r.problem_id, r.problem_id, 'product', {REP}, r.title,
            r.created_at, r.submitted_by_id, '', 0
        FROM requests r WHERE r.problem_id IS NOT NULL ORDER BY r.id"""
    )
    _tell_when(op.get_bind())
    # What a report says is over once there is a newer one, or where the deal was not lost.
    op.execute(
        f"""INSERT INTO statements (origin, origin_id, deal_id, problem_id, root_id, bucket,
            {COLUMNS}, words, said_at, by_id, amount_then, stage_then, fit_then, ended_at)
        SELECT 'report', r.id, r.deal_id, r.problem_id, coalesce(p.merged_into_id, p.id), r.bucket,
            {REP}, r.quote, r.at, r.by_id, d.amount, d.stage, 0, r.at
        FROM deal_reports r JOIN problems p ON p.id = r.problem_id JOIN deals d ON d.id = r.deal_id
        WHERE NOT EXISTS (
            SELECT 1 FROM statements s WHERE s.origin = 'report' AND s.origin_id = r.id)
        ORDER BY r.id"""
    )
    _tell_who_was_moved(op.get_bind())
    with op.batch_alter_table("requests") as batch_op:
        batch_op.drop_constraint(op.f("ck_requests_confirmed_problem"), type_="check")
        batch_op.drop_constraint(op.f("fk_requests_problem_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_requests_problem_id"))
        batch_op.drop_column("problem_id")
    with op.batch_alter_table("deal_reports") as batch_op:
        batch_op.drop_constraint(op.f("ck_deal_reports_problem_of_product"), type_="check")
        batch_op.drop_constraint(op.f("fk_deal_reports_problem_id"), type_="foreignkey")
        batch_op.drop_column("problem_id")


def _tell_when(bind: sa.Connection) -> None:
    """A request is about its problem since the event that changed which one that is."""
    events = bind.execute(
        sa.text("SELECT request_id, id, before, after FROM request_events ORDER BY id")
    )
    since = {}
    for request, event, *sides in events:
        stored = [json.loads(side) if isinstance(side, str) else side for side in sides]
        before, after = (side.get("problem_id") for side in stored)
        if after is not None and after != before:
            since[request] = event
    rows = [{"request": request, "event": event} for request, event in since.items()]
    if rows:
        bind.execute(
            sa.text(
                "UPDATE statements SET said_at = e.at, by_id = e.by_id FROM request_events e "
                "WHERE e.id = :event AND origin_id = :request AND origin = 'request' "
                "AND deal_id IS NULL"
            ),
            rows,
        )


def _tell_who_was_moved(bind: sa.Connection) -> None:
    """A request that a standing merge took along was about the other problem; a split keeps what
    those were about that it took along.
    """
    own = dict(
        bind.execute(
            sa.text("SELECT origin_id, id FROM statements WHERE deal_id IS NULL ORDER BY id")
        ).all()
    )
    steps = _steps(bind)
    about: dict[int, int] = {}
    #: By request, the pair in an older split's journal that says what it was about until then.
    journaled: dict[int, list[int]] = {}
    for _, kind, problem, other, moved in steps:
        for request in (row[0] for row in moved["requests"] if row[0] in own):
            if kind == "split":
                pair = journaled[request] = [own[request], problem]
                moved["statements"].append(pair)
            elif request in journaled:
                journaled[request][1] = other
            else:
                about[request] = other
    for id, kind, _, _, moved in steps:
        if kind == "split":
            _keep(bind, id, moved)
    for request, problem in about.items():
        bind.execute(
            sa.text("UPDATE statements SET problem_id = :problem WHERE id = :id"),
            {"problem": problem, "id": own[request]},
        )


def _steps(bind: sa.Connection) -> list[tuple[int, str, int, int, dict[str, Any]]]:
    """The steps that stand, the newest first."""
    rows = bind.execute(
        sa.text(
            "SELECT id, kind, problem_id, other_id, moved FROM problem_steps "
            "WHERE undone_at IS NULL ORDER BY id DESC"
        )
    )
    return [(*row[:4], json.loads(row[4]) if isinstance(row[4], str) else row[4]) for row in rows]


def _keep(bind: sa.Connection, step: int, moved: dict[str, Any]) -> None:
    bind.execute(
        sa.text("UPDATE problem_steps SET moved = :moved WHERE id = :id"),
        {"id": step, "moved": json.dumps(moved)},
    )


def downgrade() -> None:
    bind = op.get_bind()
    for table in ("requests", "deal_reports"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("problem_id", sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                op.f(f"fk_{table}_problem_id"), "problems", ["problem_id"], ["id"],
                ondelete="RESTRICT",
            )  # fmt: skip
    op.execute(
        """UPDATE requests SET problem_id = (SELECT root_id FROM statements s
            WHERE s.origin = 'request' AND s.origin_id = requests.id AND s.deal_id IS NULL
            AND s.ended_at IS NULL)"""
    )
    op.execute(
        """UPDATE deal_reports SET problem_id = (SELECT max(problem_id) FROM statements s
            WHERE s.origin = 'report' AND s.origin_id = deal_reports.id)"""
    )
    gone = set(bind.scalars(sa.text("SELECT id FROM statements WHERE deal_id IS NULL")))
    for id, _, _, _, moved in _steps(bind):
        moved["statements"] = [pair for pair in moved["statements"] if pair[0] not in gone]
        _keep(bind, id, moved)
    op.execute("DELETE FROM statements WHERE deal_id IS NULL")
    with op.batch_alter_table("requests") as batch_op:
        batch_op.create_index(op.f("ix_requests_problem_id"), ["problem_id"])
        batch_op.create_check_constraint(
            op.f("ck_requests_confirmed_problem"), "state <> 'confirmed' OR problem_id IS NOT NULL"
        )
    with op.batch_alter_table("deal_reports") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_deal_reports_problem_of_product"), "problem_id IS NULL OR bucket = 'product'"
        )
    with op.batch_alter_table("statements") as batch_op:
        batch_op.drop_constraint(op.f("ck_statements_of_a_deal"), type_="check")
        batch_op.alter_column("deal_id", existing_type=sa.Integer(), nullable=False)
