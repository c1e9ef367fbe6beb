"""Problems and requests that look like what somebody is typing, best first, each with why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from roadmap.domain.alike import Pair, alike_pairs
from roadmap.domain.bm25 import Hit
from roadmap.domain.folding import folded, groups_of
from roadmap.workspace.settings import workspace

from . import queries
from .corpus import PROBLEM, REQUEST, Corpus, Entry, current, keeper
from .sought import Key, sought

#: How many documents are looked at: many requests may stand for one problem.
CANDIDATES = 200
MOST = 50
#: A weaker likeness than this is chance, and so is one word in common with a text of many. Twins of
#: real reports mostly score from 0.05 to 0.35: people say the same thing in other words.
LEAST_SCORE = 0.03
FEW_WORDS = 3
#: How much the same account, product or segment lifts a likeness: it decides between those that say
#: nearly as much, and never lets a weak one pass a clearly stronger one.
SAME_ACCOUNT, SAME_PRODUCT, SAME_SEGMENT = 0.1, 0.05, 0.05
MOST_LIFT = 1 + SAME_ACCOUNT + SAME_PRODUCT + SAME_SEGMENT
SHOWN_WORDS = 4
#: What blocks the named account's deals, or it asked for before, comes first.
KNOWN = "same account"
#: Problems at least this alike are called near-identical.
NEAR_IDENTICAL = 0.7
#: A statement of fewer words says too little to be compared by itself.
LEAST_STATED = 4


class Text(NamedTuple):
    """What was typed so far. Any of it may be empty, and any of it may be anything."""

    title: str = ""
    body: str = ""
    purpose: str = ""
    quote: str = ""


class Context(NamedTuple):
    """Whom the text is about, as far as it is known."""

    account_id: int | None = None
    deal_ids: Sequence[int] = ()
    products: Sequence[str] = ()
    segment_id: int | None = None


NOTHING_KNOWN = Context()


class Suggestion(NamedTuple):
    """A problem to join, or a request that belongs to none, to be merged with.

    `score` is from 0 to 1. `why` is in words. `state` is a request's, empty for a problem.
    `through` is the request whose words were nearer than the problem's own.
    """

    kind: str
    id: int
    title: str
    score: float
    why: tuple[str, ...] = ()
    state: str = ""
    through: int | None = None


def suggest(text: Text, context: Context = NOTHING_KNOWN, limit: int = 5) -> list[Suggestion]:
    """At most `limit` problems and requests that say what this text says.

    Nothing for a text that says nothing, and nothing rather than chance likenesses. Costs one query
    while nothing changed and nothing is known of the account, five at most. Call it before writing.
    """
    most = min(max(limit, 0), MOST)
    body = "\n".join((text.body, text.purpose, text.quote))
    kept, customer = keeper(), queries.customer(context.account_id)
    with kept.lock:
        found = _contenders(current(kept), text.title, body, most, customer)
    around = queries.surroundings(
        customer, context.deal_ids, context.products, context.segment_id,
        [each.entry.id for each in found if each.entry.kind == REQUEST],
    )  # fmt: skip
    suggestions = [_suggestion(each, around) for each in found]
    suggestions.sort(key=lambda each: (KNOWN not in each.why, -each.score, each.kind, each.id))
    return [each for each in suggestions if each.score >= LEAST_SCORE][:most]


def near_identical_problems(least: float = NEAR_IDENTICAL) -> list[Pair]:
    """Pairs of problems whose titles and statements together, or statements alone, say nearly the
    same; the most alike first. Merged problems are left out.
    """
    kept = keeper()
    with kept.lock:
        corpus = current(kept)
        entries = [
            entry
            for (kind, _), entry in corpus.entries.items()
            if kind == PROBLEM and entry.stands_for is None
        ]
        terms = {term for entry in entries for term in entry.words}
        weights = {term: corpus.index.rarity(term) for term in terms}
    whole = {entry.id: frozenset(entry.words) for entry in entries}
    stated = {
        entry.id: frozenset(entry.statement)
        for entry in entries
        if len(entry.statement) >= LEAST_STATED
    }
    best: dict[tuple[int, int], Pair] = {}
    for texts in (whole, stated):
        for pair in alike_pairs(texts, weights, least):
            best[pair[:2]] = max(pair, best.get(pair[:2], pair), key=lambda each: each.score)
    return sorted(best.values(), key=lambda pair: (-pair.score, pair.first, pair.second))


class _Found(NamedTuple):
    """What is suggested, how like it is, which typed words matter most to that, and through which
    request if any."""

    entry: Entry
    score: float
    words: tuple[str, ...]
    through: int | None


def _contenders(
    corpus: Corpus, title: str, body: str, most: int, customer: queries.Customer
) -> list[_Found]:
    """The `most` likest, and those that what is shared could lift among them."""
    groups = groups_of(workspace().glossary)
    wanted = sought(title, body, corpus.index, corpus.near, groups, folded(customer.name).split())
    best: dict[Key, tuple[Entry, Hit[Key]]] = {}
    # Hits come best first, so the first for a target is the one that counts.
    for hit in corpus.index.search(wanted.weights, CANDIDATES):
        entry = corpus.target(hit.id)
        if entry is not None and entry.stands_for is None:
            best.setdefault((entry.kind, entry.id), (entry, hit))
    ranked = list(best.values())
    least = LEAST_SCORE / MOST_LIFT
    if 0 < most < len(ranked):
        least = max(least, ranked[most - 1][1].score / MOST_LIFT)
    near = [each for each in ranked if each[1].score >= least or customer.knows(each[0])]
    parts = corpus.index.parts(wanted.weights, [hit.id for _, hit in near])
    least_words = 1 if len(wanted.own) <= FEW_WORDS else 2
    found = []
    for entry, hit in near:
        typed = tuple(dict.fromkeys(wanted.written[term] for term, _ in parts[hit.id]))
        if len(typed) >= least_words:
            through = None if hit.id == (entry.kind, entry.id) else hit.id[1]
            found.append(_Found(entry, hit.score, typed[:SHOWN_WORDS], through))
    return found


def _suggestion(found: _Found, around: queries.Surroundings) -> Suggestion:
    entry = found.entry
    why = [f"alike in {', '.join(found.words)}"]
    lift = 1.0
    shared = around.shared_with(entry)
    for is_shared, part, words in (
        (shared.account, SAME_ACCOUNT, KNOWN),
        (shared.product, SAME_PRODUCT, "same product"),
        (shared.segment, SAME_SEGMENT, "same segment"),
    ):
        if is_shared:
            lift += part
            why.append(words)
    score = round(min(found.score * lift, 1.0), 4)
    return Suggestion(
        entry.kind, entry.id, entry.title, score, tuple(why), entry.state, found.through
    )
