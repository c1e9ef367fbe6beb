"""What the next page says of what was just done: plain words, or words with what to do next."""

from __future__ import annotations

from flask import flash


def done(
    text: str,
    *,
    link: tuple[str, str] | None = None,
    button: tuple[str, str] | None = None,
    focus: str = "",
) -> None:
    """A message beside which a link (words, address) and a button (words, address of its POST) may
    stand. `focus` is the id of what was acted upon: it is scrolled to and takes the focus.
    """
    message = {"text": text, "link": link, "button": button, "focus": focus}
    flash(message, "success")  # type: ignore[arg-type] # any JSON goes into the session
