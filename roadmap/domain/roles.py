"""Who may do what: the table of roles."""

from __future__ import annotations

REP = "rep"
PRODUCT = "product"
EXECUTIVE = "executive"
ADMIN = "admin"

ROLE_NAMES = {
    REP: "Sales rep",
    PRODUCT: "Product manager",
    EXECUTIVE: "Executive",
    ADMIN: "Administrator",
}

ALL = frozenset(ROLE_NAMES)

#: What a role may do. `read` is every page that is not listed as its own permission.
PERMISSIONS: dict[str, frozenset[str]] = {
    "read": ALL,
    "preview": ALL,
    "submit": ALL,
    "submit_for_others": frozenset({PRODUCT}),
    "triage": frozenset({PRODUCT, ADMIN}),
    "report_own_deals": frozenset({REP, PRODUCT}),
    "shape": frozenset({PRODUCT, ADMIN}),
    "plan_capacity": frozenset({PRODUCT, ADMIN}),
    "commit": frozenset({PRODUCT, EXECUTIVE}),
    "sponsor": frozenset({EXECUTIVE}),
    "import": frozenset({PRODUCT, ADMIN}),
    "see_administration": frozenset({EXECUTIVE, ADMIN}),
    "administer": frozenset({ADMIN}),
}
