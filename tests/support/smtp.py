"""A real mail server on a port of its own, which says what it was told to say.

with MailServer() as server:
    server.refuse("550 5.1.1 No such person")     # to every recipient, until server.accept()
    server.letters[0]["Subject"]
"""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Condition
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.browser import free_port

USER, PASSWORD = "roadmap", "a password for letters"


class MailServer:
    def __init__(self, **options: Any) -> None:
        """`options` go to aiosmtpd, such as `auth_required=True`."""
        self.port = free_port()
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, str] = {}
        self._options = options
        self._arrival = Condition()
        self._controller: Controller | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.stop()

    def start(self) -> None:
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, authenticator=_authenticate,
            auth_require_tls=False, **self._options,
        )  # fmt: skip
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def refuse(self, answer: str, at: str = "RCPT") -> None:
        """Answer so to RCPT, MAIL or DATA."""
        self.answers[at] = answer

    def accept(self) -> None:
        self.answers.clear()

    @property
    def letters(self) -> list[EmailMessage]:
        return [
            message_from_bytes(envelope.original_content or b"", policy=policy.default)
            for envelope in self.envelopes
        ]

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Return once so many letters came."""
        with self._arrival:
            came = self._arrival.wait_for(lambda: len(self.envelopes) >= count, seconds)
        assert came, f"{len(self.envelopes)} letters came, not {count}"

    # --- what aiosmtpd asks ----------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        with self._arrival:
            self.envelopes.append(envelope)
            self._arrival.notify_all()
        return "250 OK"


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    fits = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=fits, handled=False)


@contextmanager
def taken_away(server: MailServer) -> Iterator[None]:
    """The server is down while the block runs."""
    server.stop()
    try:
        yield
    finally:
        server.start()
