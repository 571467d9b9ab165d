"""Voters whose votes are not like the others': bets against an honest voter, whose winnings are the evidence.

An honest voter's decided vote falls to A with the chance `p` that the others' votes give that pair. Whoever bets on
each vote at these odds with the chances `q` of another kind of voter has `prod q / p` after it, an e-process: its mean
is at most 1 under honest voting, so it ever reaches 1/alpha with a chance of at most alpha, whenever one looks
(J. Ville, 1939; A. Ramdas et al., Game-theoretic statistics and safe anytime-valid inference, 2023). Three such bets:

- `coin`: somebody who tosses a coin, or votes against the others: `prod 1 / (2 p)` (arXiv 2403.04132 proposes this kind
  of sequential test of users);
- `side`: somebody who goes by the place of an answer. Sides are shuffled, so that A is chosen with chance 1/2 whatever
  the models are; the bet is the Beta(1/2, 1/2) mixture over all other chances (R. Krichevsky and V. Trofimov, 1981);
- `favourite`: somebody for whom one model wins nine times in ten; the mean over all models.

Their mean with weights 1/2, 1/4, 1/4 is an e-process again, and it is what flags. The chances come from a Bradley-Terry
fit to decided votes without the voter's own, and are not known exactly: each is moved towards the bet by its standard
error, at most as far as the bet itself, which keeps the mean below 1 wherever the chance was right within that.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena.integrity.ballots import Ballots, Ints
from arena.integrity.influence import scores, steps
from arena.integrity.refit import Floats, inverse, refit

PRIOR = 1.0
"""Ties with an average model that each model counts where chances are estimated: it draws them towards a coin's."""
BEHIND = 1.0
"""By so many standard errors a chance is moved towards the bet."""
FAVOURED = 0.9
"""How often a favoured model wins a decided vote, in the bet on it."""
WEIGHTS = (0.5, 0.25, 0.25)
_MOST = 300.0
_EACH = 25.0
"""Log-evidence of a bet, and of that on one model, is cut here, far beyond any doubt."""
_LARGE = 0.02
"""For voters with a larger share of the votes, chances are fitted anew without theirs; else by one Newton step."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Natural logarithms of each bet's highest state so far, of shape (voters,), with what explains them.

    `all` is the one that flags. `decided` counts a voter's decided votes, `chose_a` those for the side shown first,
    `favourite` is the model (a place in the ballots' names) on which the third bet won most, won `favoured` times in
    `met` decided votes where others would have let it win `expected` times. `agreed` is on how many decided votes a
    voter was with the likelier side, `agreeing` how many an honest one would be in the mean.
    """

    all: Floats
    coin: Floats
    side: Floats
    favour: Floats
    decided: Ints
    chose_a: Ints
    favourite: Ints
    favoured: Ints
    met: Ints
    expected: Floats
    agreed: Floats
    agreeing: Floats


def evidence(ballots: Ballots) -> Evidence:
    """Return the evidence against each voter of `ballots`, whose models need not be connected."""
    votes = ballots.keep(ballots.decided)
    gaps, errors = _chances(votes)
    won = votes.winner == 0
    starts = votes.starts()
    coin = _along(_bet(won, gaps, errors, np.full(len(votes), 0.5)), starts)
    side = _sides(won, starts)
    favour, about = _favours(votes, gaps, errors, starts)
    mixed = np.logaddexp.reduce(
        [np.log(weight) + bet for weight, bet in zip(WEIGHTS, (coin, side, favour), strict=True)], axis=0
    )
    chance = _chance(np.abs(gaps))
    with_them = np.where(gaps == 0, 0.5, (gaps > 0) == won)
    who, size = votes.voter, len(votes.voters)
    return Evidence(
        all=_highest(mixed, starts),
        coin=_highest(coin, starts),
        side=_highest(side, starts),
        favour=np.maximum(_highest(favour, starts), about.pop("alone")),
        decided=votes.counts,
        chose_a=np.bincount(who[won], minlength=size),
        agreed=np.bincount(who, with_them, size).astype(float),
        agreeing=np.bincount(who, chance, size).astype(float),
        **about,
    )


def _chances(votes: Ballots) -> tuple[Floats, Floats]:
    """Return the log-odds of A in each vote as all but its voter see it, and their standard errors, (votes,) each."""
    wins, _ = votes.matrices()
    ratings = refit(wins, prior=PRIOR)
    inverted = inverse(wins + wins.T, ratings, PRIOR)
    meat = sum((part.T @ part for _, part in scores(votes, ratings)), np.zeros_like(inverted))
    variance = np.maximum(_of_differences(inverted), _of_differences(inverted @ meat @ inverted))
    gaps = ratings[votes.model_a] - ratings[votes.model_b]
    for begin, moves in steps(votes, ratings):
        rows = slice(*np.searchsorted(votes.voter, [begin, begin + len(moves)]))
        own = votes.voter[rows] - begin
        gaps[rows] += moves[own, votes.model_a[rows]] - moves[own, votes.model_b[rows]]
    spread = variance[votes.model_a, votes.model_b]
    for voter in np.flatnonzero(votes.counts > _LARGE * len(votes)).tolist():
        rows = slice(*np.searchsorted(votes.voter, [voter, voter + 1]))
        a, b = votes.model_a[rows], votes.model_b[rows]
        left = wins - votes.keep(votes.voter == voter).matrices()[0]
        others = refit(left, ratings, prior=PRIOR)
        gaps[rows] = others[a] - others[b]
        alone = _of_differences(inverse(left + left.T, others, PRIOR))
        spread[rows] = np.maximum(spread[rows], alone[a, b])
    return gaps, np.sqrt(np.maximum(spread, 0.0))


