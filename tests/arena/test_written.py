"""Answers that voters wrote, as preference pairs, in exports and on the dataset card."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from arena import exports
from arena.dataset_card import dataset_card
from arena.preferences import WRITTEN, JudgedPair, Preferences, WrittenText, derive
from arena.types import Message, VoterKind
from tests.arena.judged import battles, judged, without_text


def texts(result: Preferences) -> set[tuple[str, str]]:
    """Chosen and rejected texts of every pair."""
    return {(pair.chosen[-1].content, pair.rejected[-1].content) for pair in result.kept}


def test_a_written_answer_is_chosen_over_both_answers_of_its_battle():
    result = derive([judged(1, a="Up.", b="No idea.", both_bad=1, written=("North is up.",))])
    assert texts(result) == {("North is up.", "Up."), ("North is up.", "No idea.")}
    assert {pair.model_chosen for pair in result.kept} == {WRITTEN}
    assert {pair.model_rejected for pair in result.kept} == {"one", "two"}
    assert [(pair.votes, pair.agreement, pair.voter_kinds) for pair in result.kept] == [
        (1, 1.0, (VoterKind.HUMAN,))
    ] * 2
    assert (result.written_answers, result.written_pairs) == (1, 2)


def test_the_pair_that_the_votes_give_stands_beside_those_from_the_written_answer():
    result = derive([judged(1, a="Up.", b="No idea.", wins_a=1, written=("North is up.",))])
    assert texts(result) == {("Up.", "No idea."), ("North is up.", "Up."), ("North is up.", "No idea.")}
    assert result.waterfall() == [("votes", 1), ("written", 2), ("pairs", 3)]


def test_in_a_conversation_only_the_last_answer_is_replaced():
    def said(first: str, second: str) -> tuple[Message, ...]:
        return (Message("assistant", first), Message("user", "Why?"), Message("assistant", second))

    row = replace(
        judged(1, ties=1, written=("Because of maps.",)),
        continuation_a=said("Up.", "So it is."),
        continuation_b=said("Down.", "Who knows."),
    )
    assert [([m.content for m in p.chosen], [m.content for m in p.rejected]) for p in derive([row]).kept] == [
        (["Down.", "Why?", "Because of maps."], ["Down.", "Why?", "Who knows."]),
        (["Up.", "Why?", "Because of maps."], ["Up.", "Why?", "So it is."]),
    ]


def test_two_voters_who_write_the_same_are_one_pair_with_two_votes():
    result = derive([judged(1, ties=2, written=("North.", "North."))])
    assert [pair.votes for pair in result.kept] == [2, 2]
    assert (result.written_answers, result.written_pairs) == (2, 2)


def test_where_votes_speak_of_the_same_two_texts_they_decide():
    rows = [
        judged(1, a="Up.", b="No idea.", wins_b=3),
        judged(2, a="Down.", b="No idea.", ties=1, written=("Up.",)),
    ]
    result = derive(rows)
    assert texts(result) == {("No idea.", "Up."), ("Up.", "Down.")}
    assert result.written_pairs == 1


def test_writers_who_contradict_each_other_give_no_pair():
    rows = [
        judged(1, a="Up.", b="x", ties=1, written=("Down.",)),
        judged(2, a="Down.", b="y", ties=1, written=("Up.",)),
    ]
    assert texts(derive(rows)) == {("Down.", "x"), ("Up.", "y")}


@pytest.mark.parametrize(
    ("row", "left"),
    [
        (judged(1, a=" ", b="No idea.", wins_b=1, written=("Up.",)), {("Up.", "No idea.")}),
        (judged(1, a="Same.", b="Same.", ties=1, written=("Up.",)), {("Up.", "Same.")}),
        (judged(1, a="Up. ", b="No.", ties=1, written=("Up.",)), {("Up.", "No.")}),
        (judged(1, failed=True, ties=1, written=("Up.",)), set()),
        (replace(without_text(1, 1), written=(WrittenText("Up.", VoterKind.HUMAN),)), set()),
    ],
)
def test_a_side_without_a_text_of_its_own_gives_no_written_pair(row: JudgedPair, left: set[tuple[str, str]]):
    assert texts(derive([row])) == left


@given(battles(writers=True))
def test_the_waterfall_adds_up_with_written_answers(rows: list[JudgedPair]):
    result = derive(rows)
    assert result.votes + result.written_pairs == len(result.kept) + sum(result.dropped.values())
    first, *steps, last = result.waterfall()
    taken = sum(-n if label == "written" else n for label, n in steps)
    assert first[1] - taken == last[1] == len(result.kept)
    assert sum(pair.model_chosen == WRITTEN for pair in result.kept) == result.written_pairs
    assert WRITTEN not in {pair.model_rejected for pair in result.kept}


@given(battles(writers=True))
def test_written_answers_take_nothing_from_the_pairs_of_the_votes(rows: list[JudgedPair]):
    result = derive(rows)
    bare = derive([replace(row, written=()) for row in rows])
    assert [pair for pair in result.kept if pair.model_chosen != WRITTEN] == list(bare.kept)
    assert (result.dropped, result.votes, result.battles) == (bare.dropped, bare.votes, bare.battles)
    seen = {(pair.prompt, frozenset((pair.chosen, pair.rejected))) for pair in result.kept}
    assert len(seen) == len(result.kept)


@given(battles(writers=True))
def test_order_does_not_matter_to_written_answers(rows: list[JudgedPair]):
    assert derive(list(reversed(rows))) == derive(rows) == derive([row.swapped() for row in rows])


def exported(tmp_path: Path) -> exports.Manifest:
    rows = [
        judged(1, wins_a=2, written=("North is up.",)),
        judged(2, "And south?", ties=1, written=("Down.",)),
    ]
    return exports.write_export(tmp_path / "north", derive(rows))


def test_manifest_and_pairs_of_an_export_say_what_was_written(tmp_path: Path):
    manifest = exported(tmp_path)
    assert manifest.written == {"answers": 2, "pairs": 4}
    assert manifest.models[WRITTEN] == {"chosen": 4, "rejected": 0}
    assert manifest.waterfall["written"] == 4 and manifest.pairs == 5
    assert exports.verify(tmp_path / "north") == manifest
    loaded = exports.load_pairs(tmp_path / "north")
    assert [pair.model_chosen for pair in loaded].count(WRITTEN) == 4


def test_the_card_says_what_was_written_and_its_waterfall_adds_up(tmp_path: Path):
    card = dataset_card(exported(tmp_path).as_dict())
    assert "Written by people: 4 preference pairs, from 2 answers that voters wrote" in card
    assert f"Where `model_chosen` is `{WRITTEN}`" in card
    section = card.split("## From votes to pairs")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    first, *steps, last = [int(row.split("|")[2].strip(" *").replace(",", "")) for row in rows]
    assert first + sum(steps) == last == 5


def test_a_manifest_from_before_there_were_written_answers_is_read(tmp_path: Path):
    manifest = exported(tmp_path)
    path = tmp_path / "north" / exports.MANIFEST_FILE
    values = json.loads(path.read_text())
    del values["written"], values["waterfall"]["written"]
    path.write_text(json.dumps(values))
    older = exports.read_manifest(tmp_path / "north")
    assert (older.written, older.sha256) == ({}, manifest.sha256)
    assert "Written by people" not in dataset_card(older.as_dict())
