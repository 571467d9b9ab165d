"""Judgments against a server that answers from a script: how near to the ideal, at what CPU, and is any lost.

    python benchmarks/judges.py [--judgments 2000] [--slots 64,256] [--rounds 1] [--environments .bench-env]
                                [--only NAME,...] [--seed 11] [--median 1.0] [--out FILE.json]

The server is a process of its own (`scripted_judge.py`): log-normal latency with a median of 1 s, 2 % of the requests
turned away with 429, 1 % failing with 500, 1 % bringing a body that is cut off. Everybody meets the same latencies and
the same faults for the same question, and asks about the same pairs in both orders. The ideal is the sum of the
latencies the server served, divided by the slots. Nobody can reach it, because at the end of a run the last calls are
waited for in slots that have no more to do: the floor is what a client that needs no time at all would take, asking in
the order of the pairs and repeating what failed first. A judgment without a verdict is lost.

* ours: `judge_battles`, whole: loading the battles, rendering the questions, asking, reading the replies, storing
  calls, votes and verdicts.
* aiohttp alone: a session and a semaphore; replies are read and kept in memory.
* OpenAI client: the asynchronous client as its documentation shows it, with its own retries.
* FastChat: `play_a_match_pair` in as many threads as there are slots.
* alpaca_eval: `openai_completions` with as many threads.

Peers run in virtual environments of their own, made on first use in `--environments`. What is imported is imported
before the clock starts, and our client has been opened. Prints a table and a line a ratio; writes nothing else unless
`--out` is given.
"""

import argparse
import asyncio
import heapq
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from scripted_judge import SPREAD, draw
from side_by_side import ask_peer, peer_environment

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.models import ModelPool, complete
from arena.store import Store
from arena.types import Answer, Battle, Message, ModelKind, ModelSpec, Prompt, Sampling, Turn
from judges.judging import Limits, judge_battles
from judges.opening import Surroundings

HERE = Path(__file__).parent
OURS = "ours"
ENVIRONMENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "aiohttp alone": ("judges", ("openai[aiohttp]==3.52.0", "aiohttp==3.14.5", "alpaca_eval==0.6.6")),
    "OpenAI client": ("judges", ("openai[aiohttp]==3.52.0", "aiohttp==3.14.5", "alpaca_eval==0.6.6")),
    "FastChat": (
        "fastchat",
        (
            "fschat==0.2.36",
            "openai==0.28.1",
            "anthropic==2.12.0",
            "torch==2.13.0",
            "transformers==4.57.6",
            "accelerate==1.15.0",
        ),
    ),
    "alpaca_eval": ("judges", ("openai[aiohttp]==3.52.0", "aiohttp==3.14.5", "alpaca_eval==0.6.6")),
}
WORDS = (
    "a lighthouse keeper noted the tide , the wind and the hour because each of them moves the others and what one "
    "reads off the three together is safer than any one of them alone"
)


@dataclass(frozen=True, slots=True)
class Run:
    """What one contender did with one number of slots; `ideal` and `ratio` follow from what the server served.

    `floor` is the ratio of a client that needs no time itself.
    """

    contender: str
    slots: int
    seconds: float
    ideal: float
    ratio: float
    floor: float
    cpu_ms_a_request: float
    requests: int
    verdicts: int
    lost: int
    most_in_flight: int
    broke: str | None = None


def make_pairs(number: int) -> list[dict[str, str]]:
    """Return pairs of answers of about 120 words, each with the tag the server knows it by."""
    rng = np.random.default_rng(5)

    def text(words: int) -> str:
        return " ".join(rng.choice(WORDS.split(), words))

    return [
        {
            "prompt": f"Question {index}: {text(30)}?",
            "answer_a": f"item-{index:04d}-a {text(120)}.",
            "answer_b": f"item-{index:04d}-b {text(120)}.",
        }
        for index in range(number)
    ]


