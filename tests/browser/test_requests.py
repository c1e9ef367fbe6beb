"""A rep with a phone between two calls: ninety seconds, a dead spot, a session that ended."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import create_engine, func, select

from roadmap.config import database_uri
from roadmap.models import Request
from tests.browser.conftest import Visit, sign_in
from tests.support.browser import Server, Watch
from tests.support.cast import person

BODY = "Their crews lose what they typed where there is no signal, and type it again at night."
SENT = re.compile(r"/requests/\d+$")
AXE = Callable[[Page], None]


class Thumb:
    """Counts what a person's thumb does; typing is not counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, target: str, **which: object) -> None:
        found = self.page.locator(target, **which).first  # type: ignore[arg-type]
        expect(found).to_be_visible()
        found.tap()
        self.taps += 1


def choose_first_account(page: Page) -> str:
    choice = page.locator(".request-choice").first
    name = choice.locator("strong").inner_text()
    choice.click()
    expect(page.locator("#subject")).to_have_text(name)
    return name


def kept(page: Page) -> int:
    """How many drafts this browser keeps."""
    return int(
        page.evaluate(
            "Object.entries(localStorage).filter(([key]) => key.startsWith('requests:'))"
            ".flatMap(([, value]) => JSON.parse(value)).length"
        )
    )


def sent_with(server: Server, body: str) -> int:
    """How many requests with these words arrived."""
    engine = create_engine(database_uri(server.database_url))
    with engine.connect() as connection:
        counted = select(func.count()).where(Request.body == body)
        return connection.scalar(counted) or 0


def offline_is_expected(watch: Watch) -> None:
    """What a browser itself says of a lost connection is no fault of the page."""
    watch.faults[:] = [
        fault for fault in watch.faults
        if "ERR_INTERNET_DISCONNECTED" not in fault and "Failed to fetch" not in fault
    ]  # fmt: skip


def test_a_request_takes_four_taps_and_one_sentence(visit: Visit, axe: AXE) -> None:
    page = visit("Pixel 7", as_role="rep")
    thumb = Thumb(page)
    thumb.tap(".topbar-request")
    expect(page.get_by_role("heading", level=1)).to_have_text("New request")
    axe(page)
    thumb.tap(".request-choice")
    expect(page.locator("#subject")).to_be_visible()
    # Its one open deal is ticked, and the words are next.
    expect(page.locator("[name=deals]:checked")).to_have_count(1)
    expect(page.locator("#body")).to_be_focused()
    page.keyboard.type(BODY)
    expect(page.locator(".request-alike")).to_contain_text("where there is no signal")
    # The bar within the thumb's reach says so, whatever the keyboard hides.
    expect(page.locator("#look")).to_contain_text("the same")
    axe(page)
    thumb.tap(".request-alike label")
    expect(page.locator("#look")).to_be_hidden()
    thumb.tap("#send")
    page.wait_for_url(SENT)
    assert thumb.taps <= 4
    expect(page.locator("#answer > .note")).to_contain_text("It joins the problem")
    assert kept(page) == 0
    axe(page)
    assert overflow(page) <= 0


def test_an_account_is_found_while_typing_and_enter_takes_the_first(visit: Visit) -> None:
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    page.locator("#company").press_sequentially("merid", delay=20)
    expect(page.locator("#accounts .request-choice").first).to_contain_text("Meridel Grid")
    page.locator("#company").press("Enter")
    expect(page.locator("#subject")).to_have_text("Meridel Grid")
    page.get_by_role("button", name="Change the account").click()
    expect(page.locator("#company")).to_be_focused()
    page.locator("#company").press_sequentially("Brand new customer", delay=5)
    page.locator(".request-choice.is-new").click()
    expect(page.locator("#about")).to_contain_text("Not in CRM yet")


def test_a_dead_spot_while_sending_loses_nothing_and_sends_once(
    visit: Visit, watch: Watch, axe: AXE
) -> None:
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    choose_first_account(page)
    page.context.set_offline(True)
    page.locator("#body").fill(BODY)
    page.locator("#send").tap()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_be_focused()
    expect(page.locator("#lost")).to_contain_text("Not sent: there is no connection")
    expect(page.locator("#body")).to_have_value(BODY)
    expect(page.locator("#send")).to_be_enabled()
    axe(page)
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_contain_text("You are online again")
    page.locator("#send").tap()
    page.wait_for_url(SENT)
    assert kept(page) == 0
    offline_is_expected(watch)


def test_what_arrived_while_the_answer_was_lost_is_one_request(
    visit: Visit, watch: Watch, live_server: Server
) -> None:
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    choose_first_account(page)
    page.locator("#body").fill(f"{BODY} Twice.")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort("internetdisconnected")

    page.route("**/requests", lose_the_answer, times=1)
    page.locator("#send").tap()
    expect(page.locator("#lost")).to_be_visible()
    # The page is closed in anger; the draft brings its token back with it.
    page.goto("/requests/new")
    expect(page.locator("#draft")).to_contain_text("Restored what you typed on")
    expect(page.locator("#body")).to_have_value(f"{BODY} Twice.")
    page.locator("#send").tap()
    page.wait_for_url(SENT)
    assert kept(page) == 0
    assert sent_with(live_server, f"{BODY} Twice.") == 1
    offline_is_expected(watch)


