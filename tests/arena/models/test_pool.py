import subprocess
import sys

import pytest

from arena.errors import InvalidInput, ModelFailed
from arena.models import ModelPool
from arena.types import ModelKind, ModelSpec
from tests.arena.models.conftest import local
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint

HEAVY = ("torch", "transformers", "peft", "openai", "httpx2", "gradio", "pandas")


def test_importing_models_and_battles_loads_no_heavy_library():
    code = f"""
import sys
import arena.models, arena.battles, arena.pairing.matchmaker, arena.models.endpoint, arena.models.local
from arena.types import ModelKind, ModelSpec
pool = arena.models.ModelPool(lambda name, prompt_id: None)
pool.open(ModelSpec("a", ModelKind.ENDPOINT, {{"base_url": "http://h/v1", "model": "m"}}))
pool.open(ModelSpec("b", ModelKind.LOCAL, {{"path": "somewhere"}}))
sys.exit(", ".join(name for name in {HEAVY!r} if name in sys.modules) or None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


async def test_a_check_of_a_recorded_model_says_what_it_can_do(pool):
    assert "recorded" in await pool.check(ModelSpec("old", ModelKind.RECORDED))


async def test_a_check_of_a_local_model_loads_it_and_shows_its_answer(pool, tiny_model_dir):
    line = await pool.check(local("tiny", tiny_model_dir))
    assert line.startswith("tiny: answered in ") and "\n" not in line and len(line) < 120


async def test_a_check_of_a_broken_model_raises_its_sentence(pool):
    with ScriptedEndpoint(Reply(status=404, body="{}")) as server:
        spec = ModelSpec("far", ModelKind.ENDPOINT, {"base_url": server.base_url, "model": "x"})
        with pytest.raises(ModelFailed, match=r"far: .* knows no such address or model"):
            await pool.check(spec)


def test_a_spec_with_bad_options_is_refused_when_opened(pool):
    for kind in ModelKind:
        with pytest.raises(InvalidInput, match="'colour'"):
            pool.open(ModelSpec("m", kind, {"colour": "blue"}))


def test_a_closed_pool_opens_anew(tiny_model_dir):
    pool = ModelPool(lambda name, prompt_id: None)
    first = pool.open(local("tiny", tiny_model_dir))
    pool.close()
    pool.close()
    assert pool.open(local("tiny", tiny_model_dir)) is not first
    pool.close()
