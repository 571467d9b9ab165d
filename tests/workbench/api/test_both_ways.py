"""Every command, with the app and without: the same words on both outputs and the same exit code.

A story is a few commands on one home. It is told twice, on two copies of that home: once the commands open it
themselves, once a server has it open. What differs by nature (folders, moments, seconds, secrets) is made the same.
"""

import asyncio
import json
import re
import shutil

import pytest
import typer

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.types import Answer, ModelKind, ModelSpec, Prompt, Voter, VoterKind, Winner
from tests.support.served import served
from training import runs
from training.config import make
from workbench.bench import Workbench
from workbench.cli import app, main

ANSWERS = {"owl": "A long and careful answer about {}.", "crow": "About {}: no.", "wren": "Something on {}."}

STORIES = {
    "models": [
        ("models", "add", "jay", "--kind", "recorded", "--parent", "owl"),
        ("models", "add", "jay", "--kind", "recorded"),
        (
            "models",
            "add",
            "eel",
            "--kind",
            "endpoint",
            "-o",
            "base_url=http://127.0.0.1:9/v1",
            "-o",
            "model=x",
        ),
        ("models", "add", "rat", "--kind", "endpoint", "-o", "api_key=secret"),
        ("models", "list"),
        ("models", "list", "--format", "json"),
        ("models", "check", "owl"),
        ("models", "check", "nobody"),
        ("models", "remove", "jay"),
        ("models", "remove", "jay"),
    ],
    "prompts": [
        ("prompts", "list"),
        ("prompts", "list", "topics"),
        ("prompts", "list", "nothing"),
        ("prompts", "import", "{files}/questions.jsonl", "--set", "quiz"),
        ("prompts", "import", "{files}/nothing.jsonl"),
        ("prompts", "list", "quiz", "--format", "csv"),
    ],
    "imports": [
        ("import", "{files}/votes.csv", "--as", "votes"),
        ("import", "{files}/votes.csv", "--as", "votes"),
        ("import", "{files}/broken.csv", "--as", "votes"),
        ("import", "{files}/broken.csv", "--as", "votes", "--skip-bad", "--format", "json"),
        ("leaderboard",),
        ("jobs", "list"),
    ],
    "ratings": [
        ("leaderboard",),
        ("leaderboard", "--format", "json"),
        ("leaderboard", "--format", "csv", "--method", "elo"),
        ("leaderboard", "--method", "soft", "--voters", "judge"),
        ("leaderboard", "--method", "ppi"),
        ("certainty",),
        ("certainty", "--pairs", "--limit", "2"),
        ("certainty", "--cluster", "voter", "--format", "json"),
        ("leaderboard", "--method", "ppi", "--judge", "brief", "--strata", "category", "--format", "json"),
        ("leaderboard", "--voters", "judge", "--trust", "brief", "--category", "topics"),
        ("leaderboard", "--voter", "ann"),
        ("leaderboard", "--criterion", "charm"),
        ("leaderboard", "--method", "davidson", "--anchor", "owl", "--prior", "1", "--format", "json"),
        (
            "leaderboard",
            "--method",
            "rao_kupper",
            "--weights",
            "human=1,human:ann=2.5",
            "--until",
            "2030-01-01",
        ),
        ("leaderboard", "--weights", "ann"),
        ("leaderboard", "--anchor", "nobody"),
        ("leaderboard", "--since", "soon"),
        ("leaderboard", "--method", "elo", "--prior", "1"),
    ],
    "control": [
        ("leaderboard", "--style-control"),
        ("leaderboard", "--style-control", "--method", "elo"),
        ("leaderboard", "--by", "category"),
        ("leaderboard", "--by", "voter_kind", "--format", "json"),
        ("leaderboard", "--by", "criterion", "--format", "csv"),
        ("win-rate", "owl", "--against", "crow"),
        ("win-rate", "owl", "--against", "crow", "--length-controlled", "--format", "json"),
        ("win-rate", "owl", "--against", "owl"),
        ("win-rate", "owl", "--against", "nobody"),
    ],
    "plans": [
        ("plan",),
        ("plan", "--format", "json", "--target", "30"),
        ("plan", "--method", "elo"),
        ("plan", "owl", "crow", "--difference", "30"),
        ("plan", "owl", "crow", "--power", "0.9", "--format", "json"),
        ("plan", "owl", "nobody"),
        ("plan", "owl"),
        ("battle", "--models", "owl,crow", "--prompts", "topics", "--until-width", "5000"),
    ],
    "people who vote": [
        ("people", "agreement"),
        ("people", "agreement", "--pairs", "--format", "csv"),
        ("people", "agreement", "--format", "json", "--voters", "human", "--voters", "judge"),
        ("people", "reliability"),
        ("people", "reliability", "--format", "json"),
        ("people", "contested", "--format", "json"),
        ("people", "contested", "--criterion", "charm"),
        ("people", "queue", "again", "--attention", "0"),
        ("people", "queue", "again", "--attention", "0"),
        ("people", "queue", "none", "--criterion", "charm"),
    ],
    "counts": [
        ("check",),
        ("import", "{files}/votes.csv", "--as", "votes"),
        ("check", "--format", "json"),
    ],
    "integrity": [
        ("integrity",),
        ("integrity", "--format", "csv", "--rows", "3"),
        ("integrity", "--format", "json", "--voters", "human", "--alpha", "0.05", "--cap", "2", "--no-read"),
        ("integrity", "--criterion", "charm"),
        ("integrity", "--alpha", "0.9"),
    ],
    "votes": [
        ("votes", "{files}/out.csv"),
        ("votes", "{files}/out.csv"),
        ("votes", "{files}/out.csv", "--replace", "--format", "json"),
        ("votes", "{files}/out.doc"),
        ("votes", "{files}/none.csv", "--voter", "nobody"),
    ],
    "exports": [
        ("exports",),
        ("export", "first"),
        ("export", "first"),
        ("export", "second", "--as", "reward", "--voters", "human", "--format", "json"),
        ("export", "empty", "--voter", "nobody"),
        ("export", "a/b"),
        ("exports",),
        ("exports", "--format", "json"),
    ],
    "battles": [
        ("battle", "--models", "owl,crow", "--prompts", "topics"),
        ("battle", "--models", "owl,nobody", "--prompts", "topics"),
        ("battle", "--models", "owl,crow", "--prompts", "nothing"),
        ("answer", "--models", "owl", "--prompts", "topics"),
        ("answer", "--models", "nobody", "--prompts", "topics"),
    ],
    "judges": [
        ("judges", "list"),
        ("judges", "add", "tidy", "--kind", "rule", "-o", "max_words=5"),
        ("judges", "add", "tidy", "--kind", "rule", "-o", "max_words=6"),
        ("judges", "add", "odd", "--kind", "rule", "-o", "max_wards=6"),
        ("judges", "add", "lost", "--kind", "pairwise", "-o", "model=nobody"),
        ("judges", "show", "tidy"),
        ("judges", "show", "brief", "--format", "json"),
        ("judge", "--judge", "tidy", "--estimate"),
        ("judge", "--judge", "tidy"),
        ("judge", "--judge", "tidy", "--format", "json"),
        ("judge", "--judge", "nobody"),
        ("judge", "--judge", "tidy", "--criterion", "charm"),
        ("judges", "list", "--format", "json"),
        ("judges", "verdicts", "--judge", "tidy", "--limit", "3"),
        ("judges", "verdicts", "--decided", "--offset", "2", "--format", "json"),
        ("judges", "transcript", "{battle}", "--judge", "tidy"),
        ("judges", "transcript", "{battle}", "--judge", "brief", "--format", "json"),
        ("judges", "transcript", "{battle}", "--judge", "nobody"),
        ("judges", "templates"),
        ("judges", "templates", "--copy", "pairwise", "--as", "mine"),
        ("judges", "templates", "--copy", "pairwise", "--as", "mine"),
        ("judges", "attack", "tidy"),
        ("agreement",),
        ("agreement", "--judge", "brief"),
        ("agreement", "--judge", "brief", "--own", "owl,crow", "--format", "json"),
        ("agreement", "--judge", "nobody"),
        ("judges", "remove", "tidy"),
        ("judges", "remove", "tidy"),
    ],
    "scores": [
        ("score",),
        ("score", "--metric", "f1,words"),
        ("score", "--metric", "f1", "--models", "owl"),
        ("score", "--metric", "nonsense"),
        ("score", "--metric", "f1", "--models", "nobody"),
        ("score", "--shared", "--format", "json"),
        ("score", "--missing"),
        ("score", "--show", "f1", "--limit", "2"),
        ("score", "--show", "nonsense"),
    ],
    "golden": [
        ("golden", "add", "quiz", "--file", "{files}/golden.jsonl", "--check", "f1>=0"),
        ("golden", "add", "quiz", "--file", "{files}/golden.jsonl", "--check", "f1>=0"),
        ("golden", "add", "topics", "--prompts", "topics", "--check", "f1>=0.9"),
        ("golden", "add", "none"),
        ("golden", "list"),
        ("golden", "show", "quiz"),
        ("score", "--golden", "topics", "--model", "owl"),
        ("score", "--golden", "topics"),
        ("golden", "show", "topics", "--answers"),
        ("golden", "accept", "topics", "--model", "owl"),
        ("golden", "accept", "topics", "--model", "crow"),
        ("golden", "show", "topics"),
        ("golden", "show", "nothing"),
        ("golden", "remove", "quiz"),
        ("golden", "remove", "quiz"),
    ],
    "training": [
        ("runs", "list"),
        ("runs", "show", "early"),
        ("runs", "show", "nothing"),
        ("runs", "stop", "early"),
        ("runs", "resume", "early"),
        ("runs", "deploy", "early"),
        ("train", "dpo", "--base", "owl", "--data", "first"),
        ("train", "dpo", "--base", "nobody", "--data", "first"),
        ("promote", "owl"),
        ("promote", "nobody"),
    ],
    "reviews": [
        ("review", "list"),
        ("review", "create", "calm", "--from-battles", "--limit", "3", "--attention", "0", "--overlap", "2"),
        ("review", "create", "calm", "--from-battles"),
        ("review", "list"),
        ("review", "show", "calm"),
        ("review", "report", "calm"),
        ("review", "close", "calm"),
        ("review", "reopen", "calm"),
        ("review", "remove", "calm"),
        ("review", "show", "calm"),
    ],
    "jobs": [
        ("jobs", "list"),
        ("export", "first"),
        ("export", "empty", "--voter", "nobody"),
        ("jobs", "list", "--kind", "export", "--limit", "1"),
        ("jobs", "list", "--before", "export-2", "--format", "json"),
        ("jobs", "list", "--kind", "nonsense"),
        ("jobs", "show", "export-1"),
        ("jobs", "show", "export-2"),
        ("jobs", "follow", "export-1"),
        ("jobs", "follow", "export-2"),
        ("jobs", "stop", "export-1"),
        ("jobs", "resume", "export-1"),
        ("jobs", "resume", "export-2"),
        ("jobs", "remove", "export-1"),
        ("jobs", "remove", "export-1"),
        ("jobs", "show", "export-1"),
    ],
    "people": [
        ("users", "list"),
        ("users", "role", "nobody", "admin"),
        ("users", "remove", "nobody"),
        ("tokens", "list"),
        ("tokens", "add", "robot", "--role", "analyst", "--days", "3"),
        ("tokens", "add", "robot"),
        ("tokens", "list"),
        ("tokens", "remove", "robot"),
        ("tokens", "remove", "robot"),
    ],
}
ELSEWHERE = {
    ("serve",): "tests/workbench/test_owner.py",
    ("demo",): "tests/workbench/test_owner.py",
    ("users", "add"): "asks for a password; stands in a file whether the app runs or not",
    ("users", "password"): "asks for a password; stands in a file whether the app runs or not",
}
"""Commands that no story tells, and why."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A home with something of everything, closed, and a folder of files to import."""
    folder = tmp_path_factory.mktemp("told")
    with Workbench.open(folder / "home", seed=0) as bench:
        battle = _fill(bench)
    _files(folder)
    return folder, battle


