"""Judges with a known bias on real people's votes: the tables give back what was put in, and the bar refuses them.

Each judge is a real pairwise judge over an endpoint. Behind it sits a person: of every battle one worker's vote is held
out of the import and given as the verdict, except where the bias decides. So a judge without bias is another person.
"""

import asyncio
import csv
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from arena.judgments import BattleFilter, JudgeKind, JudgeSpec
from arena.types import ModelKind, ModelSpec, VoteFilter, VoterKind
from judges.fence import shown
from tests.support.command import run
from tests.support.scripted_judge import Asked, scripted_judge
from workbench.bench import Workbench

DATA = Path(__file__).parents[3] / "shared" / "data" / "llmfao"
BATTLES = 500
POSITION, LENGTH, FAMILY = 0.6, 0.5, 0.6
"""The share of replies (position) or battles (length, family) that go by the bias alone."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="the LLMFAO votes are not in ../shared/data"),
]


@dataclass(frozen=True)
class World:
    """The votes that people keep, and what the judges know: the held-out vote and who wrote a text."""

    kept: list[dict[str, str]]
    verdicts: dict[tuple[str, str, str], str]
    authors: dict[tuple[str, str], str]
    family: frozenset[str]


def lines(name):
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(7)
    prompts = {row["id"]: row["text"] for row in lines("prompts.jsonl")}
    texts = {(row["name"], row["prompt"]): row["result"] for row in lines("results.jsonl")}
    writers = defaultdict(set)
    for (name, prompt), text in texts.items():
        writers[prompt, text].add(name)
    with (DATA / "crowd-comparisons.csv").open(encoding="utf-8") as file:
        battles = defaultdict(list)
        for row in csv.DictReader(file):
            battles[row["id"]].append(row)
    kept, verdicts, authors = [], {}, {}
    for rows in [list(battles.values())[int(i)] for i in rng.permutation(len(battles))]:
        left, right, prompt = rows[0]["left"], rows[0]["right"], int(rows[0]["prompt"])
        answers = [texts[left, prompt], texts[right, prompt]]
        if len(rows) < 3 or any(len(writers[prompt, text]) > 1 for text in answers):
            continue
        out = int(rng.integers(len(rows)))
        kept += rows[:out] + rows[out + 1 :]
        asked, a, b = shown(prompts[prompt]), *map(shown, answers)
        said = rows[out]["winner"]
        verdicts[asked, a, b] = {"left": "A", "right": "B", "tie": "tie"}[said]
        verdicts[asked, b, a] = {"left": "B", "right": "A", "tie": "tie"}[said]
        authors |= {(asked, a): left, (asked, b): right}
        if len(verdicts) == 2 * BATTLES:
            break
    family = frozenset(
        row["name"] for row in lines("models.jsonl") if row["org"] in ("Meta", "LM Sys", "OpenAI")
    )
    return World(kept, verdicts, authors, family)


def chance(*texts: str) -> float:
    """A number from 0 to 1 that is the same whenever these texts are asked about."""
    return int(hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12], 16) / 16**12


@pytest.fixture(scope="module")
def rules(world):
    def person(asked: Asked) -> str:
        return world.verdicts[asked.prompt, asked.answers[0], asked.answers[1]]

    def first(asked: Asked) -> str:
        return "A" if chance("first", asked.prompt, *asked.answers) < POSITION else person(asked)

    def longer(asked: Asked) -> str:
        a, b = map(len, asked.answers)
        biased = a != b and chance("longer", asked.prompt, *sorted(asked.answers)) < LENGTH
        return ("A" if a > b else "B") if biased else person(asked)

    def proud(asked: Asked) -> str:
        own = [world.authors[asked.prompt, text] in world.family for text in asked.answers]
        biased = own[0] != own[1] and chance("proud", asked.prompt, *sorted(asked.answers)) < FAMILY
        return ("A" if own[0] else "B") if biased else person(asked)

    return {"fair": person, "first": first, "hasty": first, "longer": longer, "proud": proud}


@pytest.fixture(scope="module")
def home(world, rules, tmp_path_factory):
    """A home where five judges have judged the battles that people voted on; the hasty one in one order only."""
    folder = tmp_path_factory.mktemp("bias")
    for name in ("prompts.jsonl", "results.jsonl", "models.jsonl"):
        (folder / name).write_bytes((DATA / name).read_bytes())
    votes = folder / "crowd-comparisons.csv"
    with votes.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, world.kept[0])
        writer.writeheader()
        writer.writerows(world.kept)
    home = folder / "home"
    home.mkdir()
    own = [*sorted(world.family), *(f"{name}-model" for name in rules)]
    (home / "workbench.toml").write_text(f"[judging.families]\nours = {json.dumps(own)}\n", encoding="utf-8")
    with Workbench.open(home) as bench:
        bench.import_file(votes, "votes")
        for name, rule in rules.items():
            with scripted_judge(rule, bad_days=False) as server:
                options = {"base_url": server.base_url, "model": name}
                bench.add_model(ModelSpec(f"{name}-model", ModelKind.ENDPOINT, options))
                bench.add_judge(
                    JudgeSpec(
                        name,
                        JudgeKind.PAIRWISE,
                        {"model": f"{name}-model", "orders": "one" if name == "hasty" else "both"},
                    )
                )
                report = asyncio.run(bench.judge(name, BattleFilter(voted_by_people=True), slots=16))
            assert (report.decided, dict(report.failures)) == (BATTLES, {})
    return home


@pytest.fixture
def bench(home):
    with Workbench.open(home) as bench:
        yield bench


@pytest.mark.parametrize(
    ("judge", "kind", "put_in"),
    [
        ("first", "position", POSITION),
        ("hasty", "position", POSITION),
        ("longer", "length", LENGTH),
        ("proud", "family", FAMILY),
    ],
)
def test_the_bias_that_was_put_in_lies_in_the_interval(bench, judge, kind, put_in):
    found = bench.agreement(judge).bias(kind).pull
    assert found.lower <= put_in <= found.upper
    assert found.upper - found.lower < 0.4


@pytest.mark.parametrize("kind", ["position", "length", "family"])
def test_the_fair_judge_has_no_bias(bench, kind):
    found = bench.agreement("fair").bias(kind).pull
    # One and a half times a 95 % interval: of three such figures, one in a hundred would lie outside.
    assert abs(found.value) <= 1.5 * (found.upper - found.lower) / 2
    assert found.lower < bench.bar().max_bias


def test_the_fair_judge_agrees_with_people_as_people_do(bench):
    found = bench.agreement("fair").overall
    assert found.judge_kappa.lower <= found.people_kappa.value <= found.judge_kappa.upper


def test_the_fair_judge_has_its_licence_and_no_other_has(bench):
    found = {one.judge.name: one for one in bench.licences()}
    assert {name for name, one in found.items() if one.granted} == {"fair"}
    assert "κ" in found["first"].reason and "shown first" not in found["first"].reason
    assert "shown first" in found["hasty"].reason
    assert "longer answer" in found["longer"].reason
    assert "own family" in found["proud"].reason


def test_only_the_fair_judges_votes_reach_ratings_and_exports(bench):
    judges = VoteFilter(voter_kinds=(VoterKind.JUDGE,))
    board = bench.leaderboard(judges)
    assert board.votes == BATTLES
    left_out = [note for note in board.notes if "do not count" in note]
    assert [note.split("'")[1] for note in left_out] == ["first", "hasty", "longer", "proud"]
    assert bench.preview_export(judges).votes == BATTLES
    assert bench.leaderboard(VoteFilter(voters=("proud",))).votes == BATTLES


def test_the_command_tells_a_stranger(home):
    done = run("agreement", "--home", home)
    assert done.returncode == 0, done.stderr
    assert "of its verdicts go for the longer answer" in done.stdout
    board = run("leaderboard", "--voters", "judge", "--home", home)
    assert "The votes of the judge 'proud' do not count." in board.stderr
