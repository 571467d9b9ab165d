"""What stands on the screen about people, and what the card of it does."""

import re
from uuid import UUID, uuid4

import numpy as np
import pytest

from arena.errors import InvalidInput
from arena.judgments import BattleFilter
from arena.people.agreement import PeopleAgreement, VoterAgreement
from arena.people.contested import Contested
from arena.people.pairs import Between
from arena.people.reliability import Reliability, ReliabilityReport
from arena.statistics import UNKNOWN, Figure
from arena.types import VoteFilter, Voter, VoterKind, Winner
from tests.workbench.test_people import vote
from tests.workbench.test_reviews import furnish
from workbench.tabs.people_card import PeopleCard
from workbench.views import people as view

A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE
HOSTILE = "<img src=x onerror=alert(1)>${x}"


def person(name):
    return Voter(VoterKind.HUMAN, name)


def agreement(**changes):
    figure = Figure(0.29, 0.27, 0.31, 30)
    given = {
        "criterion": "overall",
        "votes": 100,
        "battles": 30,
        "all_battles": 40,
        "agreement": Figure(0.53, 0.5, 0.56, 30),
        "alpha": figure,
        "alpha_over_voters": Figure(0.29, 0.19, 0.39, 3),
        "voters": tuple(VoterAgreement(person(n), 30, 30, figure, 0.3) for n in "abc"),
        "pairs": (Between(person("a"), person("b"), 25, figure, Figure(0.4, 0.3, 0.5, 25)),),
    }
    return PeopleAgreement(**{**given, **changes})


def reliable(name, signal=0.5, shared=30, **changes):
    figure = UNKNOWN if signal is None else Figure(signal, signal - 0.1, signal + 0.1, shared)
    return Reliability(person(name), shared + 2, shared, figure, figure, (), **changes)


def report(*rows, **changes):
    given = {
        "battles": 30,
        "all_battles": 40,
        "votes": 100,
        "alpha": Figure(0.3, 0.2, 0.4, 30),
        "signal": 0.5,
    }
    return ReliabilityReport(rows, **{**given, **changes})


def disputed(number=1, prompt="What is a lighthouse?", **changes):
    given = {"wins_a": 2, "wins_b": 1, "ties": 0, "both_bad": 1, "disagreement": 0.8, "expected": 0.5}
    return Contested(UUID(int=number), prompt, "owl", "wren", votable=True, **{**given, **changes})


def text(html):
    return re.sub("[ \n]+", " ", re.sub("<.*?>", " ", html))


def test_alpha_stands_with_both_intervals_and_in_words():
    said = text(view.summary(agreement()))
    assert "Two of them agree on 53\u202f% of 30 battles that several voted on, of 40 with a vote." in said
    assert "29\u202f% of the way from chance to full agreement" in said
    assert "0.29 (0.27 to 0.31)" in said
    assert "0.29 (0.19 to 0.39)" in said


def test_agreement_below_chance_is_said_and_drawn():
    low = Figure(-0.2, -0.3, -0.1, 30)
    html = view.summary(agreement(alpha=low, alpha_over_voters=low))
    assert "no more than chance gives" in text(html)
    assert "open-low" not in html


def test_without_shared_battles_it_says_what_to_do():
    html = view.summary(agreement(battles=0, alpha=UNKNOWN, agreement=UNKNOWN))
    assert "No two voters have voted on the same battle" in text(html)
    assert 'data-tab="Review"' in html


def test_voters_who_all_say_one_thing_have_no_alpha():
    said = text(view.summary(agreement(alpha=UNKNOWN, agreement=Figure(1.0, 0.9, 1.0, 30))))
    assert "nothing can be said beyond chance" in said


def test_reliability_lists_the_first_voters_and_all_of_them_on_demand():
    rows = [reliable(f"voter {n}") for n in range(view.SHOWN + 3)]
    html = view.reliability(report(*rows))
    assert html.count('scope="row"') == view.SHOWN
    assert f"Show all {view.SHOWN + 3} voters" in html
    whole = view.reliability(report(*rows), all_voters=True)
    assert whole.count('scope="row"') == view.SHOWN + 3
    assert 'data-do="all"' not in whole
    many = view.reliability(report(*(rows * 20)), all_voters=True)
    assert many.count('scope="row"') == view.MOST_SHOWN
    assert "workbench people reliability --format csv" in many


def test_an_unknown_reliability_is_a_dash_and_weighs_as_the_mean_vote():
    html = view.reliability(report(reliable("known", 0.4, weight=0.8), reliable("unknown", None)))
    rows = re.findall(r"<tr>(.*?)</tr>", html[html.index("<tbody") :])
    assert "0.40" in text(rows[0]) and "0.80\u00d7" in text(rows[0])
    assert "\u2013" in text(rows[1]) and "1.00\u00d7" in text(rows[1])


