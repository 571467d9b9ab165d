import json
import random
import shutil

import pytest

from arena.errors import InvalidInput, ModelFailed
from judges.metrics.base import BLANK_TEXT, NO_REFERENCE, Item
from judges.metrics.embedding import EmbeddingSimilarity, SentenceForm, sentence_form
from judges.metrics.registry import make
from tests.support.encoders import WORDS
from tests.support.threads import at_once

TEXTS = (
    "A lighthouse warns ships of rocks.",
    "Ships are warned of rocks by a tower with a lamp.",
    "The stock market fell on Monday.",
    "Ein Leuchtturm warnt Schiffe.",
    "word " * 400,
)


@pytest.mark.slow
def test_it_equals_sentence_transformers(minilm):
    library = pytest.importorskip("sentence_transformers")
    theirs = library.SentenceTransformer(str(minilm), device="cpu").encode(
        list(TEXTS), normalize_embeddings=True
    )
    ours = EmbeddingSimilarity(str(minilm), device="cpu")
    for own, other in zip(ours.vectors(TEXTS), theirs, strict=True):
        assert own.tolist() == pytest.approx(other.tolist(), abs=1e-6)
    found = ours.score([Item(text, (TEXTS[0],)) for text in TEXTS])
    assert [result.value for result in found] == pytest.approx((theirs @ theirs[0]).tolist(), abs=1e-6)


def test_texts_of_like_meaning_are_nearer_and_the_nearest_reference_counts(minilm):
    ours = EmbeddingSimilarity(str(minilm), device="cpu")
    near, far, both = ours.score(
        [Item(TEXTS[0], (TEXTS[1],)), Item(TEXTS[0], (TEXTS[2],)), Item(TEXTS[0], (TEXTS[2], TEXTS[1]))]
    )
    assert near.value > 0.6 > 0.2 > far.value
    assert both.value == pytest.approx(near.value, abs=1e-6)


def test_a_text_longer_than_the_model_takes_is_cut_and_says_so(minilm):
    ours = EmbeddingSimilarity(str(minilm), device="cpu")
    long, short = ours.score([Item(TEXTS[4], (TEXTS[0],)), Item(TEXTS[1], (TEXTS[0],))])
    assert long.detail == {"truncated": 256} and short.detail == {}


def test_what_cannot_be_scored_has_a_reason(tiny_encoder):
    blank, alone = EmbeddingSimilarity(str(tiny_encoder)).score([Item("\t", ("cat",)), Item("cat", (" ",))])
    assert (blank.reason, alone.reason) == (BLANK_TEXT, NO_REFERENCE)


def test_a_score_depends_neither_on_the_other_texts_nor_on_their_order(tiny_encoder):
    ours = EmbeddingSimilarity(str(tiny_encoder), device="cpu")
    rng = random.Random(2)
    items = [
        Item(" ".join(rng.choices(WORDS[:20], k=rng.randint(1, 30))), ("the old house",)) for _ in range(30)
    ]
    together = [result.value for result in ours.score(items)]
    assert together == pytest.approx([ours.score([item])[0].value for item in items], abs=1e-5)
    assert together == pytest.approx([result.value for result in ours.score(items[::-1])][::-1], abs=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_each_pooling_is_what_its_name_says(tiny_encoder, pooling):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(tiny_encoder), AutoModel.from_pretrained(tiny_encoder)
    with torch.no_grad():
        hidden = model.eval()(**tokenizer("the cat sat", return_tensors="pt"))[0][0]
    expected = {"mean": hidden.mean(0), "cls": hidden[0], "max": hidden.max(0).values}[pooling]
    [vector] = EmbeddingSimilarity(str(tiny_encoder), pooling=pooling, device="cpu").vectors(["the cat sat"])
    assert vector.tolist() == pytest.approx((expected / expected.norm()).tolist(), abs=1e-6)


def write(folder, name, content):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content))


def test_a_folder_says_how_its_vectors_are_made(tmp_path, minilm):
    assert sentence_form(minilm) == SentenceForm("mean", 256, False)
    assert sentence_form(tmp_path) == SentenceForm()
    write(tmp_path, "modules.json", [{"type": "sentence_transformers.models.Pooling", "path": "1"}])
    write(tmp_path, "1/config.json", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    write(tmp_path, "sentence_bert_config.json", {"max_seq_length": 77, "do_lower_case": True})
    assert sentence_form(tmp_path) == SentenceForm("cls", 77, True)
    write(tmp_path, "1/config.json", {"pooling_mode": "max"})
    assert sentence_form(tmp_path).pooling == "max"


def test_a_step_that_is_not_known_is_refused_instead_of_left_out(tmp_path):
    write(tmp_path, "modules.json", [{"type": "sentence_transformers.models.Dense", "path": "2_Dense"}])
    with pytest.raises(InvalidInput, match="has a step Dense, which is not known"):
        sentence_form(tmp_path)
    write(tmp_path, "modules.json", [{"type": "sentence_transformers.models.Pooling", "path": "1"}])
    write(tmp_path, "1/config.json", {"pooling_mode_weightedmean_tokens": True})
    with pytest.raises(InvalidInput, match="pools by pooling_mode_weightedmean_tokens"):
        sentence_form(tmp_path)
    write(tmp_path, "1/config.json", {"pooling_mode": "mean"})
    write(tmp_path, "config_sentence_transformers.json", {"default_prompt_name": "query"})
    with pytest.raises(InvalidInput, match="puts a prompt before each text"):
        sentence_form(tmp_path)
    (tmp_path / "modules.json").write_text("[cut")
    with pytest.raises(ModelFailed, match=r"modules\.json cannot be read"):
        sentence_form(tmp_path)


def test_a_number_says_what_it_depends_on_and_never_where_the_model_was(tiny_encoder, tmp_path):
    copied = shutil.copytree(tiny_encoder, tmp_path / tiny_encoder.name)
    info = EmbeddingSimilarity(str(tiny_encoder)).info
    assert EmbeddingSimilarity(str(copied)).info == info
    assert str(tiny_encoder.parent) not in json.dumps(dict(info.depends))
    assert EmbeddingSimilarity(str(tiny_encoder), pooling="cls").info.fingerprint != info.fingerprint
    with pytest.raises(InvalidInput, match="no pooling 'sum'"):
        EmbeddingSimilarity(str(tiny_encoder), pooling="sum")


def test_eight_threads_get_the_numbers_of_one(tiny_encoder):
    rng = random.Random(3)
    items = [
        Item(" ".join(rng.choices(WORDS[:20], k=rng.randint(1, 25))), ("a red bird",)) for _ in range(40)
    ]
    expected = [result.value for result in EmbeddingSimilarity(str(tiny_encoder)).score(items)]
    shared = EmbeddingSimilarity(str(tiny_encoder))

    def score(number: int) -> list:
        return [shared.score(items[number * 5 : number * 5 + 5]) for _ in range(5)]

    found = at_once(score)
    for number in range(8):
        for results in found[number]:
            part = expected[number * 5 : number * 5 + 5]
            assert [result.value for result in results] == pytest.approx(part, abs=1e-5)


def test_it_is_made_by_name_and_works_in_the_evaluate_library(tiny_encoder):
    from judges.metrics.library import EmbeddingSimilarity as Metric

    [scorer] = make("embedding", model=str(tiny_encoder))
    [result] = scorer.score([Item("the cat", ("a dog",))])
    found = Metric(model=str(tiny_encoder)).compute(predictions=["the cat"], references=["a dog"])
    assert found == {"embedding": pytest.approx(result.value), "embedding_count": 1}
