"""From two numbers, or two passes, to a verdict: how judges decide that look at each side by itself."""

from dataclasses import dataclass
from uuid import UUID

from arena.judgments import Failure, Verdict
from arena.types import Winner

_JUROR = "juror"


@dataclass(frozen=True, slots=True)
class Juror:
    """A member behind a jury's verdict; a jury keeps these where other judges keep the keys of their calls."""

    judge: str
    fingerprint: str

    def as_key(self) -> str:
        """Return the juror as it stands among `Verdict.calls`."""
        return f"{_JUROR}:{self.fingerprint}:{self.judge}"


def jurors(verdict: Verdict) -> list[Juror]:
    """Return the jurors behind a verdict, none unless a jury gave it."""
    parts = [key.split(":", 2) for key in verdict.calls]
    return [Juror(part[2], part[1]) for part in parts if part[0] == _JUROR]


@dataclass(frozen=True, slots=True)
class Author:
    """Who gives verdicts: a judge's name, the hash of how it is set up now, and the criterion it is asked about."""

    judge: str
    fingerprint: str
    criterion: str

    def failed(
        self, battle_id: UUID, failure: Failure, detail: str, *, calls: tuple[str, ...] = ()
    ) -> Verdict:
        """Return the verdict that there is none, and why."""
        return Verdict(
            battle_id, self.judge, self.fingerprint, None, self.criterion, failure, detail, calls=calls
        )

    def decided(
        self,
        battle_id: UUID,
        winner: Winner,
        *,
        detail: str | None = None,
        probability_a: float | None = None,
        calls: tuple[str, ...] = (),
    ) -> Verdict:
        """Return a verdict that was reached by looking once."""
        return Verdict(
            battle_id,
            self.judge,
            self.fingerprint,
            winner,
            self.criterion,
            detail=detail,
            probability_a=probability_a,
            forward=winner,
            calls=calls,
        )


def by_numbers(a: float, b: float, tie_width: float, *, higher_is_better: bool = True) -> Winner:
    """Return who wins by two numbers: those at most `tie_width` apart are a tie."""
    if abs(a - b) <= tie_width:
        return Winner.TIE
    return Winner.MODEL_A if (a > b) == higher_is_better else Winner.MODEL_B


def by_passing(a: bool, b: bool) -> Winner:
    """Return who wins where each side passes or fails: both passing is a tie, both failing is both bad."""
    if a and b:
        return Winner.TIE
    if not a and not b:
        return Winner.BOTH_BAD
    return Winner.MODEL_A if a else Winner.MODEL_B
