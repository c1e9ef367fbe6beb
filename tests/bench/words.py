"""What the measured company's reps write: sentences that repeat themselves as people do.

Most words are common, some are rare, and the names of places and forms are nobody else's.
"""

import random

WHO = (
    "technicians|dispatchers|branch managers|the controller|field crews|warehouse staff|tenants|"
    "the security team|purchasing|new colleagues|drivers|auditors|the finance team|subcontractors|"
    "planners|the call centre|inspectors|key account managers|the works council|regional directors"
).split("|")
WHAT = (
    "export invoices|approve orders|change prices|book appointments|sign in|find a contract|"
    "print labels|plan routes|close tickets|compare quotes|report defects|share drawings|"
    "upload photographs|assign shifts|check the stock|renew licences|split deliveries|"
    "forecast demand|merge duplicate customers|archive old projects|track vehicles|"
    "calculate commissions|translate templates|schedule inspections|reconcile payments|"
    "measure utilisation|notify suppliers|restrict access|reorder spare parts|forward messages"
).split("|")
STOPS = (
    "it takes four screens and a spreadsheet|there is no signal in the basement|"
    "the list stops at two hundred rows|everybody sees everybody else's customers|"
    "nothing says who changed it|the map freezes on older tablets|it only works in English|"
    "dates arrive in the wrong time zone|the file has no header|they have to type it twice|"
    "nobody is told when it fails|permissions come with the whole branch or not at all|"
    "the search needs the exact number|it logs them out every ten minutes|"
    "attachments above five megabytes vanish|totals ignore credit notes|"
    "the barcode is too small for their scanners|it cannot be undone|holidays are not known|"
    "the approval waits for whoever is on leave"
).split("|")
TODAY = (
    "Today an intern copies everything by hand on Friday afternoon.|They keep a list on paper.|"
    "A consultant wrote a macro that nobody dares to touch.|They phone the depot instead.|"
    "They simply wait until the month is over.|Two people check each other's figures.|"
    "They use the competitor's product beside ours.|A script runs at night and often fails.|"
    "They print it, sign it and scan it again.|They send screenshots around."
).split("|")
OR_ELSE = (
    "Otherwise the renewal is at risk.|The pilot will not be extended without it.|"
    "Their board asks about it every quarter.|They would pay for it.|It came up in the audit.|"
    "Procurement made it a condition.|It costs them about a day a week.|"
    "They have asked for it since the kick-off.|The competitor showed it in the demo."
).split("|")
PARTS = "ar ber dor eck fel gar hol ing kan lor mar nes or pel rin sen tal ul ver wick zen".split()


def title(chance: random.Random) -> str:
    return f"{chance.choice(WHO)} cannot {chance.choice(WHAT)}".capitalize()


def body(chance: random.Random) -> str:
    """About sixty words."""
    who, what = chance.choice(WHO), chance.choice(WHAT)
    return (
        f"At {name(chance)}, {who} want to {what}, but {chance.choice(STOPS)}, and "
        f"{chance.choice(STOPS)}. {chance.choice(TODAY)} The same goes for the site in "
        f"{name(chance)}, where {chance.choice(WHO)} {chance.choice(WHAT)} with form "
        f"{chance.choice(PARTS).upper()}{chance.randint(100, 9999)}. {chance.choice(OR_ELSE)}"
    )


def name(chance: random.Random) -> str:
    """A place that hardly anybody else speaks of."""
    return "".join(chance.choices(PARTS, k=3)).capitalize()
