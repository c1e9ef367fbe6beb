"""What was asked for before: problems and requests that say what a text says.

Suggestions only: nothing here joins or merges anything.
"""

from __future__ import annotations

from .corpus import PROBLEM, REQUEST
from .queries import Shown, shown
from .suggesting import Context, Suggestion, Text, near_identical_problems, suggest

__all__ = [
    "PROBLEM",
    "REQUEST",
    "Context",
    "Shown",
    "Suggestion",
    "Text",
    "near_identical_problems",
    "shown",
    "suggest",
]
