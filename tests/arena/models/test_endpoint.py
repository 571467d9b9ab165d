import asyncio
import email.utils
import socket
import time

import pytest

from arena.errors import InvalidInput
from arena.models import ModelPool, collect
from arena.models.endpoint_errors import retry_after_seconds, tidy
from arena.types import Answer, Message, ModelKind, ModelSpec, Sampling
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint, completion, error

ASKED = (Message("user", "Say hello."),)
KEY = "sk-very-secret-1234567890"


def spec(server: ScriptedEndpoint | str, **options) -> ModelSpec:
    url = server if isinstance(server, str) else server.base_url
    return ModelSpec("far", ModelKind.ENDPOINT, {"base_url": url, "model": "scripted", **options})


async def ask(server: ScriptedEndpoint | str, sampling: Sampling | None = None, **options) -> Answer:
    model = ModelPool(lambda name, prompt_id: None).open(spec(server, **options))
    return await collect(model, ASKED, sampling or Sampling())


async def test_a_streamed_answer_comes_whole_with_its_end_and_its_tokens():
    with ScriptedEndpoint(Reply(("Hel", "lo", "."))) as server:
        answer = await ask(server)
    assert (answer.text, answer.finish_reason, answer.tokens, answer.error) == ("Hello.", "stop", 3, None)
    assert answer.seconds > 0


async def test_the_request_carries_messages_and_sampling_but_no_defaults_that_servers_refuse():
    with ScriptedEndpoint() as server:
        await ask(server, Sampling(temperature=0.3, max_tokens=7))
        await ask(server, Sampling(top_p=0.5, seed=9))
    first, second = (seen.body for seen in server.requests)
    assert first["messages"] == [{"role": "user", "content": "Say hello."}]
    assert (first["temperature"], first["max_tokens"], first["stream"]) == (0.3, 7, True)
    assert "top_p" not in first and "seed" not in first
    assert (second["top_p"], second["seed"]) == (0.5, 9)


async def test_reasoning_is_not_part_of_the_answer():
    with ScriptedEndpoint(Reply(("Yes.",), reasoning="Let me think about it.")) as server:
        assert (await ask(server)).text == "Yes."


async def test_an_answer_cut_at_the_token_limit_is_kept():
    with ScriptedEndpoint(Reply(("One two",), finish_reason="length")) as server:
        answer = await ask(server)
    assert (answer.text, answer.finish_reason, answer.failed) == ("One two", "length", False)


@pytest.mark.parametrize("then", ["end", "reset"])
async def test_a_stream_cut_in_the_middle_is_a_failed_answer_and_is_never_asked_for_again(then):
    with ScriptedEndpoint(Reply(("Half an",), finish_reason=None, then=then)) as server:
        answer = await ask(server)
    assert answer.text == "Half an"
    assert "far" in answer.error and (
        "cut the answer off" in answer.error or "broke the connection" in answer.error
    )
    assert len(server.requests) == 1


async def test_a_stream_cut_before_its_first_word_is_asked_for_again():
    with ScriptedEndpoint(Reply((), finish_reason=None, then="reset"), Reply()) as server:
        answer = await ask(server)
    assert (answer.text, answer.error, len(server.requests)) == ("Hello there.", None, 2)


async def test_a_finished_answer_stands_even_if_the_connection_breaks_after_its_finish_reason():
    with ScriptedEndpoint(Reply(("Done.",), finish_reason="stop", then="end")) as server:
        assert (await ask(server)).error is None


async def test_a_rate_limit_is_waited_out_as_long_as_the_server_asks():
    limited = Reply(status=429, body=error("slow down"), headers={"retry-after": "0.2"})
    with ScriptedEndpoint(limited, Reply()) as server:
        started = time.monotonic()
        answer = await ask(server)
    assert (answer.text, len(server.requests)) == ("Hello there.", 2)
    assert time.monotonic() - started >= 0.2


async def test_a_wait_of_an_hour_is_reported_instead_of_waited_for():
    with ScriptedEndpoint(
        Reply(status=429, body=error("slow down"), headers={"retry-after": "3600"})
    ) as server:
        answer = await ask(server)
    assert len(server.requests) == 1
    assert "3600 s" in answer.error and "slow down" in answer.error


async def test_retries_are_bounded_and_counted_in_the_sentence():
    with ScriptedEndpoint(
        Reply(status=503, body=error("overloaded"), headers={"retry-after": "0"})
    ) as server:
        answer = await ask(server, retries=3)
    assert len(server.requests) == 4
    assert "503: overloaded" in answer.error and "4 attempts" in answer.error


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=401, body=error(f"Incorrect API key provided: {KEY}")), ["401", "api_key_env", "***"]),
        (Reply(status=403, body=error("no rights")), ["403", "rights"]),
        (Reply(status=404, body='{"detail": "Not Found"}'), ["404", "base_url", "Not Found"]),
        (Reply(status=404, body="<html>lost</html>", content_type="text/html"), ["404", "base_url"]),
        (Reply(status=400, body=error("context too long")), ["400", "context too long"]),
        (Reply(body="<html><body>Welcome</body></html>", content_type="text/html"), ["web page", "base_url"]),
        (Reply(body='{"error": {"message": "no such deployment"}}'), ["no such deployment"]),
        (Reply(body='{"ok": true}'), ["no choices"]),
        (Reply(body="{cut", content_type="application/json"), ["not JSON"]),
        (Reply(("Some",), then="garbage"), ["not JSON"]),
        (Reply(("Some",), then="error"), ["the worker died"]),
        (Reply(("I can",), finish_reason="content_filter"), ["content filter"]),
        (Reply((), finish_reason="tool_calls"), ["tool_calls"]),
        (Reply(()), ["empty", "'stop'"]),
        (Reply(("  \n",)), ["empty"]),
    ],
)
async def test_each_fault_is_one_sentence_that_names_model_and_fault_and_never_the_key(
    monkeypatch, reply, words
):
    monkeypatch.setenv("FAR_KEY", KEY)
    with ScriptedEndpoint(reply) as server:
        answer = await ask(server, api_key_env="FAR_KEY")
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert answer.failed
    assert answer.error.startswith("far: ")
    assert all(word in answer.error for word in words), answer.error
    assert KEY not in answer.error and "\n" not in answer.error
    assert len(server.requests) == 1


