"""What Varnholt's reps heard from customers in ten weeks, in the customers' words.

The first sentence of each is its title. Everybody and everything in it is invented.
"""

from __future__ import annotations

from typing import NamedTuple

from roadmap.domain.rollup import LAYERS
from roadmap.domain.statements import DEAL_BREAKER, HINDRANCE, NICE_TO_HAVE
from roadmap.domain.triage import REP, UNKNOWN

ROSA, NADIA, GARETH, YUKI = "Rosa Quintero", "Nadia Petrosyan", "Gareth Prewitt", "Yuki Tanabe"
CUSTOMER, PARTNER, SUPPORT = "customer", "partner", "support"
EXECUTIVE, MANAGER, USER = LAYERS


class AskSeed(NamedTuple):
    """A request by its short name here. `ago` counts days; `week` is when it is needed by, counted
    from this one; `joins` is a problem's short name.
    """

    key: str
    ago: int
    by: str
    account: str
    deals: tuple[str, ...]
    body: str
    quote: str = ""
    joins: str = ""
    said_by: str = UNKNOWN
    name: str = ""
    role: str = ""
    layer: str | None = None
    workaround: str = ""
    severity: str = DEAL_BREAKER
    week: int | None = None
    competitor: str = ""
    note: str = ""
    #: A company that CRM does not know: then there is no account.
    prospect: bool = False


