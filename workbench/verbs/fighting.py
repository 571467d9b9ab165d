"""Battles in bulk, as a job fights them: which battle belongs to which prompt is settled by the job, not by chance.

The id of a battle is made of the job and its prompt, so that a job that goes on knows which battles it has. Pairs and
sides follow from the job's seed, the votes there were when it began or went on, and the prompts before, each of whose
battles counts as a vote to come.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from arena.battles import fight_one
from arena.jobs import JobProgress, JobRecord
from arena.pairing.candidates import able
from arena.pairing.matchmaker import Pairing
from arena.types import Battle, ModelSpec, Prompt, Voter, VoterKind
from workbench.jobs.results import BattleReport, Fought
from workbench.jobs.specs import BattleJob
from workbench.verbs.flow import flow

if TYPE_CHECKING:
    from workbench.verbs.pairing import PairingVerbs

_NAMESPACE = uuid.UUID("6d0c1a0e-5f0b-4f8e-9a8c-0d9d5a3f7b21")


@dataclass(frozen=True, slots=True)
class _Pairing:
    """A battle to be: its place among the prompts, its id, and the two models in the order shown."""

    place: int
    battle_id: uuid.UUID
    prompt: Prompt
    model_a: ModelSpec
    model_b: ModelSpec


async def fight_job(
    home: "PairingVerbs",
    spec: BattleJob,
    job: JobRecord,
    *,
    on_progress: Callable[[JobProgress], None],
    stop: threading.Event,
) -> BattleReport:
    """Fight those battles of a job that are not stored, and store them as they end.

    Raises:
        NotFound: a model or prompt set is gone.
        InvalidInput: fewer than two of the models can answer a prompt.
    """
    prompts = await asyncio.to_thread(home.prompts_of, spec.prompts)
    ids = {prompt.prompt_id: battle_id(job, prompt) for prompt in prompts}
    stored = await asyncio.to_thread(home.store.battles.stored, list(ids.values()))
    pairings, half_width = await asyncio.to_thread(_pairings, home, spec, job, prompts, ids)
    todo = [pairing for pairing in pairings if pairing.battle_id not in stored]
    sampling = home.settings.sampling.as_sampling(spec.seed)
    voter = Voter(VoterKind.HUMAN, job.started_by) if job.started_by else None
    votable = dict(stored)

    async def fight(pairing: _Pairing) -> Battle:
        return await fight_one(
            pairing.prompt,
            home.open_model(pairing.model_a),
            home.open_model(pairing.model_b),
            sampling,
            place=pairing.place,
            battle_id=pairing.battle_id,
            started_by=voter,
        )

    def tell(in_flight: int) -> None:
        done = len(votable) - len(stored)
        failed = sum(not votable[i] for i in votable.keys() - stored.keys())
        failures = {"failed": failed} if failed else {}
        on_progress(JobProgress(done, len(todo), failed, len(stored), in_flight=in_flight, failures=failures))

    def kept(battles: list[Battle], in_flight: int) -> None:
        votable.update({battle.battle_id: battle.votable for battle in battles})
        tell(in_flight)

    tell(0)
    await flow(todo, spec.slots, fight, home.store.battles.add_many, stop=stop, on_kept=kept)
    fought = tuple(
        Fought(p.battle_id, p.prompt.text, votable[p.battle_id]) for p in pairings if p.battle_id in votable
    )
    spared = len(prompts) - len(pairings)
    return BattleReport(fought, len(pairings) - len(fought), spared, half_width)


def battle_id(job: JobRecord, prompt: Prompt) -> uuid.UUID:
    """Return the id of a job's battle on a prompt; when the job was created keeps those of two homes apart."""
    return uuid.uuid5(_NAMESPACE, f"{_name(job)} {prompt.prompt_id}")


def _name(job: JobRecord) -> str:
    return f"{job.job_id} {job.created_at.isoformat()}"


def _pairings(
    home: "PairingVerbs",
    spec: BattleJob,
    job: JobRecord,
    prompts: Sequence[Prompt],
    ids: dict[str, uuid.UUID],
) -> tuple[list[_Pairing], float]:
    """Return the battles to be, and half the mean width of the intervals that is expected of votes on them."""
    candidates = [home.store.models.get(name) for name in spec.models]
    pairing = Pairing(home.settings.arena.pairing, home.pairing_counts(), spec.models)
    seed = spec.seed if spec.seed is not None else uuid.uuid5(_NAMESPACE, _name(job)).int % 2**63

    @cache
    def answered(name: str) -> Collection[str]:
        return home.store.answers.prompts_answered_by(name)

    found: list[_Pairing] = []
    for place, prompt in enumerate(prompts):
        if spec.until_width is not None and pairing.half_width <= spec.until_width:
            break
        rng = np.random.default_rng([seed, int(prompt.prompt_id[:12], 16)])
        can = able(candidates, prompt, answered)
        found.append(_Pairing(place, ids[prompt.prompt_id], prompt, *pairing.draw(can, rng)))
    return found, pairing.half_width
