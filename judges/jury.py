"""Several judges as one: how their verdicts on a battle become the jury's, and how far they agree with each other.

A juror without a verdict is absent, not undecided. Too few jurors, and the jury has no verdict either.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from arena.errors import InvalidInput
from arena.judgments import Failure, Verdict
from arena.statistics import Figure, krippendorff_alpha
from arena.types import Winner
from judges.pairwise import soft

Decide = Literal["majority", "mean"]

_STRONG = 3
_EVEN = 1e-9


@dataclass(frozen=True, slots=True)
class JuryAgreement:
    """How far the jurors agree over the battles of a run.

    `alpha` is Krippendorff's, for nominal outcomes; `unanimous` of `battles` (those with at least two verdicts) have
    one outcome from all their jurors.
    """

    alpha: Figure
    battles: int
    unanimous: int


def decide(verdicts: Sequence[Verdict], rule: Decide, min_jurors: int) -> dict[str, Any]:
    """Return the fields of the jury's `Verdict` on one battle that follow from its jurors' (`**` them into it).

    `majority`: the outcome of more than half of the jurors that have a verdict; a tie marked inconsistent where there
    is none. `mean`: the side that the mean of the jurors' soft verdicts favours, a tie at one half; both are bad where
    more than half say so. Under either rule `probability_a` is that mean, and `strength` is 3 where more than
    half of the jurors with a verdict gave the jury's outcome with strength 3.

    Raises:
        InvalidInput: no rule of that name, or fewer than one juror wanted.
    """
    if rule not in ("majority", "mean") or min_jurors < 1:
        raise InvalidInput(
            f"A jury decides by 'majority' or 'mean' and needs at least one juror, not {rule!r} and {min_jurors}."
        )
    present = [verdict for verdict in verdicts if verdict.winner is not None]
    if len(present) < min_jurors:
        return _no_verdict(verdicts, len(present), min_jurors)
    chances = [chance for verdict in present if (chance := soft(verdict)) is not None]
    mean = sum(chances) / len(chances)
    most, number = Counter(verdict.winner for verdict in present).most_common(1)[0]
    settled = most if 2 * number > len(present) else None
    if rule == "majority" or settled is Winner.BOTH_BAD:
        winner = settled or Winner.TIE
    else:
        winner = Winner.TIE if abs(mean - 0.5) < _EVEN else Winner.MODEL_A if mean > 0.5 else Winner.MODEL_B
    strong = sum(verdict.winner is winner and verdict.strength >= _STRONG for verdict in present)
    return {
        "winner": winner,
        "inconsistent": rule == "majority" and settled is None,
        "strength": _STRONG if 2 * strong > len(present) else 1,
        "probability_a": mean,
    }


def jury_agreement(battles: Iterable[Sequence[Verdict]]) -> JuryAgreement:
    """Return how far the jurors agree; each entry holds the jurors' verdicts on one battle, failed ones included."""
    outcomes = [[verdict.winner for verdict in verdicts] for verdicts in battles]
    compared = [
        set(present)
        for unit in outcomes
        if len(present := [winner for winner in unit if winner is not None]) > 1
    ]
    return JuryAgreement(
        alpha=krippendorff_alpha(outcomes),
        battles=len(compared),
        unanimous=sum(len(given) == 1 for given in compared),
    )


def _no_verdict(verdicts: Sequence[Verdict], present: int, wanted: int) -> dict[str, Any]:
    kinds = Counter(
        verdict.failure or Failure.NOT_APPLICABLE for verdict in verdicts if verdict.winner is None
    )
    absent = "; ".join(
        f"{verdict.judge}: {(verdict.failure or Failure.NOT_APPLICABLE).value}"
        for verdict in verdicts
        if verdict.winner is None
    )
    detail = f"{present} of {len(verdicts)} jurors have a verdict, {wanted} are needed ({absent or 'none was asked'})."
    failure = kinds.most_common(1)[0][0] if kinds else Failure.NOT_APPLICABLE
    return {"winner": None, "failure": failure, "detail": detail}
