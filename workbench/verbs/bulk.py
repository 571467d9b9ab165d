"""Answers in bulk: every model on every prompt of some sets, skipping what is answered already."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from arena.jobs import JobProgress
from arena.models import collect
from arena.types import Answer, Prompt
from workbench.jobs.results import AnswerReport
from workbench.verbs.flow import flow

if TYPE_CHECKING:
    from workbench.home import Home


async def answer_all(
    home: "Home",
    models: Sequence[str],
    set_names: Sequence[str],
    *,
    slots: int,
    on_progress: Callable[[JobProgress], None] | None = None,
    stop: threading.Event | None = None,
) -> AnswerReport:
    """Ask each model each open prompt, `slots` requests at once; answers are stored as they come, failed ones too."""
    todo, known = await asyncio.to_thread(_open, home, models, set_names)
    sampling = home.settings.sampling.as_sampling()
    told = _Told(len(todo), known, on_progress)

    async def ask(item: tuple[str, Prompt]) -> tuple[Prompt, Answer]:
        name, prompt = item
        model = home.open_model(home.store.models.get(name))
        return prompt, await collect(model, prompt.messages, sampling)

    def keep(found: list[tuple[Prompt, Answer]]) -> None:
        for failed in (False, True):
            some = [(prompt, [answer]) for prompt, answer in found if answer.failed is failed]
            if some:
                home.store.answers.add_many(some, recorded=not failed)

    told.tell(0)
    await flow(todo, slots, ask, keep, stop=stop, on_kept=told.kept)
    return told.report()


def _open(
    home: "Home", models: Sequence[str], set_names: Sequence[str]
) -> tuple[list[tuple[str, Prompt]], int]:
    """Return what is left to ask, and how many answers there are already."""
    prompts = home.prompts_of(set_names)
    names = list(dict.fromkeys(models))
    todo = []
    for name in names:
        home.store.models.get(name)
        answered = home.store.answers.prompts_answered_by(name)
        todo += [(name, prompt) for prompt in prompts if prompt.prompt_id not in answered]
    return todo, len(names) * len(prompts) - len(todo)


class _Told:
    """Counts what came, and tells of it."""

    def __init__(self, total: int, known: int, on_progress: Callable[[JobProgress], None] | None) -> None:
        self._total = total
        self._known = known
        self._tell = on_progress or (lambda progress: None)
        self._done = self._failed = self._tokens = 0
        self._first_error: str | None = None

    def kept(self, found: list[tuple[Prompt, Answer]], in_flight: int) -> None:
        self._done += len(found)
        for _, answer in found:
            self._tokens += answer.tokens or 0
            if answer.failed:
                self._failed += 1
                self._first_error = self._first_error or answer.error
        self.tell(in_flight)

    def tell(self, in_flight: int) -> None:
        self._tell(
            JobProgress(
                done=self._done,
                total=self._total,
                failed=self._failed,
                cached=self._known,
                in_flight=in_flight,
                tokens=self._tokens or None,
                failures={"failed": self._failed} if self._failed else {},
            )
        )

    def report(self) -> AnswerReport:
        return AnswerReport(
            answers=self._done - self._failed,
            failed=self._failed,
            known=self._known,
            not_asked=self._total - self._done,
            first_error=self._first_error,
        )
