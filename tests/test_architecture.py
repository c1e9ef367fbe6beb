"""The shape of the code: a pure core, features that build on each other one way, short files."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "roadmap"
MOST_LINES = 400

# Each may import those before it. A new feature takes its place here.
ORDER = (
    "domain",
    "models",
    "web",
    "workspace",
    "people",
    "notices",
    "planning",
    "tradeoffs",
    "evidence",
    "market",
    "deals",
    "initiatives",
    "teams",
    "settings",
    "board",
    "similar",
    "intake",
    "patterns",
    "interviews",
    "reports",
    "search",
    "imports",
    "checks",
    "demo",
)
# Modules beside the features: what everything stands on, and what puts everything together.
FOUNDATIONS = {"config": set(), "extensions": {"config", "models"}}
WIRING = {"__init__", "cli", "context", "features"}
# It runs before the application is there.
ALONE = {"serve"}

# A folder of one machine, or the host of a package index, written into a file.
FORBIDDEN = re.compile(
    r"(?<![\w.~/-])/(?:work|root|home/\w+)/"
    r"|pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org|proxy\.golang\.org"
)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The absolute names of all modules that a file imports, wherever in the file."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *([node.module] if node.module else [])))
            if module == "roadmap":
                yield from (f"roadmap.{alias.name}" for alias in node.names)
            else:
                yield module


def features_used(path: Path) -> set[str]:
    """The folders and modules directly under `roadmap` that a file imports."""
    names = (name.split(".") for name in imports(path))
    # `from roadmap import create_app` names no folder; it is the wiring itself.
    return {
        parts[1] if (PACKAGE / parts[1]).exists() or (PACKAGE / f"{parts[1]}.py").exists()
        else "__init__"
        for parts in names
        if parts[0] == "roadmap" and len(parts) > 1
    }  # fmt: skip


@pytest.mark.parametrize("path", sorted((PACKAGE / "domain").rglob("*.py")), ids=name_of)
def test_the_domain_needs_nothing_but_the_standard_library(path: Path) -> None:
    foreign = {
        name
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names and name != "roadmap.domain"
        and not name.startswith("roadmap.domain.")
    }  # fmt: skip
    assert not foreign


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    used = features_used(path) - {own}
    if own in WIRING:
        return
    if own in ALONE:
        allowed: set[str] = set()
    elif own in FOUNDATIONS:
        allowed = FOUNDATIONS[own]
    elif own == "domain":
        allowed = set()
    else:
        assert own in ORDER, f"roadmap/{own} has no place yet in the order of imports"
        allowed = {*FOUNDATIONS, *ORDER[: ORDER.index(own)]}
    assert used <= allowed, f"{own} may not import {sorted(used - allowed)}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


def test_no_file_names_a_folder_of_one_machine_or_a_package_index() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("This is not a checkout: there is no list of tracked files")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        # Vendored files are others' words, kept byte for byte; this file says what is forbidden.
        if name.startswith("static/vendor/") or path == Path(__file__) or not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)
