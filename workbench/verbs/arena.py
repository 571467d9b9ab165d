"""Verbs of the arena: start a battle, go on talking, vote, undo.

Names never leave this module before a vote is durable: what goes to a screen until then is an id and two texts.
"""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice, zip_longest

from arena import leaderboard
from arena.battles import Frame, fight, fight_all, follow_up
from arena.errors import InvalidInput, NotFound, NotVotable
from arena.jobs import JobProgress
from arena.pairing.candidates import able
from arena.pairing.matchmaker import Pairing
from arena.store.standings import BattleFacts
from arena.types import (
    DEFAULT_CRITERION,
    Battle,
    Prompt,
    Vote,
    VoteFilter,
    Voter,
    VoterKind,
    Winner,
)
from workbench.criteria import check_criterion, main_criterion
from workbench.jobs.results import AnswerReport
from workbench.recent import Recent
from workbench.results import OpenBattle, Revealed, RevealedModel, VoteCount
from workbench.verbs.bulk import answer_all
from workbench.verbs.pairing import PairingVerbs


class _NotOwnError(Exception):
    """Somebody else started the battle."""


class ArenaVerbs(PairingVerbs):
    """What people do in the arena."""

    def prompt_sets(self) -> dict[str, int]:
        """Return the prompt sets with the number of prompts in each."""
        return self.store.prompts.sets()

    def surprise(self, set_name: str | None, voter: Voter) -> Prompt:
        """Draw a prompt that at least two models can answer, one this voter has not met while there is one.

        Raises:
            NotFound: no such set, or no prompt that two models can answer.
        """
        choices = self._answerable(set_name)
        if not choices:
            raise NotFound(
                "There is no prompt that two models can answer: import a prompt set and add a second model, "
                "or write your own prompt."
            )
        seen = self.store.battles.prompts_seen(voter)
        fresh = [prompt for prompt in choices if prompt.prompt_id not in seen]
        pool = fresh or choices
        return pool[int(self.rng.integers(len(pool)))]

    def examples(self, n: int = 4) -> list[Prompt]:
        """Return up to `n` short prompts that at least two models can answer, from each prompt set in turn."""
        shelves = []
        for name in self._drawn_from(None):
            short = [p for p in self._answerable(name) if len(p.messages) == 1 and _short(p.text)]
            shelves.append([short[int(i)] for i in self.rng.permutation(len(short))[:n]])
        in_turn = (prompt for row in zip_longest(*shelves) for prompt in row if prompt is not None)
        return list(islice({prompt.prompt_id: prompt for prompt in in_turn}.values(), n))

    def start_battle(
        self, voter: Voter, prompt: Prompt, *, models: Sequence[str] | None = None, seed: int | None = None
    ) -> OpenBattle:
        """Choose two models blind, shuffle their sides and let both answer; the last frame's battle is stored.

        Raises:
            InvalidInput: the prompt is too long, or fewer than two models can answer it.
            NotFound: a model of `models` is not registered.
        """
        limit = self.settings.arena.max_prompt_characters
        if len(prompt.text) > limit:
            raise InvalidInput(
                f"The prompt has {len(prompt.text):,} characters; at most {limit:,} are allowed here."
            )
        first, second = self._pair(prompt, models)
        battle_id = uuid.uuid4()
        frames = fight(
            prompt,
            self.open_model(first),
            self.open_model(second),
            self.settings.sampling.as_sampling(seed),
            battle_id=battle_id,
            started_by=voter,
        )
        return OpenBattle(battle_id, prompt, self._stored(frames, self._add_battle))

    def follow_up(self, battle_id: uuid.UUID, text: str, voter: Voter) -> AsyncIterator[Frame]:
        """Ask both sides of an open battle one more thing; the last frame's battle holds the new turn.

        Raises:
            InvalidInput: the text is empty, or a model of the battle only has recorded answers.
            NotVotable: the battle is another voter's, failed, or was voted on.
        """
        if not text.strip():
            raise InvalidInput("The follow-up is empty: write what you want to ask both models.")
        battle = self._own_battle(battle_id, voter)
        if not battle.votable:
            raise NotVotable("An answer of this battle failed: start the next battle.")
        if self.store.votes.standing(battle_id):
            raise NotVotable(
                "This battle was voted on: undo the vote to go on talking, or start the next battle."
            )
        specs = [self.store.models.get(name) for name in (battle.model_a, battle.model_b)]
        if not all(spec.live for spec in specs):
            raise InvalidInput("These two cannot both go on talking: vote on what they said.")
        model_a, model_b = (self.open_model(spec) for spec in specs)
        frames = follow_up(battle, text, model_a, model_b, self.settings.sampling.as_sampling())
        return self._stored(frames, lambda longer: self.store.battles.add_turn(battle_id, longer.turns[-1]))

    def open_battle(self, voter: Voter) -> Battle | None:
        """Return the voter's latest battle if it waits for their vote."""
        return self.store.battles.open_for(voter, main_criterion(self.settings))

    def battle(self, battle_id: uuid.UUID) -> Battle:
        """Return a stored battle, names included; never send it to a voter as it is."""
        return self.store.battles.get(battle_id)

    def battle_for(self, battle_id: uuid.UUID, voter: Voter) -> Battle:
        """Return a stored battle if it is this voter's to vote on, names included; blind it before it goes out.

        Raises:
            NotFound: there is none of that id, or it is somebody else's.
        """
        try:
            return self._own_battle(battle_id, voter)
        except NotVotable as error:
            raise NotFound(
                f"There is no battle {battle_id} of yours: look for its id where you started it."
            ) from error

    def vote(
        self,
        battle_id: uuid.UUID,
        winner: Winner,
        voter: Voter,
        *,
        criterion: str = DEFAULT_CRITERION,
        reasons: tuple[str, ...] = (),
        comment: str | None = None,
    ) -> Revealed:
        """Store the vote durably, then reveal who answered.

        Raises:
            InvalidInput: the criterion is not set up.
            NotFound: no such battle.
            NotVotable: the battle was never finished, failed, or is another person's.
            AlreadyVoted: this voter's vote on it stands.
        """
        check_criterion(self.settings, criterion)
        battle = self._own_battle(battle_id, voter)
        vote = self.store.votes.cast(Vote(battle_id, winner, voter, criterion, 0, reasons, comment))
        return self._revealed(vote, battle.model_a, battle.model_b)

    async def send_vote(
        self,
        battle_id: uuid.UUID,
        winner: Winner,
        voter: Voter,
        *,
        criterion: str = DEFAULT_CRITERION,
        reasons: tuple[str, ...] = (),
        comment: str | None = None,
        ratings: bool = False,
    ) -> Revealed:
        """Do what `vote` does for a coroutine, without a thread that waits; models are rated only with `ratings`.

        Raises:
            WorkbenchError: as `vote` does.
        """
        check_criterion(self.settings, criterion)
        vote = Vote(battle_id, winner, voter, criterion, 0, reasons, comment)
        own = (voter.kind.value, voter.name)

        def check(facts: BattleFacts) -> None:
            owner = facts.owner
            if owner is not None and owner != own and owner[0] == own[0] == VoterKind.HUMAN.value:
                raise _NotOwnError

        try:
            sent = await self.store.votes.send(vote, check)
        except NotFound as error:
            raise _unfinished(battle_id) from error
        except _NotOwnError:
            if not await asyncio.to_thread(self.store.reviews.takes_votes, battle_id):
                raise _strange() from None
            sent = await self.store.votes.send(vote)
        if ratings:
            return await asyncio.to_thread(self._revealed, sent.vote, sent.model_a, sent.model_b)
        return Revealed(
            sent.vote, RevealedModel(sent.model_a, None, None), RevealedModel(sent.model_b, None, None)
        )

    def amend(
        self,
        battle_id: uuid.UUID,
        voter: Voter,
        reasons: tuple[str, ...],
        comment: str | None,
        *,
        criterion: str = DEFAULT_CRITERION,
    ) -> Vote:
        """Set reasons and comment of the voter's standing vote; the earlier row stays as history."""
        return self.store.votes.correct(battle_id, voter, criterion, reasons=reasons, comment=comment)

    def undo(self, battle_id: uuid.UUID, voter: Voter, *, criterion: str = DEFAULT_CRITERION) -> Vote:
        """Take the voter's standing vote back; the battle can be voted on again."""
        return self.store.votes.undo(battle_id, voter, criterion)

    def vote_count(self, voter: Voter) -> VoteCount:
        """Return how many of this voter's votes stand, in all and since midnight UTC."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return VoteCount(
            self.store.votes.count_by_voter(voter), self.store.votes.count_by_voter(voter, since=midnight)
        )

    async def answer(
        self,
        models: Sequence[str],
        prompts: Sequence[str],
        *,
        slots: int = 16,
        on_progress: Callable[[JobProgress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> AnswerReport:
        """Let each model answer each prompt of the sets `prompts` that it has not answered yet, and store the answers.

        Once `stop` is set nothing more is asked. What failed is asked again the next time.

        Raises:
            NotFound: a model or prompt set does not exist.
        """
        return await answer_all(self, models, prompts, slots=slots, on_progress=on_progress, stop=stop)

    async def battle_all(
        self,
        models: Sequence[str],
        prompts: Sequence[Prompt],
        voter: Voter,
        *,
        concurrency: int = 32,
        seed: int | None = None,
        on_done: Callable[[Battle], None] | None = None,
    ) -> list[Battle]:
        """Fight one battle a prompt between models of `models`, sides shuffled, and store them all."""
        pairings = []
        specs = [self.store.models.get(name) for name in models]
        pairing = Pairing(self.settings.arena.pairing, self.pairing_counts(), models)
        for prompt in prompts:
            can = able(specs, prompt, self.store.answers.prompts_answered_by)
            first, second = pairing.draw(can, self.rng)
            pairings.append((prompt, self.open_model(first), self.open_model(second)))
        sampling = self.settings.sampling.as_sampling(seed)
        battles = await fight_all(
            pairings, sampling, concurrency=concurrency, started_by=voter, on_done=on_done
        )
        await asyncio.to_thread(self.store.battles.add_many, battles)
        return battles

    async def _stored(
        self, frames: AsyncIterator[Frame], store: Callable[[Battle], object]
    ) -> AsyncIterator[Frame]:
        async with aclosing(frames) as source:  # type: ignore[type-var]
            async for frame in source:
                if frame.done and frame.battle is not None:
                    await asyncio.to_thread(store, frame.battle)
                yield frame

    def _drawn_from(self, set_name: str | None) -> list[str]:
        """Return the sets a prompt may be drawn from: the one asked for, the one in the settings, or all."""
        default = self.settings.arena.prompt_set
        return [set_name] if set_name else [default] if default else list(self.store.prompts.sets())

    @cached_property
    def _drawable(self) -> Recent:
        return Recent()

    def _answerable(self, set_name: str | None) -> list[Prompt]:
        """Return the prompts that two models can answer; in a large home, as they were a moment ago."""
        models = repr([(spec.name, spec.live, spec.options.get("sets")) for spec in self.store.models.list()])
        sets = tuple(self.store.prompts.sets().items())
        state = (models, sets, self.store.answers.count_recorded())
        return self._drawable.get(set_name, state, lambda: self._find_answerable(set_name))

    def _find_answerable(self, set_name: str | None) -> list[Prompt]:
        choices = []
        for name in self._drawn_from(set_name):
            recorded = self.store.answers.recorded_for_set(name)
            live = sum(s.live and name in s.options.get("sets", (name,)) for s in self.store.models.list())
            choices += [p for p in self.prompts_of([name]) if live + len(recorded.get(p.prompt_id, ())) >= 2]
        return list({prompt.prompt_id: prompt for prompt in choices}.values())

    def _own_battle(self, battle_id: uuid.UUID, voter: Voter) -> Battle:
        try:
            battle = self.store.battles.get(battle_id)
        except NotFound as error:
            raise _unfinished(battle_id) from error
        owner = battle.started_by
        if (
            VoterKind.HUMAN is voter.kind
            and owner is not None
            and owner.kind is VoterKind.HUMAN
            and owner != voter
            and not self.store.reviews.takes_votes(battle_id)
        ):
            raise _strange()
        return battle

    def _revealed(self, vote: Vote, model_a: str, model_b: str) -> Revealed:
        votes = VoteFilter(voter_kinds=(vote.voter.kind,), criterion=vote.criterion)
        after = self.store.votes.pair_counts(self.counting(votes))
        counted = not self.store.set_aside.reasons([vote.battle_id])
        now = leaderboard.ratings_of(after)
        before = after.less((model_a, model_b), vote.winner) if vote.winner else after
        then = leaderboard.ratings_of(before, near=now) if counted else now

        def side(name: str) -> RevealedModel:
            rating, earlier = now.get(name), then.get(name, 1000.0 if name in now else None)
            change = None if rating is None or earlier is None else rating - earlier
            return RevealedModel(name, rating, change)

        return Revealed(vote, side(model_a), side(model_b))


def _unfinished(battle_id: uuid.UUID) -> NotVotable:
    return NotVotable(
        f"The battle {battle_id} was never finished: wait until both answers are complete, or start another."
    )


def _strange() -> NotVotable:
    return NotVotable("This battle was started by somebody else: start one of your own.")


def _short(text: str) -> bool:
    return len(text) <= 120 and "\n" not in text
