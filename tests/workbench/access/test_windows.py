"""Moving windows, against a plain list of all events."""

import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from workbench.access.windows import Windows


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_are_counted_and_the_next_waits_for_the_oldest():
    clock = Clock()
    windows = Windows(60, clock)
    assert windows.hit("a", 2) is None
    clock.now += 10
    assert windows.hit("a", 2) is None
    clock.now += 5
    assert windows.hit("a", 2) == 45
    assert windows.hit("b", 2) is None
    clock.now += 45
    assert windows.hit("a", 2) is None
    assert windows.hit("a", 2) == 10


def test_what_was_refused_does_not_count():
    clock = Clock()
    windows = Windows(60, clock)
    windows.hit("a", 1)
    for _ in range(100):
        clock.now += 0.5
        windows.hit("a", 1)
    clock.now += 10
    assert windows.hit("a", 1) is None


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 40, width=16)), max_size=60), st.integers(1, 4)
)
def test_a_window_counts_what_a_list_of_all_events_would(steps, amount):
    clock, counted = Clock(), []
    windows = Windows(60, clock)
    for key, pause in steps:
        clock.now += pause
        recent = [at for name, at in counted if name == key and at > clock.now - 60]
        if len(recent) < amount:
            counted.append((key, clock.now))
            assert windows.hit(key, amount) is None
        else:
            assert windows.hit(key, amount) == recent[-amount] + 60 - clock.now


def test_quiet_keys_are_dropped():
    clock = Clock()
    windows = Windows(60, clock)
    for number in range(1000):
        windows.hit(f"old {number}", 5)
    clock.now += 61
    for number in range(600):
        windows.hit(f"new {number}", 5)
    assert len(windows) == 600


def test_many_threads_together_get_exactly_as_many_as_allowed():
    windows = Windows()
    start = threading.Barrier(8)

    def knock(_: int) -> int:
        start.wait()
        return sum(windows.hit("door", 50) is None for _ in range(40))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(knock, range(8))) == 50
