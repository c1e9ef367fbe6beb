"""The search by keyboard from the board, and from the phone's menu without JavaScript."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_a_slash_on_the_board_searches_everything(visit: Visit) -> None:
    page = visit(as_role="product")
    page.goto("/board")
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    expect(page.get_by_label("Words, in any order")).to_be_focused()
    page.keyboard.type("grid meridel")
    page.keyboard.press("Enter")
    expect(page.locator(".search-hits").get_by_role("link", name="Meridel Grid")).to_be_visible()


def test_the_phones_menu_leads_to_the_search_without_javascript(visit: Visit) -> None:
    page = visit("Pixel 7", as_role="rep", java_script_enabled=False)
    page.goto("/board")
    page.locator(".nav-phone summary").tap()
    page.locator(".nav-phone").get_by_role("link", name="Search").tap()
    page.get_by_label("Words, in any order").fill("offline technicians")
    page.get_by_role("button", name="Search").tap()
    expect(page.locator(".search-hits a").first).to_contain_text("technicians")
