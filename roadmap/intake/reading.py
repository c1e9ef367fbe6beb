"""Who may read what somebody wrote, and who may speak for a request."""

from __future__ import annotations

from roadmap.domain.roles import PERMISSIONS
from roadmap.models import Request, User


def may_read(request: Request, user: User) -> bool:
    """Whether its full text and its replies are for them; others see title, account and figures.

    They are for whoever asked or typed it, for the named owner it was handed to, and for those who
    triage.
    """
    return _is_own(request, user) or request.handed_to_id == user.id or _triages(user)


def may_speak_for(request: Request, user: User) -> bool:
    """Whether they may say what it is about, and answer questions: whoever asked, or triage."""
    return _is_own(request, user) or _triages(user)


def may_read_note(request: Request, user: User) -> bool:
    """The private note is for whoever wrote it or asked, and for product management."""
    return may_speak_for(request, user)


def _is_own(request: Request, user: User) -> bool:
    return user.id in (request.requester_id, request.submitted_by_id)


def _triages(user: User) -> bool:
    return user.role in PERMISSIONS["triage"]