def _fill(bench):
    prompts = [
        Prompt.from_text(f"Tell me about topic {n}.", category="topics", reference=f"Topic {n} is big.")
        for n in range(6)
    ]
    bench.store.prompts.add("topics", prompts)
    for name, text in ANSWERS.items():
        bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        for number, prompt in enumerate(prompts):
            bench.store.answers.add(
                prompt, [Answer(name, text.format(number), finish_reason="recorded")], recorded=True
            )
    ann = Voter(VoterKind.HUMAN, "ann")
    battles = asyncio.run(bench.battle_all(["owl", "crow"], prompts, ann, seed=1))
    for number, battle in enumerate(battles):
        bench.vote(battle.battle_id, list(Winner)[number % 3], ann)
    bench.add_judge(JudgeSpec("brief", JudgeKind.RULE, {"max_words": 4}))
    asyncio.run(bench.judge("brief", BattleFilter()))
    from arena.types import VoteFilter

    export = bench.export("seen", VoteFilter())
    base = bench.home / "models" / "none"
    config = make(
        name="early", method="dpo", base=str(base), adapter=None, data=str(bench.exports_folder / export.name),
        parent="owl", overrides={},
    )  # fmt: skip
    run = bench.runs_folder / "early"
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps(config.as_dict()), "utf-8")
    assert [found.name for found in runs.list_runs(bench.runs_folder)] == ["early"]
    return battles[0].battle_id


