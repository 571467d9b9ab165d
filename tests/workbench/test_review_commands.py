"""`workbench review ...`, run in this process: nothing heavy is loaded by it, and a process a command takes long."""

import csv
import io
import json
from dataclasses import dataclass

import pytest

from arena.types import Answer, ModelKind, ModelSpec, Prompt, Voter, VoterKind, Winner
from workbench.bench import Workbench
from workbench.cli import main


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys):
    """Run a command and return what it wrote and its exit code."""

    def command(*arguments: object) -> Done:
        capsys.readouterr()
        try:
            main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return command


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    with Workbench.open(folder, seed=0) as bench:
        prompts = [
            Prompt.from_text(f"Tell me about subject{n} please.", category="subjects") for n in range(8)
        ]
        bench.store.prompts.add("subjects", prompts)
        for name in ("owl", "wren"):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
            for number, prompt in enumerate(prompts):
                text = f"The {name} has this to say about subject{number} and no more."
                answer = Answer(name, text, finish_reason="recorded")
                bench.store.answers.add(prompt, [answer], recorded=True)
    return folder


def test_battles_are_fought_voted_on_and_reported(run, home):
    made = run(
        "--home", home, "--format", "json", "review", "create", "first", "--models", "owl,wren",
        "--prompts", "subjects", "--overlap", "2", "--attention", "25%", "--instructions", "Read both.",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    row = json.loads(made.stdout)
    assert (row["battles"], row["attention"], row["missing"], row["overlap"]) == (8, 2, 16, 2)
    with Workbench.open(home) as bench:
        expected = {i.battle_id: i.expected for i in bench.store.reviews.items("first") if i.expected}
        for name in ("anna", "ben"):
            voter = Voter(VoterKind.HUMAN, name)
            step = bench.next_in_queue("first", voter)
            while step.item is not None:
                winner = expected.get(step.item.battle_id, Winner.MODEL_A)
                step = bench.vote_in_queue("first", step.item.battle_id, winner, voter)
    listed = run("--home", home, "--format", "csv", "review", "list")
    (row,) = csv.DictReader(io.StringIO(listed.stdout))
    assert (row["state"], row["complete"], row["people"]) == ("open", "8", "2")
    told = run("--home", home, "--format", "json", "review", "report", "first")
    found = json.loads(told.stdout)
    assert [person["annotator"] for person in found["people"]] == ["anna", "ben"]
    assert all(person["attention_passed"] == person["attention_met"] == 2 for person in found["people"])
    assert (found["agreement"], found["shared_battles"]) == (1.0, 8)
    shown = run("--home", home, "review", "report", "first")
    assert "anna" in shown.stdout and "Krippendorff's alpha unknown" in shown.stderr


def test_stored_battles_make_a_queue_that_can_be_closed_opened_and_removed(run, home):
    assert run("--home", home, "battle", "--models", "owl,wren", "--prompts", "subjects").returncode == 0
    made = run(
        "--home", home, "--format", "json", "review", "create", "again", "--from-battles", "--category", "subjects",
        "--limit", "5", "--attention", "0",
    )  # fmt: skip
    assert json.loads(made.stdout)["battles"] == 5, made.stderr
    assert (
        json.loads(run("--home", home, "--format", "json", "review", "close", "again").stdout)["state"]
        == "closed"
    )
    assert (
        json.loads(run("--home", home, "--format", "json", "review", "reopen", "again").stdout)["state"]
        == "open"
    )
    assert run("--home", home, "review", "remove", "again").returncode == 0
    gone = run("--home", home, "review", "show", "again")
    assert (gone.returncode, gone.stderr.count("\n")) == (3, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", "q"), 2, "--from-battles"),
        (("create", "q", "--models", "owl,wren"), 2, "--prompts"),
        (
            ("create", "q", "--models", "owl,wren", "--prompts", "subjects", "--limit", "3"),
            2,
            "--limit chooses",
        ),
        (("create", "q", "--from-battles"), 2, "no battle"),
        (("create", "q", "--from-battles", "--attention", "often"), 2, "no share"),
        (("create", "q", "--from-battles", "--attention", "80%"), 2, "0 to 0.5"),
        (("create", "q", "--from-battles", "--attention-file", "nowhere.jsonl"), 2, "cannot be read"),
        (("report", "q"), 3, "no review queue"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_with_its_exit_code(run, home, arguments, code, said):
    done = run("--home", home, "review", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""


def test_pairs_of_ones_own_are_read_from_a_file(run, home, tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"prompt": "Name a colour.", "better": "Blue.", "worse": "Seven."}) + "\n")
    made = run(
        "--home", home, "--format", "json", "review", "create", "q", "--models", "owl,wren", "--prompts", "subjects",
        "--attention-file", path,
    )  # fmt: skip
    assert json.loads(made.stdout)["attention"] == 1, made.stderr


def test_too_few_attention_pairs_are_said(run, home):
    made = run("--home", home, "battle", "--models", "owl,wren", "--prompts", "subjects")
    assert made.returncode == 0
    one = run("--home", home, "review", "create", "q", "--from-battles", "--limit", "1", "--attention", "50%")
    assert one.returncode == 0
    with Workbench.open(home) as bench:
        assert bench.queue("q").attention == 1, "made of the battles outside the queue"


def test_who_did_not_read_can_be_left_out_of_ratings_and_exports(run, home):
    made = run("--home", home, "battle", "--models", "owl,wren", "--prompts", "subjects")
    assert made.returncode == 0
    with Workbench.open(home) as bench:
        bench.create_queue("q", overlap=2, attention=0)
        for name, winner in (("anna", Winner.MODEL_A), ("ben", Winner.MODEL_B)):
            voter = Voter(VoterKind.HUMAN, name)
            step = bench.next_in_queue("q", voter)
            while step.item is not None:
                step = bench.vote_in_queue("q", step.item.battle_id, winner, voter)
    everybody = json.loads(run("--home", home, "--format", "json", "leaderboard").stdout)
    without = json.loads(run("--home", home, "--format", "json", "leaderboard", "--without", "ben").stdout)
    assert [sum(row["votes"] for row in board) // 2 for board in (everybody, without)] == [16, 8]
    told = run("--home", home, "--format", "json", "export", "kept", "--without", "ben")
    assert json.loads(told.stdout)["votes"] == 8
