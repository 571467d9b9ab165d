"""What a judge favours for the wrong reason: the answer shown first, the longer one, its own family's.

Each is one question: how often does the favoured side win, ties as half, by the judge and by people on the same
battles? That difference alone misleads: a judge that is only noisier than a person prefers everything less than people
do, one that is surer prefers everything more. So `pull` is the judge's preference where people are evenly split. With
J the judge's outcome and X a person's, both 1 for the favoured side, -1 against it and 0 for a tie, it is

    pull = E[J] - s E[X],   s = Cov(J, X) / Cov(X, X')

with X' another person's outcome on the same battle. The slope s is how much of people's common opinion the judge
follows; measured against a second person, people's own noise does not weaken it (an instrumental variable, with
instrument X' for X; J. Durbin, Review of the International Statistical Institute 22, 1954). A judge that follows people
but decides for the favoured side regardless in a share b of its verdicts has a pull of b, however noisy either is.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from arena.judgments import JudgedBattles
from judges.statistics import UNKNOWN, Figure, Floats, balance, jackknife, mean, share

Kind = Literal["position", "length", "family"]
Flags = npt.NDArray[np.bool_]

_FOR_A = np.array([1.0, -1.0, 0.0])
"""What an outcome (side A, side B, neither) says for side A."""
_STRONG = 4.0
"""So many standard errors above zero people's common opinion must lie to be divided by (an F of 16; 10 is usual)."""
_ONE_PERSON = " With too few battles that two people voted on, the judge is taken to be as noisy as one person."


@dataclass(frozen=True, slots=True)
class Bias:
    """One bias: how often the favoured side wins by the judge, and how often it should.

    `judge` and `expected` are win rates from 0 to 1 with ties as half, `difference` is judge minus expected; `pull`
    (-1 to 1) is the share of verdicts that go by this alone, below 0 when they go against it. All with 95 %
    intervals over `battles`. `note` says what `expected` is, or why nothing is known.
    """

    kind: Kind
    favours: str
    judge: Figure
    expected: Figure
    difference: Figure
    pull: Figure
    battles: int
    note: str

    def as_dict(self) -> dict[str, Any]:
        """Return the bias as plain values."""
        return asdict(self)


def unknown(kind: Kind, favours: str, why: str) -> Bias:
    """Return a bias that could not be measured, with the reason."""
    return Bias(kind, favours, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 0, why)


def leaning(battles: JudgedBattles) -> Floats:
    """Return what the judge says for side A, (n,) from -1 to 1: the mean of both orders where it was asked in both.

    The mean tells more than the vote: a judge that says A in one order and a tie in the other leans to A, while its
    vote is a tie.
    """
    both = (battles.forward >= 0) & (battles.backward >= 0)
    mean_of_orders = (_FOR_A[battles.forward] + _FOR_A[battles.backward]) / 2
    return np.where(both, mean_of_orders, _FOR_A[battles.judge])


def position(battles: JudgedBattles) -> Bias:
    """Measure how often the side shown first wins.

    Where battles were judged in both orders, each side was first once, so half is right whatever the answers are.
    A judge asked in one order is compared with people, who saw the battle in that order.
    """
    favours = "shown first"
    both = (battles.forward >= 0) & (battles.backward >= 0)
    if not both.any():
        found = against_people(battles, np.ones(len(battles.judge)), "position", favours)
        return replace(found, note=f"Asked in one order. {found.note}") if found.battles else found
    pull = balance((_FOR_A[battles.forward[both]] - _FOR_A[battles.backward[both]]) / 2)
    half = Figure(0.5, 0.5, 0.5, pull.n)
    return Bias(
        "position",
        favours,
        pull.mapped(lambda end: (end + 1) / 2),
        half,
        pull.mapped(lambda end: end / 2),
        pull,
        pull.n,
        "Asked in both orders, so half is expected.",
    )


