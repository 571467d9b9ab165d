"""How many votes uniform and active pairing need until a board of 30 models is as sure as wanted.

    python benchmarks/pairing.py [--seeds 5] [--coverage 100] [--out FILE.json] [--picture FILE.svg]

Arenas are simulated: models of known strengths, votes drawn by Bradley-Terry with a fifth of ties between equals. Pairs
are drawn by the policies that the app uses (`arena.pairing`), the board is the app's (`arena.ratings.bradley_terry`),
and the stop rule is its: half the mean width of the 95 % intervals is at most 15 points. For each spread of skills the
table shows the votes of each policy, their share of uniform's, and the floor: the share that the best possible fixed
allocation needs, found with the strengths known (a multiplicative algorithm for optimal designs; no policy can be
better in the long run). Further studies: arenas into which a third of the models comes late; the published rule of
arXiv 2403.04132 beside ours; how often intervals cover the truth where pairing stopped by itself; how often two equal
models are told apart by whoever looks after every vote.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from pairing_picture import draw

from arena.pairing.forecast import forecast
from arena.pairing.policies import Policy, weights
from arena.pairing.standing import Standing, standing
from arena.ratings import bradley_terry
from arena.ratings.intervals import Z95, chances, invert, laplacian
from arena.ratings.rated import CENTRE, POINTS, Floats, Rated
from arena.ratings.tally import Tally
from arena.types import PairCount

MODELS = 30
TARGET = 15.0
TIES = 0.2
GROWTH = 0.01
"""Votes come in portions of this share; chances and the stop rule are looked at between two portions."""

SPREADS = (100, 150, 200, 250, 300, 350, 400, 450)
PUBLISHED = "published rule"
SHAPES = ("normal", "even", "long tail", "two groups")


@dataclass
class Arena:
    """Known strengths in log-odds, and the votes so far: wins of row over column, and ties."""

    strengths: Floats
    wins: Floats
    ties: Floats

    @classmethod
    def of(cls, strengths: Floats) -> "Arena":
        """Return an arena without votes."""
        return cls(strengths, np.zeros((len(strengths),) * 2), np.zeros((len(strengths),) * 2))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all models, in the order of the strengths."""
        return tuple(f"m{i:02d}" for i in range(len(self.strengths)))

    @property
    def votes(self) -> int:
        """Return the number of votes."""
        return round(self.wins.sum() + self.ties.sum() / 2)

    def cast(self, number: int, share: Floats, rng: np.random.Generator) -> None:
        """Draw votes: pairs by `share` (symmetric, pairs i < j sum to 1), outcomes by the strengths."""
        above = np.triu_indices(len(self.strengths), 1)
        met = rng.multinomial(number, share[above] / share[above].sum())
        p = chances(self.strengths)[above]
        tied = TIES * 4 * p * (1 - p)
        outcomes = rng.multinomial(met, np.stack([p - tied / 2, 1 - p - tied / 2, tied], axis=-1))
        self.wins[above] += outcomes[:, 0]
        self.wins.T[above] += outcomes[:, 1]
        self.ties[above] += outcomes[:, 2]
        self.ties.T[above] += outcomes[:, 2]

    def counts(self) -> list[PairCount]:
        """Return the votes as the app counts them."""
        names, above = self.names, np.triu_indices(len(self.strengths), 1)
        columns = (self.wins[above], self.wins.T[above], self.ties[above])
        rows = zip(*above, *(column.astype(int).tolist() for column in columns), strict=True)
        return [PairCount(names[i], names[j], a, b, t, 0) for i, j, a, b, t in rows if a + b + t]

    def unread(self) -> Standing:
        """Return a standing that holds the votes alone: all that `uniform` and `few` look at."""
        votes, none = self.wins + self.wins.T + self.ties, np.zeros(len(self.strengths))
        return Standing(self.names, votes, none, np.zeros_like(votes), 1.0)

    def board(self) -> Rated:
        """Return the board."""
        return bradley_terry.fit_table(Tally(self.names, self.wins.copy(), self.ties.copy()))


def half_width(board: Rated) -> float:
    """Return half the mean width of the intervals, inf where one is open."""
    return float(((board.upper - board.lower) / 2).mean())


def strengths(shape: str, spread: float, rng: np.random.Generator) -> Floats:
    """Draw strengths and stretch them to a standard deviation of exactly `spread` points; in log-odds, around 0."""
    side = np.where(np.arange(MODELS) % 2, 1.0, -1.0)
    draws = {
        "normal": lambda: rng.normal(size=MODELS),
        "even": lambda: rng.random(MODELS),
        "long tail": lambda: rng.exponential(size=MODELS),
        "two groups": lambda: side + rng.normal(0, 0.25, MODELS),
    }
    raw = draws[shape]()
    return np.asarray((raw - raw.mean()) / raw.std() * spread / POINTS)


