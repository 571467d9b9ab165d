import csv
import gzip
import json

import pytest

from arena.errors import Conflict, InvalidInput
from arena.formats import export_leaderboard, export_votes, import_file
from arena.leaderboard import build
from arena.preferences import derive
from arena.store import Store
from arena.types import VoteFilter, Voter, VoterKind

ANY = VoteFilter()
SAID = [{"role": "user", "content": 'Who,\n"you"?'}, {"role": "assistant", "content": "Ada."}]
OTHER = [SAID[0], {"role": "assistant", "content": "Bob."}]
ROWS = [
    {
        "question_id": "q",
        "model_a": "ada",
        "model_b": "bob",
        "winner": "tie (bothbad)",
        "judge": "eve",
        "language": "English",
        "tstamp": 1682351591.1322,
        "conversation_a": [*SAID, *SAID],
        "conversation_b": [*OTHER, *OTHER],
    },
    {"model_a": "bob", "model_b": "cyd", "winner": "model_b", "judge": "fay", "voter_kind": "judge"},
]


@pytest.fixture
def filled(store, write):
    import_file(store, write("rows.jsonl", ROWS), "votes")
    return store


def everything(store):
    pairs = list(store.preferences.judged_pairs(ANY))
    votes = [vote for pair in pairs for vote in store.votes.standing(pair.battle_id)]
    return pairs, votes, store.votes.pair_counts(ANY)


@pytest.mark.parametrize("name", ["v.csv", "v.jsonl", "v.parquet", "v.csv.gz", "v.jsonl.gz"])
def test_what_is_written_is_read_back_whole(filled, tmp_path, name):
    assert export_votes(filled, tmp_path / name) == 2
    with Store.open(tmp_path / "other" / "workbench.duckdb") as other:
        import_file(other, tmp_path / name, "votes")
        assert everything(other) == everything(filled)
        (pair, _) = everything(other)[0]
        battle = other.battles.get(pair.battle_id)
        assert battle.prompt is not None and battle.prompt.language == "English"
    with pytest.raises(Conflict, match="stored already"):
        import_file(filled, tmp_path / name, "votes")


def test_the_columns_are_those_of_chatbot_arena(filled, tmp_path):
    export_votes(filled, tmp_path / "v.jsonl.gz")
    with gzip.open(tmp_path / "v.jsonl.gz") as packed:
        first, second = map(json.loads, packed)
    assert {key: first[key] for key in ("model_a", "model_b", "winner", "judge", "turn", "language")} == {
        "model_a": "ada", "model_b": "bob", "winner": "both_bad", "judge": "eve", "turn": 2, "language": "English",
    }  # fmt: skip
    assert (first["conversation_a"], first["tstamp"]) == ([*SAID, *SAID], 1682351591.1322)
    assert (second["voter_kind"], second["conversation_a"], second["turn"]) == ("judge", None, None)
    export_votes(filled, tmp_path / "v.csv")
    with (tmp_path / "v.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert json.loads(table[0]["conversation_b"]) == [*OTHER, *OTHER]
    assert table[1]["conversation_b"] == ""


def test_only_votes_that_stand_and_pass_the_filter_are_written(filled, tmp_path):
    judges = VoteFilter(voter_kinds=(VoterKind.JUDGE,))
    assert export_votes(filled, tmp_path / "judges.csv", judges) == 1
    people = VoteFilter(voter_kinds=(VoterKind.HUMAN,))
    pair = next(iter(filled.preferences.judged_pairs(people)))
    filled.votes.undo(pair.battle_id, Voter(VoterKind.HUMAN, "eve"))
    with pytest.raises(InvalidInput, match="no vote to write"):
        export_votes(filled, tmp_path / "none.csv", people)
    assert export_votes(filled, tmp_path / "rest.csv") == 1


def test_a_file_is_not_overwritten_unasked_and_never_half_written(filled, tmp_path):
    path = tmp_path / "it's.csv"
    path.write_text("mine")
    with pytest.raises(Conflict, match="exists already"):
        export_votes(filled, path)
    assert path.read_text() == "mine"
    export_votes(filled, path, replace=True)
    assert path.read_text().startswith("battle_id,question_id,model_a")
    assert [p.name for p in tmp_path.glob(".writing-*")] == []


@pytest.mark.parametrize("name", ["v.xlsx", "v", "v.parquet.gz", "v.gz"])
def test_a_name_that_says_no_form_is_refused(filled, tmp_path, name):
    with pytest.raises(InvalidInput, match=r"let it end in \.csv"):
        export_votes(filled, tmp_path / name)


def test_a_folder_that_does_not_exist_is_named(filled, tmp_path):
    with pytest.raises(InvalidInput, match="There is no folder"):
        export_votes(filled, tmp_path / "no" / "v.csv")


def test_a_leaderboard_is_written_as_a_table(filled, tmp_path):
    board = build(filled.votes.pair_counts(ANY))
    assert export_leaderboard(board, tmp_path / "b.csv") == 3
    assert export_leaderboard(board, tmp_path / "b.jsonl") == 3
    with (tmp_path / "b.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    rows = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text().splitlines()]
    assert rows == [row.as_dict() for row in board.rows]
    assert [row["name"] for row in table] == [row["name"] for row in rows]
    assert all(
        (cell == "") == (row[key] in (None, ""))
        for line, row in zip(table, rows, strict=True)
        for key, cell in line.items()
    )
    with pytest.raises(InvalidInput, match="written as"):
        export_leaderboard(board, tmp_path / "b.parquet")


def test_real_votes_survive_the_way_out_and_in(store, real, tmp_path):
    import_file(store, real / "llmfao" / "crowd-comparisons.csv", "votes")
    assert export_votes(store, tmp_path / "v.parquet") == 8931
    with Store.open(tmp_path / "other" / "workbench.duckdb") as other:
        import_file(other, tmp_path / "v.parquet", "votes")
        assert other.votes.pair_counts(ANY) == store.votes.pair_counts(ANY)
        assert derive(other.preferences.judged_pairs(ANY)) == derive(store.preferences.judged_pairs(ANY))
