"""What each kind of long work is asked for: one frozen value a kind, which a row, a request or a form can hold as JSON.

A spec says everything that a job needs to begin again after its process has gone, so nothing in it names an object of
this process. `kind` tells them apart; `JobSpec` is any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from arena.errors import InvalidInput
from arena.judgments import AnswerFilter, BattleFilter
from arena.types import DEFAULT_CRITERION, VoteFilter, VoterKind

Names = Annotated[tuple[str, ...], Field(min_length=1)]
Slots = Annotated[int, Field(ge=1, le=4096)]
"""So many requests at once."""
Amount = Annotated[float, Field(ge=0)]
Tokens = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Share = Annotated[float, Field(ge=0, le=1)]
File = Literal["votes", "answers", "prompts", "preferences"]

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerJob:
    """Let each of `models` answer each prompt of the sets `prompts` that it has not answered, `slots` at once."""

    models: Names
    prompts: Names
    slots: Slots = 16
    kind: Literal["answer"] = "answer"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleJob:
    """Fight one battle on each prompt of the sets `prompts` between two of `models`, `slots` battles at once.

    `seed` settles the pairs, their sides and the answers of models that heed one; without it the job's own id does
    for pairs and sides, and answers are drawn freely. With `until_width` it fights only as many battles as, with one
    vote on each, are expected to bring half the mean width of the models' intervals down to so many points.
    """

    models: Names
    prompts: Names
    slots: Slots = 16
    seed: Seed | None = None
    until_width: Annotated[float, Field(gt=0)] | None = None
    kind: Literal["battle"] = "battle"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeJob:
    """Let a judge judge the battles it has not judged as it is now; see the verb `judge` for the bounds."""

    judge: str
    battles: BattleFilter = field(default_factory=BattleFilter)
    criterion: str = DEFAULT_CRITERION
    slots: Slots | None = None
    max_cost: Amount | None = None
    max_tokens: Tokens | None = None
    retry_failed: bool = False
    kind: Literal["judge"] = "judge"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreJob:
    """Score stored answers by `metrics` (judges as `judge:NAME`), with options by metric; bounds are for the judges."""

    metrics: Names
    answers: AnswerFilter = field(default_factory=AnswerFilter)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    criterion: str = DEFAULT_CRITERION
    slots: Slots | None = None
    max_cost: Amount | None = None
    max_tokens: Tokens | None = None
    retry_failed: bool = False
    kind: Literal["score"] = "score"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenJob:
    """Check a model on the golden set `golden`; see the verb `check_golden`."""

    golden: str
    model: str
    accept: bool = False
    fresh: bool = False
    against: str | None = None
    slots: Slots = 32
    kind: Literal["golden"] = "golden"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackJob:
    """Try the suite of attacks on a judge."""

    judge: str
    kind: Literal["attack"] = "attack"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """Read the file at `file` (a path on the owner's machine) as votes, answers, prompts or preferences (`what`).

    `name` is what people call the file where it stands under another name.
    """

    file: str
    what: File
    from_format: str | None = None
    set_name: str | None = None
    skip_bad: bool = False
    voter_kind: VoterKind = VoterKind.HUMAN
    name: str | None = None
    kind: Literal["import"] = "import"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """Freeze the preferences that `votes` give as the export `name`, for `purpose` (dpo or reward)."""

    name: str
    votes: VoteFilter = field(default_factory=VoteFilter)
    purpose: Literal["dpo", "reward"] = "dpo"
    majority: Share = 0.5
    kind: Literal["export"] = "export"
    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainJob:
    """Follow the training run `run`, which works in a process of its own; to stop the job is to stop the run."""

    run: str
    kind: Literal["train"] = "train"
    __pydantic_config__ = _STRICT


AnyJob = (
    AnswerJob | BattleJob | JudgeJob | ScoreJob | GoldenJob | AttackJob | ImportJob | ExportJob | TrainJob
)
"""Any spec, for annotations that no stranger's data passes."""

JobSpec = Annotated[AnyJob, Field(discriminator="kind")]
"""Any spec, told apart by `kind`: the type of a request's body."""

KINDS = ("answer", "battle", "judge", "score", "golden", "attack", "import", "export", "train")
"""The kinds there are."""


@cache
def _adapter() -> TypeAdapter[AnyJob]:
    return TypeAdapter(JobSpec)


def dump_spec(spec: AnyJob) -> dict[str, Any]:
    """Return a spec as plain JSON values."""
    return dict(_adapter().dump_python(spec, mode="json"))


def load_spec(values: Mapping[str, Any]) -> AnyJob:
    """Return the inverse of `dump_spec`.

    Raises:
        InvalidInput: a value is missing, unknown or impossible; the message names the first.
    """
    try:
        return _adapter().validate_python(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "kind"
        raise InvalidInput(f"The job cannot be started: {where}: {first['msg']}.") from error
