"""Texts that say nearly the same are found as if each had been compared with each."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain.alike import Pair, alike_pairs

WEIGHTS = {"sign": 1.0, "in": 0.1, "manual": 2.0, "work": 0.5, "export": 3.0, "slow": 1.5}
TEXTS = st.dictionaries(st.integers(1, 12), st.sets(st.sampled_from(sorted(WEIGHTS))), max_size=10)


def compared(texts: dict[int, set[str]], least: float) -> dict[tuple[int, int], float]:
    """Each with each."""
    found = {}
    for first, second in combinations(sorted(texts), 2):
        either = sum(WEIGHTS[term] for term in texts[first] | texts[second])
        both = sum(WEIGHTS[term] for term in texts[first] & texts[second])
        if either and both / either >= least + 1e-9:
            found[first, second] = round(both / either, 9)
    return found


@given(TEXTS, st.sampled_from([0.3, 0.5, 0.7, 0.9]))
def test_the_pairs_are_those_of_comparing_each_with_each(
    texts: dict[int, set[str]], least: float
) -> None:
    pairs = alike_pairs(texts, WEIGHTS, least)
    found = {pair[:2]: round(pair.score, 9) for pair in pairs if pair.score >= least + 1e-9}
    assert found == compared(texts, least)
    assert [pair.score for pair in pairs] == sorted((p.score for p in pairs), reverse=True)


def test_the_most_alike_come_first_and_equal_ones_by_id() -> None:
    texts = {
        4: ["sign", "manual"], 2: ["sign", "manual"], 9: ["sign", "manual", "in"], 1: ["export"],
    }  # fmt: skip
    pairs = alike_pairs(texts, WEIGHTS, 0.9)
    assert [pair[:2] for pair in pairs] == [(2, 4), (2, 9), (4, 9)]
    assert pairs[0] == Pair(2, 4, 1.0)


def test_texts_without_words_are_like_nothing() -> None:
    assert alike_pairs({1: [], 2: []}, WEIGHTS, 0.5) == []
