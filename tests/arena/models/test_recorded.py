import pytest

from arena.errors import ModelFailed
from arena.models import Delta, Finish, ModelPool, collect
from arena.types import Answer, Message, ModelKind, ModelSpec, Prompt, Sampling

PROMPT = Prompt.from_text("Why is the sea salty?")
TEXT = "Rivers carry salt into it, and only the water leaves again. " * 3


def recorded(answers: dict[str, Answer], **options):
    pool = ModelPool(lambda name, prompt_id: answers.get(prompt_id) if name == "old" else None)
    return pool.open(ModelSpec("old", ModelKind.RECORDED, options))


async def test_the_pieces_join_to_the_recorded_text():
    model = recorded({PROMPT.prompt_id: Answer("old", TEXT, tokens=42)})
    events = [event async for event in model.stream(PROMPT.messages, Sampling())]
    assert len(events) > 3
    assert "".join(event.text for event in events if isinstance(event, Delta)) == TEXT
    assert events[-1] == Finish("recorded", 42)


async def test_a_recorded_answer_is_collected_as_it_stands_whatever_the_models_system_message():
    model = recorded({PROMPT.prompt_id: Answer("old", TEXT)}, system="Be brief.")
    answer = await collect(model, PROMPT.messages, Sampling())
    assert (answer.text, answer.finish_reason, answer.error) == (TEXT, "recorded", None)


async def test_a_prompt_without_a_recorded_answer_fails_and_says_so():
    with pytest.raises(ModelFailed, match="no recorded answer to this prompt"):
        await anext(recorded({}).stream(PROMPT.messages, Sampling()))


async def test_a_recorded_failure_stays_a_failure():
    model = recorded({PROMPT.prompt_id: Answer("old", "", error="it timed out")})
    assert "it timed out" in (await collect(model, PROMPT.messages, Sampling())).error


async def test_an_empty_recorded_text_is_a_failed_answer():
    model = recorded({PROMPT.prompt_id: Answer("old", "")})
    assert "empty" in (await collect(model, PROMPT.messages, Sampling())).error


async def test_a_follow_up_gets_the_sentence_about_follow_ups():
    model = recorded({PROMPT.prompt_id: Answer("old", TEXT)})
    talk = (*PROMPT.messages, Message("assistant", TEXT), Message("user", "And lakes?"))
    assert "cannot answer follow-ups" in (await collect(model, talk, Sampling())).error


async def test_a_second_turn_that_was_recorded_is_answered():
    talk = Prompt((*PROMPT.messages, Message("assistant", TEXT), Message("user", "And lakes?")))
    model = recorded({talk.prompt_id: Answer("old", "Some are.")})
    assert (await collect(model, talk.messages, Sampling())).text == "Some are."