def test_an_ended_session_leads_to_signing_in_and_back_to_every_word(
    visit: Visit, watch: Watch
) -> None:
    watch.expect(401)
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    name = choose_first_account(page)
    page.locator("#body").fill(BODY)
    expect(page.locator(".request-alike")).to_be_visible()
    page.locator(".request-alike label").first.click()
    problem = page.locator("[name=problem_id]:checked").get_attribute("value")
    page.locator(".request-more summary").click()
    page.locator("#quote").fill("“No signal, no deal.”")
    page.locator("#competitor").fill("Nimbus")
    page.locator("#said_by").select_option("customer")
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()
    page.locator("#send").tap()
    expect(page.get_by_role("heading", name="Please sign in again")).to_be_visible()
    page.get_by_label("E-mail", exact=True).fill(person("rep").email)
    page.get_by_label("Password", exact=True).fill(person("rep").password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("What you typed is here")).to_be_visible()
    expect(page.locator("#subject")).to_have_text(name)
    expect(page.locator("[name=deals]:checked")).to_have_count(1)
    expect(page.locator("#body")).to_have_value(BODY)
    expect(page.locator("#quote")).to_have_value("“No signal, no deal.”")
    expect(page.locator("#competitor")).to_have_value("Nimbus")
    expect(page.locator("#competitor")).to_be_visible()
    expect(page.locator("#said_by")).to_have_value("customer")
    expect(page.locator(f"#problem-{problem}")).to_be_checked()
    page.locator("#send").tap()
    page.wait_for_url(SENT)
    expect(page.locator("#answer")).to_contain_text("Nimbus")


def test_a_draft_is_the_persons_own_and_can_be_discarded(visit: Visit) -> None:
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    page.locator("#body").fill("Half a thought")
    assert kept(page) == 1
    sign_out_and_in(page, "executive")
    page.goto("/requests/new")
    expect(page.locator("#body")).to_have_value("")
    expect(page.locator("#draft")).to_be_hidden()
    sign_out_and_in(page, "rep")
    page.goto("/requests/new")
    expect(page.locator("#body")).to_have_value("Half a thought")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#body")).to_have_value("")
    expect(page.locator("#draft")).to_be_hidden()
    assert kept(page) == 0


def test_what_the_server_refuses_stays_with_the_reason_beside_it(
    visit: Visit, watch: Watch, axe: AXE
) -> None:
    watch.expect(422)
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    page.locator("#body").fill("x" * 10_001)
    page.locator("#send").tap()
    expect(page.locator(".note-danger[data-takes-focus]")).to_be_focused()
    expect(page.locator("#body-errors")).to_contain_text("this has 10,001")
    expect(page.locator("#body")).to_have_value("x" * 10_001)
    axe(page)


def test_a_server_that_fails_is_no_reason_to_lose_a_word(visit: Visit, watch: Watch) -> None:
    watch.expect(503)
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    choose_first_account(page)
    page.locator("#body").fill(BODY)

    def fail(route: Route) -> None:
        route.fulfill(status=503, content_type="text/html", body="<p role='alert'>Busy</p>")

    page.route("**/requests", fail, times=1)
    page.locator("#send").tap()
    expect(page.locator("#fault")).to_contain_text("Busy")
    expect(page.locator("#body")).to_have_value(BODY)
    page.locator("#send").tap()
    page.wait_for_url(SENT)


def test_a_bare_feature_gets_its_question_on_a_phone(visit: Visit, axe: AXE) -> None:
    page = visit("Pixel 7", as_role="rep")
    page.goto("/requests/new")
    choose_first_account(page)
    page.locator("#body").fill("Dark mode")
    page.locator("#send").tap()
    purpose = page.get_by_label("What would they do with it?")
    expect(purpose).to_be_focused()
    axe(page)
    purpose.fill("Read plans in the cab")
    page.locator("#question").get_by_role("button", name="Send", exact=True).tap()
    page.wait_for_url(SENT)
    expect(page.locator("#answer")).to_contain_text("Read plans in the cab")


def test_without_javascript_it_is_buttons_and_pages(visit: Visit, watch: Watch) -> None:
    watch.expect(422)
    page = visit("Pixel 7", as_role="rep", java_script_enabled=False)
    page.goto("/requests/new")
    page.locator("#company").fill("merid")
    page.locator("#body").fill(BODY)
    page.get_by_role("button", name="Find account").click()
    page.locator(".request-choice", has_text="Meridel Grid").click()
    expect(page.locator("#subject")).to_have_text("Meridel Grid")
    expect(page.locator("#body")).to_have_value(BODY)
    page.get_by_role("button", name="Find similar problems").click()
    page.locator(".request-alike input").first.check()
    page.locator("#send").click()
    page.wait_for_url(SENT)
    expect(page.locator("#answer > .note")).to_contain_text("It joins the problem")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_the_pages_of_requests_are_sound_at_every_width_in_light_and_dark(
    visit: Visit, axe: AXE, width: int, scheme: str
) -> None:
    page = visit(as_role="rep", viewport={"width": width, "height": 900}, color_scheme=scheme)
    for address in ("/requests/new", "/requests/mine", "/requests", "/requests/1", "/deals/1"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert overflow(page) <= 0, f"{address} is wider than {width} px"
        axe(page)


def sign_out_and_in(page: Page, role: str) -> None:
    page.context.clear_cookies()
    sign_in(page, role)


def overflow(page: Page) -> int:
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(script))
