"""Votes per second of 32 threads voting at once: the store, one commit per vote in DuckDB, and PostgreSQL.

    python benchmarks/votes.py [--seconds 3] [--rounds 5] [--threads 32] [--folder DISK] [--out FILE.json]

All three store the same columns under the same unique constraint, on the same disk, and a vote counts when it is
durable (DuckDB and PostgreSQL with their defaults, which flush at each commit). The rounds are interleaved, so that
whatever else the machine does meets all three; each thread waits for its vote before it sends the next one.

* store: `Store.votes.cast`, which also checks that the battle exists and is finished.
* one commit per vote: each thread has its own DuckDB cursor and inserts a row in a transaction of its own. Two
  concurrent inserts under a unique index may conflict in DuckDB although their keys differ: the insert is tried again,
  and the tries are counted. A second vote of a voter is refused by the index, as a ConstraintException.
* PostgreSQL: each thread has its own connection over a Unix socket and inserts with a prepared statement, with
  autocommit. The server is started by this script with its default settings, as a user other than root.

Prints a table, then a line a ratio; writes nothing unless `--out` is given.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np

from arena.schema import migrate
from arena.store import Store
from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn, Vote, Voter, VoterKind, Winner

CastVote = Callable[[Vote], None]
OpenVoter = Callable[[], AbstractContextManager[CastVote]]
"""Entered once in each voting thread; what it gives stores one vote durably."""

BATTLES_A_THREAD = 500

_PG_TABLE = """
CREATE TYPE outcome AS ENUM ('model_a', 'model_b', 'tie', 'both_bad');
CREATE TYPE voter_kind AS ENUM ('human', 'judge', 'simulated');
CREATE TABLE votes (
    seq BIGSERIAL, battle_id UUID NOT NULL, model_a INTEGER NOT NULL, model_b INTEGER NOT NULL, winner outcome,
    voter_kind voter_kind NOT NULL, voter TEXT NOT NULL CHECK (trim(voter) <> ''),
    criterion TEXT NOT NULL CHECK (trim(criterion) <> ''), revision INTEGER NOT NULL CHECK (revision >= 0),
    reasons TEXT[] NOT NULL, comment TEXT, created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (battle_id, voter_kind, voter, criterion, revision)
)
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What one contender did in one round; latencies in milliseconds."""

    contender: str
    votes_per_s: float
    p50_ms: float
    p99_ms: float
    votes: int


@contextmanager
def the_store(folder: Path, battles: list[Battle]) -> Iterator[OpenVoter]:
    """Our store, with the battles stored before."""
    with Store.open(folder / "store" / "votes.duckdb") as store:
        for name in ("a", "b"):
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        store.battles.add_many(battles)

        def cast(vote: Vote) -> None:
            store.votes.cast(vote)

        yield lambda: nullcontext(cast)


@contextmanager
def one_commit_per_vote(folder: Path, battles: list[Battle]) -> Iterator[OpenVoter]:
    """DuckDB, each vote in a transaction of its own, with the schema of the store."""
    root = duckdb.connect(str(folder / "single.duckdb"))
    migrate(root)
    retries = [0]

    @contextmanager
    def open_voter() -> Iterator[CastVote]:
        cursor = root.cursor()

        def cast(vote: Vote) -> None:
            while True:
                try:
                    cursor.execute(
                        "INSERT INTO votes SELECT 0, ?, 1, 2, ?, ?, ?, ?, 0, [], NULL, now()",
                        [str(vote.battle_id), vote.winner, vote.voter.kind, vote.voter.name, vote.criterion],
                    )
                except duckdb.TransactionException:
                    retries[0] += 1
                else:
                    return

        yield cast
        cursor.close()

    yield open_voter
    if retries[0]:
        print(f"one commit per vote: {retries[0]} inserts were tried again after a conflict", file=sys.stderr)
    root.close()


@contextmanager
def postgresql(folder: Path, battles: list[Battle]) -> Iterator[OpenVoter]:
    """PostgreSQL with its default settings; raises LookupError where it, or its Python client, is missing."""
    try:
        import psycopg
    except ImportError as error:
        raise LookupError("its Python client is missing: pip install 'psycopg[binary]'") from error
    with _server(folder / "postgres") as address:
        with psycopg.connect(address, autocommit=True) as con:
            con.execute(_PG_TABLE)

        @contextmanager
        def open_voter() -> Iterator[CastVote]:
            con = psycopg.connect(address, autocommit=True, prepare_threshold=0)

            def cast(vote: Vote) -> None:
                con.execute(
                    "INSERT INTO votes (battle_id, model_a, model_b, winner, voter_kind, voter, criterion, revision, "
                    "reasons, comment, created_at) VALUES (%s, 1, 2, %s, %s, %s, %s, 0, '{}', NULL, now())",
                    (vote.battle_id, vote.winner, vote.voter.kind, vote.voter.name, vote.criterion),
                )

            with con:
                yield cast

        yield open_voter


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Start a server of its own in `folder`, reached through a socket in it."""
    initdb, postgres = _binary("initdb"), _binary("postgres")
    folder.mkdir()
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = "postgres" if _has_user("postgres") else "nobody"
        shutil.chown(folder, user)
        _let_through(folder)
    data, log = folder / "data", folder / "log"
    setup = [initdb, "-D", str(data), "-U", "bench", "-A", "trust", "--encoding=UTF8"]
    made = subprocess.run(setup, capture_output=True, text=True, user=user, cwd=folder)
    if made.returncode:
        raise LookupError(f"it could not be set up in {folder}: {' '.join(made.stderr.split())[-200:]}")
    command = [
        postgres,
        "-D",
        str(data),
        "-k",
        str(folder),
        "-c",
        "listen_addresses=",
        "-c",
        "max_connections=100",
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, user=user, cwd=folder)
    try:
        _wait_for(folder / ".s.PGSQL.5432", server, log)
        yield f"host={folder} user=bench dbname=postgres"
    finally:
        server.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for clients
        server.wait(30)


