"""A cycle of needs cannot be entered, not even through what is off the board."""

import pytest
from flask import Flask

from roadmap.domain.changes import ChangeNeeds, Leave
from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.models import User
from roadmap.tradeoffs import actions
from roadmap.tradeoffs.actions import Signature
from tests.support.company import Company


def test_a_cycle_through_a_declined_initiative_is_spelled_out(app: Flask) -> None:
    company = Company(app)
    core = company.team()
    base = company.initiative("Base", work=[(core, 5)])
    top = company.initiative("Top", work=[(core, 5)], needs=[base])
    company.initiative("Other", work=[(core, 5)], needs=[top])
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        signature = Signature(by, by.id, company.people["executive"], "Because")
        actions.commit(lambda _: Leave(str(top), "declined", "Not now"), signature)

        with pytest.raises(Refused, match="wait for each other: Base → Top → Base"):
            actions.commit(lambda _: ChangeNeeds(str(base), (str(top),), ()), signature)
