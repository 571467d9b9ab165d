"""What a judge favours for the wrong reason: the answer shown first, the longer one, its own family's.

Each is one question: how often does the favoured side win, ties as half, by the judge and by people on the same
battles? That difference alone misleads: a judge that is only noisier than a person prefers everything less than people
do, one that is surer prefers everything more. So `pull` is the judge's preference where people are evenly split. With
J the judge's outcome and X a person's, both 1 for the favoured side, -1 against it and 0 for a tie, it is

    pull = E[J] - s E[X],   s = Cov(J, Z) / Cov(X, Z)

where Z is what other people think: their votes on this battle, and as one vote more how much better they find the one
model than the other on other battles. The slope s is how far the judge follows people's opinion; because Z shares no
noise with X, people's own noise does not weaken it (Z is an instrument; J. Durbin, Review of the International
Statistical Institute 22, 1954). A judge that follows people but in a share b of its verdicts decides for the favoured
side regardless has a pull of b, however noisy either is. Where Z tells nothing, bias and noise cannot be told apart,
and the pull is unknown.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from arena.judgments import JudgedBattles
from arena.statistics import UNKNOWN, Figure, Floats, balance, mean, quotient, share

Kind = Literal["position", "length", "family"]
Flags = npt.NDArray[np.bool_]

_FOR_A = np.array([1.0, -1.0, 0.0])
"""What an outcome (side A, side B, neither) says for side A."""
_UNTOLD = " People agree too little here to tell a bias from noise."


@dataclass(frozen=True, slots=True)
class Bias:
    """One bias: how often the favoured side wins by the judge, and how often it should.

    `judge` and `expected` are win rates from 0 to 1 with ties as half, `difference` is judge minus expected; `pull`
    (-1 to 1) is the share of verdicts that go by this alone, below 0 when they go against it. All with 95 %
    intervals over `battles`. `note` says what `expected` is, or why nothing is known. A bias that `cancels` is not in
    the judge's votes: it decides for either side as often.
    """

    kind: Kind
    favours: str
    judge: Figure
    expected: Figure
    difference: Figure
    pull: Figure
    battles: int
    note: str
    cancels: bool = False

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
    A judge that was not is compared with people, who saw the battle in the same order.
    """
    favours = "shown first"
    both = (battles.forward >= 0) & (battles.backward >= 0)
    if not both.any():
        found = against_people(battles, np.ones(len(battles.judge)), "position", favours)
        return replace(found, note=f"Not asked in both orders. {found.note}") if found.battles else found
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
        "Asked in both orders, so half is expected; it cancels in its votes, and costs agreement by the ties it makes.",
        cancels=True,
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
    people, others, products = _people(battles, side, kept)
    ones = np.ones(len(judge))
    pull = _pull(judge, people, others, products)
    difference = np.column_stack([(judge - people) / 2, ones])
    return Bias(
        kind,
        favours,
        share((judge + 1) / 2, ones),
        share((people + 1) / 2, ones),
        _bounded(mean(difference, lambda sums: sums[..., 0] / sums[..., 1])),
        pull,
        len(judge),
        "Expected is how people voted on the same battles." + (_UNTOLD if pull.value is None else ""),
    )


def _people(battles: JudgedBattles, side: Floats, kept: Flags) -> tuple[Floats, Floats, Floats]:
    """Return people's mean X, mean Z and mean X Z, all (kept battles,); Z is what the others think than who says X."""
    counts = battles.people[kept].astype(float)
    votes = counts.sum(axis=1)
    total = (counts[:, 0] - counts[:, 1]) * side[kept]
    squares = counts[:, 0] + counts[:, 1]
    apart = _apart(battles)[kept] * side[kept]
    return (
        total / votes,
        ((votes - 1) * total / votes + apart) / votes,
        (total**2 - squares + apart * total) / votes**2,
    )


def _apart(battles: JudgedBattles) -> Floats:
    """Return how much better people find side A's model than side B's, (n,), by their votes on other battles."""
    votes = battles.people.sum(axis=1)
    for_a = np.where(votes > 0, (battles.people[:, 0] - battles.people[:, 1]) / np.maximum(votes, 1), 0.0)
    met = (votes > 0).astype(float)
    points, battles_of = np.zeros(len(battles.names)), np.zeros(len(battles.names))
    for model, gained in ((battles.model_a, for_a), (battles.model_b, -for_a)):
        np.add.at(points, model, gained)
        np.add.at(battles_of, model, met)

    def elsewhere(model: npt.NDArray[np.int32], gained: Floats) -> Floats:
        others = battles_of[model] - met
        return np.where(others > 0, (points[model] - gained) / np.maximum(others, 1), 0.0)

    return elsewhere(battles.model_a, for_a) - elsewhere(battles.model_b, -for_a)


def _pull(judge: Floats, people: Floats, others: Floats, products: Floats) -> Figure:
    totals = np.column_stack([np.ones(len(judge)), judge, people, others, judge * others, products])
    return _bounded(quotient(totals, _intercept))


def _intercept(sums: Floats) -> tuple[Floats, Floats]:
    """Return `E[J] - s E[X]` as numerator and denominator, both times Cov(X, Z)."""
    n, *moments = np.moveaxis(sums, -1, 0)
    judge, people, others, with_judge, with_people = (moment / n for moment in moments)
    shared = with_people - people * others
    return judge * shared - (with_judge - judge * others) * people, shared


def _bounded(figure: Figure) -> Figure:
    return figure.mapped(lambda end: min(1.0, max(-1.0, end)))
