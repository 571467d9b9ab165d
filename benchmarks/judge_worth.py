"""How much narrower a judge makes the intervals of people's ratings, and whether they still cover the truth.

    python benchmarks/judge_worth.py [--arenas 100] [--data ../shared/data] [--out benchmarks/results/judge_worth.json]

Simulated: arenas of 8 models, 400 battles with a person's vote, the judge on these and on 1,600 or 4,000 more; judges
asked once, in both orders (a tie where they differ), and for their chances, at several kappas with a person; and 30
models with 600 and 2,400 battles, where the judge helps within pairs or over all of them. Recorded:
LLMBar's labels with GPT-4's and ChatGPT's verdicts, drawn with replacement, so that the share over all 419 pairs is the
truth; LLMFAO's workers with two other workers as the judge.

Prints a table; writes nothing unless `--out` is given.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from arena.ratings.joint import JointCounts  # noqa: E402
from arena.ratings.prediction_powered import fit  # noqa: E402
from arena.ratings.rated import CENTRE, POINTS, Floats  # noqa: E402
from benchmarks.judged_arenas import alone, kappa, seen_for, world  # noqa: E402
from benchmarks.judged_data import JUDGES, llmbar, llmfao  # noqa: E402

KAPPAS = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True, slots=True)
class Line:
    """Means over arenas: how much narrower intervals are, votes worth more, lambda, coverage (NaN without a truth)."""

    what: str
    kappa: float
    voted: int
    further: int
    narrower: float
    more: float
    weight: float
    coverage: float
    alone: float
    biased: float


def line(what: str, of: float, arenas: list[JointCounts], truth: Floats | None) -> Line:
    """Rate all arenas with and without the judge."""
    found = []
    for counts in arenas:
        people = alone(counts)
        rated, worth = fit(counts, people)
        inside = [
            np.nan if truth is None else float(((one.lower <= truth) & (truth <= one.upper)).mean())
            for one in (rated, people)
        ]
        found.append([worth.narrower, worth.more, worth.weight, *inside, float(worth.biased)])
    means = np.mean(found, axis=0).tolist()
    voted = arenas[0].votes > 0
    return Line(what, of, int(voted.sum()), int((~voted).sum()), *means)


def simulated(arenas: int) -> list[Line]:
    """Return a line for each kind of judge, kappa and number of further battles."""
    found = []
    kinds: tuple[tuple[str, dict[str, Any]], ...] = (
        ("asked once", {"verdicts": "one"}),
        ("both orders", {"verdicts": "both"}),
        ("chances", {"verdicts": "soft"}),
        ("both orders, 3 people a battle", {"verdicts": "both", "people": 3, "common": 0.8}),
    )
    for what, how in kinds:
        for target in KAPPAS:
            rng = np.random.default_rng([7, len(what), round(100 * target)])
            arena = replace(world(8, rng, common=0.9), **how)
            arena = seen_for(target, arena, rng)
            reached = kappa(replace(arena, people=1).draw(40_000, 0, rng))
            if abs(reached - target) > 0.02:
                continue
            for further in (1600, 4000):
                drawn = [arena.draw(400, further, rng) for _ in range(arenas)]
                found.append(line(what, target, drawn, CENTRE + POINTS * arena.ratings))
    return found


def sparse(arenas: int) -> list[Line]:
    """Return lines for 30 models, whose 435 pairs have one or two battles with a person's vote each."""
    rng = np.random.default_rng(30)
    arena = seen_for(0.6, world(30, rng, common=0.9), rng)
    drawn = [arena.draw(600, 2400, rng) for _ in range(arenas)]
    truth = CENTRE + POINTS * arena.ratings
    together = [replace(counts, pooled=True) for counts in drawn]
    return [
        line("30 models, by pair", 0.6, drawn, truth),
        line("30 models, all together", 0.6, together, truth),
    ]


def recorded(data: Path, arenas: int) -> list[Line]:
    """Return a line for each recorded judge, where the data are here."""
    if not (data / "llmbar").is_dir():
        return []
    found, rng = [], np.random.default_rng(11)
    for judge in JUDGES:
        all_pairs = llmbar(data, judge)
        size = len(all_pairs.person)
        gap = np.log(all_pairs.person.mean() / (1.0 - all_pairs.person.mean())) / 2.0
        of = kappa(all_pairs.counts(np.arange(size), size))
        for voted, further in ((60, 359), (100, 1000)):
            drawn = [all_pairs.counts(rng.integers(0, size, voted + further), voted) for _ in range(arenas)]
            found.append(line(f"LLMBar, {judge}", of, drawn, CENTRE + POINTS * np.array([gap, -gap])))
    crowd = llmfao(data, rng)
    of = kappa(crowd.counts(np.arange(len(crowd.person)), len(crowd.person)))
    drawn = [crowd.counts(rng.permutation(len(crowd.person)), 700) for _ in range(min(arenas, 20))]
    found.append(line("LLMFAO, two other workers", of, drawn, None))
    return found


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--arenas", type=int, default=100)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=None, help="keep the results in this JSON file")
    options = parser.parse_args()
    lines = [
        *simulated(options.arenas),
        *sparse(options.arenas),
        *recorded(options.data, 5 * options.arenas),
    ]
    form = "{:32} {:>6} {:>6} {:>8} {:>9} {:>7} {:>7} {:>9} {:>7}"
    print(
        form.format("judge", "kappa", "voted", "further", "narrower", "more", "lambda", "coverage", "alone")
    )
    for one in lines:
        shares = f"{one.narrower:.1%}", f"{one.more:.0%}", f"{one.weight:.2f}"
        inside = f"{one.coverage:.1%}", f"{one.alone:.1%}"
        print(form.format(one.what, f"{one.kappa:.2f}", one.voted, one.further, *shares, *inside))
    if options.out:
        rows = [{k: None if v != v else v for k, v in asdict(one).items()} for one in lines]
        entry = {"at": datetime.now(UTC).isoformat(), "arenas": options.arenas, "lines": rows}
        options.out.write_text(json.dumps(entry, indent=2) + "\n")


if __name__ == "__main__":
    main()
