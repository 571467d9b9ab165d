"""Figures kept with their state: never old where counting is quick, never waited for where it is slow."""

import threading
import time

import pytest

from workbench.recent import Recent


def busy(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_a_figure_of_the_same_state_is_counted_once():
    recent, calls = Recent(), []
    for _ in range(3):
        assert recent.get("key", 1, lambda: calls.append(1) or len(calls)) == 1


def test_a_quick_figure_is_counted_again_before_it_is_shown():
    recent = Recent()
    assert [recent.get("key", state, lambda state=state: state * 10) for state in (1, 2, 2, 1)] == [
        10,
        20,
        20,
        10,
    ]


def test_a_slow_figure_is_shown_as_it_was_and_counted_behind():
    recent, go_on = Recent(patience_s=0.01), threading.Event()

    def slow(value: str) -> str:
        busy(0.03)
        return value

    def waiting() -> str:
        go_on.wait(10)
        return slow("new")

    assert recent.get("key", 1, lambda: slow("old")) == "old"
    assert recent.get("key", 2, waiting) == "old"
    assert recent.get("key", 2, waiting) == "old"
    go_on.set()
    recent.wait()
    assert recent.get("key", 2, pytest.fail) == "new"


def test_an_error_behind_reaches_whoever_asks_next():
    recent = Recent(patience_s=0.0)

    def broken() -> str:
        raise ValueError("no disk")

    recent.get("key", 1, lambda: busy(0.01))
    recent.get("key", 2, broken)
    recent.wait()
    with pytest.raises(ValueError, match="no disk"):
        recent.get("key", 2, broken)


def test_many_who_ask_at_once_have_it_counted_once():
    recent, calls, start = Recent(), [], threading.Barrier(6)

    def count() -> int:
        calls.append(1)
        time.sleep(0.05)
        return 7

    def ask() -> None:
        start.wait()
        assert recent.get("key", 1, count) == 7

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert calls == [1]


def test_the_figures_longest_unused_are_forgotten():
    recent, calls = Recent(limit=2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        recent.get(key, 1, lambda key=key: calls.append(key))
    assert calls == ["a", "b", "c", "b"]


def test_nothing_begins_behind_once_closed():
    recent = Recent(patience_s=0.0)
    recent.get("key", 1, lambda: busy(0.01))
    recent.close()
    assert recent.get("key", 2, pytest.fail) is None
    recent.wait()


def test_what_is_of_a_state_before_is_known_while_the_next_is_counted():
    recent, go = Recent(patience_s=0.0), threading.Event()
    recent.get(("slow", 1), 1, lambda: busy(0.01))
    assert not recent.behind(["slow"])
    recent.get(("slow", 1), 2, lambda: go.wait(10))
    assert recent.behind(["slow", "other"]) and not recent.behind(["other"])
    go.set()
    recent.wait()
    assert not recent.behind(["slow"])


def test_the_background_gives_way_while_screens_ask():
    recent, calls = Recent(patience_s=0.0, pause_s=60.0), []
    recent.get("key", 1, lambda: busy(0.01))
    recent.get("key", 2, lambda: calls.append(2))
    time.sleep(0.2)
    assert not calls and recent.get("key", 3, lambda: calls.append(3)) is None
    recent.wait()
    assert calls == [3]


def test_one_figure_is_counted_behind_at_a_time():
    recent, under_way, most = Recent(patience_s=0.0, pause_s=0.0), [], []

    def count(key: int) -> None:
        under_way.append(key)
        most.append(len(under_way))
        time.sleep(0.01)
        under_way.remove(key)

    for key in range(5):
        recent.get(key, 1, lambda: busy(0.01))
    for key in range(5):
        recent.get(key, 2, lambda key=key: count(key))
    recent.wait()
    assert most == [1] * 5


def test_a_figure_rests_nine_times_as_long_as_it_took():
    recent, counted = Recent(patience_s=0.0, pause_s=0.0), threading.Event()
    recent.get("key", 1, lambda: busy(0.03))
    begun = time.monotonic()
    recent.get("key", 2, lambda: counted.set())
    assert counted.wait(10) and time.monotonic() - begun >= 0.25


def test_a_closed_cache_leaves_nothing_waiting():
    recent = Recent(patience_s=0.0, pause_s=60.0)
    recent.get("key", 1, lambda: busy(0.01))
    recent.get("key", 2, pytest.fail)
    recent.close()
    recent.wait()
    assert not recent.behind(["key"])
