"""Runs of calls against a real server that answers from a script."""

import asyncio
import hashlib
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from arena.errors import InvalidInput, StoreFailed
from arena.judgments import Failure
from arena.models import Completion, ModelPool
from arena.store import Store
from arena.types import Message, ModelKind, ModelSpec, Sampling
from judges.calls import CallGroup, CallOutcome, CallRequest, CallRunner, CallSettings
from judges.reading import Unreadable
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint, Seen, completion, error

FAST = {"first_pause": 0.02, "save_seconds": 0.01}
BUSY = Reply(status=429, body=error("slow down"), headers={"retry-after": "0.05"})
BROKEN = Reply(body='{"choices": [{"mess')
FAILED = Reply(status=500, body=error("oops"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "workbench.duckdb") as opened:
        yield opened


def read(reply: Completion) -> dict[str, str]:
    if "[[A]]" in reply.text:
        return {"winner": "model_a"}
    raise Unreadable(Failure.TRUNCATED if reply.finish_reason == "length" else Failure.UNREADABLE, "no mark")


def request(text: str) -> CallRequest:
    return CallRequest(hashlib.sha256(text.encode()).hexdigest()[:32], (Message("user", text),), read)


WORDY = "which of the two is better " * 12
"""Some 320 characters, so about the 90 tokens that servers here tell."""


def pairs(number: int, name: str = "pair") -> list[CallGroup[int]]:
    return [
        CallGroup(index, (request(f"{name} {index} forward"), request(f"{name} {index} backward")))
        for index in range(number)
    ]


def runner(
    server: ScriptedEndpoint | str, store: Store, *, stop=None, on_progress=None, **settings
) -> CallRunner:
    url = server if isinstance(server, str) else server.base_url
    spec = ModelSpec("far", ModelKind.ENDPOINT, {"base_url": url, "model": "scripted"})
    model = ModelPool(lambda name, prompt_id: None).open(spec)
    return CallRunner(
        model,
        "judy",
        "f1",
        store.judgments,
        CallSettings(**{**FAST, **settings}),
        stop=stop,
        on_progress=on_progress,
        jitter=random.Random(1),
    )


async def run(asking: CallRunner, groups, total: int | None = None) -> dict[object, tuple[CallOutcome, ...]]:
    return {group.tag: group.outcomes async for portion in asking.ask(groups, total) for group in portion}


def said(seen: Seen) -> str:
    return seen.body["messages"][0]["content"]


def whole(text: str = "[[A]]", *args, **known) -> Reply:
    return Reply(body=completion(text, *args, **known))


def failing(first: Callable[[str], list[Reply]]) -> Callable[[Seen], Reply]:
    """Answer each text by the replies `first` gives it, then well."""
    left: dict[str, list[Reply]] = {}

    def answer(seen: Seen) -> Reply:
        replies = left.setdefault(said(seen), list(first(said(seen))))
        return replies.pop(0) if replies else whole()

    return answer


async def test_every_group_comes_back_with_its_outcomes_in_order_and_every_call_is_stored(store):
    def answer(seen: Seen) -> Reply:
        return whole("[[A]]" if "forward" in said(seen) else "who knows", usage=(100, 10))

    groups = pairs(30)
    with ScriptedEndpoint(compute=answer) as server:
        asking = runner(server, store, unreadable_attempts=1)
        got = await run(asking, groups, 60)
    assert set(got) == set(range(30))
    for forward, backward in got.values():
        assert (forward.reading, forward.failure) == ({"winner": "model_a"}, None)
        assert (backward.reading, backward.failure, backward.detail) == (None, Failure.UNREADABLE, "no mark")
    stored = store.judgments.calls(request_.key for group in groups for request_ in group.requests)
    assert len(stored) == 60 and {call.attempt for call in stored} == {1}
    assert {(call.judge, call.fingerprint, call.prompt_tokens) for call in stored} == {("judy", "f1", 100)}
    assert asking.ended is None
    told = asking.progress
    assert (told.total, told.done, told.failed, told.cached, told.not_asked) == (60, 30, 30, 0, 0)
    assert told.failures == {Failure.UNREADABLE: 30}
    assert (told.requests, told.prompt_tokens, told.completion_tokens, told.cost) == (60, 6000, 600, None)


async def test_no_more_requests_are_in_flight_than_there_are_slots_and_all_slots_are_used(store):
    with ScriptedEndpoint(compute=lambda seen: Reply(body=completion("[[A]]"), after=0.03)) as server:
        await run(runner(server, store, slots=7), pairs(40))
        assert server.most_in_flight == 7
        assert len(server.requests) == 80


async def test_a_pause_holds_no_slot(store):
    """One call waits a second; with a single slot, all the others are done within that second."""
    slow = Reply(status=429, body=error("wait"), headers={"retry-after": "1"})
    with ScriptedEndpoint(compute=failing(lambda text: [slow] if text == "pair 0 forward" else [])) as server:
        got = await run(runner(server, store, slots=1), pairs(10))
        texts = [said(seen) for seen in server.requests]
    assert len(got) == 10 and len(texts) == 21
    assert texts[0] == texts[-1] == "pair 0 forward"


async def test_the_wait_a_server_asks_for_is_waited_out(store):
    busy = Reply(status=429, body=error("wait"), headers={"retry-after": "0.4"})
    with ScriptedEndpoint(busy, whole()) as server:
        started = time.monotonic()
        got = await run(runner(server, store), [CallGroup("one", (request("one"),))])
    assert time.monotonic() - started >= 0.4
    assert got["one"][0].reading is not None


async def test_a_server_that_asks_for_too_long_a_wait_ends_the_call_with_its_reason(store):
    busy = Reply(status=429, body=error("quota used up"), headers={"retry-after": "3600"})
    with ScriptedEndpoint(busy) as server:
        got = await run(runner(server, store), [CallGroup("one", (request("one"),))])
        assert len(server.requests) == 1
    (outcome,) = got["one"]
    assert outcome.failure is Failure.NO_REPLY
    assert "3600 s" in outcome.detail and "quota used up" in outcome.detail


@pytest.mark.parametrize("fault", [FAILED, BROKEN, BUSY, Reply(body="", then="reset"), Reply(body="{}")])
async def test_a_lost_reply_is_asked_for_again_and_both_attempts_are_stored(store, fault):
    with ScriptedEndpoint(compute=failing(lambda text: [fault, fault])) as server:
        got = await run(runner(server, store), pairs(3))
        assert len(server.requests) == 18
    assert all(outcome.reading for outcomes in got.values() for outcome in outcomes)
    for key in (request(f"pair {index} forward").key for index in range(3)):
        attempts = store.judgments.calls([key])
        assert [call.attempt for call in attempts] == [1, 2, 3]
        assert [call.failure for call in attempts] == [Failure.NO_REPLY, Failure.NO_REPLY, None]
        assert all(call.detail for call in attempts[:2])


async def test_attempts_are_bounded_and_the_last_reason_stands(store):
    with ScriptedEndpoint(FAILED) as server:
        got = await run(runner(server, store, attempts=4), [CallGroup("one", (request("one"),))])
        assert len(server.requests) == 4
    (outcome,) = got["one"]
    assert outcome.failure is Failure.NO_REPLY and "500: oops" in outcome.detail
    assert len(store.judgments.calls([outcome.key])) == 4


async def test_unreadable_replies_have_a_bound_of_their_own(store):
    replies = {"cut": whole("so", "length"), "vague": whole("hm"), "late": whole("hm")}

    def answer(seen: Seen) -> Reply:
        text = said(seen)
        asked = sum(said(other) == text for other in server.requests)
        return whole() if text == "late" and asked > 1 else replies[text]

    with ScriptedEndpoint(compute=answer) as server:
        groups = [CallGroup(text, (request(text),)) for text in replies]
        got = await run(runner(server, store, attempts=9, unreadable_attempts=3), groups)
        assert Counter(map(said, server.requests)) == {"cut": 3, "vague": 3, "late": 2}
    assert got["cut"][0].failure is Failure.TRUNCATED
    assert got["vague"][0].failure is Failure.UNREADABLE
    assert got["late"][0].failure is None


async def test_a_refusal_is_a_failure_with_its_reason_and_its_tokens_are_paid_for(store):
    withheld = whole("Half", "content_filter", usage=(50, 5))
    with ScriptedEndpoint(withheld) as server:
        asking = runner(server, store, unreadable_attempts=2, price_in=1.0, price_out=2.0)
        got = await run(asking, [CallGroup("one", (request("one"),))])
    assert got["one"][0].failure is Failure.REFUSED
    assert asking.progress.prompt_tokens == 100
    assert asking.progress.cost == pytest.approx(2 * (50 + 10) / 1e6)
    assert [call.reply for call in store.judgments.calls([got["one"][0].key])] == ["Half", "Half"]


async def test_a_fault_that_asking_again_cannot_mend_is_final_at_once(store):
    with ScriptedEndpoint(Reply(status=400, body=error("too long a context"))) as server:
        got = await run(runner(server, store), [CallGroup("one", (request("one"),))])
        assert len(server.requests) == 1
    assert "too long a context" in got["one"][0].detail


async def test_what_was_read_once_is_never_asked_again(store):
    with ScriptedEndpoint(compute=lambda seen: whole()) as server:
        first = await run(runner(server, store), pairs(20))
        asking = runner(server, store)
        second = await run(asking, pairs(25), 50)
        assert len(server.requests) == 50
    assert all(not outcome.cached for outcomes in first.values() for outcome in outcomes)
    assert all(outcome.cached == (tag < 20) for tag, outcomes in second.items() for outcome in outcomes)
    assert {outcome.reading["winner"] for outcomes in second.values() for outcome in outcomes} == {"model_a"}
    assert (asking.progress.cached, asking.progress.done, asking.progress.requests) == (40, 10, 10)


async def test_what_failed_once_is_asked_again_under_the_next_number(store):
    with ScriptedEndpoint(whole("hm")) as server:
        await run(runner(server, store, unreadable_attempts=2), [CallGroup("one", (request("one"),))])
        server.script(whole())
        got = await run(runner(server, store), [CallGroup("one", (request("one"),))])
    assert got["one"][0].reading is not None
    assert [call.attempt for call in store.judgments.calls([got["one"][0].key])] == [1, 2, 3]


async def test_equal_calls_in_flight_are_asked_once(store):
    shared = request("shared")
    groups = [CallGroup(index, (shared, request(f"own {index}"))) for index in range(30)]
    groups.append(CallGroup("twice", (shared, shared)))
    with ScriptedEndpoint(compute=lambda seen: Reply(body=completion("[[A]]"), after=0.02)) as server:
        asking = runner(server, store, slots=4)
        got = await run(asking, groups, 62)
        assert Counter(map(said, server.requests))["shared"] == 1
    assert len(got) == 31 and all(outcome.reading for outcomes in got.values() for outcome in outcomes)
    assert len(got["twice"]) == 2
    told = asking.progress
    assert (told.done, told.cached, told.requests) == (31, 31, 31)


async def test_equal_calls_far_apart_in_a_long_run_are_asked_once(store):
    groups = [CallGroup(index, (request(f"text {index % 10}"),)) for index in range(700)]
    with ScriptedEndpoint(compute=lambda seen: whole()) as server:
        got = await run(runner(server, store, slots=3), groups)
        assert len(server.requests) == 10
    assert len(got) == 700


async def test_equal_calls_that_fail_share_their_failure(store):
    groups = [CallGroup(index, (request("shared"),)) for index in range(5)]
    with ScriptedEndpoint(compute=lambda seen: whole("hm")) as server:
        asking = runner(server, store, unreadable_attempts=2)
        got = await run(asking, groups)
        assert len(server.requests) == 2
    assert {outcomes[0].failure for outcomes in got.values()} == {Failure.UNREADABLE}
    assert asking.progress.failed == 5


async def test_groups_are_read_as_calls_go_out_and_not_all_at_once(store):
    taken = 0

    def endless() -> Iterator[CallGroup[int]]:
        nonlocal taken
        for index in range(1_000_000):
            taken += 1
            yield CallGroup(index, (request(f"text {index}"),))

    with ScriptedEndpoint(compute=lambda seen: whole()) as server:
        asking = runner(server, store, slots=4).ask(endless())
        assert await anext(asking)
        await asyncio.sleep(0.3)
        assert taken < 1000
        await asking.aclose()


async def test_groups_may_come_from_an_asynchronous_source(store):
    async def source():
        for group in pairs(70):
            await asyncio.sleep(0)
            yield group

    with ScriptedEndpoint(compute=lambda seen: whole()) as server:
        assert len(await run(runner(server, store), source())) == 70


async def test_a_run_without_groups_ends_at_once(store):
    asking = runner("http://127.0.0.1:1/v1", store)
    assert await run(asking, [], 0) == {}
    assert asking.progress.settled == 0 and asking.ended is None


async def test_a_group_without_calls_comes_back_empty(store):
    assert await run(runner("http://127.0.0.1:1/v1", store), [CallGroup("none", ())]) == {"none": ()}


# The ceiling


async def test_the_ceiling_in_tokens_is_never_passed_and_the_rest_is_not_asked(store):
    most = 100 * 60
    sampling = Sampling(temperature=0.0, max_tokens=20)
    with ScriptedEndpoint(compute=lambda seen: whole(usage=(90, 10))) as server:
        asking = runner(server, store, max_tokens=most, sampling=sampling, slots=8)
        got = await run(asking, pairs(50, WORDY), 100)
    told = asking.progress
    spent = told.prompt_tokens + told.completion_tokens
    assert most - 200 < spent <= most
    assert told.failed == 0 and told.done + told.not_asked == 100 and told.not_asked > 30
    assert len(got) <= 30 and all(outcome.reading for outcomes in got.values() for outcome in outcomes)
    assert f"{most} tokens" in asking.ended and str(spent) in asking.ended


async def test_the_ceiling_in_money_is_never_passed(store):
    sampling = Sampling(temperature=0.0, max_tokens=20)
    settings = {"price_in": 3.0, "price_out": 10.0, "max_cost": 0.01, "sampling": sampling}
    with ScriptedEndpoint(compute=lambda seen: whole(usage=(90, 10))) as server:
        asking = runner(server, store, **settings)
        await run(asking, pairs(50, WORDY), 100)
        asked = len(server.requests)
    a_call = (90 * 3.0 + 10 * 10.0) / 1e6
    assert asking.progress.cost == pytest.approx(asked * a_call)
    assert 0.009 < asking.progress.cost <= 0.01
    assert store.judgments.spent("judy").cost == pytest.approx(asking.progress.cost)
    assert "0.01 in money" in asking.ended


async def test_a_ceiling_of_nothing_still_gives_what_is_stored(store):
    with ScriptedEndpoint(compute=lambda seen: whole()) as server:
        await run(runner(server, store), pairs(5))
        asking = runner(server, store, max_tokens=0)
        got = await run(asking, [*pairs(3, "new"), *pairs(5)], 16)
        assert len(server.requests) == 10
    assert set(got) == set(range(5)) and all(outcomes[0].cached for outcomes in got.values())
    assert (asking.progress.cached, asking.progress.not_asked) == (10, 6)


async def test_replies_whose_tokens_nobody_tells_count_as_estimated(store):
    sampling = Sampling(temperature=0.0, max_tokens=100)
    with ScriptedEndpoint(compute=lambda seen: whole(usage=None)) as server:
        asking = runner(server, store, max_tokens=1000, sampling=sampling)
        await run(asking, pairs(50))
        assert 5 <= len(server.requests) < 10
    assert asking.progress.prompt_tokens == 0 and "ceiling" in asking.ended


async def test_a_ceiling_in_money_without_prices_is_refused(store):
    with pytest.raises(InvalidInput, match="price_in and price_out"):
        runner("http://127.0.0.1:1/v1", store, max_cost=1.0)
    with pytest.raises(InvalidInput, match="price_out"):
        runner("http://127.0.0.1:1/v1", store, price_in=1.0)
    with pytest.raises(InvalidInput, match="slots is 0"):
        runner("http://127.0.0.1:1/v1", store, slots=0)


# Stopping


async def test_a_stopped_run_starts_nothing_more_and_keeps_what_is_in_flight(store):
    stop = threading.Event()

    def answer(seen: Seen) -> Reply:
        if len(server.requests) == 12:
            stop.set()
        return Reply(body=completion("[[A]]"), after=0.05)

    with ScriptedEndpoint(compute=answer) as server:
        asking = runner(server, store, slots=4, stop=stop)
        await run(asking, pairs(200), 400)
        asked = [said(seen) for seen in server.requests]
        assert 12 <= len(asked) < 40
        stored = store.judgments.calls(request(text).key for text in asked)
        assert len(stored) == len(asked) and all(call.reading for call in stored)
        told = asking.progress
        assert told.done == len(asked) and told.not_asked == 400 - len(asked)
        assert asking.ended == "The run was stopped."
        stop.clear()
        resumed = runner(server, store, slots=4)
        got = await run(resumed, pairs(200), 400)
        assert len(got) == 200 and len(server.requests) == 400
    assert (resumed.progress.cached, resumed.progress.done) == (len(asked), 400 - len(asked))


async def test_a_stop_does_not_wait_for_pauses(store):
    stop = threading.Event()
    slow = Reply(status=429, body=error("wait"), headers={"retry-after": "50"})
    with ScriptedEndpoint(slow) as server:
        asking = runner(server, store, stop=stop)
        task = asyncio.create_task(run(asking, pairs(1), 2))
        while asking.progress.waiting < 2:
            await asyncio.sleep(0.02)
        stop.set()
        assert await asyncio.wait_for(task, 5) == {}
    assert asking.progress.not_asked == 2


async def test_a_stop_does_not_wait_for_a_source_that_hangs(store):
    stop = threading.Event()

    async def source():
        for group in pairs(64):
            yield group
        stop.set()
        await asyncio.sleep(3600)

    with ScriptedEndpoint(compute=lambda seen: whole()) as server:
        got = await asyncio.wait_for(run(runner(server, store, stop=stop), source()), 20)
    assert len(got) <= 64


async def test_leaving_the_run_stores_what_has_arrived(store):
    with ScriptedEndpoint(compute=lambda seen: Reply(body=completion("[[A]]"), after=0.01)) as server:
        asking = runner(server, store, slots=4, save_seconds=0.05).ask(pairs(200))
        await anext(asking)
        await asyncio.sleep(0.03)
        await asking.aclose()
        keys = [request(said(seen)).key for seen in server.requests]
        assert len(keys) - 4 <= len(store.judgments.calls(keys)) <= len(keys)


async def test_a_dead_server_ends_the_run_with_one_sentence_instead_of_failing_every_call(store):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        asking = runner(url, store, slots=4, attempts=2)
        got = await run(asking, pairs(500), 1000)
    assert "10 calls in a row" in asking.ended and "cannot be reached" in asking.ended
    assert asking.progress.failures[Failure.NO_REPLY] < 20
    assert asking.progress.not_asked > 980 and len(got) < 20


async def test_a_refused_key_ends_the_run(store):
    with ScriptedEndpoint(Reply(status=401, body=error("bad key"))) as server:
        asking = runner(server, store)
        await run(asking, pairs(500), 1000)
        assert len(server.requests) <= 10 + 64
    assert "refused the API key" in asking.ended


async def test_a_server_that_is_down_for_a_moment_loses_no_call(store):
    since: list[float] = []

    def answer(seen: Seen) -> Reply:
        since.append(time.monotonic())
        return FAILED if since[-1] - since[0] < 0.3 else whole()

    with ScriptedEndpoint(compute=answer) as server:
        asking = runner(server, store, first_pause=0.1)
        got = await run(asking, pairs(60))
    assert len(got) == 60 and asking.progress.failed == 0 and asking.ended is None


async def test_a_server_with_room_for_few_is_not_hammered_and_loses_no_call(store):
    """It serves four at once, 40 a second, and turns the others away."""
    lock, last = threading.Lock(), []

    def answer(seen: Seen) -> Reply:
        with lock:
            now = time.monotonic()
            last[:] = [moment for moment in last if now - moment < 0.1]
            if len(last) >= 4:
                return Reply(status=429, body=error("slow down"), headers={"retry-after": "0.1"})
            last.append(now)
        return Reply(body=completion("[[A]]"), after=0.02)

    with ScriptedEndpoint(compute=answer) as server:
        asking = runner(server, store, slots=64)
        got = await run(asking, pairs(60))
        turned_away = len(server.requests) - 120
    assert len(got) == 60 and asking.progress.failed == 0
    assert turned_away < 240


# What is told


async def test_progress_is_told_along_the_way_and_ends_with_everything_counted(store):
    told = []
    with ScriptedEndpoint(compute=lambda seen: Reply(body=completion("[[A]]"), after=0.02)) as server:
        await run(runner(server, store, slots=4, on_progress=told.append), pairs(100), 200)
    assert len(told) > 2
    assert [one.done for one in told] == sorted(one.done for one in told)
    middle = told[len(told) // 2]
    assert 0 < middle.in_flight <= 4
    assert middle.rate > 0
    assert middle.seconds_left == pytest.approx((200 - middle.settled) / middle.rate)
    assert (told[-1].done, told[-1].in_flight, told[-1].seconds_left) == (200, 0, 0)


async def test_an_outcome_is_durable_before_it_is_given_out(store):
    with ScriptedEndpoint(compute=lambda seen: whole()) as server:
        async for portion in runner(server, store, slots=4).ask(pairs(20)):
            keys = [outcome.key for group in portion for outcome in group.outcomes]
            assert len(store.judgments.readings(keys)) == len(set(keys))


async def test_a_store_that_cannot_be_written_ends_the_run_with_its_error(tmp_path):
    store = Store.open(tmp_path / "other.duckdb")
    with ScriptedEndpoint(compute=lambda seen: Reply(body=completion("[[A]]"), after=0.02)) as server:
        asking = runner(server, store, slots=2)
        with pytest.raises(StoreFailed, match="closed"):
            async for _ in asking.ask(pairs(200)):
                await asyncio.to_thread(store.close)


async def test_the_schema_and_log_probabilities_are_asked_for_and_reach_the_reader(store):
    seen_by_reader: list[Completion] = []

    def reader(reply: Completion) -> dict[str, object]:
        seen_by_reader.append(reply)
        return json.loads(reply.text)

    place = {"token": "A", "logprob": -0.1, "top_logprobs": []}
    asked = CallRequest("k", (Message("user", "?"),), reader, json_schema={"type": "object"}, top_logprobs=3)
    with ScriptedEndpoint(whole('{"winner": "tie"}', logprobs={"content": [place]})) as server:
        got = await run(runner(server, store), [CallGroup("one", (asked,))])
        body = server.requests[0].body
    assert got["one"][0].reading == {"winner": "tie"}
    assert body["response_format"]["type"] == "json_schema" and body["top_logprobs"] == 3
    assert seen_by_reader[0].structured and seen_by_reader[0].logprobs[0].token == "A"
