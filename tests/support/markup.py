"""What every HTML answer must hold, checked in one pass over its source.

`problems` reads strictly: an end tag that HTML would forgive is still a fault here, because a swap
of half-closed markup ends in a page that no reader of the template expects.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()
)  # fmt: skip
BLOCKS = frozenset(
    "address article aside blockquote details dialog div dl fieldset figure footer form h1 h2 h3 h4"
    " h5 h6 header hr main nav ol p pre search section table ul".split()
)
# What may stand directly above an element; None stands for the top of a fragment.
PARENTS: dict[str, frozenset[str | None]] = {
    "tr": frozenset({"tbody", "thead", "tfoot", "hx-partial", "template", None}),
    "td": frozenset({"tr", "hx-partial", "template", None}),
    "th": frozenset({"tr", "hx-partial", "template", None}),
    "tbody": frozenset({"table", "hx-partial", "template", None}),
    "thead": frozenset({"table", "hx-partial", "template", None}),
    "tfoot": frozenset({"table", "hx-partial", "template", None}),
    "li": frozenset({"ul", "ol", "menu", "hx-partial", "template", None}),
    "option": frozenset({"select", "optgroup", "datalist", "hx-partial", "template", None}),
    "dt": frozenset({"dl", "div", None}),
    "dd": frozenset({"dl", "div", None}),
}
# What may not stand anywhere inside an element of the same or another kind.
NOT_INSIDE: dict[str, frozenset[str]] = {
    "form": frozenset({"form"}),
    "a": frozenset({"a", "button"}),
    "button": frozenset({"a", "button"}),
    "label": frozenset({"label"}),
}
# Attributes that name other elements' ids: one id, or several between spaces.
ID_LISTS = frozenset(
    "aria-activedescendant aria-controls aria-describedby aria-details aria-errormessage"
    " aria-flowto aria-labelledby aria-owns for form headers list popovertarget".split()
)
# Attributes that hold a CSS selector, of which only a plain `#id` can be checked.
SELECTORS = frozenset("hx-target hx-include hx-indicator hx-sync hx-disable data-bs-target".split())
HX_METHODS = {f"hx-{method}": method.upper() for method in "get post put patch delete".split()}
UNLABELLED = frozenset({"hidden", "submit", "button", "reset", "image"})
DATA_SCRIPTS = frozenset({"application/json", "application/ld+json"})


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str]
    line: int
    parent: "Element | None"
    words: list[str] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)

    def above(self) -> Iterator["Element"]:
        element = self.parent
        while element:
            yield element
            element = element.parent

    def inside(self, *tags: str) -> bool:
        return any(element.tag in tags for element in self.above())

    def below(self) -> Iterator["Element"]:
        for child in self.children:
            yield child
            yield from child.below()

    def name(self) -> str:
        """A rough accessible name: enough to tell a named control from a nameless one."""
        own = self.attributes
        if own.get("aria-label") or own.get("aria-labelledby") or own.get("title"):
            return "named"
        words = "".join(self.words).strip()
        return words or "".join(
            child.attributes.get("alt", "") if child.tag == "img" else child.name()
            for child in self.children
            if child.attributes.get("aria-hidden") != "true"
        )

    def __str__(self) -> str:
        shown = "".join(
            f' {name}="{value[:60]}"'
            for name, value in self.attributes.items()
            if name in {"id", "name", "type", "href", "action"} or name.startswith("hx-")
        )
        return f"<{self.tag}{shown}> in line {self.line}"


# Says what is wrong with a local address under a method, or None.
Route = Callable[[str, str], str | None]


def problems(html: str, route: Route) -> list[str]:
    """Everything wrong with a page or a fragment, as sentences with their line."""
    tree = Tree(html)
    found = [*tree.problems]
    full = is_page(html)
    if full:
        found += _page(tree)
    found += _ids(tree, full)
    for element in tree.elements:
        for check in (_policy, _addresses, _names, _nesting):
            found += [f"{element}: {words}" for words in check(element, route)]
    for element in tree.elements:
        found += [f"{element}: {words}" for words in _token(element, tree, full)]
    labels: dict[str, list[Element]] = {}
    for element in tree.elements:
        if element.tag == "label":
            labels.setdefault(element.attributes.get("for", ""), []).append(element)
    for element in _controls(tree):
        if not _labelled(element, labels):
            found.append(f"{element}: has no label")
    return found


def is_page(html: str) -> bool:
    """A full page rather than a fragment to be swapped in."""
    return bool(re.match(r"\s*(<!doctype|<html)", html, re.IGNORECASE))


class Tree(HTMLParser):
    """The elements in source order, with the faults of nesting that the parser met."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.problems: list[str] = []
        self.open: list[Element] = []
        self.feed(html)
        self.close()
        self.problems += [f"{element} is never closed" for element in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in VOID and not (tag == "svg" or element.inside("svg", "math")):
            self.problems.append(f"{element} closes itself, which only SVG and void elements do")

    def handle_endtag(self, tag: str) -> None:
        line = self.getpos()[0]
        if tag in VOID:
            self.problems.append(f"</{tag}> in line {line} ends an element that has no end tag")
        elif not self.open:
            self.problems.append(f"</{tag}> in line {line} closes nothing")
        elif self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.problems.append(f"</{tag}> in line {line} comes while {self.open[-1]} is open")
            while any(element.tag == tag for element in self.open):
                self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].words.append(data)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        parent = self.open[-1] if self.open else None
        element = Element(tag, {k: v or "" for k, v in attrs}, self.getpos()[0], parent)
        if len(element.attributes) != len(attrs):
            for name, times in Counter(name for name, _ in attrs).items():
                if times > 1:
                    self.problems.append(f"{element} has the attribute {name} {times} times")
        if parent:
            parent.children.append(element)
        self.elements.append(element)
        return element


