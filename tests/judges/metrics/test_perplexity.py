import json
import math
import random
import shutil
from pathlib import Path

import pytest

from arena.errors import InvalidInput, ModelFailed
from arena.models.loading import base_key, load_base
from judges.metrics.base import BLANK_TEXT, Item
from judges.metrics.perplexity import NO_PROMPT, NO_WORD, NOT_A_NUMBER, ONE_TOKEN, TOO_LARGE, Perplexity
from judges.metrics.registry import make
from tests.arena.models.conftest import make_adapter
from tests.support.threads import at_once

TEXTS = (
    "The cat sat on the mat.",
    "No.",
    "Kühe geben Milch; 猫は寝る。",
    "a " * 50,
    "Some words in a row, and more.",
)
DEMO = Path(__file__).parents[3] / "workbench" / "demo" / "model"


@pytest.fixture(scope="module")
def base(tiny_model_dir):
    return load_base(base_key(str(tiny_model_dir), four_bit=False, dtype="float32", device="cpu"))


def log_probability(base, ids: list[int], place: int, begin: int = 0) -> float:
    """The log-probability of the token at `place` after those from `begin` on, in a forward pass of its own."""
    import torch

    with torch.no_grad():
        logits = base.model(torch.tensor([ids[begin:place]])).logits[0, -1].double()
    return float(torch.log_softmax(logits, -1)[ids[place]])


def bytes_of(base, text: str) -> list[int]:
    return base.tokenizer(text, add_special_tokens=False)["input_ids"]


def test_it_is_the_exponential_of_the_mean_negative_log_likelihood(tiny_model_dir, base):
    found = Perplexity(str(tiny_model_dir), device="cpu").score([Item(text) for text in TEXTS])
    for text, result in zip(TEXTS, found, strict=True):
        ids = bytes_of(base, text)
        total = sum(log_probability(base, ids, place) for place in range(1, len(ids)))
        assert result.detail["log_likelihood"] == pytest.approx(total, rel=1e-5)
        assert result.value == pytest.approx(math.exp(-total / (len(ids) - 1)), rel=1e-5)


