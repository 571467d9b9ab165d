"""What a check of a model on a golden set tells: the outcome of each check, and the prompts one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from arena.golden import GoldenPrompt
from judges.golden import CheckOutcome


@dataclass(frozen=True, slots=True)
class GoldenReport:
    """What a check of a model on a golden set came to.

    `answered` counts the prompts with an answer. `compared_with` is the result it was compared with, of the model
    `compared_model` and made at `compared_at`; all `None` where nothing is accepted. `accepted` says that later
    checks are compared with this one.
    """

    golden: str
    model: str
    result_id: UUID
    prompts: int
    answered: int
    outcomes: tuple[CheckOutcome, ...]
    compared_with: UUID | None
    compared_model: str | None
    compared_at: datetime | None
    accepted: bool

    @property
    def passed(self) -> bool:
        """Whether every threshold is met and nothing is worse than accepted; accepting sets a new standard."""
        return all(
            outcome.passed if not self.accepted else outcome.threshold != "failed"
            for outcome in self.outcomes
        )

    @property
    def sentence(self) -> str:
        """Return the outcome in one sentence, the first failed check in it."""
        failed = [outcome for outcome in self.outcomes if not outcome.passed]
        if not self.passed:
            more = f" ({len(failed)} checks failed)" if len(failed) > 1 else ""
            first = next(o for o in failed if not self.accepted or o.threshold == "failed")
            return f"{self.model} fails {self.golden}: {first.name}: {first.sentence}{more}"
        if self.accepted:
            return (
                f"The result of {self.model} on {self.golden} is accepted: later ones are compared with it."
            )
        if self.compared_with is None:
            return f"{self.model} passes {self.golden}; nothing is accepted yet to compare with."
        untold = sum(outcome.change == "cannot_tell" for outcome in self.outcomes)
        against = f" beside {self.compared_model}" if self.compared_model != self.model else ""
        checks = "1 check" if untold == 1 else f"{untold} checks"
        doubt = f"; for {checks} it cannot be told whether it is worse" if untold else ""
        return f"{self.model} passes {self.golden}{against}{doubt}."

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "golden": self.golden,
            "model": self.model,
            "result_id": str(self.result_id),
            "passed": self.passed,
            "sentence": self.sentence,
            "prompts": self.prompts,
            "answered": self.answered,
            "compared_with": str(self.compared_with) if self.compared_with else None,
            "compared_model": self.compared_model,
            "compared_at": self.compared_at.isoformat() if self.compared_at else None,
            "accepted": self.accepted,
            "checks": [outcome.as_dict() for outcome in self.outcomes],
        }


@dataclass(frozen=True, slots=True)
class GoldenRow:
    """One prompt of a golden set, a model's answer to it, and its numbers by check.

    A number is its value, why there is none (or which rule is broken), and the value it was compared with.
    """

    prompt: GoldenPrompt
    answer: str | None
    values: Mapping[str, tuple[float | None, str | None, float | None]]
