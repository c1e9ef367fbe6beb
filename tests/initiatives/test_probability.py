"""CRM's own probabilities stand beside the whole amounts; what has none is left out and named."""

from tests.initiatives.conftest import Story
from tests.support.client import CheckingClient


def test_the_open_amount_by_probability_stands_beside_the_whole_one(
    story: Story, priya: CheckingClient
) -> None:
    story.company.deal("Bolt", 200_000_00, blockers=[story.pain], probability=25)
    story.company.deal("Crux", 100_000_01, blockers=[story.pain], probability=50)

    words = priya.get(f"/initiatives/{story.second}").text_of("#evidence")

    # 200,000 × 25 % + 100,000.01 × 50 % = 100,000.005, and Acme has no probability.
    assert "the open $900K come to $100K" in words
    assert "1 deal without one is left out of that." in words


def test_without_any_probability_nothing_is_said_of_it(story: Story, priya: CheckingClient) -> None:
    assert "probabilities" not in priya.get(f"/initiatives/{story.second}").text_of("#evidence")
