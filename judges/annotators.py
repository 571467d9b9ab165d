"""How annotators of a review queue do: agreement, attention, pace and habits, one row a person.

A person is measured against the others who voted on the same battles, every battle weighing the same however many
those were; a tie and both bad are one outcome, as in `judges.agreement`. Over all, agreement beyond chance is
Krippendorff's alpha (`arena.statistics`), which takes any number of people and missing votes. Attention pairs count
only as passed or failed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from arena.people.agreement import among
from arena.reviews import ReviewVote
from arena.statistics import UNKNOWN, Figure, Floats, alpha_of, share
from arena.types import Voter, Winner

BREAK_S = 600.0
"""A longer time between two votes is a break and says nothing about a person's pace."""
QUICK_S = 3.0
"""Whoever takes less than this for a vote, as the median, can hardly have read two answers."""
ONE_SIDED = 0.65
"""Whose share of A (or of B) surely lies above this chooses by place; sides are shuffled."""
_FEW = 6
"""On fewer votes a pace says little."""
_NEITHER = 2
_CODES = {Winner.MODEL_A: 0, Winner.MODEL_B: 1, Winner.TIE: _NEITHER, Winner.BOTH_BAD: _NEITHER}


@dataclass(frozen=True, slots=True)
class Annotator:
    """One person in a queue.

    `votes` are on ordinary battles, by outcome in `outcomes`; `agreement` is the share of other people's votes on the
    same battles that theirs equals, `chose_a` the share of A where they chose a side, both with 95 % intervals over
    battles. `attention_passed` of `attention_met` pairs were voted on as expected. `seconds` is the median time from
    one vote to the next, without breaks. `notes` say what a leader should look at.
    """

    voter: Voter
    votes: int
    skips: int
    agreement: Figure
    chose_a: Figure
    attention_met: int
    attention_passed: int
    seconds: float | None
    outcomes: Mapping[Winner, int]
    first_at: datetime | None
    last_at: datetime | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class QueueReport:
    """All annotators of a queue, those with most votes first.

    `shared` battles have votes by two people or more; `agreement` is how often two of them agree, `alpha` the same
    beyond chance.
    """

    people: tuple[Annotator, ...]
    shared: int
    agreement: Figure
    alpha: Figure

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


def report(votes: Sequence[ReviewVote], skips: Mapping[Voter, int] | None = None) -> QueueReport:
    """Measure the annotators of a queue by their standing `votes` and the battles they skipped."""
    ordinary = [vote for vote in votes if vote.expected is None]
    counts = _counts(ordinary)
    several = np.array([row for row in counts.values() if row.sum() > 1]).reshape(-1, 3)
    agreement = among(several)
    skipped = dict(skips or {})
    voters = dict.fromkeys([*(vote.voter for vote in votes), *skipped])
    people = [
        _annotator(voter, [v for v in votes if v.voter == voter], counts, agreement, skipped.get(voter, 0))
        for voter in voters
    ]
    people.sort(key=lambda person: (-person.votes, person.voter.name))
    return QueueReport(tuple(people), len(several), agreement, alpha_of(several))


def agreement_with_others(mine: Sequence[int] | npt.NDArray[np.int64], others: Floats) -> Figure:
    """Return the share of other people's votes that equal mine, battle by battle.

    `mine` (n,) are outcomes as 0 for A, 1 for B, 2 for neither; `others` (n, 3) counts the other people's.
    """
    if not len(mine):
        return UNKNOWN
    cast = others.sum(axis=1)
    same = others[np.arange(len(mine)), np.asarray(mine)]
    kept = cast > 0
    return share(same[kept] / cast[kept], np.ones(int(kept.sum())))


def _counts(votes: Sequence[ReviewVote]) -> dict[UUID, Floats]:
    """Return how often each outcome was given to each battle, (3,) each."""
    counts: defaultdict[UUID, Floats] = defaultdict(lambda: np.zeros(3))
    for vote in votes:
        counts[vote.battle_id][_CODES[vote.winner]] += 1
    return dict(counts)


def _annotator(
    voter: Voter, votes: Sequence[ReviewVote], counts: Mapping[UUID, Floats], all_: Figure, skips: int
) -> Annotator:
    ordinary = [vote for vote in votes if vote.expected is None]
    checks = [vote for vote in votes if vote.expected is not None]
    mine = [_CODES[vote.winner] for vote in ordinary]
    others = np.array([counts[vote.battle_id] for vote in ordinary]).reshape(-1, 3)
    others = others - np.eye(3)[mine]
    decided = np.array([code == 0 for code in mine if code != _NEITHER], dtype=float)
    person = Annotator(
        voter=voter,
        votes=len(ordinary),
        skips=skips,
        agreement=agreement_with_others(mine, others),
        chose_a=share(decided, np.ones(len(decided))),
        attention_met=len(checks),
        attention_passed=sum(vote.winner is vote.expected for vote in checks),
        seconds=pace([vote.first_at for vote in votes]),
        outcomes={outcome: sum(vote.winner is outcome for vote in ordinary) for outcome in Winner},
        first_at=min((vote.first_at for vote in votes), default=None),
        last_at=max((vote.first_at for vote in votes), default=None),
    )
    return replace(person, notes=_notes(person, all_))


def pace(times: Sequence[datetime]) -> float | None:
    """Return the median seconds between votes that followed each other without a break, `None` without any such."""
    ordered = sorted(times)
    gaps = [(after - before).total_seconds() for before, after in pairwise(ordered)]
    worked = [gap for gap in gaps if gap <= BREAK_S]
    return median(worked) if worked else None


def _notes(person: Annotator, all_: Figure) -> tuple[str, ...]:
    notes = []
    if failed := person.attention_met - person.attention_passed:
        notes.append(f"Failed {failed} of {person.attention_met} attention pairs.")
    cast = person.votes + person.attention_met
    if cast >= _FEW and person.seconds is not None and person.seconds < QUICK_S:
        notes.append(f"Takes {person.seconds:.1f} s a vote: too quick to read.")
    if all_.value is not None and person.agreement.upper is not None and person.agreement.upper < all_.value:
        notes.append("Agrees with others surely less than people here agree with each other.")
    for side, low in (("A", person.chose_a.lower), ("B", _flipped(person.chose_a.upper))):
        if low is not None and low > ONE_SIDED:
            notes.append(f"Chooses {side} too often for shuffled sides.")
    return tuple(notes)


def _flipped(end: float | None) -> float | None:
    return None if end is None else 1 - end
