"""How long agreement and reliability take on many votes: every verb on a real store of simulated voters.

    python -P benchmarks/people.py [--votes 100000 1000000] [--json FILE]

Four voters of 2,000, some far busier than others, vote on each battle; a tenth of them guess. The recovery of what
each was made to be worth is measured beside the seconds.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from arena.types import VoteFilter
from workbench.bench import Workbench

VOTERS, A_BATTLE, MODELS = 2_000, 4, 40
PRIOR = np.array([0.37, 0.37, 0.26])
SIDES = ("model_a", "model_b", "tie")

_STAGE = """
CREATE OR REPLACE TEMP TABLE big AS
SELECT row_number() OVER () - 1 AS row_number, 'battle ' || battle AS battle_key,
       'model ' || battle % {models} AS model_a,
       'model ' || (battle % {models} + 1 + battle // {models} % ({models} - 1)) % {models} AS model_b, winner,
       'voter ' || voter AS voter, 'human' AS voter_kind, 'overall' AS criterion,
       TIMESTAMPTZ '2026-01-01' + to_seconds(row_number) AS created_at, NULL::VARCHAR AS prompt_id,
       NULL::VARCHAR AS text_a, NULL::VARCHAR AS text_b
FROM drawn
"""


def simulate(
    rng: np.random.Generator, votes: int
) -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[np.float64]]:
    """Return votes as columns, and each voter's chance to say the true outcome."""
    accuracy = rng.beta(6, 2, VOTERS) * 0.8 + 0.15
    accuracy[: VOTERS // 10] = 1 / 3
    busy = rng.pareto(1.2, VOTERS) + 0.2
    battles = votes // A_BATTLE
    voter = rng.choice(VOTERS, battles * A_BATTLE, p=busy / busy.sum())
    key = np.unique(np.repeat(np.arange(battles), A_BATTLE) * VOTERS + voter)
    battle, voter = key // VOTERS, key % VOTERS
    truth = rng.choice(3, battles, p=PRIOR)[battle]
    right = rng.random(len(key)) < accuracy[voter]
    said = np.where(right, truth, (truth + rng.integers(1, 3, len(key))) % 3)
    return {"battle": battle, "voter": voter, "winner": np.array(SIDES)[said]}, accuracy


def fill(bench: Workbench, columns: dict[str, npt.NDArray[Any]]) -> None:
    """Store the votes as an import does."""
    import pandas

    drawn = pandas.DataFrame({"row_number": np.arange(len(columns["battle"])), **columns})

    def change(con: duckdb.DuckDBPyConnection) -> None:
        con.register("drawn", drawn)
        con.execute(_STAGE.format(models=MODELS))
        bench.store.bulk.insert_staged_votes(con, "big")
        con.unregister("drawn")
        con.execute("DROP TABLE big")

    bench.store.bulk.run(change)


def timed(what: Callable[[], Any], rounds: int = 3) -> tuple[float, Any]:
    """Return the median seconds of a few rounds, and the last result."""
    seconds, found = [], None
    for _ in range(rounds):
        begun = time.perf_counter()
        found = what()
        seconds.append(time.perf_counter() - begun)
    return float(np.median(seconds)), found


def measure(votes: int) -> dict[str, Any]:
    """Return seconds of each verb at so many votes, and how well the voters were found again."""
    columns, accuracy = simulate(np.random.default_rng(0), votes)
    with tempfile.TemporaryDirectory() as folder, Workbench.open(Path(folder) / "home", seed=0) as bench:
        fill(bench, columns)
        everybody = VoteFilter()
        agreement_s, agreement = timed(lambda: bench.people_agreement(everybody))
        reliability_s, reliability = timed(lambda: bench.voter_reliability(everybody))
        contested_s, contested = timed(lambda: bench.contested(everybody))
    rows = [row for row in reliability.voters if row.shared >= 10 and row.accuracy.value is not None]
    true = np.array([accuracy[int(row.voter.name.split()[1])] for row in rows])
    found = np.array([row.accuracy.value for row in rows])
    inside = [row.accuracy.lower < t < row.accuracy.upper for row, t in zip(rows, true, strict=True)]
    return {
        "votes": len(columns["battle"]),
        "shared battles": agreement.battles,
        "agreement_s": agreement_s,
        "reliability_s": reliability_s,
        "contested_s": contested_s,
        "alpha": agreement.alpha.value,
        "contested": len(contested),
        "voters with 10 shared battles": len(rows),
        "correlation": float(np.corrcoef(found, true)[0, 1]),
        "root mean square error": float(np.sqrt(np.mean((found - true) ** 2))),
        "intervals that hold the truth": float(np.mean(inside)),
    }


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--votes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = [measure(votes) for votes in options.votes]
    for row in found:
        print(json.dumps(row))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
