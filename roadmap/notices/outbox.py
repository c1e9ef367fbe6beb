"""Letters leave from the outbox, in rounds of a worker or a cron job: no page ever waits for mail.

A letter is never lost: it stays in the outbox until the server has taken it. It is never sent
twice, with one exception that nobody can rule out: a sender that dies, or loses its database,
between the server's "I have it" and our record of that. The letter then goes again when its claim
has run out, with the same Message-ID, by which the receiver can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, or_, select, update

from roadmap.extensions import db
from roadmap.models import Mail, User
from roadmap.models.notices import DIGEST

from . import letters
from .post import Connect, NoMail, NotTaken, Post, Undeliverable

Clock = Callable[[], datetime]

#: How long a letter is its sender's alone. More than all waits of `post.PATIENCE` for one letter.
CLAIM = timedelta(minutes=10)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
#: After so many tries a letter needs somebody to look: it is tried on, and named.
MANY_TRIES = 12
#: When a letter is tried again that cannot be delivered.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a round did, and the last thing that went wrong in it."""

    sent: int = 0
    failed: int = 0
    fault: str = ""


def send(now: Clock, connect: Connect, stopping: Callable[[], bool] = lambda: False) -> Sent:
    """Send every letter that is due, urgent ones first, until `stopping` says so.

    Each is claimed in a short transaction, sent outside of any, and then recorded. `now` is asked
    anew for each: a claim must not be old before it begins. A server that cannot be reached ends
    the round. Only who is active and wants mail gets any: other letters wait.
    """
    sent = failed = 0
    fault = ""
    with Post(connect) as post:
        while not stopping() and (letter := _claim(now())) is not None:
            try:
                _hand_over(post, letter)
            except (NoMail, NotTaken) as refusal:
                failed += 1
                fault = str(refusal)
                _record_failure(letter, refusal, now())
                if isinstance(refusal, NoMail):
                    break
            else:
                sent += 1
                _record(letter.id, sent_at=now(), claimed_until=None, error="")
    return Sent(sent, failed, fault)


@dataclass(frozen=True, slots=True)
class _Letter:
    id: int
    to: str
    name: str
    subject: str
    body: str
    message_id: str
    created_at: datetime
    attempts: int


def _claim(now: datetime) -> _Letter | None:
    """Take the next letter that is due, so that no other sender does. Counts as a try, whatever
    becomes of it.
    """
    row = db.session.execute(
        select(
            Mail.id, Mail.to, User.name, Mail.subject, Mail.body, Mail.message_id,
            Mail.created_at, Mail.attempts,
        )
        .join(User, User.id == Mail.user_id)
        .where(
            Mail.sent_at.is_(None),
            Mail.next_try_at <= now,
            or_(Mail.claimed_until.is_(None), Mail.claimed_until <= now),
            User.active,
            User.wants_mail,
        )
        .order_by(Mail.kind == DIGEST, Mail.next_try_at, Mail.id)
        .limit(1)
        .with_for_update(of=Mail, skip_locked=True)
    ).first()  # fmt: skip
    if row is None:
        db.session.rollback()
        return None
    letter = _Letter(*row)
    _record(letter.id, claimed_until=now + CLAIM, attempts=letter.attempts + 1)
    return letter


def _hand_over(post: Post, letter: _Letter) -> None:
    post.hand_over(
        letters.envelope(
            letter.to, letter.name, letter.subject, letter.body, letter.message_id,
            letter.created_at,
        ),
        letters.sender(),
        letter.to,
    )  # fmt: skip


def _record_failure(letter: _Letter, refusal: Exception, now: datetime) -> None:
    wait = min(FIRST_WAIT * 2 ** min(letter.attempts, 20), LONGEST_WAIT)
    again = NEVER if isinstance(refusal, Undeliverable) else now + wait
    _record(letter.id, next_try_at=again, claimed_until=None, error=str(refusal)[:1000])


def _record(mail_id: int, **values: object) -> None:
    db.session.execute(
        update(Mail)
        .where(Mail.id == mail_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


# --- what waits -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that has not left."""

    id: int
    kind: str
    to: str
    subject: str
    attempts: int
    next_try_at: datetime
    error: str
    wanted: bool
    """Whether its receiver is active and wants mail; else it waits for that."""

    @property
    def undeliverable(self) -> bool:
        return self.next_try_at >= NEVER

    @property
    def needs_somebody(self) -> bool:
        return self.undeliverable or self.attempts >= MANY_TRIES


def waiting() -> list[Waiting]:
    """All letters that have not left, the oldest first."""
    rows = db.session.execute(
        select(
            Mail.id, Mail.kind, Mail.to, Mail.subject, Mail.attempts, Mail.next_try_at, Mail.error,
            and_(User.active, User.wants_mail),
        )
        .join(User, User.id == Mail.user_id)
        .where(Mail.sent_at.is_(None))
        .order_by(Mail.id)
    )  # fmt: skip
    return [Waiting(*row) for row in rows]


def retry(now: datetime) -> int:
    """Make every letter that failed due now, also those given back for good; returns how many."""
    due = db.session.execute(
        update(Mail)
        .where(Mail.sent_at.is_(None), Mail.next_try_at > now)
        .values(next_try_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return int(due.rowcount)  # type: ignore[attr-defined]
