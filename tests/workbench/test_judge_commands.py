"""The commands of judges, run in this process."""

import json

import pytest

from arena.types import Prompt
from tests.support.scripted_judge import by_length, first_shown, scripted_judge
from tests.workbench.judged_home import TOPICS, add_battles, add_judge
from workbench.bench import Workbench
from workbench.cli import main


@pytest.fixture
def place(tmp_path):
    """The folder of a home with five battles; it is closed, as a command needs it."""
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        add_battles(bench, TOPICS)
    return tmp_path / "home"


@pytest.fixture
def command(place, capsys):
    def call(*arguments, format="json"):
        code = 0
        try:
            main(["--home", str(place), "--format", format, *map(str, arguments)])
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        parsed = json.loads(said.out) if format == "json" and said.out else said.out
        return code, parsed, said.err

    return call


def ask_at(place, server, name="strict", kind="pairwise", **options):
    with Workbench.open(place) as bench:
        add_judge(bench, server, name, kind, **options)


def test_a_judge_is_added_shown_listed_changed_and_removed(command):
    code, added, _ = command("judges", "add", "brief", "--kind", "rule", "-o", "max_words=3")
    assert (code, added) == (0, {"name": "brief", "kind": "rule", "options": {"max_words": 3}})
    code, _, said = command("judges", "add", "brief", "--kind", "rule", "-o", "max_words=4")
    assert (code, "a judge called 'brief' already" in said) == (4, True)
    code, changed, _ = command("judges", "add", "brief", "--kind", "rule", "-o", "max_words=4", "--replace")
    assert (code, changed["options"]) == (0, {"max_words": 4})
    _, rows, _ = command("judges", "list")
    assert [(row["name"], row["verdicts"]) for row in rows] == [("brief", 0)]
    command("judge", "--judge", "brief")
    _, shown, _ = command("judges", "show", "brief")
    assert shown["outcomes"] == {"model_a": 0, "model_b": 5, "tie": 0, "both_bad": 0}
    assert len(shown["fingerprint"]) == 32
    code, _, said = command("judges", "remove", "brief")
    assert (code, "its verdicts and votes stay" in said) == (0, True)
    code, _, said = command("judge", "--judge", "brief")
    assert (code, "no judge called 'brief'" in said) == (3, True)


def test_a_run_is_estimated_before_and_reported_after(command, place):
    with scripted_judge() as server:
        ask_at(place, server, price_in=1, price_out=2)
        code, planned, _ = command("judge", "--judge", "strict", "--estimate", "--limit", 2)
        assert (code, planned["battles"], planned["calls"], planned["cost"] > 0) == (0, 2, 4, True)
        assert server.requests == []
        code, report, said = command("judge", "--judge", "strict", "--limit", 2)
        assert "2 battles to judge: 4 calls, at most about" in said
        assert (code, report["verdicts"], report["outcomes"]["model_a"], report["calls"]) == (0, 2, 2, 4)
        assert report["cost"] == pytest.approx((4 * 100 + 4 * 10 * 2) / 1e6)
        code, report, said = command("judge", "--judge", "strict")
        assert "3 battles to judge, 2 are judged: 6 calls, about 660 tokens" in said
        assert (report["battles"], report["judged_before"], report["verdicts"]) == (5, 2, 3)


def test_a_filter_without_battles_says_so(command, place):
    with scripted_judge() as server:
        ask_at(place, server)
        code, report, said = command("judge", "--judge", "strict", "--category", "poetry")
    assert (code, report["battles"]) == (0, 0)
    assert "no battle" in said.lower()


def test_a_judge_without_any_verdict_exits_as_a_failed_model(command, tmp_path):
    with Workbench.open(tmp_path / "home") as bench:
        add_battles(bench, ["Say it <unreadable>", "Say it <truncated>"])
    with scripted_judge() as server:
        ask_at(tmp_path / "home", server, structured=False)
        code, report, _ = command("judge", "--judge", "strict", "--prompts", "none")
        assert (code, report["battles"]) == (0, 0)
        with Workbench.open(tmp_path / "home") as bench:
            bench.store.prompts.add(
                "bad", [Prompt.from_text(f"Say it <{w}>") for w in ("unreadable", "truncated")]
            )
        code, report, _ = command("judge", "--judge", "strict", "--prompts", "bad")
    assert (code, report["failures"]) == (7, {"unreadable": 1, "truncated": 1})


