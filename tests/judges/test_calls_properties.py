"""Whatever servers do: each group comes back once, each request is one row, and nothing exceeds its bound."""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from arena.judgments import Failure
from arena.models import CallFailed, Completion
from arena.store import Store
from arena.types import Message, ModelKind, ModelSpec, Sampling
from judges.calls import CallGroup, CallRequest, CallRunner, CallSettings
from judges.reading import Unreadable

FATES = ("good", "good", "good", "unreadable", "busy", "lost", "refused", "hopeless")


@dataclass
class Moody:
    """A model behind no server: what it does is drawn, and counted."""

    drawn: random.Random
    fates: Sequence[str]
    spec: ModelSpec = field(default_factory=lambda: ModelSpec("moody", ModelKind.LOCAL, {"path": "none"}))
    asked: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    most_in_flight: int = 0
    at_request: dict[int, asyncio.Event] = field(default_factory=dict)

    async def complete(self, messages, sampling, *, json_schema, top_logprobs) -> Completion:
        self.asked[messages[0].content] += 1
        if (reached := self.at_request.get(self.asked.total())) is not None:
            reached.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.drawn.choice((0.0, 0.0, 0.003)))
        finally:
            self.in_flight -= 1
        fate = self.drawn.choice(self.fates)
        if fate == "busy":
            raise CallFailed("no room", transient=True, retry_after=0.002, busy=True)
        if fate == "lost":
            raise CallFailed("broke off", transient=True, charged=True)
        if fate == "refused":
            raise CallFailed("declined", Failure.REFUSED, charged=True)
        if fate == "hopeless":
            raise CallFailed("too long")
        return Completion("hm" if fate == "unreadable" else "A", "stop", 10, 2)


def read(reply: Completion) -> dict[str, str]:
    if reply.text == "hm":
        raise Unreadable(Failure.UNREADABLE, "no verdict")
    return {"winner": "model_a"}


def group(tag: int, texts: Sequence[int]) -> CallGroup[int]:
    return CallGroup(tag, tuple(CallRequest(f"k{t}", (Message("user", f"t{t}"),), read) for t in texts))


class Stop:
    """Set by the model when it has been asked so often."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def is_set(self) -> bool:
        return self.event.is_set()


plans = st.fixed_dictionaries(
    {
        "groups": st.lists(st.lists(st.integers(0, 30), max_size=3), max_size=60),
        "fates": st.lists(st.sampled_from(FATES), min_size=1, max_size=6),
        "slots": st.integers(1, 9),
        "attempts": st.integers(1, 4),
        "unreadable": st.integers(1, 3),
        "max_tokens": st.none() | st.integers(0, 3000),
        "stop_at": st.none() | st.integers(1, 40),
        "seed": st.integers(0, 9),
    }
)


async def run(store: Store, plan: dict, model: Moody):
    stop = Stop()
    if plan["stop_at"] is not None:
        model.at_request[plan["stop_at"]] = stop.event
    settings_ = CallSettings(
        slots=plan["slots"],
        attempts=plan["attempts"],
        unreadable_attempts=plan["unreadable"],
        busy_attempts=5,
        sampling=Sampling(temperature=0.0, max_tokens=20),
        max_tokens=plan["max_tokens"],
        first_pause=0.001,
        save_seconds=0.003,
        give_up_after=1000,
    )
    runner = CallRunner(model, "judy", "f", store.judgments, settings_, stop=stop)
    groups = [group(tag, texts) for tag, texts in enumerate(plan["groups"])]
    total = sum(len(texts) for texts in plan["groups"])
    given_ = [one async for portion in runner.ask(groups, total) for one in portion]
    return runner, given_, total


@settings(max_examples=25, deadline=None)
@given(plans)
def test_each_group_comes_back_once_and_each_request_is_one_row(plan):
    model = Moody(random.Random(plan["seed"]), plan["fates"])
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "w.duckdb") as store:
        runner, came, total = asyncio.run(asyncio.wait_for(run(store, plan, model), 60))
        told = runner.progress
        rows = store.judgments.calls(f"k{text}" for text in range(31))
    tags = Counter(one.tag for one in came)
    assert all(times == 1 for times in tags.values())
    if runner.ended is None:
        assert set(tags) == set(range(len(plan["groups"])))
        assert told.not_asked == 0
    for one in came:
        assert [outcome.key for outcome in one.outcomes] == [f"k{text}" for text in plan["groups"][one.tag]]
        assert all((outcome.reading is None) != (outcome.failure is None) for outcome in one.outcomes)
    assert told.done + told.cached + told.failed + told.not_asked == total
    assert (told.in_flight, told.waiting) == (0, 0)
    assert sum(told.failures.values()) == told.failed

    assert model.most_in_flight <= plan["slots"]
    assert len(rows) == told.requests == model.asked.total()
    by_key = {key: [row for row in rows if row.key == key] for key in {row.key for row in rows}}
    for key, attempts in by_key.items():
        assert [row.attempt for row in attempts] == list(range(1, len(attempts) + 1))
        assert all(row.reading is None for row in attempts[:-1]), "what was read is not asked again"
        assert model.asked[f"t{key[1:]}"] == len(attempts)
    if plan["max_tokens"] is not None:
        assert told.prompt_tokens + told.completion_tokens <= plan["max_tokens"]


@settings(max_examples=15, deadline=None)
@given(plans)
def test_a_run_that_ended_early_is_finished_by_the_next_one(plan):
    model = Moody(random.Random(plan["seed"]), ["good"])
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "w.duckdb") as store:
        asyncio.run(asyncio.wait_for(run(store, plan, model), 60))
        rest = {**plan, "stop_at": None, "max_tokens": None}
        runner, came, _ = asyncio.run(asyncio.wait_for(run(store, rest, model), 60))
    assert runner.ended is None
    assert {one.tag for one in came} == set(range(len(plan["groups"])))
    assert all(times == 1 for times in model.asked.values()), "no call is paid for twice"
