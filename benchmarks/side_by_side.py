"""What benchmarks with peers share: an environment of the peers' own, asking a peer, and the table of a comparison.

A peer's script runs in a virtual environment that has the peer and not this project. It reads a request as JSON and
writes a reply as JSON; what it times begins after its imports.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Timing:
    """One contender in one round: seconds that passed, and CPU seconds of all its threads."""

    contender: str
    seconds: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Part:
    """A comparison; the first contender of each round is ours, and `facts` says what else was found."""

    name: str
    setting: str
    rounds: list[Timing]
    facts: dict[str, Any] = field(default_factory=dict)

    def median(self, contender: str) -> float:
        """Return a contender's median seconds."""
        return float(np.median(_seconds(self, contender)))

    def times_ours(self, peer: str) -> dict[str, float]:
        """Return the median over the rounds of a peer's seconds, and of its CPU seconds, divided by ours."""
        ours = self.contenders[0]
        return {
            "seconds": float(np.median(_seconds(self, peer) / _seconds(self, ours))),
            "cpu": float(np.median(_cpu(self, peer) / _cpu(self, ours))),
        }

    @property
    def contenders(self) -> list[str]:
        """Return the names, ours first."""
        return list(dict.fromkeys(timing.contender for timing in self.rounds))


def time_it(contender: str, work: Callable[[], Any]) -> tuple[Timing, Any]:
    """Run some work and return how long it took, and what it gave."""
    begun, cpu = time.perf_counter(), time.process_time()
    result = work()
    return Timing(contender, time.perf_counter() - begun, time.process_time() - cpu), result


def peer_environment(folder: Path, name: str, requirements: Sequence[str]) -> Path:
    """Return the Python of the environment `folder`/`name`, made with these requirements unless it has them."""
    home = folder / name
    python, record = home / "bin" / "python", home / "requirements.txt"
    wanted = "\n".join(requirements) + "\n"
    if record.is_file() and record.read_text() == wanted:
        return python.absolute()
    print(f"making the environment {home} with {', '.join(requirements)}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", *requirements], check=True)
    record.write_text(wanted)
    return python.absolute()


def ask_peer(python: Path, script: Path, request: dict[str, Any]) -> Any:
    """Run a peer's script with a request and return its reply; it gets the two paths, both JSON, as arguments."""
    with tempfile.TemporaryDirectory(prefix="peer-") as name:
        asked, replied = Path(name, "request.json"), Path(name, "reply.json")
        asked.write_text(json.dumps(request))
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        subprocess.run([str(python), str(script), str(asked), str(replied)], check=True, env=environment)
        return json.loads(replied.read_text())


def report(part: Part) -> None:
    """Print the medians over the rounds, and each peer's time in times of ours."""
    ours, *peers = part.contenders
    print(f"\n{part.name}: {part.setting}")
    for contender in part.contenders:
        cpu = np.median([timing.cpu for timing in part.rounds if timing.contender == contender])
        print(f"{contender:32s} {part.median(contender):9.3f} s   cpu {cpu:9.3f} s")
    for peer in peers:
        each, cpu = _seconds(part, peer) / _seconds(part, ours), _cpu(part, peer) / _cpu(part, ours)
        rounds = ", ".join(f"{ratio:.2f}" for ratio in each)
        print(
            f"ratio: {peer} / {ours} = {np.median(each):.2f} (rounds: {rounds}; of cpu {np.median(cpu):.2f})"
        )
    for fact, value in part.facts.items():
        print(f"{fact}: {value}")


def _seconds(part: Part, contender: str) -> Any:
    return np.asarray([timing.seconds for timing in part.rounds if timing.contender == contender])


def _cpu(part: Part, contender: str) -> Any:
    return np.asarray([timing.cpu for timing in part.rounds if timing.contender == contender])
