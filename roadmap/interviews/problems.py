"""Which problem a reason names: chosen by title, however many there are, the likely ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select
from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from roadmap import similar
from roadmap.domain.folding import folded
from roadmap.domain.triage import DECLINED
from roadmap.domain.winloss import CLAIMED
from roadmap.extensions import db
from roadmap.models import Blocker, Deal, Problem, Request
from roadmap.web.fields import stripped, whole_number
from roadmap.workspace.searching import sought

#: All problems are listed while they are no more than this; else they are searched for.
MOST_LISTED = 200
#: How many a search gives, and how many near ones stand below a title that is none.
FOUND, NEAR = 20, 5
#: No title is longer.
LONGEST = 200
#: So many requests of an account say enough of what it asks for.
MOST_REQUESTS = 50


class Offered(NamedTuple):
    """A problem to choose; `why` says where it is named already, and is empty for all others."""

    id: int
    title: str
    why: str = ""


@dataclass(frozen=True)
class Problems:
    """Every problem that can be named, by title, and those that are named already, in order."""

    titles: Mapping[int, str] = field(default_factory=dict)
    named: Sequence[Offered] = ()

    @property
    def few(self) -> bool:
        return len(self.titles) <= MOST_LISTED

    @property
    def offered(self) -> list[Offered]:
        """What is offered before anybody types."""
        return [*self.named, *self._others()] if self.few else list(self.named)

    def found(self, words: str) -> list[Offered]:
        """Those whose titles hold all of the words, the named ones first."""
        wanted, start = sought(words), folded(words)
        every = [*self.named, *self._others()] if wanted else self.offered
        fit = [one for one in every if wanted.within(folded(one.title))]
        fit.sort(key=lambda one: (not one.why, not folded(one.title).startswith(start)))
        return fit[:FOUND]

    def called(self, text: str) -> int | None:
        """The problem with this title, in whatever case; None where there is none, or several."""
        plain = " ".join(text.split())
        same = [id for id, title in self.titles.items() if title == plain]
        plain = folded(plain)
        same = same or [id for id, title in self.titles.items() if folded(title) == plain]
        return same[0] if len(same) == 1 else None

    def near(self, text: str) -> list[Offered]:
        """What a title that is none may mean: those with its words, then those that say so."""
        found = {one.id: one for one in self.found(text)[:NEAR]} if text.split() else {}
        for one in similar.suggest(similar.Text(title=text[:LONGEST]), limit=2 * NEAR):
            if one.kind == similar.PROBLEM and one.id in self.titles:
                found.setdefault(one.id, Offered(one.id, self.titles[one.id]))
        return list(found.values())[:NEAR]

    def _others(self) -> list[Offered]:
        known = {one.id for one in self.named}
        return [Offered(id, title) for id, title in self.titles.items() if id not in known]


def problems_for(deal: Deal | None) -> Problems:
    """For a reason of this deal. Three queries at most."""
    rows: Any = db.session.execute(
        select(Problem.id, Problem.title)
        .where(Problem.merged_into_id.is_(None))
        .order_by(Problem.sort_key, Problem.id)
    ).all()
    titles = dict(rows)
    if deal is None:
        return Problems(titles)
    named: dict[int, str] = {}
    for id, why in (*_tied(deal.id), *_asked_for(deal.account_id)):
        if id in titles:
            named.setdefault(id, why)
    return Problems(titles, [Offered(id, titles[id], why) for id, why in named.items()])


def _tied(deal_id: int) -> list[tuple[int, str]]:
    """What was claimed comes first: that is what an interview checks."""
    rows = db.session.execute(
        select(Blocker.problem_id, Blocker.source)
        .where(Blocker.deal_id == deal_id)
        .order_by(Blocker.source.in_(CLAIMED).desc(), Blocker.id)
    )
    claimed, heard = "claimed for this deal", "heard about this deal"
    return [(id, claimed if source in CLAIMED else heard) for id, source in rows]


def _asked_for(account_id: int | None) -> list[tuple[int, str]]:
    if account_id is None:
        return []
    ids = db.session.scalars(
        select(Request.problem_id)
        .where(
            Request.account_id == account_id,
            Request.problem_id.is_not(None),
            Request.state != DECLINED,
        )
        .order_by(Request.id.desc())
        .limit(MOST_REQUESTS)
    )
    return [(id, "in a request of this account") for id in ids if id is not None]


class ProblemField(Field):
    """A problem by its title; `data` is its id or None. `choose_from` has to be called before it is
    validated or shown. `near` are offered where the title is none: the form then sends the choice
    among them as NAME-near.
    """

    widget = TextInput()
    data: int | None

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.text = ""
        self.picked: int | None = None
        self.problems = Problems()
        self.near: list[Offered] = []

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        if formdata:
            self.picked = whole_number(formdata.get(f"{self.name}-near"))

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.text, self.data = stripped(valuelist[0]) if valuelist else "", None

    def choose_from(self, problems: Problems) -> None:
        self.problems = problems
        if not self.text:
            return
        self.data = problems.called(self.text)
        if self.data is None:
            self.near = problems.near(self.text)
            self.data = self.picked if self.picked in {one.id for one in self.near} else None

    def pre_validate(self, form: BaseForm) -> None:
        if self.text and self.data is None:
            then = "Choose one of the near ones below, or" if self.near else "Search again, or"
            raise ValidationError(f"No problem has this title. {then} leave it empty.")

    def _value(self) -> str:
        known = None if self.data is None else self.problems.titles.get(self.data)
        return known or self.text
