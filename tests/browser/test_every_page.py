"""What holds for every page: it prints whole on A4, upright and lying, and its filters say what its
address says, also when somebody goes back. What a sheet holds is read back from its PDF.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pypdfium2 import PdfDocument
from sqlalchemy import func, insert, select

from roadmap.extensions import db
from roadmap.models import Initiative
from tests.browser.conftest import Visit
from tests.support import browser as support
from tests.support import databases, walk
from tests.support.company import Company

#: Enough for a second part of the board, which holds two hundred.
PARTS = 190
#: Enough for a report to leave some lines out at first.
LINES = 31
ROLES = ("product", "admin", "executive", "rep")
LONG = "Maintenance windows for multi-tenant installations in regulated industries, "


def overfill(app: Any) -> None:
    """More than 200 initiatives with long titles, one of them a single word, and a long team."""
    company = Company(app)
    team = company.team("Integrations, connectors and data platform", people=3)
    company.initiative(LONG + "with work", work=[(team, 400)])
    company.initiative("Kraftfahrzeug" * 15, work=[(team, 10)], rank=1)
    for number in range(1, LINES + 1):
        company.deal(f"Deal {number}", 1_00, blockers=[company.problem(f"Risk no. {number}x")])
    with app.app_context(), company._writing():
        last = db.session.scalar(select(func.max(Initiative.position)))
        rows = [
            {
                "title": f"{LONG}part {number}", "value": "مرحبا " + LONG, "kind": "incremental",
                "state": "candidate", "position": last + number * 1_000_000,
            }
            for number in range(1, PARTS + 1)
        ]  # fmt: skip
        db.session.execute(insert(Initiative), rows)


@pytest.fixture(scope="module")
def live_server(
    browser_type_launch_args: dict[str, Any], database: databases.Database, scratch: Path
) -> Iterator[support.Server]:
    with database.fresh("demo") as url:
        app = databases.create(url)
        overfill(app)
        databases.dispose(app)
        with support.serving(url, scratch / "servers" / "paper", databases.TODAY) as server:
            yield server


@pytest.fixture(scope="module")
def pages(live_server: support.Server) -> list[walk.Reached]:
    """A full page of every address that links lead to, with who sees it."""
    app = databases.create(live_server.database_url)
    found = walk.pages(app, ROLES)
    databases.dispose(app)
    assert len(found) > 70, "links lead to fewer pages than there are"
    return found


SHEETS = {"upright": False, "lying": True}
#: What lies within the margins, in CSS pixels.
WIDTHS = {"upright": 703, "lying": 1032}

#: Every word of a page that is no control, folded ones too, and where they stand when printed.
WORDS = """() => {
  const controls = `button, form, .btn, .page-actions, .tabs, .crumbs, .menu, #steps, .flashes,
    .no-print, .pages, .live, .board-head, .board-bar, .board-more, .filters, .preview-form,
    .preview figcaption, .row-handle, .row-actions, .visually-hidden, dialog, title, option,
    caption, dt`;
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (!node.parentElement.closest(controls)) found.push(...node.textContent.split(/\\s+/));
  }
  return found.filter(Boolean);
}"""

#: What reaches over the sheet's edge, and words that stand letter under letter.
FAULTS = """(width) => {
  const faults = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const words = node.textContent.trim();
    const shown = node.parentElement;
    if (words.length < 2 || shown.closest(".visually-hidden, option, title")) continue;
    if (!shown.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width);
    const right = Math.max(...boxes.map((box) => box.right));
    if (right > width + 1) faults.push(`${Math.round(right)} px: ${words.slice(0, 60)}`);
    const lines = new Set(boxes.map((box) => Math.round(box.top))).size;
    if (lines > 3 && words.length / lines < 4) faults.push(`${lines} lines: ${words.slice(0, 60)}`);
    for (let box = shown; box.id !== "main"; box = box.parentElement) {
      const clips = getComputedStyle(box).overflowX !== "visible" && box.clientWidth > 1;
      if (clips && box.scrollWidth > box.clientWidth + 1)
        faults.push(`cut off: ${words.slice(0, 60)}`);
    }
  }
  return faults;
}"""


def squeezed(text: str) -> str:
    """Letters and figures alone: how a line was broken, or ran from right to left, says nothing."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text)).casefold()


def printed_sheets(page: Page, *, landscape: bool = False) -> list[str]:
    """What stands on each sheet of the page's print, within its edges."""
    document = PdfDocument(page.pdf(format="A4", landscape=landscape, print_background=True))
    texts = [sheet.get_textpage().get_text_bounded() for sheet in document]
    document.close()
    return texts


def faults_of(page: Page, sheet: str) -> list[str]:
    """What the page as it is would lose on a sheet of this kind."""
    wanted = Counter(filter(None, map(squeezed, page.evaluate(WORDS))))
    texts = printed_sheets(page, landscape=SHEETS[sheet])
    printed = squeezed("".join(texts))
    missing = [word for word, times in wanted.items() if printed.count(word) < times
               and word.isascii()]  # fmt: skip
    page.emulate_media(media="print")
    page.set_viewport_size({"width": WIDTHS[sheet], "height": 1000})
    laid_out: list[str] = page.evaluate(FAULTS, WIDTHS[sheet])
    page.emulate_media(media="null")
    page.set_viewport_size({"width": 1280, "height": 800})
    faults = [f"missing: {' '.join(missing[:12])}"] if missing else []
    faults += [
        f"sheet {number} is empty" for number, text in enumerate(texts, 1) if not text.strip()
    ]
    faults += laid_out[:4]
    return [f"{sheet}: {fault}" for fault in faults]


