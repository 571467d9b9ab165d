"""Ten million votes over three hundred models, rated: ours beside arena-rank, evalica and FastChat.

    python benchmarks/ratings.py [--votes 10000000] [--rounds 3] [--slow-rounds 1] [--homes FOLDER]
                                    [--environments .bench-env] [--only PART,...] [--out FILE.json]

Parts:

* counts: Bradley-Terry with sandwich intervals, from the votes to the ratings. Ours reads the votes table of a real
  home (its rows that stand) and a bare table of three ENUM columns; a scan sums the same three columns.
  Peers read the bare table: arena-rank and evalica as their READMEs show, evalica also on counts summed by SQL. What a
  peer takes to load is in its seconds and told beside them.
* elo: Elo in vote order, from the votes to the ratings, against FastChat's and evalica's.
* bootstrap: 100 rounds of ours (a multinomial draw of the counts, each fitted to its own maximum) against FastChat's.
  Its Bradley-Terry bootstrap wants 16 bytes times votes times models of memory (48 GB here), so both of its kinds run
  on `--few` votes, where ours is timed as well; of its rounds, which are all alike, one is measured and scaled to 100.
* refresh: the leaderboard after one more vote, and what a voter is shown after it, in homes of 10 thousand to
  10 million votes of as many models.

Homes are made on first use in `--homes` and kept (2.3 GB for ten million votes), peers in virtual environments of their
own in `--environments`. Contenders take turns within a round; the ratio is the median over the rounds. Imports come
before the clock, except that a compiled Elo is told apart from its first run.
"""

import argparse
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does
sys.path.append(sys.path.pop(0))  # a file here shares its name with the package `judges`

import duckdb
import numpy as np
from ratings_home import make
from side_by_side import Part, Timing, ask_peer, peer_environment, time_it

from arena.ratings import bradley_terry, elo
from arena.ratings.intervals import chances
from arena.ratings.options import RatingOptions
from arena.ratings.pair_table import PairTable
from arena.ratings.rated import CENTRE, POINTS, Rated
from arena.ratings.tally import tally
from arena.ratings.uncertainty import with_intervals
from arena.store import Store, recount
from arena.types import Answer, Battle, Prompt, Turn, VoteColumns, VoteFilter, Voter, VoterKind, Winner
from workbench.bench import Workbench

HERE = Path(__file__).parent
MODELS = 300
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
RANKS = ("ranks", ("arena-rank==0.1.1", "evalica==0.4.2", "duckdb==2.0.0", "pyarrow==26.0.1"))
FASTCHAT = (
    "fastchat",
    (
        "fschat==0.2.36",
        "torch==2.13.0",
        "transformers==4.57.6",
        "accelerate==1.15.0",
        "scikit-learn==1.9.1",
        "pandas==3.1.1",
        "plotly==7.1.0",
        "pytz",
        "tqdm",
        "duckdb==2.0.0",
    ),
)
OURS, BARE, SCAN, SCAN_BARE = (
    "ours, from a home",
    "ours, bare columns",
    "scan of a home",
    "scan, bare columns",
)


