from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.support.browser import Watch
from tests.support.cast import person


def test_the_sign_in_page_is_sound_on_a_desktop_and_a_phone(
    page: Page, phone: Page, axe: Callable[[Page], None]
) -> None:
    for screen in (page, phone):
        screen.goto("/sign-in")
        expect(screen.get_by_role("heading", level=1)).to_be_visible()
        axe(screen)


def test_everyone_of_the_cast_can_sign_in(visit: Visit) -> None:
    for role in ("rep", "product", "executive", "admin"):
        page = visit(as_role=role)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_one_looks_through_ones_sessions_and_changes_ones_password(
    visit: Visit, axe: Callable[[Page], None], watch: Watch
) -> None:
    phone, page = visit("Pixel 7", as_role="executive"), visit(as_role="executive")
    for screen in (page, phone):
        screen.goto("/sessions")
        expect(screen.locator("#sessions tbody tr").nth(1)).to_be_visible()
        axe(screen)
        screen.goto("/password")
        axe(screen)
    page.get_by_label("Elias Berg, Executive").click()
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Your present password").fill(person("executive").password)
    for label in ("New password", "New password, once more"):
        page.get_by_label(label, exact=True).fill("Elias Berg 12345")
    watch.expect(422)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_contain_text("harder to guess")
    expect(page.get_by_label("Your present password")).to_have_value("")
    axe(page)
    page.get_by_label("Your present password").fill(person("executive").password)
    for label in ("New password", "New password, once more"):
        page.get_by_label(label, exact=True).fill("four green kettles sing")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(page.locator("#sessions tbody tr")).to_have_count(1)
    phone.goto("/sessions")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Sign in")
