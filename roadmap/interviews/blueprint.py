"""The blueprint that the views of this package share, and what other pages show of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for

from roadmap.domain.interviews import LOSS_INTERVIEW
from roadmap.models import Conversation

from . import heard, queries

blueprint = Blueprint("interviews", __name__)


def address_of(conversation: Conversation) -> str:
    kind = "show" if conversation.kind == LOSS_INTERVIEW else "conversation"
    return url_for(f"interviews.{kind}", id=conversation.id)


@blueprint.app_context_processor
def _on_other_pages() -> dict[str, Any]:
    """For the pages of deals and problems, which come before interviews and know none of them."""
    return {
        "conversations_of": queries.of_deal,
        "report_of": queries.report_of,
        "voices_of": heard.voices,
        "address_of_conversation": address_of,
    }
