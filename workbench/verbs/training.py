"""Verbs on training: start a run on an export, follow it, bring its model into the arena, and decide on promotion."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from arena import comparison, exports
from arena.comparison import WinRate
from arena.errors import InvalidInput, NotFound
from arena.types import ModelKind, ModelSpec, VoteFilter, VoterKind
from training import config as run_config
from training import runs
from training.runs import Run
from workbench.home import folder_name
from workbench.results import Promotion
from workbench.verbs.agreement import AgreementVerbs


class TrainingVerbs(AgreementVerbs):
    """What people do with exports and runs."""

    def training_bases(self) -> list[ModelSpec]:
        """Return the models a run can start from: local ones."""
        return [spec for spec in self.store.models.list() if spec.kind is ModelKind.LOCAL]

    def train(
        self, name: str, method: str, base: str, export: str, overrides: Mapping[str, Any] | None = None
    ) -> Run:
        """Create a run of `method` (reward or dpo) from the local model `base` on an export, and start its process.

        Raises:
            NotFound: no such model or export.
            InvalidInput: the base is not local, or an override cannot be used.
            Conflict: a run of that name exists.
        """
        run = runs.create_run(self.runs_folder, self._run_config(name, method, base, export, overrides or {}))
        runs.start(run)
        return run

    def defaults(self, method: str) -> dict[str, Any]:
        """Return the settings a run of `method` has on this machine unless they are overridden."""
        return run_config.defaults(method)

    def runs(self) -> list[Run]:
        """Return the runs of this home, newest first."""
        return runs.list_runs(self.runs_folder)

    def run(self, name: str) -> Run:
        """Return one run.

        Raises:
            NotFound: no such run.
        """
        return runs.open_run(self.runs_folder, folder_name(name))

    def stop_run(self, name: str) -> None:
        """Ask a run to stop; it saves a checkpoint first."""
        runs.stop(self.run(name))

    def resume_run(self, name: str) -> Run:
        """Go on with a stopped, interrupted or failed run from its last checkpoint."""
        run = self.run(name)
        runs.resume(run)
        return run

    def deploy_run(self, name: str) -> ModelSpec:
        """Register the run's model in the arena under the run's name, with its parent.

        Raises:
            InvalidInput: the run has no chat model to give (not finished, or a reward model).
            Conflict: a model of that name exists already.
        """
        spec = self.run(name).model_spec()
        parent = self.store.models.get(spec.parent) if spec.parent else None
        inherited = (
            {k: v for k, v in parent.options.items() if k not in ("path", "adapter")} if parent else {}
        )
        spec = self.portable(replace(spec, options={**inherited, **spec.options}))
        self.store.models.add(spec)
        return spec

    def deployed(self, name: str) -> str | None:
        """Return the name under which a run's model stands in the arena, if it does."""
        names = {spec.name for spec in self.store.models.list()}
        return name if name in names else None

    def standing(self, model: str, votes: VoteFilter | None = None) -> Promotion:
        """Return how a tuned model does against its parent, on battles whose prompts its run never saw.

        Votes of people count unless `votes` asks for others.

        Raises:
            NotFound: no such model, or no vote between the two stands yet.
            InvalidInput: the model has no parent.
        """
        spec = self.store.models.get(model)
        if spec.parent is None:
            raise InvalidInput(
                f"The model {model!r} has no parent to be compared with: only a run's model has one."
            )
        chosen = self.counting(votes or VoteFilter(voter_kinds=(VoterKind.HUMAN,)))
        chosen = replace(chosen, models=(model, spec.parent), without_prompts=self._trained_on(model))
        counts = self.store.votes.pair_counts(chosen)
        return self._decision(spec, comparison.win_rate(counts, model, spec.parent))

    def promote(self, model: str, votes: VoteFilter | None = None) -> Promotion:
        """Decide whether a tuned model replaces its parent, and mark it as promoted when it does."""
        decision = self.standing(model, votes)
        spec = self.store.models.get(model)
        if decision.promoted and not spec.options.get("promoted"):
            self.store.models.add(replace(spec, options={**spec.options, "promoted": True}), replace=True)
        return decision

    def _decision(self, spec: ModelSpec, result: WinRate) -> Promotion:
        rule = self.settings.promotion
        if result.battles < rule.min_battles:
            missing = rule.min_battles - result.battles
            reason = (
                f"{result.battles} of {rule.min_battles} battles are voted on: {missing} more are needed."
            )
            return Promotion(spec.name, str(spec.parent), result, False, reason)
        decision = comparison.decide(result, rule.margin)
        return Promotion(spec.name, str(spec.parent), result, decision.promoted, decision.reason)

    def _trained_on(self, model: str) -> frozenset[str]:
        try:
            return exports.prompt_ids(self.exports_folder / self.run(model).config.export_name)
        except NotFound:
            return frozenset()

    def _run_config(
        self, name: str, method: str, base: str, export: str, overrides: Mapping[str, Any]
    ) -> run_config.RunConfig:
        spec = self.resolved(self.store.models.get(base))
        if spec.kind is not ModelKind.LOCAL:
            raise InvalidInput(
                f"The model {base!r} is of kind {spec.kind}: only a local model can be trained."
            )
        data = exports.export_file(self.exports_folder / folder_name(export)).parent
        return run_config.make(
            name=folder_name(name),
            method=method,
            base=spec.options["path"],
            adapter=spec.options.get("adapter"),
            data=str(data),
            parent=base,
            overrides=overrides,
        )
