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
MOST_SUBJECT, MOST_NAME = 120, 60
#: Embeddings, overrides and isolates: they may be left open, and turn around what follows.
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_SPECIALS = str.maketrans(dict.fromkeys('<>()[]:;@\\,"', " "))


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as a letter needs it."""

    text: str
    request_id: int | None = None
    initiative_id: int | None = None


def subject(workspace: str, notices: Sequence[Told], count: int) -> str:
    """What the letter is about, in one line."""
    first = notices[0].text
    words = first if count == 1 else f"{plural(count, 'notice')}: {first}"
    return _cut(header_text(f"{workspace}: {words}"), MOST_SUBJECT)


def body(name: str, notices: Sequence[Told], count: int) -> str:
    """Plain text: each notice with where it leads, and how to get no more letters."""
    parts = [f"Hello {header_text(name)},"]
    parts += map(_paragraph, notices)
    if count > len(notices):
        parts.append(f"And {plural(count - len(notices), 'more notice')}.")
    parts.append(f"All your notices: {public('notices.index')}")
    parts.append(
        "You get this letter because mail is on for you. "
        f"To switch it off: {public('notices.index')}#mail"
    )
    return "\n\n".join(parts) + "\n"


def header_text(text: str) -> str:
    """Plain words for a header: one line, no controls, nothing that overrides the direction of what
    follows, and no encoded word (RFC 2047). Some of Python's versions decode one while they write
    the letter, and what it holds, such as a line break, would then end the headers.
    """
    plain = "".join(" " if _controls(character) else character for character in text)
    return " ".join(plain.replace("=?", "= ?").split())


def _display_name(text: str) -> str:
    """A name for a header that has addresses, without what means something there: where the email
    package folds a long name, it may leave out the quotation marks around it.
    """
    return _cut(header_text(text.translate(_SPECIALS)), MOST_NAME)


def _controls(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _OVERRIDES


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

    The email package refuses line breaks in headers and encodes what is not ASCII; see
    `header_text` for what it would decode.
    """
    from_name, from_address = parseaddr(str(current_app.config["MAIL_FROM"]))
    letter = EmailMessage()
    letter["From"] = Address(_display_name(from_name), addr_spec=from_address)
    try:
        if header_text(to) != to:
            raise ValueError("what looks like an encoded word is no address")
        letter["To"] = Address(_display_name(name), addr_spec=to)
        letter["Subject"] = header_text(subject)
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


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
