"""The verb behind side by side: two models of one's choice, their names in sight.

A voter who knows the names votes on names. Such a battle is stored as set aside before anybody can vote on it, so its
votes count nowhere unless a filter asks for them (`VoteFilter.named`).
"""

import uuid

from arena.battles import fight
from arena.errors import InvalidInput, NotFound
from arena.pairing.candidates import able
from arena.types import Aside, Prompt, Voter
from workbench.results import OpenBattle
from workbench.verbs.arena import ArenaVerbs


class SideBySideVerbs(ArenaVerbs):
    """What people do with models they can name."""

    def start_named_battle(
        self, voter: Voter, prompt: Prompt, model_a: str, model_b: str, *, seed: int | None = None
    ) -> OpenBattle:
        """Let two models answer, `model_a` on the left; the last frame's battle is stored and set aside as named.

        Raises:
            InvalidInput: the models are one, one cannot answer this prompt, or the prompt is too long.
            NotFound: a model is not registered.
        """
        limit = self.settings.arena.max_prompt_characters
        if len(prompt.text) > limit:
            raise InvalidInput(
                f"The prompt has {len(prompt.text):,} characters; at most {limit:,} are allowed here."
            )
        if model_a == model_b:
            raise InvalidInput(f"Both sides are {model_a!r}: choose two different models.")
        specs = [self.store.models.get(name) for name in (model_a, model_b)]
        answering = able(specs, prompt, self.store.answers.prompts_answered_by)
        for spec in specs:
            if spec not in answering:
                raise InvalidInput(
                    f"{spec.name!r} only has recorded answers, and none to this prompt: "
                    "choose one of its prompts, or another model."
                )
        battle_id = uuid.uuid4()
        frames = fight(
            prompt,
            self.open_model(specs[0]),
            self.open_model(specs[1]),
            self.settings.sampling.as_sampling(seed),
            battle_id=battle_id,
            started_by=voter,
        )
        stored = self._stored(frames, lambda battle: self.store.battles.add(battle, aside=Aside.NAMED))
        return OpenBattle(battle_id, prompt, stored)

    def common_prompt(self, model_a: str, model_b: str, voter: Voter) -> Prompt:
        """Draw a prompt of the sets here that both models can answer, one new to this voter while there is one.

        Raises:
            NotFound: there is none, or a model is not registered.
        """
        specs = [self.store.models.get(name) for name in (model_a, model_b)]
        recorded = [self.store.answers.prompts_answered_by(spec.name) for spec in specs if not spec.live]
        prompts = self.prompts_of(self._drawn_from(None))
        shared = [p for p in prompts if all(p.prompt_id in ids for ids in recorded)]
        if not shared:
            raise NotFound(
                f"There is no prompt here that both {model_a!r} and {model_b!r} can answer: "
                "write one, or choose other models."
            )
        seen = self.store.battles.prompts_seen(voter)
        pool = [prompt for prompt in shared if prompt.prompt_id not in seen] or shared
        return pool[int(self.rng.integers(len(pool)))]
