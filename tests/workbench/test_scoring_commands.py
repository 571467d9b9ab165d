"""`workbench score` and `workbench golden` as a person types them, in this process."""

import csv
import io
import json

import pytest

from arena.types import Answer, ModelKind, ModelSpec, Prompt
from workbench.bench import Workbench
from workbench.cli import main


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    with Workbench.open(folder) as bench:
        prompts = [Prompt.from_text(f"What is {n} plus {n}?", reference=str(2 * n)) for n in range(8)]
        bench.store.prompts.add("sums", prompts)
        bench.store.prompts.add("talk", [Prompt.from_text("How are you?", category="talk")])
        for name, off in (("owl", 0), ("crow", 1)):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED, parent=None if name == "owl" else "owl"))
            for n, prompt in enumerate(prompts):
                bench.store.answers.add(prompt, [Answer(name, str(2 * n + off), "recorded")], recorded=True)
            talk = bench.prompts_of(["talk"])[0]
            bench.store.answers.add(talk, [Answer(name, "Fine.", "recorded")], recorded=True)
    return folder


@pytest.fixture
def run(home, capsys):
    def command(*arguments):
        """Return (exit code, stdout, stderr)."""
        code = 0
        try:
            main(["--home", str(home), *map(str, arguments)])
        except SystemExit as leaving:
            code = leaving.code or 0
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def test_scores_are_a_table_in_every_format(run):
    code, out, err = run("score", "--metric", "exact_match", "--format", "json")
    assert code == 0
    owl = next(row for row in json.loads(out) if row["model"] == "owl")
    assert (owl["mean"], owl["answers"], owl["not_computable"]) == (1.0, 8, 1)
    assert owl["reasons"] == {"There is no reference to compare with.": 1}
    assert "1 answered prompts have no reference" in err
    _, out, _ = run("score", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {(row["model"], row["scorer"], row["mean"]) for row in rows} == {
        ("owl", "exact_match", "1.0"),
        ("crow", "exact_match", "0.0"),
    }
    _, out, _ = run("score")
    assert "exact_match" in out and "owl" in out


def test_filters_narrow_what_is_scored_and_shown(run):
    run("score", "--metric", "f1", "--models", "owl", "--prompts", "sums")
    code, out, _ = run("score", "--format", "json")
    assert [row["model"] for row in json.loads(out)] == ["owl"]
    assert run("score", "--category", "talk", "--format", "json")[1].strip() == "[]"
    assert code == 0


def test_options_of_a_metric_are_written_after_its_name(run):
    run("score", "--metric", "f1")
    code, _, err = run("score", "--metric", "f1", "-o", "f1.normalise=squad")
    assert (code, "16 new numbers" in err) == (0, True)
    _, out, _ = run("score", "--format", "json")
    assert len({row["scorer"] for row in json.loads(out)}) == 2
    code, _, err = run("score", "--metric", "f1", "-o", "normalise=squad")
    assert (code, "METRIC.KEY=VALUE" in err) == (2, True)


def test_prompts_without_a_reference_are_listed(run):
    code, out, _ = run("score", "--missing", "--format", "json")
    assert (code, [row["text"] for row in json.loads(out)]) == (0, ["How are you?"])


def test_scorers_without_any_number_are_a_line_and_not_a_table_of_zeros(run):
    run("score", "--metric", "exact_match,f1", "--prompts", "talk")
    code, out, err = run("score", "--prompts", "talk")
    assert (code, out) == (0, "")
    assert "f1: none of 2 answers has a number; --show f1 tells why." in err
    assert len(json.loads(run("score", "--prompts", "talk", "--format", "json")[1])) == 4


def test_single_answers_are_shown_with_their_reasons(run):
    run("score", "--metric", "exact_match")
    code, out, err = run(
        "score", "--show", "exact_match", "--limit", "3", "--offset", "15", "--format", "json"
    )
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert [row["value"] for row in rows] == [1.0, None, None]
    assert rows[1]["reason"] == "There is no reference to compare with."
    code, _, err = run("score", "--show", "bleu")
    assert (code, err.count("\n")) == (3, 1)


def test_a_golden_set_from_freezing_to_regression(run):
    code, out, _ = run("golden", "add", "sums", "--prompts", "sums", "--check", "chrf", "--format", "json")
    assert (code, json.loads(out)["prompts"]) == (0, 8)
    code, out, err = run("score", "--golden", "sums", "--model", "owl", "--accept")
    assert code == 0
    assert "first" in out and "is accepted" in err
    code, out, err = run("score", "--golden", "sums", "--model", "crow", "--format", "json")
    report = json.loads(out)
    assert (code, report["passed"], report["compared_model"]) == (10, False, "owl")
    assert report["checks"][0]["change"] == "regression"
    assert err.startswith("workbench: crow fails sums: chrf: Worse than accepted by")
    assert err.count("\n") == 1
    code, out, _ = run("golden", "show", "sums", "--model", "crow", "--answers", "--format", "json")
    assert (code, json.loads(out)[1]["answer"]) == (0, "3")
    code, _, err = run("golden", "accept", "sums", "--model", "crow")
    assert (code, "are compared with" in err) == (0, True)
    assert run("score", "--golden", "sums", "--model", "crow")[0] == 0
    code, out, _ = run("golden", "show", "sums", "--format", "json")
    assert len(json.loads(out)["results"]) == 3
    assert run("golden", "remove", "sums")[0] == 0
    assert run("golden", "list", "--format", "json")[1].strip() == "[]"


def test_a_missed_threshold_leaves_with_its_own_exit_code(run):
    run("golden", "add", "sums", "--prompts", "sums", "--check", "exact_match>=0.5")
    code, out, err = run("score", "--golden", "sums", "--model", "crow")
    assert (code, "at least 0.5" in out) == (10, True)
    assert err == "workbench: crow fails sums: exact_match: The mean 0 is below 0.5.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("golden", "show", "none"), 3, "There is no golden set called 'none'"),
        (("golden", "add", "x", "--prompts", "sums"), 2, "needs a check"),
        (("golden", "add", "x", "--prompts", "sums", "--check", "f1>=much"), 2, "is not a number"),
        (("score", "--metric", "f1", "--models", "eagle"), 3, "no model called 'eagle'"),
        (("score", "--model", "owl"), 2, "--golden NAME and --model MODEL"),
        (("score", "--metric", "judge:nobody"), 3, "nobody"),
    ],
)
def test_mistakes_are_one_line_and_a_documented_exit_code(run, arguments, code, sentence):
    left, out, err = run(*arguments)
    assert (left, out, err.count("\n")) == (code, "", 1), err
    assert sentence in err
