"""What arena-rank makes of LLMFAO's votes by Bradley-Terry with sandwich intervals, written down for the tests.

    python benchmarks/sandwich_reference.py [--data FOLDER] [--environments FOLDER] [--out FILE.json]

arena-rank pins versions of NumPy and JAX that do not go with ours, so it runs in an environment of its own and the
tests read what it said. It adds a ridge to its Hessian (1e-5 a vote), which makes every interval a little narrower and
without which it cannot invert: so it is asked with a small ridge and with twice that, which tells where none would
lead, and as it comes.
"""

import argparse
import csv
import json
from pathlib import Path

from side_by_side import ask_peer, peer_environment

HERE = Path(__file__).parent
VERSION = "0.1.1"
EXACT = {"ftol": 0.0, "gtol": 1e-14, "max_iter": 5000}
SETTINGS = {
    "small_ridge": {"hessian_reg": 1e-6, **EXACT},
    "twice_the_ridge": {"hessian_reg": 2e-6, **EXACT},
    "as_it_comes": {},
}
WINNER = {"left": "model_a", "right": "model_b", "tie": "tie"}


def main() -> None:
    """Ask arena-rank and write down what it says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "llmfao")
    parser.add_argument("--environments", type=Path, default=Path(".bench-env"), help="where peers live")
    out = HERE.parent / "tests" / "arena" / "ratings" / "arena_rank.json"
    parser.add_argument("--out", type=Path, default=out)
    given = parser.parse_args()
    with (given.data / "crowd-comparisons.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    votes = {
        "model_a": [row["left"] for row in rows],
        "model_b": [row["right"] for row in rows],
        "winner": [WINNER[row["winner"]] for row in rows],
    }
    python = peer_environment(given.environments, "arena-rank", [f"arena-rank=={VERSION}"])
    reply = ask_peer(python, HERE / "peer_sandwich.py", {"votes": votes, "settings": SETTINGS})
    given.out.write_text(json.dumps({"arena_rank": VERSION, "settings": SETTINGS, **reply}, indent=1) + "\n")
    print(f"{len(rows):,} votes, written to {given.out}")


if __name__ == "__main__":
    main()
