import subprocess
import sys

import pytest

from arena.errors import InvalidInput, NotFound
from judges.metrics.base import Item
from judges.metrics.registry import describe, find, make, metric_names

PLAIN = [info for info in describe() if not info.needs_model]


@pytest.mark.parametrize("info", PLAIN, ids=lambda info: info.name)
def test_a_metric_makes_the_scorers_it_lists(info):
    made = make(info.name)
    assert tuple(scorer.name for scorer in made) == info.scorers
    for scorer in made:
        assert scorer.needs_reference == info.needs_reference
        assert scorer.info.scorer == scorer.name
        assert scorer.info.higher_is_better == info.higher_is_better
        assert make(scorer.name)[0].info == scorer.info


@pytest.mark.parametrize("info", PLAIN, ids=lambda info: info.name)
def test_every_scorer_gives_a_number_or_a_reason(info):
    items = [Item("a cat sat", ("a cat sat down", "")), Item(" ", ("a",)), Item("a", ()), Item("a", (" ",))]
    for scorer in make(info.name):
        results = scorer.score(items)
        assert results[0].value is not None
        assert [result.reason for result in results[1:]] == [
            "The text is blank.",
            *["There is no reference to compare with."] * 2,
        ]
        assert scorer.score([]) == []


@pytest.mark.parametrize("info", PLAIN, ids=lambda info: info.name)
def test_the_same_text_as_the_reference_has_the_best_number(info):
    text = "The cat sat on the mat, and it was warm."
    for scorer in make(info.name):
        same, other = scorer.score([Item(text, (text,)), Item("Quite another story indeed", (text,))])
        assert same.value == pytest.approx(100 if info.name in ("bleu", "chrf") else 1)
        assert other.value < same.value


def test_names_are_told_apart():
    names = [*metric_names(), *(scorer for info in describe() for scorer in info.scorers)]
    assert len(set(names)) == len({*metric_names()} | {s for info in describe() for s in info.scorers})
    assert find("rougeL").name == find("rouge").name == "rouge"


def test_what_is_not_offered_is_refused_with_what_is():
    with pytest.raises(NotFound, match="There is no metric 'meteor'; there are rouge, bleu"):
        make("meteor")
    with pytest.raises(
        InvalidInput, match="The metric rouge has no option 'stem'; it has: stemmer, tokenizer"
    ):
        make("rouge", stem=True)


def test_listing_metrics_loads_no_library():
    code = (
        "import sys; from judges.metrics.registry import describe; describe();"
        "print([m for m in ('torch', 'evaluate', 'sacrebleu', 'pyarrow', 'rapidfuzz', 'nltk') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
