"""What Varnholt may build: its initiatives as they stood ten weeks ago, in their order then."""

from __future__ import annotations

from typing import NamedTuple

from roadmap.domain.plan import INCREMENTAL, STRATEGIC

PRIYA, MAREK, LENA, TOMAS = "Priya Nair", "Marek Dubovsky", "Lena Achterberg", "Tomas Riquelme"
CORE, DISPATCH, MOBILE, INTEGRATIONS, INSIGHTS = (
    "Core platform", "Dispatch", "Mobile", "Integrations", "Insights",
)  # fmt: skip


class WorkSeed(NamedTuple):
    """Effort in person-days, None while nobody has estimated it."""

    title: str
    product: str
    team: str
    days: int | None
    max_people: int | None = None


class PromiseSeed(NamedTuple):
    """A date promised to somebody: the Friday of a week, counted from this one."""

    week: int
    to: str
    by: str


class InitiativeSeed(NamedTuple):
    key: str
    title: str
    value: str
    kind: str
    owner: str | None
    work: tuple[WorkSeed, ...]
    solves: tuple[str, ...] = ()
    contributes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    promises: tuple[PromiseSeed, ...] = ()
    #: The first Monday that it may start on, in weeks from this one.
    not_before: int | None = None
    state: str = "candidate"