def floor(true: Floats, rounds: int = 400) -> float:
    """Return the share of uniform's votes that the best allocation needs, with the strengths known."""
    above = np.triu_indices(len(true), 1)
    p = chances(true)[above]
    told = p * (1 - p)

    def covariance(share: Floats) -> Floats:
        table = np.zeros((len(true),) * 2)
        table[above] = share * told
        return invert(laplacian(table + table.T))

    share = np.full(len(told), 1 / len(told))
    uniform = np.sqrt(np.diag(covariance(share))).mean()
    for _ in range(rounds):
        v = covariance(share)
        gain = (((v[:, above[0]] - v[:, above[1]]) ** 2) / np.sqrt(np.diag(v))[:, None]).sum(axis=0) * told
        share = share * gain**0.7
        share /= share.sum()
    return float((np.sqrt(np.diag(covariance(share))).mean() / uniform) ** 2)


@dataclass
class Reached:
    """How a run ended: its votes, the board, and the curve of half widths on the way."""

    votes: int
    board: Rated
    curve: list[tuple[int, float]]


def published(now: Standing) -> Floats:
    """Return chances by `sqrt(S / n) - sqrt(S / (n + 1))`, S the variance of a vote on the pair (arXiv 2403.04132).

    A vote that has not been cast is taken for half a one.
    """
    votes = np.maximum(now.votes, 0.5)
    share = np.sqrt(now.uncertainty) * (1 / np.sqrt(votes) - 1 / np.sqrt(votes + 1))
    np.fill_diagonal(share, 0.0)
    return np.asarray(share / (share.sum() / 2))


def run(arena: Arena, policy: str, rng: np.random.Generator, target: float = TARGET) -> Reached:
    """Let votes come in until the stop rule says that they are enough."""
    now: Standing | None = None
    curve: list[tuple[int, float]] = []
    everyone = np.arange(len(arena.strengths))
    while True:
        if arena.votes and (not curve or curve[-1][1] < 1.5 * target or arena.votes > 1.1 * curve[-1][0]):
            board = arena.board()
            curve.append((arena.votes, half_width(board)))
            if curve[-1][1] <= target:
                return Reached(arena.votes, board, curve)
        reads = policy in ("active", "new", PUBLISHED)
        now = standing(arena.counts(), arena.names, now) if reads else arena.unread()
        share = published(now) if policy == PUBLISHED else weights(cast(Policy, policy), now, everyone)
        arena.cast(max(10, int(GROWTH * arena.votes)), share, rng)


def covered(board: Rated, true: Floats) -> float:
    """Return the share of intervals that hold the true strength (less the mean, as on the board)."""
    aim = CENTRE + POINTS * (true - true.mean())
    return float(((board.lower <= aim) & (aim <= board.upper)).mean())


@dataclass(frozen=True)
class Row:
    """One spread of skills of one shape: votes by policy and seed, their ratio, and what the best allocation needs."""

    study: str
    shape: str
    spread: int
    votes: dict[str, list[int]]
    share: dict[str, list[float]]
    floor: list[float]
    covered: dict[str, float]

    def line(self) -> str:
        """Return the row for people."""
        votes = "  ".join(f"{policy} {np.mean(n):>7,.0f}" for policy, n in self.votes.items())
        share = "  ".join(
            f"{policy} {np.mean(s):.0%} ({min(s):.0%} to {max(s):.0%})" for policy, s in self.share.items()
        )
        floor = f"floor {np.mean(self.floor):.0%}" if self.floor else ""
        held = "  ".join(f"{policy} {value:.1%}" for policy, value in self.covered.items())
        return (
            f"{self.study:7} {self.shape:10} sd {self.spread:3}  {votes}  | {share}  {floor} | covered {held}"
        )


def compare(
    shape: str, spread: int, seeds: int, policies: Sequence[str] = ("uniform", "active")
) -> tuple[Row, dict[str, list[tuple[int, float]]]]:
    """Run each policy from nothing on the same arenas; return the row and the curves of the first seed."""
    votes: dict[str, list[int]] = {policy: [] for policy in policies}
    held: dict[str, list[float]] = {policy: [] for policy in policies}
    floors, curves = [], {}
    for seed in range(seeds):
        true = strengths(shape, spread, np.random.default_rng([seed, spread]))
        floors.append(floor(true))
        for policy in policies:
            ended = run(Arena.of(true), policy, np.random.default_rng([seed, spread, 1]))
            votes[policy].append(ended.votes)
            held[policy].append(covered(ended.board, true))
            if seed == 0:
                curves[policy] = ended.curve
    share = {p: [n / u for n, u in zip(votes[p], votes["uniform"], strict=True)] for p in policies[1:]}
    covers = {p: float(np.mean(h)) for p, h in held.items()}
    return Row("scratch", shape, spread, votes, share, floors, covers), curves


