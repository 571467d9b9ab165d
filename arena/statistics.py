"""Agreement and rates with intervals, from votes that come in clusters.

Votes on one battle resemble each other, so every interval here counts clusters (battles), not votes: the standard
error is the delete-one-cluster jackknife of the whole statistic (B. Efron, C. Stein, The Annals of Statistics 9, 1981).
Where a figure rests on a share, the interval is Wilson's, with the number of trials that gives this standard error
(E. Korn, B. Graubard, Survey Methodology 24, 1998): it stays in bounds and keeps a width when all agree. What cannot
be computed is `None`, never a zero.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass
from math import isfinite, nan, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import intervals
from arena.ratings.intervals import Z95

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its 95 % interval; `n` is how many clusters (battles) it rests on.

    `value` is `None` where it cannot be computed, the ends are `None` where they are not known (one cluster).
    """

    value: float | None
    lower: float | None
    upper: float | None
    n: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figure as plain values."""
        return asdict(self)

    def mapped(self, change: Callable[[float], float]) -> "Figure":
        """Return the figure of a rising function of the value, known ends moved with it."""
        value, lower, upper = (
            None if end is None else change(end) for end in (self.value, self.lower, self.upper)
        )
        return Figure(value, lower, upper, self.n)


_ROUNDING = 1e-9
"""An error below this is that of the arithmetic: the clusters are alike."""
UNKNOWN = Figure(None, None, None, 0)
"""The figure of no data."""


def wilson(successes: float, trials: float, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a share (E. B. Wilson, JASA 22, 1927); `trials` need not be whole.

    >>> [round(end, 3) for end in wilson(7, 10)]
    [0.397, 0.892]
    """
    if not trials > 0 or not 0 <= successes <= trials:
        raise InvalidInput(f"A share needs trials; it was given {successes} of {trials}.")
    return intervals.wilson(successes / trials, trials, z)


def student(degrees: int) -> float:
    """Return the two-sided 95 % quantile of Student's t (Cornish-Fisher; within 1 % from 3 degrees on).

    >>> round(student(10), 2)
    2.23
    """
    z, v = Z95, float(degrees)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def jackknife(totals: Floats, statistic: Callable[[Floats], Floats]) -> tuple[float, float]:
    """Return a statistic of sums over clusters and its standard error (NaN where there is none).

    `totals` (clusters, k) are each cluster's own sums; `statistic` maps sums (..., k) to values (...). The error is
    that of leaving out one cluster at a time.
    """
    clusters = len(totals)
    whole = totals.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(whole))
        if clusters < 2:
            return value, nan
        left = statistic(whole - totals)
        squares = float(np.square(left - left.mean()).sum())
    error = sqrt((clusters - 1) / clusters * squares) if isfinite(squares) else nan
    return value, error


def grouped(rows: Floats, clusters: Sequence[Hashable] | npt.NDArray[Any] | None) -> Floats:
    """Return the sums of `rows` (n, k) within each cluster, (clusters, k); without clusters each row is its own."""
    if clusters is None:
        return rows
    if len(clusters) != len(rows):
        raise InvalidInput(f"{len(rows)} rows were given with the clusters of {len(clusters)}.")
    codes = _codes(clusters)
    sums = np.zeros((int(codes.max(initial=-1)) + 1, rows.shape[1]))
    np.add.at(sums, codes, rows)
    return sums


def share(successes: Floats, trials: Floats) -> Figure:
    """Return the share `sum(successes) / sum(trials)`; both (clusters,), weights allowed.

    With one trial a cluster it is Wilson's interval but for Student's quantile.
    """
    kept = trials > 0
    if not kept.any():
        return UNKNOWN
    totals = np.column_stack([successes[kept], trials[kept]])
    value, error = jackknife(totals, lambda sums: sums[..., 0] / sums[..., 1])
    lower, upper = share_ends(value, error, len(totals))
    return Figure(value, lower, upper, len(totals))


