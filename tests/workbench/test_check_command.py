"""`workbench check`: one sentence, and exit code 1 where counts are not what the votes say."""

import json

import pytest

from arena.formats import import_file
from workbench.bench import Workbench
from workbench.cli import main


@pytest.fixture
def home(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner,judge\nowl,crow,model_a,anna\ncrow,owl,tie,ben\n", "utf-8")
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        import_file(bench.store, path, "votes")
    return tmp_path / "home"


def told(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code or 0, capsys.readouterr()


def test_right_counts_are_said_to_be_right(home, capsys):
    code, said = told(capsys, "--home", home, "check")
    assert code == 0
    assert "2 votes stand, and all 4 counts kept of them are right." in said.err


def test_json_says_the_same(home, capsys):
    code, said = told(capsys, "--home", home, "--format", "json", "check")
    found = json.loads(said.out)
    assert code == 0 and found["sound"] and found["votes"] == 2 and found["differences"] == []


def test_wrong_counts_are_listed_and_leave_with_code_one(home, capsys, monkeypatch):
    from arena.store import check

    plainly = check.plainly

    def one_vote_more(con, before):
        cells = plainly(con, before)
        (cell,) = cells
        return {cell: {pair: (outcomes[0] + 1, *outcomes[1:]) for pair, outcomes in cells[cell].items()}}

    monkeypatch.setattr("arena.store.votes.plainly", one_vote_more)
    code, said = told(capsys, "--home", home, "--format", "csv", "check")
    assert code == 1
    assert "counted anew" in said.err
    assert len(said.out.splitlines()) == 2