def joining(spread: int, seeds: int, late: int = 10) -> Row:
    """Rate `MODELS - late` models by uniform pairing, add the rest, and count the votes it takes from then on."""
    policies = ("uniform", "active", "new", "few")
    votes: dict[str, list[int]] = {policy: [] for policy in policies}
    held: dict[str, list[float]] = {policy: [] for policy in policies}
    for seed in range(seeds):
        rng = np.random.default_rng([seed, spread, 2])
        true = strengths("normal", spread, rng)
        old = run(Arena.of(true[late:]), "uniform", rng).board
        early = Arena.of(true)
        first = Arena.of(true[late:])
        first.cast(old.votes, np.ones((MODELS - late,) * 2) - np.eye(MODELS - late), rng)
        early.wins[late:, late:], early.ties[late:, late:] = first.wins, first.ties
        for policy in policies:
            arena = Arena(true, early.wins.copy(), early.ties.copy())
            ended = run(arena, policy, np.random.default_rng([seed, spread, 3]))
            votes[policy].append(ended.votes - early.votes)
            held[policy].append(covered(ended.board, true))
    share = {p: [n / u for n, u in zip(votes[p], votes["uniform"], strict=True)] for p in policies[1:]}
    return Row("joining", "normal", spread, votes, share, [], {p: float(np.mean(h)) for p, h in held.items()})


def peeking(arenas: int = 4000, first: int = 30, last: int = 3000) -> dict[str, float]:
    """Return how often the 95 % interval tells two equal models apart: at the last vote, and at any look before."""
    rng = np.random.default_rng(5)
    won = np.cumsum(rng.random((arenas, last)) < 0.5, axis=1, dtype=np.int32)[:, first:].astype(float)
    lost = np.arange(first + 1, last + 1) - won
    told = np.abs(np.log(won / lost)) > Z95 * np.sqrt(1 / won + 1 / lost)
    return {
        "at_the_end": float(told[:, -1].mean()),
        "looking_after_every_vote": float(told.any(axis=1).mean()),
    }


def foretold(spread: int, seeds: int) -> list[float]:
    """Return, a seed, the votes foretold after 4,000 uniform ones over those that active pairing then took."""
    ratios = []
    for seed in range(seeds):
        rng = np.random.default_rng([seed, spread, 4])
        arena = Arena.of(strengths("normal", spread, rng))
        arena.cast(4000, np.ones((MODELS,) * 2) - np.eye(MODELS), rng)
        course = forecast("active", standing(arena.counts(), arena.names), TARGET)
        taken = run(arena, "active", rng).votes - 4000
        ratios.append((course.needed or 0) / taken)
    return ratios


def main() -> None:
    """Run the studies, print their rows, and write figures and picture."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--coverage", type=int, default=100, help="arenas of the study of coverage")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "pairing.json")
    parser.add_argument(
        "--picture", type=Path, default=Path(__file__).parents[1] / "docs" / "pictures" / "pairing.svg"
    )
    parser.add_argument("--quick", action="store_true", help="one arena, to see that it works")
    asked = parser.parse_args()
    begun = time.process_time()
    rows: list[Row] = []
    curves: dict[str, list[tuple[int, float]]] = {}

    def keep(row: Row) -> None:
        rows.append(row)
        print(row.line(), flush=True)

    if asked.quick:
        row, curves = compare("normal", 400, 1)
        keep(row)
    for shape in () if asked.quick else SHAPES:
        for spread in SPREADS if shape == "normal" else SPREADS[1::2]:
            row, course = compare(shape, spread, asked.seeds if shape == "normal" else 3)
            keep(row)
            if (shape, spread) == ("normal", 400):
                curves = course
    if not asked.quick:
        for spread in (100, 200, 300):
            keep(joining(spread, 3))
        for spread in (200, 400):
            keep(compare("normal", spread, 2, ("uniform", "active", PUBLISHED))[0])
        keep(compare("normal", 200, asked.coverage)[0])
    near = foretold(200, 1 if asked.quick else 5)
    print(f"votes foretold over votes taken: {', '.join(f'{r:.2f}' for r in near)}")
    figures: dict[str, Any] = {
        "what": __doc__.splitlines()[0],
        "machine": {"python": platform.python_version(), "numpy": np.__version__, "cpu_s": 0.0},
        "models": MODELS,
        "target_points": TARGET,
        "ties_between_equals": TIES,
        "rows": [asdict(row) for row in rows],
        "foretold_over_taken": near,
        "equal_models_told_apart": peeking(),
        "curves": curves,
    }
    figures["machine"]["cpu_s"] = round(time.process_time() - begun)
    asked.out.write_text(json.dumps(figures, indent=1) + "\n")
    draw(figures, asked.picture)
    print(f"{figures['machine']['cpu_s']} s of CPU", file=sys.stderr)


if __name__ == "__main__":
    main()
