"""The people that tests speak of: one of each role, the same as the demo company's.

rosa   sales rep           priya  product manager
elias  executive           ada    administrator
"""

from flask import Flask

from roadmap.people.demo_people import CAST, PASSWORD, DemoPerson
from tests.support.client import CheckingClient

__all__ = ["CAST", "PASSWORD", "enrol", "person", "visitor"]


def person(role: str) -> DemoPerson:
    """The one of the cast with this role: "rep", "product", "executive" or "admin"."""
    return next(each for each in CAST if each.role == role)


def enrol(app: Flask) -> dict[str, int]:
    """Make those of the cast users who are not yet, and give their ids by role."""
    from roadmap.people import actions

    with app.app_context():
        return {
            each.role: (
                actions.find(each.email)
                or actions.create(each.email, each.name, each.role, each.password)
            ).id
            for each in CAST
        }


def visitor(app: Flask, role: str | None = None) -> CheckingClient:
    """A browser of its own, signed in as the one of the cast with this role."""
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client.begin_session(person(role).email) if role else client
