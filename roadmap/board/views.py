"""The board, its live part, previews of a move and committing one."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from roadmap.domain.changes import Move, rank_on_board
from roadmap.domain.promotion import CAPACITY, cheapest
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.planning.telling import RULED_OUT
from roadmap.tradeoffs import decide
from roadmap.tradeoffs.decide import Answer, Asked
from roadmap.web import arguments, compress, htmx
from roadmap.web.csv import csv_response
from roadmap.web.fields import whole_number
from roadmap.web.filters import day

from . import export, filters, page

blueprint = Blueprint("board", __name__)

MOST_ROWS = 100_000


@blueprint.get("/")
@allow("read")
def home() -> BaseResponse:
    return redirect(url_for("board.show"))


@blueprint.get("/board")
@allow("read")
def show() -> Answer:
    picture = pictures.current()
    wanted = filters.from_request()
    row = arguments.number("row")
    size = None if request.args.get("rows") == "all" else page.reaching(picture, wanted, row)
    before, after = page.around(picture, wanted)
    return compress.page([before, *page.whole(picture, wanted, size), after])


@blueprint.get("/board/list")
@allow("read")
@htmx.polled
def live() -> Answer:
    """The list anew for those who follow, or 304 while it is as they have it.

    No ETag and no keeping: a browser that revalidates by itself turns the 304 into a 200.
    """
    picture = pictures.current()
    if request.headers.get("HX-PTag") == page.tag(picture):
        return Response(status=304)
    size = arguments.number("size", most=MOST_ROWS) or page.PART
    answer = compress.page(page.live(picture, filters.from_request(), size))
    answer.headers["HX-PTag"] = page.tag(picture)
    return answer


@blueprint.get("/board/part")
@allow("read")
def more() -> Answer:
    """Further rows; the poll learns that it has to bring them, too."""
    start = arguments.number("start", most=MOST_ROWS) or page.PART
    return compress.page(page.more(pictures.current(), filters.from_request(), start))


@blueprint.get("/board.csv")
@allow("read")
def table() -> Response:
    picture = pictures.current()
    return csv_response("board.csv", export.HEADER, export.rows(picture, filters.from_request()))


@blueprint.get("/board/preview")
@allow("preview")
def preview() -> Answer:
    """What moving an initiative to a rank, or having it done by a date, would do."""
    picture = pictures.current()
    id = _initiative(picture)
    by = arguments.day("by")
    if by is not None:
        return _done_by(picture, id, by)
    to = arguments.number("to")
    if to is None:
        return _ask_where(picture, id)
    return decide.show(_move(id, to))


@blueprint.post("/board/promotions")
@allow("commit")
def promote() -> Answer:
    number = whole_number(request.form.get("initiative"))
    to = whole_number(request.form.get("to"))
    if number is None or to is None or "revision" not in request.form:
        abort(400)
    id = str(number)
    return decide.settle(_move(id, to), done=_board_with(id))


def _board_with(id: str) -> str:
    """The board, filtered as it is in the browser, as far as the initiative's row at least."""
    present = urlsplit(htmx.current_page() or "")
    on_board = present.path == url_for("board.show")
    wanted: dict[str, Any] = dict(parse_qsl(present.query)) if on_board else {}
    wanted = {name: wanted[name] for name in filters.NAMES if name in wanted}
    return url_for("board.show", **wanted, row=id, _anchor=f"initiative-{id}")


def _move(id: str, to: int, note: str = "") -> Asked:
    return Asked(
        build=lambda _: Move(id, to),
        action=url_for("board.promote"),
        back=url_for("board.show", _anchor=f"initiative-{id}"),
        fields={"initiative": [id], "to": [str(to)]},
        pressed=("initiative", "to"),
        wide=url_for("board.preview", initiative=id, to=to, all=1),
        focus=f"initiative-{id}",
        note=note,
    )


def _done_by(picture: Picture, id: str, by: date) -> Answer:
    """The cheapest promotion that makes the date, or the plain answer why none does."""
    answer = cheapest(picture.plan, id, by, present=picture.schedule)
    if answer.already_met:
        note = f"Its forecast makes {day(by)} already, where it is at {answer.rank}."
        return _ask_where(picture, id, note=note, by=by)
    if answer.rank is None:
        why = RULED_OUT[answer.ruled_out_by or CAPACITY]
        note = f"No position has it done by {day(by)}: {why}."
        return _ask_where(picture, id, note=note, by=by)
    note = f"Position {answer.rank} is the cheapest that is done by {day(by)}."
    return decide.show(_move(id, answer.rank, note))


def _ask_where(picture: Picture, id: str, note: str = "", by: date | None = None) -> Answer:
    in_panel = htmx.wants_fragment()
    return render_template(
        "board/_move.html" if in_panel else "board/move.html",
        id=id,
        title=picture.cards[id].title,
        rank=rank_on_board(picture.plan, id),
        place=picture.scores[id].place if picture.scores[id].score is not None else None,
        last=len(picture.plan.order),
        finish=picture.schedule.finish(id),
        note=note,
        by=by,
        in_panel=in_panel,
    )


def _initiative(picture: Picture) -> str:
    id = str(arguments.number("initiative") or "")
    if id not in picture.cards:
        abort(404)
    return id