def length(battles: JudgedBattles) -> Bias:
    """Measure how often the longer answer wins (by characters, over all turns), beside people's votes."""
    gap = np.sign(battles.length_a - battles.length_b).astype(float)
    known = (battles.length_a >= 0) & (battles.length_b >= 0)
    if not known.any():
        return unknown("length", "longer", "The texts of the judged battles are not known.")
    return against_people(battles, np.where(known, gap, 0.0), "length", "longer")


def family(battles: JudgedBattles, own: frozenset[str]) -> Bias:
    """Measure how often models of `own` win against others, beside people's votes."""
    mine = np.array([name in own for name in battles.names], dtype=float)
    side = mine[battles.model_a] - mine[battles.model_b] if len(mine) else np.zeros(0)
    return against_people(battles, side, "family", "own family")


def against_people(battles: JudgedBattles, side: Floats, kind: Kind, favours: str) -> Bias:
    """Compare judge and people on battles with a person's vote; `side` (n,) is 1 where A is favoured, -1 where B is.

    Battles with `side` 0 say nothing and are left out.
    """
    votes = battles.people.sum(axis=1)
    kept = (side != 0) & (votes > 0)
    if not kept.any():
        return unknown(kind, favours, "No battle that would tell has both the judge's and a person's vote.")
    judge = leaning(battles)[kept] * side[kept]
    people, pairs, several = _people(battles.people[kept], side[kept])
    ones = np.ones(len(judge))
    pull, known = _pull(judge, people, pairs, several)
    difference = np.column_stack([(judge - people) / 2, ones])
    return Bias(
        kind,
        favours,
        share((judge + 1) / 2, ones),
        share((people + 1) / 2, ones),
        _bounded(mean(difference, lambda sums: sums[..., 0] / sums[..., 1])),
        pull,
        len(judge),
        "Expected is how people voted on the same battles." + ("" if known else _ONE_PERSON),
    )


def _people(counts: npt.NDArray[np.int32], side: Floats) -> tuple[Floats, Floats, Flags]:
    """Return people's mean outcome, the mean product of two different people's, and where there are two; all (n,)."""
    votes = counts.sum(axis=1)
    total = (counts[:, 0] - counts[:, 1]) * side
    squares = counts[:, 0] + counts[:, 1]
    several = votes > 1
    pairs = np.where(several, (total**2 - squares) / np.maximum(votes * (votes - 1), 1), 0.0)
    return total / votes, pairs, several


def _pull(judge: Floats, people: Floats, pairs: Floats, several: Flags) -> tuple[Figure, bool]:
    """Return `E[J] - s E[X]` and whether s could be measured; if not, it is 1 - pull, as for another person."""
    weight = several.astype(float)
    totals = np.column_stack(
        [
            np.ones(len(judge)),
            judge,
            people,
            weight,
            weight * judge,
            weight * people,
            weight * judge * people,
            pairs,
        ]
    )
    shared, error = jackknife(totals, lambda sums: _moments(sums)[1])
    known = shared > _STRONG * error
    return _bounded(mean(totals, _intercept if known else _plain)), known


def _moments(sums: Floats) -> tuple[Floats, Floats]:
    """Return the covariance of judge and person, and of two people, from the sums of `_pull`."""
    _, _, _, n, judge, people, product, pairs = np.moveaxis(sums, -1, 0)
    return product / n - judge * people / n**2, pairs / n - (people / n) ** 2


def _intercept(sums: Floats) -> Floats:
    with_judge, among_people = _moments(sums)
    n, judge, people = np.moveaxis(sums[..., :3], -1, 0)
    return np.asarray(judge / n - with_judge / among_people * people / n)


def _plain(sums: Floats) -> Floats:
    n, judge, people = np.moveaxis(sums[..., :3], -1, 0)
    gap = (judge - people) / n
    return np.asarray(np.where(gap < 0, gap / (1 + people / n), gap / (1 - people / n)))


def _bounded(figure: Figure) -> Figure:
    return figure.mapped(lambda end: min(1.0, max(-1.0, end)))
