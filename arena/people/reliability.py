"""How far each voter can be relied on, with an interval, and what their vote is worth in a rating.

It rests on `arena.people.dawid_skene`. Two figures say it. *Accuracy* is how often a voter says the true outcome, which
never falls to zero for whoever guesses. *Signal* is what share of a real difference between two answers reaches the
vote: the slope of the vote (1 for A, 0 for B, a half for neither) on the true outcome; 1 is all of it, 0 is what
guessing gives, and below 0 the sides are mixed up. The weight of a vote is its voter's signal, and 0 below it, scaled
so that the mean vote weighs 1.

What passes for true is what this crowd agrees on. A voter with a taste of their own therefore looks unreliable, and so
would an honest one among many who vote by whim.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.people.dawid_skene import STRENGTH, Tables, covariances, fit
from arena.people.shared import SIDES, Floats, SharedVotes
from arena.statistics import UNKNOWN, Figure, alpha_of, share_ends
from arena.types import Voter

FEWEST_VOTERS = 3
"""Of two who differ nobody can say who is right, so it takes three who share battles, directly or through others."""
FEWEST_BATTLES = 20
"""With fewer shared battles nothing is said of anybody."""
FEW_VOTES = 10
"""Of a voter with fewer shared battles the mean of all speaks louder than their own votes."""
_SCORES = np.array([1.0, 0.0, 0.5])
_KINDS = {"human": "person", "judge": "judge", "simulated": "simulated voter"}


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far one voter can be relied on, with 95 % intervals; `votes` in all, `shared` of them on shared battles.

    `accuracy` and `signal` are as the module says, unknown where the voter shares battles with too few. `errors` is
    the voter's table: `errors[said][truth]`, both as A, B, neither. `weight` is what one vote of theirs is worth, 1
    for the mean vote and where nothing is known. `notes` say what should be looked at.
    """

    voter: Voter
    votes: int
    shared: int
    accuracy: Figure
    signal: Figure
    errors: tuple[tuple[float, float, float], ...]
    weight: float = 1.0
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReliabilityReport:
    """All voters, those with most shared battles first, and what stands behind the figures.

    `battles` are shared by at least two voters, of `all_battles` with a vote, by `votes` votes. `alpha` is
    Krippendorff's on them. `prior` are the shares of true outcomes as A, B, neither; `accuracy` and `signal` those of
    the mean vote. `refusal` says in a sentence why nobody can be weighed by this, and is empty where they can.
    """

    voters: tuple[Reliability, ...]
    battles: int
    all_battles: int
    votes: int
    alpha: Figure
    prior: tuple[float, float, float] | None = None
    accuracy: float | None = None
    signal: float | None = None
    refusal: str = ""
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


def measure(votes: SharedVotes) -> ReliabilityReport:
    """Measure all voters; without enough shared battles, or agreement beyond chance, it says so and measures nobody."""
    alpha = alpha_of(votes.counts())
    joined = _joined(votes)
    refusal = _refusal(votes, joined, alpha)
    if refusal:
        rows = [_unknown(votes, v) for v in range(len(votes.voters))]
        return _report(votes, rows, alpha, refusal=refusal)
    return _measured(votes, joined, alpha)


def reliability_weights(found: ReliabilityReport) -> dict[Voter, float]:
    """Return what one vote of each voter is worth; the mean vote weighs 1.

    Raises:
        InvalidInput: the voters share too little, or agree too little, for anybody to have earned a weight.
    """
    if found.refusal:
        raise InvalidInput(
            f"Votes cannot be weighed by the reliability of their voters: {_lowered(found.refusal)} "
            "Rate with equal weights, or let several people vote on the same battles (`workbench review create`)."
        )
    return {row.voter: row.weight for row in found.voters}


def _measured(votes: SharedVotes, joined: npt.NDArray[np.bool_], alpha: Figure) -> ReliabilityReport:
    tables = fit(votes)
    covariance = covariances(votes, tables)
    right, slope = accuracy_of(tables.prior), signal_of(tables.prior)
    flat = tables.errors.reshape(-1, SIDES**2)
    accuracy, signal = flat @ right, flat @ slope
    accuracy_error, signal_error = (
        np.sqrt(np.maximum(np.einsum("i,vij,j->v", along, covariance, along), 0.0))
        for along in (right, slope)
    )
    known = joined & (votes.shared() > 0)
    weights = _weights(signal, votes.cast, known)
    shared = votes.shared()
    mean = float(np.average(signal[known], weights=shared[known]))
    rows = []
    for v in range(len(votes.voters)):
        if not known[v]:
            rows.append(_unknown(votes, v))
            continue
        found = _signal(float(signal[v]), float(signal_error[v]), int(shared[v]))
        table = tables.errors[v]
        rows.append(
            Reliability(
                votes.voters[v],
                int(votes.cast[v]),
                int(shared[v]),
                _share(float(accuracy[v]), float(accuracy_error[v]), int(shared[v])),
                found,
                tuple((float(a), float(b), float(c)) for a, b, c in table),
                float(weights[v]),
                _notes(found, mean, _habit(table, covariance[v]), int(shared[v])),
            )
        )
    first, second, neither = (float(part) for part in tables.prior)
    return _report(
        votes,
        rows,
        alpha,
        prior=(first, second, neither),
        accuracy=float(np.average(accuracy[known], weights=shared[known])),
        signal=mean,
        notes=_overall(votes, rows, tables),
    )