ASKS = (
    AskSeed(
        "meridel", 66, ROSA, "Meridel Grid", ("Meridel field operations",),
        "Their security team stops every tool that comes with its own password. Eight hundred "
        "people in the field would get one more, and nobody can say what becomes of it when one of "
        "them leaves. Everything else in the trial went well.",
        "“I will not be the one who approves password number eleven.”",
        joins="access", said_by=CUSTOMER, name="Dana Whitcombe", role="Head of security",
        layer=MANAGER, week=8,
        note="Dana decides alone. Her deputy is on our side and tells me what she asks about.",
    ),
    AskSeed(
        "ashdown", 64, GARETH, "Ashdown Pumps", ("Ashdown service desk",),
        "Fitters who left in spring could still open jobs in August. The works council found out "
        "before IT did, and now every new system has to show how somebody is locked out the same "
        "day.",
        "“We found eleven people in your trial who have not worked here since Easter.”",
        joins="leavers", said_by=CUSTOMER, name="Piers Hallam", role="IT manager", layer=MANAGER,
        workaround="Their IT compares two lists by hand on the first of the month.",
    ),
    AskSeed(
        "kestrel", 63, NADIA, "Kestrel Forge", ("Kestrel plant maintenance",),
        "The tender asks how their people sign in without a second password. Section 4 is a must, "
        "and whoever answers no is not invited to the second round.",
        joins="access", said_by=CUSTOMER, role="Purchasing", layer=MANAGER,
        competitor="Fieldwright",
    ),
    AskSeed(
        "tidewater", 61, ROSA, "Tidewater Mains", ("Tidewater mains crews",),
        "Crews in the culverts type a repair twice, because the first time it is gone when they "
        "come up. They carry paper again since the spring, and the foreman types it in on Fridays.",
        "“My people trust the clipboard. They do not trust the phone.”",
        joins="signal", said_by=CUSTOMER, name="Lou Ferraro", role="Foreman", layer=USER,
        workaround="Paper, typed in on Fridays.", week=10,
    ),
    AskSeed(
        "vltavin", 58, GARETH, "Vltavin Wasser", ("Vltavin waterworks",),
        "Their supervisory board decided that no customer's address leaves the country's borders "
        "without a vote. They do not want to vote about us; they want one sentence for the "
        "contract that says where the data lies.",
        joins="residency", said_by=CUSTOMER, name="Irena Malik", role="General counsel",
        layer=EXECUTIVE,
    ),
    AskSeed(
        "brightmoor", 57, YUKI, "Brightmoor Facilities", ("Brightmoor winter service",),
        "They pay all year for people who clear snow for four months. Their finance director did "
        "the sum in front of me: two thirds of the seats are asleep from April to October.",
        "“Forty in winter, twelve in summer. Which of them do you think I enjoy paying for?”",
        joins="seats", said_by=CUSTOMER, name="Colm Adair", role="Finance director",
        layer=EXECUTIVE, severity=HINDRANCE,
        workaround="They hand one seat from person to person, which we forbid.",
    ),
    AskSeed(
        "dunmarrow", 55, NADIA, "Dunmarrow Steel", ("Dunmarrow rolling mills",),
        "Two planners retype every order from SAP, a hundred and forty a day. When one of them is "
        "ill, the mill repairs what was urgent yesterday.",
        said_by=CUSTOMER, name="Greta Solheim", role="Maintenance planning", layer=MANAGER,
        competitor="Their own SAP team",
    ),
    AskSeed(
        "foxglen", 52, YUKI, "Foxglen Pest Control", ("Foxglen renewal",),
        "A city changed its contract, and one person opened three hundred orders one by one. It "
        "took her from Monday to Wednesday, and on Thursday the city changed it back.",
        joins="bulk", said_by=CUSTOMER, name="Bea Lindgren", role="Office manager", layer=USER,
    ),
    AskSeed(
        "nettlefold", 50, ROSA, "Nettlefold Doors", ("Nettlefold renewal",),
        "Every January all prices of the year are wrong until somebody has touched each order. "
        "They asked whether we ever tried our own product with a thousand doors.",
        joins="bulk", said_by=CUSTOMER, role="Service coordinator", layer=USER,
        severity=HINDRANCE, workaround="A temp comes in for the first two weeks of the year.",
    ),
    AskSeed(
        "halloran", 47, GARETH, "Halloran Lifts", ("Halloran subcontractors",),
        "A subcontractor's fitter could read the door codes of buildings that he has never been "
        "to. Their insurer heard of it and wants to know who sees what.",
        "“We will not give strangers the keys to everything.”",
        joins="subcontractors", said_by=CUSTOMER, name="Moira Keane", role="Operations director",
        layer=MANAGER, week=12,
    ),
    AskSeed(
        "castellan", 45, NADIA, "Castellan Chemie", ("Castellan plants",),
        "Procurement stops at the question in which country our servers stand. They have a form "
        "with one field for it, and “it depends” does not fit.",
        joins="residency", said_by=CUSTOMER, role="Procurement", layer=MANAGER,
    ),
    AskSeed(
        "council", 41, GARETH, "Castellan Chemie", (),
        "The works council wants it in writing that nobody outside the EU can look at who worked "
        "where. Without that they will not let the plant near it, whatever procurement says.",
        said_by=CUSTOMER, name="Jonas Reuter", role="Works council", layer=USER,
        note="Heard at the trade fair, not in Nadia's meetings. She knows.",
    ),
    AskSeed(
        "pilot", 38, ROSA, "Castellan Chemie", ("Castellan pilot 2",),
        "Half of the visits in the pilot ended with “the seal is in the other van”. Nobody can see "
        "which van carries what, so they drive back, and the line stands still for an afternoon.",
        joins="parts", said_by=CUSTOMER, name="Ulrike Sander", role="Plant supervisor", layer=USER,
        workaround="They phone round the vans.", severity=HINDRANCE,
    ),
    AskSeed(
        "blackmere", 36, GARETH, "Blackmere Gas", ("Blackmere emergency line",),
        "A leak at two in the morning reached our voicemail. The crew was out regardless, but "
        "their control room wants to know whom they call the next time.",
        "“A burst pipe does not wait for Monday. Your support does.”",
        joins="nights", said_by=CUSTOMER, name="Tess Okonjo", role="Control room lead",
        layer=MANAGER,
    ),
    AskSeed(
        "juniper", 33, YUKI, "Juniper Vending", ("Juniper routes",),
        "The plan for thirty drivers is in one man's head and in his spreadsheet. He retires in "
        "June, and they tried a day without him: eleven machines stayed empty.",
        said_by=CUSTOMER, name="Art Delgado", role="Route manager", layer=USER,
    ),
    AskSeed(
        "lindqvarn", 31, ROSA, "Lindqvarn Fernwarme", ("Lindqvarn renewal 1",),
        "Their control system learns of a finished job the next morning, from a file. Twice the "
        "file was empty, and a street stayed cold although the valve had been open for hours.",
        "“We should not have to ask you whether something happened.”",
        joins="integration", said_by=CUSTOMER, name="Sten Aukland", role="Head of operations",
        layer=MANAGER, workaround="The dispatcher phones the control room.", severity=HINDRANCE,
        week=23,
    ),
    AskSeed(
        "clearpane", 29, YUKI, "Clearpane Cleaning", (),
        "They would like their own name and colours on the portal. Their clients take us for a "
        "competitor of theirs when the link opens.",
        said_by=CUSTOMER, role="Marketing", layer=MANAGER, severity=NICE_TO_HAVE,
    ),
    AskSeed(
        "palisade", 24, NADIA, "Palisade Compressors", ("Palisade condition monitoring",),
        "Their lawyers have waited five weeks for our data processing agreement. The engineers are "
        "convinced; the contract lies on somebody's desk, and they think that it is ours.",
        said_by=CUSTOMER, role="Legal", layer=MANAGER,
    ),
    AskSeed(
        "northlight", 22, ROSA, "Northlight Fibre", ("Northlight installers",),
        "Installers are taken on for a season, and each needs an account by the next morning. "
        "Somebody in the office types them in, in the evening, from a photo of a list.",
        joins="access", said_by=CUSTOMER, name="Kim Rasmussen", role="HR", layer=MANAGER,
        week=13,
    ),
    AskSeed(
        "aurelia", 18, GARETH, "Aurelia Solar Parks", ("Aurelia inspections",),
        "In every country the inspector wants another form, and each spring a new one. They keep "
        "nine versions in a folder, and the parks in Apulia used last year's until July.",
        joins="inspections", said_by=PARTNER, role="Integrator",
        workaround="A folder with nine versions.",
    ),
    AskSeed(
        "stonegate", 13, YUKI, "Stonegate Campus Services", ("Stonegate crews",),
        "The lawn people can read who is on sick leave in the cleaning crews. It came up because "
        "one of them congratulated somebody on the baby.",
        joins="subcontractors", said_by=CUSTOMER, name="Renee Ashby", role="Site manager",
        layer=MANAGER, severity=HINDRANCE,
    ),
    AskSeed(
        "evergrange", 6, YUKI, "Evergrange Grounds", ("Evergrange seasonal crews",),
        "Dark mode for the tablet app", said_by=CUSTOMER, role="Crew lead", layer=USER,
    ),
    AskSeed(
        "ferries", 5, ROSA, "Fennimore Ferries", (),
        "Engineers write on their gloves, because nothing works below the car deck. They inspect "
        "six ships at night, and by the time they are up again half of it has worn off.",
        "“Steel above, steel below, and your little wheel goes round.”",
        joins="signal", said_by=CUSTOMER, name="Callum Breck", role="Fleet engineer", layer=USER,
        workaround="A voice recorder, typed up in port.", week=20, prospect=True,
    ),
    AskSeed(
        "grimsund", 4, GARETH, "Grimsund Kraft", ("Grimsund substations",),
        "An auditor logged in as a fitter who had been gone for four months. He did it in front of "
        "their board, to make a point, and we were the example.",
        said_by=PARTNER, role="Partner desk",
    ),
    AskSeed(
        "bluebonnet", 3, YUKI, "Bluebonnet Pools", ("Bluebonnet summer crews",),
        "They like all of it and cannot pay for it. It is twice what the software they have now "
        "costs, and the owner asked whether there is a smaller box of the same thing.",
        said_by=CUSTOMER, name="Hank Moreau", role="Owner", layer=EXECUTIVE,
    ),
    AskSeed(
        "cascadel", 2, ROSA, "Cascadel Power", ("Cascadel storm response",),
        "After a storm three hundred linemen from other states work for them for a week. They get "
        "a shared account, because making three hundred takes longer than the storm, and "
        "afterwards nobody knows who closed which job.",
        said_by=CUSTOMER, name="Joyce Tran", role="Storm desk", layer=MANAGER,
    ),
    AskSeed(
        "hartsong", 1, NADIA, "Hartsong Elevators", ("Hartsong modernisation",),
        "Finance closes the month nine days late, because hours and parts come from us on paper. "
        "The new group controller has put us on her list of what to replace.",
        said_by=REP, role="Group controller", layer=EXECUTIVE,
        note="I was not in the room. The service manager told me afterwards.",
    ),
)  # fmt: skip
