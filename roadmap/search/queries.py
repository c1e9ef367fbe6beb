"""What the search finds: a few of each kind, each list the same on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from flask import url_for
from flask_login import current_user
from sqlalchemy import or_, select

from roadmap.domain.folding import folded
from roadmap.extensions import db
from roadmap.market.kept import kept
from roadmap.market.problem_search import problems_with
from roadmap.models import Account, Deal, Initiative, Request, Tradeoff, User
from roadmap.people.guards import can
from roadmap.workspace.account_names import account_has, other_names
from roadmap.workspace.searching import has, has_through, sought
from roadmap.workspace.settings import workspace

#: How many of each kind are shown; lists show the rest.
SHOWN = 8
_NUMBER = re.compile(r"(?:trade-?off\s*)?#?\s*([0-9]{1,9})", re.IGNORECASE)


class Hit(NamedTuple):
    title: str
    url: str
    note: str = ""


class Group(NamedTuple):
    """`more` is the list that has the rest; empty where this is all, or no list has it."""

    name: str
    hits: list[Hit]
    more: str = ""


def found(words: str) -> list[Group]:
    """What has all of the words, by kind; kinds without any are left out."""
    kinds: tuple[tuple[str, Iterable[Hit], str], ...] = (
        ("Trade-offs", _tradeoffs(words), ""),
        ("Accounts", _accounts(words), "deals.accounts"),
        ("Problems", _problems(words), "market.problems"),
        ("Initiatives", _initiatives(words), "initiatives.index"),
        ("Deals", _deals(words), "deals.index"),
        ("Requests", _requests(words), "intake.index"),
        ("People", _people(words), ""),
    )
    groups = []
    for name, hits, endpoint in kinds:
        some = list(islice(hits, SHOWN + 1))
        more = url_for(endpoint, q=words) if endpoint and len(some) > SHOWN else ""
        groups += [Group(name, some[:SHOWN], more)] if some else []
    return groups


def _rows(statement: Any, *by: Any) -> Iterator[Any]:
    yield from db.session.execute(statement.order_by(*by).limit(SHOWN + 1))


def _accounts(words: str) -> Iterator[Hit]:
    chosen = select(Account.id).where(account_has(words))
    chosen = chosen.order_by(Account.search_text, Account.id).limit(SHOWN + 1)
    statement = select(Account.id, Account.name, Account.industry).where(Account.id.in_(chosen))
    rows = list(_rows(statement, Account.search_text, Account.id))
    others = other_names(words, [row.id for row in rows])
    for id, name, industry in rows:
        note = f"also {others[id]}" if id in others else industry or ""
        yield Hit(name, url_for("deals.account", id=id), note)


def _deals(words: str) -> Iterator[Hit]:
    named = has_through(words, Deal.search_text, Deal.account_id, Account.id, Account.search_text)
    # Along the index of folded names, which has all that is compared; then the few rows.
    chosen = select(Deal.id).where(named).order_by(Deal.search_text, Deal.id).limit(SHOWN + 1)
    statement = select(Deal.id, Deal.name, Account.name, Deal.status).outerjoin(
        Account, Account.id == Deal.account_id
    )
    statement = statement.where(Deal.id.in_(chosen))
    for id, name, account, status in _rows(statement, Deal.search_text, Deal.id):
        yield Hit(name, url_for("deals.show", id=id), f"{account}, {status}" if account else status)


def _problems(words: str) -> Iterator[Hit]:
    for each in problems_with(words):
        yield Hit(each.title, url_for("market.problem", id=each.id))


def _initiatives(words: str) -> Iterator[Hit]:
    wanted = sought(words)
    for id, title, state, text in kept(("folded titles", workspace().revision), _titles):
        if wanted.within(text):
            yield Hit(title, url_for("initiatives.show", id=id), state)


def _titles() -> list[tuple[int, str, str, str]]:
    columns = (Initiative.id, Initiative.title, Initiative.state)
    rows = db.session.execute(select(*columns).order_by(Initiative.sort_key, Initiative.id))
    return [(id, title, state, folded(title)) for id, title, state in rows]


def _requests(words: str) -> Iterator[Hit]:
    """By title, customer and what was said; the latter of one's own, or for those who triage."""
    own = Request.requester_id == current_user.id
    body = has(words, Request.search_text, Request.search_body, Account.search_text)
    seen = body if can("triage") else or_(
        has(words, Request.search_text, Account.search_text), own & body
    )  # fmt: skip
    statement = select(Request.id, Request.title, Account.name, Request.prospect).outerjoin(
        Account, Account.id == Request.account_id
    )
    for id, title, account, prospect in _rows(statement.where(seen), Request.id.desc()):
        yield Hit(title, url_for("intake.show", id=id), account or prospect or "")


def _people(words: str) -> Iterator[Hit]:
    wanted = sought(words)
    for user in db.session.scalars(select(User).where(User.active).order_by(User.sort_key)):
        if wanted.within(folded(user.name)):
            url = url_for("intake.index", requester=user.id)
            yield Hit(user.name, url, f"{user.role_name}: what they asked for")


def _tradeoffs(words: str) -> Iterator[Hit]:
    number = _NUMBER.fullmatch(words.strip())
    row = db.session.get(Tradeoff, int(number[1])) if number and int(number[1]) < 2**31 else None
    if row is not None:
        yield Hit(f"Trade-off {row.id}", url_for("tradeoffs.show", id=row.id), row.reason or "")
