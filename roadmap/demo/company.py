"""Varnholt, an invented company: who works there, what it sells, to whom, and who builds it.

Varnholt sells software for companies that keep machines running: work orders, dispatching, a mobile
app for technicians, a portal for their customers. Everybody and every company here is invented.
"""

from __future__ import annotations

from typing import NamedTuple

from roadmap.domain.roles import EXECUTIVE, PRODUCT, REP
from roadmap.people.demo_people import DOMAIN, DemoPerson

NAME = "Varnholt"
CURRENCY = "USD"

#: Everybody besides the cast that the sign-in page offers.
COLLEAGUES = (
    DemoPerson("Marek Dubovsky", f"marek@{DOMAIN}", PRODUCT),
    DemoPerson("Lena Achterberg", f"lena@{DOMAIN}", PRODUCT),
    DemoPerson("Tomas Riquelme", f"tomas@{DOMAIN}", PRODUCT),
    DemoPerson("Ingrid Solvang", f"ingrid@{DOMAIN}", EXECUTIVE),
    DemoPerson("Nadia Petrosyan", f"nadia@{DOMAIN}", REP),
    DemoPerson("Gareth Prewitt", f"gareth@{DOMAIN}", REP),
    DemoPerson("Yuki Tanabe", f"yuki@{DOMAIN}", REP),
)

#: Owners as CRM spells them, and who that is. Two are nobody who signs in here.
CRM_OWNERS = {
    "Quintero, Rosa": f"rosa@{DOMAIN}",
    "Petrosyan, Nadia": f"nadia@{DOMAIN}",
    "Prewitt, Gareth": f"gareth@{DOMAIN}",
    "Tanabe, Yuki": f"yuki@{DOMAIN}",
    "Partner desk": None,
    "Whitlow, Dan (left)": None,
}

PRODUCTS = ("Assets", "Billing", "Dispatch", "Mobile", "Platform", "Portal")

#: People for the roadmap, after support and upkeep: now, and from three quarters on.
TEAMS = {
    "Core platform": (3.0, 3.6),
    "Dispatch": (3.0, 3.0),
    "Mobile": (2.6, 3.0),
    "Integrations": (2.4, 3.0),
    "Insights": (2.0, 2.0),
}


class SegmentSeed(NamedTuple):
    name: str
    description: str
    #: Attribute, operator, values: see `domain.icp`.
    rules: tuple[tuple[str, str, tuple[object, ...]], ...]


UTILITIES, MANUFACTURING, FACILITIES, CLINICS, MIDMARKET = (
    "Utilities and networks",
    "Industrial manufacturing",
    "Facility services",
    "Clinics and care homes",
    "Mid-market service firms",
)

SEGMENTS = (
    SegmentSeed(
        UTILITIES,
        "Water, power, gas and fibre: regulated, thousands of technicians, long tenders.",
        (("industry", "any_of", ("Utilities", "Energy")), ("employees", "at_least", (1000,))),
    ),
    SegmentSeed(
        MANUFACTURING,
        "Makers of machines who service what they sell, and plants that keep their own running.",
        (
            ("industry", "any_of", ("Manufacturing", "Machinery", "Chemicals")),
            ("employees", "at_least", (800,)),
        ),
    ),
    SegmentSeed(
        FACILITIES,
        "Lifts, cleaning, heating and grounds for buildings that belong to others.",
        (("industry", "any_of", ("Facility services", "Real estate")),),
    ),
    SegmentSeed(
        CLINICS,
        "Buildings full of equipment that has to be inspected: a market that we only just entered.",
        (("industry", "is", ("Healthcare",)),),
    ),
    SegmentSeed(
        MIDMARKET,
        "Service firms with up to a thousand people: quick decisions, small budgets.",
        (("employees", "between", (50, 999)),),
    ),
)


class CriterionSeed(NamedTuple):
    attribute: str
    operator: str
    values: tuple[object, ...]
    weight: int


PROFILE = (
    CriterionSeed("industry", "any_of", ("Utilities", "Energy", "Manufacturing", "Machinery"), 3),
    CriterionSeed("employees", "between", (500, 20_000), 3),
    CriterionSeed("Field technicians", "at_least", (150,), 2),
    CriterionSeed("region", "any_of", ("Europe", "North America"), 1),
    CriterionSeed("revenue", "at_least", (100_000_000,), 1),
)


class ProblemSeed(NamedTuple):
    """A problem by its short name here, in the market's words everywhere else."""

    key: str
    title: str
    statement: str
    layer: str
    segments: tuple[str, ...]
    workaround: str = ""
    #: The problem higher up in the customer's organisation that it is part of, by its short name.
    part_of: str = ""