def test_a_refusal_is_said_in_place_of_the_picture():
    html = view.reliability(report(reliable("a", None), refusal="Only 3 battles have votes."))
    assert "Only 3 battles have votes. All votes weigh the same." in text(html)
    assert "<table" not in html


def test_names_and_prompts_of_strangers_are_only_text():
    notes = (HOSTILE,)
    pieces = (
        view.reliability(report(reliable(HOSTILE, notes=notes), refusal="")),
        view.pairs(agreement(pairs=(Between(person(HOSTILE), person("b"), 30, UNKNOWN, UNKNOWN),))),
        view.contested([disputed(prompt=HOSTILE)]),
    )
    for html in pieces:
        assert "<img" not in html
        assert "${x}" not in html
        assert "&lt;img" in html


def test_who_agrees_most_comes_first_in_the_table_of_pairs():
    def met(first, second, kappa):
        return Between(
            person(first), person(second), 30, Figure(0.5, 0.4, 0.6, 30), Figure(kappa, None, None, 30)
        )

    html = view.pairs(
        agreement(pairs=(met("odd", "ann", 0.0), met("odd", "bea", 0.1), met("ann", "bea", 0.8)))
    )
    names = re.findall(r'<span class="short"[^>]*>(.*?)</span>', html)
    assert names == ["bea", "ann", "odd"]
    assert view.pairs(agreement(pairs=())) == ""


def test_a_disputed_battle_shows_how_they_voted_and_can_be_read():
    html = view.contested([disputed(7)], str(UUID(int=7)))
    assert f'data-name="{UUID(int=7)}"' in html
    assert "2" in text(html) and "both bad" in text(html)
    assert 'class="selected"' in html
    assert "No two voters differ" in text(view.contested([]))


@pytest.fixture
def card(bench):
    """The card over thirty battles on which three people mostly agree."""
    import gradio as gr

    rng = np.random.default_rng(1)
    for battle_id in furnish(bench, 30):
        truth = int(rng.integers(3))
        for name in ("anna", "ben", "cleo"):
            vote(bench, battle_id, name, (A, B, TIE)[truth if rng.random() < 0.85 else int(rng.integers(3))])
    with gr.Blocks():
        return PeopleCard(bench)


def test_the_card_is_filled_for_a_choice_of_votes(card, bench):
    shown = dict(zip(card.outputs, card.show(VoteFilter()), strict=True))
    assert "Krippendorff" in shown[card.summary]
    assert "anna" in shown[card.reliability]
    assert "Who agrees with whom" in shown[card.pairs]
    assert shown[card.list].count('data-do="read"') == min(10, len(bench.contested()))
    assert shown[card.battle] == ""
    assert shown[card.disputed]["visible"]


def test_the_card_without_votes_says_so_and_hides_the_rest(card):
    shown = dict(zip(card.outputs, card.show(VoteFilter(criterion="safe")), strict=True))
    assert "Nobody to compare yet" in shown[card.summary]
    assert shown[card.reliability] == shown[card.pairs] == ""
    assert not shown[card.disputed]["visible"]


class Press:
    """A click as the page sends it."""

    def __init__(self, do, name=""):
        self._data = {"do": do, "name": name}


def test_a_disputed_battle_opens_below_the_list_and_closes_again(card, bench):
    row = bench.contested(limit=1)[0]
    listed, read = card._press(VoteFilter(), False, Press("read", str(row.battle_id)))
    assert "selected" in listed
    assert "The owl says" in read and "The wren would call" in read
    assert card._press(VoteFilter(), False, Press("unread"))[1] == ""
    with pytest.raises(InvalidInput, match="open the tab again"):
        card._press(VoteFilter(), False, Press("read", "no id"))


def test_only_battles_of_the_list_open(card, bench):
    agreed = next(
        battle_id
        for battle_id in bench.store.battles.chosen(BattleFilter())
        if battle_id not in {row.battle_id for row in bench.contested(limit=100)}
    )
    for stranger in (agreed, uuid4()):
        with pytest.raises(InvalidInput, match="open the tab again"):
            card._press(VoteFilter(), False, Press("read", str(stranger)))


def test_the_form_makes_a_review_queue(card, bench):
    name, said = card._make(VoteFilter(), " split ", "3", "", False)
    assert name == ""
    queue = bench.queue("split")
    assert (queue.battles, queue.queue.overlap) == (3, 5)
    assert "split" in said and "6 votes" in text(said)
