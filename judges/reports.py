"""What judging tells: what a run would take, how far it is, what came of it, and how one verdict came about."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from arena.judgments import Failure, JudgeCall, Verdict
from arena.store.rows import microseconds
from arena.types import Battle, Winner


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run of a judge would take, before it starts.

    `battles` are those chosen, `judged_before` those of them that need nothing; `calls` would be sent, `cached` are
    replies that are known already, `not_applicable` battles this judge cannot judge. Tokens are estimated from the
    texts and from earlier calls; where there are none yet (`learnt` is false), every reply counts with the most
    tokens it may have. `cost` is in the currency of the judge's prices, `None` where it has none.
    """

    judge: str
    criterion: str
    battles: int
    judged_before: int
    calls: int = 0
    cached: int = 0
    not_applicable: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    learnt: bool = False
    members: "tuple[Estimate, ...]" = ()
    """Of a jury: one for each juror, summed up in the figures above."""

    @property
    def tokens(self) -> int:
        """Return prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What came of a run.

    `outcomes` counts the verdicts given in this run by winner, `failures` those that could not be had by reason, most
    frequent first. `not_asked` battles were left for another run, because of the ceiling, a stop or a dead server;
    `ended_early` says which. `cost` is what this run spent.
    """

    judge: str
    criterion: str
    fingerprint: str
    battles: int
    judged_before: int
    outcomes: Mapping[Winner, int] = field(default_factory=dict)
    inconsistent: int = 0
    failures: Mapping[Failure, int] = field(default_factory=dict)
    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    not_asked: int = 0
    ended_early: str | None = None
    stopped: bool = False
    seconds: float = 0.0
    agreement: float | None = None
    """Of a jury: Krippendorff's alpha of its members' outcomes on the battles of this run."""
    members: "tuple[JudgeReport, ...]" = ()

    @property
    def decided(self) -> int:
        """Return how many verdicts with an outcome this run gave."""
        return sum(self.outcomes.values())

    @property
    def failed(self) -> int:
        """Return how many verdicts could not be had."""
        return sum(self.failures.values())

    @property
    def tokens(self) -> int:
        """Return prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class JudgeProgress:
    """How far a run is: battles `done` of `total` (with a verdict or a failure), and what its calls took so far.

    `rate` is in battles a second; `seconds_left` is unknown until there is a rate.
    """

    done: int
    total: int
    outcomes: Mapping[Winner, int] = field(default_factory=dict)
    failures: Mapping[Failure, int] = field(default_factory=dict)
    calls: int = 0
    cached: int = 0
    in_flight: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    tokens: int = 0
    cost: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing a judge was asked: every attempt at it in order, the last one standing."""

    title: str
    calls: tuple[JudgeCall, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """How one verdict came about: the battle, every message sent and every reply; of a jury, its members' too.

    `people` counts how people voted on the battle.
    """

    battle: Battle
    verdict: Verdict
    exchanges: tuple[Exchange, ...] = ()
    members: "tuple[Transcript, ...]" = ()
    people: Mapping[Winner, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """A verdict with what a list shows beside it."""

    verdict: Verdict
    model_a: str
    model_b: str
    prompt: str
    people: Mapping[Winner, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return what the next page of a list goes on from after this line."""
        found = self.verdict
        at = microseconds(found.created_at) if found.created_at else 0
        return json.dumps([at, str(found.battle_id), found.judge, found.criterion])


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """Some of the verdicts a filter lets through, newest first; `total` counts all of them."""

    lines: tuple[VerdictLine, ...]
    total: int
