"""How far voters agree: all of them together, each with the others, and two at a time.

Krippendorff's alpha (`arena.statistics`) has two intervals. Over battles it says how far alpha would move had these
voters voted on other battles; over voters, how far it would move had other voters come. The second is usually the
wider one, and the one to quote when the voters stand for people in general.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite, sqrt
from typing import Any

import numpy as np

from arena.judgments import JointVotes
from arena.people.pairs import Between, between
from arena.people.shared import SIDES, Floats, SharedVotes
from arena.statistics import UNKNOWN, Figure, alpha_of, share, share_ends, student
from arena.types import Voter

MOST = 24
"""So many voters are held against each other two at a time, those with most shared battles."""


@dataclass(frozen=True, slots=True)
class VoterAgreement:
    """How far one voter agrees with the others; `votes` in all, `shared` of them on battles that others voted on.

    `agreement` is the share of others' votes on the same battles that theirs equals, with a 95 % interval over
    battles. `alpha_without` is Krippendorff's alpha of all others, `None` where it cannot be computed: above the alpha
    of all, this voter differs from the rest.
    """

    voter: Voter
    votes: int
    shared: int
    agreement: Figure
    alpha_without: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PeopleAgreement:
    """How far voters agree on the `battles` that at least two of them voted on, of `all_battles` with a vote.

    `agreement` is how often two of them agree, `alpha` Krippendorff's alpha with its 95 % interval over battles, and
    `alpha_over_voters` the same alpha with the interval over voters. `voters` come with most shared battles first, and
    `pairs` holds Cohen's kappa of each two of the first of them that share a battle.
    """

    criterion: str
    votes: int
    battles: int
    all_battles: int
    agreement: Figure
    alpha: Figure
    alpha_over_voters: Figure
    voters: tuple[VoterAgreement, ...]
    pairs: tuple[Between, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the agreement as plain values."""
        return asdict(self)


def measure(votes: SharedVotes, joint: Sequence[JointVotes], criterion: str) -> PeopleAgreement:
    """Measure the agreement of voters; `joint` are the pairs of them to compare."""
    counts = votes.counts()
    alpha = alpha_of(counts)
    without = alphas_without(votes, counts)
    return PeopleAgreement(
        criterion=criterion,
        votes=votes.votes,
        battles=votes.battles,
        all_battles=votes.all_battles,
        agreement=among(counts),
        alpha=alpha,
        alpha_over_voters=_over_voters(alpha, without[votes.shared() > 0]),
        voters=_voters(votes, counts, without),
        pairs=between(joint),
    )


def among(counts: Floats) -> Figure:
    """Return how often two different voters agree on a battle, every battle weighing the same.

    `counts` (battles, 3) is how often each outcome was given to battles with at least two votes.
    """
    if not len(counts):
        return UNKNOWN
    cast = counts.sum(axis=1)
    return share((counts * (counts - 1)).sum(axis=1) / (cast * (cast - 1)), np.ones(len(counts)))


def most_shared(votes: SharedVotes, most: int = MOST) -> list[Voter]:
    """Return the voters with most shared battles, at most `most`, those without any left out."""
    shared = votes.shared()
    order = sorted(range(len(votes.voters)), key=lambda v: (-shared[v], v))
    return [votes.voters[v] for v in order[:most] if shared[v]]


def alphas_without(votes: SharedVotes, counts: Floats) -> Floats:
    """Return Krippendorff's alpha of all voters but one, for each, (voters,); NaN where it cannot be computed.

    `counts` (battles, 3) are those of `votes`. A battle that one voter leaves with a single vote drops out.
    """
    given = counts.sum(axis=1)
    agreeing = ((counts**2).sum(axis=1) - given) / np.maximum(given - 1, 1)
    b = votes.battle
    mine = np.eye(SIDES)[votes.outcome]
    left = counts[b] - mine
    rest = left.sum(axis=1)
    stays = rest > 1
    left = left * stays[:, None]
    still = np.where(stays, ((left**2).sum(axis=1) - rest) / np.maximum(rest - 1, 1), 0.0)
    columns = np.column_stack([still - agreeing[b], left - counts[b]])
    change = np.column_stack(
        [np.bincount(votes.voter, columns[:, i], len(votes.voters)) for i in range(1 + SIDES)]
    )
    sums = np.concatenate([[agreeing.sum()], counts.sum(axis=0)]) + change
    of_label = sums[:, 1:]
    n = of_label.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = (of_label * (of_label - 1)).sum(axis=1) / (n * (n - 1))
        return np.asarray(np.where(1 - chance > 1e-12, (sums[:, 0] / n - chance) / (1 - chance), np.nan))


def _over_voters(alpha: Figure, without: Floats) -> Figure:
    """Return alpha with the interval of leaving out one voter at a time."""
    n = len(without)
    if alpha.value is None or n < 3 or not np.isfinite(without).all():
        return Figure(alpha.value, None, None, n)
    error = sqrt((n - 1) / n * float(np.square(without - without.mean()).sum()))
    reach = student(n - 1) * error
    if not isfinite(reach):
        return Figure(alpha.value, None, None, n)
    return Figure(alpha.value, max(-1.0, alpha.value - reach), min(1.0, alpha.value + reach), n)


def _voters(votes: SharedVotes, counts: Floats, without: Floats) -> tuple[VoterAgreement, ...]:
    given = counts.sum(axis=1)
    same = (counts[votes.battle, votes.outcome] - 1) / (given[votes.battle] - 1)
    shared, size = votes.shared(), len(votes.voters)
    total = np.bincount(votes.voter, same, size)
    squares = np.bincount(votes.voter, same**2, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / shared
        errors = np.sqrt(np.maximum(squares / shared - mean**2, 0.0) / (shared - 1))
    rows = []
    for v, voter in enumerate(votes.voters):
        n = int(shared[v])
        alpha = float(without[v])
        agreement = (
            Figure(float(mean[v]), *share_ends(float(mean[v]), float(errors[v]), n), n) if n else UNKNOWN
        )
        rows.append(
            VoterAgreement(voter, int(votes.cast[v]), n, agreement, alpha if n and isfinite(alpha) else None)
        )
    rows.sort(key=lambda row: (-row.shared, -row.votes, row.voter.kind.value, row.voter.name))
    return tuple(rows)