def _files(folder):
    (folder / "questions.jsonl").write_text(
        '{"prompt": "How many legs has a spider?", "reference": "Eight."}\n{"prompt": "What melts at 0 °C?"}\n',
        "utf-8",
    )
    (folder / "golden.jsonl").write_text('{"prompt": "How many?", "reference": "Eight."}\n', "utf-8")
    rows = [f"ant,bee,{outcome}" for outcome in ("model_a", "model_a", "model_b", "tie")]
    (folder / "votes.csv").write_text("model_a,model_b,winner\n" + "\n".join(rows) + "\n", "utf-8")
    (folder / "broken.csv").write_text("model_a,model_b,winner\nant,bee,model_a\nant,bee,maybe\n", "utf-8")


def tell(story, home, files, battle, capsys):
    """Carry out the commands of a story and return what each came to, for comparison."""
    known = {str(home): "HOME", str(files): "FILES"}
    outcomes = []
    for command in story:
        arguments = [part.format(files=files, battle=battle) for part in command]
        code = 0
        try:
            main(["--home", str(home), *arguments])
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
        captured = capsys.readouterr()
        outcomes.append((" ".join(command), code, same(captured.out, known), same(captured.err, known)))
    return outcomes


def same(text, known):
    """Return an output with what differs by nature made the same."""
    for found, name in known.items():
        text = text.replace(found, name)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)?", "MOMENT", text)
    text = re.sub(r"\b\d+(\.\d+)?(e-\d+)? s\b", "SECONDS", text)
    text = re.sub(r'("?seconds"?:? +|"?rate"?:? +)\d[\d.e-]*', r"\1NUMBER", text)
    text = re.sub(r'("token": "|token +)\S+?("|\n)', r"\1SECRET\2", text)
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID", text)
    return re.sub(r"[─━]+", "─", re.sub(r"  +", "  ", text))


@pytest.mark.slow
@pytest.mark.parametrize("name", STORIES)
def test_a_story_comes_to_the_same_with_and_without_the_app(name, told, tmp_path, capsys):
    folder, battle = told
    told_by = {}
    for way in ("alone", "served"):
        files = tmp_path / way
        shutil.copytree(folder, files)
        home = files / "home"
        if way == "alone":
            told_by[way] = tell(STORIES[name], home, files, battle, capsys)
        else:
            with Workbench.open(home) as bench, served(bench):
                told_by[way] = tell(STORIES[name], home, files, battle, capsys)
    for alone, through in zip(told_by["alone"], told_by["served"], strict=True):
        assert through == alone
    assert any(code == 0 for _, code, _, _ in told_by["alone"])


def test_every_command_is_told_in_a_story():
    def commands(group, path=()):
        if not hasattr(group, "commands"):
            return {path}
        return {found for name, part in group.commands.items() for found in commands(part, (*path, name))}

    every = commands(typer.main.get_command(app))
    told = {
        path
        for path in every
        for story in STORIES.values()
        for command in story
        if command[: len(path)] == path
    }
    assert every - told == set(ELSEWHERE)
