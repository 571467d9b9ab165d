"""Simulated arenas in which people vote on some battles and a judge with faults of its own on many more.

Every battle has a latent side-taking, uniform and shared in part by all who look at it, so that people's votes follow
Bradley-Terry exactly whatever the judge does. The judge sees it through noise, with ratings of its own (it favours some
models) and a pull to the side shown first. Asked in both orders it says tie where they disagree, as judges here do.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtr, ndtri

from arena.ratings import bradley_terry
from arena.ratings.joint import JointCounts
from arena.ratings.rated import Rated
from arena.statistics import cohen_kappa
from arena.types import PairCount, Voter, VoterKind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
JUDGE = Voter(VoterKind.JUDGE, "simulated judge")


@dataclass(frozen=True, slots=True)
class World:
    """Ratings (log-odds) of people and of the judge, and how votes come about.

    `seen` is the correlation of what the judge sees with what a battle is like; `common` how much of a person's view of
    a battle all people share (1: they agree). `verdicts`: one order, both orders (a tie where they differ), or soft
    (the mean chance of both orders). `people` vote on each battle that is voted on, `ties` is their share of ties
    between equals.
    """

    ratings: Floats
    judged: Floats
    seen: float = 0.9
    common: float = 1.0
    verdicts: str = "both"
    people: int = 1
    ties: float = 0.15
    first: float = 0.15

    def draw(
        self, voted: int, further: int, rng: np.random.Generator, pairs: tuple[Ints, Ints] | None = None
    ) -> JointCounts:
        """Draw battles between random pairs (or `pairs`): the first `voted` of them with people's votes."""
        battles, size = voted + further, len(self.ratings)
        a, b = _pairs(size, battles, rng) if pairs is None else pairs
        alike = rng.standard_normal(battles)
        p = expit(self.ratings[a] - self.ratings[b])
        own = rng.standard_normal((voted, self.people))
        view = ndtr(np.sqrt(self.common) * alike[:voted, None] + np.sqrt(1.0 - self.common) * own)
        tie = self.ties * np.minimum(p, 1.0 - p)[:voted, None]
        lost = 1.0 - p[:voted, None]
        said = np.where(view > lost + tie, 1.0, np.where(view < lost - tie, 0.0, 0.5))
        return JointCounts(
            judge=JUDGE,
            names=tuple(f"m{i:02d}" for i in range(size)),
            model_a=a.astype(np.int32),
            model_b=b.astype(np.int32),
            stratum=(a * size + b).astype(np.int32),
            votes=np.where(np.arange(battles) < voted, float(self.people), 0.0),
            points=np.concatenate([said.sum(axis=1), np.zeros(further)]),
            verdict=self._verdicts(a, b, alike, rng),
            battles=np.ones(battles),
        )

    def _verdicts(self, a: Ints, b: Ints, alike: Floats, rng: np.random.Generator) -> Floats:
        gap = ndtri(expit(self.judged[a] - self.judged[b]))
        clear = np.sqrt(1.0 - self.seen**2)
        noise = clear * rng.standard_normal((2, len(alike)))
        leaning = self.seen * alike + gap + noise + self.first * np.array([[1.0], [-1.0]])
        if self.verdicts == "one":
            return (leaning[0] > 0) * 1.0
        if self.verdicts == "both":
            return (leaning > 0).mean(axis=0)
        return np.round(ndtr(leaning / max(clear, 0.05)).mean(axis=0), 2)


def _pairs(size: int, battles: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    one = rng.integers(0, size, battles)
    other = (one + 1 + rng.integers(0, size - 1, battles)) % size
    return np.minimum(one, other), np.maximum(one, other)


def world(
    models: int, rng: np.random.Generator, *, spread: float = 0.6, faults: float = 0.4, **how: object
) -> World:
    """Models with these standard deviations (log-odds) of people's ratings and of the judge's deviation from them."""
    ratings = rng.normal(0.0, spread, models)
    return World(ratings - ratings.mean(), ratings + rng.normal(0.0, faults, models), **how)  # type: ignore[arg-type]


def alone(counts: JointCounts) -> Rated:
    """Bradley-Terry on people's votes only; a half point is a tie."""
    tied = counts.votes * ((counts.votes == 1) & (counts.points == 0.5))
    sums = np.column_stack([counts.points - tied / 2, counts.votes - counts.points - tied / 2, tied])
    table: dict[tuple[int, int], Floats] = {}
    for i in np.flatnonzero(counts.votes > 0).tolist():
        row = table.setdefault((int(counts.model_a[i]), int(counts.model_b[i])), np.zeros(3))
        row += sums[i] * counts.battles[i]
    found = []
    for (a, b), (won, lost, ties) in table.items():
        odd = round(2 * won) % 2 / 2
        outcomes = round(won - odd), round(lost - odd), round(ties + 2 * odd), 0
        found.append(PairCount(counts.names[a], counts.names[b], *outcomes))
    return bradley_terry.fit(found)


def kappa(counts: JointCounts) -> float:
    """Cohen's kappa of the judge with a person on the battles both voted on, each person's vote a row."""
    both = (counts.votes == 1) & ~np.isnan(counts.verdict)
    return float(cohen_kappa(_outcome(counts.points[both]), _outcome(counts.verdict[both])).value or 0.0)


def _outcome(score: Floats) -> list[int]:
    return np.where(score > 0.5, 0, np.where(score < 0.5, 1, 2)).tolist()


def seen_for(target: float, like: World, rng: np.random.Generator) -> World:
    """The same world with a judge that agrees with a person by kappa `target` (soft verdicts: by their larger side)."""
    low, high = 0.0, 0.9999
    state = rng.bit_generator.state
    for _ in range(14):
        middle = (low + high) / 2.0
        rng.bit_generator.state = state
        drawn = replace(like, seen=middle, people=1).draw(40_000, 0, rng)
        low, high = (middle, high) if kappa(drawn) < target else (low, middle)
    return replace(like, seen=(low + high) / 2.0)
