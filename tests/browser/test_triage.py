"""Triage from the keyboard alone, on a phone, and without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from roadmap.intake import actions as intake
from roadmap.models import User
from roadmap.people import actions as people
from tests.browser.conftest import Visit
from tests.browser.test_keyboard_and_phone import overflow, press_until
from tests.support import databases
from tests.support.browser import Server
from tests.support.cast import person

FIRST = "Every joiner is typed in by hand at this customer"
SECOND = "They want a dark theme"
THIRD = "Their licence costs more than the machine"
#: A company that nobody else asks for.
WHOSE = "Quillfeather"


@pytest.fixture(scope="module", autouse=True)
def requests(live_server: Server) -> Iterator[None]:
    """Three that wait, the newest last."""
    app = databases.create(live_server.database_url)
    with app.app_context():
        rep = people.find(person("rep").email)
        assert isinstance(rep, User)
        for title in (FIRST, SECOND, THIRD):
            intake.submit(intake.Said(f"{title}.", quote="Thirty a month.", prospect=WHOSE), rep)
    yield
    databases.dispose(app)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def done(page: Page) -> Locator:
    return page.locator("#undo-done")


def test_three_requests_are_triaged_with_the_keyboard_alone_and_one_step_is_taken_back(
    visit: Visit, axe: Callable[[Page], None]
) -> None:
    page = visit(as_role="product")
    keys = page.keyboard
    page.goto("/intake")
    keys.press("f")
    keys.type(WHOSE)
    keys.press("Enter")
    page.wait_for_url(f"**/intake?*q={WHOSE}*")
    expect(page.locator(".inbox-open")).to_have_text([f"{t}." for t in (FIRST, SECOND, THIRD)])

    # The list is walked, ticked and joined; thought better of, it is gone back to.
    keys.press("j")
    keys.press("j")
    expect(page.get_by_role("link", name=SECOND)).to_be_focused()
    keys.press("x")
    keys.press("k")
    keys.press("x")
    keys.press("c")
    expect(title(page)).to_have_text("Join 2 requests to one problem")
    page.go_back()
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    keys.press("j")
    keys.press("Enter")
    expect(title(page)).to_have_text(f"{FIRST}.")

    # A number joins at once; undoing leads back to it.
    keys.press("v")
    expect(page.get_by_label("The quote is the customer's own words").first).to_be_checked()
    keys.press("1")
    expect(title(page)).to_have_text(f"{SECOND}.")
    expect(done(page)).to_contain_text("as the customer's own words")
    keys.press("z")
    expect(title(page)).to_have_text(f"{FIRST}.")
    expect(page.locator("#flashes")).to_contain_text("Taken back.")
    keys.press("1")
    expect(title(page)).to_have_text(f"{SECOND}.")

    keys.press("d")
    expect(page.get_by_label("Why not")).to_be_focused()
    keys.type("Nobody lost a deal over it.")
    press_until(page, page.get_by_role("button", name="Decline", exact=True), "Tab")
    keys.press("Enter")
    expect(title(page)).to_have_text(f"{THIRD}.")

    keys.press("e")
    expect(page.get_by_label("It is about")).to_be_focused()
    keys.type("Price")
    keys.press("Tab")
    keys.type(person("executive").name)
    axe(page)
    press_until(page, page.get_by_role("button", name="Hand it over"), "Tab")
    keys.press("Enter")
    page.wait_for_url("**/intake?*")
    expect(page.locator(".empty-state")).to_contain_text("No request fits these filters")
    expect(done(page)).to_contain_text(f"gave it to {person('executive').name}")
    keys.press("z")
    expect(title(page)).to_have_text(f"{THIRD}.")
    keys.press("i")
    expect(page.locator(".inbox-open")).to_have_text([f"{THIRD}."])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_its_pages_are_sound_at_every_width_in_light_and_dark(
    visit: Visit, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    page = visit(as_role="product", viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"/intake?view=all&q={WHOSE}")
    here = [
        page.url,
        *(link.get_attribute("href") for link in page.locator(".inbox-open").all()[:2]),
    ]
    asked = [box.get_attribute("value") for box in page.locator(".inbox-tick input").all()]
    joins = "/intake/joins?" + "&".join(f"request={id}" for id in asked)
    for address in (*here, joins):
        page.goto(str(address))
        for fold in page.locator("details.step").all():
            if fold.get_attribute("open") is None:
                fold.locator("summary").click()
        assert overflow(page) <= 0, f"{address} is wider than {width} px"
        axe(page)


def test_without_javascript_a_problem_is_found_and_joined(visit: Visit) -> None:
    page = visit(as_role="admin", java_script_enabled=False)
    page.goto(f"/intake?view=all&q={WHOSE}")
    page.get_by_role("link", name=SECOND).click()
    page.get_by_label("Another problem").fill("work order")
    page.locator("#problems").get_by_role("button", name="Find").click()
    found = page.locator("#problems .candidate").last
    name = found.get_by_role("heading").inner_text()
    found.get_by_role("button").click()
    expect(done(page)).to_contain_text(f"made it part of “{name}”")
    done(page).get_by_role("button", name="Undo").click()
    expect(title(page)).to_have_text(f"{SECOND}.")
