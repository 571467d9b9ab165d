"""How far a judge agrees with people, beside how far people agree with each other.

A judge is measured against a person drawn at random from those who voted on a battle, and people against each other
in the same way: the ceiling is what a further person would reach. Every battle weighs the same, however many voted on
it. A tie and both bad are one outcome, neither side: many judges have no second word for it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.judgments import Failure, JudgedBattles
from arena.statistics import UNKNOWN, Figure, Floats, kappa_of, share
from arena.types import DEFAULT_CRITERION, Voter
from judges import bias
from judges.bias import Bias

_NEITHER = 2
_NO_FAMILY = "Which models are its own is not known: name them in `[judging.families]` of workbench.toml."


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Agreement on a group of battles; shares and kappas with 95 % intervals over battles.

    `judge` is the share of a random person's votes that the judge's vote equals, `judge_decided` the same where
    neither says tie, `judge_kappa` Cohen's kappa with ties. `people`, `people_decided` and `people_kappa` are the
    same for two people, on those of the battles that two voted on. `battles` have the judge's and a person's vote.
    """

    by: str
    group: str
    battles: int
    votes: int
    judge: Figure = UNKNOWN
    judge_decided: Figure = UNKNOWN
    judge_kappa: Figure = UNKNOWN
    people: Figure = UNKNOWN
    people_decided: Figure = UNKNOWN
    people_kappa: Figure = UNKNOWN

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Agreement:
    """All that is known of a judge's right to judge on one criterion.

    `judged` battles have its vote, `overall.battles` of them a person's too. `rows` are `overall` by category and by
    language. `consistency` is the share of battles judged in both orders on which the orders agree. `failures`
    counts battles whose latest verdict failed, `versions` the settings of the judge that stand behind its votes.
    """

    judge: Voter
    criterion: str
    judged: int
    overall: AgreementRow
    rows: tuple[AgreementRow, ...] = ()
    consistency: Figure = UNKNOWN
    biases: tuple[Bias, ...] = ()
    failures: Mapping[Failure, int] = field(default_factory=dict)
    versions: int = 0

    def bias(self, kind: bias.Kind) -> Bias:
        """Return one of the biases."""
        return next(found for found in self.biases if found.kind == kind)

    def as_dict(self) -> dict[str, Any]:
        """Return the agreement as plain values."""
        return asdict(self)


def measure(
    judge: Voter,
    battles: JudgedBattles,
    *,
    criterion: str = DEFAULT_CRITERION,
    own: frozenset[str] | None = None,
    failures: Mapping[Failure, int] | None = None,
    versions: int = 0,
) -> Agreement:
    """Measure a judge on the battles it voted on.

    `own` are the models of its own family; `None` where it has none or they are not known.
    """
    return Agreement(
        judge=judge,
        criterion=criterion,
        judged=len(battles.judge),
        overall=_row("all", "", battles, np.ones(len(battles.judge), dtype=bool)),
        rows=(*_groups("category", battles), *_groups("language", battles)),
        consistency=consistency(battles),
        biases=(bias.position(battles), bias.length(battles), _family(battles, own)),
        failures=dict(failures or {}),
        versions=versions,
    )


def consistency(battles: JudgedBattles) -> Figure:
    """Return the share of battles judged in both orders on which both orders gave the same outcome."""
    both = (battles.forward >= 0) & (battles.backward >= 0)
    same = battles.forward[both] == battles.backward[both]
    return share(same.astype(float), np.ones(len(same)))


def matrix(battles: JudgedBattles) -> tuple[tuple[int, int, int], ...]:
    """Return how often the judge's outcome (row) met people's majority (column), both as A, B, neither.

    Battles that no person voted on are left out; where people's votes are split evenly their majority is neither.
    """
    voted = battles.people.sum(axis=1) > 0
    votes = battles.people[voted]
    most = votes.max(axis=1, initial=0, keepdims=True)
    alone = (votes == most).sum(axis=1) == 1
    majority = np.where(alone, votes.argmax(axis=1), _NEITHER)
    counts = np.zeros((3, 3), dtype=np.int64)
    np.add.at(counts, (battles.judge[voted], majority), 1)
    return tuple((int(a), int(b), int(neither)) for a, b, neither in counts)


def _family(battles: JudgedBattles, own: frozenset[str] | None) -> Bias:
    if own is None:
        return bias.unknown("family", "own family", _NO_FAMILY)
    if not own & set(battles.names):
        return bias.unknown("family", "own family", "None of its own models was in a judged battle.")
    return bias.family(battles, own)


def _groups(by: str, battles: JudgedBattles) -> list[AgreementRow]:
    """Return a row for each value of a column, when there are at least two."""
    column = getattr(battles, by)
    values = sorted(set(column.tolist()))
    return [_row(by, value, battles, column == value) for value in values] if len(values) > 1 else []


def _row(by: str, group: str, battles: JudgedBattles, kept: npt.NDArray[np.bool_]) -> AgreementRow:
    kept = kept & (battles.people.sum(axis=1) > 0)
    votes = battles.people[kept].astype(float)
    if not len(votes):
        return AgreementRow(by, group, 0, 0)
    judge, judge_decided, judge_kappa = _with_judge(battles.judge[kept], votes)
    people, people_decided, people_kappa = _among_people(votes[votes.sum(axis=1) > 1])
    return AgreementRow(
        by,
        group,
        len(votes),
        int(votes.sum()),
        judge,
        judge_decided,
        judge_kappa,
        people,
        people_decided,
        people_kappa,
    )


def _with_judge(judge: npt.NDArray[np.int8], votes: Floats) -> tuple[Figure, Figure, Figure]:
    person = votes / votes.sum(axis=1, keepdims=True)
    said = np.eye(3)[judge]
    same = (person * said).sum(axis=1)
    decided = judge != _NEITHER
    return (
        share(same, np.ones(len(same))),
        share(same * decided, person[:, :_NEITHER].sum(axis=1) * decided),
        kappa_of(np.column_stack([same, said, person])),
    )


def _among_people(votes: Floats) -> tuple[Figure, Figure, Figure]:
    """Return the agreement of two different people drawn from each battle, (battles, 3) votes of at least two."""
    if not len(votes):
        return UNKNOWN, UNKNOWN, UNKNOWN
    cast = votes.sum(axis=1)
    pairs = cast * (cast - 1)
    person = votes / cast[:, None]
    same = votes * (votes - 1) / pairs[:, None]
    decisive = votes[:, :_NEITHER].sum(axis=1)
    return (
        share(same.sum(axis=1), np.ones(len(votes))),
        share(same[:, :_NEITHER].sum(axis=1), decisive * (decisive - 1) / pairs),
        kappa_of(np.column_stack([same.sum(axis=1), person, person])),
    )
