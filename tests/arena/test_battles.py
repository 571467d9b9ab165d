import asyncio
import uuid
from dataclasses import replace

import pytest

from arena.battles import Frame, fight, fight_all, follow_up
from arena.errors import InvalidInput, NotVotable
from arena.models import ModelPool
from arena.types import Answer, Message, ModelKind, ModelSpec, Prompt, Sampling, Voter, VoterKind
from tests.support.scripted_model import ScriptedModel

PROMPT = Prompt.from_text("What is rain?")
FAST = 0.005


async def frames_of(frames) -> list[Frame]:
    return [frame async for frame in frames]


async def fought(model_a, model_b, **known) -> list[Frame]:
    return await frames_of(fight(PROMPT, model_a, model_b, Sampling(), interval_s=FAST, **known))


async def test_the_last_frame_carries_a_votable_battle_with_both_answers():
    battle_id, anna = uuid.uuid4(), Voter(VoterKind.HUMAN, "anna")
    frames = await fought(
        ScriptedModel("a", ("Water ", "falls.")),
        ScriptedModel("b", ("Wet.",)),
        battle_id=battle_id,
        started_by=anna,
    )
    battle = frames[-1].battle
    assert frames[-1].done and all(not frame.done and frame.battle is None for frame in frames[:-1])
    assert (frames[-1].text_a, frames[-1].text_b) == ("Water falls.", "Wet.")
    assert (battle.battle_id, battle.model_a, battle.model_b, battle.started_by) == (
        battle_id,
        "a",
        "b",
        anna,
    )
    assert battle.votable and battle.prompt == PROMPT
    assert battle.conversation("a")[-1] == Message("assistant", "Water falls.")


async def test_both_sides_are_asked_at_the_same_time():
    gate_a, gate_b = asyncio.Event(), asyncio.Event()
    model_a, model_b = ScriptedModel("a", gate=gate_a), ScriptedModel("b", gate=gate_b)
    task = asyncio.create_task(fought(model_a, model_b))
    while not (model_a.asked and model_b.asked):
        await asyncio.sleep(FAST)
    assert not task.done()
    gate_b.set()
    gate_a.set()
    assert (await task)[-1].battle.votable


async def test_a_side_that_has_not_begun_keeps_the_other_covered():
    gate = asyncio.Event()
    frames = fight(PROMPT, ScriptedModel("a"), ScriptedModel("b", gate=gate), Sampling(), interval_s=FAST)
    first = asyncio.create_task(anext(frames))
    await asyncio.sleep(10 * FAST)
    assert not first.done()
    gate.set()
    frame = await first
    assert frame.text_a and frame.text_b
    await frames.aclose()


async def test_no_frame_shows_more_of_the_fast_side_than_of_the_slow_one_while_both_write():
    quick = ScriptedModel("quick", ("word " * 100,))
    slow = ScriptedModel("slow", ("word ",) * 20, pause=FAST)
    frames = await fought(quick, slow)
    growing = [frame for frame in frames if len(frame.text_b) < 100]
    assert len(growing) > 3
    assert all(len(frame.text_a) == len(frame.text_b) for frame in growing)


async def test_a_recorded_answer_is_paced_like_the_one_being_written():
    text = "Clouds cool down and let go of their water. " * 5
    pool = ModelPool(lambda name, prompt_id: Answer(name, text))
    old = pool.open(ModelSpec("old", ModelKind.RECORDED))
    live = ScriptedModel("live", [text[i : i + 4] for i in range(0, len(text), 4)], pause=0.001)
    frames = await fought(old, live)
    assert all(frame.text_a == frame.text_b for frame in frames)
    assert len(frames) > 5


@pytest.mark.parametrize(
    "silent", [{"failure": "the server is gone"}, {"pieces": ()}, {"reason": "content_filter"}]
)
async def test_a_failed_side_is_kept_with_its_error_and_the_battle_takes_no_vote(silent):
    frames = await fought(ScriptedModel("a"), ScriptedModel("b", **silent))
    battle = frames[-1].battle
    assert not battle.votable
    assert battle.turns[0].answer_a.error is None and battle.turns[0].answer_a.text == "Hello there."
    assert battle.turns[0].answer_b.failed


async def test_two_failed_sides_still_make_a_battle():
    frames = await fought(ScriptedModel("a", (), failure="x"), ScriptedModel("b", (), failure="y"))
    assert len(frames) == 1 and frames[0].done
    assert [frames[0].battle.turns[0].answer_a.error, frames[0].battle.turns[0].answer_b.error] == ["x", "y"]


