import time

from judges.call_progress import Pace
from judges.slots import Slots


def test_all_slots_are_used_while_refusals_are_rare():
    slots = Slots(64)
    for reply in range(1000):
        slots.answered(busy=reply % 50 == 0, pause=1.0)
        assert slots.limit == 64 and slots.free(63)
    assert not slots.free(64)


def test_the_first_refusals_of_a_run_change_nothing():
    slots = Slots(64)
    for _ in range(7):
        slots.answered(busy=True, pause=60.0)
    assert slots.limit == 64 and slots.free(0)


def test_many_refusals_halve_the_slots_and_hold_everything_back_for_the_wait_that_was_asked_for():
    slots = Slots(64)
    for _ in range(8):
        slots.answered(busy=True, pause=0.2)
    assert slots.limit == 32 and not slots.free(0)
    time.sleep(0.25)
    assert slots.free(31) and not slots.free(32)


def test_one_slot_is_always_left():
    slots = Slots(4)
    for _ in range(100):
        slots.answered(busy=True, pause=0.0)
    assert slots.limit == 1 and slots.free(0)


def test_slots_come_back_one_for_each_round_of_good_replies():
    slots = Slots(8)
    for _ in range(16):
        slots.answered(busy=True, pause=0.0)
    assert slots.limit == 2
    for _ in range(2 + 3 + 4):
        slots.answered(busy=False)
    assert slots.limit == 5
    for _ in range(1000):
        slots.answered(busy=False)
    assert slots.limit == 8


def test_the_pace_is_unknown_before_anything_happens_and_then_counts_what_did():
    pace = Pace()
    assert pace.rate() is None
    time.sleep(0.1)
    pace.add(10)
    assert 10 < pace.rate() <= 100
