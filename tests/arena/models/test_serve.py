"""A real server: `transformers serve` on the demo model fights the same weights loaded here."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from arena.battles import fight, follow_up
from arena.models import ModelPool
from arena.types import ModelKind, ModelSpec, Prompt, Sampling
from tests.arena.models.conftest import local

DEMO_MODEL = Path(__file__).parents[3] / "workbench" / "demo" / "model"
READY_WITHIN = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(server: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"transformers serve did not come up:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def weights(tiny_model_dir) -> Path:
    return DEMO_MODEL if (DEMO_MODEL / "model.safetensors").is_file() else tiny_model_dir


@pytest.fixture(scope="module")
def served(weights, tmp_path_factory):
    """A spec of the weights behind `transformers serve`."""
    port, log = free_port(), tmp_path_factory.mktemp("serve") / "log.txt"
    transformers = Path(sys.executable).with_name("transformers")
    command = [transformers, "serve", weights, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as out:
        server = subprocess.Popen(
            [*map(str, command), "--device", "cpu", "--dtype", "float32"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        )
    try:
        wait_until_ready(server, port, log)
        options = {"base_url": f"http://127.0.0.1:{port}/v1", "model": str(weights)}
        yield ModelSpec("served", ModelKind.ENDPOINT, options)
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


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
