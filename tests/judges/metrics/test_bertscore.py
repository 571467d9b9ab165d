import itertools
import json
import random
import shutil
from pathlib import Path

import bert_score
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import InvalidInput, ModelFailed
from judges.metrics.base import BLANK_TEXT, NO_REFERENCE, Item
from judges.metrics.bertscore import NO_WEIGHT, UNKNOWN_REFERENCE, UNKNOWN_TEXT, BertScore
from judges.metrics.registry import make
from tests.support.encoders import WORDS, make_encoder
from tests.support.threads import at_once

DATA = Path(__file__).parents[4] / "shared" / "data" / "metrics"
words = st.lists(
    st.sampled_from([word for word in WORDS if not word.startswith("#")]), min_size=1, max_size=12
)
texts = words.map(" ".join)


def example() -> tuple[list[str], list[str], list[str]]:
    """The example of bert_score: texts, and two references for each."""
    folder = DATA / "bert_score_example"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return tuple((folder / f"{name}.txt").read_text().splitlines() for name in ("hyps", "refs", "refs2"))


@pytest.fixture(scope="module")
def tiny(tiny_encoder):
    """Ours and bert_score's scorer of the tiny encoder's second layer."""
    theirs = bert_score.BERTScorer(model_type=str(tiny_encoder), num_layers=2, device="cpu")
    return BertScore(str(tiny_encoder), layer=2, device="cpu"), theirs


def three(result) -> tuple[float, float, float]:
    return result.detail["precision"], result.detail["recall"], result.value


def alone(theirs, text: str, reference: str) -> list[float]:
    return [float(column[0]) for column in theirs.score([text], [reference])]


def test_it_equals_bert_score_on_its_own_example(minilm):
    hypotheses, first, second = example()
    ours = BertScore(str(minilm), layer=5, device="cpu")
    theirs = bert_score.BERTScorer(model_type=str(minilm), num_layers=5, device="cpu")
    columns = theirs.score(hypotheses, first)
    found = ours.score([Item(text, (reference,)) for text, reference in zip(hypotheses, first, strict=True)])
    for place, result in enumerate(found):
        assert three(result) == pytest.approx([float(column[place]) for column in columns], abs=2e-6)
    columns = theirs.score(hypotheses, [list(pair) for pair in zip(first, second, strict=True)])
    found = ours.score(
        [Item(text, tuple(refs)) for text, *refs in zip(hypotheses, first, second, strict=True)]
    )
    for place, result in enumerate(found):
        assert three(result) == pytest.approx([float(column[place]) for column in columns], abs=2e-6)


@given(text=texts, reference=texts)
@settings(max_examples=60)
def test_it_equals_bert_score_on_every_pair_by_itself(tiny, text, reference):
    ours, theirs = tiny
    [result] = ours.score([Item(text, (reference,))])
    assert three(result) == pytest.approx(alone(theirs, text, reference), abs=2e-5)


def test_padding_does_not_clamp_a_negative_best_match_as_it_does_in_bert_score(tmp_path):
    folder = make_encoder(tmp_path / "plain", plain=True)
    theirs = bert_score.BERTScorer(model_type=str(folder), num_layers=0, device="cpu")
    ours = BertScore(str(folder), layer=0, device="cpu")
    longer = (" ".join(WORDS[:20]), " ".join(reversed(WORDS[:20])))
    clamped = 0
    for text, reference in itertools.pairwise(WORDS[:20]):
        by_itself = alone(theirs, text, reference)
        beside = [float(column[0]) for column in theirs.score([text, longer[0]], [reference, longer[1]])]
        clamped += max(abs(a - b) for a, b in zip(by_itself, beside, strict=True)) > 1e-3
        [own, _] = ours.score([Item(text, (reference,)), Item(longer[0], (longer[1],))])
        assert three(own) == pytest.approx(by_itself, abs=1e-5)
    assert clamped > 0, "no best match was negative, so nothing was tested"