def opened(visit: Visit, pages: list[walk.Reached]) -> Iterator[Page]:
    """Each page in a browser of whoever sees it."""
    visitors: dict[str, Page] = {}
    for reached in pages:
        if reached.role not in visitors:
            visitors[reached.role] = visit(as_role=reached.role)
        page = visitors[reached.role]
        page.goto(reached.path)
        yield page


def test_every_page_prints_whole_both_ways(visit: Visit, pages: list[walk.Reached]) -> None:
    wrong = [
        f"{page.url} {fault}"
        for page in opened(visit, pages)
        for sheet in SHEETS
        for fault in faults_of(page, sheet)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_board_prints_all_of_its_rows_and_is_then_as_it_was(visit: Visit) -> None:
    page = visit(as_role="rep")
    page.goto("/board")
    assert page.locator(".board-row").count() == 200
    printed = squeezed("".join(printed_sheets(page)))
    assert all(f"part{number}" in printed for number in range(1, PARTS + 1))
    assert "leavesout" not in printed
    assert page.locator(".board-row").count() == 200


def test_a_list_of_several_pages_prints_all_of_them_from_any_page(visit: Visit) -> None:
    page = visit(as_role="rep")
    page.goto("/initiatives?page=3")
    shown = page.locator("tbody tr").count()
    printed = squeezed("".join(printed_sheets(page)))
    assert all(f"part{part}" in printed for part in range(1, PARTS + 1))
    assert "thisprintisapart" not in printed
    assert page.locator("tbody tr").count() == shown


def test_a_report_prints_all_of_its_lines(visit: Visit) -> None:
    page = visit(as_role="rep")
    page.goto("/reports/revenue-at-risk")
    assert page.locator("#report tbody tr").count() == 30
    printed = squeezed("".join(printed_sheets(page)))
    assert all(f"riskno{number}x" in printed for number in range(1, LINES + 1))
    assert "showallofthem" not in printed
    assert page.locator("#report tbody tr").count() == 30


def test_without_javascript_what_is_left_out_is_said_on_paper(visit: Visit) -> None:
    page = visit(as_role="rep")
    plain = page.context.browser
    assert plain
    context = plain.new_context(
        base_url=page.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    quiet = context.new_page()
    printed = {}
    for path in ("/board", "/initiatives", "/reports/revenue-at-risk"):
        quiet.goto(path)
        printed[path] = squeezed("".join(printed_sheets(quiet)))
    context.close()
    assert "morethatthisprintleavesout" in printed["/board"]
    assert "thisprintisapart" in printed["/initiatives"]
    assert re.search(r"30of\d+lines", printed["/reports/revenue-at-risk"])


def test_a_dark_page_prints_light(visit: Visit) -> None:
    page = visit(as_role="rep", color_scheme="dark")
    page.goto("/deals")
    page.emulate_media(media="print")
    for element in ("body", "table.sheet td", "h1", ".box"):
        colours = page.locator(element).first.evaluate(
            "(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
        )
        dark = [sum(map(int, re.findall(r"\d+", colour)[:3])) < 300 for colour in colours]
        assert dark[0], f"{element} is written in {colours[0]}"
        assert not dark[1] or "0)" in colours[1], f"{element} lies on {colours[1]}"


# --- going back ----------------------------------------------------------------------------------

#: Each select of a filter with what else it could say.
CHOICES = """() => [...document.querySelectorAll("main form[method=get] select[name]")].map(
  (select) => [select.name, [...select.options].filter((o) => !o.selected).map((o) => o.value)])"""
#: The controls that do not say what the server said.
CHANGED = """() => {
  const differs = (each) => each.options
    ? each.querySelector("[selected]") && !each.selectedOptions[0].defaultSelected
    : each.value !== each.defaultValue || each.checked !== each.defaultChecked;
  const asked = "form[autocomplete=off] :is(input, select)";
  return [...document.querySelectorAll(asked)].filter(differs).map((each) => each.name);
}"""


def choose(page: Page, name: str, value: str) -> None:
    """Choose and submit, as a person does, also in a filter that is folded away."""
    with page.expect_navigation():
        page.evaluate(
            """([name, value]) => {
              const held = `main form[method=get] select[name="${name}"]`;
              const control = document.querySelector(held);
              control.value = value;
              control.dispatchEvent(new Event("change", { bubbles: true }));
              control.form.requestSubmit();
            }""",
            [name, value],
        )


def test_back_and_forward_the_filters_say_what_the_address_says(
    visit: Visit, pages: list[walk.Reached]
) -> None:
    wrong = []
    tried = 0
    asking = [each for each in pages if re.search(r'<form[^>]* method="get"', each.html)]
    for page in opened(visit, asking):
        choice = next((c for c in page.evaluate(CHOICES) if len(c[1]) >= 2), None)
        if choice is None:
            continue
        tried += 1
        name, (first, second, *_) = choice
        held = f"main form[method=get] select[name='{name}']"
        choose(page, name, first)
        address, words = page.url, page.locator("main").inner_text()
        choose(page, name, second)
        page.go_back()
        if (page.url, page.locator(held).input_value()) != (address, first):
            wrong.append(f"{address}: {name} says {page.locator(held).input_value()} after Back")
        if page.locator("main").inner_text() != words:
            wrong.append(f"{address} shows something else after Back")
        page.go_forward()
        said = page.locator(held).input_value()
        if said != second or page.evaluate(CHANGED):
            wrong.append(f"{page.url}: {name} says {said} after Forward")
        # A page that the browser held as it was comes back with the choice made since.
        page.locator(held).evaluate(f"(each) => {{ each.value = '{first}' }}")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        if page.locator(held).input_value() != second:
            wrong.append(f"{page.url}: {name} is not put right when the page comes back")
    assert tried >= 10
    assert not wrong, "\n".join(wrong)
