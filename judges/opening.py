"""From a stored judge to one that can judge: its options checked, its model, template, metric or members found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from arena.errors import InvalidInput
from arena.judgments import JudgeKind, JudgeSpec
from arena.models import Model
from arena.models.identity import model_hash
from arena.store import Store
from arena.types import ModelKind, ModelSpec
from judges.asking import AskingJudge
from judges.classifier import SequenceScorer
from judges.direct import MetricJudge, RewardJudge, RuleJudge
from judges.metrics import registry
from judges.metrics.base import Scorer
from judges.outcome import Juror
from judges.spec import (
    ASKED,
    OWN_SAMPLING,
    JuryOptions,
    ask_options,
    call_fingerprint,
    hash_of,
    jury_options,
    metric_options,
    reward_options,
)
from judges.templates import load_template


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What judges need of the home they stand in.

    `metric_options` returns all options of a metric, given its name and those that the judge sets itself.
    """

    store: Store
    open_model: Callable[[ModelSpec], Model]
    home: Path
    template_folders: tuple[Path, ...] = ()
    metric_options: Callable[[str, Mapping[str, Any]], dict[str, Any]] = lambda metric, given: dict(given)


class OpenJudge(Protocol):
    """Any judge, ready to judge."""

    @property
    def fingerprint(self) -> str:
        """The hash of everything its verdicts depend on."""


@dataclass(frozen=True, slots=True)
class Jury:
    """Judges that decide together, each opened."""

    spec: JudgeSpec
    options: JuryOptions
    members: tuple["OpenMember", ...]

    @property
    def fingerprint(self) -> str:
        """The hash of the members' hashes and of how they decide."""
        return hash_of(
            {
                "kind": "jury",
                "members": sorted(member.judge.fingerprint for member in self.members),
                "decide": self.options.decide,
                "quorum": self.options.quorum,
            }
        )


@dataclass(frozen=True, slots=True)
class OpenMember:
    """A member of a jury with its own spec."""

    spec: JudgeSpec
    judge: OpenJudge

    @property
    def juror(self) -> Juror:
        """The member as a jury's verdict names it."""
        return Juror(self.spec.name, self.judge.fingerprint)


def open_judge(spec: JudgeSpec, around: Surroundings) -> OpenJudge:
    """Return the judge of `spec`, ready; models load when they are first asked.

    Raises:
        InvalidInput: an option is unknown, missing or impossible, or the template is of another kind.
        NotFound: its model, template, metric or a member is not there.
    """
    if spec.kind in ASKED:
        return asking_judge(spec, around)
    if spec.kind is JudgeKind.JURY:
        return _jury(spec, around)
    if spec.kind is JudgeKind.RULE:
        return RuleJudge(spec)
    if spec.kind is JudgeKind.METRIC:
        return MetricJudge(spec, metric_scorer(spec, around), around.store.scores)
    return RewardJudge(spec, reward_scorer(spec, around), around.store.scores)


def fingerprint_of(spec: JudgeSpec, around: Surroundings) -> str:
    """Return the hash of everything the verdicts of this judge, as it is now, depend on."""
    return open_judge(spec, around).fingerprint


def asking_judge(spec: JudgeSpec, around: Surroundings) -> AskingJudge:
    """Return a pairwise or single judge with its model opened under the judge's own sampling."""
    options = ask_options(spec)
    template = load_template(options.template, around.template_folders)
    if template.kind != spec.kind.value:
        raise InvalidInput(
            f"{spec.name}: the template {options.template!r} is for {template.kind} judges, not for {spec.kind} ones."
        )
    stored = around.store.models.get(options.model)
    asked = _as_judge(spec, stored)
    return AskingJudge(
        spec,
        options,
        template,
        around.open_model(asked),
        call_fingerprint(spec, template.digest, stored, weights=_weights(stored, around.home)),
    )


def _as_judge(judge: JudgeSpec, model: ModelSpec) -> ModelSpec:
    """Return the model without its own sampling, under a name of its own beside the one in the arena."""
    if not model.live:
        return model
    options = {key: value for key, value in model.options.items() if key not in OWN_SAMPLING}
    return replace(model, name=f"{judge.name} ({model.name})", options=options)


def _weights(model: ModelSpec, home: Path) -> str | None:
    """Return a hash of a local model's files, so that other weights in the same folder are another judge."""
    if model.kind is not ModelKind.LOCAL:
        return None
    folders = [home / str(model.options[key]) for key in ("path", "adapter") if model.options.get(key)]
    return "+".join(model_hash(folder) for folder in folders if folder.is_dir()) or None


def metric_scorer(spec: JudgeSpec, around: Surroundings) -> Scorer:
    """Return the one scorer that a metric judge's options name."""
    options = metric_options(spec)
    scorers = registry.make(
        options.metric, **around.metric_options(options.metric, dict(options.settings or {}))
    )
    if len(scorers) != 1:
        raise InvalidInput(
            f"{spec.name}: the metric {options.metric!r} gives several numbers; "
            f"choose one of {', '.join(scorer.name for scorer in scorers)}."
        )
    return scorers[0]


def reward_scorer(spec: JudgeSpec, around: Surroundings) -> SequenceScorer:
    """Return the scorer of a reward judge's model, which loads when it is first used."""
    options = reward_options(spec)
    adapter = str(around.home / options.adapter) if options.adapter else None
    return SequenceScorer(str(around.home / options.path), adapter=adapter, label=options.label)


def _jury(spec: JudgeSpec, around: Surroundings) -> Jury:
    options = jury_options(spec)
    members = []
    for name in options.members:
        member = around.store.judges.get(name)
        if member.kind is JudgeKind.JURY:
            raise InvalidInput(f"{spec.name}: {name!r} is a jury itself; name its members instead.")
        members.append(OpenMember(member, open_judge(member, around)))
    return Jury(spec, options, tuple(members))
