import asyncio
import gc
import json
import logging
import platform
import socket

import pytest

from arena.errors import InvalidInput
from arena.judgments import Failure
from arena.models import CallFailed, Completion, ModelPool, collect, complete
from arena.models.endpoint_http import proxy_for
from arena.types import Answer, Message, ModelKind, ModelSpec, Sampling
from tests.arena.models.conftest import local
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint, completion, error
from tests.support.scripted_model import ScriptedModel

ASKED = (Message("user", "A or B?"),)
KEY = "sk-very-secret-1234567890"
SCHEMA = {"type": "object", "properties": {"winner": {"type": "string"}}, "required": ["winner"]}
JSON_REPLY = '{"winner": "a"}'


def spec(server: ScriptedEndpoint | str, **options) -> ModelSpec:
    url = server if isinstance(server, str) else server.base_url
    return ModelSpec("far", ModelKind.ENDPOINT, {"base_url": url, "model": "scripted", **options})


def opened(server: ScriptedEndpoint | str, **options):
    return ModelPool(lambda name, prompt_id: None).open(spec(server, **options))


async def ask(server: ScriptedEndpoint | str, sampling: Sampling | None = None, **wishes) -> Completion:
    return await complete(opened(server), ASKED, sampling or Sampling(), **wishes)


def whole(text: str | None = "[[A]]", *args, **known) -> Reply:
    return Reply(body=completion(text, *args, **known))


async def test_a_reply_comes_whole_with_its_tokens_and_its_time():
    with ScriptedEndpoint(whole("[[B]]", usage=(812, 41))) as server:
        got = await ask(server)
    assert (got.text, got.finish_reason, got.prompt_tokens, got.completion_tokens) == (
        "[[B]]",
        "stop",
        812,
        41,
    )
    assert got.seconds > 0 and got.logprobs is None and not got.structured


async def test_the_request_is_one_that_is_not_streamed_and_carries_the_models_own_options():
    with ScriptedEndpoint(whole()) as server:
        model = opened(server, system="Be just.", temperature=0.25)
        await complete(model, ASKED, Sampling(temperature=0.0, max_tokens=9, seed=4))
    (seen,) = server.requests
    assert seen.path == "/v1/chat/completions"
    assert seen.body["messages"][0] == {"role": "system", "content": "Be just."}
    assert (seen.body["temperature"], seen.body["max_tokens"], seen.body["seed"]) == (0.25, 9, 4)
    assert not {"stream", "stream_options", "response_format", "logprobs"} & set(seen.body)


async def test_the_server_is_not_told_what_machine_it_is_asked_from():
    with ScriptedEndpoint(whole()) as server:
        await ask(server)
        server.script(Reply())
        await collect(opened(server), ASKED, Sampling())
    sent = {name: value for seen in server.requests for name, value in seen.headers.items()}
    assert not {"x-stainless-os", "x-stainless-arch", "x-stainless-runtime-version"} & set(sent)
    assert platform.system().lower() not in str(sent).lower()


async def test_connections_are_used_again():
    with ScriptedEndpoint(whole()) as server:
        model = opened(server)
        for _ in range(5):
            await complete(model, ASKED, Sampling())
        assert server.connections == 1


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"http_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"https_proxy": "http://proxy:3128"}, None),
        ({"all_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "far.example"}, None),
    ],
)
def test_the_proxy_that_the_environment_names_is_used(monkeypatch, environment, proxy):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for("http://far.example:8000/v1/chat/completions") == proxy


async def test_a_schema_is_sent_and_a_json_reply_counts_as_structured():
    with ScriptedEndpoint(whole(JSON_REPLY)) as server:
        got = await ask(server, json_schema=SCHEMA)
    sent = server.requests[0].body["response_format"]
    assert sent["type"] == "json_schema" and sent["json_schema"]["schema"] == SCHEMA
    assert got.structured


