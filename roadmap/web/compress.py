"""Pages made of parts that were compressed before.

Compressing a full board takes longer than finding out that it did not change, so a kept part is
compressed once and joined with the few kilobytes around it, which are new in every answer. A part
starts with an empty dictionary: what one person typed and another part's token never share one,
so the length of an answer tells nothing about a token.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import cached_property

from flask import Response, request

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_END = b"\x03\x00"  # an empty last block

#: Fast, and within a tenth of the best that deflate makes of a table.
LEVEL = 5


class Kept:
    """A part of a page as bytes and, once somebody accepts it, as a deflated block of its own."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain

    @cached_property
    def deflated(self) -> bytes:
        return _deflated(self.plain, LEVEL)


def page(parts: Sequence[Kept | str]) -> Response:
    """An HTML answer made of parts, compressed for whoever accepts that."""
    if not request.accept_encodings.quality("gzip"):
        plain = [part.plain if isinstance(part, Kept) else part.encode() for part in parts]
        return Response(plain, content_type="text/html; charset=utf-8")
    response = Response(_gzip(parts), content_type="text/html; charset=utf-8")
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _gzip(parts: Sequence[Kept | str]) -> bytes:
    """One gzip member out of separately deflated blocks (RFC 1952 around RFC 1951)."""
    chunks = [_HEADER]
    checksum = length = 0
    for part in parts:
        if isinstance(part, Kept):
            plain, deflated = part.plain, part.deflated
        else:
            plain = part.encode()
            deflated = _deflated(plain, 1)
        checksum = zlib.crc32(plain, checksum)
        length += len(plain)
        chunks.append(deflated)
    chunks += (_END, struct.pack("<II", checksum, length & 0xFFFFFFFF))
    return b"".join(chunks)


def _deflated(plain: bytes, level: int) -> bytes:
    """Ends on a byte's edge and refers to nothing before or after it."""
    machine = zlib.compressobj(level, zlib.DEFLATED, -15)
    return machine.compress(plain) + machine.flush(zlib.Z_FULL_FLUSH)