def _wait_for(socket: Path, server: "subprocess.Popen[bytes]", log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(f"host={socket.parent} user=bench dbname=postgres").close()
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise LookupError(f"it did not start: {log.read_text()[-300:]}") from error
            time.sleep(0.1)


def _binary(name: str) -> str:
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    found = shutil.which(name, path=os.pathsep.join(map(str, homes))) or shutil.which(name)
    if not found:
        raise LookupError(f"it is not installed ({name} was not found): apt-get install postgresql")
    return found


def _has_user(name: str) -> bool:
    import pwd

    return any(entry.pw_name == name for entry in pwd.getpwall())


def _let_through(folder: Path) -> None:
    """Let another user walk to `folder`, whose parent is a temporary folder of ours."""
    folder.parent.chmod(0o711)


def measure(
    name: str, open_voter: OpenVoter, battles: list[Battle], round_: int, threads: int, seconds: float
) -> Round:
    """Let all threads vote for `seconds`, each on battles of its own and under names new in each lap."""
    latencies: list[list[float]] = [[] for _ in range(threads)]
    errors: list[BaseException] = []
    start = threading.Barrier(threads + 1)
    stop = threading.Event()

    def vote_on(index: int) -> None:
        try:
            with open_voter() as cast:
                start.wait()
                for lap in range(sys.maxsize):
                    voter = Voter(VoterKind.HUMAN, f"voter {round_} {index} {lap}")
                    for battle in battles[index::threads]:
                        if stop.is_set():
                            return
                        begun = time.perf_counter()
                        cast(Vote(battle.battle_id, Winner.MODEL_A, voter))
                        latencies[index].append(time.perf_counter() - begun)
        except threading.BrokenBarrierError:
            pass  # another thread has failed, and kept its error
        except BaseException as error:
            errors.append(error)
            start.abort()

    workers = [threading.Thread(target=vote_on, args=(index,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    with suppress(threading.BrokenBarrierError):
        start.wait()
    begun = time.perf_counter()
    stop.wait(0 if start.broken else seconds)
    stop.set()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - begun
    if errors:
        raise errors[0]
    all_ms = np.concatenate([np.asarray(own) for own in latencies]) * 1000
    p50, p99 = np.percentile(all_ms, [50, 99])
    return Round(name, len(all_ms) / took, float(p50), float(p99), len(all_ms))


def flush_floor_ms(folder: Path) -> float:
    """Return the median time of a flush of a short append on this disk."""
    times = []
    with (folder / "floor").open("wb", buffering=0) as file:
        for _ in range(200):
            begun = time.perf_counter()
            file.write(bytes(200))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return float(np.median(times)) * 1000


def make_battles(number: int) -> list[Battle]:
    """Return finished battles of two models."""
    prompt = Prompt.from_text("What is a lighthouse?")
    return [
        Battle(uuid4(), prompt, "a", "b", (Turn(None, Answer("a", "A tower."), Answer("b", "A lamp.")),))
        for _ in range(number)
    ]


def run(folder: Path, threads: int, seconds: float, rounds: int) -> list[Round]:
    """Measure all contenders, `rounds` times in turn."""
    battles = make_battles(BATTLES_A_THREAD * threads)
    contenders = {"store": the_store, "one commit per vote": one_commit_per_vote, "PostgreSQL": postgresql}
    results: list[Round] = []
    with ExitStack() as stack:
        opened: dict[str, OpenVoter] = {}
        for name, contender in contenders.items():
            try:
                opened[name] = stack.enter_context(contender(folder, battles))
            except LookupError as error:
                print(f"{name} is left out: {error}")
        for round_ in range(rounds):
            for name, open_voter in opened.items():
                result = measure(name, open_voter, battles, round_, threads, seconds)
                results.append(result)
                print(
                    _line(f"{name}, round {round_ + 1}", result.votes_per_s, result.p50_ms, result.p99_ms),
                    flush=True,
                )
    return results


def report(results: list[Round]) -> None:
    """Print the medians over the rounds, and the ratios of each round."""
    rates: dict[str, list[float]] = {}
    for result in results:
        rates.setdefault(result.contender, []).append(result.votes_per_s)
    print("\nmedian of the rounds")
    for name in rates:
        own = [result for result in results if result.contender == name]
        medians = [
            float(np.median([getattr(r, f) for r in own])) for f in ("votes_per_s", "p50_ms", "p99_ms")
        ]
        print(_line(name, *medians))
    print()
    for name in list(rates)[1:]:
        ratios = [ours / theirs for ours, theirs in zip(rates["store"], rates[name], strict=True)]
        print(
            f"ratio: store / {name} = {np.median(ratios):.2f} "
            f"(rounds: {', '.join(f'{ratio:.2f}' for ratio in ratios)})"
        )


def _line(name: str, votes_per_s: float, p50_ms: float, p99_ms: float) -> str:
    return f"{name:32s} {votes_per_s:9.0f} votes/s   p50 {p50_ms:7.2f} ms   p99 {p99_ms:7.2f} ms"


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each round of each contender")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument(
        "--folder", type=Path, default=None, help="where to make the databases, and so on which disk"
    )
    parser.add_argument("--out", type=Path, default=None, help="write every round to this file as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="votes-", dir=options.folder) as name:
        folder = Path(name)
        print(
            f"{options.threads} threads, {options.rounds} rounds of {options.seconds:g} s, {os.cpu_count()} cores, "
            f"flush floor {flush_floor_ms(folder):.2f} ms\n"
        )
        results = run(folder, options.threads, options.seconds, options.rounds)
    report(results)
    if options.out:
        entry = {"at": datetime.now(UTC).isoformat(), "rounds": [asdict(result) for result in results]}
        options.out.write_text(json.dumps(entry, indent=2) + "\n")


if __name__ == "__main__":
    main()
