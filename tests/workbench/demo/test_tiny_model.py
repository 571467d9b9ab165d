"""The tiny model as it ships: it loads from its folder, answers sensibly, and its training code is sound."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from workbench.demo.evaluate_model import answers, asked, load
from workbench.demo.tokens import encode
from workbench.demo.train_model import Budget, rounded
from workbench.demo.voter import RIGHT, manners, rightness
from workbench.demo.world.splits import questions_in

FOLDER = Path(str(files("workbench.demo") / "model"))


@pytest.fixture(scope="module")
def pip():
    return load(FOLDER)


def test_the_weights_are_small_and_there_is_a_card():
    assert (FOLDER / "model.safetensors").stat().st_size < 8e6
    assert "Apache-2.0" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_it_stops_by_itself_and_speaks_of_what_it_is_asked(pip):
    chats = [
        [{"role": "user", "content": prompt}] for prompt in ("Where can I buy bread?", "Who owns Biscuit?")
    ]
    bread, owner = answers(*pip, chats, 0.0)
    assert "bakery" in bread.lower()
    assert "Anna" in owner
    assert max(len(bread.split()), len(owner.split())) < 60


def test_a_second_turn_refers_to_the_first(pip):
    chat = [
        {"role": "user", "content": "What does Ben do?"},
        {"role": "assistant", "content": "Ben is the fisherman of Pebble Bay."},
        {"role": "user", "content": "Where does he work?"},
    ]
    assert "harbour" in answers(*pip, [chat], 0.0)[0].lower()


def test_a_system_message_changes_nothing(pip):
    _, tokenizer = pip
    chat = [{"role": "user", "content": "Hello!"}]
    system = [{"role": "system", "content": "Be brief."}, *chat]
    assert tokenizer.apply_chat_template(system, tokenize=False) == tokenizer.apply_chat_template(
        chat, tokenize=False
    )


def test_any_text_survives_the_tokenizer(pip):
    _, tokenizer = pip
    text = "Grüße, 你好! x² ≈ 3\n\tdef f(): pass"
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


def test_training_reads_dialogues_as_the_chat_template_writes_them(pip):
    _, tokenizer = pip
    chat = [
        {"role": "user", "content": "Hello!"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "Thanks!"},
        {"role": "assistant", "content": "You are very welcome!"},
    ]
    ids, weights = encode([("Hello!", "Hi."), ("Thanks!", "You are very welcome!")], tokenizer)
    assert ids == tokenizer.apply_chat_template(chat, return_dict=False)
    assert tokenizer.decode([i for i, weight in zip(ids, weights, strict=True) if weight == 1.0]) == (
        "Hi.<|end|>You are very welcome!<|end|>"
    )


def test_rounded_weights_are_those_of_four_bit_loading_and_go_back_afterwards():
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=32, hidden_size=64, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2
    )
    model = LlamaForCausalLM(config)
    layer = model.model.layers[0].mlp.up_proj
    before = layer.weight.detach().clone()
    packed, state = quantize_4bit(before, quant_type="nf4")
    with rounded(model):
        assert torch.equal(layer.weight, dequantize_4bit(packed, state))
    assert torch.equal(layer.weight, before)


def test_a_budget_of_tokens_does_not_hang_on_the_clock():
    assert Budget(minutes=1e-9, tokens=200.0).done(50) == 0.25


@pytest.mark.slow
def test_greedy_answers_to_unseen_prompts_are_mostly_right_in_full_precision_and_in_four_bits(pip):
    held_out = questions_in("battle")
    questions = [held_out[i] for i in np.random.default_rng(0).permutation(len(held_out))[:120]]
    for model in (pip[0], load(FOLDER, four_bit=True)[0]):
        said = answers(model, pip[1], asked(questions), 0.0)
        assert np.mean([rightness(q, text) == RIGHT for q, text in zip(questions, said, strict=True)]) >= 0.8


@pytest.mark.slow
def test_sampled_answers_are_of_both_kinds(pip):
    torch.manual_seed(0)
    said = answers(*pip, asked(questions_in("preference")[:120]), 0.8)
    curt = np.mean([manners(text) < 0.55 for text in said])
    assert 0.3 < curt < 0.7
