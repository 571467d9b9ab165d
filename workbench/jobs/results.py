"""What came of each kind of long work: one type a kind, kept as plain JSON and read back as what it was."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from arena.jobs import JobState
from arena.types import Battle
from workbench.jobs.failures import JobStoppedError, error_of
from workbench.jobs.view import JobView


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What came of letting models answer: `answers` came and are stored, `failed` are stored with their error.

    `known` were there before, `not_asked` were left because of a stop.
    """

    answers: int
    failed: int
    known: int = 0
    not_asked: int = 0
    first_error: str | None = None


@dataclass(frozen=True, slots=True)
class Fought:
    """One battle of a job, without its names."""

    battle_id: UUID
    prompt: str | None
    votable: bool

    @classmethod
    def of(cls, battle: Battle) -> "Fought":
        """Return what is told of a battle."""
        return cls(battle.battle_id, battle.prompt.text if battle.prompt else None, battle.votable)


@dataclass(frozen=True, slots=True)
class BattleReport:
    """The battles of a job in the order of the prompts.

    `not_asked` prompts were left because of a stop, `spared` because a vote on each battle before them is expected to
    make the board as sure as was asked for. `half_width` is half the mean width of the intervals, in points, that is
    expected after a vote on each of these battles.
    """

    battles: tuple[Fought, ...]
    not_asked: int = 0
    spared: int = 0
    half_width: float | None = None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a training run ended: its state in one word, and its message and result if it has them."""

    run: str
    state: str
    message: str | None
    result: dict[str, Any] | None


def result_of(view: JobView) -> Any:
    """Return the result of an ended job as the type of its kind.

    Raises:
        WorkbenchError: the error that the job failed with; `JobStoppedError` where it ended, or has not ended yet,
            without a result.
    """
    if view.state is JobState.FAILED or (view.error is not None and view.result is None):
        raise error_of(view.error or "The job failed.", view.error_kind, view.error_detail)
    if view.result is None and view.state is not JobState.DONE:
        raise JobStoppedError(_without(view))
    return load_result(view.kind, view.result)


def dump_result(kind: str, result: Any) -> Any:
    """Return a result as plain JSON values."""
    if result is None or (adapter := _adapter(kind)) is None:
        return result
    return adapter.dump_python(result, mode="json")


def load_result(kind: str, plain: Any) -> Any:
    """Return the inverse of `dump_result`."""
    if plain is None or (adapter := _adapter(kind)) is None:
        return plain
    return adapter.validate_python(plain)


@cache
def _adapter(kind: str) -> TypeAdapter[Any] | None:
    found = result_type(kind)
    return None if found is None else TypeAdapter(found)


def result_type(kind: str) -> type | None:
    """Return the type of the results of a kind of job, `None` for a kind that is not known."""
    match kind:
        case "answer":
            return AnswerReport
        case "battle":
            return BattleReport
        case "judge":
            from judges.reports import JudgeReport

            return JudgeReport
        case "score":
            from judges.scoring import ScoringReport

            return ScoringReport
        case "golden":
            from workbench.golden_report import GoldenReport

            return GoldenReport
        case "attack":
            from judges.attacks import AttackReport

            return AttackReport
        case "import":
            from arena.formats import ImportReport

            return ImportReport
        case "export":
            from arena.exports import Manifest

            return Manifest
        case "train":
            return RunOutcome
    return None


def _without(view: JobView) -> str:
    if view.state.active:
        return f"The job {view.id} is still at work: `workbench jobs follow {view.id}` waits for it."
    if view.state is JobState.INTERRUPTED:
        return f"The job {view.id} was interrupted: `workbench jobs resume {view.id}` goes on from there."
    return f"The job {view.id} ended without a result."
