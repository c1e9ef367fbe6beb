"""For each report, the plain SQL that reads the same figures: what its first count is held to."""

from datetime import date, timedelta

from roadmap.extensions import db

_THERE = "(d.opened_on IS NULL OR d.opened_on <= :day)"
_STATE = f"""CASE WHEN d.status <> 'open' AND (d.close_date <= :day OR d.close_date IS NULL)
    THEN d.status WHEN {_THERE} THEN 'open' END"""
_REASONS = """(SELECT deal_id, bucket, source, reason_weight AS weight FROM statements
    WHERE ended_at IS NULL AND reason_weight IS NOT NULL)"""
_LOST = "d.status = 'lost' AND (d.close_date <= :day OR d.close_date IS NULL)"
_IN_WINDOW = "d.status = 'lost' AND d.close_date > :since AND d.close_date <= :day"
_HEARD = "('customer', 'interview')"
_BLOCKS = f"""(d.status = 'open' AND {_THERE} AND b.bucket = 'product'
    OR {_IN_WINDOW} AND b.counts)"""

_COVERAGE = f"""SELECT CASE WHEN r.deal_id IS NULL THEN 0 ELSE 1 END AS heard, count(*),
        sum(d.amount), count(d.amount)
    FROM deals d LEFT JOIN (SELECT DISTINCT deal_id FROM {_REASONS} v
        WHERE source IN {_HEARD}) r ON r.deal_id = d.id
    WHERE {_LOST} GROUP BY 1"""
_WHY = f"""SELECT a.segment_id, r.bucket, r.source, count(*), sum(d.amount), sum(r.weight)
    FROM deals d LEFT JOIN accounts a ON a.id = d.account_id LEFT JOIN {_REASONS} r
        ON r.deal_id = d.id
    WHERE {_LOST} GROUP BY 1, 2, 3"""
_RISK = """count(*), sum(d.amount), count(d.amount), sum(d.amount / 1000000 * a.fit),
    sum(d.amount % 1000000 * a.fit), sum(t.heard), count(DISTINCT d.account_id),
    sum(CASE WHEN t.problems = 1 THEN d.amount END)"""

#: By the report's name.
STATEMENTS = {
    "segments": (
        f"""SELECT segment_id, state, count(*), sum(amount), count(amount) FROM (
            SELECT a.segment_id, {_STATE} AS state, d.amount
            FROM deals d LEFT JOIN accounts a ON a.id = d.account_id) s
            WHERE state IS NOT NULL GROUP BY 1, 2""",
        "SELECT segment_id, count(*), sum(fit) FROM accounts GROUP BY 1",
        _COVERAGE,
    ),
    "reasons": (_WHY, _COVERAGE),
    "revenue-at-risk": (
        f"""SELECT t.root_id, a.segment_id, d.status, {_RISK} FROM (
            SELECT b.deal_id, b.root_id,
                max(CASE WHEN b.source IN {_HEARD} THEN 1 ELSE 0 END) AS heard,
                count(*) OVER (PARTITION BY b.deal_id) AS problems
            FROM statements b JOIN deals d ON d.id = b.deal_id AND b.reason_weight IS NOT NULL
                AND b.ended_at IS NULL AND b.root_id IS NOT NULL
            WHERE {_BLOCKS} GROUP BY b.deal_id, b.root_id) t
            JOIN deals d ON d.id = t.deal_id LEFT JOIN accounts a ON a.id = d.account_id
            GROUP BY 1, 2, 3""",
        f"""SELECT d.status, {_RISK} FROM (
            SELECT b.deal_id, count(DISTINCT b.root_id) AS problems,
                max(CASE WHEN b.source IN {_HEARD} THEN 1 ELSE 0 END) AS heard
            FROM statements b JOIN deals d ON d.id = b.deal_id AND b.reason_weight IS NOT NULL
                AND b.ended_at IS NULL AND b.root_id IS NOT NULL
            WHERE {_BLOCKS} GROUP BY b.deal_id) t
            JOIN deals d ON d.id = t.deal_id LEFT JOIN accounts a ON a.id = d.account_id
            GROUP BY 1""",
        _COVERAGE,
    ),
    "trend": (
        f"""SELECT extract(year FROM d.close_date), extract(month FROM d.close_date), r.bucket,
                r.source, count(*), sum(d.amount), max(d.amount)
            FROM deals d LEFT JOIN {_REASONS} r ON r.deal_id = d.id
            WHERE d.status = 'lost' AND d.close_date > :long_since AND d.close_date <= :day
            GROUP BY 1, 2, 3, 4""",
        _COVERAGE,
    ),
    "false-losses": (_WHY, _WHY, _COVERAGE),
    "cohorts": (
        f"""SELECT extract(year FROM opened_on), extract(month FROM opened_on), state,
                extract(year FROM close_date), extract(month FROM close_date), count(*),
                sum(amount), count(amount)
            FROM (SELECT d.opened_on, d.close_date, d.amount, {_STATE} AS state FROM deals d) s
            WHERE state IS NOT NULL GROUP BY 1, 2, 3, 4, 5""",
        _COVERAGE,
    ),
}


def read(report: str, day: date) -> int:
    """Run them; how many rows came."""
    days = {
        "day": day,
        "since": day - timedelta(days=182),
        "long_since": day - timedelta(days=365),
    }
    rows = 0
    sqlite = db.engine.dialect.name == "sqlite"
    for given_statement in STATEMENTS[report]:
        statement = _for_sqlite(given_statement) if sqlite else given_statement
        given = {name: value for name, value in days.items() if f":{name}" in statement}
        rows += len(db.session.execute(db.text(statement), given).all())
    return rows


def _for_sqlite(statement: str) -> str:
    """Its only way to the parts of a date."""
    for part, sign in (("year", "%Y"), ("month", "%m")):
        for column in ("d.close_date", "close_date", "opened_on"):
            statement = statement.replace(
                f"extract({part} FROM {column})", f"CAST(strftime('{sign}', {column}) AS INTEGER)"
            )
    return statement
