import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from arena.models import collect
from arena.types import Message, Sampling
from tests.arena.models.conftest import local, make_adapter

ASKED = (Message("user", "Hello"),)
SHORT = Sampling(temperature=0.0, max_tokens=4)


@pytest.fixture
def copied(tiny_model_dir, tmp_path):
    """A copy of the tiny model that a test may damage."""
    return shutil.copytree(tiny_model_dir, tmp_path / "copy")


async def error_of(pool, spec) -> str:
    error = (await collect(pool.open(spec), ASKED, SHORT)).error
    assert error is not None
    assert error.startswith(f"{spec.name}: ") and "\n" not in error and "Traceback" not in error
    return error


async def works(pool, spec) -> bool:
    return (await collect(pool.open(spec), ASKED, SHORT)).error is None


async def test_a_missing_folder_is_named(pool, tmp_path):
    assert f"There is no folder {tmp_path / 'gone'}" in await error_of(pool, local("m", tmp_path / "gone"))


async def test_a_file_is_no_model(pool, copied):
    assert "no folder" in await error_of(pool, local("m", copied / "config.json"))


async def test_a_folder_without_a_model_or_without_weights_is_named(pool, tmp_path, copied):
    assert "no config.json" in await error_of(pool, local("m", tmp_path))
    (copied / "model.safetensors").unlink()
    assert "no *.safetensors" in await error_of(pool, local("n", copied))


async def test_a_hub_id_that_is_not_in_the_cache_fails_in_one_sentence(pool):
    assert "no-such-org/no-such-model" in await error_of(pool, local("m", "no-such-org/no-such-model"))


async def test_cut_weights_are_named(pool, copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    assert f"weights of {copied} cannot be loaded" in await error_of(pool, local("m", copied))


async def test_weights_with_holes_are_refused_instead_of_filled_with_random_numbers(pool, copied):
    from safetensors.torch import load_file, save_file

    tensors = load_file(copied / "model.safetensors")
    hole = next(name for name in tensors if "layers.1" in name)
    del tensors[hole]
    save_file(tensors, copied / "model.safetensors", metadata={"format": "pt"})
    error = await error_of(pool, local("m", copied))
    assert "incomplete" in error and hole in error


async def test_weights_of_another_shape_are_refused(pool, copied):
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps({**config, "intermediate_size": 256}))
    error = await error_of(pool, local("m", copied))
    assert str(copied) in error and "of another shape" in error and "mlp" in error


async def test_an_unreadable_tokenizer_is_named(pool, copied):
    (copied / "tokenizer.json").write_text("{cut")
    assert f"tokenizer of {copied}" in await error_of(pool, local("m", copied))


async def test_a_tokenizer_without_a_chat_template_is_refused_with_the_remedy(pool, copied):
    (copied / "chat_template.jinja").unlink()
    assert "chat_template.jinja" in await error_of(pool, local("m", copied))


async def test_a_template_that_refuses_the_conversation_is_quoted(pool, copied):
    (copied / "chat_template.jinja").write_text("{{ raise_exception('no guests today') }}")
    assert "no guests today" in await error_of(pool, local("m", copied))


async def test_a_model_repaired_after_a_failure_answers_without_a_restart(pool, copied, tiny_model_dir):
    spec = local("m", copied)
    (copied / "model.safetensors").unlink()
    assert "no *.safetensors" in await error_of(pool, spec)
    shutil.copy(tiny_model_dir / "model.safetensors", copied)
    assert await works(pool, spec)


async def test_a_folder_without_an_adapter_is_named(pool, tiny_model_dir, tmp_path):
    assert "no adapter_config.json" in await error_of(pool, local("m", tiny_model_dir, adapter=str(tmp_path)))


async def test_an_adapter_without_weights_is_named(pool, tiny_model_dir, adapters, tmp_path):
    shutil.copy(adapters[0] / "adapter_config.json", tmp_path)
    assert "no adapter_model" in await error_of(pool, local("m", tiny_model_dir, adapter=str(tmp_path)))


@pytest.fixture(scope="session")
def strangers(tiny_model_dir, tmp_path_factory):
    """Adapters of other bases: wider, deeper, and of another architecture; and a DoRA adapter of the tiny model."""
    from transformers import AutoConfig, AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel

    folder = tmp_path_factory.mktemp("strangers")
    for name, change in (("wide", {"hidden_size": 32}), ("deep", {"num_hidden_layers": 3})):
        config = AutoConfig.from_pretrained(tiny_model_dir, **change)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder / f"base-{name}")
    GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=2, n_embd=16, vocab_size=50)).save_pretrained(
        folder / "base-gpt2"
    )
    for name in ("wide", "deep", "gpt2"):
        make_adapter(folder / f"base-{name}", folder / name, 3)
    make_adapter(tiny_model_dir, folder / "dora", 3, use_dora=True)
    return folder


