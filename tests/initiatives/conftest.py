"""A small company with one team, so that whoever goes first delays the others."""

from dataclasses import dataclass

import pytest
from flask import Flask

from tests.support.company import Company


@dataclass
class Story:
    """Two weeks of work each for a team of two: First is done on 22 January, Second on 5 February.

    A deal of $600,000 waits for Second's problem and needs it by 10 February.
    """

    company: Company
    team: int
    product: int
    pain: int
    first: int
    second: int
    deal: int


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def story(company: Company) -> Story:
    team = company.team("Core", people=2)
    product = company.product("Platform")
    pain = company.problem("Sign-in is manual work")
    first = company.initiative("First", work=[(team, 20)])
    second = company.initiative("Second", work=[(team, 20)], solves=[pain])
    deal = company.deal("Acme", 600_000_00, needed_by="2027-02-10", blockers=[pain])
    return Story(company, team, product, pain, first, second, deal)