def floor(seed: int, median: float, pairs: int, slots: int) -> float:
    """Return how many times the ideal a client takes that needs no time itself, by playing the run through."""
    left = [f"item-{index:04d}-{side}" for index in range(pairs) for side in "ab"][::-1]
    asked: Counter[str] = Counter()
    again: list[str] = []
    events: list[tuple[float, str, bool]] = []
    now, latency, flying = 0.0, 0.0, 0
    while left or again or events:
        while flying < slots and (again or left):
            tag = again.pop() if again else left.pop()
            asked[tag] += 1
            drawn = draw(seed, tag, asked[tag], median, SPREAD)
            if drawn.fate == "429":
                heapq.heappush(events, (now + 1.0, tag, False))
                continue
            latency += drawn.latency
            flying += 1
            heapq.heappush(events, (now + drawn.latency, tag, drawn.fate == "good"))
        now, tag, good = heapq.heappop(events)
        came = draw(seed, tag, asked[tag], median, SPREAD).fate != "429"
        flying -= came
        if not good:
            again.append(tag)
    return now / (latency / slots)


@contextmanager
def the_server(seed: int, median: float) -> Iterator[str]:
    """Start the scripted server and give its address."""
    script = [str(HERE / "scripted_judge.py"), "--seed", str(seed), "--median", str(median)]
    command = [sys.executable, *script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def post(url: str) -> dict[str, Any]:
    """Send an empty request to the server and return what it tells."""
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10) as reply:
        return dict(json.load(reply))


def judge_here(address: str, pairs: list[dict[str, str]], slots: int) -> dict[str, Any]:
    """Let a judge of ours judge the pairs as battles of a store of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="judges-") as folder,
        Store.open(Path(folder, "w.duckdb")) as store,
    ):
        far = {"base_url": f"{address}/v1", "model": "m"}
        store.models.add(ModelSpec("far", ModelKind.ENDPOINT, far))
        for name in ("one", "two"):
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        # The store hands battles out by the hash of their ids; these come in the order in which the peers ask.
        ids = sorted(
            (UUID(int=n + 1) for n in range(len(pairs))), key=lambda one: md5(str(one).encode()).hexdigest()
        )
        store.battles.add_many([_battle(*each) for each in zip(ids, pairs, strict=True)])
        pool = ModelPool(store.answers.recorded)
        around = Surroundings(store, pool.open, Path(folder))
        spec = JudgeSpec("judge", JudgeKind.PAIRWISE, {"model": "far"})

        async def work() -> dict[str, Any]:
            await complete(pool.open(store.models.get("far")), (Message("user", "Hello"),), Sampling())
            post(f"{address}/begin")
            begun, cpu = time.perf_counter(), time.process_time()
            report = await judge_battles(spec, BattleFilter(), "overall", around, Limits(slots=slots))
            return {
                "seconds": time.perf_counter() - begun,
                "cpu": time.process_time() - cpu,
                "verdicts": 2 * sum(report.outcomes.values()),
                "broke": report.ended_early,
            }

        return asyncio.run(work())


def _battle(battle_id: UUID, pair: dict[str, str]) -> Battle:
    answers = (Answer("one", pair["answer_a"], "stop"), Answer("two", pair["answer_b"], "stop"))
    return Battle(battle_id, Prompt.from_text(pair["prompt"]), "one", "two", (Turn(None, *answers),))


def measure(
    contender: str, address: str, pairs: list[dict[str, str]], slots: int, environments: Path, lowest: float
) -> Run:
    """Let one contender judge all pairs in both orders; `lowest` is the floor of this round."""
    if contender == OURS:
        took = judge_here(address, pairs, slots)
    else:
        python = peer_environment(environments, *ENVIRONMENTS[contender])
        post(f"{address}/begin")
        request = {"contender": contender, "base_url": f"{address}/v1", "slots": slots, "pairs": pairs}
        took = ask_peer(python, HERE / "peer_judges.py", request)
    served = post(f"{address}/end")
    requests = sum(served["requests"].values())
    ideal = served["latency"] / slots
    return Run(
        contender=contender,
        slots=slots,
        seconds=took["seconds"],
        ideal=ideal,
        ratio=took["seconds"] / ideal,
        floor=lowest,
        cpu_ms_a_request=1000 * took["cpu"] / max(requests, 1),
        requests=requests,
        verdicts=took["verdicts"],
        lost=2 * len(pairs) - took["verdicts"],
        most_in_flight=served["most_in_flight"],
        broke=took["broke"],
    )


def line(run: Run) -> str:
    """Return a run as a line of the table."""
    return (
        f"{run.contender:14s} {run.slots:4d} slots  {run.seconds:7.2f} s  ideal {run.ideal:6.2f} s  "
        f"{run.ratio:5.2f} times  {run.cpu_ms_a_request:5.2f} ms CPU a request  lost {run.lost}"
        + (f"  ({run.broke})" if run.broke else "")
    )


def report(runs: list[Run]) -> None:
    """Print each contender's median ratio, and how many times ours it takes."""
    for slots in dict.fromkeys(run.slots for run in runs):
        own = _median(runs, OURS, slots)
        for contender in dict.fromkeys(run.contender for run in runs):
            ratio = _median(runs, contender, slots)
            if any(run.broke for run in runs if (run.contender, run.slots) == (contender, slots)):
                print(f"{slots} slots: {contender} broke off")
            elif ratio is not None and own is not None:
                print(
                    f"{slots} slots: {contender} / ideal = {ratio:.2f}, ratio: {contender} / ours = {ratio / own:.2f}"
                )


