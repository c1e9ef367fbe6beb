"""Small files that hold very large ones, and files that are large where a reader keeps what it
reads: each is refused in words, and no process that opens it grows by more than 300 MB."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

MOST_MEGABYTES = 300
MILLION = 1_000_000
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Blocks = Iterable[str]

HEADER = (
    "<row><c t='inlineStr'><is><t>Deal</t></is></c><c t='inlineStr'><is><t>Won</t></is></c></row>"
)


def sheet(*rows: Blocks) -> Blocks:
    yield f"<worksheet xmlns='{MAIN}'><sheetData>{HEADER}"
    for blocks in rows:
        yield from blocks
    yield "</sheetData></worksheet>"


def inline(*blocks: Blocks) -> Blocks:
    yield "<row><c t='inlineStr'><is>"
    for some in blocks:
        yield from some
    yield "</is></c></row>"


def repeated(text: str, megabytes: int) -> Blocks:
    """So many megabytes of a text, in blocks of about one."""
    block = text * (MILLION // len(text))
    return (block for _ in range(megabytes))


def number_cells(count: int) -> Blocks:
    return ["<row>", *("<c><v>1</v></c>" * 1000 for _ in range(count // 1000)), "</row>"]


def shared(*blocks: Blocks) -> Blocks:
    yield f"<sst xmlns='{MAIN}'>"
    for some in blocks:
        yield from some
    yield "</sst>"


FIRST_TEXT = ["<row><c t='s'><v>0</v></c><c><v>1</v></c></row>"]

#: Name: what stands in the sheet, what in the shared texts, what in the styles.
WORKBOOKS: dict[str, Callable[[], dict[str, Blocks]]] = {
    "a cell": lambda: {"sheet1": sheet(inline(["<t>"], repeated("x", 200), ["</t>"]))},
    "a cell of many runs": lambda: {
        "sheet1": sheet(inline(repeated("<r><t>xxxxxxxxxxxxxxxxxxx</t></r>", 200)))
    },
    "a cell of CDATA": lambda: {
        "sheet1": sheet(inline(["<t><![CDATA["], repeated("</row><", 200), ["]]></t>"]))
    },
    "a cell of entities": lambda: {
        "sheet1": sheet(inline(["<t>"], repeated("&#128512;", 200), ["</t>"]))
    },
    "a row": lambda: {"sheet1": sheet(number_cells(3 * MILLION))},
    "a comment": lambda: {"sheet1": sheet(["<!--"], repeated("x", 200), ["-->"])},
    "an attribute": lambda: {"sheet1": sheet(["<row x='"], repeated("x", 200), ["'/>"])},
    "a depth": lambda: {"sheet1": sheet(repeated("<a>", 100))},
    "a formula": lambda: {"sheet1": sheet(["<row><c><f>"], repeated("x", 200), ["</f></c></row>"])},
    "rows": lambda: {"sheet1": sheet(repeated("<row/>", 50))},
    "a document type": lambda: {
        "sheet1": [f"<!DOCTYPE a [<!ENTITY b '{'x' * 1000}'>]>", *sheet(inline(["<t>&b;</t>"]))]
    },
    "shared texts": lambda: {
        "sheet1": sheet(FIRST_TEXT),
        "sharedStrings": shared(repeated("<si/>", 59)),
    },
    "a shared text": lambda: {
        "sheet1": sheet(FIRST_TEXT),
        "sharedStrings": shared(["<si><t>😀"], repeated("x", 59), ["</t></si>"]),
    },
    "shared texts, packed": lambda: {
        "sheet1": sheet(FIRST_TEXT),
        "sharedStrings": shared(["<si><t>x</t></si>"], repeated("<!-- -->", 90)),
    },
    "styles": lambda: {
        "sheet1": sheet(FIRST_TEXT),
        "styles": [f"<styleSheet xmlns='{MAIN}'><cellXfs>", *repeated("<xf/>", 100)],
    },
}  # fmt: skip


def workbook(path: Path, parts: dict[str, Blocks]) -> None:
    names = {"sheet1": "worksheets/sheet1", "sharedStrings": "sharedStrings", "styles": "styles"}
    kinds = {"sheet1": "worksheet", "sharedStrings": "sharedStrings", "styles": "styles"}
    parts = {"styles": [f"<styleSheet xmlns='{MAIN}'/>"], **parts}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        types = "".join(
            f"<Override PartName='/xl/{names[each]}.xml' ContentType='{TYPE}.{kinds[each]}+xml'/>"
            for each in parts
        )
        file.writestr(
            "[Content_Types].xml",
            f"<Types xmlns='{PACKAGE}/content-types'><Override PartName='/xl/workbook.xml' "
            f"ContentType='{TYPE}.sheet.main+xml'/>{types}</Types>",
        )
        file.writestr(
            "xl/workbook.xml",
            f"<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'><sheets>"
            "<sheet name='Deals' sheetId='1' r:id='r1'/></sheets></workbook>",
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f"<Relationships xmlns='{PACKAGE}/relationships'><Relationship Id='r1' "
            f"Type='{OFFICE}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        )
        for name, blocks in parts.items():
            with file.open(f"xl/{names[name]}.xml", "w", force_zip64=True) as part:
                for block in blocks:
                    part.write(block.encode())


def very_many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for number in range(60_000):
            file.writestr(f"xl/{number:060}", b"")


def a_record_of_many_lines(path: Path) -> None:
    """Quoted cells of many lines, each with a character that makes all of its text four times as
    large in memory."""
    cell = '"😀' + ("x" * 99_990 + "\n") * 9 + '",'
    with path.open("w", encoding="utf-8") as file:
        file.write("Deal,Won\n")
        for _ in range(100):
            file.write(cell)


def long_lines(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("Deal,Won\n")
        for _ in range(50):
            file.write("😀" + "x" * 990_000 + ",1\n")


FILES: dict[str, Callable[[Path], None]] = {
    **{
        f"{name}.xlsx": lambda path, parts=parts: workbook(path, parts())  # type: ignore[misc]
        for name, parts in WORKBOOKS.items()
    },
    "members.xlsx": very_many_members,
    "record.csv": a_record_of_many_lines,
    "lines.csv": long_lines,
}

#: Opens each file as an import does, and says what it was told and how large it became meanwhile.
READ = """
import json, resource, sys
from pathlib import Path
from roadmap.imports.sheets import UnreadableFile, open_sheet

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def read(path):
    try:
        sheet = open_sheet(path, lambda cells: "Deal" in cells)
        return sum(len(batch.cells) for batch in sheet.batches())
    except UnreadableFile as refusal:
        return str(refusal)

