"""Errors are said even where no page can be made."""

import pytest

from tests.support.client import CheckingClient


@pytest.mark.parametrize("host", ["a" * 64, "a" * 5000, "a..example", "x" * 70 + ".example"])
def test_a_host_that_no_address_can_have_is_refused_in_plain_text(
    priya: CheckingClient, host: str
) -> None:
    page = priya.get("/board", headers={"Host": host})
    assert page.status_code == 400
    assert page.mimetype == "text/plain"
    assert "could not be understood" in page.text
