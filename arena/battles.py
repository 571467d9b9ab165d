"""Battles: two models answer one prompt at the same time, and a reader sees both at one pace.

Two producers write, one generator shows; closing the generator stops both models. A side that fails is kept with its
error and the battle comes back all the same, not votable: what happened is data.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from arena.errors import InvalidInput, NotVotable
from arena.models.base import Model, collect
from arena.pacing import Pace, Side
from arena.types import Answer, Battle, Message, Prompt, Sampling, Turn, Voter


@dataclass(frozen=True, slots=True)
class Frame:
    """What a reader sees at one moment: both texts so far; the last frame is `done` and carries the battle."""

    text_a: str
    text_b: str
    done: bool = False
    battle: Battle | None = None


def fight(
    prompt: Prompt,
    model_a: Model,
    model_b: Model,
    sampling: Sampling,
    *,
    battle_id: uuid.UUID | None = None,
    started_by: Voter | None = None,
    interval_s: float = 0.06,
) -> AsyncGenerator[Frame, None]:
    """Let both models answer `prompt` at once and yield frames, at most one every `interval_s` seconds.

    The last frame is `done` and carries the battle, votable only if both sides answered. Closing the generator, or
    cancelling the task that reads it, stops both models.

    Raises:
        InvalidInput: a sampling setting is out of its range.
    """
    battle = Battle(
        battle_id=battle_id or uuid.uuid4(),
        prompt=prompt,
        model_a=model_a.spec.name,
        model_b=model_b.spec.name,
        started_by=started_by,
    )
    sides = (_Asked(model_a, prompt.messages), _Asked(model_b, prompt.messages))
    return _exchange(battle, None, sides, sampling, interval_s)


def follow_up(
    battle: Battle, text: str, model_a: Model, model_b: Model, sampling: Sampling, *, interval_s: float = 0.06
) -> AsyncGenerator[Frame, None]:
    """Say `text` to both sides, each in its own conversation, and yield frames of the new answers.

    The last frame carries the battle with one more turn. `model_a` and `model_b` must be the battle's own.

    Raises:
        InvalidInput: the text is empty, or the models are not those of the battle.
        NotVotable: an earlier turn failed, so there is no conversation to go on with.
    """
    if not text.strip():
        raise InvalidInput("The follow-up is empty: write a question or an instruction.")
    if (model_a.spec.name, model_b.spec.name) != (battle.model_a, battle.model_b):
        raise InvalidInput("A follow-up goes to the two models of its battle, in the order they were shown.")
    if not battle.votable:
        raise NotVotable("An answer of this battle failed, so it takes no follow-up; start the next battle.")
    said = Message("user", text)
    sides = (
        _Asked(model_a, (*battle.conversation("a"), said)),
        _Asked(model_b, (*battle.conversation("b"), said)),
    )
    return _exchange(battle, text, sides, sampling, interval_s)


async def fight_one(
    prompt: Prompt,
    model_a: Model,
    model_b: Model,
    sampling: Sampling,
    *,
    place: int = 0,
    battle_id: uuid.UUID | None = None,
    started_by: Voter | None = None,
) -> Battle:
    """Fight one battle unpaced and return it, not votable where a side failed.

    With a seed, each side draws from a seed of its own derived from it and from `place`, the battle's among others.
    """
    answer_a, answer_b = await asyncio.gather(
        collect(model_a, prompt.messages, _own_seed(sampling, place, 0)),
        collect(model_b, prompt.messages, _own_seed(sampling, place, 1)),
    )
    return Battle(
        battle_id=battle_id or uuid.uuid4(),
        prompt=prompt,
        model_a=model_a.spec.name,
        model_b=model_b.spec.name,
        turns=(Turn(None, answer_a, answer_b),),
        started_by=started_by,
    )


async def fight_all(
    pairings: Sequence[tuple[Prompt, Model, Model]],
    sampling: Sampling,
    *,
    concurrency: int = 32,
    started_by: Voter | None = None,
    on_done: Callable[[Battle], None] | None = None,
) -> list[Battle]:
    """Fight every pairing, `concurrency` battles at a time and unpaced, and return the battles in the given order.

    With a seed, each side of each battle draws from a seed of its own derived from it, so that repeated prompts and
    equal models do not repeat their answers. `on_done` is called with each battle as it ends, in the order they end.
    """
    if concurrency < 1:
        raise InvalidInput(f"concurrency is {concurrency}, but must be at least 1.")
    gate = asyncio.Semaphore(concurrency)

    async def one(place: int, prompt: Prompt, model_a: Model, model_b: Model) -> Battle:
        async with gate:
            battle = await fight_one(prompt, model_a, model_b, sampling, place=place, started_by=started_by)
        if on_done is not None:
            on_done(battle)
        return battle

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(index, *pairing)) for index, pairing in enumerate(pairings)]
    return [task.result() for task in tasks]


@dataclass(frozen=True, slots=True)
class _Asked:
    model: Model
    messages: tuple[Message, ...]


async def _exchange(
    battle: Battle, user: str | None, asked: tuple[_Asked, _Asked], sampling: Sampling, interval_s: float
) -> AsyncGenerator[Frame, None]:
    """Run one turn and yield its frames."""
    sides = (Side(), Side())
    tasks = [
        asyncio.create_task(_produce(one, side, sampling)) for one, side in zip(asked, sides, strict=True)
    ]
    pace = Pace(*sides)
    shown = ("", "")
    try:
        seen = time.monotonic()
        while not pace.complete:
            await asyncio.sleep(interval_s)
            for task in tasks:
                if task.done():
                    task.result()
            before, seen = seen, time.monotonic()
            pace.step(seen - before)
            if pace.texts() != shown:
                shown = pace.texts()
                yield Frame(*shown)
        turn = Turn(user, tasks[0].result(), tasks[1].result())
        yield Frame(*shown, done=True, battle=replace(battle, turns=(*battle.turns, turn)))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _produce(asked: _Asked, side: Side, sampling: Sampling) -> Answer:
    def write(piece: str) -> None:
        side.text += piece

    try:
        return await collect(asked.model, asked.messages, sampling, write)
    finally:
        side.complete = True


def _own_seed(sampling: Sampling, index: int, side: int) -> Sampling:
    if sampling.seed is None:
        return sampling
    drawn = np.random.SeedSequence((abs(sampling.seed), index, side)).generate_state(1)
    return replace(sampling, seed=int(drawn[0]))
