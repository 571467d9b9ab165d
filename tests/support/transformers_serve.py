"""A real OpenAI-compatible server on real weights: `transformers serve` in a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DEMO_MODEL = Path(__file__).parents[2] / "workbench" / "demo" / "model"
READY_WITHIN = 120


@contextmanager
def serve(weights: Path, log: Path) -> Iterator[str]:
    """Serve `weights` on a free port of this machine while the block runs; the value is the base address."""
    port = _free_port()
    transformers = Path(sys.executable).with_name("transformers")
    command = [transformers, "serve", weights, "--host", "127.0.0.1", "--port", port]
    with log.open("w") as out:
        server = subprocess.Popen(
            [*map(str, command), "--device", "cpu", "--dtype", "float32"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        )
    try:
        _wait_until_ready(server, port, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(server: subprocess.Popen, port: int, log: Path) -> None:
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