before = peak()
said = {path.name: [read(path), peak() - before] for path in map(Path, sys.argv[1:])}
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str | int, int]]:
    """What each file was answered, and the megabytes that the process had grown by until then."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, write in FILES.items():
        write(folder / name)
    paths = [str(folder / name) for name in FILES]
    run = subprocess.run(
        [sys.executable, "-c", READ, *paths], capture_output=True, text=True, check=True
    )
    return {name: tuple(found) for name, found in json.loads(run.stdout).items()}


@pytest.mark.parametrize("name", FILES)
def test_no_file_fills_the_memory(answers: dict[str, tuple[str | int, int]], name: str) -> None:
    assert answers[name][1] < MOST_MEGABYTES, answers


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a cell.xlsx", "Row 2: a cell has more than 1,000,000 characters."),
        ("a cell of many runs.xlsx", "Row 2: a cell has more than 1,000,000 characters."),
        ("a cell of CDATA.xlsx", "Row 2: a cell has more than 1,000,000 characters."),
        ("a cell of entities.xlsx", "Row 2: a cell has more than 1,000,000 characters."),
        ("a formula.xlsx", "Row 2: a cell has more than 1,000,000 characters."),
        ("a row.xlsx", "Row 2 has more than 16,384 cells."),
        ("a comment.xlsx", "a tag that does not end"),
        ("an attribute.xlsx", "a tag that does not end"),
        ("a depth.xlsx", "too deeply"),
        ("rows.xlsx", "more than 100,000 rows"),
        ("a document type.xlsx", "declares no types"),
        ("shared texts.xlsx", "more different texts"),
        ("a shared text.xlsx", "A cell has more than 1,000,000 characters"),
        ("shared texts, packed.xlsx", "more than is read of a workbook"),
        ("styles.xlsx", "part xl/styles.xml has 100 MB"),
        ("members.xlsx", "neither a CSV file nor an Excel workbook"),
        ("record.csv", "A row has more than 25,000,000 characters"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_said_and_no_path(
    answers: dict[str, tuple[str | int, int]], name: str, words: str
) -> None:
    said = answers[name][0]
    assert isinstance(said, str)
    assert words in said
    assert "/" not in said.replace("xl/styles.xml", "")


def test_long_lines_that_may_be_are_read(answers: dict[str, tuple[str | int, int]]) -> None:
    assert answers["lines.csv"][0] == 50
