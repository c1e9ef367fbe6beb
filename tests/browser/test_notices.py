"""The bell on a phone: told, opened with one tap, read; also without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Initiative, User
from roadmap.notices import actions
from tests.browser.conftest import Visit
from tests.support import databases
from tests.support.browser import Server

LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel"


def tell_rosa(server: Server) -> str:
    """Two notices, the newer about an initiative; gives that one's words."""
    app = databases.create(server.database_url)
    with app.app_context():
        rosa = db.session.scalars(select(User.id).where(User.email == "rosa@demo.example")).one()
        actions.read_all(rosa, 2**31 - 1)  # what the demo's story told
        id, title = db.session.execute(select(Initiative.id, Initiative.title).limit(1)).one()
        actions.tell([rosa], "later", f"“{LONG * 3}” is later", urgent=True)
        actions.tell([rosa], "committed", f"“{title}” is committed", initiative_id=id)
        db.session.commit()
    databases.dispose(app)
    return f"“{title}” is committed"


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_notice_is_opened_with_one_tap_and_read_by_it(
    visit: Visit, live_server: Server, axe: Callable[[Page], None], script: bool
) -> None:
    words = tell_rosa(live_server)
    page = visit("Pixel 7", as_role="rep", java_script_enabled=script, color_scheme="dark")
    page.get_by_role("link", name="Notices, 2 unread").tap()
    expect(page.locator(".notice.is-unread")).to_have_count(2)
    if script:
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 412

    page.get_by_role("button", name=words).first.tap()
    page.wait_for_url("**/initiatives/*")
    page.get_by_role("link", name="Notices, 1 unread").tap()
    page.get_by_role("button", name="Mark all as read").tap()

    expect(page.get_by_role("link", name="Notices, all read")).to_be_visible()
    expect(page.locator(".notice.is-unread")).to_have_count(0)
