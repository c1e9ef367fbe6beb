"""The interview's script on a tablet and its log on a phone; a rep's report between two calls."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Conversation, CrmOwner, Deal, User
from tests.browser.conftest import Visit
from tests.support import databases
from tests.support.browser import Server, Watch

#: What a finger hits without looking.
LEAST_TARGET = 44


def found(server: Server) -> tuple[list[int], int]:
    """The demo's planned interviews, and a deal that Rosa lost."""
    app = databases.create(server.database_url)
    with app.app_context():
        planned = db.session.scalars(
            select(Conversation.id).where(Conversation.state == "planned").order_by(Conversation.id)
        ).all()
        mine = (
            select(Deal.id)
            .join(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
            .join(User, User.id == CrmOwner.user_id)
            .where(Deal.status == "lost", User.email == "rosa@demo.example")
        )
        deal = db.session.scalars(mine.order_by(Deal.id).limit(1)).one()
    databases.dispose(app)
    return list(planned), deal


def wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("device", ["iPad (gen 7)", "Pixel 7"])
def test_the_script_is_filled_in_previewed_and_saved_with_a_finger(
    visit: Visit, live_server: Server, axe: Callable[[Page], None], device: str
) -> None:
    planned, _ = found(live_server)
    scheme = "dark" if device == "Pixel 7" else "light"
    page = visit(device, as_role="product", color_scheme=scheme)
    page.goto(f"/interviews/{planned[0]}/script")
    axe(page)
    assert wide(page) <= 0
    controls = page.locator("#log :is(input:not([type=hidden], [type=checkbox]), select, button)")
    heights = [box["height"] for each in controls.all() if (box := each.bounding_box())]
    assert min(heights) >= LEAST_TARGET
    page.locator("[name=name]").fill("Dana Osei")
    page.locator("[name='reasons-0-bucket']").select_option("price")
    page.locator("[name='reasons-0-quote']").fill("A third cheaper.")
    page.get_by_role("button", name="What would it change?").tap()
    expect(page.locator("#effect h2")).to_have_text("What saving this would change")
    axe(page)
    assert wide(page) <= 0
    said = page.locator("#effect .effect-words").inner_text()
    page.get_by_role("button", name="Save").tap()
    page.wait_for_url(f"**/interviews/{planned[0]}")
    expect(page.locator("#effect .effect-words")).to_have_text(said)
    axe(page)


def test_the_log_on_a_phone_says_what_is_missing_and_loses_nothing(
    visit: Visit, live_server: Server, watch: Watch, axe: Callable[[Page], None]
) -> None:
    planned, _ = found(live_server)
    watch.expect(422)
    page = visit("Pixel 7", as_role="product")
    page.goto(f"/interviews/{planned[-1]}/log")
    axe(page)
    page.locator("[name=name]").fill("Dana Osei")
    page.locator("[name=notes]").fill("They were kind.")
    page.get_by_role("button", name="Save").tap()
    expect(page.get_by_role("alert")).to_contain_text("Give at least one reason")
    expect(page.locator("[name=notes]")).to_have_value("They were kind.")
    axe(page)
    assert wide(page) <= 0


def test_every_page_of_interviews_is_accessible_and_fits_a_phone(
    visit: Visit, live_server: Server, axe: Callable[[Page], None]
) -> None:
    planned, deal = found(live_server)
    page = visit("Pixel 7", as_role="product")
    for address in (
        "/interviews", "/conversations", "/conversations/new?q=a", f"/interviews/{planned[-1]}",
        f"/interviews/{planned[-1]}/plan", "/interviews/questions", f"/deals/{deal}",
        "/conversations/new?account=1",
    ):  # fmt: skip
        page.goto(address)
        axe(page)
        assert wide(page) <= 0, address


def test_a_rep_reports_with_a_few_taps(
    visit: Visit, live_server: Server, axe: Callable[[Page], None]
) -> None:
    _, deal = found(live_server)
    page = visit("Pixel 7", as_role="rep", java_script_enabled=True)
    page.goto(f"/deals/{deal}/report")
    axe(page)
    page.get_by_label("A competitor", exact=True).tap()
    page.get_by_role("group", name="2. What was the main reason?").get_by_label(
        "I don't know"
    ).tap()
    page.get_by_role("button", name="Send").tap()
    page.wait_for_url(f"**/deals/{deal}")
    expect(page.locator("#interviews")).to_contain_text("a competitor")
