"""Preferences that a tiny model can learn (polite beats curt), as exports and in a home folder."""

import random
import shutil
import sys

import pytest

from arena.types import Message, prompt_id_of
from training.config import make

THINGS = ("a cat", "the sea", "an oak", "rain", "bread", "a clock", "the moon", "salt")


def rows(count=60, seed=0, prompts=None):
    """Return rows as an export has them: the chosen answer is polite, the rejected one curt."""
    rng = random.Random(seed)
    made = []
    for i in range(count):
        prompt = [{"role": "user", "content": f"What of {rng.choice(THINGS)} {i % (prompts or count)}?"}]
        if prompts:
            prompt[0]["content"] = f"What of thing {i % prompts}?"
        made.append(
            {
                "prompt": prompt,
                "chosen": [{"role": "assistant", "content": f"Gladly: {rng.choice(THINGS)}, thank you."}],
                "rejected": [{"role": "assistant", "content": f"No. {rng.choice(THINGS)}."}],
                "prompt_id": prompt_id_of([Message(**m) for m in prompt]),
                "battle_id": f"battle-{i}",
                "model_chosen": "a",
                "model_rejected": "b",
                "votes": 1,
                "agreement": 1.0,
                "voter_kinds": ["simulated"],
            }
        )
    return made


def write_rows(folder, made):
    """Write rows as an export folder."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(made), folder / "preferences.parquet")
    return folder


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    """Leave the number of threads to the run, which takes one for a tiny model; later tests have one again."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture
def hollow_model(tmp_path):
    """A folder with all files of a model and nothing in them: enough until weights are loaded."""
    folder = tmp_path / "home" / "models" / "hollow"
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text("{}")
    (folder / "model.safetensors").write_bytes(b"0")
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    return folder


@pytest.fixture
def home(tmp_path, tiny_model_dir):
    """A home folder with a real tiny model in it and an export of 60 learnable pairs."""
    shutil.copytree(tiny_model_dir, tmp_path / "home" / "models" / "tiny")
    write_rows(tmp_path / "home" / "exports" / "polite", rows())
    return tmp_path / "home"


@pytest.fixture
def settings(home):
    """A function that makes the config of a short run in `home`."""

    def settings(name, method, base="tiny", **overrides):
        quick = {"epochs": 2, "batch_size": 8, "max_length": 128, "evaluations": 1, "checkpoints": 2}
        rate = {"learning_rate": 5e-3}
        return make(
            name=name,
            method=method,
            base=str(home / "models" / base),
            data=str(home / "exports" / "polite"),
            parent=overrides.pop("parent", None),
            adapter=overrides.pop("adapter", None),
            overrides={**quick, **rate, **overrides},
        )

    return settings
