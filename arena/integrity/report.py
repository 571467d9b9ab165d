"""Who and what decides the board, in one report: voter by voter, prompt by prompt, answer by answer.

Everything is asked of the Bradley-Terry board with every vote the same and ties as a half, among the models that can be
compared with each other. It tells what the votes do; whether somebody meant it, it cannot know.
"""

from dataclasses import asdict, dataclass
from typing import Any

from arena.errors import InvalidInput
from arena.integrity.fragile import Fragility
from arena.types import STRANGERS, Voter


@dataclass(frozen=True, slots=True)
class IntegrityOptions:
    """How to look.

    `alpha` is the chance that an honest voter is ever flagged, `cap` how many votes a prompt may have in the board that
    asks what repeated prompts do (the median of all prompts if absent), and `rows` how many voters are listed.
    """

    __pydantic_config__ = STRANGERS

    alpha: float = 0.01
    cap: int | None = None
    rows: int = 50

    def __post_init__(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InvalidInput: alpha is no chance, or the cap or the number of rows is not positive.
        """
        if not 0 < self.alpha < 0.5:
            raise InvalidInput(f"The chance of a false alarm is {self.alpha:g}; give one between 0 and 0.5.")
        if self.cap is not None and self.cap < 1:
            raise InvalidInput(f"A cap of {self.cap} votes a prompt counts none: give 1 or more.")
        if not 1 <= self.rows <= 10_000:
            raise InvalidInput(f"{self.rows} voters cannot be listed: give 1 to 10,000.")


@dataclass(frozen=True, slots=True)
class Attention:
    """How many attention pairs a voter met, and how many of them they got right."""

    met: int
    passed: int


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """A prompt with its `votes` by so many `voters`, a `share` of all; without `text` only the votes are known."""

    prompt_id: str
    text: str | None
    votes: int
    voters: int
    share: float
    too_often: bool = False


@dataclass(frozen=True, slots=True)
class AskedPrompts:
    """How votes are spread over prompts: `most` holds those with most votes.

    `effective` is the number of prompts that, asked equally often, would be as one-sided (one over the sum of squared
    shares).
    """

    prompts: int
    effective: float
    median: float
    most: tuple[AskedPrompt, ...]


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that names itself in `named` of its `answers`, in such `words`; `votes` were cast on those battles."""

    name: str
    answers: int
    named: int
    votes: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The board with other votes: who is `first`, by how many points over the second, and what moved most.

    `moved` is the model whose rating changes most, by `shift` points; `None` where nothing can be compared.
    """

    what: str
    votes: int
    first: str | None
    lead: float | None
    moved: str | None
    shift: float
    changed: bool


@dataclass(frozen=True, slots=True)
class VoterRow:
    """One voter: how unlike the others' their votes are, and what the board would be without them.

    `evidence` is the highest state of the bets against them (`arena.integrity.evidence`), `flagged` where it reached
    1/alpha, `certain` where it reached the number of voters over alpha, `reason` in words what won. `shift` is the
    largest move of a rating without them, in points, that of `moved`; `first_without` is named where somebody else
    would be first. These are `exact` where the rest was fitted anew, else one Newton step.
    """

    voter: Voter
    votes: int
    decided: int
    evidence: float
    flagged: bool
    certain: bool
    reason: str
    shift: float
    moved: str | None
    first_without: str | None
    exact: bool
    attention: Attention | None


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """Who and what decides the board; see the module.

    `what_if` begins with the board as it is. `voters` lists flagged voters first, then those who move ratings most, out
    of `all_voters`, of whom `flagged` are flagged; were all honest, at most `false_alarms` would be in the mean.
    `unread` answers were not looked at for their model's names yet.
    """

    votes: int
    all_voters: int
    alpha: float
    removal: Fragility | None
    flip: Fragility | None
    what_if: tuple[WhatIf, ...]
    voters: tuple[VoterRow, ...]
    flagged: int
    false_alarms: float
    prompts: AskedPrompts
    self_named: tuple[NamedModel, ...]
    unread: int
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)
