"""A model's answers to the prompts of a golden set: drawn greedily with a fixed seed, so that a check can be repeated.

The answers are stored under a key of everything that shapes them: the model's options, its weight files, the sampling.
A changed model therefore answers anew. What an endpoint serves under one name cannot be seen from here: ask it afresh.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from arena.errors import ModelFailed
from arena.golden import GoldenSet
from arena.models import collect
from arena.models.identity import model_hash
from arena.models.options import own_sampling
from arena.types import Answer, ModelKind, ModelSpec, Prompt, Sampling
from judges.scoring import Stop
from judges.spec import UNHEARD, hash_of
from workbench.jobs import JobStoppedError

if TYPE_CHECKING:
    from workbench.home import Home

SEED = 0


class CheckStoppedError(JobStoppedError):
    """A check was stopped before it had its numbers; the answers that have come are kept."""


async def golden_answers(
    home: "Home",
    golden: GoldenSet,
    spec: ModelSpec,
    *,
    fresh: bool,
    since: datetime | None = None,
    concurrency: int,
    stop: Stop,
    on_done: Callable[[Answer], None] | None = None,
) -> dict[str, Answer]:
    """Return the model's answer to each prompt by its id, failed ones with their error; new ones are stored.

    A recorded model answers with its recorded answers; a live one is asked what it has not answered under its key,
    or everything when `fresh` but what it was asked after `since`. Once `stop` is set nothing more is asked.

    Raises:
        CheckStoppedError: `stop` was set before every prompt had been asked.
        ModelFailed: there is not one answer; the message is the first error.
    """
    prompts = [entry.prompt for entry in golden.prompts]
    if spec.live:
        answers = await _drawn(home, prompts, spec, fresh, since, concurrency, stop, on_done)
    else:
        answers = await asyncio.to_thread(_recorded, home, prompts, spec.name)
    if answers and all(answer.failed for answer in answers.values()):
        raise ModelFailed(f"{next(iter(answers.values())).error}")
    return answers


def greedy(spec: ModelSpec) -> ModelSpec:
    """Return the model without settings of its own that would make its answers vary."""
    return replace(spec, options={k: v for k, v in spec.options.items() if k not in ("temperature", "top_p")})


def answers_key(spec: ModelSpec, sampling: Sampling) -> str:
    """Return the hash of what shapes the answers of an opened model's spec; where its folders are does not."""
    return hash_of(
        {
            "kind": spec.kind.value,
            "options": {key: value for key, value in spec.options.items() if key not in UNHEARD},
            "files": _files(spec) if spec.kind is ModelKind.LOCAL else None,
            "sampling": own_sampling(spec, sampling).as_dict(),
        }
    )


async def _drawn(
    home: "Home",
    prompts: list[Prompt],
    spec: ModelSpec,
    fresh: bool,
    since: datetime | None,
    concurrency: int,
    stop: Stop,
    on_done: Callable[[Answer], None] | None,
) -> dict[str, Answer]:
    opened = greedy(home.resolved(spec))
    sampling = replace(home.settings.sampling.as_sampling(SEED), temperature=0.0, top_p=1.0)
    key = answers_key(opened, sampling)
    known = (
        {}
        if fresh and since is None
        else await asyncio.to_thread(home.store.golden.answers, spec.name, key, since if fresh else None)
    )
    model = home.pool.open(opened)
    gate = asyncio.Semaphore(concurrency)

    async def ask(prompt: Prompt) -> Answer | None:
        if (kept := known.get(prompt.prompt_id)) is not None:
            return kept
        async with gate:
            if stop.is_set():
                return None
            answer = await collect(model, prompt.messages, sampling)
            answer = replace(answer, sampling={**answer.sampling, "golden": key})
            await asyncio.to_thread(home.store.answers.add, prompt, [answer], recorded=False)
            if on_done:
                on_done(answer)
        return answer

    answers = await asyncio.gather(*(ask(prompt) for prompt in prompts))
    found = {p.prompt_id: answer for p, answer in zip(prompts, answers, strict=True) if answer is not None}
    if len(found) < len(prompts):
        raise CheckStoppedError(
            f"Stopped with {len(found)} of {len(prompts)} answers, which are kept: check again to go on."
        )
    return found


def _recorded(home: "Home", prompts: list[Prompt], name: str) -> dict[str, Answer]:
    found = {p.prompt_id: home.store.answers.recorded(name, p.prompt_id) for p in prompts}
    missing = f"{name} has no recorded answer to this prompt: import one."
    return {key: answer or Answer(name, "", error=missing) for key, answer in found.items()}


def _files(spec: ModelSpec) -> list[str]:
    """Return the hash of every folder that a local model's weights are read from."""
    return [model_hash(Path(folder)) for key in ("path", "adapter") if (folder := spec.options.get(key))]
