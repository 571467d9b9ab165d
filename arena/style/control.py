"""Ratings as if all answers had the same style: Bradley-Terry with the style of both answers fitted beside the ratings.

Three choices. A difference in style is divided by its root mean square and not moved, so that a vote says the same
whichever side was shown first. Only votes whose answers are stored can be controlled; the others are left out and
counted. The weights of style are held by a weak normal prior, so that a handful of votes that style happens to explain
perfectly gives large weights and not infinite ones; a thousand votes do not feel it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.ratings import bradley_terry
from arena.ratings.grouped import By
from arena.ratings.intervals import Z95, highest_loser
from arena.ratings.rated import CENTRE, POINTS, Floats, Parameter, Rated
from arena.ratings.tally import tally
from arena.style import joint
from arena.style.features import FEATURES, Feature, differences
from arena.style.joint import Design
from arena.style.rows import StyleRows

PRIOR_SPREAD = 5.0
"""Standard deviation of the prior of a weight, in log-odds per standard deviation of the style."""

_SCORES = np.array([1.0, 0.0, 0.5, 0.5])


@dataclass(frozen=True, slots=True, eq=False)
class _Votes:
    """Rows that weigh something, as places among the rated models, with styles as covariates."""

    a: npt.NDArray[np.intp]
    b: npt.NDArray[np.intp]
    y: Floats
    votes: Floats
    each: Floats
    x: Floats
    scales: Floats


def rate(
    rows: StyleRows,
    *,
    weights: Floats | None = None,
    cluster: By | None = None,
    features: Sequence[Feature] = FEATURES,
    spread: float = PRIOR_SPREAD,
) -> Rated:
    """Fit ratings and weights of style together; one entry of `Rated.parameters` a feature, in Elo points.

    `weights` (rows,) is what one vote of each row counts. With `cluster` the intervals take votes on one prompt, or by
    one voter, as resembling each other (`rows.keys` must have it). `features` chooses from `FEATURES`. A parameter's
    value is what one standard deviation of that style is worth. Models that cannot be rated in common are provisional
    as in `bradley_terry`: each placed by its votes against the main group and one tie with its average.

    T. Li and others, Does style matter? Disentangling style and substance in Chatbot Arena (LMSYS, 2024).

    Raises:
        InvalidInput: no vote has stored answers, no two models can be rated in common, or the fit did not settle.
    """
    if weights is not None and not (weights > 0).all():
        rows, weights = rows.only(weights > 0), weights[weights > 0]
    if not len(rows.votes):
        raise InvalidInput(_nothing(rows))
    plain = bradley_terry.fit_table(tally(rows.counts()))
    main = np.flatnonzero(~plain.provisional)
    if not len(main):
        raise InvalidInput(
            f"Style is told from models that have each won and lost, or tied, against one another, and none of these "
            f"{len(plain.names):,} has: collect more votes, or rate without style control."
        )
    votes = _votes(rows, plain.names, weights, features)
    design, within = _design(votes, main, len(plain.names))
    kept = joint.independent(design)
    fitted = joint.fit(replace(design, x=design.x[:, kept]), ridge=1.0 / spread**2)
    groups = None if cluster is None else np.unique(rows.keys[cluster].code[within], return_inverse=True)[1]
    covariance = joint.covariance(replace(design, x=design.x[:, kept]), fitted, groups)
    reach = Z95 * np.sqrt(np.maximum(np.diag(covariance), 0.0))

    slopes, slope_reach = np.zeros(len(features)), np.full(len(features), np.nan)
    slopes[kept], slope_reach[kept] = fitted.slopes, reach[len(main) :]
    ratings, lower, upper = (np.zeros(len(plain.names)) for _ in range(3))
    ratings[main] = fitted.ratings
    lower[main], upper[main] = fitted.ratings - reach[: len(main)], fitted.ratings + reach[: len(main)]
    for model in np.flatnonzero(plain.provisional).tolist():
        ratings[model], lower[model], upper[model] = _placed(model, plain, votes, slopes, ratings)
    whole = np.full((len(plain.names), len(plain.names)), np.nan)
    whole[np.ix_(main, main)] = POINTS**2 * covariance[: len(main), : len(main)]
    return replace(
        plain,
        ratings=CENTRE + POINTS * ratings,
        lower=CENTRE + POINTS * lower,
        upper=CENTRE + POINTS * upper,
        covariance=whole,
        basis=_basis(cluster, groups),
        remarks=_remarks(rows),
        parameters={
            feature.name: _parameter(
                feature, float(slopes[place]), float(slope_reach[place]), float(votes.scales[place])
            )
            for place, feature in enumerate(features)
        },
    )


def _votes(
    rows: StyleRows, names: Sequence[str], weights: Floats | None, features: Sequence[Feature]
) -> _Votes:
    code = np.array([names.index(name) if name in names else -1 for name in rows.names], dtype=np.intp)
    chosen = [FEATURES.index(feature) for feature in features]
    x = differences(rows.style_a[:, chosen], rows.style_b[:, chosen])
    votes = rows.votes.astype(np.float64)
    scales = np.sqrt(votes @ x**2 / votes.sum())
    return _Votes(
        a=code[rows.model_a],
        b=code[rows.model_b],
        y=_SCORES[rows.winner],
        votes=votes,
        each=np.ones(len(votes)) if weights is None else weights,
        x=x / np.where(scales > 0, scales, 1.0),
        scales=scales,
    )


def _design(votes: _Votes, main: npt.NDArray[np.intp], models: int) -> tuple[Design, npt.NDArray[np.intp]]:
    """Return the votes within the main group, and which rows they are."""
    place = np.full(models, -1)
    place[main] = np.arange(len(main))
    a, b = place[votes.a], place[votes.b]
    within = np.flatnonzero((a >= 0) & (b >= 0))
    weight = (votes.votes * votes.each)[within]
    design = Design(
        len(main), a[within], b[within], votes.x[within], votes.y[within], weight, weight * votes.each[within]
    )
    return design, within


def _placed(
    model: int, plain: Rated, votes: _Votes, slopes: Floats, ratings: Floats
) -> tuple[float, float, float]:
    """Return rating and ends of a model outside the main group, all others held, in log-odds."""
    is_a = votes.a == model
    other = np.where(is_a, votes.b, votes.a)
    mine = np.flatnonzero((is_a | (votes.b == model)) & ~plain.provisional[other])
    sign = np.where(is_a[mine], 1.0, -1.0)
    opponents = ratings[other[mine]] - sign * (votes.x[mine] @ slopes)
    points = np.where(is_a[mine], votes.y[mine], 1.0 - votes.y[mine])
    weight = votes.votes[mine] * votes.each[mine]
    rating = _root(weight, points, opponents)
    lower, upper = -np.inf, np.inf
    if np.isfinite(plain.upper[model]):
        upper = highest_loser(weight * (points == 0.0), opponents)
    if np.isfinite(plain.lower[model]):
        lower = -highest_loser(weight * (points == 1.0), -opponents)
    return rating, min(lower, rating), max(upper, rating)


def _root(weight: Floats, points: Floats, opponents: Floats) -> float:
    """Return the most likely rating against known opponents, with the tie of `PRIOR_TIES` with an average model."""
    weight = np.append(weight, bradley_terry.PRIOR_TIES)
    points, opponents = np.append(points, 0.5), np.append(opponents, 0.0)
    low, high = float(opponents.min()) - 50.0, float(opponents.max()) + 50.0
    for _ in range(100):
        middle = (low + high) / 2.0
        rises = float(weight @ (points - 1.0 / (1.0 + np.exp(opponents - middle)))) > 0
        low, high = (middle, high) if rises else (low, middle)
    return (low + high) / 2.0


def _parameter(feature: Feature, slope: float, reach: float, scale: float) -> Parameter:
    """Return a weight in points for one standard deviation, and in words what it means for two answers."""
    if np.isnan(reach):
        return Parameter(0.0, words=f"{feature.words}: too alike in these answers to tell its weight.")
    step = POINTS * feature.step / scale
    value, lower, upper = (step * (slope + away) for away in (0.0, -reach, reach))
    said = f"{feature.words}: an answer {feature.compared} is worth {value:+.0f} points ({lower:+.0f} to {upper:+.0f})"
    doubt = "" if lower > 0 or upper < 0 else "; these votes cannot tell it from nothing"
    return Parameter(POINTS * slope, POINTS * (slope - reach), POINTS * (slope + reach), f"{said}{doubt}.")


def _basis(cluster: By | None, groups: npt.NDArray[np.intp] | None) -> str:
    if cluster is None or groups is None:
        return "equal style, each vote by itself (sandwich)"
    count = int(groups.max(initial=-1)) + 1
    return f"equal style, votes of one {cluster} taken together, {count:,} {cluster}s (sandwich)"


def _remarks(rows: StyleRows) -> tuple[str, ...]:
    if not rows.unread:
        return ()
    return (
        f"{rows.unread:,} votes are left out: the answers they compared are not stored, so their style is not known.",
    )


def _nothing(rows: StyleRows) -> str:
    if rows.unread:
        return (
            f"None of the {rows.unread:,} votes stands on a battle whose answers are stored, so style is not known: "
            "import the answers, or rate without style control."
        )
    return "No vote matches, so there is nothing to rate at equal style."
