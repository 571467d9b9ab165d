"""What arena-rank makes of LLMFAO's votes at equal style, written down for the tests.

    python benchmarks/style_reference.py [--data FOLDER] [--environments FOLDER] [--out FILE.json]

arena-rank pins versions of NumPy and JAX that do not go with ours, so it runs in an environment of its own and the
tests read what it said. It is asked twice: with every vote shown from both sides, without its penalty and pair weights,
which is what `arena.style.control` fits; and as its own example has it.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from side_by_side import ask_peer, peer_environment

from arena.formats import import_file
from arena.store import Store
from arena.style.features import FEATURES, differences
from arena.style.rows import StyleRows
from arena.types import OUTCOMES, VoteFilter

HERE = Path(__file__).parent
VERSION = "0.1.1"
NAMES = [feature.name for feature in FEATURES]
SETTINGS = {
    "plain": {
        "votes": "both_sides",
        "dataset": {"reweighted": False},
        "model": {"reg": 0.0, "hessian_reg": 1e-7, "ftol": 0.0, "gtol": 1e-13},
    },
    "as_its_example": {
        "votes": "as_shown",
        "dataset": {},
        "model": {"ftol": 0.0, "gtol": 1e-13},
    },
}


def rows_of(folder: Path) -> StyleRows:
    """Return the votes of LLMFAO with the style of their answers."""
    with tempfile.TemporaryDirectory() as home, Store.open(Path(home) / "votes.duckdb") as store:
        import_file(store, folder / "crowd-comparisons.csv", "votes")
        return store.styles.rows(VoteFilter())


def votes_of(rows: StyleRows, *, both_sides: bool) -> dict[str, Any]:
    """Return one entry a vote, or two, the second seen from the other side."""
    table = differences(rows.style_a, rows.style_b)
    votes: dict[str, Any] = {key: [] for key in ("model_a", "model_b", "winner", *NAMES)}
    for row in range(len(rows.votes)):
        first, second = rows.names[rows.model_a[row]], rows.names[rows.model_b[row]]
        winner = OUTCOMES[rows.winner[row]]
        turned = (first, second, winner, 1.0), (second, first, winner.swapped(), -1.0)
        for a, b, outcome, sign in turned[: 2 if both_sides else 1]:
            for _ in range(int(rows.votes[row])):
                values = (a, b, outcome.value, *(sign * table[row]).tolist())
                for key, value in zip(votes, values, strict=True):
                    votes[key].append(value)
    return {**votes, "features": NAMES}


def main() -> None:
    """Ask arena-rank and write down what it says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "llmfao")
    parser.add_argument("--environments", type=Path, default=Path(".bench-env"), help="where peers live")
    parser.add_argument(
        "--out", type=Path, default=HERE.parent / "tests" / "arena" / "style" / "arena_rank.json"
    )
    given = parser.parse_args()
    rows = rows_of(given.data)
    python = peer_environment(given.environments, "arena-rank", [f"arena-rank=={VERSION}"])
    votes = {"both_sides": votes_of(rows, both_sides=True), "as_shown": votes_of(rows, both_sides=False)}
    reply = ask_peer(python, HERE / "peer_style.py", {"votes": votes, "settings": SETTINGS})
    given.out.write_text(json.dumps({"arena_rank": VERSION, "settings": SETTINGS, **reply}, indent=1) + "\n")
    print(f"{len(rows.votes)} rows, {len(rows.names)} models, written to {given.out}")


if __name__ == "__main__":
    main()
