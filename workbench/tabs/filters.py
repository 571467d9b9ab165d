"""Controls that choose votes, shared by the leaderboard and the data tab."""

from collections.abc import Iterable, Sequence

from arena.types import VoteFilter, VoterKind

ALL_CATEGORIES = "All categories"


def as_choices(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return strangers' names as choices of a control.

    Gradio looks a label up among its own translations, so that a category called `code` would read as something else;
    an invisible joiner behind the name keeps it what it is.
    """
    return [(f"{name}\u2060", name) for name in names]


def kind_choices(counts: dict[VoterKind, int]) -> list[tuple[str, str]]:
    """Return the voter kinds with their number of votes, as choices of a control."""
    return [(f"{kind.value.capitalize()} {counts.get(kind, 0):,}", kind.value) for kind in VoterKind]


def first_choice(counts: dict[VoterKind, int]) -> list[str]:
    """Return what is chosen at first: people, or simulated voters where only those have voted.

    Never judges, because no judge's vote counts before people have voted.
    """
    simulated = not counts.get(VoterKind.HUMAN) and counts.get(VoterKind.SIMULATED)
    return [VoterKind.SIMULATED.value if simulated else VoterKind.HUMAN.value]


def vote_filter(voters: Sequence[str], category: str | None = None) -> VoteFilter:
    """Return the filter that the controls stand for; no voter kind chosen means all."""
    kinds = tuple(VoterKind(kind) for kind in voters) or None
    return VoteFilter(
        voter_kinds=kinds, category=category if category and category != ALL_CATEGORIES else None
    )
