"""What every model of preference returns: ratings with intervals, and what must be said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CENTRE = 1000.0
POINTS = 400.0 / log(10.0)
"""Elo points of one unit of log-odds."""


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """Ratings in Elo points; every array is of shape (models,), in the order of `names`.

    `lower` and `upper` are 95 % ends, -inf or inf where open. `provisional` marks models outside the main group,
    `notes` says why, one sentence each (empty where there is nothing to say). `covariance` (models, models) is in
    Elo points squared and NaN outside the main group. `pieces` are the sets of models that votes join. `basis` says in
    words what the intervals rest on, `parameters` what was fitted beside the ratings (a tie's strength, the weight
    of length) with one entry a parameter. `remarks` must be said of all the ratings together, a sentence each.
    `draws` (rounds, models) are the ratings of a bootstrap's rounds where there was one, infinite where a round had no
    win or no loss of a model left, NaN where it could not be placed.
    """

    names: tuple[str, ...]
    ratings: Floats
    lower: Floats
    upper: Floats
    covariance: Floats
    provisional: npt.NDArray[np.bool_]
    notes: tuple[str, ...]
    pieces: tuple[tuple[str, ...], ...]
    votes: int
    basis: str = ""
    parameters: Mapping[str, "Parameter"] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    draws: Floats | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that was fitted beside the ratings, with its 95 % interval (`None` where it has none)."""

    value: float
    lower: float | None = None
    upper: float | None = None
    words: str = ""
