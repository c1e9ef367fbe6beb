"""A file opened as what it is, not as what it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from .reading import Sheet, UnreadableFile, open_text

#: What the list of the members may weigh: each has a name, and few words more.
MOST_LIST = 2_000_000


def open_sheet(
    path: Path,
    is_header: Callable[[Sequence[str]], bool],
    *,
    encoding: str | None = None,
    separator: str | None = None,
    header_row: int | None = None,
    one_column: bool = False,
    title: str | None = None,
) -> Sheet:
    """The rows of a CSV file or a workbook; raises UnreadableFile with what to do about it."""
    if path.is_file() and is_workbook(path):
        # Its library takes four megabytes, which a server that meets no workbook does without.
        from .workbook import open_workbook

        return open_workbook(path, is_header, header_row, title)
    return open_text(
        path, is_header, encoding=encoding, separator=separator, header_row=header_row,
        one_column=one_column,
    )  # fmt: skip


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook of today's format, whatever it is called."""
    try:
        _weigh_list(path)
        with ZipFile(path) as file:
            return any(name.startswith("xl/") for name in file.namelist())
    except (BadZipFile, OSError, ValueError):
        return False


def _weigh_list(path: Path) -> None:
    """Refuse a list of members that would itself fill the memory: it is read whole at opening."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        end = file.read()
    sizes = (end[m.start() + 12 : m.start() + 16] for m in re.finditer(b"PK\5\6", end))
    if any(int.from_bytes(each, "little") > MOST_LIST for each in sizes):
        raise UnreadableFile(f"{path.name} has too many parts for a workbook.")


__all__ = ["Sheet", "UnreadableFile", "open_sheet"]