async def test_a_dead_host_is_named_and_tried_more_than_once():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = await ask(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", retries=1)
    assert (
        "cannot be reached" in answer.error and "127.0.0.1" in answer.error and "2 attempts" in answer.error
    )


async def test_a_name_that_does_not_resolve_is_said_to_be_unreachable():
    answer = await ask("http://no-such-host.invalid/v1", retries=0)
    assert "cannot be reached" in answer.error


async def test_a_server_that_falls_silent_is_given_up_after_the_timeout():
    with ScriptedEndpoint(Reply(("So far",), then="hang")) as server:
        answer = await ask(server, timeout=0.3)
    assert answer.text == "So far"
    assert "time limit" in answer.error and "'timeout'" in answer.error


async def test_a_missing_key_variable_is_named_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("FAR_KEY", raising=False)
    with ScriptedEndpoint() as server:
        answer = await ask(server, api_key_env="FAR_KEY")
    assert "FAR_KEY" in answer.error and "not set" in answer.error
    assert server.requests == []


async def test_keys_meant_for_another_provider_are_not_sent(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-private")
    with ScriptedEndpoint() as server:
        assert (await ask(server)).error is None
    sent = str(server.requests[0].headers)
    assert KEY not in sent and "private" not in sent


@pytest.mark.parametrize(
    ("refused", "absent", "present"),
    [("stream_options", "stream_options", None), ("max_tokens", "max_tokens", "max_completion_tokens")],
)
async def test_a_parameter_that_the_server_does_not_know_is_left_out_or_renamed_once_and_for_all(
    refused, absent, present
):
    refusal = Reply(status=400, body=error(f"Unsupported parameter: '{refused}' is not supported."))
    with ScriptedEndpoint(refusal, Reply()) as server:
        model = ModelPool(lambda name, prompt_id: None).open(spec(server))
        answers = [await collect(model, ASKED, Sampling(max_tokens=5)) for _ in range(2)]
    assert [answer.error for answer in answers] == [None, None]
    bodies = [seen.body for seen in server.requests]
    assert len(bodies) == 3 and refused in bodies[0]
    for body in bodies[1:]:
        assert absent not in body
        assert present is None or body[present] == 5


async def test_a_server_that_does_not_stream_is_read_all_the_same():
    with ScriptedEndpoint(Reply(body=completion("All at once."))) as server:
        answer = await ask(server)
    assert (answer.text, answer.finish_reason, answer.tokens) == ("All at once.", "stop", 2)


async def test_leaving_the_stream_hangs_up_on_the_server():
    with ScriptedEndpoint(Reply(("Go on",), then="hang")) as server:
        model = ModelPool(lambda name, prompt_id: None).open(spec(server))
        stream = model.stream(ASKED, Sampling())
        await anext(stream)
        await stream.aclose()
        assert await asyncio.to_thread(server.gone.wait, 5)


async def test_cancelling_the_question_hangs_up_on_the_server():
    with ScriptedEndpoint(Reply(("Go on",), then="hang")) as server:
        arrived = asyncio.Event()
        model = ModelPool(lambda name, prompt_id: None).open(spec(server))
        task = asyncio.create_task(collect(model, ASKED, Sampling(), lambda piece: arrived.set()))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.gone.wait, 5)


def test_one_model_answers_in_several_event_loops_one_after_another():
    with ScriptedEndpoint() as server:
        model = ModelPool(lambda name, prompt_id: None).open(spec(server))
        texts = [asyncio.run(collect(model, ASKED, Sampling())).text for _ in range(3)]
    assert texts == ["Hello there."] * 3


async def test_a_check_says_how_long_the_answer_took():
    pool = ModelPool(lambda name, prompt_id: None)
    with ScriptedEndpoint() as server:
        line = await pool.check(spec(server))
    assert line.startswith("far: answered in ") and line.endswith("Hello there.")


def test_an_address_without_a_scheme_is_refused_when_opened():
    with pytest.raises(InvalidInput, match="base_url is 'localhost:8000'"):
        ModelPool(lambda name, prompt_id: None).open(spec("localhost:8000"))


def test_retry_after_reads_seconds_dates_and_nothing_else():
    soon = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert retry_after_seconds({"retry-after": "1.5"}) == 1.5
    assert 25 < retry_after_seconds({"retry-after": soon}) <= 31
    assert retry_after_seconds({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after_seconds({"retry-after": "soon"}) is None
    assert retry_after_seconds({}) is None


def test_a_password_in_an_address_does_not_reach_the_sentence():
    assert tidy("at http://me:word@host/v1\nfailed", None) == "at http://host/v1 failed"