class Homes:
    """Homes with votes, and bare tables of the same, by how many; made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def home(self, votes: int) -> Path:
        """Return the folder of a home with so many votes."""
        return make(self.folder / str(votes), votes, MODELS).parent

    def bare(self, votes: int) -> Path:
        """Return a database whose table `votes` holds what stands in that home, in order, in three ENUM columns."""
        path = self.folder / f"{votes}.duckdb"
        if not path.exists():
            with duckdb.connect(str(self.home(votes) / "workbench.duckdb"), read_only=True) as con:
                names = [
                    row[0] for row in con.execute("SELECT name FROM models ORDER BY model_id").fetchall()
                ]
                standing = con.sql(
                    f"SELECT model_a, model_b, winner::VARCHAR AS winner FROM {recount.ALL_STANDING} ORDER BY seq"
                ).to_arrow_table()
            making = path.with_suffix(".part")
            making.unlink(missing_ok=True)
            with duckdb.connect(str(making)) as con:
                con.register("standing", standing)
                con.execute(f"CREATE TYPE model AS ENUM ({', '.join(repr(name) for name in names)})")
                con.execute("CREATE TYPE outcome AS ENUM ('model_a', 'model_b', 'tie', 'both_bad')")
                con.execute(
                    "CREATE TABLE votes AS SELECT ($1::VARCHAR[])[model_a]::model AS model_a, "
                    "($1::VARCHAR[])[model_b]::model AS model_b, winner::outcome AS winner FROM standing",
                    [names],
                )
            making.rename(path)
        return path


def open_bare(path: Path) -> duckdb.DuckDBPyConnection:
    """Return an open bare table."""
    return duckdb.connect(str(path), read_only=True)


def bare_counts(con: duckdb.DuckDBPyConnection) -> PairTable:
    """Count a bare table as the store counts its own."""
    names = [
        str(name) for name in con.execute("SELECT unnest(enum_range(NULL::model))").fetchnumpy().popitem()[1]
    ]
    coded = "(SELECT enum_code(model_a)::INTEGER AS model_a, enum_code(model_b)::INTEGER AS model_b, winner FROM votes)"
    found = recount.within(con, coded, (0, len(names) - 1))
    return PairTable.of(names, found.model_a, found.model_b, found.votes)


def bare_columns(con: duckdb.DuckDBPyConnection) -> VoteColumns:
    """Return a bare table's votes in order."""
    names = [
        str(name) for name in con.execute("SELECT unnest(enum_range(NULL::model))").fetchnumpy().popitem()[1]
    ]
    table = con.sql(
        "SELECT enum_code(model_a)::INTEGER AS a, enum_code(model_b)::INTEGER AS b, enum_code(winner)::TINYINT AS w "
        "FROM votes"
    ).to_arrow_table()
    a, b, winner = (table[name].to_numpy() for name in ("a", "b", "w"))
    return VoteColumns(tuple(names), a, b, winner)


def ask(options: argparse.Namespace, contender: str, database: Path, rounds: int = 1) -> dict[str, Any]:
    """Let a peer rate votes; return its reply."""
    python = peer_environment(options.environments, *(FASTCHAT if "FastChat" in contender else RANKS))
    request = {"contender": contender, "database": str(database), "rounds": rounds}
    return dict(ask_peer(python, HERE / "peer_ratings.py", request))


def whole(contender: str, reply: dict[str, Any]) -> Timing:
    """Return what a peer took from the table to the ratings."""
    return Timing(contender, reply["load"] + reply["rate"], reply["load_cpu"] + reply["rate_cpu"])


def counts_part(options: argparse.Namespace, homes: Homes) -> Part:
    """Time Bradley-Terry with sandwich intervals from the table of votes on."""
    timings: list[Timing] = []
    facts: dict[str, Any] = {}
    bare = homes.bare(options.votes)
    scan = "SELECT sum({0}), sum({1}), max(winner) FROM votes"
    with Store.open(homes.home(options.votes) / "workbench.duckdb") as store:

        def from_home() -> Rated:
            store.votes._tallies.invalidate()
            return bradley_terry.fit(store.votes.pair_counts(VoteFilter()))

        def from_bare() -> Rated:
            with open_bare(bare) as con:
                return bradley_terry.fit(bare_counts(con))

        def scan_bare() -> Any:
            with open_bare(bare) as con:
                return con.execute(scan.format("enum_code(model_a)", "enum_code(model_b)")).fetchall()

        quick: dict[str, Callable[[], Any]] = {
            BARE: from_bare,
            OURS: from_home,
            SCAN_BARE: scan_bare,
            SCAN: lambda: store.read().execute(scan.format("model_a", "model_b")).fetchall(),
        }
        rated = {name: work() for name, work in quick.items()}
        table = tally(store.votes.pair_counts(VoteFilter()))
        facts["points from a solution of twenty plain Newton steps, at most"] = _away(rated[OURS], table)
        for round_ in range(max(options.rounds, options.slow_rounds)):
            if round_ < options.rounds:
                for _ in range(5):
                    for name, work in quick.items():
                        timings.append(time_it(name, work)[0])
                reply = ask(options, "evalica on counts", bare)
                timings.append(whole("evalica on counts", reply))
            for contender in ("arena-rank", "evalica"):
                if round_ < options.slow_rounds:
                    reply = ask(options, contender, bare)
                    timings.append(whole(contender, reply))
                    facts[f"{contender}: seconds to load, megabytes"] = [reply["load"], reply["peak_mb"]]
    return Part(
        "counts", f"{options.votes:,} votes, {MODELS} models, to ratings and intervals", timings, facts
    )


