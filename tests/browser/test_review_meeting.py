"""A review meeting: one screen shared, somebody following; a promotion tried, made, reverted."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.support.browser import Watch

HERO = "Single sign-on and SCIM provisioning"


def row(page: Page, title: str) -> Locator:
    return page.locator(".board-row", has=page.get_by_role("link", name=title, exact=True))


def rank(page: Page, title: str) -> int:
    return int(row(page, title).get_attribute("data-rank") or 0)


def titles(page: Page, most: int = 9) -> list[str]:
    return page.locator(".row-open").all_inner_texts()[:most]


def drag(page: Page, title: str, onto: str) -> None:
    """With the mouse, by the handle, in steps as a hand would."""
    handle = row(page, title).locator(".row-handle")
    handle.scroll_into_view_if_needed()
    start = handle.bounding_box()
    assert start
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, start["y"] - 10, steps=4)
    goal = row(page, onto).bounding_box()
    assert goal
    page.mouse.move(goal["x"] + 40, goal["y"] + 10, steps=20)
    page.mouse.up()


def commit(page: Page, reason: str) -> None:
    panel = page.locator("#panel")
    if panel.get_by_label("Executive sponsor").count():
        panel.get_by_label("Executive sponsor").select_option(label="Elias Berg")
    panel.get_by_label("Reason").fill(reason)
    panel.get_by_role("button", name="Commit trade-off").click()


def test_a_drop_shows_the_price_and_commits_nothing_until_somebody_owns_it(
    visit: Visit, watch: Watch, axe: Callable[[Page], None]
) -> None:
    """Drag, conflict, fresh preview, commit, live update and revert, in one sitting."""
    host, guest = visit(as_role="product"), visit(as_role="executive")
    before = titles(host)
    place = before.index(HERO)
    goal = before[place - 2]

    # Someone says "move SSO up": the drop opens the preview and leaves the order as it is.
    drag(host, HERO, goal)
    sentence = host.locator("#panel .preview-sentence")
    expect(sentence).to_contain_text(f"Moving “{HERO}” from {place + 1} to {place - 1}")
    expect(sentence).to_contain_text("delays")
    expect(host.locator("#panel h2")).to_be_focused()
    assert titles(host) == before
    axe(host)

    # The guest commits something else meanwhile, from the keyboard-free form.
    other = before[-1] if before[-1] != HERO else before[-2]
    row(guest, other).locator(".row-up").click()
    commit(guest, "Asked by the board")
    expect(guest.locator("#flashes")).to_contain_text(f"Committed: Moved “{other}”")
    expect(guest.locator("#panel article")).to_have_count(0)
    assert rank(guest, other) == before.index(other)

    # The host follows without losing the preview, sees what moved, and is refused on committing.
    expect(row(host, other)).to_have_attribute("data-rank", str(before.index(other)))
    expect(row(host, other)).to_have_class(re.compile("row-moved"))
    expect(sentence).to_be_visible()
    watch.expect(409)
    commit(host, "Helios signs only with it")
    expect(host.locator("#panel")).to_contain_text("Nothing was committed")
    expect(host.locator("#panel [aria-label='Changed in the meantime']")).to_contain_text(other)
    expect(host.locator("#panel").get_by_label("Reason")).to_have_value("Helios signs only with it")
    axe(host)

    # The fresh preview is committed; the guest sees it within three seconds.
    host.locator("#panel").get_by_role("button", name="Commit trade-off").click()
    expect(host.locator("#flashes")).to_contain_text(f"Committed: Moved “{HERO}”")
    expect(row(host, HERO)).to_have_attribute("data-rank", str(place - 1))
    expect(row(guest, HERO)).to_have_attribute("data-rank", str(place - 1), timeout=3_000)

    # It stands in the ledger with its owner, and can be reverted there.
    host.get_by_role("link", name="Trade-offs").first.click()
    newest = host.locator("tbody tr").first
    expect(newest).to_contain_text("Helios signs only with it")
    axe(host)
    host.get_by_role("link", name="Revert the last").click()
    expect(host.locator(".preview-sentence")).to_contain_text(f"from {place - 1} to")
    if host.get_by_label("Executive sponsor").count():
        host.get_by_label("Executive sponsor").select_option(label="Elias Berg")
    host.get_by_label("Reason").fill("Helios can wait after all")
    host.get_by_role("button", name="Commit trade-off").click()
    expect(host.locator("tbody tr").first).to_contain_text("reverts no.")
    host.goto("/board")
    assert rank(host, HERO) > place - 1
