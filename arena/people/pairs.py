"""How far voters agree with each other, two at a time, on the battles that both voted on.

Among people this shows who sees things differently. Among judges, beside their agreement with people, it tells which
say the same for the same reason: a jury of judges that agree with each other more than with people hears one voice
several times.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from arena.judgments import JointVotes
from arena.statistics import UNKNOWN, Figure, kappa_of, share
from arena.types import Voter


@dataclass(frozen=True, slots=True)
class Between:
    """Agreement of two voters on one criterion, with 95 % intervals over battles.

    `same` is the share of `battles` on which both gave the same outcome, a tie and both bad being one, and `kappa` is
    Cohen's.
    """

    first: Voter
    second: Voter
    battles: int
    same: Figure
    kappa: Figure

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)


def between(joint: Sequence[JointVotes]) -> tuple[Between, ...]:
    """Return the agreement of each two voters that share a battle, in the order given."""
    return tuple(_between(one) for one in joint)


def _between(joint: JointVotes) -> Between:
    counts = np.array(joint.counts)
    first, second = np.divmod(np.repeat(np.arange(9), counts.ravel()), 3)
    if not len(first):
        return Between(joint.first, joint.second, 0, UNKNOWN, UNKNOWN)
    same = (first == second).astype(float)
    outcomes = np.eye(3)
    return Between(
        joint.first,
        joint.second,
        len(first),
        share(same, np.ones(len(same))),
        kappa_of(np.column_stack([same, outcomes[first], outcomes[second]])),
    )
