"""From votes and options to ratings: the one place where a method is chosen.

Every path ends in a `Rated`, so that boards, certainty and pairing need not know how it was made.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from arena.errors import InvalidInput
from arena.ratings import bradley_terry, elo, prediction_powered
from arena.ratings.material import Material
from arena.ratings.options import Method, RatingOptions
from arena.ratings.rated import Rated
from arena.ratings.soft import soft_tally
from arena.style import styled

Rating = Callable[[Material, RatingOptions], Rated]


def rate(material: Material, options: RatingOptions) -> Rated:
    """Rate the models that `material` meets as `options` say, with 95 % intervals, in Elo points.

    Raises:
        InvalidInput: options that cannot be had together, an anchor without votes, or votes that do not have what
            the options need.
    """
    if options.method not in _METHODS:
        raise InvalidInput(
            f"The rating method {options.method!r} is not there: choose {', '.join(_METHODS)}."
        )
    if options.style:
        return styled.rate(material, options)
    for asked, words in (
        (options.weighted, "Votes of unequal weight"),
        (
            options.intervals != "sandwich" or (options.cluster != "none" and options.method != "ppi"),
            "Intervals by bootstrap or clusters",
        ),
        (options.anchor, "An anchor"),
        (options.prior, "A prior"),
    ):
        if asked:
            raise InvalidInput(f"{words}: not there yet; leave that option out.")
    return _METHODS[options.method](material, options)


def _bradley_terry(material: Material, options: RatingOptions) -> Rated:
    return bradley_terry.fit(material.counts())


def _elo(material: Material, options: RatingOptions) -> Rated:
    return elo.fit(material.columns(), np.random.default_rng(options.seed), k=options.k)


def _soft(material: Material, options: RatingOptions) -> Rated:
    return bradley_terry.fit_table(soft_tally(material.soft()))


def _prediction_powered(material: Material, options: RatingOptions) -> Rated:
    if options.judge is None:
        raise InvalidInput("People's votes are helped by a judge: name it.")
    if options.cluster == "voter":
        raise InvalidInput("With a judge's help, intervals count by battle or by prompt, not by voter.")
    counts = material.joint(options.judge, options.strata, options.cluster == "prompt")
    rated, worth = prediction_powered.fit(counts, bradley_terry.fit(material.counts()))
    return replace(rated, remarks=(*rated.remarks, *worth.notes))


_METHODS: Mapping[Method, Rating] = {
    "bt": _bradley_terry,
    "elo": _elo,
    "soft": _soft,
    "ppi": _prediction_powered,
}