@pytest.mark.parametrize("text", ["[[A]]", '{"winner": "a"', "[1]", '"a"', ""])
async def test_a_server_that_ignores_the_schema_is_found_out_by_its_reply(text):
    with ScriptedEndpoint(whole(text)) as server:
        got = await ask(server, json_schema=SCHEMA)
    assert got.text == text and not got.structured


@pytest.mark.parametrize(
    "refusal",
    [
        "Unsupported parameter: 'response_format' is not supported with this model.",
        "json_schema is not available",
        "This model does not support structured outputs",
    ],
)
async def test_a_server_that_refuses_schemas_is_asked_without_from_then_on(refusal):
    def answer(seen):
        if "response_format" in seen.body:
            return Reply(status=400, body=error(refusal))
        return whole(JSON_REPLY)

    with ScriptedEndpoint(compute=answer) as server:
        model = opened(server)
        # Several at once meet the refusal together; each of them must adapt.
        got = await asyncio.gather(
            *(complete(model, ASKED, Sampling(), json_schema=SCHEMA) for _ in range(4))
        )
        before = len(server.requests)
        got.append(await complete(model, ASKED, Sampling(), json_schema=SCHEMA))
        assert len(server.requests) == before + 1
    assert [one.text for one in got] == [JSON_REPLY] * 5
    assert not any(one.structured for one in got)


@pytest.mark.parametrize("status", [400, 403])
async def test_a_server_that_refuses_log_probabilities_is_asked_without_them(status):
    refusal = Reply(status=status, body=error("You are not allowed to request logprobs from this model"))
    with ScriptedEndpoint(refusal, whole()) as server:
        got = await ask(server, top_logprobs=5, json_schema=SCHEMA)
    first, second = (seen.body for seen in server.requests)
    assert (first["logprobs"], first["top_logprobs"]) == (True, 5)
    assert "logprobs" not in second and "top_logprobs" not in second and "response_format" in second
    assert got.text == "[[A]]"


