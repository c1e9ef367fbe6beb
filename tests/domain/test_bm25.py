"""Documents are found by their words; what is kept is what would be built anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain.bm25 import CROWD, Field, Index

FIELDS = {"title": Field(weight=3, usual=4, b=0.5), "body": Field(weight=1, usual=10, b=0.5)}

TERMS = st.sampled_from(["export", "invoice", "login", "map", "offline", "report"])
DOCUMENT = st.fixed_dictionaries(
    {"title": st.lists(TERMS, max_size=3), "body": st.lists(TERMS, max_size=6)}
)
#: What happens to which document: a new text, or None where it is removed.
CHANGES = st.lists(st.tuples(st.integers(1, 5), st.none() | DOCUMENT), max_size=20)
SOUGHT = st.dictionaries(TERMS, st.floats(0.1, 5), max_size=4)


def index_of(documents: dict[int, dict[str, list[str]]]) -> Index[int]:
    index: Index[int] = Index(FIELDS, k1=1.5)
    for id, fields in documents.items():
        index.put(id, fields)
    return index


def ids(index: Index[int], *terms: str, most: int = 10) -> list[int]:
    return [hit.id for hit in index.search(dict.fromkeys(terms, 1.0), most)]


@given(CHANGES, SOUGHT)
def test_what_was_changed_step_by_step_is_what_would_be_built_anew(
    changes: list[tuple[int, dict[str, list[str]] | None]], sought: dict[str, float]
) -> None:
    index = index_of({})
    documents: dict[int, dict[str, list[str]]] = {}
    for id, fields in changes:
        documents.pop(id, None)
        if fields is None:
            index.remove(id)
        else:
            index.put(id, fields)
            documents[id] = fields
    fresh = index_of(dict(sorted(documents.items())))
    assert len(index) == len(documents)
    assert sorted(index) == sorted(fresh)
    assert index.search(sought, 10) == fresh.search(sought, 10)
    assert index.parts(sought, documents) == fresh.parts(sought, documents)


@given(st.dictionaries(st.integers(1, 5), DOCUMENT))
def test_when_all_are_removed_nothing_is_left(documents: dict[int, dict[str, list[str]]]) -> None:
    index = index_of(documents)
    for id in documents:
        index.remove(id)
        index.remove(id)
    assert len(index) == 0
    assert list(index) == []
    assert index.search({"export": 1.0}, 10) == []


@given(st.dictionaries(st.integers(1, 5), DOCUMENT), SOUGHT)
def test_a_score_is_the_sum_of_its_parts_and_at_most_1(
    documents: dict[int, dict[str, list[str]]], sought: dict[str, float]
) -> None:
    index = index_of(documents)
    for hit in index.search(sought, 10):
        parts = index.parts(sought, [hit.id])[hit.id]
        assert sum(part for _, part in parts) == pytest.approx(hit.score)
        assert 0 < hit.score <= 1
        assert {term for term, _ in parts} <= sought.keys()


def test_a_title_counts_more_than_a_body() -> None:
    index = index_of(
        {
            1: {"title": ["report"], "body": ["export", "invoice"]},
            2: {"title": ["export"], "body": ["report", "invoice"]},
        }
    )
    assert ids(index, "export") == [2, 1]
    assert ids(index, "report") == [1, 2]


def test_a_rare_term_counts_more_than_a_common_one() -> None:
    documents = {n: {"body": ["report"]} for n in range(1, 6)}
    index = index_of({**documents, 6: {"body": ["offline"]}})
    assert ids(index, "report", "offline")[0] == 6
    assert index.rarity("unheard") == index.rarity("offline") > index.rarity("report") > 0
    assert index_of({}).rarity("unheard") > 0


def test_a_long_text_dilutes_what_it_says() -> None:
    index = index_of(
        {1: {"body": ["map", *["login"] * 30]}, 2: {"body": ["map", "login"]}, 3: {"body": []}}
    )
    assert ids(index, "map") == [2, 1]


def test_saying_it_again_adds_ever_less() -> None:
    index = index_of({n: {"title": ["map"] * n + ["login"] * (4 - n)} for n in (1, 2, 3)})
    scores = {hit.id: hit.score for hit in index.search({"map": 1.0}, 3)}
    assert scores[2] - scores[1] > scores[3] - scores[2] > 0


def test_the_formula_by_hand() -> None:
    index = index_of({1: {"title": ["map", "login"], "body": ["map"] * 10}, 2: {"body": ["login"]}})
    # Title: 3 * 1 / (0.5 + 0.5 * 2 / 4) = 4. Body: 1 * 10 / (0.5 + 0.5 * 10 / 10) = 10.
    assert index.search({"map": 1.0}, 1)[0].score == pytest.approx(14 / (1.5 + 14))


def test_equal_documents_come_in_the_order_of_their_ids() -> None:
    index = index_of({n: {"body": ["map"]} for n in (5, 3, 9, 1)})
    assert ids(index, "map", most=3) == [1, 3, 5]
    index.put(1, {"body": ["map"]})
    assert ids(index, "map") == [1, 3, 5, 9]


def test_nothing_is_found_for_nothing() -> None:
    index = index_of({1: {"body": ["map"]}})
    assert index.search({}, 5) == []
    assert index.search({"unheard": 1.0}, 5) == []
    assert index.search({"map": 1.0}, 0) == []


def test_what_a_crowd_says_only_ranks_and_the_best_stay_the_best() -> None:
    """A common term alone still finds; beside rarer ones it decides between those."""
    documents = {n: {"body": ["report"]} for n in range(1, 3 * CROWD)}
    for n in range(1, 2 * CROWD):
        documents[n]["body"] = ["report", "login"]
    documents[7] = {"title": ["login"], "body": ["report", "offline"]}
    documents[8] = {"title": ["login"], "body": ["offline", "map"]}
    index = index_of(documents)
    assert ids(index, "offline", "login", "report", most=2) == [7, 8]
    assert len(ids(index, "report", most=5)) == 5
    scores = {hit.id: hit.score for hit in index.search({"offline": 1, "login": 1, "report": 1}, 2)}
    parts = index.parts({"offline": 1, "login": 1, "report": 1}, [7])[7]
    assert scores[7] == pytest.approx(sum(part for _, part in parts))


def test_below_a_crowd_nothing_is_overlooked() -> None:
    """What has two lesser terms comes before all that have the most telling one."""
    documents = {n: {"body": ["map", "invoice"]} for n in range(1, CROWD - 50)}
    documents[999] = {"body": ["login", "report"]}
    documents |= {n: {"body": ["login"]} for n in range(1000, 1300)}
    documents |= {n: {"body": ["report"]} for n in range(1300, 1600)}
    found = index_of(documents).search({"map": 5.0, "login": 3.0, "report": 3.0}, 1)
    assert [hit.id for hit in found] == [999]


def test_an_unknown_field_is_refused_and_leaves_the_document_as_it_was() -> None:
    index = index_of({1: {"body": ["map"]}})
    with pytest.raises(KeyError):
        index.put(1, {"note": ["login"]})
    assert ids(index, "map") == [1]
