import asyncio
import threading

import pytest

from arena.errors import ModelFailed
from arena.models import Delta, Finish, ModelPool, collect
from arena.models.engine import Engine
from arena.models.loading import BaseKey, base_key
from arena.models.local import LocalModel
from arena.models.rounds import run_round
from arena.types import Answer, Message, Sampling
from tests.arena.models.conftest import local

GREEDY = Sampling(temperature=0.0, max_tokens=40)


def asked(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


async def say(model, text: str = "Hello", sampling: Sampling = GREEDY) -> Answer:
    answer = await collect(model, asked(text), sampling)
    assert answer.error is None, answer.error
    return answer


async def test_a_local_model_answers_with_its_chat_template_as_plain_generation_does(pool, tiny_model_dir):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model_dir)
    model = AutoModelForCausalLM.from_pretrained(tiny_model_dir)
    prompt = tokenizer("<|user|>Hello<|end|><|assistant|>", return_tensors="pt")
    tokens = model.generate(**prompt, max_new_tokens=40, do_sample=False)[0, prompt["input_ids"].shape[1] :]
    expected = tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    answer = await say(pool.open(local("tiny", tiny_model_dir)))
    assert answer.text == expected
    assert answer.tokens == len(tokens)
    assert answer.finish_reason == ("stop" if tokens[-1] == tokenizer.eos_token_id else "length")


async def test_streamed_pieces_join_to_the_whole_answer_and_come_one_by_one(pool, tiny_model_dir):
    model = pool.open(local("tiny", tiny_model_dir))
    whole = await say(model)
    events = [event async for event in model.stream(asked("Hello"), GREEDY)]
    assert "".join(event.text for event in events if isinstance(event, Delta)) == whole.text
    assert isinstance(events[-1], Finish) and len(events) > 3


async def test_two_adapters_and_their_base_in_one_batch_answer_as_each_does_alone(
    pool, tiny_model_dir, adapters
):
    one, two = (
        local(name, tiny_model_dir, adapter=str(path))
        for name, path in zip(("one", "two"), adapters, strict=True)
    )
    models = [pool.open(spec) for spec in (local("base", tiny_model_dir), one, two)]
    questions = ["Hello", "A rather longer question, so that rows are padded", "Yes?"]
    alone = [(await say(model, text)).text for text in questions for model in models]
    rounds = models[0].engine.stats.rounds
    together = await asyncio.gather(*(say(model, text) for text in questions for model in models))
    assert [answer.text for answer in together] == alone
    assert len({alone[0], alone[1], alone[2]}) == 3, (
        "the adapters must change the answer for this test to say anything"
    )
    stats = models[0].engine.stats
    assert (stats.loads, stats.largest_batch) == (1, 9)
    assert stats.rounds - rounds < 9


async def test_an_adapter_alone_answers_as_peft_does(pool, tiny_model_dir, adapters):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model_dir)
    adapted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_model_dir), adapters[0])
    prompt = tokenizer("<|user|>Hello<|end|><|assistant|>", return_tensors="pt")
    tokens = adapted.generate(**prompt, max_new_tokens=40, do_sample=False)[0, prompt["input_ids"].shape[1] :]
    answer = await say(pool.open(local("one", tiny_model_dir, adapter=str(adapters[0]))))
    assert answer.text == tokenizer.decode(
        tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
    )


async def test_three_specs_of_one_base_share_one_engine_and_one_load(pool, tiny_model_dir, adapters):
    specs = [
        local("base", tiny_model_dir),
        local("one", tiny_model_dir / ".." / tiny_model_dir.name, adapter=str(adapters[0])),
        local("two", tiny_model_dir, adapter=str(adapters[1])),
    ]
    models = [pool.open(spec) for spec in specs]
    await asyncio.gather(*(say(model) for model in models))
    assert models[0].engine is models[1].engine is models[2].engine
    assert models[0].engine.stats.loads == 1


async def test_a_seed_gives_the_same_answer_alone_and_in_company(pool, tiny_model_dir):
    model = pool.open(local("tiny", tiny_model_dir))
    seeded = Sampling(temperature=1.0, top_p=0.9, max_tokens=30, seed=11)
    alone = await say(model, "Hello", seeded)
    company = [say(model, f"Question {index}", Sampling(max_tokens=30)) for index in range(5)]
    again, *_ = await asyncio.gather(say(model, "Hello", seeded), *company)
    other = await say(model, "Hello", Sampling(temperature=1.0, top_p=0.9, max_tokens=30, seed=12))
    assert alone.text == again.text != other.text


