"""What reps type about the demo company finds its problem; what is about none of them, nothing."""

from collections.abc import Iterable

from flask import Flask

from roadmap.extensions import reading
from roadmap.similar import PROBLEM, Text, suggest
from tests.similar.headlines import KEPT_OUT, TUNED, UNKNOWN


def missed(sentences: Iterable[tuple[str, str]]) -> list[str]:
    """Sentences whose problem is not among the first three."""
    found = []
    for sentence, title in sentences:
        problems = [e.title for e in suggest(Text(body=sentence), limit=8) if e.kind == PROBLEM]
        if not any(each.startswith(title) for each in problems[:3]):
            found.append(sentence)
    return found


def test_nine_of_ten_sentences_have_their_problem_among_the_first_three(demo_app: Flask) -> None:
    with demo_app.app_context(), reading():
        for name, half in (("tuned by", TUNED), ("kept out", KEPT_OUT)):
            without = missed(half)
            share = 1 - len(without) / len(half)
            print(f"{name}: {share:.0%}")  # noqa: T201 (pytest -s reports both halves)
            assert share >= 0.9, (name, without)


def test_a_sentence_about_nothing_known_suggests_nothing(demo_app: Flask) -> None:
    with demo_app.app_context(), reading():
        wrong = {each: found for each in UNKNOWN if (found := suggest(Text(body=each)))}
    assert not wrong
