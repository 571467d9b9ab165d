import asyncio

import pytest

from arena.errors import InvalidInput
from arena.models import collect
from arena.types import Message, Sampling
from tests.support.scripted_model import ScriptedModel

ASKED = (Message("user", "Hi"),)


async def test_pieces_are_reported_as_they_come_and_join_to_the_answer():
    heard: list[str] = []
    answer = await collect(ScriptedModel("m", ("a", "b", "c")), ASKED, Sampling(), heard.append)
    assert heard == ["a", "b", "c"]
    assert (answer.model, answer.text, answer.tokens, answer.error) == ("m", "abc", 3, None)


async def test_a_failure_is_kept_with_what_was_said_before_it():
    answer = await collect(ScriptedModel("m", ("half",), failure="the power went out"), ASKED, Sampling())
    assert (answer.text, answer.error) == ("half", "the power went out")


async def test_an_answer_without_an_end_is_a_failed_answer():
    answer = await collect(ScriptedModel("m", reason=None), ASKED, Sampling())
    assert answer.failed and "without a finish reason" in answer.error


async def test_an_unknown_end_is_a_failed_answer_that_names_it():
    answer = await collect(ScriptedModel("m", reason="tool_calls"), ASKED, Sampling())
    assert answer.failed and "tool_calls" in answer.error


@pytest.mark.parametrize("pieces", [(), ("",), (" \n",)])
async def test_an_empty_answer_is_a_failed_answer(pieces):
    assert "empty" in (await collect(ScriptedModel("m", pieces), ASKED, Sampling())).error


async def test_the_models_own_settings_are_used_and_stored_with_the_answer():
    model = ScriptedModel("m", options={"temperature": 0.1, "system": "Be brief."})
    answer = await collect(model, ASKED, Sampling(temperature=0.9, max_tokens=5, seed=1))
    assert model.asked == [(Message("system", "Be brief."), *ASKED)]
    assert model.sampled == [Sampling(0.1, 1.0, 5, 1)]
    assert answer.sampling == {"temperature": 0.1, "top_p": 1.0, "max_tokens": 5, "seed": 1}


async def test_the_models_system_message_and_the_prompts_become_one():
    model = ScriptedModel("m", options={"system": "Be brief."})
    await collect(model, (Message("system", "You are a poet."), *ASKED), Sampling())
    assert model.asked == [(Message("system", "Be brief.\n\nYou are a poet."), *ASKED)]


async def test_impossible_sampling_is_the_callers_error_and_not_a_failed_answer():
    with pytest.raises(InvalidInput, match="max_tokens is 0"):
        await collect(ScriptedModel("m"), ASKED, Sampling(max_tokens=0))


async def test_a_cancelled_question_stops_the_model():
    model = ScriptedModel("m", gate=asyncio.Event())
    task = asyncio.create_task(collect(model, ASKED, Sampling()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.stopped == 1