def balance(values: Floats) -> Figure:
    """Return the mean of `values` (n,) from -1 to 1, one a cluster, with an interval that keeps a width.

    D. Bonett, R. Price, Journal of Educational and Behavioral Statistics 37, 2012: one 1 and one -1 are added for the
    interval, which covers as it should also where nearly all values are 0.
    """
    n = len(values)
    if n < 2:
        return Figure(float(values[0]), None, None, 1) if n else UNKNOWN
    centre = float(values.sum()) / (n + 2)
    variance = (float(np.square(values).sum()) + 2) / (n + 2) - centre**2
    reach = Z95 * sqrt(variance / (n + 2))
    return Figure(float(values.mean()), max(-1.0, centre - reach), min(1.0, centre + reach), n)


def mean(totals: Floats, statistic: Callable[[Floats], Floats]) -> Figure:
    """Return any smooth statistic of sums over clusters with Student's interval from `jackknife`."""
    value, error = jackknife(totals, statistic)
    if not isfinite(value):
        return Figure(None, None, None, len(totals))
    if not isfinite(error):
        return Figure(value, None, None, len(totals))
    reach = student(len(totals) - 1) * error
    return Figure(value, value - reach, value + reach, len(totals))


def quotient(totals: Floats, parts: Callable[[Floats], tuple[Floats, Floats]]) -> Figure:
    """Return a ratio of two smooth statistics of sums over clusters, with Fieller's interval.

    E. C. Fieller, Journal of the Royal Statistical Society B 16, 1954: all ratios r at which `numerator - r
    denominator` does not differ from zero. It is right where the denominator is uncertain too; where that does not
    surely lie above zero, any ratio would do and none is known.
    """
    unknown = Figure(None, None, None, len(totals))
    if len(totals) < 3:
        return unknown
    whole = totals.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        above, below = (float(part) for part in parts(whole))
        left = np.stack(parts(whole - totals))
    if not np.isfinite(left).all() or not isfinite(above) or below <= 0:
        return unknown
    left -= left.mean(axis=1, keepdims=True)
    reach = student(len(totals) - 1) ** 2 * (len(totals) - 1) / len(totals)
    v_above, v_both, _, v_below = (float(v) for v in (reach * (left @ left.T)).ravel())
    a, b, c = below**2 - v_below, above * below - v_both, above**2 - v_above
    if a <= 0:
        return unknown
    root = sqrt(max(0.0, b * b - a * c))
    return Figure(above / below, (b - root) / a, (b + root) / a, len(totals))


def cohen_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    weights: Sequence[float] | Floats | None = None,
    clusters: Sequence[Hashable] | npt.NDArray[Any] | None = None,
) -> Figure:
    """Return Cohen's kappa of two voters' labels on the same items, with its interval.

    `kappa = (agreement - chance) / (1 - chance)`, chance being the agreement of two voters who label at random with
    these voters' shares (J. Cohen, Educational and Psychological Measurement 20, 1960). Rows weigh `weights` (1) and
    belong to `clusters` (each its own). Unknown when there is no row, or when both always say one and the same.

    Raises:
        InvalidInput: the inputs differ in length.
    """
    if len(first) != len(second) or (weights is not None and len(weights) != len(first)):
        raise InvalidInput(
            f"Two voters' labels are compared pair by pair: there are {len(first)} and {len(second)}."
        )
    if not len(first):
        return UNKNOWN
    codes = _codes([*first, *second])
    a, b = codes[: len(first)], codes[len(first) :]
    classes = int(codes.max()) + 1
    weight = np.ones(len(a)) if weights is None else np.asarray(weights, dtype=float)
    rows = np.zeros((len(a), 1 + 2 * classes))
    at = np.arange(len(a))
    rows[at, 0] = weight * (a == b)
    rows[at, 1 + a] = weight
    rows[at, 1 + classes + b] = weight
    return kappa_of(grouped(rows, clusters))


