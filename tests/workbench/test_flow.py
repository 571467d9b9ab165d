"""Many requests at once, kept in groups."""

import asyncio
import threading

import pytest

from arena.errors import StoreFailed
from workbench.verbs.flow import MOST_TOGETHER, flow


def run(items, slots, make, keep, **more):
    asyncio.run(flow(items, slots, make, keep, **more))


def test_everything_is_made_and_kept_once_by_so_many_at_a_time():
    kept, most, now = [], 0, 0

    async def make(item):
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return item * 2

    run(range(1000), 7, make, kept.extend)
    assert sorted(kept) == [2 * n for n in range(1000)]
    assert most == 7


def test_results_are_kept_together_while_others_are_being_kept():
    groups = []

    async def make(item):
        return item

    run(range(2000), 50, make, groups.append)
    assert sum(map(len, groups)) == 2000
    assert max(map(len, groups)) <= MOST_TOGETHER
    assert len(groups) < 200


def test_after_a_stop_nothing_new_is_made_and_what_was_begun_is_kept():
    stop, kept, begun = threading.Event(), [], []

    async def make(item):
        begun.append(item)
        if item == 10:
            stop.set()
        await asyncio.sleep(0.001)
        return item

    run(range(1000), 4, make, kept.extend, stop=stop)
    assert sorted(kept) == sorted(begun)
    assert len(begun) < 20


@pytest.mark.parametrize("broken", ["make", "keep"])
def test_the_first_error_ends_it_as_itself(broken):
    async def make(item):
        if broken == "make" and item == 5:
            raise StoreFailed("full")
        await asyncio.sleep(0)
        return item

    def keep(results):
        if broken == "keep":
            raise StoreFailed("full")

    with pytest.raises(StoreFailed, match="full"):
        run(range(100), 3, make, keep)


def test_nothing_to_do_is_done_at_once():
    async def make(item):
        raise AssertionError

    run([], 3, make, lambda results: None)
