"""The picture of lengths says what was measured."""

import re

from arena import lengths as measured
from tests.arena.test_lengths import pair
from workbench.views.lengths import lengths


def test_nothing_is_shown_without_pairs():
    assert lengths(None) == ""


def test_longer_chosen_answers_are_warned_of():
    html = lengths(measured.measure([pair("x" * (100 + i), "y" * 40) for i in range(30)]))
    assert re.search(r"longer one in <b>100\u202f%</b> of 30 pairs", html)
    assert "may teach length itself" in html
    assert "Chosen: median 114 characters" in html or "Chosen: median 115 characters" in html


def test_the_longer_side_lies_further_right_on_the_same_axis():
    html = lengths(measured.measure([pair("x" * 1000, "y" * 10) for _ in range(3)]))
    chosen, rejected = (float(x) for x in re.findall(r'class="point" style="left:([\d.]+)%', html))
    assert chosen > 90 and rejected < 10
    assert [re.sub("<.*?>", "", t) for t in re.findall(r"<span style=[^>]*>([^<]*)</span>", html)][:3] == [
        "10",
        "20",
        "50",
    ]


def test_equal_lengths_tell_nothing():
    assert "equally long" in lengths(measured.measure([pair("same", "four")]))
    mixed = [pair("aaaa", "bb"), pair("bb", "aaaa")]
    assert "does not tell them apart" in lengths(measured.measure(mixed))