@pytest.mark.parametrize("name", ["wide", "deep", "gpt2"])
@pytest.mark.parametrize("first", [True, False], ids=["as the first adapter", "after another"])
async def test_an_adapter_of_another_base_is_refused_and_the_base_answers_on(
    pool, tiny_model_dir, adapters, strangers, name, first
):
    base, good = local("base", tiny_model_dir), local("good", tiny_model_dir, adapter=str(adapters[0]))
    before = await collect(pool.open(base), ASKED, SHORT)
    if not first:
        assert await works(pool, good)
    error = await error_of(pool, local("stranger", tiny_model_dir, adapter=str(strangers / name)))
    assert "does not fit its base" in error and "(Error(s)" not in error and str(strangers / name) in error
    after, tuned = await asyncio.gather(*(collect(pool.open(spec), ASKED, SHORT) for spec in (base, good)))
    assert (after.text, after.error, tuned.error) == (before.text, None, None)


async def test_an_adapter_that_cannot_share_a_base_is_refused_with_the_remedy(
    pool, tiny_model_dir, strangers
):
    error = await error_of(pool, local("m", tiny_model_dir, adapter=str(strangers / "dora")))
    assert "DoRA" in error and "merge" in error


async def test_a_cut_adapter_is_refused(pool, tiny_model_dir, adapters, tmp_path):
    folder = shutil.copytree(adapters[0], tmp_path / "cut")
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    error = await error_of(pool, local("m", tiny_model_dir, adapter=str(folder)))
    assert f"adapter weights of {folder} cannot be loaded" in error


async def test_an_adapter_trained_further_is_loaded_anew(pool, tiny_model_dir, adapters, tmp_path):
    folder = shutil.copytree(adapters[0], tmp_path / "growing")
    spec = local("m", tiny_model_dir, adapter=str(folder))
    before = await collect(pool.open(spec), ASKED, Sampling(0.0, max_tokens=30))
    shutil.copyfile(adapters[1] / "adapter_model.safetensors", folder / "adapter_model.safetensors")
    after = await collect(pool.open(spec), ASKED, Sampling(0.0, max_tokens=30))
    expected = await collect(
        pool.open(local("two", tiny_model_dir, adapter=str(adapters[1]))), ASKED, Sampling(0.0, max_tokens=30)
    )
    assert before.text != after.text == expected.text


async def test_an_adapter_that_diverged_fails_alone_and_its_companions_answer(
    pool, tiny_model_dir, adapters, tmp_path
):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(adapters[0], tmp_path / "diverged")
    tensors = {
        name: tensor * float("nan")
        for name, tensor in load_file(folder / "adapter_model.safetensors").items()
    }
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    base, good = local("base", tiny_model_dir), local("good", tiny_model_dir, adapter=str(adapters[0]))
    broken = local("broken", tiny_model_dir, adapter=str(folder))
    alone = [await collect(pool.open(spec), ASKED, SHORT) for spec in (base, good)]
    for sampling in (SHORT, Sampling(temperature=1.0, max_tokens=4, seed=1)):
        answers = await asyncio.gather(
            *(
                collect(pool.open(spec), ASKED, s)
                for spec, s in ((broken, sampling), (base, SHORT), (good, SHORT))
            )
        )
        assert "NaN" in answers[0].error and "adapter" in answers[0].error
        assert [answer.text for answer in answers[1:]] == [answer.text for answer in alone]


QUIET = """
import asyncio, sys
from arena.models import ModelPool, collect
from arena.types import Message, ModelKind, ModelSpec, Sampling

async def main(pool, path, adapter):
    for number, extra in enumerate(({}, {"adapter": adapter}, {"adapter": adapter, "four_bit": True})):
        spec = ModelSpec(str(number), ModelKind.LOCAL, {"path": path, "device": "cpu", **extra})
        answer = await collect(pool.open(spec), (Message("user", "Hello"),), Sampling(max_tokens=4))
        assert answer.error is None, answer.error

pool = ModelPool(lambda name, prompt_id: None)
asyncio.run(main(pool, *sys.argv[1:]))
pool.close()
"""


@pytest.mark.slow
def test_loading_and_answering_write_nothing_to_the_terminal(tiny_model_dir, adapters):
    done = subprocess.run(
        [sys.executable, "-c", QUIET, str(tiny_model_dir), str(adapters[0])],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_bases_that_load_at_the_same_moment_all_load(tiny_model_dir):
    code = """
import sys, threading
from arena.models.loading import base_key, load_base
start, failed = threading.Barrier(4), []
def load(number):
    start.wait()
    try:
        load_base(base_key(sys.argv[1], four_bit=number % 2 == 1, dtype="float32", device="cpu"))
    except Exception as error:
        failed.append(str(error))
threads = [threading.Thread(target=load, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit("; ".join(failed) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_model_dir)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
