"""Battles over the API: started, followed up and looked at, blind until the caller's own vote stands."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from arena.battles import Frame
from arena.errors import InvalidInput, NotAllowed, NotFound
from arena.types import Battle, Message, Prompt, Vote
from workbench.access.access import Access
from workbench.access.limits import Limited
from workbench.access.roles import Person, Role
from workbench.api.blind import BlindBattle, Said, blind, prompt_of
from workbench.api.callers import caller
from workbench.api.streams import described, stream
from workbench.bench import Workbench
from workbench.results import OpenBattle

Id = Annotated[UUID, Path(description="The battle's id.")]
Criterion = Annotated[
    str | None, Query(description="Only the vote on this criterion; all of the caller's without it.")
]


class Closed(BaseModel):
    """A body that takes nothing it does not know."""

    model_config = ConfigDict(extra="forbid")


class BattleStart(Closed):
    """What to ask: a text, whole messages, or a prompt drawn from a set; without any of them, from all sets."""

    prompt: str | None = Field(None, description="A question or an instruction.")
    messages: list[Said] | None = Field(None, description="A conversation that ends with a user's message.")
    prompt_set: str | None = Field(None, description="Draw a prompt of this set, one the caller has not met.")
    models: tuple[str, str] | None = Field(
        None, description="Only for analysts: between these two models; their sides are shuffled."
    )
    named: bool = Field(
        False,
        description="With `models`: show them by name, the first as A; such a battle counts nowhere by default.",
    )
    seed: int | None = Field(
        None, ge=0, lt=2**63, description="Only for analysts: the seed of models that heed one."
    )


class FollowUp(Closed):
    """One more thing to ask both sides."""

    text: str = Field(description="What to ask.")


class Amendment(Closed):
    """Reasons and comment of a vote that stands."""

    reasons: list[str] = Field(default=[], description="Short words for why.")
    comment: str | None = Field(None, description="What the voter adds in their own words.")


class Started(BaseModel):
    """The first line of a stream: the battle's id and its prompt."""

    event: Literal["battle"] = "battle"
    battle_id: UUID
    prompt: list[Said]


class Written(BaseModel):
    """A line of a stream: both texts so far."""

    event: Literal["frame"] = "frame"
    text_a: str
    text_b: str


class Ended(BaseModel):
    """The last line of a stream: the battle as it is stored."""

    event: Literal["done"] = "done"
    battle: BlindBattle


