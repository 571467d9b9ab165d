"""A real server: `transformers serve` on the demo model fights the same weights loaded here."""

from pathlib import Path

import pytest

from arena.battles import fight, follow_up
from arena.models import ModelPool
from arena.types import ModelKind, ModelSpec, Prompt, Sampling
from tests.arena.models.conftest import local
from tests.support.transformers_serve import DEMO_MODEL, serve


@pytest.fixture(scope="module")
def weights(tiny_model_dir) -> Path:
    return DEMO_MODEL if (DEMO_MODEL / "model.safetensors").is_file() else tiny_model_dir


@pytest.fixture(scope="module")
def served(weights, tmp_path_factory):
    """A spec of the weights behind `transformers serve`."""
    with serve(weights, tmp_path_factory.mktemp("serve") / "log.txt") as base_url:
        yield ModelSpec("served", ModelKind.ENDPOINT, {"base_url": base_url, "model": str(weights)})


async def last(frames):
    async for frame in frames:
        final = frame
    return final.battle


@pytest.mark.slow
async def test_a_served_model_and_the_same_weights_loaded_here_fight_a_battle(served, weights):
    pool = ModelPool(lambda name, prompt_id: None)
    far, near = pool.open(served), pool.open(local("near", weights))
    greedy = Sampling(temperature=0.0, max_tokens=48)
    try:
        battle = await last(fight(Prompt.from_text("Hello, who are you?"), far, near, greedy))
        answer_a, answer_b = battle.turns[0].answer_a, battle.turns[0].answer_b
        assert (answer_a.error, answer_b.error) == (None, None)
        assert battle.votable
        assert answer_a.text == answer_b.text, "the same weights say the same, wherever they run"
        assert answer_a.finish_reason == answer_b.finish_reason
        assert answer_a.tokens == answer_b.tokens
        longer = await last(follow_up(battle, "And where do you live?", far, near, greedy))
        assert longer.votable
        assert longer.turns[1].answer_a.text == longer.turns[1].answer_b.text
    finally:
        pool.close()


@pytest.mark.slow
async def test_a_wrong_model_name_is_told_in_the_servers_own_words(served):
    pool = ModelPool(lambda name, prompt_id: None)
    wrong = pool.open(ModelSpec("wrong", ModelKind.ENDPOINT, {**served.options, "model": "somebody/else"}))
    battle = await last(fight(Prompt.from_text("Hello"), wrong, wrong, Sampling(max_tokens=8)))
    assert not battle.votable
    assert "somebody/else" in battle.turns[0].answer_a.error
