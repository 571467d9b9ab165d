import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from arena.judgments import Failure, JudgeCall
from arena.store import Store
from arena.types import Message

ASKED = (Message("system", "You judge. Grüße, 你好"), Message("user", 'A or B?\n"quoted"'))
MOMENT = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)


def call(key: str = "k1", attempt: int = 1, **known) -> JudgeCall:
    given = {"reply": "[[A]]", "reading": {"winner": "model_a"}, "created_at": MOMENT, **known}
    return JudgeCall(key, attempt, "judy", "f1", ASKED, **given)


def failed(key: str = "k1", attempt: int = 1, failure: Failure = Failure.NO_REPLY, **known) -> JudgeCall:
    given = {"reply": None, "reading": None, "failure": failure, "detail": "the server failed", **known}
    return call(key, attempt, **given)


def test_a_call_comes_back_as_it_was_stored(store):
    whole = call(
        finish_reason="stop",
        prompt_tokens=12,
        completion_tokens=3,
        cost=0.00015,
        seconds=1.25,
        reply="Ünï\n[[A]]",
    )
    without = failed("k2", detail='it said "no"')
    store.judgments.add_calls([whole, without])
    assert store.judgments.calls(["k1", "k2", "never asked"]) == [whole, without]


def test_calls_survive_closing_the_store(path):
    with Store.open(path) as store:
        store.judgments.add_calls([call()])
    with Store.open(path) as store:
        assert store.judgments.calls(["k1"]) == [call()]


def test_the_attempts_of_a_key_come_in_order(store):
    store.judgments.add_calls([failed(attempt=2), failed(attempt=1), call(attempt=3)])
    assert [stored.attempt for stored in store.judgments.calls(["k1"])] == [1, 2, 3]


def test_what_is_known_of_a_key_is_its_newest_reading_and_its_latest_attempt(store):
    store.judgments.add_calls(
        [
            call("twice", 1, reading={"winner": "tie"}),
            call("twice", 2, reading={"winner": "model_b"}),
            failed("twice", 3),
            failed("never read", 1),
            failed("never read", 2, Failure.UNREADABLE, reply="?"),
        ]
    )
    known = store.judgments.known(["twice", "never read", "never asked"])
    assert set(known) == {"twice", "never read"}
    assert (known["twice"].reading, known["twice"].attempt) == ({"winner": "model_b"}, 3)
    assert (known["never read"].reading, known["never read"].attempt) == (None, 2)
    assert store.judgments.readings(["twice", "never read"]) == {"twice": {"winner": "model_b"}}


def test_an_attempt_that_another_run_stored_meanwhile_keeps_its_number(store):
    store.judgments.add_calls([failed(attempt=1)])
    store.judgments.add_calls([call("other"), failed(attempt=1, detail="second"), call(attempt=2)])
    assert [(c.attempt, c.detail) for c in store.judgments.calls(["k1"])] == [
        (1, "the server failed"),
        (2, "second"),
        (3, None),
    ]
    assert len(store.judgments.calls(["other"])) == 1


def test_a_call_with_neither_reading_nor_failure_is_refused_whole(store):
    import duckdb

    with pytest.raises(duckdb.ConstraintException):
        store.judgments.add_calls([call("good"), replace(call("bad"), reading=None)])
    assert store.judgments.calls(["good", "bad"]) == []


def test_what_a_judge_has_spent_is_summed_and_averaged_over_calls_that_told_their_tokens(store):
    asked = (Message("user", "x" * 30), Message("user", "é" * 10))
    store.judgments.add_calls(
        [
            replace(call("a", prompt_tokens=8, completion_tokens=5, cost=0.5, seconds=2.0), messages=asked),
            replace(
                call("b", prompt_tokens=12, completion_tokens=15, cost=0.25, seconds=4.0), messages=asked
            ),
            replace(failed("c", seconds=100.0), messages=asked),
            replace(call("d", prompt_tokens=99, completion_tokens=99), judge="other"),
        ]
    )
    spent = store.judgments.spent("judy")
    assert (spent.calls, spent.prompt_tokens, spent.completion_tokens, spent.cost) == (3, 20, 20, 0.75)
    assert spent.characters_a_prompt_token == 4.0
    assert spent.completion_tokens_a_call == 10.0
    assert spent.seconds_a_call == 3.0
    assert store.judgments.spent().calls == 4


def test_a_judge_that_never_called_has_spent_nothing_and_has_no_averages(store):
    spent = store.judgments.spent("nobody")
    assert (spent.calls, spent.prompt_tokens, spent.cost) == (0, 0, 0)
    assert spent.characters_a_prompt_token is None and spent.completion_tokens_a_call is None


def test_threads_store_and_read_calls_at_the_same_time(store):
    errors: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for index in range(20):
                key = f"{name} {index}"
                store.judgments.add_calls([call(key)])
                assert store.judgments.readings([key]) == {key: {"winner": "model_a"}}
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.judgments.spent().calls == 160
