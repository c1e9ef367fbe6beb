"""Fetch the browser libraries at pinned versions and lay them out beside this file.

    python static/vendor/vendor.py           fetch, check, write
    python static/vendor/vendor.py --check   compare what is here with VENDORED.json, offline

Needs only the standard library and npm. Each package must match the integrity that is pinned below, so a
republished or tampered archive stops the run. To move to a newer version change the version, run once, compare the
integrity that the error names with the one that the registry publishes, and pin it.
"""

import argparse
import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPRITE = HERE.parent / "icons.svg"
RECORD = HERE / "VENDORED.json"

# The archive of @tabler/core carries no licence file; its package.json and the banner of its CSS name MIT and the
# holders, so the text is written out from those.
TABLER_LICENCE = """\
The MIT License (MIT)

Copyright (c) 2018-2026 The Tabler Authors
Copyright (c) 2018-2026 codecalm.net Paweł Kuna

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
"""


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str
    integrity: str
    files: dict[str, str]
    """Path inside the archive -> path beside this script."""
    icons: tuple[str, ...] = ()
    written: dict[str, str] = field(default_factory=dict)
    """Path beside this script -> text, for what the archive leaves out."""


ICONS = tuple(
    """
    adjustments-horizontal alert-triangle arrow-back-up arrow-bar-to-down arrow-bar-to-up arrow-down arrow-left arrow-right
    arrow-up arrows-sort arrows-vertical ban bell briefcase building building-skyscraper bulb calendar calendar-due
    chart-bar check chevron-down chevron-left chevron-right chevron-up circle-check circle-dashed circle-x clock copy
    currency-dollar device-desktop dots download external-link eye file-import filter flag git-merge grip-vertical help
    history hourglass inbox info-circle keyboard layout-list link list-numbers lock login logout menu-2 message minus
    moon package pencil plus printer puzzle quote refresh report rocket rosette-discount-check scale search selector
    send settings shield-check sitemap star sun target target-arrow thumb-down thumb-up trash trending-down trending-up
    unlink upload user user-circle users users-group x
    """.split()
)

PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        "sha512-oF7JgXhDW9UXCy/k1ZYFUQgzu/rm19ORWPSPNL91vPluB2PB9+MV55tyQdH/w7o2EAbTYUG5SDW1R60mdkdqGg==",
        {
            "LICENSE": "htmx/LICENSE",
            "dist/htmx.min.js": "htmx/htmx.min.js",
            "dist/ext/hx-ptag.min.js": "htmx/ext/hx-ptag.min.js",
            "dist/ext/hx-preload.min.js": "htmx/ext/hx-preload.min.js",
        },
    ),
    Package(
        "sortablejs",
        "1.15.7",
        "MIT",
        "sha512-Kk8wLQPlS+yi1ZEf48a4+fzHa4yxjC30M/Sr2AnQu+f/MPwvvX9XjZ6OWejiz8crBsLwSq8GHqaxaET7u6ux0A==",
        {"LICENSE": "sortable/LICENSE", "Sortable.min.js": "sortable/Sortable.min.js"},
    ),
    Package(
        "@tabler/core",
        "1.6.1",
        "MIT",
        "sha512-lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg==",
        {"dist/css/tabler.min.css": "tabler/tabler.min.css"},
        written={"tabler/LICENSE": TABLER_LICENCE},
    ),
    Package(
        "@tabler/icons",
        "3.51.0",
        "MIT",
        "sha512-0pinvPZz7YeX+OSfxuEAbnEPWbocVXW5iU8h5lh41pYG8sZuQfpWECC980lxOT0clGIcNGn8xsBr+zKaRGdA/g==",
        {"LICENSE": "tabler-icons/LICENSE"},
        icons=ICONS,
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        "sha512-OupL48va4JNofb97w6NYeF9S7W/kHNKM0Er8Dem5nqi4jeOLrVJDoE8tZEpnMJmtkvNbB1EIPPwHcdkF6b1oUA==",
        {
            "LICENSE": "inter/LICENSE",
            "files/inter-latin-wght-normal.woff2": "inter/inter-latin-wght-normal.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "inter/inter-latin-ext-wght-normal.woff2",
        },
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="compare the files here with the record, offline"
    )
    if parser.parse_args().check:
        return check()
    write_record([vendor(package) for package in PACKAGES])
    return check()


def vendor(package: Package) -> dict[str, object]:
    archive = fetch(package)
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != package.integrity:
        sys.exit(
            f"{package.name}@{package.version}: integrity is {found}, pinned is {package.integrity}"
        )
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        written = [
            write(target, without_source_map(target, read(tar, source)))
            for source, target in package.files.items()
        ]
        if package.icons:
            SPRITE.write_text(sprite(tar, package.icons), encoding="utf-8")
            written.append(SPRITE)
    written += [write(target, text.encode()) for target, text in package.written.items()]
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "integrity": package.integrity,
        "files": {str(path.relative_to(HERE.parent)): sha256(path) for path in sorted(written)},
    }


def fetch(package: Package) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder]
        try:
            subprocess.run(
                [*command, f"{package.name}@{package.version}"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            sys.exit("npm is missing: install Node.js, or use the files that are already here")
        (archive,) = Path(folder).glob("*.tgz")
        return archive.read_bytes()


def read(tar: tarfile.TarFile, path: str) -> bytes:
    member = tar.extractfile(f"package/{path}")
    assert member is not None, path
    return member.read()


def without_source_map(target: str, content: bytes) -> bytes:
    """The maps weigh more than the code and are not vendored; a reference to one would only be a 404."""
    if not target.endswith((".js", ".css")):
        return content
    return re.sub(rb"\n?(//[#@]|/\*[#@]) sourceMappingURL=[^\n]*\s*$", b"\n", content)


def sprite(tar: tarfile.TarFile, names: Iterable[str]) -> str:
    """One file of <symbol>s: colour and line width come from the CSS of the page that uses them."""
    symbols = []
    for name in names:
        text = read(tar, f"icons/outline/{name}.svg").decode()
        shapes = re.sub(
            r"\s*\n\s*", "", text[text.index(">", text.index("<svg")) + 1 : text.index("</svg>")]
        )
        shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", shapes)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    head = "<!-- Tabler Icons, MIT licence: see vendor/tabler-icons/LICENSE. Written by vendor/vendor.py. -->"
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', head, *symbols, "</svg>", ""])


def write(target: str, content: bytes) -> Path:
    path = HERE / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_record(packages: list[dict[str, object]]) -> None:
    note = "Written by vendor.py. Files are as published, except that source map references are taken out."
    RECORD.write_text(
        json.dumps({"note": note, "packages": packages}, indent=2) + "\n", encoding="utf-8"
    )


def check() -> int:
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))["packages"]
    wrong = [
        path
        for package in recorded
        for path, expected in package["files"].items()
        if not (HERE.parent / path).is_file() or sha256(HERE.parent / path) != expected
    ]
    for path in wrong:
        print(f"{path}: missing or changed", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
