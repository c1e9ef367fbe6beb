"""Varnholt's deals: those that the story turns on by hand, the others by a seeded generator.

Weeks count from this one: an open deal is needed by the Sunday of its week, so it is in time when
its problems are solved by the Friday before. Days count back from today.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from roadmap.domain.winloss import CRM, CUSTOMER, INTERVIEW, PRESENCE, PRICE, PROCESS, REP

from .accounts import ACCOUNTS, AccountSeed
from .closed import ended
from .seeds import (
    DAN,
    GARETH,
    NADIA,
    OWNERS,
    PARTNERS,
    PRODUCTS,
    ROSA,
    YUKI,
    BlockerSeed,
    DealSeed,
    Naming,
    ReasonSeed,
    amount,
)  # fmt: skip


def _open(
    account: str, name: str, owner: str, thousands: int | None, week: int, *blockers: BlockerSeed,
    product: str = "Platform", stage: str = "Proposal", probability: int | None = 40,
    named_date: bool = False,
) -> DealSeed:  # fmt: skip
    amount = None if thousands is None else thousands * 1000
    return DealSeed(
        account, name, owner, amount, stage, product,
        week=week, named_date=named_date, probability=probability, opened=150, blockers=blockers,
    )  # fmt: skip


def _lost(
    account: str, name: str, owner: str, thousands: int, closed: int, to: str,
    blockers: tuple[BlockerSeed, ...], reasons: tuple[ReasonSeed, ...] = (),
    product: str = "Platform",
) -> DealSeed:  # fmt: skip
    return DealSeed(
        account, name, owner, thousands * 1000, "Closed lost", product, "lost",
        closed=closed, lost_to=to, opened=closed + 140, blockers=blockers, reasons=reasons,
    )  # fmt: skip


B = BlockerSeed

#: The deal that is lost while the story runs, after it was put out of reach.
LOST_MEANWHILE = "Brandtberg service platform"

TOLD = (
    # Single sign-on: what the promotion from 9 to 2 brings within reach.
    _open("Meridel Grid", "Meridel field operations", ROSA, 890, 8,
          B("access", INTERVIEW, "“Bring SAML or do not come back.” Their head of security."),
          B("leavers", REP), stage="Negotiation", probability=60, named_date=True),
    _open("Kestrel Forge", "Kestrel plant maintenance", NADIA, 640, 7,
          B("access", CUSTOMER, "Listed as a must in the tender, section 4."),
          stage="Negotiation", probability=55),
    _open("Northlight Fibre", "Northlight installers", ROSA, 520, 13, B("access", REP)),
    _open("Ashdown Pumps", "Ashdown service desk", GARETH, 310, 10, B("leavers", CUSTOMER),
          product="Assets"),
    _open("Cascadel Power", "Cascadel storm response", ROSA, 740, 24, B("access", REP),
          B("signal", REP), product="Mobile", probability=30),
    _open("Grimsund Kraft", "Grimsund substations", PARTNERS, 450, 2, B("access", CRM),
          stage="Legal", probability=70),
    # EU data residency: what that promotion puts out of reach.
    _open("Ostravik Energie", "Ostravik field crews", GARETH, 1150, 12,
          B("residency", INTERVIEW, "“One country, in the contract, or we cannot even evaluate.”"),
          stage="Legal", probability=70, named_date=True),
    _open("Nordhaven Netz", "Nordhaven network upkeep", GARETH, 980, 12,
          B("residency", CUSTOMER, "Procurement's questionnaire, question 3."),
          stage="Negotiation", probability=50),
    _open("Castellan Chemie", "Castellan plants", NADIA, 760, 13, B("residency", REP),
          B("sap", REP), product="Assets", probability=45),
    _open("Kittiwake Turbines", "Kittiwake service fleet", PARTNERS, 430, 22,
          B("residency", REP), product="Assets", probability=25),
    # ... and what the promotion of offline work put out of reach six weeks ago.
    _open("Vltavin Wasser", "Vltavin waterworks", GARETH, 1240, 9,
          B("residency", CUSTOMER, "“Our supervisory board decided it in March.”"),
          stage="Negotiation", probability=40),
    _open("Brandtberg Maschinen", LOST_MEANWHILE, NADIA, 870, 10, B("residency", REP),
          product="Assets", stage="Negotiation", probability=50),
    _open("Lindqvarn Fernwarme", "Lindqvarn district heating", PARTNERS, 640, 8,
          B("residency", CRM), product="Assets"),
    _open("Halloran Lifts", "Halloran subcontractors", GARETH, 420, 12,
          B("subcontractors", CUSTOMER, "“We will not give strangers the keys to everything.”"),
          product="Dispatch", stage="Negotiation", probability=60, named_date=True),
    _open("Pembrey Estates", "Pembrey caretakers", YUKI, 180, 11, B("subcontractors", REP),
          product="Dispatch"),
    _open("Stonegate Campus Services", "Stonegate crews", YUKI, 260, 20, B("subcontractors", REP),
          product="Dispatch", probability=35),
    # Offline work: what it was done for.
    _open("Polderwind", "Polderwind offshore teams", GARETH, 1100, 9,
          B("signal", INTERVIEW, "“At sea there is no signal. There is paper, and there is you.”"),
          product="Mobile", stage="Legal", probability=75, named_date=True),
    _open("Tidewater Mains", "Tidewater mains crews", ROSA, 760, 10,
          B("signal", CUSTOMER, "They walked away last year for this."), product="Mobile",
          stage="Negotiation", probability=60),
    _open("Clearpane Cleaning", "Clearpane night shifts", YUKI, 340, 12, B("signal", REP),
          product="Mobile"),
    # SAP, billing, bulk edit, dispatching.
    _open("Dunmarrow Steel", "Dunmarrow rolling mills", NADIA, 1020, 11,
          B("sap", INTERVIEW, "Two people retype 140 orders a day."), product="Assets",
          stage="Negotiation", probability=55),
    _open("Okaribe Robotics", "Okaribe worldwide service", YUKI, 830, 9, B("sap", REP),
          product="Assets", probability=35),
    _open("Hartsong Elevators", "Hartsong modernisation", NADIA, 560, 17, B("sap", REP),
          B("closing", REP), product="Assets"),
    _open("Brightmoor Facilities", "Brightmoor winter service", YUKI, 690, 10,
          B("seats", CUSTOMER, "“Forty in winter, twelve in summer.”"), product="Billing",
          stage="Negotiation", probability=50),
    _open("Evergrange Grounds", "Evergrange seasonal crews", YUKI, 240, 14, B("seats", REP),
          product="Billing"),
    _open("Bluebonnet Pools", "Bluebonnet summer crews", DAN, 60, 16, B("seats", CRM),
          product="Billing", stage="Discovery", probability=20),
    _open("Osterholt Heating", "Osterholt renewal", GARETH, 150, 3,
          B("bulk", CUSTOMER, "“Three hundred contracts change on the first.”"),
          product="Dispatch", stage="Negotiation", probability=70),
    _open("Foxglen Pest Control", "Foxglen renewal", YUKI, 120, 4, B("bulk", REP),
          product="Dispatch", stage="Negotiation", probability=65),
    _open("Nettlefold Doors", "Nettlefold renewal", ROSA, 140, 5, B("bulk", REP),
          product="Dispatch", probability=60),
    _open("Juniper Vending", "Juniper routes", YUKI, 190, 7, B("routes", REP), product="Dispatch"),
    _open("Corvane Alarms", "Corvane call-outs", GARETH, 130, 10, B("routes", CUSTOMER),
          product="Dispatch"),
    # What nobody has an answer for.
    _open("Blackmere Gas", "Blackmere emergency line", PARTNERS, 480, 15, B("nights", CUSTOMER),
          product="Platform"),
    _open("Palisade Compressors", "Palisade condition monitoring", NADIA, 390, 30,
          B("failures", REP), product="Assets", stage="Discovery", probability=15),
    _open("Aurelia Solar Parks", "Aurelia inspections", GARETH, None, 26, B("inspections", REP),
          product="Assets", stage="Discovery", probability=None),
    # Lost, with what was claimed and what turned out.
    _lost("Blackmere Gas", "Blackmere field service", GARETH, 620, 40, "competitor",
          (B("access", REP, "“They said it was single sign-on.”"),),
          (ReasonSeed(PRICE, INTERVIEW, "The winner was a third cheaper. That was all."),)),
    _lost("Saltmarsh Desalination", "Saltmarsh plants", PARTNERS, 410, 61, "competitor",
          (B("residency", INTERVIEW, "“Price was what we told your rep. It was the data.”"),),
          (ReasonSeed(PRICE, CRM),)),
    _lost("Hollowbrook Water", "Hollowbrook crews", ROSA, 280, 33, "competitor",
          (B("signal", CUSTOMER, "Confirmed in writing."), B("signal", CRM))),
    _lost("Ferrandale Transmission", "Ferrandale lines", DAN, 720, 74, "competitor",
          (B("access", CRM), B("audit", REP))),
    _lost("Sycamore Hospitals", "Sycamore estates", ROSA, 540, 52, "competitor",
          (B("access", INTERVIEW, "No exception from the directory, not even for a pilot."),)),
    _lost("Rothwen Presses", "Rothwen service", NADIA, 210, 25, "no decision",
          (B("sap", REP),), (ReasonSeed(PROCESS, INTERVIEW, "Four months for a security review."),),
          product="Assets"),
    _lost("Greyfriar Bearings", "Greyfriar maintenance", NADIA, 190, 90, "competitor",
          (B("sap", CUSTOMER), B("closing", CUSTOMER)), product="Assets"),
    _lost("Marlowe Clinics", "Marlowe clinics", ROSA, 330, 18, "competitor",
          (B("audit", INTERVIEW, "The inspector did not accept the export.", weight=2),
           B("access", INTERVIEW)), product="Assets"),
    _lost("Larkhill Care Homes", "Larkhill homes", GARETH, 95, 110, "no decision",
          (B("inspections", REP),), product="Assets"),
    _lost("Vireo Plastics", "Vireo lines", PARTNERS, 260, 47, "unknown", (B("failures", CRM),),
          product="Assets"),
    _lost("Silverlode Assay", "Silverlode sites", DAN, 170, 66, "competitor", (),
          (ReasonSeed(PRESENCE, REP, "The incumbent was never in danger."),)),
    _lost("Veranda Towers", "Veranda towers", PARTNERS, 230, 29, "competitor",
          (B("residency", REP),), (ReasonSeed(PRESENCE, CUSTOMER, "They came in two years ago."),)),
)  # fmt: skip

_OPEN_PROBLEMS = (
    "parts", "firstfix", "inspections", "closing", "sla", "integration", "quotes", "arrival",
    "routes", "failures", "nights", "sap",
)  # fmt: skip
_STAGES = (("Discovery", 15), ("Proposal", 35), ("Negotiation", 55), ("Legal", 75))
_OPEN = 26


def deals() -> tuple[DealSeed, ...]:
    """All of them: the same every time."""
    chance = random.Random("Varnholt")
    return (*TOLD, *_generated(chance))


def _generated(chance: random.Random) -> Iterator[DealSeed]:
    naming = Naming(chance)
    for _ in range(_OPEN):
        account = chance.choice(ACCOUNTS)
        yield _one_open(chance, account, naming.of(account))
    yield from ended(chance, naming)


def _one_open(chance: random.Random, account: AccountSeed, name: str) -> DealSeed:
    stage, probability = chance.choice(_STAGES)
    problem = B(chance.choice(_OPEN_PROBLEMS), chance.choice((CRM, REP, REP, CUSTOMER)))
    luck = chance.random()
    blockers: tuple[BlockerSeed, ...] = (problem,)
    if luck < 0.12:
        blockers = ()
    elif luck < 0.2:
        blockers = (problem._replace(bucket=PRICE, note="Triage: they want a discount."),)
    elif luck < 0.4:
        others = [other for other in _OPEN_PROBLEMS if other != problem.problem]
        blockers = (problem, B(chance.choice(others), REP))
    return DealSeed(
        account.name, name, chance.choice(OWNERS),
        None if chance.random() < 0.08 else amount(chance, account),
        stage, chance.choice(PRODUCTS),
        week=None if chance.random() < 0.12 else chance.randint(-3, 44),
        probability=probability, opened=chance.randint(20, 200), blockers=blockers,
    )  # fmt: skip