def test_a_ceiling_is_no_error_and_says_what_is_left(command, place):
    with scripted_judge(usage=(500, 10)) as server:
        ask_at(place, server, max_tokens=20, slots=1)
        code, report, said = command("judge", "--judge", "strict", "--max-tokens", 2000)
    assert (code, report["not_asked"] > 0) == (0, True)
    assert "workbench: The ceiling was reached" in said


def test_verdicts_and_transcripts_are_shown(command, place):
    with scripted_judge(first_shown) as server:
        ask_at(place, server, structured=False)
        command("judge", "--judge", "strict")
    _, rows, said = command("judges", "verdicts", "--judge", "strict", "--inconsistent", "--limit", 2)
    assert [row["winner"] for row in rows] == ["tie", "tie"]
    assert "2 of 5 verdicts" in said
    battle = rows[0]["battle_id"]
    _, found, _ = command("judges", "transcript", battle, "--judge", "strict")
    assert (found["winner"], found["inconsistent"], found["forward"], found["backward"]) == (
        "tie", True, "model_a", "model_b",
    )  # fmt: skip
    assert [len(exchange["calls"]) for exchange in found["exchanges"]] == [1, 1]
    _, text, _ = command("judges", "transcript", battle, "--judge", "strict", format="table")
    assert "tie (the orders disagree)" in text
    assert "== Side B shown first ==" in text
    assert "One is better." in text
    code, _, said = command("judges", "transcript", battle, "--judge", "lenient")
    assert (code, "lenient has given no verdict" in said) == (3, True)


def test_a_jurys_report_and_transcript_hold_its_members(command, place):
    command("judges", "add", "brief", "--kind", "rule", "-o", "max_words=3")
    command("judges", "add", "long", "--kind", "rule", "-o", "min_words=3")
    command("judges", "add", "jury", "--kind", "jury", "-o", "members=brief,long")
    _, report, _ = command("judge", "--judge", "jury")
    assert [(member["judge"], member["verdicts"]) for member in report["members"]] == [
        ("brief", 5),
        ("long", 5),
    ]
    assert report["outcomes"]["tie"] == 5
    code, text, _ = command("judge", "--judge", "jury", format="table")
    assert (code, "brief: 0 verdicts" in text) == (0, True)
    _, rows, _ = command("judges", "verdicts", "--judge", "jury", "--limit", 1)
    _, found, _ = command("judges", "transcript", rows[0]["battle_id"], "--judge", "jury")
    assert [member["judge"] for member in found["members"]] == ["brief", "long"]


def test_templates_are_listed_and_copied(command, place):
    _, rows, _ = command("judges", "templates")
    assert {"pairwise", "single"} <= {row["name"] for row in rows}
    _, copied, _ = command("judges", "templates", "--copy", "single", "--as", "mine")
    assert copied == {"name": "mine", "file": str(place / "templates" / "mine.txt")}
    _, rows, _ = command("judges", "templates")
    assert [row["name"] for row in rows if row["own"]] == ["mine"]
    (place / "templates" / "mine.txt").write_text("nothing")
    code, rows, said = command("judges", "templates")
    assert (code, "mine.txt, line 1" in said) == (2, True)
    assert "pairwise" in {row["name"] for row in rows}, "one broken file hides no other"


def test_the_suite_of_attacks_is_run_against_a_judge(command, place):
    with scripted_judge(by_length) as server:
        ask_at(place, server, "counts", "single", structured=False)
        code, rows, _ = command("judges", "attack", "counts")
    assert code == 0
    assert rows[-1]["attack"] == "all"
    assert rows[-1]["won"] > 0, "whoever counts words is led by more of them"
    with scripted_judge(lambda asked: "5") as server:
        ask_at(place, server, "same", "single", structured=False)
        code, _, said = command("judges", "attack", "same")
    assert (code, "the suite shows nothing" in said) == (7, True)
    command("judges", "add", "brief", "--kind", "rule", "-o", "max_words=3")
    code, _, said = command("judges", "attack", "brief")
    assert (code, "only a judge that asks a model" in said) == (2, True)
