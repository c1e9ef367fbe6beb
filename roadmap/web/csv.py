"""Tables to take along: CSV, streamed, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from flask import Response, stream_with_context

#: The last four are the full-width signs, which East Asian spreadsheets take for the same.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_CHUNK = 64 * 1024
#: Without it Excel takes UTF-8 for the code page of its country.
_BYTE_ORDER_MARK = "\ufeff"


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """A download of a header and rows; rows may come lazily and are sent as they come.

    None is an empty cell. A text that a spreadsheet would take for a formula gets an apostrophe.
    """
    pieces = chain([_BYTE_ORDER_MARK], lines(header, rows))
    response = Response(stream_with_context(pieces), mimetype="text/csv", content_type=None)
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def cents(amount: int | None) -> str:
    """Integer cents as a plain decimal, "1234.50"; empty while unknown."""
    if amount is None:
        return ""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def cell(value: object) -> str:
    """One value as text that no spreadsheet runs."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def untamed(text: str) -> str:
    """What `cell` made this text of."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The text of a download, piece by piece. A header may be the name of somebody's attribute, so
    it is no formula either."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([cell(name) for name in header])
    for row in rows:
        writer.writerow([cell(value) for value in row])
        if buffer.tell() > _CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
