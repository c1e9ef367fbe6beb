"""The market as one view for all products, and where their work overlaps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template
from werkzeug.wrappers import Response

from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.web.arguments import ID, NONE
from roadmap.web.csv import cents, csv_response
from roadmap.web.paging import Numbered

from . import overlaps
from .markets import FEW, Asked, flat, products
from .markets import markets as all_markets

blueprint = Blueprint("patterns", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/markets")
@allow("read")
def markets() -> Answer:
    asked, picture = Asked.from_address(), pictures.current()
    return render_template(
        "patterns/markets.html",
        markets=all_markets(picture, asked),
        few=FEW,
        asked=asked,
        products=products(picture),
        link=asked.link("patterns.markets"),
    )


@blueprint.get("/markets.csv")
@allow("read")
def markets_csv() -> Answer:
    found = all_markets(pictures.current(), Asked.from_address())
    return csv_response(
        "markets.csv",
        (
            "Segment", "Problem", "Open amount × fit in the segment", "Open amount in the segment",
            "Open deals in the segment", "Open amount × fit", "Open amount", "Open deals",
            "Uncovered", "Initiative", "Part", "State", "Rank", "Forecast", "Product", "Team",
            "Person-days left",
        ),
        (
            (
                market.name, entry.line.title, cents(entry.here.open_fit_amount),
                cents(entry.here.open_amount), entry.here.open_count,
                cents(entry.line.figures.open_fit_amount), cents(entry.line.figures.open_amount),
                entry.line.figures.open_count, "yes" if entry.line.uncovered else "no",
                *_initiative(answer), *_work(work),
            )
            for market, entry, answer, work in flat(found)
        ),
    )  # fmt: skip


@blueprint.get(f"/markets/<{ID}:id>")
@allow("read")
def market(id: int) -> Answer:
    return _market(id)


@blueprint.get(f"/markets/{NONE}")
@allow("read")
def unassigned() -> Answer:
    return _market(None)


@blueprint.get("/markets/overlaps")
@allow("read")
def overlap() -> Answer:
    shared, crowded = overlaps.shared(pictures.current()), overlaps.crowded()
    return render_template(
        "patterns/overlaps.html",
        shared=shared[: overlaps.SHOWN],
        shared_total=len(shared),
        crowded=crowded[: overlaps.SHOWN],
        crowded_total=len(crowded),
        pairs=overlaps.near_identical(overlaps.SHOWN),
    )


def _market(id: int | None) -> Answer:
    asked, picture = Asked.from_address(), pictures.current()
    found = next((one for one in all_markets(picture, asked) if one.id == id), None)
    if found is None:
        abort(404)
    pages = Numbered(len(found.entries))
    return render_template(
        "patterns/market.html",
        market=found,
        entries=pages.of(found.entries),
        pages=pages,
        page_link=asked.link("patterns.market" if id else "patterns.unassigned", id=id),
        asked=asked,
        products=products(picture),
        link=asked.link("patterns.markets"),
    )


def _initiative(answer: Any) -> tuple[object, ...]:
    if answer is None:
        return (None,) * 5
    solver = answer.solver
    return (
        solver.title, solver.kind, solver.state, solver.rank, solver.finish or solver.forecast,
    )  # fmt: skip


def _work(work: Any) -> tuple[object, ...]:
    return (None,) * 3 if work is None else (work.product, work.team, work.days)