@given(pairs=st.lists(st.tuples(texts, texts), min_size=2, max_size=12), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_a_score_depends_neither_on_the_other_texts_nor_on_their_order(tiny, pairs, seed):
    ours, _ = tiny
    items = [Item(text, (reference,)) for text, reference in pairs]
    together = ours.score(items)
    order = random.Random(seed).sample(range(len(items)), len(items))
    shuffled = ours.score([items[place] for place in order])
    for place, result in zip(order, shuffled, strict=True):
        assert three(result) == pytest.approx(three(together[place]), abs=1e-5)
    assert three(ours.score(items[:1])[0]) == pytest.approx(three(together[0]), abs=1e-5)


def test_many_pairs_in_several_portions_equal_one(tiny, monkeypatch):
    ours, _ = tiny
    rng = random.Random(5)
    items = [
        Item(" ".join(rng.choices(WORDS[:16], k=rng.randint(1, 9))), ("the cat sat",)) for _ in range(40)
    ]
    whole = [result.value for result in ours.score(items)]
    monkeypatch.setattr("judges.metrics.bertscore._PORTION", 25)
    assert [result.value for result in ours.score(items)] == pytest.approx(whole, abs=1e-5)


def test_token_weights_by_rarity_equal_bert_score(tiny_encoder):
    corpus = ["the cat sat on the mat .", "the dog ran .", "a bird , a fish .", "the old tree ."]
    theirs = bert_score.BERTScorer(
        model_type=str(tiny_encoder), num_layers=2, device="cpu", idf=True, idf_sents=corpus, nthreads=0
    )
    ours = BertScore(str(tiny_encoder), layer=2, idf=corpus, device="cpu")
    for text, reference in [("the cat ran .", "the dog sat ."), ("blue sky", "a red sky , a bird")]:
        [result] = ours.score([Item(text, (reference,))])
        assert three(result) == pytest.approx(alone(theirs, text, reference), abs=2e-5)
    everywhere = BertScore(str(tiny_encoder), layer=2, idf=["the cat", "cat the"], device="cpu")
    assert everywhere.score([Item("the", ("cat",))])[0].reason == NO_WEIGHT


def test_token_weights_may_come_from_a_file(tiny_encoder, tmp_path):
    (tmp_path / "texts.txt").write_text("the cat\nthe dog\n\n")
    listed = BertScore(str(tiny_encoder), layer=1, idf=["the cat", "the dog"])
    read = BertScore(str(tiny_encoder), layer=1, idf=str(tmp_path / "texts.txt"))
    assert read.info == listed.info != BertScore(str(tiny_encoder), layer=1).info
    with pytest.raises(InvalidInput, match="cannot be read"):
        BertScore(str(tiny_encoder), layer=1, idf=str(tmp_path / "none.txt"))
    with pytest.raises(InvalidInput, match="no texts"):
        BertScore(str(tiny_encoder), layer=1, idf=["  "])


def test_rescaling_takes_the_published_baseline_of_the_model_and_layer(tiny_encoder):
    item = Item("the cat sat", ("a dog ran",))
    raw = three(BertScore(str(tiny_encoder), layer=2, device="cpu").score([item])[0])
    scaled = BertScore(str(tiny_encoder), layer=2, called="roberta-base", rescale="en", device="cpu")
    published = Path(bert_score.__file__).parent / "rescale_baseline" / "en" / "roberta-base.tsv"
    line = published.read_text().splitlines()[3]
    assert line.startswith("2")
    baseline = [float(column) for column in line.split(",")[1:]]
    expected = [(value - base) / (1 - base) for value, base in zip(raw, baseline, strict=True)]
    assert three(scaled.score([item])[0]) == pytest.approx(expected, abs=1e-6)
    theirs = bert_score.BERTScorer(
        model_type=str(tiny_encoder),
        num_layers=2,
        device="cpu",
        lang="en",
        rescale_with_baseline=True,
        baseline_path=str(published),
    )
    assert three(scaled.score([item])[0]) == pytest.approx(
        alone(theirs, item.text, item.references[0]), abs=2e-4
    )


def test_the_shared_baselines_are_those_of_the_package(tiny_encoder):
    folder = DATA / "bert_score_rescale_baseline" / "en"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    for name, layer in (("roberta-large", 2), ("bert-base-uncased", 3), ("distilbert-base-uncased", 1)):
        own = BertScore(str(tiny_encoder), layer=layer, called=name, rescale=str(folder / f"{name}.tsv"))
        shipped = BertScore(str(tiny_encoder), layer=layer, called=name, rescale="en")
        assert own.info.depends["baseline"] == shipped.info.depends["baseline"]


def test_a_baseline_that_is_not_there_is_named(tiny_encoder, tmp_path):
    with pytest.raises(InvalidInput, match=r"no baseline of the model tiny-encoder for the language 'en'"):
        BertScore(str(tiny_encoder), layer=2, rescale="en")
    (tmp_path / "own.tsv").write_text("LAYER,P,R,F\n0,0.1,0.1,0.1\n")
    with pytest.raises(InvalidInput, match="no line for layer 2"):
        BertScore(str(tiny_encoder), layer=2, rescale=str(tmp_path / "own.tsv"))


def test_what_cannot_be_scored_has_a_reason(tiny):
    ours, _ = tiny
    items = [
        Item(" \n", ("cat",)),
        Item("cat", ()),
        Item("猫", ("cat",)),
        Item("cat", ("猫",)),
        Item("\u200b", ("cat",)),
    ]
    reasons = [result.reason for result in ours.score(items)]
    assert reasons == [BLANK_TEXT, NO_REFERENCE, UNKNOWN_TEXT, UNKNOWN_REFERENCE, UNKNOWN_TEXT]
    [result] = ours.score([Item("cat", ("猫", " ", "cat"))])
    assert result.value == pytest.approx(1.0, abs=1e-5)
    [result] = ours.score([Item("cat 猫", ("cat",))])
    assert result.value is not None and result.detail["unknown_tokens"] == 1


def test_a_text_longer_than_the_model_takes_is_cut_and_says_so(tiny_encoder, tmp_path):
    copied = shutil.copytree(tiny_encoder, tmp_path / "unlimited")
    settings_file = copied / "tokenizer_config.json"
    limitless = json.loads(settings_file.read_text())
    del limitless["model_max_length"]
    settings_file.write_text(json.dumps(limitless))
    for folder in (tiny_encoder, copied):
        ours = BertScore(str(folder), layer=2, device="cpu")
        long, short, fits = ours.score([Item(text, ("dog",)) for text in ("cat " * 500, "cat", "cat " * 62)])
        assert long.detail["truncated"] == 64
        assert "truncated" not in short.detail and "truncated" not in fits.detail
        assert long.value == pytest.approx(fits.value, abs=1e-5)


def test_a_number_says_what_it_depends_on_and_never_where_the_model_was(tiny_encoder, tmp_path):
    copied = shutil.copytree(tiny_encoder, tmp_path / tiny_encoder.name)
    info = BertScore(str(tiny_encoder), layer=2).info
    assert BertScore(str(copied), layer=2).info == info
    assert info.depends["model"] == "tiny-encoder" and info.depends["layer"] == 2
    assert info.depends["signature"].startswith("tiny-encoder_L2_no-idf_version=")
    assert str(tiny_encoder.parent) not in json.dumps(dict(info.depends))
    other = make_encoder(tmp_path / "other" / tiny_encoder.name, seed=4)
    different = {
        BertScore(str(tiny_encoder), layer=1).info.fingerprint,
        BertScore(str(other), layer=2).info.fingerprint,
        BertScore(str(tiny_encoder), layer=2, called="x").info.fingerprint,
    }
    assert len(different | {info.fingerprint}) == 4


def test_the_layer_is_the_tuned_one_of_a_known_model_else_at_three_quarters(tiny_encoder, minilm):
    assert BertScore(str(minilm)).layer == 5
    assert BertScore(str(tiny_encoder)).layer == 2
    assert BertScore(str(tiny_encoder), called="google/bert_uncased_L-2_H-128_A-2").layer == 1
    with pytest.raises(InvalidInput, match="has 3 layers, so layer 4"):
        BertScore(str(tiny_encoder), layer=4)


@pytest.mark.parametrize("layer", [0, 1, 3])
def test_every_layer_equals_bert_score(tiny_encoder, layer):
    theirs = bert_score.BERTScorer(model_type=str(tiny_encoder), num_layers=layer, device="cpu")
    [result] = BertScore(str(tiny_encoder), layer=layer, device="cpu").score(
        [Item("the cat sat", ("a dog ran",))]
    )
    assert three(result) == pytest.approx(alone(theirs, "the cat sat", "a dog ran"), abs=2e-5)


def test_a_model_that_is_not_there_or_damaged_is_one_sentence(tiny_encoder, tmp_path):
    with pytest.raises(ModelFailed, match="There is no model in"):
        BertScore(str(tmp_path / "none"))
    copied = shutil.copytree(tiny_encoder, tmp_path / "damaged")
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelFailed, match=r"weights of .* cannot be loaded"):
        BertScore(str(copied), layer=2).score([Item("cat", ("dog",))])


