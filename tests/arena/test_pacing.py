from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from arena.pacing import FIRST_WAIT, SLOWEST, TAIL, Pace, Side

TICK = 0.06


def steps(pace: Pace, count: int) -> list[int]:
    shown = []
    for _ in range(count):
        pace.step(TICK)
        shown.append(pace.shown)
    return shown


def test_nothing_is_shown_before_both_sides_have_text():
    early, late = Side("I was first. " * 50), Side()
    pace = Pace(early, late)
    assert steps(pace, 20) == [0] * 20
    late.text = "Me too."
    pace.step(TICK)
    assert pace.texts()[0] and pace.texts()[1]


def test_a_first_word_is_held_back_only_for_so_long():
    pace = Pace(Side("I was first."), Side())
    steps(pace, int(FIRST_WAIT / TICK) + 20)
    assert pace.texts() == ("I was first.", "")


def test_the_faster_side_never_shows_more_than_the_slower_has_written():
    fast, slow = Side("x" * 5000, complete=True), Side("y" * 40)
    pace = Pace(fast, slow)
    steps(pace, 200)
    assert [len(text) for text in pace.texts()] == [40, 40]
    assert not pace.complete


def test_a_failed_side_does_not_hold_the_other_back():
    pace = Pace(Side("", complete=True), Side("Still here."))
    steps(pace, 20)
    assert pace.texts() == ("", "Still here.")


def test_two_recorded_answers_are_uncovered_steadily_and_not_at_once():
    pace = Pace(Side("x" * 2000, complete=True), Side("y" * 900, complete=True))
    shown = steps(pace, 100)
    moves = [after - before for before, after in pairwise(shown) if after > before]
    assert pace.complete
    assert len(moves) >= 0.8 * TAIL / TICK
    assert max(moves) - min(moves[:-1]) <= 1


def test_short_answers_are_shown_at_reading_speed_at_least():
    pace = Pace(Side("x" * 30, complete=True), Side("y" * 20, complete=True))
    assert len([step for step in steps(pace, 50) if step < 30]) <= 30 / (SLOWEST * TICK)


lengths = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=60)


@given(lengths, st.sampled_from(["a", "b", "both"]))
def test_what_is_shown_only_grows_stays_common_and_ends_whole(writes, first_complete):
    side_a, side_b = Side(), Side()
    pace = Pace(side_a, side_b)
    before = 0
    for more_a, more_b in writes:
        side_a.text += "x" * more_a
        side_b.text += "y" * more_b
        pace.step(TICK)
        assert pace.shown >= before
        before = pace.shown
        assert before <= min(len(side_a.text), len(side_b.text)), "both are still being written"
    side_a.complete = first_complete in ("a", "both")
    side_b.complete = first_complete in ("b", "both")
    steps(pace, 5)
    side_a.complete = side_b.complete = True
    steps(pace, int((TAIL + 1) / TICK))
    assert pace.complete
    assert pace.texts() == (side_a.text, side_b.text)