def _of_differences(covariance: Floats) -> Floats:
    own = np.diag(covariance)
    return own[:, None] + own[None, :] - 2.0 * covariance


def _bet(won: npt.NDArray[np.bool_], gaps: Floats, errors: Floats, bet: Floats) -> Floats:
    """Return the logarithm of what a bet with the chance `bet` on winning multiplies its stake by, vote by vote."""
    wanted = np.log(bet / (1.0 - bet))
    reach = np.minimum(np.abs(wanted - gaps), BEHIND * errors)
    held = gaps + np.sign(wanted - gaps) * reach
    return np.where(won, np.log(bet), np.log1p(-bet)) + np.logaddexp(0.0, np.where(won, -held, held))


def _chance(gaps: Floats) -> Floats:
    return 0.5 + 0.5 * np.tanh(gaps / 2.0)


def _along(steps_of: Floats, starts: Ints) -> Floats:
    """Return running sums within each voter's votes, cut far beyond any doubt."""
    run = np.concatenate([[0.0], np.cumsum(steps_of)])
    sizes = np.diff(starts)
    return np.minimum(run[1:] - np.repeat(run[starts[:-1]], sizes), _MOST)


def _sides(won: npt.NDArray[np.bool_], starts: Ints) -> Floats:
    """Return the state of the bet on a side after each vote."""
    from scipy.special import betaln

    sizes = np.diff(starts)
    cast = np.arange(1, len(won) + 1) - np.repeat(starts[:-1], sizes)
    run = np.concatenate([[0], np.cumsum(won)])
    first = run[1:] - np.repeat(run[starts[:-1]], sizes)
    return np.minimum(betaln(first + 0.5, cast - first + 0.5) - betaln(0.5, 0.5) + cast * np.log(2.0), _MOST)


def _favours(
    votes: Ballots, gaps: Floats, errors: Floats, starts: Ints
) -> tuple[Floats, dict[str, np.ndarray]]:
    """Return the state of the bets on a favourite after each vote, and who that favourite is."""
    size, models = len(votes.voters), len(votes.names)
    sides = np.column_stack([votes.model_a, votes.model_b]).ravel()
    own = np.repeat(votes.voter.astype(np.intp), 2) * models + sides
    won = np.column_stack([votes.winner == 0, votes.winner == 1]).ravel()
    both, at = np.column_stack([gaps, -gaps]).ravel(), np.repeat(np.arange(len(votes)), 2)
    steps_of = _bet(won, both, np.repeat(errors, 2), np.full(len(own), FAVOURED))
    order = np.argsort(own, kind="stable")
    keys, first, held = np.unique(own[order], return_index=True, return_counts=True)
    run = np.concatenate([[0.0], np.cumsum(steps_of[order])])
    whole = run[1:] - np.repeat(run[first], held)
    states = np.minimum(whole, _EACH)
    before = np.concatenate([[0.0], states[:-1]])
    before[first] = 0.0
    gained = np.bincount(at[order], np.exp(states) - np.exp(before), len(votes)) / max(models, 1)
    total = np.concatenate([[0.0], np.cumsum(gained)])
    mixed = 1.0 + total[1:] - np.repeat(total[starts[:-1]], np.diff(starts))
    peak = np.maximum.reduceat(whole, first) if len(keys) else whole
    best = np.zeros(size, dtype=np.intp)
    ranked = np.lexsort((peak, keys // max(models, 1)))
    best[(keys // max(models, 1))[ranked]] = ranked
    shown = {
        name: np.add.reduceat(values[order], first)[best] if len(keys) else np.zeros(size)
        for name, values in (("favoured", won.astype(np.intp)), ("expected", _chance(both)))
    }
    who = {
        "favourite": keys[best] % max(models, 1) if len(keys) else best,
        "met": held[best] if len(keys) else best,
        "alone": peak[best] - np.log(models) if len(keys) else np.zeros(size),
        **shown,
    }
    return np.log(np.maximum(mixed, 1e-300)), who


def _highest(states: Floats, starts: Ints) -> Floats:
    """Return the highest state of each voter, at least the 0 it begins with."""
    highest = np.zeros(len(starts) - 1)
    some = np.flatnonzero(np.diff(starts))
    if len(some):
        highest[some] = np.maximum(np.maximum.reduceat(states, starts[:-1][some]), 0.0)
    return highest