INITIATIVES = (
    InitiativeSeed(
        "photos", "Photo evidence on every job",
        "“Show me the picture” ends the argument about the invoice.",
        INCREMENTAL, LENA,
        (WorkSeed("Camera and upload", "Mobile", MOBILE, 26),
         WorkSeed("Storage with retention", "Platform", CORE, 15)),
        solves=("proof",), state="in progress",
    ),
    InitiativeSeed(
        "audit", "Audit log that auditors accept",
        "We show the regulator who changed what and why, instead of screenshots.",
        STRATEGIC, PRIYA,
        (WorkSeed("Tamper-proof history of every record", "Platform", CORE, 165),
         WorkSeed("Export for the regulator", "Assets", INSIGHTS, 10)),
        solves=("audit",), contributes=("leavers",), state="in progress",
    ),
    InitiativeSeed(
        "sap", "SAP connector for work orders",
        "An order entered once is everywhere, and the two people who copy do something useful.",
        STRATEGIC, MAREK,
        (WorkSeed("Orders and confirmations, both ways", "Assets", INTEGRATIONS, 150),
         WorkSeed("Mapping that customers can change", "Platform", CORE, 15)),
        solves=("sap",), contributes=("closing",), state="committed",
    ),
    InitiativeSeed(
        "residency", "EU data residency",
        "“Where is our data?” gets a one-line answer that procurement accepts.",
        STRATEGIC, PRIYA,
        (WorkSeed("Separate EU region", "Platform", CORE, 90),),
        solves=("residency",),
        promises=(PromiseSeed(12, "Ostravik Energie", "Elias Berg"),), state="committed",
    ),
    InitiativeSeed(
        "dispatch", "Dispatch board with travel times",
        "The day's plan survives the first sick call.",
        INCREMENTAL, TOMAS,
        (WorkSeed("Drag jobs between people", "Dispatch", DISPATCH, 130),
         WorkSeed("Travel times", "Dispatch", DISPATCH, 60)),
        solves=("routes",), state="in progress",
    ),
    InitiativeSeed(
        "billing", "Usage-based billing",
        "Seasonal firms pay for the technicians who worked, not for empty seats.",
        STRATEGIC, MAREK,
        (WorkSeed("Metering and invoices", "Billing", INSIGHTS, 150),
         WorkSeed("Seats that rest", "Platform", CORE, 15)),
        solves=("seats",),
    ),
    InitiativeSeed(
        "roles", "Roles for subcontractors",
        "A subcontractor sees the jobs that are theirs, and nothing else.",
        INCREMENTAL, LENA,
        (WorkSeed("Roles and their limits", "Platform", CORE, 20),
         WorkSeed("Guest view in the app", "Mobile", MOBILE, 15)),
        solves=("subcontractors",),
        promises=(PromiseSeed(12, "Halloran Lifts", "Gareth Prewitt"),),
    ),
    InitiativeSeed(
        "offline", "Offline mobile for technicians",
        "What is typed in the cellar is still there in the daylight.",
        STRATEGIC, LENA,
        (WorkSeed("Everything on the device", "Mobile", MOBILE, 184),
         WorkSeed("Merging what two people changed", "Platform", CORE, 45)),
        solves=("signal",), state="committed",
    ),
    InitiativeSeed(
        "bulk", "Bulk edit of work orders",
        "A changed contract is one edit, not a lost day.",
        INCREMENTAL, TOMAS,
        (WorkSeed("Select, change, undo", "Dispatch", DISPATCH, 40, 1),),
        solves=("bulk",),
    ),
    InitiativeSeed(
        "sso", "Single sign-on and SCIM provisioning",
        "Security says yes, and leavers are gone the same evening.",
        STRATEGIC, PRIYA,
        (WorkSeed("SAML and OpenID Connect", "Platform", CORE, 45),
         WorkSeed("Provisioning from the directory", "Platform", INTEGRATIONS, 12)),
        solves=("access", "leavers"),
        promises=(PromiseSeed(20, "Meridel Grid", "Rosa Quintero"),),
    ),
    InitiativeSeed(
        "arrival", "Live arrival times in the customer portal",
        "“When do you come?” is answered before the phone rings.",
        INCREMENTAL, TOMAS,
        (WorkSeed("Where the technician is", "Portal", DISPATCH, 40),
         WorkSeed("Links without a sign-in", "Portal", CORE, 10)),
        solves=("arrival",), needs=("dispatch",),
    ),
    InitiativeSeed(
        "forms", "Inspection forms that customers build themselves",
        "A new regulation is an afternoon's work, not a project.",
        STRATEGIC, LENA,
        (WorkSeed("Builder and versions", "Assets", MOBILE, 60),
         WorkSeed("Signed archive copy", "Assets", INSIGHTS, 15)),
        solves=("inspections",), contributes=("audit",), needs=("offline",),
    ),
    InitiativeSeed(
        "api", "Public API with webhooks",
        "Customers' systems hear at once what the nightly file told them tomorrow.",
        STRATEGIC, MAREK,
        (WorkSeed("Events and subscriptions", "Platform", INTEGRATIONS, 60),
         WorkSeed("Keys and limits", "Platform", CORE, 25)),
        solves=("integration",),
    ),
    InitiativeSeed(
        "quality", "Service quality dashboard",
        "A repeat visit shows up this week, not next quarter.",
        INCREMENTAL, TOMAS,
        (WorkSeed("First-time fix and repeat visits", "Assets", INSIGHTS, 45),),
        solves=("firstfix",),
    ),
    InitiativeSeed(
        "clocks", "Service level clocks on every job",
        "The dispatcher sees the penalty coming while it can still be avoided.",
        INCREMENTAL, TOMAS,
        (WorkSeed("Clocks from the contract", "Dispatch", DISPATCH, 45),),
        solves=("sla",),
    ),
    InitiativeSeed(
        "vans", "Van stock and spare parts",
        "The part is on the van, or the job is planned for when it is.",
        INCREMENTAL, LENA,
        (WorkSeed("Stock by van", "Mobile", MOBILE, 50),
         WorkSeed("Reserve from the plan", "Dispatch", DISPATCH, 30)),
        solves=("parts",),
    ),
    InitiativeSeed(
        "costing", "Job costs to finance at month end",
        "Closing takes two days, because hours and parts are there already.",
        STRATEGIC, MAREK,
        (WorkSeed("Cost postings", "Billing", INTEGRATIONS, 40),),
        solves=("closing",), needs=("sap",),
    ),
    InitiativeSeed(
        "quotes", "Quotes on the spot",
        "The extra job is sold while the technician is still there.",
        INCREMENTAL, MAREK,
        (WorkSeed("Price list and signature", "Mobile", MOBILE, 35),
         WorkSeed("Quote to invoice", "Billing", INSIGHTS, 20)),
        solves=("quotes",),
    ),
    InitiativeSeed(
        "shifts", "Shift and rest-time rules",
        "The plan keeps to the law by itself.",
        INCREMENTAL, TOMAS,
        (WorkSeed("Rules by country", "Dispatch", DISPATCH, 40),),
        contributes=("routes",), not_before=18,
    ),
    InitiativeSeed(
        "sandbox", "Sandbox for every customer",
        "Customers try a change before their technicians meet it.",
        INCREMENTAL, PRIYA,
        (WorkSeed("A copy on demand", "Platform", CORE, 30),),
        contributes=("integration",),
    ),
    InitiativeSeed(
        "languages", "Work instructions in the technician's language",
        "The new colleague understands the job on the first day.",
        INCREMENTAL, LENA,
        (WorkSeed("Translations beside the text", "Assets", INSIGHTS, 25),),
    ),
    InitiativeSeed(
        "sensors", "Alerts from machine sensors",
        "The machine calls us before the customer does.",
        STRATEGIC, MAREK,
        (WorkSeed("Readings in", "Assets", INTEGRATIONS, 80),
         WorkSeed("When to alert", "Assets", INSIGHTS, None)),
        solves=("failures",),
    ),
    InitiativeSeed(
        "predictive", "Maintenance planned by condition",
        "Parts are changed when they are worn, not when the calendar says so.",
        STRATEGIC, MAREK,
        (WorkSeed("Plans from readings", "Assets", INSIGHTS, 60),),
        contributes=("failures",), needs=("sensors",),
    ),
    InitiativeSeed(
        "legacy", "Leave the old reporting engine",
        "Nobody waits for a report that runs all night.",
        INCREMENTAL, PRIYA,
        (WorkSeed("Four hundred customers' own reports", "Platform", CORE, 900, 1),),
        contributes=("firstfix",),
    ),
    InitiativeSeed(
        "whitelabel", "The portal in the customer's own brand",
        "Large customers show their name, not ours.",
        INCREMENTAL, TOMAS,
        (WorkSeed("Themes and domains", "Portal", DISPATCH, 90),),
        contributes=("arrival",),
    ),
    InitiativeSeed(
        "tablet", "A tablet app for supervisors",
        "Supervisors check work without a laptop on the bonnet.",
        INCREMENTAL, None,
        (WorkSeed("A second app", "Mobile", MOBILE, 120),),
    ),
)  # fmt: skip

#: It enters the board late, and nobody has estimated it yet.
LATECOMER = InitiativeSeed(
    "chat", "Approvals in chat tools",
    "A foreman approves overtime without opening another app.",
    INCREMENTAL, TOMAS, (),
)  # fmt: skip
