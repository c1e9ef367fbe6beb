"""The statements that go through a whole large table because they are meant to: by reason, the
function that issues them and the tables. All others look into an index, and a test holds that."""

from collections.abc import Mapping

MEANT: Mapping[str, Mapping[str, set[str]]] = {
    "A report adds up all deals, or all of one status, once; what it found is kept by revision": {
        "reports.together._Reading.alike": {"deals"},
        "reports.segments._fits": {"accounts"},
        "reports.segments._every_fit": {"accounts"},
        "reports.selection._counted": {"statements"},
        "reports.selection._accounts": {"deals", "statements"},
        "reports.standing_in._any": {"deals"},
        "reports.beneath.sums": {"statements", "deals"},
        "reports.beneath.listing": {"statements", "deals"},
        "reports.case._segments": {"statements"},
        "planning.evidence._with_blockers": {"deals"},
        "market.figures.grouped": {"statements"},
        "patterns.overlaps.crowded": {"requests"},
    },
    "A filter offers every value that there is": {
        "reports.dimensions.values": {"accounts", "deals"},
        "market.segment_queries._names_in": {"accounts", "deals"},
    },
    "A full export names the deals that it lacks: every deal is looked for in it": {
        "imports.keeping.vanishing": {"deals"},
        "imports.applying._flag_vanished": {"deals"},
    },
    "How many deals there are decides whether their indexes are built anew": {
        "imports.queries.count_deals": {"deals"},
    },
    "Thousands are named at once, so that going through all is less": {
        "intake.settling.settle_deals": {"request_deals"},
        "intake.settling.swallowed": {"requests"},
    },
    "After a write requests are counted, along an index, to see whether any went with its import": {
        "similar.corpus.Corpus._forget_requests": {"requests"},
    },
    "After a write every request is compared with what its people were told of it": {
        "intake.following._requests": {"requests"},
        "intake.following._open_deals": {"request_deals"},
        "intake.following.waiting": {"requests"},
    },
    "Totals are counted anew where more than a few thousand deals change": {
        "planning.totals._evidence": {"deals"},
    },
    "A standing check looks at every row": {
        "checks.queries._dangling": {
            "staged_deals", "statements", "request_deals", "request_events",
        },
        "checks.queries.dates_of_deals": {"deals"},
        "evidence.counting.wrong": {"statements"},
        "checks.queries.statements": {"statements"},
        "checks.queries.origins": {"statements"},
        "checks.requests._pointing": {"requests"},
        "checks.requests.ties": {"requests", "request_deals", "statements"},
        "checks.requests._present": {"requests"},
        "checks.requests.without_problem": {"requests"},
        "checks.requests.history": {"request_events"},
        "market.classify.changes": {"accounts"},
    },
}  # fmt: skip
