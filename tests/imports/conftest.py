"""CRM files for tests, written here, and the command that imports them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.tables import HOUSEKEEPING

HEADER = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date"


@dataclass
class Answer:
    """What the command said and how it ended."""

    code: int
    text: str

    def has(self, *parts: str) -> None:
        for part in parts:
            assert part in self.text, f"{part!r} is not in:\n{self.text}"


Importing = Callable[..., Answer]
Writing = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> Writing:
    """Write a file and give its path: `file("a,b\\n1,2\\n", name=…, encoding=…)`."""

    def write(content: str | bytes, name: str = "deals.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def importing(app: Flask, file: Writing) -> Importing:
    """Run `flask import deals`. Content is written to a file; a mapping may be a dict."""

    def run(
        content: str | bytes | Path,
        *options: str,
        mapping: dict[str, Any] | None = None,
        accounts: str | Path | None = None,
        products: str | Path | None = None,
    ) -> Answer:
        arguments = [str(content if isinstance(content, Path) else file(content))]
        if mapping is not None:
            arguments += ["--mapping", str(file(json.dumps(mapping), name="mapping.json"))]
        for option, given in (("accounts", accounts), ("products", products)):
            if given is not None:
                path = given if isinstance(given, Path) else file(given, name=f"{option}.csv")
                arguments += [f"--{option}", str(path)]
        result = app.test_cli_runner().invoke(args=["import", "deals", *arguments, *options])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.output)

    return run


@pytest.fixture
def deals(app: Flask) -> Callable[[], dict[str, Any]]:
    """The stored deals by external id, with their account and owner."""
    from roadmap.extensions import db
    from roadmap.models import Deal

    def stored() -> dict[str, Any]:
        with app.app_context():
            found = {}
            for deal in db.session.scalars(select(Deal)):
                _ = (deal.account, deal.crm_owner)
                found[deal.external_id] = deal
            return found

    return stored


@pytest.fixture
def accounts(app: Flask) -> Callable[[], dict[str, Any]]:
    """The stored accounts by external id."""
    from roadmap.extensions import db
    from roadmap.models import Account

    def stored() -> dict[str, Any]:
        with app.app_context():
            return {account.external_id: account for account in db.session.scalars(select(Account))}

    return stored


@pytest.fixture
def everything(app: Flask) -> Callable[[], dict[str, list[tuple[Any, ...]]]]:
    """Every row of every table, to compare before and after."""
    from roadmap.extensions import db
    from roadmap.models import Base

    def dump() -> dict[str, list[tuple[Any, ...]]]:
        with app.app_context():
            return {
                table.name: sorted(
                    (tuple(row) for row in db.session.execute(select(table))), key=repr
                )
                for table in Base.metadata.sorted_tables
                if table.name not in HOUSEKEEPING
            }

    return dump
