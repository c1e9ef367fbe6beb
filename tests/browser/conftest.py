"""Fixtures of the tests that drive a real browser.

    def test_the_board_shows(page, live_server):        # a desktop, nobody signed in
        sign_in(page, "product")
    def test_on_a_phone(visit):                         # further browsers, of any kind
        page = visit("Pixel 7", as_role="product")

Each module has one server on a fresh copy of the demo company, so its tests may build on what the
seed holds but not on each other's writes.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.support import browser as support
from tests.support import databases
from tests.support.cast import person

Visit = Callable[..., Page]
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "timezone_id": "UTC"}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium takes the place of the one that the test library would download."""
    program = support.chromium()
    if program is None:
        if os.environ.get("ROADMAP_REQUIRE_BROWSER"):
            pytest.fail(support.MISSING)
        pytest.skip(support.MISSING)
    return {"executable_path": program, "args": support.ARGUMENTS}


@pytest.fixture(scope="module")
def live_server(
    browser_type_launch_args: dict[str, Any],
    database: databases.Database,
    scratch: Path,
    request: pytest.FixtureRequest,
) -> Iterator[support.Server]:
    """The product on the demo company. Asked for after the browser: without one nothing starts."""
    folder = scratch / "servers" / request.node.path.stem
    with (
        database.fresh("demo") as url,
        support.serving(url, folder, databases.TODAY) as server,
    ):
        yield server


@pytest.fixture
def watch() -> Iterator[support.Watch]:
    """Fails the test on whatever went wrong in its pages; `watch.expect(409)` allows a status."""
    watch = support.Watch()
    yield watch
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def visit(
    browser: Browser, playwright: Playwright, live_server: support.Server, watch: support.Watch
) -> Iterator[Visit]:
    """Opens further browsers: `visit(device, as_role=..., **context_options)`."""
    contexts = []

    def open_page(device: str = "", *, as_role: str = "", **options: Any) -> Page:
        kind = playwright.devices[device] if device else DESKTOP
        context = browser.new_context(base_url=live_server.url, **{**kind, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        watch.over(page)
        if as_role:
            sign_in(page, as_role)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit: Visit) -> Page:
    """A desktop where nobody is signed in."""
    return visit()


@pytest.fixture
def phone(visit: Visit) -> Page:
    """A phone where nobody is signed in."""
    return visit("Pixel 7")


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` asserts that the page as it is now has no accessibility violation."""
    return support.assert_accessible


def sign_in(page: Page, role: str) -> None:
    """Sign in as the one of the cast with this role, through the real form."""
    who = person(role)
    page.goto("/sign-in")
    form = page.locator("main form", has=page.locator("input[type=password]"))
    form.locator("input[name=email]").fill(who.email)
    form.locator("input[type=password]").fill(who.password)
    form.locator("input[type=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
