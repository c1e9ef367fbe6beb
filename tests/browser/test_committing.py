"""What is wrong stands where the eye is; what was done is in sight, focused, and has a way back."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.support.browser import Watch

HERO = "Single sign-on and SCIM provisioning"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 740}}


def row(page: Page, title: str) -> Locator:
    return page.locator(".board-row", has=page.get_by_role("link", name=title, exact=True))


def rank(page: Page, title: str) -> int:
    return int(row(page, title).get_attribute("data-rank") or 0)


def in_sight(element: Locator) -> bool:
    """Whether its upper edge is what is seen there: in the window, and covered by nothing."""
    script = """element => {
      const box = element.getBoundingClientRect();
      const seen = document.elementFromPoint(box.left + 14, box.top + 6);
      return box.top >= 0 && box.top + 6 < innerHeight && Boolean(seen) && element.contains(seen);
    }"""
    return bool(element.evaluate(script))


def until_in_sight(page: Page, element: Locator) -> None:
    expect(element).to_be_focused()
    handle = element.element_handle()
    page.wait_for_function(
        """element => {
          const box = element.getBoundingClientRect();
          const seen = document.elementFromPoint(box.left + 14, box.top + 6);
          return box.top >= 0 && box.top + 6 < innerHeight && element.contains(seen);
        }""",
        arg=handle,
    )


def sign(page: Page, reason: str) -> None:
    panel = page.locator("article.preview")
    if panel.get_by_label("Executive sponsor").count():
        panel.get_by_label("Executive sponsor").select_option(label="Elias Berg")
    panel.get_by_label("Reason").fill(reason)


@pytest.mark.parametrize("size", SIZES)
def test_a_refused_commit_says_so_where_the_eye_is_and_leads_into_its_fields(
    visit: Visit, watch: Watch, size: str
) -> None:
    watch.expect(422)
    page = visit(as_role="product", viewport=SIZES[size])
    to = rank(page, HERO)
    page.evaluate(
        "([id, to]) => htmx.ajax('GET', `/board/preview?initiative=${id}&to=${to}`, "
        "{source: '#panel', target: '#panel', swap: 'innerHTML'})",
        [row(page, HERO).get_attribute("data-initiative"), to - 7],
    )
    page.locator("#panel").get_by_role("button", name="Commit trade-off").click()

    summary = page.locator("#panel [data-takes-focus]")
    until_in_sight(page, summary)
    for words, label in (("Reason:", "Reason"), ("sponsor:", "Executive sponsor")):
        field = page.locator("#panel").get_by_label(label)
        summary.get_by_role("link", name=words).click()
        until_in_sight(page, field)
        field.press("Shift")


@pytest.mark.parametrize("size", SIZES)
def test_after_a_commit_the_moved_row_is_in_sight_with_the_focus_and_a_way_back(
    visit: Visit, size: str
) -> None:
    page = visit(as_role="product", viewport=SIZES[size])
    for place in ("first", "last"):
        titles = page.locator(".row-open").all_inner_texts()
        mover, at = (titles[1], 2) if place == "first" else (titles[-1], len(titles))
        row(page, mover).locator(".row-up").click()
        sign(page, "Because")
        page.locator("#panel").get_by_role("button", name="Commit trade-off").click()

        message = page.locator("#flashes .note")
        expect(message).to_contain_text(f"Committed: Moved “{mover}” from {at} to {at - 1}.")
        moved = row(page, mover)
        expect(moved).to_have_attribute("data-rank", str(at - 1))
        until_in_sight(page, moved)
        assert in_sight(message)
        expect(message.get_by_role("link", name="Trade-off")).to_be_visible()
        page.keyboard.press("j")
        until_in_sight(page, page.locator(f".board-row[data-rank='{at}']"))
        page.keyboard.press("k")
        until_in_sight(page, moved)

    # The way back is one press and its own signature, and is said in the same way.
    message.get_by_role("button", name="Revert").click()
    expect(page.locator(".preview-sentence")).to_contain_text(f"from {at - 1} to {at}")
    sign(page, "Not after all")
    page.get_by_role("button", name="Commit trade-off").click()
    expect(message).to_contain_text(f"Reverted: Moved “{mover}” from {at - 1} back to {at}.")
    until_in_sight(page, page.locator("tbody tr").first)
    page.goto("/board")
    assert page.locator(".row-open").all_inner_texts() == titles


def test_on_a_filtered_board_a_row_moves_past_the_next_one_that_is_shown(visit: Visit) -> None:
    page = visit(as_role="product")
    page.goto("/board?kind=strategic")
    ranks = [int(each.get_attribute("data-rank") or 0) for each in page.locator(".board-row").all()]
    titles = page.locator(".row-open").all_inner_texts()
    at = next(n for n in range(1, len(ranks) - 1) if ranks[n + 1] > ranks[n] + 1)
    sentence = page.locator("#panel .preview-sentence")
    row(page, titles[at]).focus()
    for key, to in (("t", ranks[0]), ("b", ranks[-1]), ("[", ranks[at - 1]), ("]", ranks[at + 1])):
        page.keyboard.press(key)
        expect(sentence).to_contain_text(f"“{titles[at]}” from {ranks[at]} to {to}")
    sign(page, "Below the next strategic one")
    page.locator("#panel").get_by_role("button", name="Commit trade-off").click()

    moved = row(page, titles[at])
    expect(moved).to_have_attribute("data-rank", str(ranks[at + 1]))
    until_in_sight(page, moved)
    # Still filtered, and in the order that the arrow promised.
    titles[at : at + 2] = [titles[at + 1], titles[at]]
    assert page.locator(".row-open").all_inner_texts() == titles


@pytest.mark.parametrize("size", SIZES)
def test_without_javascript_errors_and_what_was_moved_are_in_sight_as_well(
    visit: Visit, watch: Watch, size: str
) -> None:
    watch.expect(422)
    page = visit(as_role="product", java_script_enabled=False, viewport=SIZES[size])
    mover = page.locator(".row-open").nth(10).inner_text()
    row(page, mover).locator(".row-up").click()
    page.get_by_role("button", name="Commit trade-off").click()
    expect(page.locator("[data-takes-focus]")).to_be_in_viewport()
    page.locator("[data-takes-focus]").get_by_role("link", name="Reason").click()
    expect(page.get_by_label("Reason")).to_be_in_viewport()
    sign(page, "By hand")
    page.get_by_role("button", name="Commit trade-off").click()
    expect(page.locator("#flashes")).to_contain_text(f"Committed: Moved “{mover}”")
    expect(row(page, mover)).to_be_in_viewport()
