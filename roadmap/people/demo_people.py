"""The demo company's cast, which the sign-in page shows while the demo company is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from roadmap.domain.roles import ADMIN, EXECUTIVE, PRODUCT, REP, ROLE_NAMES
from roadmap.extensions import db
from roadmap.models import User

DOMAIN = "demo.example"
PASSWORD = "roadmap-demo"  # noqa: S105 (invented people, printed on the page on purpose)


@dataclass(frozen=True)
class DemoPerson:
    name: str
    email: str
    role: str
    password: str = PASSWORD

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]


#: One of each role can be signed in as from the page; the demo company has more people than these.
CAST = (
    DemoPerson("Rosa Quintero", f"rosa@{DOMAIN}", REP),
    DemoPerson("Priya Nair", f"priya@{DOMAIN}", PRODUCT),
    DemoPerson("Elias Berg", f"elias@{DOMAIN}", EXECUTIVE),
    DemoPerson("Ada Okafor", f"ada@{DOMAIN}", ADMIN),
)


def shares_password(email: str, password: str) -> bool:
    """Whether this is the demo's password for one of its people: the one exception from the rules
    for passwords. It is printed on the page, and guards nothing but made-up figures.
    """
    return password == PASSWORD and email.endswith(f"@{DOMAIN}")


def demo_people() -> list[DemoPerson]:
    """Those of the cast who exist here and are active: none without the demo company."""
    known = db.session.scalars(
        select(User.email).where(User.email.in_([p.email for p in CAST]), User.active)
    ).all()
    return [person for person in CAST if person.email in known]
