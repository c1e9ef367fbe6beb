from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


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