async def test_each_row_of_a_batch_ends_at_its_own_limit(pool, tiny_model_dir):
    model = pool.open(local("tiny", tiny_model_dir))
    limits = [1, 7, 30]
    whole = await say(model, "Hello", Sampling(temperature=0.0, max_tokens=30))
    answers = await asyncio.gather(
        *(say(model, "Hello", Sampling(0.0, max_tokens=limit)) for limit in limits)
    )
    assert [answer.tokens for answer in answers] == [min(limit, whole.tokens) for limit in limits]
    assert answers[0].finish_reason == "length"
    assert whole.text.startswith(answers[1].text.rstrip("\ufffd"))


async def test_someone_who_comes_later_is_answered_before_a_long_answer_ends(tiny_model_dir):
    engine = Engine(base_key(str(tiny_model_dir), four_bit=False, dtype="auto", device="cpu"))
    model = LocalModel(local("tiny", tiny_model_dir), lambda key: engine)
    long = Sampling(temperature=1.0, max_tokens=230, seed=4)
    alone = await say(model, "Tell me all", long)
    assert alone.tokens > 100, "the long answer must be long for this test to say anything"
    order: list[str] = []

    async def finish(name: str, text: str, sampling: Sampling) -> Answer:
        answer = await say(model, text, sampling)
        order.append(name)
        return answer

    begun = asyncio.Event()
    first = asyncio.create_task(collect(model, asked("Tell me all"), long, lambda piece: begun.set()))
    first.add_done_callback(lambda task: order.append("long"))
    await begun.wait()
    await finish("short", "Hello", Sampling(temperature=0.0, max_tokens=3))
    assert (await first).text == alone.text, "an answer goes on from where a round ended"
    assert order == ["short", "long"]
    engine.close()


async def test_a_batch_larger_than_the_limit_is_answered_in_turns(tiny_model_dir):
    engine = Engine(base_key(str(tiny_model_dir), four_bit=False, dtype="auto", device="cpu"), max_batch=3)
    model = LocalModel(local("tiny", tiny_model_dir), lambda key: engine)
    alone = await say(model, "Question 3")
    answers = await asyncio.gather(*(say(model, f"Question {index}") for index in range(10)))
    assert answers[3].text == alone.text
    assert engine.stats.largest_batch == 3
    engine.close()


async def test_leaving_an_answer_frees_the_engine_for_the_next(pool, tiny_model_dir):
    model = pool.open(local("tiny", tiny_model_dir))
    stream = model.stream(asked("Tell me all"), Sampling(temperature=1.0, max_tokens=230, seed=4))
    await anext(stream)
    await stream.aclose()
    before = model.engine.stats.rounds
    answer = await say(model, "Hello", Sampling(temperature=0.0, max_tokens=3))
    assert answer.tokens == 3
    assert model.engine.stats.largest_batch == 1, (
        "the abandoned row must not be written on beside the new one"
    )
    assert model.engine.stats.rounds == before + 1


async def test_a_cancelled_question_that_still_waits_is_never_asked(tiny_model_dir):
    engine = Engine(base_key(str(tiny_model_dir), four_bit=False, dtype="auto", device="cpu"))
    model = LocalModel(local("tiny", tiny_model_dir), lambda key: engine)
    task = asyncio.create_task(collect(model, asked("Hello"), GREEDY))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await say(model)
    assert engine.stats.largest_batch == 1
    engine.close()


async def test_four_bit_weights_load_and_answer(pool, tiny_model_dir, adapters):
    quantised = pool.open(local("small", tiny_model_dir, four_bit=True))
    adapted = pool.open(local("small one", tiny_model_dir, four_bit=True, adapter=str(adapters[0])))
    full = pool.open(local("tiny", tiny_model_dir))
    answer, other = await asyncio.gather(say(quantised), say(adapted))
    assert answer.text and other.text and answer.text != other.text
    assert quantised.engine is adapted.engine is not full.engine
    layers = {type(module).__name__ for module in quantised.engine._base.model.modules()}
    assert "Linear4bit" in layers


