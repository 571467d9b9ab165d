"""From votes and options to ratings: the one place where a method is chosen.

Every path ends in a `Rated`, so that boards, certainty and pairing need not know how it was made. The order is: what
votes count (weights), how they become ratings (method), which model holds the others (anchor), and how sure it all is
(clusters, bootstrap). Options that cannot be had together are refused in a sentence before anything is counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from arena.errors import InvalidInput
from arena.ratings import bradley_terry, elo, prediction_powered, with_ties
from arena.ratings.anchor import anchored
from arena.ratings.grouped import SEPARATOR, GroupedCounts
from arena.ratings.material import Material
from arena.ratings.options import Method, RatingOptions
from arena.ratings.rated import Floats, Rated
from arena.ratings.soft import soft_tally
from arena.ratings.tally import Tally, tally
from arena.ratings.uncertainty import with_intervals
from arena.ratings.weights import WeightedTally, unmet, voter_weights, weighted_tally
from arena.style import styled

Rating = Callable[[Material, RatingOptions], Rated]

COUNTED: tuple[Method, ...] = ("bt", "rao_kupper", "davidson")
"""The methods that need the counts of pairs only: they take weights, a prior, clusters and a bootstrap."""
WORDS: Mapping[Method, str] = {
    "bt": "Bradley-Terry",
    "elo": "Elo",
    "rao_kupper": "Rao-Kupper",
    "davidson": "Davidson",
    "soft": "Ratings by soft verdicts",
    "ppi": "Ratings with a judge's help",
}


def rate(material: Material, options: RatingOptions) -> Rated:
    """Rate the models that `material` meets as `options` say, with 95 % intervals, in Elo points.

    Raises:
        InvalidInput: options that cannot be had together, an anchor without votes or outside the main group, or votes
            that do not have what the options need.
    """
    check(options)
    return _METHODS[options.method](material, options)


def check(options: RatingOptions) -> None:
    """Refuse options that cannot be had together.

    Raises:
        InvalidInput: they cannot; the message says what to leave out.
    """
    method, counted = options.method, options.method in COUNTED
    if method not in _METHODS:
        raise InvalidInput(f"The rating method {method!r} is not known: choose {', '.join(_METHODS)}.")
    instead = f"choose {', '.join(COUNTED)}"
    refused = (
        (
            options.weighted and not counted,
            f"{WORDS[method]} takes every vote alike: {instead}, or leave weights out.",
        ),
        (options.prior and not counted, f"{WORDS[method]} has no prior: {instead}, or leave it out."),
        (
            options.cluster != "none" and not (counted or method == "ppi"),
            f"{WORDS[method]} cannot be clustered: {instead}, or leave the cluster out.",
        ),
        (
            options.intervals == "bootstrap" and not counted and method != "elo",
            f"{WORDS[method]} cannot be drawn anew: {instead}, or take sandwich intervals.",
        ),
        (
            options.style and (method != "bt" or bool(options.prior) or options.intervals == "bootstrap"),
            "Ratings at equal style are Bradley-Terry (bt) without a prior, their intervals the sandwich's: "
            "leave the others out.",
        ),
    )
    for found, words in refused:
        if found:
            raise InvalidInput(words)


def _held(rated: Rated, options: RatingOptions) -> Rated:
    return rated if options.anchor is None else anchored(rated, options.anchor, options.anchor_rating)


@dataclass(frozen=True, slots=True, eq=False)
class _Votes:
    """Votes as a table, with the groups that intervals need, and what must be said of weights."""

    table: Tally | WeightedTally
    grouped: GroupedCounts | None = None
    weights: Floats | None = None
    remarks: tuple[str, ...] = ()


def _votes(material: Material, options: RatingOptions) -> _Votes:
    if not options.weighted:
        by = options.cluster
        return _Votes(tally(material.counts()), None if by == "none" else material.grouped(by))
    by_prompt = options.cluster == "prompt"
    grouped = material.grouped("prompt+voter" if by_prompt else "voter")
    voters = [group.partition(SEPARATOR)[2] for group in grouped.groups] if by_prompt else grouped.groups
    earned = material.earned() if options.weighting == "reliability" else None
    weights = voter_weights(voters, options, earned)
    remarks = [
        f"No vote of {voter!r} is among these, so its weight changes nothing."
        for voter in unmet(voters, options)
    ]
    left_out = int(grouped.votes[weights[grouped.group] == 0].sum())
    if left_out:
        remarks.append(f"{left_out:,} votes weigh 0 and are left out.")
    if earned is not None:
        low, high = float(weights.min()), float(weights.max())
        remarks.append(
            f"Voters weigh as much as they agree with each other: from {low:.2f} to {high:.2f} a vote."
        )
    table, each = weighted_tally(grouped, weights), weights[grouped.group]
    return _Votes(table, grouped.by_prompt() if by_prompt else grouped, each, tuple(remarks))


def _counted(material: Material, options: RatingOptions) -> Rated:
    if options.style:
        return _held(styled.rate(material, options), options)
    votes = _votes(material, options)
    if options.method == "rao_kupper" or options.method == "davidson":
        rated = with_ties.fit(votes.table, options.method, options.prior)
    else:
        rated = bradley_terry.fit_table(votes.table, options.prior)
    rated = _held(replace(rated, remarks=(*rated.remarks, *votes.remarks)), options)
    return with_intervals(rated, material.counts(), votes.grouped, options, weights=votes.weights)


def _elo(material: Material, options: RatingOptions) -> Rated:
    rng = np.random.default_rng(options.seed)
    return _held(elo.fit(material.columns(), rng, rounds=options.rounds, k=options.k), options)


def _soft(material: Material, options: RatingOptions) -> Rated:
    return _held(bradley_terry.fit_table(soft_tally(material.soft())), options)


def _prediction_powered(material: Material, options: RatingOptions) -> Rated:
    if options.judge is None:
        raise InvalidInput("People's votes are helped by a judge: name it.")
    if options.cluster == "voter":
        raise InvalidInput("With a judge's help, intervals count by battle or by prompt, not by voter.")
    counts = material.joint(options.judge, options.strata, options.cluster == "prompt")
    rated, worth = prediction_powered.fit(counts, bradley_terry.fit(material.counts()))
    return _held(replace(rated, remarks=(*rated.remarks, *worth.notes)), options)


_METHODS: Mapping[Method, Rating] = {
    "bt": _counted,
    "elo": _elo,
    "rao_kupper": _counted,
    "davidson": _counted,
    "soft": _soft,
    "ppi": _prediction_powered,
}