def _away(rated: Rated, table: Any) -> float:
    """Return how far ratings are at most, in points, from those of a plain solution that has converged."""
    points, found = table.points, np.zeros(len(table.names))
    for _ in range(20):
        p = chances(found)
        slope = (points * p.T - points.T * p).sum(axis=1)
        weights = (points + points.T) * p * p.T
        found = found + np.linalg.lstsq(np.diag(weights.sum(axis=1)) - weights, slope, rcond=None)[0]
    return float(np.abs(CENTRE + POINTS * (found - found.mean()) - rated.ratings).max())


def elo_part(options: argparse.Namespace, homes: Homes) -> Part:
    """Time Elo in vote order."""
    bare = homes.bare(options.votes)
    timings: list[Timing] = []
    facts: dict[str, Any] = {}

    def rate() -> Any:
        with open_bare(bare) as con:
            columns = bare_columns(con)
        return dict(zip(columns.names, elo.rate(columns).tolist(), strict=True))

    first, ours = time_it("first run", rate)
    facts["first run in a process, with import and compilation or its cache"] = first.seconds
    for round_ in range(max(options.rounds, options.slow_rounds)):
        if round_ < options.rounds:
            timings += [time_it("ours", rate)[0] for _ in range(5)]
        for contender in ("FastChat Elo", "evalica Elo"):
            if round_ < options.slow_rounds:
                reply = ask(options, contender, bare)
                timings.append(whole(contender, reply))
                facts[f"{contender}: seconds to load, megabytes"] = [reply["load"], reply["peak_mb"]]
                facts[f"{contender}: points from ours, at most"] = max(
                    abs(ours[name] - rating) for name, rating in reply["ratings"].items()
                )
    return Part("elo", f"{options.votes:,} votes in order, {MODELS} models", timings, facts)


def bootstrap_part(options: argparse.Namespace, homes: Homes) -> Part:
    """Time a hundred rounds of the bootstrap, from counts that are there; peers begin with votes that are loaded."""
    timings, asked = [], RatingOptions(intervals="bootstrap", rounds=100)
    with open_bare(homes.bare(options.votes)) as con:
        table = bare_counts(con)
    with open_bare(homes.bare(options.few)) as con:
        few = bare_counts(con)
    rated, rated_few = bradley_terry.fit(table), bradley_terry.fit(few)
    plain = rated.upper - rated.lower
    drawn = with_intervals(rated, table, None, asked)
    facts: dict[str, Any] = {
        "width of the bootstrap's intervals by the sandwich's, median": float(
            np.median((drawn.upper - drawn.lower) / plain)
        ),
        "peers' rounds are all alike: of the 100, so many are measured": 1,
        "FastChat's bootstraps, whose cost grows with the votes, are measured on votes": options.few,
    }
    for round_ in range(max(options.rounds, options.slow_rounds)):
        if round_ < options.rounds:
            timings.append(time_it("ours", lambda: with_intervals(rated, table, None, asked))[0])
            timings.append(
                time_it(f"ours, {options.few:,} votes", lambda: with_intervals(rated_few, few, None, asked))[
                    0
                ]
            )
        if round_ < options.slow_rounds:
            for contender in ("FastChat bootstrap", "FastChat Elo bootstrap"):
                votes = options.few
                reply = ask(options, contender, homes.bare(votes))
                label = f"{contender}, {votes:,} votes"
                timings.append(Timing(label, 100 * reply["rate"], 100 * reply["rate_cpu"]))
                facts[f"{contender}: megabytes"] = reply["peak_mb"]
    return Part("bootstrap", f"100 rounds, {options.votes:,} votes, {MODELS} models", timings, facts)


