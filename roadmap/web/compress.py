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
from typing import NamedTuple

from flask import Response, request

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_END = b"\x03\x00"  # an empty last block

#: Fast, and within a tenth of the best that deflate makes of a table.
LEVEL = 5


class Block(NamedTuple):
    """`shift` brings the checksum of what comes before to the end of the block."""

    deflated: bytes
    checksum: int
    shift: int


class Kept:
    """A part of a page: plain bytes until somebody accepts it compressed, from then on a deflated
    block of its own."""

    def __init__(self, plain: bytes) -> None:
        self.length = len(plain)
        self._plain: bytes | None = plain
        self._block: Block | None = None

    def inflated(self) -> bytes:
        """As plain bytes, which are not kept if they were not."""
        plain = self._plain
        return zlib.decompress(self.block.deflated + _END, -15) if plain is None else plain

    @property
    def block(self) -> Block:
        if self._block is None:
            plain = self.inflated()
            self._block = Block(_deflated(plain, LEVEL), zlib.crc32(plain), _shift(len(plain)))
            self._plain = None
        return self._block


def page(parts: Sequence[Kept | str]) -> Response:
    """An HTML answer made of parts, compressed for whoever accepts that."""
    if not request.accept_encodings.quality("gzip"):
        plain = [part.inflated() if isinstance(part, Kept) else part.encode() for part in parts]
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
            deflated, its_own, shift = part.block
            checksum = _product(shift, checksum) ^ its_own
            length += part.length
        else:
            plain = part.encode()
            deflated = _deflated(plain, 1)
            checksum = zlib.crc32(plain, checksum)
            length += len(plain)
        chunks.append(deflated)
    chunks += (_END, struct.pack("<II", checksum, length & 0xFFFFFFFF))
    return b"".join(chunks)


def _shift(length: int) -> int:
    """x to the power of 8 for each byte, by which a checksum is multiplied when so many follow."""
    power, square = 1 << 31, 1 << 23
    while length:
        if length & 1:
            power = _product(square, power)
        square = _product(square, square)
        length >>= 1
    return power


def _product(one: int, other: int) -> int:
    """Of polynomials over two elements, modulo CRC-32's; the highest bit is x to the power of 0."""
    found = 0
    while one:
        if one & 0x80000000:
            found ^= other
        one = one << 1 & 0xFFFFFFFF
        other = other >> 1 ^ (0xEDB88320 if other & 1 else 0)
    return found


def _deflated(plain: bytes, level: int) -> bytes:
    """Ends on a byte's edge and refers to nothing before or after it."""
    machine = zlib.compressobj(level, zlib.DEFLATED, -15)
    return machine.compress(plain) + machine.flush(zlib.Z_FULL_FLUSH)
