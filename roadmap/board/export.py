"""The board as a table, with the same filters and in full precision."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from roadmap.domain.money import half_up
from roadmap.planning.picture import Picture
from roadmap.planning.totals import fraction
from roadmap.web.csv import cents

from .filters import Filter

HEADER = [
    "rank", "score_rank", "id", "title", "value", "kind", "state", "owner", "segments", "problems",
    "products", "lost_deals", "lost_amount", "lost_unknown_amounts", "lost_deals_ever",
    "lost_amount_ever", "open_deals", "open_amount", "open_unknown_amounts", "open_at_stake",
    "recoverable", "score_per_person_week", "icp_fit", "verified_deals", "deals", "person_days",
    "forecast", "start", "finish", "finish_at_quarter_start", "promised", "effort_updated_on",
]  # fmt: skip


def rows(picture: Picture, wanted: Filter) -> Iterator[list[object]]:
    for rank, card in wanted.rows(picture):
        initiative = picture.plan.initiatives[card.id]
        score = picture.scores[card.id]
        at_stake = fraction(card.open_value) / 10_000
        recoverable = fraction(card.lost_value) * picture.recovery_rate / 100_000_000
        yield [
            rank,
            score.place if score.score is not None else None,
            card.id,
            card.title,
            card.value,
            card.kind,
            card.state,
            card.owner,
            "; ".join(dict.fromkeys(n for tied in card.problems for _, n in tied.segments)),
            "; ".join(f"{tied.title} ({tied.kind})" for tied in card.problems),
            "; ".join(name for _, name in card.products),
            card.lost_count,
            cents(card.lost_amount),
            card.lost_unknown,
            card.lost_all_count,
            cents(card.lost_all_amount),
            card.open_count,
            cents(card.open_amount),
            card.open_unknown,
            _rounded(at_stake),
            _rounded(recoverable),
            None if score.score is None else _rounded(score.score),
            card.fit,
            card.verified_count,
            card.deal_count,
            initiative.person_days,
            picture.schedule[card.id].state,
            picture.schedule.start(card.id),
            picture.schedule.finish(card.id),
            card.baseline,
            "; ".join(f"{promise.date} to {promise.to}" for promise in initiative.promised),
            card.effort_updated_on,
        ]


def _rounded(value: Fraction) -> str:
    return cents(half_up(value))
