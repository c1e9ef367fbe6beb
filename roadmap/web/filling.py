"""Puts what somebody typed back into a rendered page: into the form that it was sent from.

It works on the page's source, so that it knows no form of the product and serves all of them. Only
the tags of controls whose value differs are written anew; everything else stays as it was rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser

#: Sent by the browser on its own behalf, not by whoever typed.
UNTYPED = frozenset({"submit", "button", "image", "reset", "file", "password"})
#: What a page has anew.
FRESH = frozenset({"csrf_token", "form_token"})

Fields = Sequence[tuple[str, str]]


@dataclass
class Control:
    """A control by its tag's place in the source; `inner` is that of a text area's words."""

    tag: str
    attributes: dict[str, str | None]
    start: int
    end: int
    inner: tuple[int, int] = (0, 0)
    options: list[Control] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attributes.get("name") or ""

    @property
    def type(self) -> str:
        return (self.attributes.get("type") or "text").lower() if self.tag == "input" else self.tag

    @property
    def value(self) -> str:
        return self.attributes.get("value") or ""


@dataclass
class FormTag:
    """A form with its controls, and the closed folds around it."""

    attributes: dict[str, str | None]
    start: int
    controls: list[Control] = field(default_factory=list)
    folds: list[Control] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.lines = [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.forms: list[FormTag] = []
        self.loose: list[Control] = []
        self.open: FormTag | None = None
        self.folds: list[Control] = []
        self.last: Control | None = None
        self.option: Control | None = None
        self.feed(html)
        self.close()
        named = {form.attributes.get("id"): form for form in self.forms}
        for control in self.loose:
            if owner := named.get(control.attributes.get("form")):
                owner.controls.append(control)

    def _here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._here()
        control = Control(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        if tag == "form":
            self.open = FormTag(control.attributes, start, folds=list(self.folds))
            self.forms.append(self.open)
        elif tag == "details":
            self.folds.append(control)
        elif tag in ("input", "select", "textarea", "button"):
            self.last = control
            if "disabled" in control.attributes:
                return
            if "form" in control.attributes or self.open is None:
                self.loose.append(control)
            else:
                self.open.controls.append(control)
        elif tag == "option" and self.last and self.last.tag == "select":
            self.option = control
            self.last.options.append(control)

    def handle_data(self, data: str) -> None:
        if self.option and "value" not in self.option.attributes:
            self.option.attributes["value"] = unescape(data).strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "details" and self.folds:
            self.folds.pop()
        elif tag == "option":
            self.option = None
        elif tag == "textarea" and self.last and self.last.tag == "textarea":
            self.last.inner = self.last.end, self._here()


@dataclass
class Filled:
    """A page with what was typed in it, and what it has no place for; no form: nothing is in it."""

    html: str
    rest: list[tuple[str, str]]
    found: bool = False
    #: Whether somebody can see and change anything of it.
    visible: bool = False


def fill(html: str, path: str, fields: Fields, *, before: str = "") -> Filled:
    """The page with the fields in the form that posts to the path.

    `before` goes in front of that form, and everything folded around it is opened.
    """
    reader = _Reader(html)
    forms = [form for form in reader.forms if _posts_to(form, path)]
    if not forms:
        return Filled(html, _told(fields))
    form = max(forms, key=lambda each: _likeness(each, fields))
    filling = _Filling(html, fields)
    for control in form.controls:
        filling.put(control)
    rest = filling.rest()
    for fold in form.folds:
        if "open" not in fold.attributes:
            filling.write(fold, {**fold.attributes, "open": None})
    filling.changes.append((form.start, form.start, before))
    visible = any(
        control.type not in UNTYPED | {"hidden"} and control.name for control in form.controls
    )
    return Filled(filling.html(), rest, True, visible)


class _Filling:
    def __init__(self, source: str, fields: Fields) -> None:
        self.source = source
        self.changes: list[tuple[int, int, str]] = []
        self.left: dict[str, list[str]] = {}
        for name, value in fields:
            self.left.setdefault(name, []).append(value)
        self.named = {name: list(values) for name, values in self.left.items()}

    def put(self, control: Control) -> None:
        if control.name in FRESH or not control.name:
            return
        kind, values = control.type, self.named.get(control.name, [])
        if kind in ("submit", "button", "image"):
            self._use(control.name, control.value)
        elif kind in ("checkbox", "radio"):
            value = control.attributes.get("value", "on") or ""
            self._mark(control, "checked", value in values)
            self._use(control.name, value)
        elif kind == "select":
            self._select(control, values)
        elif kind not in UNTYPED and self.left.get(control.name):
            value = self.left[control.name].pop(0)
            if kind == "textarea":
                self.changes.append((*control.inner, "\n" + escape(value, quote=False)))
            elif value != control.value:
                self.write(control, {**control.attributes, "value": value})

    def _select(self, control: Control, values: list[str]) -> None:
        if not values or not any(option.value in values for option in control.options):
            return
        if "multiple" not in control.attributes:
            values = self.left[control.name][:1] or values
        for option in control.options:
            self._mark(option, "selected", option.value in values)
        for value in values:
            self._use(control.name, value)

    def _mark(self, control: Control, attribute: str, wanted: bool) -> None:
        if wanted != (attribute in control.attributes):
            others = {k: v for k, v in control.attributes.items() if k != attribute}
            self.write(control, {**others, attribute: None} if wanted else others)

    def _use(self, name: str, value: str) -> None:
        if value in self.left.get(name, []):
            self.left[name].remove(value)

    def write(self, control: Control, attributes: dict[str, str | None]) -> None:
        written = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in attributes.items()
        )
        self.changes.append((control.start, control.end, f"<{control.tag}{written}>"))

    def rest(self) -> list[tuple[str, str]]:
        return _told([(name, value) for name, values in self.left.items() for value in values])

    def html(self) -> str:
        parts, at = [], 0
        for start, end, new in sorted(self.changes):
            parts += [self.source[at:start], new]
            at = end
        return "".join([*parts, self.source[at:]])


def _posts_to(form: FormTag, path: str) -> bool:
    action = (form.attributes.get("action") or "").partition("?")[0]
    return action == path.partition("?")[0] and (form.attributes.get("method") or "") == "post"


def _likeness(form: FormTag, fields: Fields) -> tuple[int, int]:
    """How many fields the form has, and how many of them hold just that; the first of a kind."""
    names = {control.name for control in form.controls}
    held = {(control.name, control.value) for control in form.controls}
    return sum(name in names for name, _ in fields), sum(pair in held for pair in fields)


def _told(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the fields that somebody typed or chose, as far as one can say."""
    return [
        (name, value)
        for name, value in fields
        if value.strip() and not value.strip().isdigit() and name not in FRESH
    ]