async def test_a_conversation_longer_than_the_model_reads_is_refused(pool, tiny_model_dir):
    answer = await collect(pool.open(local("tiny", tiny_model_dir)), asked("x" * 300), GREEDY)
    assert "at most 256" in answer.error and "shorten" in answer.error


async def test_an_answer_never_runs_past_the_models_context(pool, tiny_model_dir):
    answer = await say(pool.open(local("tiny", tiny_model_dir)), "x" * 240, Sampling(0.0, max_tokens=1000))
    assert answer.tokens <= 16 and answer.finish_reason in ("stop", "length")


async def test_a_bad_conversation_does_not_harm_its_companions(pool, tiny_model_dir):
    model = pool.open(local("tiny", tiny_model_dir))
    good, bad = await asyncio.gather(
        collect(model, asked("Hello"), GREEDY), collect(model, asked("x" * 300), GREEDY)
    )
    assert good.error is None and bad.failed


def test_one_model_answers_in_several_event_loops_and_threads_at_once(pool, tiny_model_dir):
    model = pool.open(local("tiny", tiny_model_dir))
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(asyncio.run(say(model)).text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 4 and len(set(texts)) == 1
    assert model.engine.stats.loads == 1


async def test_closing_the_pool_ends_answers_under_way_with_a_sentence_and_frees_the_weights(tiny_model_dir):
    pool = ModelPool(lambda name, prompt_id: None)
    model = pool.open(local("tiny", tiny_model_dir))
    engine = model.engine
    begun = asyncio.Event()
    long = Sampling(temperature=1.0, max_tokens=230, seed=4)
    task = asyncio.create_task(collect(model, asked("Tell me all"), long, lambda piece: begun.set()))
    await begun.wait()
    await asyncio.to_thread(pool.close)
    assert "closed" in (await task).error
    assert engine._base is None
    with pytest.raises(ModelFailed, match="closed"):
        engine.submit(None)


async def test_the_same_spec_opens_the_same_model_and_a_changed_one_another(pool, tiny_model_dir):
    first = pool.open(local("tiny", tiny_model_dir))
    assert pool.open(local("tiny", tiny_model_dir)) is first
    changed = pool.open(local("tiny", tiny_model_dir, max_tokens=2))
    assert changed is not first and changed.engine is first.engine
    assert (await say(changed)).tokens == 2


def test_opening_loads_nothing(pool, tiny_model_dir, tmp_path):
    assert pool.open(local("tiny", tiny_model_dir)).engine.stats.loads == 0
    pool.open(local("missing", tmp_path / "missing"))


def test_two_spellings_of_a_folder_are_one_base(tiny_model_dir, monkeypatch):
    monkeypatch.chdir(tiny_model_dir.parent)
    keys = {
        base_key(path, four_bit=False, dtype="auto", device="cpu") for path in ("tiny", str(tiny_model_dir))
    }
    assert keys == {BaseKey(str(tiny_model_dir.resolve()), False, "auto", "cpu")}


@pytest.fixture
def scarce(monkeypatch):
    """An accelerator whose memory holds two rows: the real round, refused when it is larger."""
    import torch

    def refusing(base, rows, interrupted):
        if len(rows) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        run_round(base, rows, interrupted)

    monkeypatch.setattr("arena.models.engine.run_round", refusing)


async def test_a_batch_that_does_not_fit_into_memory_is_answered_in_smaller_ones(
    scarce, pool, tiny_model_dir
):
    model = pool.open(local("tiny", tiny_model_dir))
    answers = await asyncio.gather(*(say(model, f"Question {index}") for index in range(9)))
    assert answers[4].text == (await say(model, "Question 4")).text


async def test_a_failing_round_ends_its_answers_with_a_sentence_and_the_next_one_works(
    pool, tiny_model_dir, monkeypatch
):
    def failing(base, rows, interrupted):
        monkeypatch.undo()
        raise RuntimeError("the accelerator fell off")

    model = pool.open(local("tiny", tiny_model_dir))
    monkeypatch.setattr("arena.models.engine.run_round", failing)
    answer = await collect(model, asked("Hello"), GREEDY)
    assert "tiny: " in answer.error and "the accelerator fell off" in answer.error
    assert (await say(model)).text
