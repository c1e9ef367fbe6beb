"""Letters: what stands in one, and how it is put into an envelope."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from uuid import uuid4

from flask import current_app

from roadmap.web.filters import plural

from .post import Undeliverable
from .targets import public, target

#: A letter lists as many notices as somebody reads, and says how many more there are.
MOST_NOTICES = 50
#: Of a longer notice the letter has the beginning; all of it stands behind its link.
MOST_WORDS = 1_000
MOST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as a letter needs it."""

    text: str
    request_id: int | None = None
    initiative_id: int | None = None


def subject(workspace: str, notices: Sequence[Told], count: int) -> str:
    """One line without line breaks or controls, whatever the titles in it hold."""
    first = notices[0].text
    words = first if count == 1 else f"{plural(count, 'notice')}: {first}"
    return _cut(_one_line(f"{workspace}: {words}"), MOST_SUBJECT)


def body(name: str, notices: Sequence[Told], count: int) -> str:
    """Plain text: each notice with where it leads, and how to get no more letters."""
    parts = [f"Hello {_one_line(name)},"]
    parts += map(_paragraph, notices)
    if count > len(notices):
        parts.append(f"And {plural(count - len(notices), 'more notice')}.")
    parts.append(f"All your notices: {public('notices.index')}")
    parts.append(
        "You get this letter because mail is on for you. "
        f"To switch it off: {public('notices.index')}#mail"
    )
    return "\n\n".join(parts) + "\n"


def new_message_id() -> str:
    """A name that no other letter has. It is made once per letter and kept for every try."""
    domain = sender().rpartition("@")[2]
    return f"<{uuid4().hex}@{domain[:150]}>"


def sender() -> str:
    """The bare address that letters come from."""
    return parseaddr(str(current_app.config["MAIL_FROM"]))[1]


def envelope(
    to: str, name: str, subject: str, body: str, message_id: str, written: datetime
) -> EmailMessage:
    """The letter as it goes over the wire. Raises Undeliverable where it cannot be.

    The email package refuses line breaks in headers and encodes what is not ASCII.
    """
    from_name, from_address = parseaddr(str(current_app.config["MAIL_FROM"]))
    letter = EmailMessage()
    letter["From"] = Address(from_name, addr_spec=from_address)
    try:
        letter["To"] = Address(_one_line(name), addr_spec=to)
        letter["Subject"] = subject
        letter.set_content(body)
    except (MessageError, ValueError, IndexError) as fault:
        raise Undeliverable(f"It cannot be written to {to!r}: {fault}") from fault
    letter["Date"] = format_datetime(written)
    letter["Message-ID"] = message_id
    # No holiday reply answers it (RFC 3834).
    letter["Auto-Submitted"] = "auto-generated"
    return letter


def _paragraph(notice: Told) -> str:
    place = target(notice.request_id, notice.initiative_id)
    words = _cut(notice.text.strip(), MOST_WORDS)
    return f"{words}\n{place.anywhere()}" if place else words


def _one_line(text: str) -> str:
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join(plain.split())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
