"""Which rows of the board are shown. The ranks stay the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from roadmap.domain.collation import sort_key
from roadmap.domain.folding import folded
from roadmap.domain.plan import INITIATIVE_KINDS
from roadmap.planning.gather import Card
from roadmap.planning.picture import Picture
from roadmap.web import arguments
from roadmap.workspace.searching import sought

#: What to look for in the forecasts: the address's word and the reader's.
FORECASTS = {"slipped": "Slipped this quarter", "promised": "With a promise"}

#: The address's words for a filter, and `rows`, which says how many rows are shown.
NAMES = ("segment", "product", "problem", "owner", "kind", "fit", "forecast", "q", "rows")


@dataclass(frozen=True)
class Filter:
    """Frozen, so that it can be part of a cache's key. Empty values let everything through."""

    segment: int | None = None
    product: int | None = None
    problem: int | None = None
    owner: int | None = None
    kind: str = ""
    fit: int | None = None
    forecast: str = ""
    text: str = ""

    @property
    def empty(self) -> bool:
        return self == Filter()

    def arguments(self) -> dict[str, str]:
        """As they stand in the address."""
        found = {
            "segment": self.segment, "product": self.product, "problem": self.problem,
            "owner": self.owner, "kind": self.kind, "fit": self.fit,
            "forecast": self.forecast, "q": self.text,
        }  # fmt: skip
        return {name: str(value) for name, value in found.items() if value not in (None, "")}

    def rows(self, picture: Picture) -> Iterator[tuple[int, Card]]:
        """Rank and card of what fits, in rank order."""
        for rank, id in enumerate(picture.plan.order, start=1):
            card = picture.cards[id]
            if self.empty or self._fits(picture, card):
                yield rank, card

    def _fits(self, picture: Picture, card: Card) -> bool:
        if self.owner is not None and card.owner_id != self.owner:
            return False
        if self.kind and card.kind != self.kind:
            return False
        if self.fit is not None and (card.fit is None or card.fit < self.fit):
            return False
        if self.product is not None and self.product not in {id for id, _ in card.products}:
            return False
        if self.problem is not None and self.problem not in {tied.id for tied in card.problems}:
            return False
        if self.segment is not None:
            segments = {id for tied in card.problems for id, _ in tied.segments}
            if self.segment not in segments:
                return False
        if self.forecast == "slipped" and not slipped(picture, card):
            return False
        if self.forecast == "promised" and not picture.plan.initiatives[card.id].promised:
            return False
        return not self.text or sought(self.text).within(_words(card))


def slipped(picture: Picture, card: Card) -> bool:
    """Later than the quarter's first forecast of it, or without the date that it had."""
    if card.baseline is None:
        return False
    finish = picture.schedule.finish(card.id)
    return finish is None or finish > card.baseline


def from_request() -> Filter:
    """The filter in this request's address; what makes no sense there is left out."""
    return Filter(
        segment=arguments.number("segment"),
        product=arguments.number("product"),
        problem=arguments.number("problem"),
        owner=arguments.number("owner"),
        kind=arguments.choice("kind", INITIATIVE_KINDS),
        fit=arguments.number("fit", most=100),
        forecast=arguments.choice("forecast", FORECASTS),
        text=arguments.text("q"),
    )


@dataclass(frozen=True)
class Choices:
    """What there is to choose from, among the rows of the board: (id, name) by name."""

    segments: list[tuple[int, str]]
    products: list[tuple[int, str]]
    problems: list[tuple[int, str]]
    owners: list[tuple[int, str]]
    forecasts: list[tuple[str, str]]


def choices(picture: Picture) -> Choices:
    segments: dict[int, str] = {}
    products: dict[int, str] = {}
    problems: dict[int, str] = {}
    owners: dict[int, str] = {}
    for card in picture.cards.values():
        products.update(card.products)
        for tied in card.problems:
            problems[tied.id] = tied.title
            segments.update(tied.segments)
        if card.owner_id is not None and card.owner is not None:
            owners[card.owner_id] = card.owner
    return Choices(
        _by_name(segments),
        _by_name(products),
        _by_name(problems),
        _by_name(owners),
        list(FORECASTS.items()),
    )


def _by_name(found: dict[int, str]) -> list[tuple[int, str]]:
    return sorted(found.items(), key=lambda pair: (sort_key(pair[1]), pair[0]))


def _words(card: Card) -> str:
    words = (card.title, card.value, *(tied.title for tied in card.problems))
    return folded(" ".join(words))
