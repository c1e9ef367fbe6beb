"""The entries of the top navigation: the pages that exist and that the viewer may see."""

from dataclasses import dataclass
from typing import Literal

from flask import current_app, request, url_for
from flask_login import current_user

from roadmap.domain.roles import ALL, PERMISSIONS, REP

Group = Literal["main", "more"]


@dataclass(frozen=True, slots=True)
class Destination:
    endpoint: str
    label: str
    icon: str
    group: Group
    roles: frozenset[str] = ALL
    """To whom it is this entry, among those who may see the page."""
    beneath: str = ""
    """The page whose address its pages lie beneath, where that is not its own."""


@dataclass(frozen=True, slots=True)
class NavigationItem:
    label: str
    url: str
    active: bool
    icon: str
    group: Group


DESTINATIONS = (
    Destination("board.show", "Board", "layout-list", "main"),
    Destination("intake.mine", "Requests", "message", "main", frozenset({REP}), "intake.index"),
    Destination("intake.index", "Requests", "message", "main", ALL - {REP}),
    Destination("intake.inbox", "Inbox", "inbox", "main"),
    Destination("market.problems", "Problems", "puzzle", "main"),
    Destination("initiatives.index", "Initiatives", "rocket", "main"),
    Destination("deals.index", "Deals", "briefcase", "main"),
    Destination("deals.accounts", "Accounts", "building", "main"),
    Destination("reports.index", "Reports", "report", "main"),
    Destination("interviews.index", "Interviews", "quote", "more"),
    Destination("tradeoffs.index", "Trade-offs", "scale", "main"),
    Destination("initiatives.promised", "Promises", "flag", "more"),
    Destination("teams.index", "Teams", "users-group", "more"),
    Destination("patterns.markets", "Markets", "chart-bar", "more"),
    Destination("market.segments", "Segments", "sitemap", "more"),
    Destination("initiatives.products", "Products", "package", "more"),
    Destination("search.glossary", "Glossary", "list-numbers", "more"),
    Destination("imports.index", "Imports", "file-import", "more"),
    Destination("market.profile", "Ideal customer profile", "target-arrow", "more"),
    Destination("people.users", "Users", "users", "more"),
    Destination("settings.show", "Settings", "settings", "more"),
)


def navigation() -> list[NavigationItem]:
    """What the viewer can go to, in order; nothing for somebody who is not signed in."""
    if not getattr(current_user, "is_authenticated", False):
        return []
    reachable = [
        (destination, url_for(destination.beneath or destination.endpoint))
        for destination in DESTINATIONS
        if destination.endpoint in current_app.view_functions
        and current_user.role in destination.roles & _viewers(destination.endpoint)
    ]
    here = _nearest([url for _, url in reachable])
    return [
        NavigationItem(place.label, url_for(place.endpoint), url == here, place.icon, place.group)
        for place, url in reachable
    ]


def _viewers(endpoint: str) -> frozenset[str]:
    """The roles that the page's own guard lets in."""
    return PERMISSIONS[getattr(current_app.view_functions[endpoint], "needs", "read")]


def _nearest(urls: list[str]) -> str | None:
    """The address that the page being shown lies at or beneath; the longest one, if several fit."""
    path = request.script_root + request.path
    beneath = [url for url in urls if path == url or path.startswith(url.rstrip("/") + "/")]
    return max(beneath, key=len, default=None)
