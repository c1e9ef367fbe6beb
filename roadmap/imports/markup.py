"""HTML in texts of other systems, as text."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<(/?)(\w+)(?:\s[^<>]*)?/?>")
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAGS = frozenset(
    "a b blockquote br code del div em font h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong "
    "sub sup table tbody td th thead tr u ul".split()
)
_LINES = frozenset("br div h1 h2 h3 h4 h5 h6 hr li ol p pre tr ul blockquote table".split())
#: A reference that only HTML writes, in a text without any tag.
_REFERENCE = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);")


def unmarked(text: str) -> str:
    """The text of a piece of HTML, a line for each paragraph and "- " before what is listed; a text
    that has no tags of HTML ("a < b", "<Name>") stays as it is."""
    tags = any(tag[2].lower() in _TAGS for tag in _TAG.finditer(text))
    if not tags:
        return unescape(text) if _REFERENCE.search(text) else text
    text = _TAG.sub(_said, re.sub(r"\s+", " ", _UNSEEN.sub("", text)))
    lines = (" ".join(line.split()) for line in unescape(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _said(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name not in _TAGS:
        return tag[0]
    if name == "li":
        return "" if tag[1] else "\n- "
    return "\n" if name in _LINES else " " if name in ("td", "th") else ""
