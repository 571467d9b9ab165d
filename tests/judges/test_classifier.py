import json
import math
import shutil

import pytest

from arena.errors import InvalidInput, ModelFailed
from arena.models.classifier import Classifier, load_classifier
from arena.types import Message
from judges.classifier import NO_PROMPT, NOT_A_NUMBER, SequenceScorer, find, preference, sigmoid
from judges.metrics.base import BLANK_TEXT, Item, Result
from tests.support.encoders import make_encoder
from tests.support.threads import at_once

ASKED = Message("user", "What of salt?")
ANSWERS = ("Gladly: salt, thank you.", "No.", "Gladly: " + "salt " * 20, "n", "Perhaps, perhaps not.")
CONVERSATIONS = [(ASKED, Message("assistant", text)) for text in ANSWERS]


def make_reward_model(base, folder, *, labels: int = 1, pad: bool = True, **config):
    """Write the tiny chat model with a random head of so many numbers; without `pad` it names no padding token."""
    import torch
    from transformers import LlamaForSequenceClassification

    shutil.copytree(base, folder)
    with torch.random.fork_rng():
        torch.manual_seed(11)
        model = LlamaForSequenceClassification.from_pretrained(base, num_labels=labels, **config)
        model.score.weight.data.normal_(0.0, 0.5)
    model.config.pad_token_id = 0 if pad else None
    model.save_pretrained(folder)
    if not pad:
        settings = json.loads((folder / "config.json").read_text())
        settings["pad_token_id"] = None
        (folder / "config.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="module")
def reward_model(tiny_model_dir, tmp_path_factory):
    return make_reward_model(tiny_model_dir, tmp_path_factory.mktemp("reward") / "reward")


def by_transformers(folder, conversation) -> list[float]:
    """The model's numbers for one conversation by itself, nothing padded."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    ids = tokenizer.apply_chat_template([m.as_dict() for m in conversation], return_dict=False)
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].tolist()


def values(results: list[Result]) -> list[float]:
    return [result.value for result in results]


@pytest.mark.parametrize("pad", [True, False])
def test_a_reward_is_that_of_the_conversation_by_itself(tiny_model_dir, tmp_path, pad):
    folder = make_reward_model(tiny_model_dir, tmp_path / "reward", pad=pad)
    found = SequenceScorer(str(folder), device="cpu").score_conversations(CONVERSATIONS)
    for conversation, result in zip(CONVERSATIONS, found, strict=True):
        assert result.value == pytest.approx(by_transformers(folder, conversation)[0], abs=1e-5)
        assert result.detail == {"logit": result.value}


@pytest.mark.parametrize("pad", [True, False])
def test_a_reward_depends_neither_on_the_batch_nor_on_the_order(tiny_model_dir, tmp_path, pad):
    scorer = SequenceScorer(
        str(make_reward_model(tiny_model_dir, tmp_path / "reward", pad=pad)), device="cpu"
    )
    together = values(scorer.score_conversations(CONVERSATIONS))
    assert len(set(together)) == len(together)
    assert together == pytest.approx(
        [scorer.score_conversations([c])[0].value for c in CONVERSATIONS], abs=1e-5
    )
    assert together == pytest.approx(values(scorer.score_conversations(CONVERSATIONS[::-1]))[::-1], abs=1e-5)


def test_where_no_padding_token_is_named_none_is_left_behind(tiny_model_dir, tmp_path):
    loaded = load_classifier(
        str(make_reward_model(tiny_model_dir, tmp_path / "reward", pad=False)), device="cpu"
    )
    rows = [loaded.tokens(conversation) for conversation in CONVERSATIONS]
    loaded.logits(rows)
    assert loaded.model.config.pad_token_id is None


def test_items_are_answers_to_their_prompts(reward_model):
    scorer = SequenceScorer(str(reward_model), device="cpu")
    items = [Item(text, (), ASKED.content) for text in ANSWERS]
    assert values(scorer.score(items)) == values(scorer.score_conversations(CONVERSATIONS))
    blank, alone = scorer.score([Item("  ", (), "Hello"), Item("Hello")])
    assert (blank.reason, alone.reason) == (BLANK_TEXT, NO_PROMPT)


def test_a_conversation_too_long_for_the_model_has_a_reason(reward_model):
    [found] = SequenceScorer(str(reward_model)).score([Item("salt " * 60, (), "What?")])
    assert "and the model takes at most 256." in found.reason


def test_a_conversation_that_does_not_end_with_an_answer_is_refused(reward_model):
    scorer = SequenceScorer(str(reward_model))
    with pytest.raises(InvalidInput, match="must end with an assistant message"):
        scorer.score_conversations([(Message("assistant", "Hello"), ASKED)])


def test_of_several_labels_one_is_chosen_and_its_probability_is_the_score(tiny_model_dir, tmp_path):
    names = {0: "bad", 1: "fair", 2: "good"}
    folder = make_reward_model(tiny_model_dir, tmp_path / "three", labels=3, id2label=names)
    by_name = SequenceScorer(str(folder), label="good", device="cpu")
    found = by_name.score_conversations(CONVERSATIONS)
    assert values(SequenceScorer(str(folder), label=2).score_conversations(CONVERSATIONS)) == values(found)
    for conversation, result in zip(CONVERSATIONS, found, strict=True):
        weights = [math.exp(logit) for logit in by_transformers(folder, conversation)]
        assert result.value == pytest.approx(weights[2] / sum(weights), rel=1e-4)
        assert result.detail["label"] == "good"
        assert sigmoid(result.detail["logit"]) == pytest.approx(result.value)
    for label, message in (
        (None, "and none was chosen"),
        ("best", "'best' is none of them"),
        (3, "3 is none"),
    ):
        with pytest.raises(InvalidInput, match=f"has the labels bad, fair, good, {message}|{message}"):
            SequenceScorer(str(folder), label=label).score_conversations(CONVERSATIONS)


def test_independent_labels_have_probabilities_of_their_own(tiny_model_dir, tmp_path):
    folder = make_reward_model(
        tiny_model_dir, tmp_path / "many", labels=2, problem_type="multi_label_classification"
    )
    found = SequenceScorer(str(folder), label=1, device="cpu").score_conversations(CONVERSATIONS)
    for conversation, result in zip(CONVERSATIONS, found, strict=True):
        assert result.value == pytest.approx(sigmoid(by_transformers(folder, conversation)[1]), rel=1e-4)


def test_an_encoder_reads_prompt_and_answer_as_a_pair_or_the_answer_alone(tmp_path):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = make_encoder(tmp_path / "pairs", kind="BertForSequenceClassification")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    items = [Item(text, (), "the cat ran") for text in ("a dog sat on the mat .", "no", "red , blue , new")]
    for reads in ("conversation", "answer"):
        found = SequenceScorer(str(folder), label=1, reads=reads, device="cpu").score(items)
        for item, result in zip(items, found, strict=True):
            given = (item.prompt, item.text) if reads == "conversation" else (item.text,)
            with torch.no_grad():
                expected = model(**tokenizer(*given, return_tensors="pt")).logits.softmax(-1)[0, 1]
            assert result.value == pytest.approx(float(expected), abs=1e-5)
    with pytest.raises(InvalidInput, match="reads 'both'"):
        SequenceScorer(str(folder), reads="both")


def make_reward_adapter(base, folder, method: str = "SEQ_CLS", head: str = "score"):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    with torch.random.fork_rng():
        torch.manual_seed(5)
        reward = method == "SEQ_CLS"
        model = (
            AutoModelForSequenceClassification.from_pretrained(base, num_labels=1)
            if reward
            else AutoModelForCausalLM.from_pretrained(base)
        )
        config = LoraConfig(
            task_type=method,
            target_modules="all-linear",
            init_lora_weights=False,
            modules_to_save=[head] if reward else None,
        )
        adapted = get_peft_model(model, config).eval()
    adapted.save_pretrained(folder)
    return adapted


def test_an_adapter_with_its_base_scores_as_it_was_trained(tiny_model_dir, tmp_path):
    import torch

    adapted = make_reward_adapter(tiny_model_dir, tmp_path / "adapter")
    scorer = SequenceScorer(str(tiny_model_dir), adapter=str(tmp_path / "adapter"), device="cpu")
    found = scorer.score_conversations(CONVERSATIONS)
    loaded = load_classifier(str(tiny_model_dir), adapter=str(tmp_path / "adapter"), device="cpu")
    for conversation, result in zip(CONVERSATIONS, found, strict=True):
        with torch.no_grad():
            expected = adapted(torch.tensor([loaded.tokens(conversation).ids])).logits
        assert result.value == pytest.approx(float(expected), abs=1e-5)
    # The adapter's folder alone names its base.
    by_adapter = SequenceScorer(str(tmp_path / "adapter"), device="cpu").score_conversations(CONVERSATIONS)
    assert values(by_adapter) == values(found)


def test_a_run_folder_stands_for_its_base_and_adapter(tiny_model_dir, tmp_path):
    run = tmp_path / "home" / "runs" / "polite"
    shutil.copytree(tiny_model_dir, tmp_path / "home" / "models" / "tiny")
    make_reward_adapter(tiny_model_dir, run / "adapter")
    config = {"method": "reward", "base": "../../models/tiny", "four_bit": False}
    (run / "config.json").write_text(json.dumps(config))
    (run / "state.json").write_text(json.dumps({"state": "running"}))
    with pytest.raises(InvalidInput, match="The run polite is running"):
        SequenceScorer(str(run))
    (run / "state.json").write_text(json.dumps({"state": "finished"}))
    scorer = SequenceScorer(str(run), device="cpu")
    assert scorer.called == "polite"
    direct = SequenceScorer(str(tiny_model_dir), adapter=str(run / "adapter"), device="cpu")
    assert values(scorer.score_conversations(CONVERSATIONS)) == values(
        direct.score_conversations(CONVERSATIONS)
    )
    (run / "config.json").write_text(json.dumps({**config, "method": "dpo"}))
    with pytest.raises(InvalidInput, match="trained by dpo, which makes no reward model"):
        find(run)


def test_a_run_in_four_bits_is_scored_in_four_bits(tiny_model_dir, tmp_path):
    make_reward_adapter(tiny_model_dir, tmp_path / "run" / "adapter")
    config = {"method": "reward", "base": str(tiny_model_dir), "four_bit": True}
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    (tmp_path / "run" / "state.json").write_text(json.dumps({"state": "finished"}))
    small = SequenceScorer(str(tmp_path / "run"), device="cpu")
    exact = SequenceScorer(str(tiny_model_dir), adapter=str(tmp_path / "run" / "adapter"), device="cpu")
    rounded = values(small.score_conversations(CONVERSATIONS))
    assert rounded == pytest.approx(
        [small.score_conversations([c])[0].value for c in CONVERSATIONS], abs=1e-4
    )
    assert rounded != pytest.approx(values(exact.score_conversations(CONVERSATIONS)), abs=1e-4)
    assert small.info.depends["four_bit"] and small.info.fingerprint != exact.info.fingerprint


def test_a_chat_model_is_refused_instead_of_given_a_random_head(tiny_model_dir, tmp_path):
    with pytest.raises(ModelFailed, match=r"incomplete \(1 missing, e\.g\. score\.weight\)"):
        SequenceScorer(str(tiny_model_dir)).score_conversations(CONVERSATIONS)
    make_reward_adapter(tiny_model_dir, tmp_path / "chat", "CAUSAL_LM")
    with pytest.raises(ModelFailed, match="no head to score with, so it belongs to a chat model"):
        SequenceScorer(str(tiny_model_dir), adapter=str(tmp_path / "chat")).score_conversations(CONVERSATIONS)


def test_an_adapter_of_another_base_is_refused(tiny_model_dir, tmp_path):
    make_reward_adapter(tiny_model_dir, tmp_path / "adapter")
    shallow = shutil.copytree(tiny_model_dir, tmp_path / "shallow")
    settings = json.loads((shallow / "config.json").read_text())
    (shallow / "config.json").write_text(json.dumps({**settings, "num_hidden_layers": 1}))
    with pytest.raises(ModelFailed, match="its weights do not fit the base"):
        SequenceScorer(str(shallow), adapter=str(tmp_path / "adapter")).score_conversations(CONVERSATIONS)


def test_an_encoder_s_adapter_brings_its_own_head(tmp_path):
    base = make_encoder(tmp_path / "encoder")
    adapted = make_reward_adapter(base, tmp_path / "adapter", head="classifier")
    loaded = load_classifier(str(base), adapter=str(tmp_path / "adapter"), device="cpu")
    assert loaded.labels == ("LABEL_0",)
    encoded = loaded.tokenizer("the cat ran", "a dog sat", return_tensors="pt")
    expected = float(adapted(**encoded).logits.detach())
    [(found,)] = loaded.logits(
        [loaded.tokens([Message("user", "the cat ran"), Message("assistant", "a dog sat")])]
    )
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_model_that_computes_no_numbers_gives_a_reason(reward_model, tmp_path):
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(reward_model, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["score.weight"][:] = float("nan")
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    assert SequenceScorer(str(broken)).score_conversations(CONVERSATIONS[:1])[0].reason == NOT_A_NUMBER


def test_the_difference_of_two_rewards_is_the_log_odds_of_a_preference():
    better, worse = (Result(value, detail={"logit": value}) for value in (2.0, 0.5))
    assert preference(better, worse) == pytest.approx(1 / (1 + math.exp(-1.5)))
    assert preference(better, worse) + preference(worse, better) == pytest.approx(1.0)
    assert preference(better, better) == 0.5
    assert preference(better, Result.missing("none")) is None
    assert (sigmoid(-1000.0), sigmoid(1000.0)) == (0.0, 1.0)


def test_a_number_says_what_it_depends_on_and_never_where_the_model_was(reward_model, tmp_path):
    copied = shutil.copytree(reward_model, tmp_path / reward_model.name)
    info = SequenceScorer(str(reward_model)).info
    assert SequenceScorer(str(copied)).info == info
    assert str(reward_model.parent) not in json.dumps(dict(info.depends))
    assert SequenceScorer(str(reward_model), reads="answer").info.fingerprint != info.fingerprint


def test_eight_threads_get_the_numbers_of_one(reward_model):
    scorer = SequenceScorer(str(reward_model), device="cpu")
    conversations = [(ASKED, Message("assistant", "salt " * number + ".")) for number in range(1, 33)]
    expected = values(SequenceScorer(str(reward_model), device="cpu").score_conversations(conversations))

    def score(number: int) -> list:
        return [scorer.score_conversations(conversations[number * 4 : number * 4 + 4]) for _ in range(5)]

    found = at_once(score)
    for number in range(8):
        for results in found[number]:
            assert values(results) == pytest.approx(expected[number * 4 : number * 4 + 4], abs=1e-5)


def test_labels_and_context_are_what_the_model_says(reward_model):
    loaded = load_classifier(str(reward_model), device="cpu")
    assert isinstance(loaded, Classifier)
    assert loaded.labels == ("LABEL_0",) and loaded.context == 256