def padding_loop(folder: Path, texts: list[str], *, start: bool) -> list[float]:
    """Perplexity as it is usually computed: every text padded to the longest, in batches of 16."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.padding_side = "right"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    encoded = tokenizer(texts, add_special_tokens=False, padding=True, return_tensors="pt")
    ids, mask = encoded["input_ids"], encoded["attention_mask"]
    if start:
        ids = torch.cat([torch.full((len(texts), 1), tokenizer.bos_token_id), ids], 1)
        mask = torch.cat([torch.ones(len(texts), 1, dtype=torch.long), mask], 1)
    found: list[float] = []
    for begin in range(0, len(texts), 16):
        part, real = ids[begin : begin + 16], mask[begin : begin + 16]
        with torch.no_grad():
            logits = model(part, attention_mask=real).logits
        losses = torch.nn.functional.cross_entropy(
            logits[:, :-1].transpose(1, 2), part[:, 1:], reduction="none"
        )
        found += torch.exp((losses * real[:, 1:]).sum(1) / real[:, 1:].sum(1)).tolist()
    return found


def test_it_equals_the_usual_padding_loop_with_and_without_a_start_token(tiny_model_dir):
    rng = random.Random(0)
    texts = ["".join(rng.choices("abc def, ghi.", k=rng.randint(2, 200))) for _ in range(40)]
    for folder, start in ((tiny_model_dir, False), (DEMO, True)):
        found = Perplexity(str(folder), dtype="float32", device="cpu").score([Item(text) for text in texts])
        expected = padding_loop(folder, texts, start=start)
        places = [place for place, result in enumerate(found) if result.value is not None]
        assert len(places) > 30
        assert [found[place].value for place in places] == pytest.approx(
            [expected[place] for place in places], rel=1e-4
        )


@pytest.mark.parametrize(("window", "stride"), [(8, 4), (8, 7), (8, 1), (31, 10), (2, 1)])
def test_a_long_text_is_read_in_windows_and_each_token_counts_once(tiny_model_dir, base, window, stride):
    ids = bytes_of(base, TEXTS[0] + TEXTS[4])
    total, scored, begin = 0.0, 1, 0
    while scored < len(ids):
        end = min(begin + window, len(ids))
        total += sum(log_probability(base, ids, place, begin) for place in range(scored, end))
        scored, begin = max(scored, end), begin + stride
    [result] = Perplexity(str(tiny_model_dir), window=window, stride=stride, device="cpu").score(
        [Item(TEXTS[0] + TEXTS[4])]
    )
    assert result.detail["tokens"] == len(ids) - 1
    assert result.detail["log_likelihood"] == pytest.approx(total, rel=1e-5)


def test_a_text_that_fits_does_not_depend_on_window_and_stride(tiny_model_dir):
    items = [Item(text) for text in TEXTS]
    whole = [result.value for result in Perplexity(str(tiny_model_dir)).score(items)]
    shorter = Perplexity(str(tiny_model_dir), window=120, stride=3).score(items)
    assert [result.value for result in shorter] == pytest.approx(whole, rel=1e-5)


def test_per_token_word_and_byte_are_of_one_likelihood(tiny_model_dir):
    by_unit = {
        unit: Perplexity(str(tiny_model_dir), per=unit).score([Item("Two words.")])[0]
        for unit in ("token", "word", "byte")
    }
    detail = by_unit["token"].detail
    # The first of ten bytes, and so of the tokens of this model, has no context: it is not scored.
    assert (detail["tokens"], detail["words"], detail["bytes"]) == (9, 2, 9)
    for unit, result in by_unit.items():
        assert result.detail == detail
        assert result.value == detail[f"per_{unit}"]
        assert result.value == pytest.approx(math.exp(-detail["log_likelihood"] / detail[f"{unit}s"]))


def test_with_a_start_token_the_whole_text_is_scored():
    [result] = Perplexity(str(DEMO), device="cpu").score([Item("Two words.")])
    assert (result.detail["words"], result.detail["bytes"]) == (2, 10)


def test_texts_without_spaces_have_words_too(tiny_model_dir):
    [result] = Perplexity(str(tiny_model_dir), per="word").score([Item("猫は寝る。")])
    assert result.value is not None and result.detail["words"] == 4


def test_what_cannot_be_scored_has_a_reason(tiny_model_dir):
    blank, one, signs = Perplexity(str(tiny_model_dir), per="word").score([Item(" "), Item("a"), Item("?!?")])
    assert (blank.reason, one.reason, signs.reason) == (BLANK_TEXT, ONE_TOKEN, NO_WORD)
    assert signs.detail["per_byte"] > 1 and "per_word" not in signs.detail
    [huge] = Perplexity(str(tiny_model_dir), per="word").score([Item("x" * 250)])
    assert huge.reason == TOO_LARGE and huge.detail["per_token"] > 1


def test_a_model_that_computes_no_numbers_gives_a_reason(tiny_model_dir, tmp_path):
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(tiny_model_dir, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"][:] = float("nan")
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    assert Perplexity(str(broken)).score([Item("a text")])[0].reason == NOT_A_NUMBER


def test_given_its_prompt_only_the_answer_is_scored_after_the_chat_template(tiny_model_dir, base):
    prompt, answer = "What is a cat?", "An animal."
    before = base.tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], add_generation_prompt=True, return_dict=False
    )
    ids = [*before, *bytes_of(base, answer)]
    total = sum(log_probability(base, ids, place) for place in range(len(before), len(ids)))
    given = Perplexity(str(tiny_model_dir), given_prompt=True, device="cpu")
    found, one, none = given.score([Item(answer, (), prompt), Item("a", (), prompt), Item(answer)])
    assert found.detail["tokens"] == len(answer) and found.detail["bytes"] == len(answer)
    assert found.detail["log_likelihood"] == pytest.approx(total, rel=1e-5)
    assert one.value is not None and none.reason == NO_PROMPT


def test_a_prompt_longer_than_the_window_leaves_the_answer_its_nearest_part(tiny_model_dir, base):
    prompt, answer = "why? " * 60, "Because."
    [result] = Perplexity(str(tiny_model_dir), given_prompt=True, window=64, stride=16).score(
        [Item(answer, (), prompt)]
    )
    assert result.detail["tokens"] == len(answer) and result.value is not None


def test_an_adapter_is_scored_as_the_model_it_makes(tiny_model_dir, tmp_path):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    adapter = make_adapter(tiny_model_dir, tmp_path / "tuned", 1)
    merged = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(tiny_model_dir, dtype=torch.float32), adapter
    ).merge_and_unload()
    whole = shutil.copytree(tiny_model_dir, tmp_path / "merged")
    merged.save_pretrained(whole)
    items = [Item(text) for text in TEXTS]
    tuned = Perplexity(str(tiny_model_dir), adapter=str(adapter), device="cpu")
    expected = [result.value for result in Perplexity(str(whole), device="cpu").score(items)]
    assert [result.value for result in tuned.score(items)] == pytest.approx(expected, rel=1e-4)
    plain = Perplexity(str(tiny_model_dir), device="cpu")
    assert plain.score(items)[0].value != pytest.approx(expected[0], rel=1e-3)
    assert tuned.info.fingerprint != plain.info.fingerprint and tuned.called == "tiny + tuned"


def test_four_bits_are_another_model(tiny_model_dir):
    whole = Perplexity(str(tiny_model_dir), device="cpu")
    small = Perplexity(str(tiny_model_dir), four_bit=True, device="cpu")
    [exact], [rounded] = whole.score([Item(TEXTS[0])]), small.score([Item(TEXTS[0])])
    assert rounded.value == pytest.approx(exact.value, rel=0.5)
    assert rounded.value != pytest.approx(exact.value, rel=1e-6)
    assert whole.info.fingerprint != small.info.fingerprint


def test_a_model_without_a_chat_template_scores_texts_but_not_answers_to_prompts(tiny_model_dir, tmp_path):
    plain = shutil.copytree(tiny_model_dir, tmp_path / "plain")
    (plain / "chat_template.jinja").unlink()
    expected = Perplexity(str(tiny_model_dir)).score([Item(TEXTS[0])])[0].value
    assert Perplexity(str(plain)).score([Item(TEXTS[0])])[0].value == expected
    with pytest.raises(ModelFailed, match="has no chat template"):
        Perplexity(str(plain), given_prompt=True).score([Item(TEXTS[0], (), "Hello")])


def test_a_score_depends_neither_on_the_other_texts_nor_on_their_order(tiny_model_dir):
    scorer = Perplexity(str(tiny_model_dir), window=40, stride=20, device="cpu")
    rng = random.Random(4)
    items = [Item("".join(rng.choices("ab cd.", k=rng.randint(2, 150)))) for _ in range(30)]
    items = [item for item in items if item.text.strip()]
    together = [result.value for result in scorer.score(items)]
    assert together == pytest.approx([scorer.score([item])[0].value for item in items], rel=1e-5)
    assert together == pytest.approx([result.value for result in scorer.score(items[::-1])][::-1], rel=1e-5)


def test_impossible_settings_are_named(tiny_model_dir, tmp_path):
    for options, message in (
        ({"per": "line"}, "per 'line' is not known"),
        ({"window": 257}, "takes at most 256 tokens"),
        ({"window": 1}, "cannot be used"),
        ({"window": 8, "stride": 8}, "a stride from 1 to less than the window"),
    ):
        with pytest.raises(InvalidInput, match=message):
            Perplexity(str(tiny_model_dir), **options)
    with pytest.raises(ModelFailed, match="There is no model in"):
        Perplexity(str(tmp_path))
    with pytest.raises(ModelFailed, match="There is no adapter in"):
        Perplexity(str(tiny_model_dir), adapter=str(tmp_path))


def test_a_number_says_what_it_depends_on_and_never_where_the_model_was(tiny_model_dir, tmp_path):
    copied = shutil.copytree(tiny_model_dir, tmp_path / tiny_model_dir.name)
    info = Perplexity(str(tiny_model_dir)).info
    assert not info.higher_is_better
    assert Perplexity(str(copied)).info == info
    assert (info.depends["window"], info.depends["stride"], info.depends["per"]) == (256, 128, "token")
    assert str(tiny_model_dir.parent) not in json.dumps(dict(info.depends))
    others = [{"stride": 64}, {"window": 128, "stride": 64}, {"per": "byte"}, {"given_prompt": True}]
    assert len({Perplexity(str(tiny_model_dir), **o).info.fingerprint for o in [{}, *others]}) == 5


def test_eight_threads_get_the_numbers_of_one(tiny_model_dir):
    rng = random.Random(6)
    items = [Item("".join(rng.choices("abcdef gh", k=rng.randint(3, 90)))) for _ in range(40)]
    expected = [result.value for result in Perplexity(str(tiny_model_dir), device="cpu").score(items)]
    shared = Perplexity(str(tiny_model_dir), device="cpu")

    def score(number: int) -> list:
        return [shared.score(items[number * 5 : number * 5 + 5]) for _ in range(4)]

    found = at_once(score)
    for number in range(8):
        for results in found[number]:
            part = expected[number * 5 : number * 5 + 5]
            assert [result.value for result in results] == pytest.approx(part, rel=1e-5)


def test_it_is_made_by_name_and_works_in_the_evaluate_library(tiny_model_dir):
    from judges.metrics.library import Perplexity as Metric

    [scorer] = make("perplexity", model=str(tiny_model_dir), per="byte")
    values = [result.value for result in scorer.score([Item(text) for text in TEXTS])]
    found = Metric(model=str(tiny_model_dir), per="byte").compute(predictions=[*TEXTS, "x"])
    assert found["perplexity"] == pytest.approx(sum(values) / len(TEXTS), rel=1e-5)
    assert found["perplexity_per_byte"] == found["perplexity"] and found["perplexity_per_word"] > 1
    details = [result.detail for result in scorer.score([Item(text) for text in TEXTS])]
    total, count = (sum(detail[key] for detail in details) for key in ("log_likelihood", "bytes"))
    assert found["corpus_perplexity"] == pytest.approx(math.exp(-total / count), rel=1e-5)
    assert found["perplexity_count"] == len(TEXTS)