def routes(bench: Workbench, access: Access) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["Battles"])
    Voter = Annotated[Person, Depends(caller(access, Role.VOTER))]  # noqa: N806

    def own(battle_id: UUID, person: Person) -> list[Vote]:
        return list(bench.votes_by(battle_id, person.voter).values())

    async def begin(start: BattleStart, person: Person, request: Request) -> OpenBattle:
        chosen = start.models is not None or start.named or start.seed is not None
        if chosen and not person.role.covers(Role.ANALYST):
            raise NotAllowed("Models, names and seed are for analysts to choose: leave them out.")
        access.limits.check(person, request.client.host if request.client else "", Limited.BATTLE)
        prompt = await run_in_threadpool(_prompt, bench, start, person)
        if start.named:
            if start.models is None:
                raise InvalidInput("A named battle is between two models: give both in `models`.")
            first, second = start.models
            return await run_in_threadpool(
                bench.start_named_battle, person.voter, prompt, first, second, seed=start.seed
            )
        return await run_in_threadpool(
            bench.start_battle, person.voter, prompt, models=start.models, seed=start.seed
        )

    @router.post("/battles", operation_id="start_battle")
    async def start_battle(
        start: Annotated[BattleStart, Body()], caller: Voter, request: Request
    ) -> BlindBattle:
        """Start a battle and return it once both models have answered.

        The two models are chosen by the workbench and stay hidden until the caller's vote.
        """
        opened = await begin(start, caller, request)
        return blind(await _fought(opened.frames), [], named=start.named)

    @router.post(
        "/battles/stream",
        operation_id="stream_battle",
        responses=described(None, "Lines of JSON: `battle`, then `frame` as the answers grow, and `done`."),
        response_model=None,
    )
    async def stream_battle(
        start: Annotated[BattleStart, Body()], caller: Voter, request: Request
    ) -> Response:
        """Start a battle and watch both answers being written.

        Each line is a JSON object with an `event`: first `battle` with the id and the prompt, then `frame` with both
        texts so far, last `done` with the whole battle, or `error` with a problem.
        """
        opened = await begin(start, caller, request)
        first = Started(battle_id=opened.battle_id, prompt=prompt_of(opened.prompt))
        return await stream(first, _watched(opened.frames, named=start.named))

    @router.get("/battles/open", operation_id="open_battle")
    def open_battle(caller: Voter) -> BlindBattle | None:
        """Return the caller's latest battle if it waits for their vote, else null."""
        found = bench.open_battle(caller.voter)
        return blind(found, own(found.battle_id, caller)) if found else None

    @router.get("/battles/{battle_id}", operation_id="battle")
    def battle(battle_id: Id, caller: Voter) -> BlindBattle:
        """Return a battle as the caller may see it.

        A voter sees battles that are theirs to vote on, with names once their own vote stands; analysts see all.
        """
        looks = caller.role.covers(Role.ANALYST)
        found = bench.battle(battle_id) if looks else bench.battle_for(battle_id, caller.voter)
        return blind(found, own(battle_id, caller), named=looks)

    @router.post("/battles/{battle_id}/turns", operation_id="follow_up")
    async def follow_up(
        battle_id: Id, said: Annotated[FollowUp, Body()], caller: Voter, request: Request
    ) -> BlindBattle:
        """Ask both sides of an open battle one more thing, and return it once both have answered."""
        access.limits.check(caller, request.client.host if request.client else "", Limited.BATTLE)
        frames = await run_in_threadpool(bench.follow_up, battle_id, said.text, caller.voter)
        return blind(await _fought(frames), [])

    @router.post(
        "/battles/{battle_id}/turns/stream",
        operation_id="stream_follow_up",
        responses=described(None, "Lines of JSON: `battle`, then `frame` as the answers grow, and `done`."),
        response_model=None,
    )
    async def stream_follow_up(
        battle_id: Id, said: Annotated[FollowUp, Body()], caller: Voter, request: Request
    ) -> Response:
        """Ask both sides of an open battle one more thing, and watch both answers being written."""
        access.limits.check(caller, request.client.host if request.client else "", Limited.BATTLE)
        frames = await run_in_threadpool(bench.follow_up, battle_id, said.text, caller.voter)
        first = Started(battle_id=battle_id, prompt=[Said(role="user", content=said.text)])
        return await stream(first, _watched(frames))

    @router.patch("/battles/{battle_id}/votes", operation_id="amend")
    def amend(battle_id: Id, said: Annotated[Amendment, Body()], caller: Voter) -> BlindBattle:
        """Set reasons and comment of the caller's standing vote; what they said before stays as history."""
        bench.amend(battle_id, caller.voter, tuple(said.reasons), said.comment)
        found = bench.battle_for(battle_id, caller.voter)
        return blind(found, own(battle_id, caller))

    @router.delete("/battles/{battle_id}/votes", operation_id="undo")
    def undo(battle_id: Id, caller: Voter, criterion: Criterion = None) -> BlindBattle:
        """Take the caller's votes back; the battle can be voted on again."""
        if criterion is None:
            bench.take_back(battle_id, caller.voter)
        else:
            bench.undo(battle_id, caller.voter, criterion=criterion)
        found = bench.battle_for(battle_id, caller.voter)
        return blind(found, own(battle_id, caller))

    @router.get("/prompts/examples", operation_id="examples")
    def examples(
        caller: Voter, n: Annotated[int, Query(ge=1, le=50, description="At most so many.")] = 4
    ) -> list[list[Said]]:
        """Return short prompts that at least two models can answer, some of each prompt set."""
        return [prompt_of(prompt) for prompt in bench.examples(n)]

    return router


def _prompt(bench: Workbench, start: BattleStart, person: Person) -> Prompt:
    given = [name for name in ("prompt", "messages", "prompt_set") if getattr(start, name) is not None]
    if len(given) > 1:
        raise InvalidInput(
            f"A battle has one prompt, and this gives {' and '.join(given)}: give one of them."
        )
    if start.prompt is not None:
        return Prompt.from_text(start.prompt)
    if start.messages is not None:
        return _conversation(start.messages)
    return bench.surprise(start.prompt_set, person.voter)


def _conversation(messages: list[Said]) -> Prompt:
    roles = [message.role for message in messages]
    if not messages or roles[-1] != "user" or not set(roles) <= {"system", "user", "assistant"}:
        raise InvalidInput(
            "Messages are of system, user or assistant and end with one of the user: give at least one."
        )
    if not messages[-1].content.strip():
        raise InvalidInput("The last message is empty: write a question or an instruction.")
    kinds: dict[str, Literal["system", "user", "assistant"]] = {
        "system": "system",
        "user": "user",
        "assistant": "assistant",
    }
    return Prompt(tuple(Message(kinds[message.role], message.content) for message in messages))


async def _fought(frames: AsyncIterator[Frame]) -> Battle:
    """Return the battle once it is stored."""
    async with aclosing(frames) as source:  # type: ignore[type-var]
        async for frame in source:
            if frame.done and frame.battle is not None:
                found: Battle = frame.battle
                return found
    raise NotFound("The battle ended without answers: start another.")


async def _watched(frames: AsyncIterator[Frame], *, named: bool = False) -> AsyncIterator[Any]:
    """Yield the lines of a stream."""
    async with aclosing(frames) as source:  # type: ignore[type-var]
        async for frame in source:
            if frame.done and frame.battle is not None:
                yield Ended(battle=blind(frame.battle, [], named=named))
            else:
                yield Written(text_a=frame.text_a, text_b=frame.text_b)
