"""The files of an import: kept in a folder of its own until they are of no more use."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from flask import current_app

from roadmap.models.imports import ACCOUNTS, DEALS, PRODUCTS, REQUESTS

from .reading import UnreadableFile

KINDS = (DEALS, ACCOUNTS, PRODUCTS, REQUESTS)
_BLOCK = 1 << 20


def folder() -> Path:
    """Where uploads are kept, beside the database."""
    found = Path(current_app.instance_path) / "imports"
    found.mkdir(parents=True, exist_ok=True)
    return found


def path(file: Mapping[str, Any]) -> Path:
    """Where a file that was kept is; raises UnreadableFile where it is not any more."""
    found: Path = folder() / file.get("kept", "gone") / file["kind"] / file["name"]
    if not found.is_file():
        raise UnreadableFile(f"{file['name']} is not here any more. Upload it again.")
    return found


def keep(token: str, kind: str, name: str, stream: IO[bytes]) -> dict[str, Any]:
    """Write a file away, in the folder of this token, and describe it; it is never in memory as a
    whole."""
    target = folder() / token / kind / safe_name(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(stream, file, _BLOCK)
    return {**described(kind, target), "kept": token}


def new_token() -> str:
    """Names the folder of one import, whatever other databases use the same instance."""
    return secrets.token_hex(16)


def described(kind: str, file: Path) -> dict[str, Any]:
    """What is remembered of a file when it is gone."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return {
        "kind": kind,
        "name": file.name[:200],
        "sha256": digest.hexdigest(),
        "size": file.stat().st_size,
    }


def remove(files: Iterable[Mapping[str, Any]]) -> None:
    """Take an import's files away; whoever still reads one has it open."""
    for token in {file["kept"] for file in files if file.get("kept")}:
        with suppress(OSError):
            shutil.rmtree(folder() / token)


def safe_name(name: str) -> str:
    """The last part of a name that a browser sent, fit for a folder: no path, nothing unseen."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(". ")
    # Some file systems take 255 bytes; the end says what it is.
    return shown[-60:] or "file"
