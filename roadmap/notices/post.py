"""The way out: one connection to the mail server, and what it may answer to a letter."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from flask import current_app

#: Seconds for each answer of the server. All that one letter needs fit into a claim: see `outbox`.
PATIENCE = 20

Connect = Callable[[], smtplib.SMTP]


class NoMail(Exception):
    """The server cannot be reached, or does not let us in: no letter can leave for now."""


class NotTaken(Exception):
    """The server does not take this letter now; another one it may."""


class Undeliverable(NotTaken):
    """It will never take a letter to this person: trying again would only annoy it."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters leave, as configured."""

    host: str
    port: int
    security: str
    user: str | None
    password: str

    def connect(self) -> smtplib.SMTP:
        """A connection that letters can be given to. Raises OSError, as smtplib's faults are."""
        if self.security == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=PATIENCE, context=ssl.create_default_context()
            )
        else:
            line = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            if self.security == "starttls":
                line.starttls(context=ssl.create_default_context())
            if self.user:
                line.login(self.user, self.password)
        except BaseException:
            line.close()
            raise
        return line


def server() -> Server | None:
    """None where mail is not set up."""
    config = current_app.config
    if config["SMTP_HOST"] is None:
        return None
    return Server(
        config["SMTP_HOST"], config["SMTP_PORT"], config["SMTP_SECURITY"], config["SMTP_USER"],
        config["SMTP_PASSWORD"],
    )  # fmt: skip


class Post:
    """A round to the server: connected at the first letter, and anew after a broken line."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.quit()
            self._line.close()

    def hand_over(self, letter: EmailMessage, sender: str, to: str) -> None:
        """Return once the server has taken the letter. Raises Undeliverable, NotTaken or NoMail."""
        line = self._open()
        try:
            line.send_message(letter, sender, [to])
        except smtplib.SMTPRecipientsRefused as fault:
            code, answer = fault.recipients[to]
            said = f"{code} {_plain(answer)}"
            raise (Undeliverable(said) if 500 <= code < 600 else NotTaken(said)) from fault
        except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as fault:
            raise NotTaken(said_by(fault)) from fault
        except OSError as fault:
            raise NoMail(said_by(fault)) from fault
        except ValueError as fault:
            raise Undeliverable(f"It cannot be put on the wire: {fault}") from fault

    def _open(self) -> smtplib.SMTP:
        """The line that is there, if it still holds: a server may have had enough of us."""
        if self._line is not None and _holds(self._line):
            return self._line
        try:
            self._line = self._connect()
        except (OSError, UnicodeError) as fault:
            raise NoMail(said_by(fault)) from fault
        return self._line


def _holds(line: smtplib.SMTP) -> bool:
    try:
        return line.noop()[0] == 250
    except OSError:
        return False


def said_by(fault: Exception) -> str:
    """What a server or the system said, in one line."""
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{fault.smtp_code} {_plain(fault.smtp_error)}"
    return _plain(str(fault)) or type(fault).__name__


def _plain(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
