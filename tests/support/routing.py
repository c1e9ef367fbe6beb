"""Addresses compiled once for all applications of a run.

Each test makes an application of its own, and Werkzeug compiles a function or two for each of its
four hundred addresses: a fifth of the time of a test that looks at one page. What is compiled
depends on nothing but the address itself.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_compiled: dict[object, Callable[..., tuple[str, str]]] = {}


def _remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    if rule.defaults:
        return _compile(rule, append_unknown)
    key: Any = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]


def remember() -> None:
    Rule._compile_builder = _remembered  # type: ignore[method-assign]