def refresh_part(options: argparse.Namespace, homes: Homes) -> Part:
    """Time the board after one more vote, and the vote with what it reveals, in homes of growing size in turn."""
    timings: list[Timing] = []
    facts: dict[str, Any] = {}
    names = [f"model {number:03d}" for number in range(MODELS)]
    rng, votes = np.random.default_rng(), 5 * options.rounds
    with ExitStack() as open_homes:
        benches: dict[int, tuple[Workbench, list[Battle]]] = {}
        for size in sorted({size for size in SIZES if size < options.votes} | {options.votes}):
            bench = open_homes.enter_context(Workbench.open(homes.home(size)))
            first, _ = time_it("first", lambda bench=bench: bench.leaderboard(VoteFilter()))  # type: ignore[misc]
            facts[f"the first board after opening, {size:,} votes, seconds"] = first.seconds
            battles = [_battle(*rng.choice(names, 2, replace=False).tolist()) for _ in range(votes)]
            bench.store.battles.add_many(battles)
            benches[size] = (bench, battles)
        for turn in range(votes):
            for size, (bench, battles) in benches.items():
                battle, voter = battles[turn], Voter(VoterKind.HUMAN, f"voter {turn}")
                winner = list(Winner)[int(rng.integers(4))]

                def vote(
                    bench: Workbench = bench, battle: Battle = battle, by: Voter = voter, won: Winner = winner
                ) -> Any:
                    return bench.vote(battle.battle_id, won, by)

                def board(bench: Workbench = bench) -> Any:
                    return bench.leaderboard(VoteFilter())

                timings.append(time_it(f"vote and reveal, {size:,}", vote)[0])
                timings.append(time_it(f"board, {size:,}", board)[0])
    smallest, largest = min(benches), max(benches)
    part = Part("refresh", f"one more vote, {MODELS} models", timings, facts)
    facts[f"board at {largest:,} votes / at {smallest:,}"] = part.median(f"board, {largest:,}") / part.median(
        f"board, {smallest:,}"
    )
    return part


def _battle(model_a: str, model_b: str) -> Battle:
    answers = (Answer(model_a, "One answer.", "stop"), Answer(model_b, "Another answer.", "stop"))
    return Battle(uuid.uuid4(), Prompt.from_text("What is new?"), model_a, model_b, (Turn(None, *answers),))


PARTS: dict[str, Callable[[argparse.Namespace, Homes], Part]] = {
    "counts": counts_part,
    "elo": elo_part,
    "bootstrap": bootstrap_part,
    "refresh": refresh_part,
}


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--votes", type=int, default=10_000_000)
    parser.add_argument("--few", type=int, default=100_000, help="votes of what would need too much memory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow-rounds", type=int, default=1, help="rounds of what takes minutes")
    parser.add_argument("--only", default="", help="parts by commas; all of them if absent")
    parser.add_argument("--homes", type=Path, default=Path(tempfile.gettempdir(), "ratings-homes"))
    parser.add_argument("--environments", type=Path, default=Path(".bench-env"), help="where peers live")
    parser.add_argument("--out", type=Path, default=None, help="keep the results in this JSON file")
    options = parser.parse_args()
    chosen = [name.strip() for name in options.only.split(",") if name.strip()] or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.homes.mkdir(parents=True, exist_ok=True)
    homes, parts = Homes(options.homes), []
    for name in chosen:
        parts.append(PARTS[name](options, homes))
        show(parts[-1])
        if options.out:
            _keep(options, parts[-1])


def show(part: Part) -> None:
    """Print medians, and each contender's in times of ours."""
    ours = part.contenders[0]
    print(f"\n{part.name}: {part.setting}")
    for contender in part.contenders:
        seconds, cpu = part.median(contender), _median_cpu(part, contender)
        print(
            f"{contender:42s} {seconds:9.3f} s  cpu {cpu:9.3f} s  "
            f"ratio: {contender} / {ours} = {seconds / part.median(ours):.2f} (cpu {cpu / _median_cpu(part, ours):.2f})"
        )
    for fact, value in part.facts.items():
        print(f"{fact}: {value}")


def _median_cpu(part: Part, contender: str) -> float:
    return float(np.median([timing.cpu for timing in part.rounds if timing.contender == contender]))


def _keep(options: argparse.Namespace, part: Part) -> None:
    """Put a part into the file of results, beside the parts that are there."""
    kept = json.loads(options.out.read_text()) if options.out.exists() else {"parts": {}}
    ours = part.contenders[0]
    kept["parts"][part.name] = {
        "at": datetime.now(UTC).isoformat(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "duckdb": version("duckdb"),
        "setting": part.setting,
        "medians": {name: part.median(name) for name in part.contenders},
        "least": {
            name: min(t.seconds for t in part.rounds if t.contender == name) for name in part.contenders
        },
        "cpu": {name: _median_cpu(part, name) for name in part.contenders},
        "ours": ours,
        "facts": part.facts,
        "rounds": [asdict(timing) for timing in part.rounds],
    }
    options.out.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
