"""Votes per second of 100 voters over HTTP: the app's route, a bare FastAPI route, and Gradio with and without queue.

    python benchmarks/api_votes.py [--voters 100] [--seconds 5] [--rounds 5] [--only app,bare] [--out FILE.json]

The servers (`vote_servers`) run in processes of their own, the crowd (`http_load`) in this one; each vote is durable
before it is answered, and each voter waits for the answer before the next vote. The rounds are interleaved, so that
whatever else the machine does meets all of them; of Gradio's queue, which is slow, a round is shorter. At the end the
app's votes are counted in its database: none may be missing or doubled.

On a machine that does other work at the same time, compare the ratios and the CPU seconds a vote: rates suffer.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
import uvloop
from http_load import Ballot, Load, Way, crowd

from arena.store import Store
from workbench.access.keys import cookie_name, load_key
from workbench.access.voters import COOKIE, PREFIX, sign

WAYS: dict[str, Way] = {"app": "route", "bare": "route", "unqueued": "unqueued", "queue": "queue"}
TITLES = {
    "app": "the app's route",
    "bare": "bare FastAPI route",
    "unqueued": "Gradio, unqueued",
    "queue": "Gradio's queue",
}


@dataclass(frozen=True, slots=True)
class Round:
    """What one server did in one round; latencies in milliseconds, CPU of server and crowd in milliseconds a vote."""

    contender: str
    votes: int
    votes_per_s: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    crowd_cpu_ms: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"
    battles: list[str]
    key: bytes

    def cpu(self) -> float:
        """Return the CPU seconds of its process so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def ballots(self, voter: int, round_: int) -> Iterator[Ballot]:
        """Yield a voter's votes: on all battles in turn, and under a new name after each lap."""
        for lap in range(sys.maxsize):
            name = f"{PREFIX}{round_:03}{voter:04}{lap:03}"
            headers = f"Cookie: {cookie_name(COOKIE, self.key)}={sign(self.key, name)}\r\n"
            for battle_id in self.battles[voter:] + self.battles[:voter]:
                winner = ("model_a", "model_b", "tie", "both_bad")[(voter + lap) % 4]
                yield self._ballot(battle_id, winner, name, headers)

    def _ballot(self, battle_id: str, winner: str, voter: str, headers: str) -> Ballot:
        if WAYS[self.name] == "route":
            prefix = "/api/v1" if self.name == "app" else ""
            body = {"winner": winner, "reasons": ["clear"], "comment": None}
            return Ballot(f"{prefix}/battles/{battle_id}/votes", headers, json.dumps(body).encode())
        call = {"data": [battle_id, winner, voter], "fn_index": 0, "session_hash": voter}
        path = "/gradio_api/queue/join" if self.name == "queue" else "/gradio_api/run/predict"
        return Ballot(path, headers, json.dumps(call).encode())


