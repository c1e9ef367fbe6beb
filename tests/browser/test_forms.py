"""Forms in a real browser: nothing typed is lost with a session, and a button is pressed once."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.support.browser import Watch
from tests.support.cast import person


def signs_in_again(page: Page) -> None:
    expect(page.get_by_role("heading", name="Please sign in again")).to_be_visible()
    page.get_by_label("E-mail", exact=True).fill(person("product").email)
    page.get_by_label("Password", exact=True).fill(person("product").password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("What you typed is here")).to_be_visible()


def test_the_panels_words_are_there_after_signing_in_again(
    visit: Visit, watch: Watch, axe: Callable[[Page], None]
) -> None:
    watch.expect(401)
    page = visit(as_role="product")
    page.locator(".board-row .row-down").first.click()
    page.locator("#panel").get_by_label("Reason").fill("Asked for by the board,\nin writing")
    page.context.clear_cookies()
    # The board asks by itself whether anything changed, and is told that nobody is signed in.
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.locator("#panel").get_by_role("button", name="Commit trade-off").click()
    expect(page.get_by_role("heading", name="Please sign in again")).to_be_visible()
    axe(page)
    signs_in_again(page)
    reason = page.locator("#commit-form").get_by_label("Reason")
    expect(reason).to_have_value("Asked for by the board,\nin writing")
    axe(page)


def test_a_form_without_a_session_comes_back(visit: Visit, watch: Watch) -> None:
    watch.expect(401)
    page = visit(as_role="product")
    page.goto("/initiatives/new")
    page.get_by_label("Title").fill("Offline mode")
    page.context.clear_cookies()
    page.locator("main form[method=post]").get_by_role("button").last.click()
    signs_in_again(page)
    expect(page.get_by_label("Title")).to_have_value("Offline mode")


#: Notes whether the button rests once the browser has taken the form's fields.
NOTES = """() => document.addEventListener("submit", (event) => setTimeout(() =>
    sessionStorage.setItem("rests", event.target.querySelector("button").disabled)))"""


def test_a_button_rests_while_its_form_is_on_its_way(visit: Visit) -> None:
    page = visit(as_role="product")
    page.goto("/products")
    form = page.locator("main form[action='/products']")
    page.evaluate(NOTES)
    form.get_by_label("Name").fill("Harbour")
    form.get_by_role("button").click()
    expect(page.get_by_text("“Harbour” is there.")).to_be_visible()
    assert page.evaluate("() => sessionStorage.getItem('rests')") == "true"
    page.go_back()
    expect(form.get_by_role("button")).to_be_enabled()
