"""What a spec becomes in an open home: a title, the work, and what is let go when it has ended."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.jobs.running import Work


def _nothing() -> None:
    """Let nothing go."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a job is done; made once everything it names was found."""

    title: str
    work: Work
    on_end: Callable[[], None] = _nothing