async def test_closing_the_frames_stops_both_models():
    models = [ScriptedModel(name, ("word ",) * 1000, pause=FAST) for name in "ab"]
    frames = fight(PROMPT, *models, Sampling(), interval_s=FAST)
    await anext(frames)
    await frames.aclose()
    assert [model.stopped for model in models] == [1, 1]


async def test_cancelling_the_reader_stops_both_models():
    models = [ScriptedModel(name, gate=asyncio.Event()) for name in "ab"]
    task = asyncio.create_task(fought(*models))
    while not all(model.asked for model in models):
        await asyncio.sleep(FAST)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [model.stopped for model in models] == [1, 1]


async def test_impossible_sampling_reaches_the_caller_and_stops_both_models():
    with pytest.raises(InvalidInput, match="top_p"):
        await frames_of(
            fight(PROMPT, ScriptedModel("a"), ScriptedModel("b"), Sampling(top_p=0), interval_s=FAST)
        )


async def test_a_follow_up_goes_to_each_side_in_its_own_conversation():
    model_a, model_b = ScriptedModel("a", ("It falls.",)), ScriptedModel("b", ("It drips.",))
    battle = (await fought(model_a, model_b))[-1].battle
    frames = await frames_of(follow_up(battle, "Where?", model_a, model_b, Sampling(), interval_s=FAST))
    longer = frames[-1].battle
    assert len(longer.turns) == 2 and longer.turns[1].user == "Where?" and longer.votable
    assert longer.battle_id == battle.battle_id
    for model, said in ((model_a, "It falls."), (model_b, "It drips.")):
        assert [message.content for message in model.asked[1]] == ["What is rain?", said, "Where?"]


async def test_a_follow_up_to_a_recorded_model_fails_and_says_why():
    pool = ModelPool(
        lambda name, prompt_id: Answer(name, "Water.") if prompt_id == PROMPT.prompt_id else None
    )
    old, live = pool.open(ModelSpec("old", ModelKind.RECORDED)), ScriptedModel("live")
    battle = (await fought(old, live))[-1].battle
    longer = (await frames_of(follow_up(battle, "Why?", old, live, Sampling(), interval_s=FAST)))[-1].battle
    assert battle.votable and not longer.votable
    assert "follow-ups" in longer.turns[1].answer_a.error
    assert longer.turns[1].answer_b.error is None


async def test_follow_ups_that_make_no_sense_are_refused_with_a_sentence():
    model_a, model_b = ScriptedModel("a"), ScriptedModel("b")
    battle = (await fought(model_a, model_b))[-1].battle
    with pytest.raises(InvalidInput, match="empty"):
        follow_up(battle, "  ", model_a, model_b, Sampling())
    with pytest.raises(InvalidInput, match="order they were shown"):
        follow_up(battle, "Why?", model_b, model_a, Sampling())
    failed = replace(battle, turns=(replace(battle.turns[0], answer_a=Answer("a", "", error="gone")),))
    with pytest.raises(NotVotable, match="no follow-up"):
        follow_up(failed, "Why?", model_a, model_b, Sampling())


async def test_many_battles_come_back_in_order_and_none_is_lost_to_a_failure():
    good, bad = ScriptedModel("good"), ScriptedModel("bad", failure="always")
    prompts = [Prompt.from_text(f"Question {index}") for index in range(7)]
    ended = []
    battles = await fight_all(
        [(prompt, good, bad if index % 2 else good) for index, prompt in enumerate(prompts)],
        Sampling(),
        concurrency=3,
        on_done=ended.append,
    )
    assert [battle.prompt for battle in battles] == prompts
    assert [battle.votable for battle in battles] == [index % 2 == 0 for index in range(7)]
    assert {battle.battle_id for battle in ended} == {battle.battle_id for battle in battles}


async def test_only_so_many_battles_are_fought_at_once():
    gate = asyncio.Event()
    model = ScriptedModel("m", gate=gate)
    task = asyncio.create_task(fight_all([(PROMPT, model, model)] * 6, Sampling(), concurrency=2))
    await asyncio.sleep(20 * FAST)
    assert len(model.asked) == 4
    gate.set()
    assert len(await task) == 6 and len(model.asked) == 12


async def test_a_seed_gives_every_side_of_every_battle_its_own_and_the_same_again():
    drawn = []
    for _ in range(2):
        model = ScriptedModel("m")
        await fight_all([(PROMPT, model, model)] * 4, Sampling(seed=5))
        drawn.append({sampling.seed for sampling in model.sampled})
    assert len(drawn[0]) == 8 and drawn[0] == drawn[1]


async def test_no_battles_at_once_is_refused():
    with pytest.raises(InvalidInput, match="concurrency is 0"):
        await fight_all([], Sampling(), concurrency=0)
