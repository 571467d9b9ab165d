import json
import subprocess
import sys

import pytest

from workbench.cli import hoisted, main


def run(capsys, home, *arguments):
    """Return (exit code, stdout, stderr) of one command on `home`."""
    code = 0
    try:
        main(["--home", str(home), *map(str, arguments)])
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def votes(tmp_path):
    file = tmp_path / "votes.csv"
    outcomes = ["model_a", "model_a", "model_b", "tie", "tie (bothbad)"]
    rows = [f"ant,bee,{outcome}" for outcome in outcomes] + [
        "bee,cow,model_a",
        "cow,ant,model_b",
        "bee,cow,model_b",
    ]
    file.write_text("model_a,model_b,winner\n" + "\n".join(rows) + "\n", "utf-8")
    return file


def test_common_options_may_stand_after_the_verb():
    assert hoisted(["leaderboard", "--method", "elo", "--format=csv", "--home", "h"]) == [
        *("--format=csv", "--home", "h"),
        *("leaderboard", "--method", "elo"),
    ]


def test_nothing_after_a_double_dash_is_moved():
    assert hoisted(["x", "--", "--home", "h"]) == ["x", "--", "--home", "h"]


def test_help_imports_nothing_heavy():
    code = (
        "import sys, workbench.cli\n"
        "heavy = {'torch', 'gradio', 'transformers', 'duckdb', 'openai', 'numpy', 'pandas'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_missing_home_is_one_line_and_its_own_exit_code(tmp_path, capsys):
    code, out, err = run(capsys, tmp_path / "nowhere", "leaderboard")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1
    assert "nowhere" in err
    assert not (tmp_path / "nowhere").exists()


def test_votes_go_in_and_a_leaderboard_comes_out(tmp_path, capsys, votes):
    home = tmp_path / "home"
    code, out, _ = run(capsys, home, "import", votes, "--as", "votes", "--format", "json")
    assert code == 0
    assert json.loads(out)["rows_added"] == 8
    code, out, _ = run(capsys, home, "leaderboard", "--format", "json")
    board = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert set(board) == {"ant", "bee", "cow"}
    assert {"name", "rating", "lower", "upper", "votes", "wins", "losses", "ties"} <= set(board["ant"])
    ant = board["ant"]
    assert (ant["wins"], ant["losses"], ant["ties"], ant["votes"]) == (3, 1, 2, 6)
    assert ant["lower"] < ant["rating"] < ant["upper"]


def test_csv_output_has_a_header_and_a_line_a_model(tmp_path, capsys, votes):
    home = tmp_path / "home"
    run(capsys, home, "import", votes, "--as", "votes")
    _, out, _ = run(capsys, home, "--format", "csv", "leaderboard", "--method", "elo")
    lines = out.strip().splitlines()
    assert lines[0].startswith("rank,name,rating,lower,upper")
    assert len(lines) == 4


def test_votes_leave_in_the_form_they_came_and_come_back(tmp_path, capsys, votes):
    run(capsys, tmp_path / "home", "import", votes, "--as", "votes")
    written = tmp_path / "out.csv"
    code, out, _ = run(capsys, tmp_path / "home", "votes", written, "--format", "json")
    assert (code, json.loads(out)["votes"]) == (0, 8)
    run(capsys, tmp_path / "second", "import", written, "--as", "votes")
    boards = [
        run(capsys, tmp_path / home, "leaderboard", "--format", "json")[1] for home in ("home", "second")
    ]
    assert boards[0] == boards[1]


def test_an_unknown_winner_is_rejected_with_its_line_and_nothing_is_written(tmp_path, capsys, votes):
    votes.write_text(votes.read_text("utf-8") + "ant,bee,left_wing\n", "utf-8")
    home = tmp_path / "home"
    code, out, err = run(capsys, home, "import", votes, "--as", "votes")
    assert (code, out) == (2, "")
    assert "line 10" in err
    assert "left_wing" in err
    _, out, _ = run(capsys, home, "--format", "json", "leaderboard")
    assert json.loads(out) == []


def test_an_export_without_texts_says_where_the_votes_went(tmp_path, capsys, votes):
    home = tmp_path / "home"
    run(capsys, home, "import", votes, "--as", "votes")
    code, _, err = run(capsys, home, "export", "first")
    assert code == 2
    assert "no text" in err
    assert not (home / "exports" / "first").exists()


def test_a_locked_home_names_the_process_and_the_remedy(tmp_path, capsys, votes):
    home = tmp_path / "home"
    run(capsys, home, "import", votes, "--as", "votes")
    holder = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import sys; from pathlib import Path; from workbench.bench import Workbench\n"
            "with Workbench.open(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()",
            str(home),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "open\n"
        code, _, err = run(capsys, home, "leaderboard")
    finally:
        holder.communicate("")
    assert code == 5
    assert str(holder.pid) in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("models", "check", "nobody"), 3, "nobody"),
        (("models", "add", "x", "--kind", "endpoint", "-o", "bass_url=http://h"), 2, "bass_url"),
        (
            ("models", "add", "x", "--kind", "local", "-o", "path=/no/such/folder", "--parent", "nobody"),
            3,
            "nobody",
        ),
        (("train", "dpo", "--base", "nobody", "--data", "nothing"), 3, "nobody"),
        (("runs", "show", "none"), 3, "none"),
        (("import", "/no/such/file.csv", "--as", "votes"), 2, "/no/such/file.csv"),
        (("promote", "nobody"), 3, "nobody"),
        (("prompts", "list", "none"), 3, "none"),
    ],
)
def test_each_wrong_value_is_one_sentence_and_an_exit_code(tmp_path, capsys, votes, arguments, code, said):
    home = tmp_path / "home"
    run(capsys, home, "import", votes, "--as", "votes")
    got, out, err = run(capsys, home, *arguments)
    assert (got, out) == (code, ""), err
    assert said in err
    assert "Traceback" not in err
