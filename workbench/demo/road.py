"""The whole road with a simulated voter: battles, votes, ratings, export, reward model, DPO, and back into the arena.

It is what a team does over weeks, done in minutes by the same verbs; only the voter is simulated, and its votes are
marked so. The tuned model meets its parent on prompts that neither training has seen.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from arena.errors import RunFailed
from arena.exports import Manifest
from arena.judgments import JudgeKind, JudgeSpec
from arena.leaderboard import Leaderboard
from arena.types import Battle, Prompt, VoteFilter, VoterKind, Winner
from judges.simulated import SimulatedVoter
from training import runs
from training.run import Run
from workbench.bench import Workbench
from workbench.demo.setup import LIVELY, TINY, WORLD_SETS
from workbench.demo.voter import choose
from workbench.demo.world.splits import questions_in
from workbench.results import Promotion

PREFERENCE_BATTLES = 700
PARENT_BATTLES = 300
FLIPPED = 0.1
"""Share of decided votes the simulated voter gets wrong on purpose: people are not of one mind either."""

TINY_RUN = {"batch_size": 8, "test_share": 0.15, "max_length": 256, "lora_dropout": 0.0, "evaluations": 3}
REWARD = {**TINY_RUN, "learning_rate": 4e-3, "epochs": 3.0}
DPO = {**TINY_RUN, "learning_rate": 3e-3, "epochs": 3.0, "beta": 0.5}
"""A tiny model and its adapter need rates a thousand times those of a large one."""

SIMULATED = VoteFilter(voter_kinds=(VoterKind.SIMULATED,))

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Report:
    """What the road came to."""

    votes: dict[str, Any]
    leaderboard: Leaderboard
    export: Manifest
    reward_model: dict[str, Any]
    dpo: dict[str, Any]
    tuned_vs_parent: Promotion

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, as `--format json` prints it."""
        return {
            "votes": self.votes,
            "leaderboard": [row.as_dict() for row in self.leaderboard.rows],
            "export": self.export.as_dict(),
            "reward_model": self.reward_model,
            "dpo": self.dpo,
            "tuned_vs_parent": self.tuned_vs_parent.as_dict(),
        }


async def run_road(bench: Workbench, seed: int, tell: Tell) -> Report:
    """Go the whole road in a home that `make_demo` has prepared; `tell` hears a line at each stage.

    Raises:
        RunFailed: a training run did not finish; its log says why.
    """
    rng = np.random.default_rng(seed)
    number = 1 + sum(manifest.name.startswith("demo-") for manifest in bench.exports())
    voter = _voter(f"rule-{seed}", rng)
    tell(f"Battles: {PREFERENCE_BATTLES} between two samplings of {TINY}, voted on by a simulated voter ...")
    prompts = _draw(bench, "preference", PREFERENCE_BATTLES, rng)
    battles = await bench.battle_all([TINY, LIVELY], prompts, voter.voter, seed=seed)
    outcomes = await asyncio.to_thread(_vote_on, bench, battles, voter)
    manifest = bench.export(f"demo-{number}", SIMULATED)
    tell(f"Export: {manifest.pairs} pairs from {manifest.votes} votes, frozen as {manifest.name}.")
    reward, dpo = await asyncio.to_thread(_train, bench, number, seed, tell)
    tuned = bench.deploy_run(dpo.name)
    tell(f"Battles: {PARENT_BATTLES} of {tuned.name} against its parent {TINY}, blind, on unseen prompts ...")
    unseen = _draw(bench, "battle", PARENT_BATTLES, rng)
    rematch = await bench.battle_all([tuned.name, TINY], unseen, voter.voter, seed=seed + 1)
    outcomes += await asyncio.to_thread(_vote_on, bench, rematch, voter)
    return Report(
        votes=_counted(outcomes, len(battles) + len(rematch), voter),
        leaderboard=bench.leaderboard(SIMULATED),
        export=manifest,
        reward_model=_figures(reward),
        dpo=_figures(dpo),
        tuned_vs_parent=bench.promote(tuned.name, SIMULATED),
    )


def _voter(name: str, rng: np.random.Generator) -> SimulatedVoter:
    def rule(battle: Battle) -> Winner:
        turn = battle.turns[-1]
        asked = battle.prompt.text if battle.prompt else ""
        return Winner(choose(asked, turn.answer_a.text, turn.answer_b.text, rng, flip=0.0))

    return SimulatedVoter(name, rule, rng, FLIPPED)


def _draw(bench: Workbench, split: str, number: int, rng: np.random.Generator) -> list[Prompt]:
    """Return `number` prompts of a split, each at most once more often than any other, and keep them as a set."""
    questions = questions_in(split)  # type: ignore[arg-type]
    prompts = [Prompt.from_text(q.prompt, category=q.kind, language="en") for q in questions]
    set_name = next(name for name in WORLD_SETS if name.endswith(split))
    if set_name not in bench.prompt_sets():
        bench.store.prompts.add(set_name, prompts)
    order: list[int] = []
    while len(order) < number:
        order += rng.permutation(len(prompts)).tolist()
    return [prompts[i] for i in order[:number]]


def _vote_on(bench: Workbench, battles: Sequence[Battle], voter: SimulatedVoter) -> list[Winner]:
    outcomes = []
    for battle in battles:
        if battle.votable:
            vote = voter.vote(battle)
            bench.store.votes.cast(vote)
            outcomes.append(vote.winner)
    return [outcome for outcome in outcomes if outcome is not None]


def _train(bench: Workbench, number: int, seed: int, tell: Tell) -> tuple[Run, Run]:
    """Train the reward model, which becomes a judge, and the DPO adapter, each in its own process, both at once."""
    data = f"demo-{number}"
    started = [
        bench.train(f"{data}-reward", "reward", TINY, data, {**REWARD, "seed": seed}),
        bench.train(f"{data}-dpo", "dpo", TINY, data, {**DPO, "seed": seed}),
    ]
    tell("Training: a reward model and a DPO adapter (QLoRA, 4-bit base), each in a process of its own ...")
    for run in started:
        state = runs.wait(run)
        if state != "finished":
            raise RunFailed(
                f"The run {run.name!r} ended as {state}: {run.message or 'see its log'} ({run.folder})."
            )
    reward, dpo = started
    bench.add_judge(JudgeSpec(reward.name, JudgeKind.REWARD, {"path": str(reward.folder)}), replace=True)
    return reward, dpo


def _figures(run: Run) -> dict[str, Any]:
    return {"run": run.name, **(run.result or {})}


def _counted(outcomes: Sequence[Winner], battles: int, voter: SimulatedVoter) -> dict[str, Any]:
    by_winner = {str(winner): sum(o is winner for o in outcomes) for winner in Winner}
    return {
        "voter": asdict(voter.voter),
        "battles": battles,
        "not_votable": battles - len(outcomes),
        "total": len(outcomes),
        **by_winner,
    }