def test_eight_threads_get_the_numbers_of_one(tiny_encoder):
    ours = BertScore(str(tiny_encoder), layer=2, device="cpu")
    rng = random.Random(1)
    items = [
        Item(
            " ".join(rng.choices(WORDS[:18], k=rng.randint(1, 20))), (" ".join(rng.choices(WORDS[:18], k=9)),)
        )
        for _ in range(64)
    ]
    expected = [result.value for result in BertScore(str(tiny_encoder), layer=2, device="cpu").score(items)]

    def score(number: int) -> list:
        part = items[number * 8 : number * 8 + 8]
        return [ours.score(part + items[:4])[:8] for _ in range(5)]

    found = at_once(score)
    for number in range(8):
        for results in found[number]:
            assert [r.value for r in results] == pytest.approx(
                expected[number * 8 : number * 8 + 8], abs=1e-5
            )


def test_it_is_made_by_name_and_works_in_the_evaluate_library(tiny_encoder):
    import evaluate

    from judges.metrics.library import F1
    from judges.metrics.library import BertScore as Metric

    [scorer] = make("bertscore", model=str(tiny_encoder), layer=2)
    items = [Item("the cat sat", ("a dog ran",)), Item("blue sky", ("red sky",))]
    values = [result.value for result in scorer.score(items)]
    metric = Metric(model=str(tiny_encoder), layer=2)
    found = metric.compute(
        predictions=[i.text for i in items], references=[list(i.references) for i in items]
    )
    assert found["bertscore"] == pytest.approx(sum(values) / 2) and found["bertscore_count"] == 2
    assert found["bertscore_precision"] == pytest.approx(
        sum(result.detail["precision"] for result in scorer.score(items)) / 2
    )
    both = evaluate.combine([metric, F1()]).compute(predictions=["blue sky"], references=["red sky"])
    assert both["bertscore"] == pytest.approx(values[1], abs=1e-5) and both["f1"] == 0.5
    with pytest.raises(InvalidInput, match="has no option 'layers'"):
        make("bertscore", model=str(tiny_encoder), layers=2)
