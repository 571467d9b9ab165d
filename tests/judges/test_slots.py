import time

from judges.call_progress import Pace
from judges.slots import Slots


def refuse(slots: Slots, times: int, in_flight: int = 0, pause: float = 0.0) -> None:
    for _ in range(times):
        slots.answered(in_flight, busy=True, pause=pause)


def serve(slots: Slots, times: int, in_flight: int = 0) -> None:
    for _ in range(times):
        slots.answered(in_flight, busy=False)


def test_all_slots_are_used_while_refusals_are_rare():
    slots = Slots(64)
    for reply in range(1000):
        slots.answered(63, busy=reply % 50 == 0, pause=1.0)
        assert slots.limit == 64 and slots.free(63)
    assert not slots.free(64)


def test_refusals_that_come_before_the_first_replies_change_nothing():
    slots = Slots(256)
    refuse(slots, 12, in_flight=244, pause=60.0)
    assert slots.limit == 256 and slots.free(244)


def test_a_few_refusals_are_too_few_to_judge_by():
    slots = Slots(4)
    refuse(slots, 7, pause=60.0)
    assert slots.limit == 4 and slots.free(0)


def test_many_refusals_halve_the_slots_and_hold_everything_back_for_the_wait_that_was_asked_for():
    slots = Slots(64)
    refuse(slots, 8, pause=0.2)
    assert slots.limit == 32 and not slots.free(0)
    time.sleep(0.25)
    assert slots.free(31) and not slots.free(32)


def test_a_burst_that_is_turned_away_is_noticed_before_all_of_it_has_come_back():
    slots = Slots(256)
    for turned_away in range(256):
        slots.answered(255 - turned_away, busy=True, pause=5.0)
        if slots.limit < 256:
            break
    assert turned_away < 80 and not slots.free(0)


def test_one_slot_is_always_left():
    slots = Slots(4)
    refuse(slots, 100)
    assert slots.limit == 1 and slots.free(0)


def test_slots_come_back_by_rounds_of_good_replies():
    slots = Slots(64)
    refuse(slots, 24)
    assert slots.limit == 8
    serve(slots, 8)
    assert slots.limit == 10
    slots.answered(5, busy=True, pause=0.0)
    serve(slots, 10)
    assert slots.limit == 12
    serve(slots, 1000)
    assert slots.limit == 64


def test_the_pace_is_unknown_before_anything_happens_and_then_counts_what_did():
    pace = Pace()
    assert pace.rate() is None
    time.sleep(0.1)
    pace.add(10)
    assert 10 < pace.rate() <= 100