def _median(runs: list[Run], contender: str, slots: int) -> float | None:
    found = [run.ratio for run in runs if (run.contender, run.slots) == (contender, slots)]
    return float(np.median(found)) if found else None


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--judgments", type=int, default=2000, help="two for each pair")
    parser.add_argument("--slots", default="64,256", help="requests in flight, several by commas")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=11, help="of latencies and faults; each round adds one")
    parser.add_argument("--median", type=float, default=1.0, help="median latency in seconds")
    parser.add_argument("--only", default="", help="contenders by commas; all of them if absent")
    parser.add_argument("--environments", type=Path, default=Path(".bench-env"), help="where peers live")
    parser.add_argument("--out", type=Path, default=None, help="keep the results in this JSON file")
    options = parser.parse_args()
    contenders = [OURS, *ENVIRONMENTS]
    chosen = [name.strip() for name in options.only.split(",") if name.strip()] or contenders
    if unknown := set(chosen) - set(contenders):
        parser.error(f"there is no contender {', '.join(sorted(unknown))}; there are {', '.join(contenders)}")
    pairs = make_pairs(options.judgments // 2)
    print(f"{options.judgments} judgments, {options.rounds} rounds, {os.cpu_count()} cores\n", flush=True)
    runs = []
    for round_ in range(options.rounds):
        with the_server(options.seed + round_, options.median) as address:
            for slots in map(int, options.slots.split(",")):
                lowest = floor(options.seed + round_, options.median, len(pairs), slots)
                print(f"floor {lowest:.3f} times the ideal with {slots} slots", flush=True)
                for contender in chosen:
                    runs.append(measure(contender, address, pairs, slots, options.environments, lowest))
                    print(line(runs[-1]), flush=True)
    print()
    report(runs)
    if options.out:
        setting = {name: getattr(options, name) for name in ("judgments", "rounds", "seed", "median")}
        entry = {
            "at": datetime.now(UTC).isoformat(),
            "cores": os.cpu_count(),
            **setting,
            "runs": [asdict(run) for run in runs],
        }
        options.out.write_text(json.dumps(entry, indent=2) + "\n")


if __name__ == "__main__":
    main()