async def test_log_probabilities_come_with_their_alternatives():
    place = {
        "token": "A",
        "logprob": -0.1,
        "top_logprobs": [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": -2.5}],
    }
    given = {"content": [{"token": "[[", "logprob": 0.0, "top_logprobs": []}, place]}
    with ScriptedEndpoint(whole(logprobs=given)) as server:
        got = await ask(server, top_logprobs=2)
    assert [(one.token, dict(one.alternatives)) for one in got.logprobs] == [
        ("[[", {"[[": 0.0}),
        ("A", {"A": -0.1, "B": -2.5}),
    ]


@pytest.mark.parametrize("given", [{}, {"content": None}, {"content": []}, {"tokens": ["A"]}])
async def test_log_probabilities_in_another_form_count_as_none(given):
    with ScriptedEndpoint(whole(logprobs=given)) as server:
        assert (await ask(server, top_logprobs=2)).logprobs is None


@pytest.mark.parametrize(
    ("body", "text", "reason"),
    [
        (completion("[[A]] and", "length"), "[[A]] and", "length"),
        (completion("[[A]]", "max_tokens"), "[[A]]", "length"),
        (completion("[[A]]", "eos"), "[[A]]", "stop"),
        (completion("[[A]]", None), "[[A]]", "unknown"),
        (completion(None, "tool_calls"), "", "tool_calls"),
        (completion([{"type": "text", "text": "[["}, {"type": "text", "text": "A]]"}]), "[[A]]", "stop"),
    ],
)
async def test_what_the_reply_says_of_its_end_is_left_to_the_reader(body, text, reason):
    with ScriptedEndpoint(Reply(body=body)) as server:
        got = await ask(server)
    assert (got.text, got.finish_reason) == (text, reason)


async def test_a_server_that_tells_no_tokens_leaves_them_unknown():
    with ScriptedEndpoint(whole(usage=None)) as server:
        got = await ask(server)
    assert (got.prompt_tokens, got.completion_tokens) == (None, None)


@pytest.mark.parametrize(
    "body",
    [completion("Half", "content_filter"), completion(None, message={"refusal": "I will not judge this."})],
)
async def test_a_declined_reply_is_a_refusal_with_the_tokens_it_took(body):
    with ScriptedEndpoint(Reply(body=body)) as server, pytest.raises(CallFailed) as failed:
        await ask(server)
    assert failed.value.failure is Failure.REFUSED
    assert failed.value.charged and failed.value.completion.prompt_tokens == 3
    assert "filter" in str(failed.value) or "I will not judge this." in str(failed.value)


@pytest.mark.parametrize(
    ("reply", "transient", "charged", "words"),
    [
        (Reply(body="<html>hi</html>", content_type="text/html"), True, False, "web page"),
        (Reply(body='{"choices": [{"mess'), True, True, "not JSON"),
        (Reply(body=""), True, True, "not JSON"),
        (Reply(body="{}"), True, False, "no choices"),
        (Reply(body='{"choices": []}'), True, False, "no choices"),
        (Reply(body='{"choices": "many"}'), True, False, "no choices"),
        (Reply(body='[{"choices": []}]'), True, False, "no choices"),
        (Reply(status=500, body=error("oops")), True, False, "500: oops"),
        (Reply(status=503, body="<html>", content_type="text/html"), True, False, "503"),
        (Reply(status=401, body=error(f"bad key {KEY}")), False, False, "refused the API key"),
        (Reply(status=404, body=error("no such model")), False, False, "no such model"),
        (Reply(status=400, body=error("too long a context")), False, False, "too long a context"),
        (Reply(body="", then="reset"), True, True, "broke the connection off"),
    ],
)
async def test_each_fault_says_whether_asking_again_may_help(monkeypatch, reply, transient, charged, words):
    monkeypatch.setenv("FAR_KEY", KEY)
    with ScriptedEndpoint(reply) as server:
        with pytest.raises(CallFailed) as failed:
            await complete(opened(server, api_key_env="FAR_KEY"), ASKED, Sampling())
        assert len(server.requests) == 1
    assert failed.value.failure is Failure.NO_REPLY
    assert (failed.value.transient, failed.value.charged, failed.value.busy) == (transient, charged, False)
    assert str(failed.value).startswith("far: ") and words in str(failed.value)
    assert KEY not in str(failed.value)


async def test_a_busy_server_is_known_as_such_with_the_wait_it_asks_for():
    busy = Reply(status=429, body=error("slow down"), headers={"retry-after": "7"})
    with ScriptedEndpoint(busy) as server, pytest.raises(CallFailed) as failed:
        await ask(server)
    assert (failed.value.busy, failed.value.transient, failed.value.retry_after) == (True, True, 7.0)


async def test_a_server_that_falls_silent_is_given_up_after_the_timeout_and_may_be_asked_again():
    with (
        ScriptedEndpoint(Reply(body="", then="hang")) as server,
        pytest.raises(CallFailed, match="time limit") as failed,
    ):
        await complete(opened(server, timeout=0.2), ASKED, Sampling())
    assert failed.value.transient and failed.value.charged


async def test_a_dead_host_is_unreachable_and_charges_nothing():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CallFailed, match="cannot be reached") as failed:
            await ask(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
    assert failed.value.transient and not failed.value.charged


async def test_a_missing_key_fails_the_call_for_good(monkeypatch):
    monkeypatch.delenv("FAR_KEY", raising=False)
    with ScriptedEndpoint(whole()) as server, pytest.raises(CallFailed, match="FAR_KEY is not set") as failed:
        await complete(opened(server, api_key_env="FAR_KEY"), ASKED, Sampling())
    assert not failed.value.transient and server.requests == []


async def test_an_impossible_sampling_is_refused_before_anything_is_sent():
    with ScriptedEndpoint(whole()) as server, pytest.raises(InvalidInput, match="temperature"):
        await ask(server, Sampling(temperature=-1.0))
    assert server.requests == []


async def test_cancelling_the_question_ends_it_at_once():
    with ScriptedEndpoint(Reply(body="", then="hang")) as server:
        task = asyncio.create_task(ask(server))
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_connections_are_closed_with_their_event_loop(caplog):
    with ScriptedEndpoint(whole()) as server, caplog.at_level(logging.ERROR):
        model = opened(server)
        texts = [asyncio.run(complete(model, ASKED, Sampling())).text for _ in range(3)]
        del model
        gc.collect()
    assert texts == ["[[A]]"] * 3
    assert caplog.text == ""


async def test_connections_are_closed_with_their_model(caplog):
    with ScriptedEndpoint(whole(), Reply()) as server, caplog.at_level(logging.ERROR):
        model = opened(server)
        await complete(model, ASKED, Sampling())
        await collect(model, ASKED, Sampling())
        del model
        gc.collect()
        await asyncio.sleep(0.05)
        gc.collect()
    assert server.connections == 2
    assert caplog.text == ""


async def test_hundreds_at_once_each_get_their_own_reply():
    def echo(seen):
        return whole(seen.body["messages"][0]["content"])

    with ScriptedEndpoint(compute=echo) as server:
        model = opened(server)
        asked = [f"number {index}" for index in range(200)]
        got = await asyncio.gather(*(complete(model, (Message("user", text),), Sampling()) for text in asked))
    assert [one.text for one in got] == asked


async def test_a_model_that_only_streams_gives_its_reply_whole():
    got = await complete(ScriptedModel("near", ("[[", "A]]")), ASKED, Sampling())
    assert (got.text, got.finish_reason, got.completion_tokens, got.prompt_tokens) == (
        "[[A]]",
        "stop",
        2,
        None,
    )


async def test_a_streaming_model_gets_its_own_system_message_and_sampling():
    model = ScriptedModel("near", options={"system": "Be just.", "max_tokens": 3})
    await complete(model, ASKED, Sampling())
    assert model.asked == [(Message("system", "Be just."), *ASKED)]
    assert model.sampled[0].max_tokens == 3


async def test_a_streaming_model_that_fails_or_is_cut_off_fails_the_call():
    for broken in (ScriptedModel("near", failure="it broke"), ScriptedModel("near", reason=None)):
        with pytest.raises(CallFailed) as failed:
            await complete(broken, ASKED, Sampling())
        assert failed.value.failure is Failure.NO_REPLY and not failed.value.transient


async def test_an_empty_reply_of_a_streaming_model_is_left_to_the_reader():
    got = await complete(ScriptedModel("near", ()), ASKED, Sampling())
    assert (got.text, got.finish_reason) == ("", "stop")


async def test_a_recorded_model_replies_with_what_was_recorded():
    pool = ModelPool(lambda name, prompt_id: Answer(name, JSON_REPLY, "stop"))
    model = pool.open(ModelSpec("old", ModelKind.RECORDED))
    got = await complete(model, ASKED, Sampling(), json_schema=SCHEMA)
    assert (json.loads(got.text), got.finish_reason, got.structured) == ({"winner": "a"}, "recorded", True)


@pytest.mark.slow
async def test_local_weights_reply_whole(tiny_model_dir, pool):
    got = await complete(
        pool.open(local("near", tiny_model_dir)), ASKED, Sampling(temperature=0.0, max_tokens=5)
    )
    assert got.finish_reason in ("stop", "length") and got.completion_tokens <= 5


@pytest.mark.parametrize(("options", "seconds"), [({}, 300.0), ({"timeout": 7.0}, 7.0)])
async def test_a_whole_reply_may_be_silent_for_longer_than_a_stream_unless_the_option_says_otherwise(
    monkeypatch, options, seconds
):
    import aiohttp

    timeouts = []
    opening = aiohttp.ClientSession.__init__

    def noted(self, *args, **known):
        timeouts.append(known["timeout"])
        opening(self, *args, **known)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", noted)
    with ScriptedEndpoint(whole()) as server:
        await complete(opened(server, **options), ASKED, Sampling())
    assert (timeouts[0].sock_read, timeouts[0].total) == (seconds, None)