PROBLEMS = (
    ProblemSeed(
        "access", "Security will not approve another password",
        "Our security team signs off no tool that keeps its own passwords. We have one directory, "
        "and everything has to hang off it.",
        "manager", (UTILITIES, MANUFACTURING),
    ),
    ProblemSeed(
        "leavers", "People who left keep their access for weeks",
        "When somebody leaves, we find out in the next audit that the account is still there.",
        "manager", (UTILITIES, MANUFACTURING, FACILITIES),
        "A monthly list of users can be had from support and compared by hand.",
        part_of="audit",
    ),
    ProblemSeed(
        "audit", "Auditors do not accept our change history",
        "The regulator asks who changed a work order and why. We show screenshots.",
        "executive", (UTILITIES,),
    ),
    ProblemSeed(
        "residency", "Our customers' data may not leave the EU",
        "Procurement stops at the question where the data lies. The answer has to be one country.",
        "executive", (UTILITIES, MANUFACTURING),
    ),
    ProblemSeed(
        "signal", "Technicians lose their work where there is no signal",
        "In cellars, tunnels and wind parks the app forgets what was typed. They go back to paper.",
        "user", (UTILITIES, FACILITIES),
        "Forms can be printed the evening before, and typed in afterwards.",
    ),
    ProblemSeed(
        "sap", "Every work order is typed twice, here and in SAP",
        "Two people do nothing but copy orders from screen to screen, and still get it wrong.",
        "manager", (MANUFACTURING, UTILITIES),
    ),
    ProblemSeed(
        "routes", "Dispatchers plan the day in a spreadsheet",
        "The plan is made from memory at six in the morning. One sick call and it falls apart.",
        "user", (FACILITIES, MIDMARKET),
    ),
    ProblemSeed(
        "seats", "Seasonal firms pay for seats that nobody uses",
        "We have forty technicians in winter and twelve in summer, and pay for forty.",
        "executive", (MIDMARKET, FACILITIES),
    ),
    ProblemSeed(
        "bulk", "Changing a hundred work orders takes a day",
        "A contract changes, and somebody opens every order of the year one by one.",
        "user", (FACILITIES, MIDMARKET),
    ),
    ProblemSeed(
        "subcontractors", "Subcontractors see jobs that are not theirs",
        "We hand out full seats to strangers, because there is nothing between all and nothing.",
        "manager", (FACILITIES, UTILITIES),
    ),
    ProblemSeed(
        "arrival", "Customers phone to ask when we come",
        "A third of the calls to our desk is that one question.",
        "manager", (FACILITIES, MIDMARKET),
    ),
    ProblemSeed(
        "parts", "The part is missing when the technician is on site",
        "We drive out twice, because nobody knows what is in the van.",
        "user", (MANUFACTURING, MIDMARKET),
    ),
    ProblemSeed(
        "firstfix", "Managers cannot see where service quality slips",
        "We learn about repeat visits from angry customers, a quarter late.",
        "executive", (MANUFACTURING, FACILITIES),
    ),
    ProblemSeed(
        "inspections", "Every regulator wants another inspection form",
        "Eleven authorities, eleven forms, and they change every spring.",
        "manager", (UTILITIES, FACILITIES),
    ),
    ProblemSeed(
        "failures", "Machines break between two inspections",
        "The machine knows that it is getting hot. We do not.",
        "executive", (MANUFACTURING,),
    ),
    ProblemSeed(
        "closing", "Month-end closing waits for the cost of jobs",
        "Finance waits nine days for hours and parts that are somewhere in the service system.",
        "manager", (MANUFACTURING, UTILITIES),
    ),
    ProblemSeed(
        "sla", "We find out about a missed service level from the penalty",
        "Response times are in the contract, not on the dispatcher's screen.",
        "manager", (FACILITIES,),
    ),
    ProblemSeed(
        "integration", "Our own systems cannot hear what happens in yours",
        "Every night a file, every morning a call because the file was empty.",
        "manager", (MANUFACTURING, UTILITIES, MIDMARKET),
    ),
    ProblemSeed(
        "quotes", "The extra job is lost because the quote comes a week later",
        "The technician sees what else is broken. By the time we quote, somebody else fixed it.",
        "user", (MIDMARKET,),
    ),
    ProblemSeed(
        "proof", "There is no proof of what was done on site",
        "We argue about every second invoice.", "manager", (FACILITIES, MIDMARKET),
    ),
    ProblemSeed(
        "nights", "Nobody answers outside office hours",
        "A burst pipe does not wait for Monday. Your support does.", "manager", (UTILITIES,),
        "The duty manager's number is in the contract of the largest twenty.",
    ),
)  # fmt: skip
