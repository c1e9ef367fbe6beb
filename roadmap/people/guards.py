"""What holds each address to the table of roles."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import abort
from flask_login import current_user

from roadmap.domain.roles import PERMISSIONS

P = ParamSpec("P")
R = TypeVar("R")


def can(action: str) -> bool:
    """Whether the person who is signed in may do this."""
    return bool(current_user.is_authenticated) and current_user.role in PERMISSIONS[action]


def allow(action: str, *, hidden: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Answer 403 to whoever may not; with `hidden`, 404, for what does not exist for them."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not can(action):
                abort(404 if hidden else 403)
            return view(*args, **kwargs)

        guarded.needs = action  # type: ignore[attr-defined]
        return guarded

    return decorate
