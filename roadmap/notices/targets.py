"""What a notice leads to: its request, else its initiative."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app, url_for

REQUEST, INITIATIVE = "intake.show", "initiatives.show"


class Target(NamedTuple):
    """A page that this application has, by endpoint and id."""

    endpoint: str
    id: int

    def here(self) -> str:
        """Its address, for a page of ours."""
        return url_for(self.endpoint, id=self.id)

    def anywhere(self) -> str:
        """Its address, for a letter: below where people reach the product."""
        return public(self.endpoint, id=self.id)


def target(request_id: int | None, initiative_id: int | None) -> Target | None:
    """None where a notice is about neither. Features that come later than this one are named by
    their endpoint: the arrow of imports points the other way.
    """
    for endpoint, id in ((REQUEST, request_id), (INITIATIVE, initiative_id)):
        if id is not None and endpoint in current_app.view_functions:
            return Target(endpoint, id)
    return None


def public(endpoint: str, **values: object) -> str:
    """The address of a page as a letter has it. No request is needed, nor what it believes."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return f"{current_app.config['PUBLIC_URL']}{path}"
