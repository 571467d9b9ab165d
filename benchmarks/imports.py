"""Seconds to import a million votes from CSV, JSON lines and Parquet, beside two ways of going row by row.

    python benchmarks/imports.py [--votes 1000000] [--sample 2000] [--folder DISK] [--out FILE.json]

The file has Chatbot Arena's columns (question_id, model_a, model_b, winner, judge, language, tstamp), 100 models and
20,000 voters. The import checks every row and ends with the votes durable in a store. Row by row, on a sample:

* store: the file is read by Python's csv, and each row is stored as a battle and a vote by the verbs that a live
  battle uses; every vote is durable by itself.
* one transaction: the same rows, as plain inserts into the two tables, in a single transaction.

Prints a table with seconds, CPU seconds (which a busy machine disturbs less), rows per second and the ratio to the
import of the CSV file; writes nothing unless `--out` is given.
"""

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import duckdb

from arena.formats import import_file
from arena.schema import migrate
from arena.store import Store
from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn, Vote, Voter, VoterKind, Winner

_LABELS = {"model_a": "model_a", "model_b": "model_b", "tie": "tie", "tie (bothbad)": "both_bad"}
_VOTES = """
SELECT i AS question_id, 'model-' || (hash(i) % 50) AS model_a, 'model-' || (50 + hash(i + 7) % 50) AS model_b,
       ['model_a', 'model_b', 'tie', 'tie (bothbad)'][1 + (hash(i + 3) % 4)::INTEGER] AS winner,
       'voter-' || (hash(i + 5) % 20000) AS judge, 'English' AS language, 1700000000 + 1.5 * i AS tstamp
FROM range({votes}) AS rows (i)
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One way of importing: the rows it took, the seconds that passed, and the CPU seconds of all its threads."""

    way: str
    rows: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Return rows per second."""
        return self.rows / self.seconds


def write_files(folder: Path, votes: int) -> dict[str, Path]:
    """Write the same votes in three containers and return their paths."""
    paths = {kind: folder / f"votes.{kind}" for kind in ("csv", "jsonl", "parquet")}
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE votes AS {_VOTES.format(votes=votes)}")
        for kind, path in paths.items():
            options = {"csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json", "parquet": "FORMAT parquet"}[kind]
            con.execute(f"COPY votes TO '{path}' ({options})")
    return paths


def bulk(folder: Path, path: Path) -> Result:
    """Import a whole file into a new store."""
    with Store.open(folder / f"{path.name}.duckdb") as store:
        start, cpu = time.perf_counter(), time.process_time()
        report = import_file(store, path, "votes")
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        stored = store.votes.count()
    if stored != report.votes_added:
        raise RuntimeError(f"{stored} votes are stored, {report.votes_added} were reported.")
    return Result(f"import {path.suffix[1:]}", stored, seconds, cpu)


def by_verbs(folder: Path, path: Path, sample: int) -> Result:
    """Store the first rows one by one, each as a battle and a vote."""
    with Store.open(folder / "verbs.duckdb") as store:
        for name in _models(path, sample):
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        prompt = Prompt.from_text("What is asked?")

        def one(row: dict[str, str]) -> None:
            turn = Turn(
                None, Answer(row["model_a"], "a", "recorded"), Answer(row["model_b"], "b", "recorded")
            )
            battle = Battle(uuid4(), prompt, row["model_a"], row["model_b"], (turn,))
            store.battles.add(battle)
            winner = Winner(_LABELS[row["winner"]])
            store.votes.cast(Vote(battle.battle_id, winner, Voter(VoterKind.HUMAN, row["judge"])))

        return _timed("row by row, store", path, sample, one)


def by_inserts(folder: Path, path: Path, sample: int) -> Result:
    """Insert the first rows one by one in one transaction."""
    with duckdb.connect(str(folder / "inserts.duckdb")) as con:
        migrate(con)
        ids = {name: place for place, name in enumerate(sorted(_models(path, sample)))}
        numbers = iter(range(sample))
        con.execute("BEGIN")

        def one(row: dict[str, str]) -> None:
            battle, a, b = str(uuid4()), ids[row["model_a"]], ids[row["model_b"]]
            con.execute(
                "INSERT INTO battles VALUES (?, NULL, ?, ?, NULL, NULL, false, now())", [battle, a, b]
            )
            con.execute(
                "INSERT INTO votes VALUES (?, ?, ?, ?, ?, 'human', ?, 'overall', 0, [], NULL, to_timestamp(?))",
                [next(numbers), battle, a, b, _LABELS[row["winner"]], row["judge"], float(row["tstamp"])],
            )

        result = _timed("row by row, one transaction", path, sample, one)
        con.execute("COMMIT")
        return result


def _models(path: Path, sample: int) -> set[str]:
    with path.open(newline="") as file:
        return {
            name
            for row, _ in zip(csv.DictReader(file), range(sample), strict=False)
            for name in (row["model_a"], row["model_b"])
        }


def _timed(way: str, path: Path, sample: int, one: Callable[[dict[str, str]], None]) -> Result:
    with path.open(newline="") as file:
        start, cpu, rows = time.perf_counter(), time.process_time(), 0
        for row, _ in zip(csv.DictReader(file), range(sample), strict=False):
            one(row)
            rows += 1
        return Result(way, rows, time.perf_counter() - start, time.process_time() - cpu)


def main() -> None:
    """Run all ways and print what they took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=2000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        paths = write_files(folder, options.votes)
        results = [bulk(folder, path) for path in paths.values()]
        results += [way(folder, paths["csv"], options.sample) for way in (by_inserts, by_verbs)]
    reference = results[0].rate
    for result in results:
        print(
            f"{result.way:30}{result.rows:>10,} rows{result.seconds:>9.2f} s{result.cpu:>9.2f} CPU s"
            f"{result.rate:>12,.0f} rows/s{reference / result.rate:>9.1f} times the csv import's time a row"
        )
    if options.out:
        options.out.write_text(
            json.dumps([asdict(result) | {"rate": result.rate} for result in results], indent=2)
        )


if __name__ == "__main__":
    main()
