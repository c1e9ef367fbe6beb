"""Pages made of parts that are kept compressed."""

import gzip

import pytest
from flask import Flask

from roadmap.web.compress import Kept, page

ROWS = b"<tr><td>A row like many</td></tr>" * 500
ENCODINGS = [
    pytest.param(encodings, id=" then ".join(encodings))
    for encodings in (
        ("gzip",), ("identity",), ("gzip", "gzip"), ("gzip", "identity"),
        ("identity", "gzip", "identity", "gzip"),
    )
]  # fmt: skip


@pytest.mark.parametrize("encodings", ENCODINGS)
def test_everybody_gets_the_same_page_whoever_asked_before(encodings: tuple[str, ...]) -> None:
    parts = ["<head>é", Kept(ROWS), "", Kept(b""), Kept("ü".encode()), "</body>"]
    whole = "<head>é".encode() + ROWS + "ü</body>".encode()
    for encoding in encodings:
        with Flask(__name__).test_request_context(headers={"Accept-Encoding": encoding}):
            answer = page(parts).data
        # Which checks the checksum and the length at its end, too.
        assert (gzip.decompress(answer) if encoding == "gzip" else answer) == whole


def test_what_is_sent_compressed_is_kept_compressed_only() -> None:
    kept = Kept(ROWS)
    assert len(kept.block.deflated) < len(ROWS) / 10
    assert ROWS not in vars(kept).values()
    with Flask(__name__).test_request_context(headers={"Accept-Encoding": "identity"}):
        assert page([kept]).data == ROWS
    assert ROWS not in vars(kept).values()
