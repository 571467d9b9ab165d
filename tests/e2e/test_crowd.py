"""Fifty voters at the page while commands judge, export and rate the same home: all finish, and the counts add up."""

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from arena.judgments import JudgeKind, JudgeSpec
from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn, Voter, VoterKind, Winner
from arena.types import Vote as Ballot
from tests.support.command import run
from tests.support.crowd import PageVoter
from tests.support.scripted_judge import scripted_judge
from tests.support.served import wait_for_owner
from workbench.bench import Workbench

pytestmark = pytest.mark.slow

VOTERS = 50
BATTLES_EACH = 2
LOOKS = 3
PROMPTS = 30
MODELS = ("owl", "crow", "wren")
SETTINGS = """
[access]
anonymous = "voter"
[limits]
battles_per_minute = 0
votes_per_minute = 0
battles_per_minute_of_address = 0
votes_per_minute_of_address = 0
"""


@dataclass(frozen=True)
class Afternoon:
    """What the crowd holds to have done, and what the commands said meanwhile."""

    home: Path
    voters: list[PageVoter]
    commands: dict[str, "subprocess.CompletedProcess[str]"]
    during: list[int]
    """How many votes each leaderboard counted that was asked for while people voted."""
    after: dict[str, "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afternoon]:
    home = tmp_path_factory.mktemp("crowd") / "home"
    with scripted_judge(after=0.02) as endpoint:
        _furnish(home, endpoint.base_url)
        command = [sys.executable, "-m", "workbench", "--home", str(home), "serve", "--port", "0"]
        log = home.parent / "server.log"
        with log.open("wb") as said:
            server = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            owner = wait_for_owner(home, 300)
            assert owner is not None, log.read_text("utf-8")
            yield _spend(home, owner.address)
        finally:
            server.terminate()
            server.wait(30)
        assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")[-4000:]


def _spend(home: Path, address: str) -> Afternoon:
    with ThreadPoolExecutor(4) as pool:
        crowd = pool.submit(asyncio.run, _crowd(address))
        jobs = {
            "judge": pool.submit(run, "judge", "--judge", "strict", "--home", home, "--format", "json"),
            "export": pool.submit(run, "export", "meanwhile", "--home", home, "--format", "json"),
        }
        during = [_counted(run("leaderboard", "--home", home, "--format", "json")) for _ in range(LOOKS)]
        voters = crowd.result()
        commands = {name: job.result() for name, job in jobs.items()}
    after = {
        "leaderboard": run("leaderboard", "--home", home, "--format", "json"),
        "votes": run("votes", home.parent / "votes.jsonl", "--home", home),
        "export": run("export", "afterwards", "--home", home, "--format", "json"),
    }
    return Afternoon(home, voters, commands, during, after)


async def _crowd(address: str) -> list[PageVoter]:
    rng = random.Random(11)
    limits = httpx.Limits(max_connections=4)
    clients = [
        httpx.AsyncClient(
            base_url=address, timeout=300, limits=limits, headers={"origin": address}, trust_env=False
        )
        for _ in range(VOTERS)
    ]
    voters = [PageVoter(client) for client in clients]
    try:
        await asyncio.gather(*(one.spend(BATTLES_EACH, random.Random(rng.random())) for one in voters))
    finally:
        for client in clients:
            await client.aclose()
    return voters


def _furnish(home: Path, endpoint: str) -> None:
    """Prompts that three recorded models have answered, and a battle of the past on each, voted on by `before`."""
    home.mkdir()
    (home / "workbench.toml").write_text(SETTINGS, "utf-8")
    prompts = [Prompt.from_text(f"What of topic {n}?") for n in range(PROMPTS)]
    answers = {
        (model, n): Answer(model, f"{model} says {n}. " * (1 + n % 3), finish_reason="recorded")
        for model in MODELS
        for n in range(PROMPTS)
    }
    with Workbench.open(home) as bench:
        bench.store.prompts.add("topics", prompts)
        for model in MODELS:
            bench.add_model(ModelSpec(model, ModelKind.RECORDED))
        rows = [(p, [answers[model, n] for model in MODELS]) for n, p in enumerate(prompts)]
        bench.store.answers.add_many(rows, recorded=True)
        options = {"base_url": endpoint, "model": "judge", "sets": ["none"]}
        bench.add_model(ModelSpec("gpt", ModelKind.ENDPOINT, options))
        bench.add_judge(JudgeSpec("strict", JudgeKind.PAIRWISE, {"model": "gpt"}))
        for n, prompt in enumerate(prompts):
            turn = Turn(None, *(_again(answers[model, n]) for model in MODELS[:2]))
            battle = Battle(_battle_id(n), prompt, *MODELS[:2], (turn,))
            bench.store.battles.add(battle)
            bench.store.votes.cast(Ballot(battle.battle_id, Winner.MODEL_A, Voter(VoterKind.HUMAN, "before")))


def _again(answer: Answer) -> Answer:
    return Answer(answer.model, answer.text, finish_reason="recorded")


def _battle_id(number: int):  # type: ignore[no-untyped-def]
    import uuid

    return uuid.UUID(int=number + 1)


def _counted(board: "subprocess.CompletedProcess[str]") -> int:
    assert board.returncode == 0, board.stderr
    return sum(row["votes"] for row in json.loads(board.stdout)) // 2


def _standing(afternoon: Afternoon) -> Counter[tuple[str, str]]:
    """Return how often each voter's each outcome stands, by what the server acknowledged."""
    held = Counter({("before", "model_a"): PROMPTS})
    for voter in afternoon.voters:
        held.update({(voter.name, winner): n for winner, n in voter.standing.items() if n})
    return held


@pytest.mark.timeout(600)
def test_every_voter_and_every_command_finished(afternoon: Afternoon) -> None:
    assert len({voter.name for voter in afternoon.voters}) == VOTERS
    for done in (*afternoon.commands.values(), *afternoon.after.values()):
        assert done.returncode == 0, done.stderr
    assert any(voter.refused for voter in afternoon.voters), "nobody tried to vote twice"


def test_every_acknowledged_vote_is_there_once_and_no_other(afternoon: Afternoon) -> None:
    lines = (afternoon.home.parent / "votes.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    voters = [row.get("voter") or row.get("judge") for row in rows]
    outcomes = [{"tie (bothbad)": "both_bad"}.get(row["winner"], row["winner"]) for row in rows]
    assert Counter(zip(voters, outcomes, strict=True)) == _standing(afternoon)


def test_the_leaderboard_counts_them_all_and_whole_votes_meanwhile(afternoon: Afternoon) -> None:
    assert _counted(afternoon.after["leaderboard"]) == sum(_standing(afternoon).values())
    assert all(PROMPTS <= n <= PROMPTS + VOTERS * BATTLES_EACH for n in afternoon.during)
    assert len(afternoon.during) == LOOKS


def test_the_judge_judged_each_battle_it_found_once(afternoon: Afternoon) -> None:
    report = json.loads(afternoon.commands["judge"].stdout)
    assert report["verdicts"] + report["failed"] == report["battles"] >= PROMPTS
    assert report["failed"] == 0
    rows = json.loads(
        run("judges", "verdicts", "--limit", 1000, "--home", afternoon.home, "--format", "json").stdout
    )
    judged = [row["battle_id"] for row in rows]
    assert len(judged) == len(set(judged)) == report["verdicts"]
    assert {str(_battle_id(n)) for n in range(PROMPTS)} <= set(judged)


def test_exports_hold_whole_votes_and_the_last_one_all_of_them(afternoon: Afternoon) -> None:
    meanwhile = json.loads(afternoon.commands["export"].stdout)
    afterwards = json.loads(afternoon.after["export"].stdout)
    standing = sum(_standing(afternoon).values())
    assert PROMPTS <= meanwhile["votes"] <= standing + VOTERS * BATTLES_EACH
    assert afterwards["votes"] == standing
    for manifest in (meanwhile, afterwards):
        waterfall = manifest["waterfall"]
        dropped = sum(n for reason, n in waterfall.items() if reason not in ("votes", "pairs"))
        assert waterfall["votes"] - dropped == waterfall["pairs"]
