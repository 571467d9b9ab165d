"""Who meets whom in a home: the votes that pairing goes by, and the pairs drawn lately."""

from collections.abc import Sequence
from functools import cached_property

from arena.pairing.candidates import able
from arena.pairing.matchmaker import Matchmaker
from arena.types import Battle, ModelSpec, PairCount, Prompt, VoteFilter
from workbench.criteria import main_criterion
from workbench.verbs.agreement import AgreementVerbs


class PairingVerbs(AgreementVerbs):
    """What battles are paired by."""

    def pairing_counts(self) -> Sequence[PairCount]:
        """Return the votes that pairing goes by: those of all voters on the criterion of the vote buttons."""
        return self.store.votes.pair_counts(VoteFilter(criterion=main_criterion(self.settings)))

    @cached_property
    def _matchmaker(self) -> Matchmaker:
        return Matchmaker(self.settings.arena.pairing)

    def _pair(self, prompt: Prompt, models: Sequence[str] | None) -> tuple[ModelSpec, ModelSpec]:
        everyone = self.store.models.list()
        if models is not None:
            candidates = [self.store.models.get(name) for name in models]
        else:
            sets = set(self.store.prompts.sets_of(prompt.prompt_id))
            candidates = [
                spec
                for spec in everyone
                if not sets or not spec.options.get("sets") or not sets.isdisjoint(spec.options["sets"])
            ]
        can = able(candidates, prompt, self.store.answers.prompts_answered_by)
        names = {spec.name for spec in everyone}
        return self._matchmaker.draw(can, names, self.pairing_counts(), self.rng)

    def _add_battle(self, battle: Battle) -> None:
        """Store a battle that `_pair` began, and let pairing know who answered."""
        self.store.battles.add(battle)
        answers = [answer for turn in battle.turns for answer in (turn.answer_a, turn.answer_b)]
        failed = {answer.model for answer in answers if answer.failed}
        self._matchmaker.ended(failed, {battle.model_a, battle.model_b} - failed)
