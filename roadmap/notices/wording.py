"""News in sentences: what a notice says, on the page and in a letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from roadmap.domain.calendar import quarter, quarter_label
from roadmap.domain.deals import BEFORE_ALL
from roadmap.domain.news import EARLIER, IN_TIME, LATER, MISSED, News
from roadmap.domain.plan import COMMITTED, DECLINED, SHIPPED
from roadmap.web.filters import day, plural

#: More deals than this would make nobody read the sentence.
MOST_DEALS = 5


@dataclass(frozen=True, slots=True)
class DealName:
    """What a deal is called, and the date that it is needed by, if it has one."""

    name: str
    needed_by: date | None = None


@dataclass(frozen=True, slots=True)
class Titles:
    """What the request, and the deals and initiatives in its news, are called; those by id."""

    request: str
    deals: Mapping[str, DealName] = field(default_factory=dict)
    initiatives: Mapping[str, str] = field(default_factory=dict)
    #: The month with which fiscal years begin.
    fiscal_start: int = 1

    def when(self, finish: date | None) -> str:
        """A date with its quarter: "5 Mar 2027 (Q1)"."""
        if finish is None:
            return "never"
        named = quarter_label(quarter(finish, self.fiscal_start), self.fiscal_start)
        return f"{day(finish)} ({named.removesuffix(f' {finish.year}')})"


def words(news: News, titles: Titles) -> str:
    """One piece of news as one sentence. What has no title is called a deal or an initiative."""
    request = _quoted(titles.request)
    if news.kind in (MISSED, IN_TIME):
        forecast = _moved(news, request, titles) if news.moved else _stands(news, request, titles)
        reach = "out of reach" if news.kind == MISSED else "within reach again"
        verb = "are" if len(news.deals) > 1 else "is"
        return f"{forecast}: {_deals(news.deals, titles)} {verb} {reach}."
    if news.kind in (LATER, EARLIER):
        return f"{_moved(news, request, titles)}."
    title = titles.initiatives.get(news.initiative or "")
    initiative = _quoted(title) if title else "An initiative"
    became = {
        COMMITTED: f"is committed; it addresses {request}",
        SHIPPED: f"has shipped; it addresses {request}",
        DECLINED: f"is declined; {request} no longer counts on it",
    }[news.kind]
    return f"{initiative} {became}."


def _moved(news: News, request: str, titles: Titles) -> str:
    was, now = titles.when(news.was), titles.when(news.now)
    if news.now is None:
        if news.was == BEFORE_ALL:
            return f"{request} was solved, and has no date any more"
        return f"{request} has no date any more, after {was}"
    if news.now == BEFORE_ALL:
        return f"{request} is solved" + (f", earlier than {was}" if news.was else "")
    if news.was is None:
        return f"{request} has a date now, {now}"
    if news.was == BEFORE_ALL:
        return f"{request} was solved, and is expected on {now} now"
    return f"The forecast for {request} moved from {was} to {now}"


def _stands(news: News, request: str, titles: Titles) -> str:
    if news.now is None:
        return f"{request} has no date"
    if news.now == BEFORE_ALL:
        return f"{request} is solved"
    return f"The forecast for {request} is {titles.when(news.now)}"


def _deals(ids: Sequence[str], titles: Titles) -> str:
    """The deals by name, and how many more there are."""
    named = [titles.deals.get(id) for id in ids[:MOST_DEALS]]
    parts = [_deal(deal) if deal else "a deal" for deal in named]
    if len(ids) > MOST_DEALS:
        parts.append(plural(len(ids) - MOST_DEALS, "more deal"))
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _deal(deal: DealName) -> str:
    by = f" (needed by {day(deal.needed_by)})" if deal.needed_by else ""
    return f"{_quoted(deal.name)}{by}"


def _quoted(title: str) -> str:
    return f"“{title}”"