def _page(tree: Tree) -> Iterator[str]:
    titles = [e for e in tree.elements if e.tag == "title" and e.inside("head")]
    if len(titles) != 1 or not "".join(titles[0].words).strip():
        yield f"A page has one <title> with words in it; this has {len(titles)}"
    headings = sum(e.tag == "h1" for e in tree.elements)
    if headings != 1:
        yield f"A page has exactly one <h1>; this has {headings}"
    if not any(e.tag == "html" and e.attributes.get("lang") for e in tree.elements):
        yield "<html> says no language"


def _ids(tree: Tree, full: bool) -> Iterator[str]:
    ids = Counter(e.attributes["id"] for e in tree.elements if "id" in e.attributes)
    for name, times in ids.items():
        if times > 1:
            yield f'The id "{name}" occurs {times} times'
        if not name or re.search(r"\s", name):
            yield f'The id "{name}" is empty or has a space in it'
    # What a fragment points to may stand on the page that it is swapped into.
    if full:
        for element in tree.elements:
            for attribute, name in _references(element):
                if name not in ids:
                    yield f'{element}: {attribute} points to "{name}", an id that is not there'


def _references(element: Element) -> Iterator[tuple[str, str]]:
    for attribute, value in element.attributes.items():
        base = attribute.partition(":")[0]
        if base in ID_LISTS:
            yield from ((attribute, name) for name in value.split())
        elif base in SELECTORS and re.fullmatch(r"#[\w-]+", value.strip()):
            yield attribute, value.strip()[1:]
        elif base == "href" and element.tag in {"a", "use"} and value.startswith("#"):
            yield attribute, value[1:]


def _policy(element: Element, _route: Route) -> Iterator[str]:
    """What the content security policy would refuse, found without a browser."""
    own = element.attributes
    if element.tag == "script" and "src" not in own and own.get("type") not in DATA_SCRIPTS:
        yield "is an inline script"
    if element.tag == "style":
        yield "is an inline style sheet"
    for name, value in own.items():
        base = name.partition(":")[0]
        if name == "style":
            yield "has a style attribute"
        elif name.startswith(("on", "hx-on")):
            yield f"has the inline handler {name}"
        elif base == "hx-trigger" and "[" in value:
            yield "has a trigger filter, which would be evaluated"
        elif base in {"hx-vals", "hx-headers"} and value.lstrip().startswith(
            ("js:", "javascript:")
        ):
            yield f"has {name} that would be evaluated"


def _addresses(element: Element, route: Route) -> Iterator[str]:
    for attribute, address, method in _targets(element):
        scheme, host = urlsplit(address)[:2]
        if scheme == "javascript":
            yield f"{attribute} is a script"
        elif scheme in {"mailto", "tel"} or (scheme == "data" and element.tag in {"img", "link"}):
            continue
        elif scheme or host:
            # A link may lead away; nothing may be fetched from or sent to another place.
            if element.tag != "a" or attribute != "href":
                yield f"{attribute} leads to another place: {address}"
        elif not address.startswith("#") and (fault := route(address, method)):
            yield f"{attribute}: {fault}"