@contextmanager
def serving(name: str, folder: Path) -> Iterator[Server]:
    """Run a server in a process of its own."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).with_name("vote_servers.py")
    environment = os.environ | {"PYTHONPATH": str(script.parents[1]), "GRADIO_ANALYTICS_ENABLED": "False"}
    process = subprocess.Popen(
        [sys.executable, "-P", str(script), name, str(folder), str(port)], env=environment
    )
    try:
        _wait_for(port, process)
        battles = json.loads((folder / "battles.json").read_text())
        yield Server(name, port, folder, process, battles, load_key(folder / "home"))
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/nothing", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            if process.poll() is not None:
                raise SystemExit("A server did not start.") from None
            time.sleep(0.1)


def measure(server: Server, voters: int, round_: int, seconds: float) -> Round:
    """Let a crowd vote for so many seconds."""
    before = server.cpu()
    ways = [server.ballots(voter, round_) for voter in range(voters)]
    load: Load = asyncio.run(crowd(server.port, ways, WAYS[server.name], seconds))
    if load.refused or not load.latencies:
        raise SystemExit(f"{server.name} refused votes: {load.refused}")
    votes = len(load.latencies)
    p50, p99 = np.percentile(np.asarray(load.latencies) * 1000, [50, 99])
    cpu = server.cpu() - before
    return Round(
        server.name,
        votes,
        votes / load.seconds,
        float(p50),
        float(p99),
        cpu * 1000 / votes,
        load.cpu * 1000 / votes,
    )


def run(folder: Path, names: list[str], voters: int, seconds: float, rounds: int) -> list[Round]:
    """Measure all servers in turn, `rounds` times, after a short round of each that does not count."""
    results: list[Round] = []
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(name, folder / name)) for name in names]
        for round_ in range(rounds + 1):
            for server in servers:
                long = seconds if round_ else min(seconds, 1.0)
                result = measure(server, voters, round_, long)
                results.append(result)
                if round_:
                    print(_line(f"{TITLES[server.name]}, round {round_}", result), flush=True)
    if "app" in names:
        _count(folder / "app" / "home", sum(r.votes for r in results if r.contender == "app"))
    return [result for place, result in enumerate(results) if place >= len(names)]


def _count(home: Path, acknowledged: int) -> None:
    with Store.open(home / "workbench.duckdb") as store:
        stored = store.votes.count()
    if stored != acknowledged:
        raise SystemExit(f"{acknowledged} votes were acknowledged and {stored} are stored.")
    print(f"\nall {stored:,} acknowledged votes of the app are stored, once each")


def report(results: list[Round]) -> dict[str, dict[str, float]]:
    """Print medians and ratios; return the ratios."""
    by_name: dict[str, list[Round]] = {}
    for result in results:
        by_name.setdefault(result.contender, []).append(result)
    print("\nmedian of the rounds")
    for name, own in by_name.items():
        fields = [
            float(np.median([getattr(r, f) for r in own])) for f in list(Round.__dataclass_fields__)[1:]
        ]
        print(_line(TITLES[name], Round(name, round(fields[0]), *fields[1:])))
    ratios: dict[str, dict[str, float]] = {}
    for name in list(by_name)[1:]:
        pairs = list(zip(by_name["app"], by_name[name], strict=True)) if "app" in by_name else []
        if not pairs:
            continue
        ratios[name] = {
            "votes_per_s": float(
                np.median([ours.votes_per_s / theirs.votes_per_s for ours, theirs in pairs])
            ),
            "p99_ms": float(np.median([ours.p99_ms / theirs.p99_ms for ours, theirs in pairs])),
            "server_cpu_ms": float(np.median([o.server_cpu_ms / t.server_cpu_ms for o, t in pairs])),
        }
        told = ", ".join(f"{field} {value:.2f}" for field, value in ratios[name].items())
        print(f"ratio: the app / {TITLES[name]}: {told}")
    return ratios


def _line(name: str, r: Round) -> str:
    return (
        f"{name:30s} {r.votes_per_s:8.0f} votes/s   p50 {r.p50_ms:8.1f} ms   p99 {r.p99_ms:8.1f} ms   "
        f"CPU a vote: server {r.server_cpu_ms:6.2f} ms, crowd {r.crowd_cpu_ms:5.2f} ms"
    )


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voters", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each round of each server")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(WAYS), help="which servers, by name")
    parser.add_argument("--out", type=Path, default=None, help="write every round to this file as JSON")
    options = parser.parse_args()
    uvloop.install()
    load = os.getloadavg()
    print(f"{options.voters} voters, {os.cpu_count()} cores, load of the machine before: {load[0]:.1f}\n")
    with tempfile.TemporaryDirectory(prefix="api-votes-") as name:
        results = run(Path(name), options.only.split(","), options.voters, options.seconds, options.rounds)
    ratios = report(results)
    if options.out:
        entry = {
            "at": datetime.now(UTC).isoformat(),
            "cores": os.cpu_count(),
            "voters": options.voters,
            "load_before": load[0],
            "load_after": os.getloadavg()[0],
            "ratios": ratios,
            "rounds": [asdict(result) for result in results],
        }
        options.out.write_text(json.dumps(entry, indent=2) + "\n")


if __name__ == "__main__":
    main()
