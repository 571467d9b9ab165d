import csv
import io
import json
from types import SimpleNamespace

import pytest

from arena.types import Voter, VoterKind
from tests.workbench.judged_by_people import A, B, add_judged_battles, cast, judge
from workbench.bench import Workbench
from workbench.cli import main


@pytest.fixture
def command(capsys):
    """Run one command on a home in this process."""

    def run(home, *arguments):
        with pytest.raises(SystemExit) as left:
            main(["--home", str(home), *map(str, arguments)])
        said = capsys.readouterr()
        assert left.value.code in (None, 0), said.err
        return SimpleNamespace(stdout=said.out, stderr=said.err)

    return run


@pytest.fixture
def battles(bench):
    return add_judged_battles(bench)


@pytest.fixture
def home(bench, battles):
    bench.close()
    return bench.home


def test_the_command_shows_all_judges_in_short(command, home):
    shown = command(home, "agreement").stdout
    lines = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    assert lines["sound"].rstrip().endswith("yes")
    assert "blind: It agrees with people by κ" in shown


def test_the_command_shows_one_judge_in_full(command, home):
    shown = command(home, "agreement", "--judge", "blind").stdout
    assert shown.startswith("The votes of 'blind' on 'overall' do not count. It agrees")
    for words in ("two people", "Cohen's κ", "goes by it alone", "longer", "By category", "even"):
        assert words in shown


def test_the_command_gives_every_figure_as_json_and_csv(command, home):
    found = json.loads(
        command(home, "--format", "json", "agreement", "--judge", "sound", "--own", "owl").stdout
    )
    assert found["licence"]["granted"] is True
    assert found["overall"]["judge_kappa"]["n"] == 80
    assert {bias["kind"]: bias["battles"] for bias in found["biases"]}["family"] == 80
    table = command(home, "--format", "csv", "agreement").stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    kappa = [
        row for row in rows if (row["judge"], row["table"], row["figure"]) == ("sound", "all", "judge_kappa")
    ]
    assert float(kappa[0]["value"]) == pytest.approx(found["overall"]["judge_kappa"]["value"], abs=1e-5)


def test_commands_say_who_is_left_out_and_count_a_judge_by_name(command, home, tmp_path):
    both = ("--voters", "human", "--voters", "judge")
    exported = command(home, "export", "some", *both)
    assert "'blind' do not count" in exported.stderr and "--trust" in exported.stderr
    named = json.loads(command(home, "--format", "json", "leaderboard", "--voter", "blind").stdout)
    assert sum(row["votes"] for row in named) == 2 * 80
    trusted = json.loads(
        command(home, "--format", "json", "votes", tmp_path / "v.csv", "--trust", "blind").stdout
    )
    assert trusted["votes"] == 4 * 80


def test_the_command_shows_each_criterion_of_a_judge(command, bench, battles):
    cast(bench, battles[:60], Voter(VoterKind.HUMAN, "ann"), [A, B] * 30, "safe")
    cast(bench, battles[:60], judge("sound"), [A, B] * 30, "safe")
    bench.close()
    shown = command(bench.home, "agreement", "--judge", "sound").stdout
    assert "By criterion" in shown and "safe" in shown
    found = json.loads(command(bench.home, "--format", "json", "agreement", "--judge", "sound").stdout)
    assert [other["criterion"] for other in found["other_criteria"]] == ["safe"]
    short = command(bench.home, "agreement").stdout
    assert "criterion" in short.splitlines()[0]
    assert "on 'overall': It agrees" in short


def test_the_command_says_that_simulated_votes_need_no_licence(command, bench, battles):
    cast(bench, battles, Voter(VoterKind.SIMULATED, "bot"), [A, B] * 40)
    bench.close()
    assert (
        "are simulated; a judge's like these would"
        in command(bench.home, "agreement", "--judge", "bot").stdout
    )


def test_a_home_without_judges_says_how_to_get_one(command, tmp_path):
    home = tmp_path / "home"
    Workbench.open(home).close()
    done = command(home, "agreement")
    assert "No judge has votes yet" in done.stderr