def _targets(element: Element) -> Iterator[tuple[str, str, str]]:
    """The addresses that an element leads to or loads, each with its attribute and method."""
    own = element.attributes
    for attribute, value in own.items():
        if method := HX_METHODS.get(attribute.partition(":")[0]):
            yield attribute, value, method
    if "hx-action" in own:
        yield "hx-action", own["hx-action"], own.get("hx-method", "get").upper()
    if element.tag == "form" and "action" in own:
        yield "action", own["action"], own.get("method", "get").upper()
    if "formaction" in own:
        forms = (e.attributes.get("method") for e in element.above() if e.tag == "form")
        method = own.get("formmethod") or next(forms, None) or "get"
        yield "formaction", own["formaction"], method.upper()
    if element.tag in {"a", "link", "use", "area"} and "href" in own:
        yield "href", own["href"], "GET"
    for attribute in ("src", "poster", "data-src"):
        if attribute in own:
            yield attribute, own[attribute], "GET"


def _names(element: Element, _route: Route) -> Iterator[str]:
    own = element.attributes
    if element.tag == "img" and "alt" not in own:
        yield "has no alt"
    if (element.tag == "button" or (element.tag == "a" and "href" in own)) and not element.name():
        yield "has no name that a screen reader could say"
    if element.tag in {"input", "select", "textarea", "button"} and own.get("name") == "id":
        yield 'is called "id", which hides the id of its form from a morph'


def _nesting(element: Element, _route: Route) -> Iterator[str]:
    parent = element.parent
    if element.tag in PARENTS and (parent.tag if parent else None) not in PARENTS[element.tag]:
        yield f"stands in <{parent.tag if parent else ''}>"
    if element.tag in BLOCKS and parent and parent.tag == "p":
        yield "stands in <p>, which it ends early"
    for other in NOT_INSIDE.get(element.tag, ()):
        if element.inside(other):
            yield f"stands inside <{other}>"


def _token(element: Element, tree: Tree, full: bool) -> Iterator[str]:
    """Whatever writes must carry the token that tells our page from a stranger's."""
    own = element.attributes
    if element.tag == "form" and own.get("method", "").lower() == "post":
        if not any(
            e.attributes.get("name") == "csrf_token" and e.attributes.get("value")
            for e in _fields(element, tree)
        ):
            yield "posts without a csrf_token"
    elif full and element.tag != "form":
        writes = {name.partition(":")[0] for name in own} & (HX_METHODS.keys() - {"hx-get"})
        headers = (
            value
            for e in (element, *element.above())
            for name, value in e.attributes.items()
            if name.partition(":")[0] == "hx-headers"
        )
        if writes and not element.inside("form") and "X-CSRF" not in "".join(headers):
            yield "writes without a CSRF token in hx-headers"


def _fields(form: Element, tree: Tree) -> Iterator[Element]:
    yield from form.below()
    if name := form.attributes.get("id"):
        yield from (e for e in tree.elements if e.attributes.get("form") == name)


def _controls(tree: Tree) -> Iterator[Element]:
    for element in tree.elements:
        kind = element.attributes.get("type", "text")
        if element.tag in {"select", "textarea"} or (
            element.tag == "input" and kind not in UNLABELLED
        ):
            yield element


def _labelled(control: Element, labels: Mapping[str, list[Element]]) -> bool:
    own = control.attributes
    if any(own.get(name) for name in ("aria-label", "aria-labelledby", "title")):
        return True
    around = [e for e in control.above() if e.tag == "label"]
    pointing = labels.get(own["id"], []) if own.get("id") else []
    return any(label.name() for label in (*around, *pointing))


def unsaid_errors(soup: BeautifulSoup) -> list[str]:
    """Of the answer to a refused form: errors that no summary with the focus names and links to."""
    summaries = soup.select("[data-takes-focus][tabindex][autofocus]")
    links = [link for summary in summaries for link in summary.select("a[href^='#']")]
    leading = {str(link["href"])[1:] for link in links}
    wrong = {str(field["id"]).removesuffix("-errors") for field in soup.select(".field-errors[id]")}
    wrong |= {str(field.get("id")) for field in soup.select("[aria-invalid=true]")}
    found = [f"The error of #{field} is in no summary" for field in sorted(wrong - leading)]
    found += [f"#{field} leads to no field" for field in leading if not soup.find(id=field)]
    if not summaries:
        found.append("It is refused, and nothing takes the focus to say so")
    return found
