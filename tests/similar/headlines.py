"""What reps type after a call: sentences about the demo company's problems, and about none of them.

They were written before anything was tuned by them; those of `KEPT_OUT` were not looked at while
tuning. Pairs of the sentence and the beginning of the problem's title.
"""

TUNED = (
    ("Meridel will not sign without SSO, needs it by March", "Security will not approve"),
    ("They need offline mode", "Technicians lose their work"),
    ("Deal breaker for Halloran: guest view for subbies", "Subcontractors see jobs"),
    ("no EU hosting, no deal", "Our customers' data may not"),
    ("The buyer insists on a proper audit trail before signing", "Auditors do not accept"),
    ("They'd close this quarter if we had a SAP integration", "Every work order is typed twice"),
    ("Prospect wants mass update for WOs, competitor has it", "Changing a hundred work orders"),
    ("CFO asks for pay-per-use pricing instead of seats", "Seasonal firms pay"),
    ("need photos of the finished job, they have disputes over invoices", "There is no proof"),
    ("want webhooks / REST API or they go with the other vendor", "Our own systems cannot hear"),
    ("Must have spare parts inventory in the van, asap", "The part is missing"),
    ("24/7 support is a must for this tender", "Nobody answers outside"),
    ("renewal at risk because of SLA penalties nobody sees coming", "We find out about a missed"),
    ("their planners still use Excel, demo the dispatch board", "Dispatchers plan the day"),
    ("COO wants KPIs on first time fix rate", "Managers cannot see"),
)

KEPT_OUT = (
    ("No SAML, no deal", "Security will not approve"),
    ("App has to work in the basement without network", "Technicians lose their work"),
    ("SCIM deprovisioning is a showstopper for their CISO", "People who left keep"),
    (
        "They ask where the data is stored, GDPR, Frankfurt region please",
        "Our customers' data may not",
    ),
    (
        "Their regulator wants to see who changed what, we lost points in the RFP",
        "Auditors do not accept",
    ),
    (
        "ERP connector to SAP missing, procurement won't move without it",
        "Every work order is typed twice",
    ),
    ("Bulk editing blocks the signature", "Changing a hundred work orders"),
    (
        "Customer wants live ETA for end customers like a parcel tracking link",
        "Customers phone to ask",
    ),
    ("Need usage based billing by Q2 or we lose them", "Seasonal firms pay"),
    ("They need custom inspection checklists, form builder", "Every regulator wants another"),
    ("predictive maintenance with IoT sensors is why they look at us", "Machines break between"),
    ("Finance wants job costing posted at month end", "Month-end closing waits"),
    ("techs want to quote on site and get a signature", "The extra job is lost"),
    ("external contractors must only see own jobs, role permissions", "Subcontractors see jobs"),
    ("asking for response time clocks per contract", "We find out about a missed"),
)

UNKNOWN = (
    "Call went well, they will sign next week",
    "They want a bigger discount to close this quarter",
    "Champion left the company, new buyer is on parental leave",
    "Need a proper reference call before Friday",
    "Legal is redlining our contract, nothing else open",
    "They are waiting for budget approval from the board",
    "Please send swag and an invitation for the golf tournament",
    "Competitor is cheaper, no other objections",
    "Lunch with the CEO moved to Tuesday",
    "Wants a Klingon translation and a coffee machine",
)
