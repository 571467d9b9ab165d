"""The leaderboard: one row a model, whatever way its rating was made.

Unknown stays unknown: a model without votes has no rating, an end that the votes do not bound is `None`, and a row's
note says why in one sentence. Ranks come from intervals, so models that the votes cannot separate share them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.ratings import bradley_terry
from arena.ratings.options import Method
from arena.ratings.pair_table import PairTable
from arena.ratings.ranks import of_intervals
from arena.ratings.rated import Parameter, Rated
from arena.ratings.tally import tally
from arena.types import PairCount


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """One model: its rating in Elo points with a 95 % interval, and what its votes were.

    `lower` or `upper` is `None` where open, `rating` and `win_rate` are `None` without votes. `ties` counts ties and
    both bad, `win_rate` takes them as half. `rank_best` is 1 + the models whose lower end lies above this one's
    upper end, `rank_worst` the rated models less those that surely lie below.
    """

    name: str
    rating: float | None
    lower: float | None
    upper: float | None
    votes: int
    wins: int
    losses: int
    ties: int
    rank_best: int | None
    rank_worst: int | None
    win_rate: float | None
    note: str

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, for JSON and tables."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Rows from the highest rating down, models without one last; `notes` are about the board as a whole.

    `basis` says what the intervals rest on, `parameters` what was fitted beside the ratings.
    """

    method: Method
    rows: tuple[LeaderboardRow, ...]
    votes: int
    notes: tuple[str, ...]
    basis: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def row(self, name: str) -> LeaderboardRow | None:
        """Return the row of a model, `None` if it is not on the board."""
        return next((row for row in self.rows if row.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class WinMatrix:
    """Win rates of row against column, ties as half, NaN without a vote; and the number of votes.

    Shapes (models, models), in the order of `names`.
    """

    names: tuple[str, ...]
    win_rate: npt.NDArray[np.float64]
    votes: npt.NDArray[np.int64]

    def as_dict(self) -> dict[str, Any]:
        """Return names, rates (`None` where unknown) and votes as plain lists."""
        rates = [[rate if isfinite(rate) else None for rate in row] for row in self.win_rate.tolist()]
        return {"names": list(self.names), "win_rate": rates, "votes": self.votes.tolist()}


def of(
    rated: Rated, counts: Sequence[PairCount], method: Method, *, models: Sequence[str] = ()
) -> Leaderboard:
    """Build the board of ratings that are there; `counts` are the same votes, for wins and losses.

    `models` adds names that have no votes yet.
    """
    notes = list(rated.remarks)
    if len(rated.pieces) > 1:
        notes.append(
            f"No vote joins the {len(rated.pieces)} groups into which the models fall, "
            "so ratings of different groups cannot be compared."
        )
    if rated.provisional.any():
        notes.append(
            f"{int(rated.provisional.sum())} of {len(rated.names)} ratings are provisional: "
            "each counts one tie with an average model beside its votes."
        )
    totals = _totals(counts)
    ratings, lowers, uppers = rated.ratings.tolist(), rated.lower.tolist(), rated.upper.tolist()
    ranks = of_intervals(rated.lower, rated.upper)
    best, worst = ranks.best.tolist(), ranks.worst.tolist()
    rows = []
    for place, name in enumerate(rated.names):
        wins, losses, ties = totals[name]
        lower, upper = lowers[place], uppers[place]
        rows.append(
            LeaderboardRow(
                name=name,
                rating=ratings[place],
                lower=lower if isfinite(lower) else None,
                upper=upper if isfinite(upper) else None,
                votes=wins + losses + ties,
                wins=wins,
                losses=losses,
                ties=ties,
                rank_best=best[place],
                rank_worst=worst[place],
                win_rate=(wins + ties / 2.0) / (wins + losses + ties),
                note=rated.notes[place],
            )
        )
    rows.sort(key=lambda row: (-(row.rating or 0.0), row.name))
    rows += [
        _unrated(name, totals.get(name, (0, 0, 0))) for name in sorted({*models, *totals} - {*rated.names})
    ]
    votes = sum(wins + losses + ties for wins, losses, ties in totals.values()) // 2
    return Leaderboard(method, tuple(rows), votes, tuple(notes), rated.basis, dict(rated.parameters))


def _unrated(name: str, record: tuple[int, int, int]) -> LeaderboardRow:
    wins, losses, ties = record
    votes = sum(record)
    share = (wins + ties / 2.0) / votes if votes else None
    note = "None of its votes counts towards these ratings." if votes else "No votes yet."
    return LeaderboardRow(name, None, None, None, votes, wins, losses, ties, None, None, share, note)


def build(counts: Sequence[PairCount], *, models: Sequence[str] = ()) -> Leaderboard:
    """Build the Bradley-Terry board from pair counts; `models` adds names that have no votes yet."""
    return of(bradley_terry.fit(counts), counts, "bt", models=models)


def ratings_of(counts: Sequence[PairCount], near: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the Bradley-Terry rating of each model with votes, in Elo points, as the board shows it.

    Ratings of nearly the same votes (`near`) make it faster.
    """
    return bradley_terry.ratings_of(counts, near)


def win_matrix(counts: Sequence[PairCount], names: Sequence[str] | None = None) -> WinMatrix:
    """Return how often each model wins against each other; `names` sets the order and which models are shown."""
    table = tally(counts)
    order = table.names if names is None else tuple(names)
    place = {name: i for i, name in enumerate(table.names)}
    shown = [i for i, name in enumerate(order) if name in place]
    from_, to = [place[order[i]] for i in shown], np.ix_(shown, shown)
    points, votes = np.zeros((len(order), len(order))), np.zeros((len(order), len(order)), dtype=np.int64)
    points[to] = table.points[np.ix_(from_, from_)]
    votes[to] = np.rint((table.points + table.points.T)[np.ix_(from_, from_)])
    rate = np.full_like(points, np.nan)
    np.divide(points, votes, out=rate, where=votes > 0)
    return WinMatrix(order, rate, votes)


def _totals(counts: Iterable[PairCount]) -> dict[str, tuple[int, int, int]]:
    """Return wins, losses and ties (both bad among them) of each model."""
    if isinstance(counts, PairTable):
        return counts.records()
    totals: dict[str, list[int]] = {}
    for c in counts:
        for name, wins, losses in ((c.model_a, c.wins_a, c.wins_b), (c.model_b, c.wins_b, c.wins_a)):
            total = totals.setdefault(name, [0, 0, 0])
            total[0] += wins
            total[1] += losses
            total[2] += c.ties + c.both_bad
    return {name: (wins, losses, ties) for name, (wins, losses, ties) in totals.items()}
