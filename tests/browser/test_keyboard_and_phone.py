"""Everything that a mouse can drag, the keyboard can do; and a phone shows all of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.support.browser import Watch

HERO = "Single sign-on and SCIM provisioning"


def focused_row(page: Page) -> str:
    return str(page.evaluate("document.activeElement.querySelector('.row-open')?.textContent"))


def test_rows_are_walked_and_previewed_with_single_keys(visit: Visit) -> None:
    page = visit(as_role="product")
    titles = page.locator(".row-open").all_inner_texts()
    place = titles.index(HERO)

    page.keyboard.press("j")
    for _ in range(place):
        page.keyboard.press("j")
    assert focused_row(page) == HERO
    page.keyboard.press("k")
    assert focused_row(page) == titles[place - 1]
    page.keyboard.press("j")

    sentence = page.locator("#panel .preview-sentence")
    for key, to in (("t", 1), ("b", len(titles)), ("[", place), ("]", place + 2)):
        page.keyboard.press(key)
        expect(sentence).to_contain_text(f"Moving “{HERO}” from {place + 1} to {to}")
        page.keyboard.press("Escape")
        expect(page.locator("#panel article")).to_have_count(0)
        assert focused_row(page) == HERO

    page.keyboard.press("p")
    expect(page.locator("#panel h2")).to_have_text(f"Move “{HERO}”")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**/initiatives/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(HERO)


def test_a_trade_off_is_committed_and_reverted_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit(as_role="product")
    titles = page.locator(".row-open").all_inner_texts()
    last = len(titles)
    mover = titles[-1]
    for _ in range(last):
        page.keyboard.press("j")
    assert focused_row(page) == mover

    page.keyboard.press("p")
    to = page.locator("#panel").get_by_label("Move to position")
    expect(page.locator("#panel h2")).to_be_focused()
    press_until(page, to, "Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type(str(last - 1))
    page.keyboard.press("Enter")
    expect(page.locator("#panel .preview-sentence")).to_contain_text(f"from {last} to {last - 1}")
    press_until(page, page.locator("#panel").get_by_label("Reason"), "Tab")
    page.keyboard.type("Typed, not clicked")
    press_until(page, page.locator("#panel").get_by_role("button", name="Commit trade-off"), "Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board*")
    moved = page.locator(f".board-row[data-rank='{last - 1}'] .row-open")
    expect(moved).to_have_text(mover)

    page.goto("/tradeoffs")
    press_until(page, page.get_by_role("link", name="Revert the last"), "Tab")
    page.keyboard.press("Enter")
    press_until(page, page.get_by_label("Reason"), "Tab")
    page.keyboard.type("And back")
    press_until(page, page.get_by_role("button", name="Commit trade-off"), "Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tradeoffs")
    page.goto("/board")
    assert page.locator(".row-open").all_inner_texts() == titles


def press_until(page: Page, goal, key: str, most: int = 120) -> None:
    """As a person without a mouse goes: one key until the focus is there."""
    expect(goal).to_be_visible()
    for _ in range(most):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{most} times {key} did not get there")


def test_on_a_phone_the_board_fits_and_a_preview_opens_over_it(
    visit: Visit, axe: Callable[[Page], None]
) -> None:
    page = visit("Pixel 7", as_role="rep")
    expect(page.locator(".board-row").first).to_be_visible()
    assert overflow(page) <= 0
    axe(page)

    page.locator(".board-row", has_text=HERO).locator(".row-up").tap()
    panel = page.locator("#panel")
    expect(panel.locator(".preview-sentence")).to_contain_text(f"Moving “{HERO}”")
    # A rep may look at the price of everything, and commit nothing.
    expect(panel).to_contain_text("product manager or an executive has to commit it")
    assert overflow(page) <= 0
    axe(page)
    panel.get_by_label("Close").tap()
    expect(panel.locator("article")).to_have_count(0)


def test_without_javascript_a_promotion_is_links_and_forms(visit: Visit, watch: Watch) -> None:
    watch.expect(422)
    page = visit(as_role="product", java_script_enabled=False)
    page.locator(".board-row", has_text=HERO).locator(".row-move").click()
    page.get_by_label("Move to position").fill("2")
    page.get_by_role("button", name="Preview the move").click()
    expect(page.locator(".preview-sentence")).to_contain_text(f"Moving “{HERO}” from 9 to 2")
    page.get_by_role("button", name="Commit trade-off").click()
    expect(page.locator(".note-danger")).to_contain_text("Say why, for those who will ask.")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390), ("light", 390)])
def test_every_page_is_sound_at_every_width_in_light_and_dark(
    visit: Visit, watch: Watch, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    watch.expect(404)
    page = visit(as_role="admin", viewport={"width": width, "height": 900}, color_scheme=scheme)
    for address in PAGES if width == 1280 or scheme == "dark" else PAGES[:10]:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert overflow(page) <= 0, f"{address} is wider than {width} px"
        axe(page)


def overflow(page: Page) -> int:
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(script))


PAGES = (
    "/board", "/initiatives/10", "/problems/1", "/deals/1", "/tradeoffs",
    "/board/preview?initiative=10&to=2", "/problems", "/deals", "/accounts", "/accounts/1",
    "/initiatives", "/initiatives/new", "/initiatives/10/work", "/teams", "/teams/1", "/products",
    "/segments", "/profile", "/users", "/settings", "/deals/owners", "/nowhere",
)  # fmt: skip