def accuracy_of(prior: Floats) -> Floats:
    """Return the direction (9,) along which a table gives the chance to say the true outcome."""
    return np.diag(prior).ravel()


def signal_of(prior: Floats) -> Floats:
    """Return the direction (9,) along which a table gives the slope of the vote on the true outcome."""
    mean = prior @ _SCORES
    return np.outer(_SCORES, prior * (_SCORES - mean) / (prior @ (_SCORES - mean) ** 2)).ravel()


def _weights(signal: Floats, cast: npt.NDArray[np.int64], known: npt.NDArray[np.bool_]) -> Floats:
    weights = np.maximum(signal, 0.0)
    total = float((weights * cast)[known].sum())
    if total > 0:
        weights *= cast[known].sum() / total
    weights[~known] = 1.0
    return np.asarray(weights)


def _share(value: float, error: float, votes: int) -> Figure:
    lower, upper = share_ends(value, error, votes + round(SIDES * STRENGTH))
    return Figure(value, lower, upper, votes)


def _signal(value: float, error: float, votes: int) -> Figure:
    inner = _share((value + 1) / 2, error / 2, votes)
    return inner.mapped(lambda end: 2 * end - 1)


def _habit(table: Floats, covariance: Floats) -> tuple[float, float]:
    """Return how much oftener a voter says A where it is B than B where it is A, and the standard error."""
    along = np.zeros((SIDES, SIDES))
    along[0, 1], along[1, 0] = 1.0, -1.0
    flat = along.ravel()
    return float(flat @ table.ravel()), sqrt(max(0.0, float(flat @ covariance @ flat)))


def _notes(signal: Figure, mean: float, habit: tuple[float, float], shared: int) -> tuple[str, ...]:
    notes = []
    assert signal.value is not None
    if signal.upper is not None and signal.upper < 0:
        notes.append(
            "Votes against what others see: perhaps the sides are mixed up. Their votes weigh nothing."
        )
    elif signal.upper is not None and signal.upper < mean:
        guess = signal.lower is not None and signal.lower <= 0
        notes.append(
            "Cannot be told from guessing." if guess else "Surely less reliable than the mean vote here."
        )
    lean, error = habit
    if error > 0 and abs(lean) > max(0.1, 3 * error):
        notes.append(f"Leans to side {'A' if lean > 0 else 'B'}, whichever answer stands there.")
    if shared < FEW_VOTES:
        notes.append("Few shared battles: the mean of all voters counts more here than their own votes.")
    return tuple(notes)


def _overall(votes: SharedVotes, rows: Sequence[Reliability], tables: Tables) -> tuple[str, ...]:
    notes = [
        f"Measured on {votes.battles:,} of {votes.all_battles:,} battles, those that at least two voters voted on."
    ]
    unknown = sum(row.signal.value is None for row in rows)
    if unknown:
        notes.append(
            f"Nothing is known of {unknown:,} of {len(rows):,} voters, who share no battle with two others; "
            "their votes weigh as the mean vote."
        )
    if not tables.converged:
        notes.append(f"It had not settled after {tables.rounds} rounds: take the figures as rough.")
    return tuple(notes)


def _refusal(votes: SharedVotes, joined: npt.NDArray[np.bool_], alpha: Figure) -> str:
    if votes.battles < FEWEST_BATTLES:
        return (
            f"Only {votes.battles} {'battle has' if votes.battles == 1 else 'battles have'} votes by two voters "
            f"or more; it takes {FEWEST_BATTLES}."
        )
    if not joined.any():
        return f"No {FEWEST_VOTERS} voters share battles, and of two who differ nobody can say who is right."
    if alpha.value is not None and (alpha.lower is None or alpha.lower <= 0):
        return (
            f"These voters do not surely agree beyond chance (Krippendorff's alpha {alpha.value:.2f}), "
            "so there is no common view to hold anybody against."
        )
    return ""


def _joined(votes: SharedVotes) -> npt.NDArray[np.bool_]:
    """Return which voters belong to a group of enough voters that shared battles join, (voters,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(votes.voters)
    size = n + votes.battles
    edges = coo_array((np.ones(len(votes.voter)), (votes.voter, n + votes.battle)), shape=(size, size))
    _, group = connected_components(edges, directed=False)
    group = group[:n]
    return np.asarray(np.bincount(group, minlength=1)[group] >= FEWEST_VOTERS)


def _unknown(votes: SharedVotes, v: int) -> Reliability:
    return Reliability(votes.voters[v], int(votes.cast[v]), int(votes.shared()[v]), UNKNOWN, UNKNOWN, ())


def _report(
    votes: SharedVotes, rows: Sequence[Reliability], alpha: Figure, **known: Any
) -> ReliabilityReport:
    ordered = sorted(rows, key=lambda row: (-row.shared, -row.votes, row.voter.kind.value, row.voter.name))
    return ReliabilityReport(tuple(ordered), votes.battles, votes.all_battles, votes.votes, alpha, **known)


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
