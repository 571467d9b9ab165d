"""Answers in bulk: every model on every prompt of a set, skipping what is answered already."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from arena.models import collect
from arena.types import Answer, Prompt

if TYPE_CHECKING:
    from workbench.home import Home


async def answer_all(
    home: "Home",
    models: Sequence[str],
    set_name: str,
    *,
    concurrency: int,
    on_done: Callable[[Answer], None] | None,
) -> list[Answer]:
    """Ask each model each open prompt, `concurrency` requests at once; each answer is stored as it comes."""
    sampling = home.settings.sampling.as_sampling()
    gate = asyncio.Semaphore(concurrency)
    prompts = home.prompts_of([set_name])

    async def ask(name: str, prompt: Prompt) -> Answer:
        async with gate:
            answer = await collect(home.open_model(home.store.models.get(name)), prompt.messages, sampling)
        await asyncio.to_thread(home.store.answers.add, prompt, [answer], recorded=not answer.failed)
        if on_done:
            on_done(answer)
        return answer

    todo = []
    for name in models:
        home.store.models.get(name)
        answered = home.store.answers.prompts_answered_by(name)
        todo += [ask(name, prompt) for prompt in prompts if prompt.prompt_id not in answered]
    return list(await asyncio.gather(*todo))
