"""The database is away while somebody writes: the page says so and keeps what was typed."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.support.browser import Server, Watch


def test_a_save_in_an_outage_keeps_the_panel_and_its_words(
    visit: Visit, live_server: Server, watch: Watch, axe: Callable[[Page], None]
) -> None:
    watch.expect(503)
    page = visit(as_role="product")
    page.locator(".board-row .row-up").nth(2).click()
    panel = page.locator("#panel")
    if panel.get_by_label("Executive sponsor").count():
        panel.get_by_label("Executive sponsor").select_option(label="Elias Berg")
    panel.get_by_label("Reason").fill("Typed before the outage")

    file = Path(live_server.database_url.removeprefix("sqlite:///"))
    away = file.with_suffix(".away")
    file.rename(away)
    try:
        panel.get_by_role("button", name="Commit trade-off").click()
        note = page.locator("#flashes [role=alert]")
        expect(note).to_contain_text("Nothing was changed")
        expect(note).to_be_in_viewport()
        expect(panel.get_by_label("Reason")).to_have_value("Typed before the outage")
        other = visit()
        other.goto("/sign-in")
        expect(other.get_by_role("heading", level=1)).to_have_text("Out of order")
        axe(other)
    finally:
        away.rename(file)
    other.get_by_role("link", name="Try again").click()
    expect(other.locator("input[type=password]")).to_be_visible()
    panel.get_by_role("button", name="Commit trade-off").click()
    expect(panel.get_by_label("Reason")).to_have_count(0)
    page.goto("/tradeoffs")
    expect(page.get_by_text("Typed before the outage")).to_have_count(1)
