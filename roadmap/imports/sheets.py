"""A file opened as what it is, not as what it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from .reading import Sheet, UnreadableFile, open_text
from .workbook import is_workbook, open_workbook


def open_sheet(
    path: Path,
    is_header: Callable[[Sequence[str]], bool],
    *,
    encoding: str | None = None,
    separator: str | None = None,
    header_row: int | None = None,
) -> Sheet:
    """The rows of a CSV file or a workbook; raises UnreadableFile with what to do about it."""
    if path.is_file() and is_workbook(path):
        return open_workbook(path, is_header, header_row)
    return open_text(path, is_header, encoding=encoding, separator=separator, header_row=header_row)


__all__ = ["Sheet", "UnreadableFile", "open_sheet"]