def kappa_of(totals: Floats) -> Figure:
    """Return Cohen's kappa from each cluster's sums, (clusters, 1 + 2 k).

    The columns are the weight of agreement, of the first voter's k classes, and of the second voter's.
    """
    classes = (totals.shape[1] - 1) // 2

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        first, second = sums[..., 1 : 1 + classes], sums[..., 1 + classes :]
        weight = first.sum(axis=-1)
        return sums[..., 0] / weight, (first * second).sum(axis=-1) / weight**2

    return _corrected(totals, parts)


def krippendorff_alpha(units: Sequence[Sequence[Hashable | None]]) -> Figure:
    """Return Krippendorff's alpha for nominal labels of any number of voters, with its interval over units.

    A unit is one item's labels, `None` where a voter gave none; units with fewer than two labels say nothing.
    `alpha = 1 - D_o / D_e` (K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011). Unknown when all
    labels are the same one, or no unit has two.
    """
    labels = [[label for label in unit if label is not None] for unit in units]
    labels = [unit for unit in labels if len(unit) > 1]
    if not labels:
        return UNKNOWN
    codes = _codes([label for unit in labels for label in unit])
    lengths = np.array([len(unit) for unit in labels])
    counts = np.zeros((len(labels), int(codes.max()) + 1))
    np.add.at(counts, (np.repeat(np.arange(len(labels)), lengths), codes), 1.0)
    return alpha_of(counts)


def alpha_of(counts: Floats) -> Figure:
    """Return Krippendorff's alpha from how often each label was given to each unit, (units, labels)."""
    counts = counts[counts.sum(axis=1) > 1]
    if not len(counts):
        return UNKNOWN
    given = counts.sum(axis=1)
    agreeing = ((counts**2).sum(axis=1) - given) / (given - 1)

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        of_label = sums[..., 1:]
        n = of_label.sum(axis=-1)
        return sums[..., 0] / n, (of_label * (of_label - 1)).sum(axis=-1) / (n * (n - 1))

    return _corrected(np.column_stack([agreeing, counts]), parts)


def _corrected(totals: Floats, parts: Callable[[Floats], tuple[Floats, Floats]]) -> Figure:
    """Return `(observed - chance) / (1 - chance)`; its ends are Wilson's for `observed`, carried over."""

    def statistic(sums: Floats) -> Floats:
        observed, chance = parts(sums)
        return (observed - chance) / (1 - chance)

    totals = totals[totals[:, 1:].any(axis=1)]
    if not len(totals):
        return UNKNOWN
    value, error = jackknife(totals, statistic)
    observed, chance = (float(part) for part in parts(totals.sum(axis=0)))
    if not isfinite(value) or 1 - chance < 1e-12:
        return Figure(None, None, None, len(totals))
    lower, upper = share_ends(observed, error * (1 - chance), len(totals))
    return Figure(value, _scaled(lower, chance), _scaled(upper, chance), len(totals))


def _scaled(end: float | None, chance: float) -> float | None:
    return None if end is None else max(-1.0, (end - chance) / (1 - chance))


def share_ends(value: float, error: float, clusters: int) -> tuple[float | None, float | None]:
    """Return Wilson's ends of a share or another mean from 0 to 1, with as many trials as give its `error`.

    At 0 and 1, and where all clusters are alike, each is one trial; both ends are `None` for fewer than two clusters.
    """
    if clusters < 2:
        return None, None
    inside = 1e-12 < value < 1 - 1e-12
    known = inside and isfinite(error) and error > _ROUNDING
    trials = value * (1 - value) / error**2 if known else float(clusters)
    value = min(max(value, 0.0), 1.0)
    return wilson(value * trials, trials, student(clusters - 1))


def _codes(labels: Sequence[Hashable] | npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Return for each label the place at which it was first met among the different ones."""
    if isinstance(labels, np.ndarray):
        return np.unique(labels, return_inverse=True)[1].astype(np.intp)
    place: dict[Hashable, int] = {}
    return np.array([place.setdefault(label, len(place)) for label in labels], dtype=np.intp)
