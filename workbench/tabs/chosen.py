"""What the leaderboard's controls choose, as one value that every card of the tab takes.

The controls' values come in the order of the fields of `Chosen`; a card's handler is written as `show(chosen, *own)`
and attached with `of_chosen(show)`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

from arena.errors import InvalidInput
from arena.ratings.options import Method, RatingOptions
from arena.types import DEFAULT_CRITERION, VoteFilter, VoterKind
from workbench.tabs.filters import ALL_CATEGORIES

ALL_LANGUAGES = "All languages"
CENTRED = "Mean of all"
"""What stands at 1000 points without an anchor."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which votes, and how to rate; `votes` and `options` are the same for the verbs.

    `voters` are kinds of voter, none for all; `as_of` is the last day that counts (in UTC).
    """

    voters: tuple[str, ...] = ()
    method: Method = "bt"
    category: str | None = None
    language: str | None = None
    criterion: str = DEFAULT_CRITERION
    as_of: date | None = None
    per_prompt: int | None = None
    without_self_named: bool = False
    cluster: str = "none"
    style: bool = False
    anchor: str | None = None

    @classmethod
    def of(cls, *values: Any) -> "Chosen":
        """Return what the values of the controls stand for, in the order of the fields.

        Raises:
            InvalidInput: the date cannot be read, or a value is none that the page offers.
        """
        given = dict(zip((f.name for f in fields(cls)), values, strict=True))
        method = given["method"] or "bt"
        if method not in get_args(Method):
            raise InvalidInput(f"There is no method {method!r}: choose one of {', '.join(get_args(Method))}.")
        if given["cluster"] not in (None, "none", "prompt", "voter"):
            raise InvalidInput(
                f"Votes cannot be grouped by {given['cluster']!r}: choose none, prompt or voter."
            )
        return cls(
            voters=tuple(sorted(given["voters"] or ())),
            method=method,
            category=None if given["category"] in (None, "", ALL_CATEGORIES) else given["category"],
            language=None if given["language"] in (None, "", ALL_LANGUAGES) else given["language"],
            criterion=given["criterion"] or DEFAULT_CRITERION,
            as_of=_day(given["as_of"]),
            per_prompt=int(given["per_prompt"]) if given["per_prompt"] else None,
            without_self_named=bool(given["without_self_named"]),
            cluster=given["cluster"] or "none",
            style=bool(given["style"]),
            anchor=None if given["anchor"] in (None, "", CENTRED) else given["anchor"],
        )

    @property
    def votes(self) -> VoteFilter:
        """Return which votes count; no kind of voter chosen means all.

        Raises:
            InvalidInput: a kind of voter is none.
        """
        try:
            kinds = tuple(VoterKind(kind) for kind in self.voters) or None
        except ValueError as error:
            raise InvalidInput(
                f"There is no such kind of voter: choose among {', '.join(VoterKind)}."
            ) from error
        after = None if self.as_of is None else self.as_of + timedelta(days=1)
        return VoteFilter(
            voter_kinds=kinds,
            category=self.category,
            language=self.language,
            criterion=self.criterion,
            until=None if after is None else datetime.combine(after, time(), UTC),
            per_prompt=self.per_prompt,
            without_self_named=self.without_self_named,
        )

    @property
    def options(self) -> RatingOptions:
        """Return how to rate."""
        return RatingOptions(
            method=self.method,
            anchor=self.anchor,
            cluster=self.cluster,  # type: ignore[arg-type]
            style=self.style,
        )


SIZE = len(fields(Chosen))
"""So many values of a handler are the controls'; a card's own follow."""


def of_chosen(show: Callable[..., Any]) -> Callable[..., Any]:
    """Return `show(chosen, *own)` as a handler of the controls' values and the card's own."""

    def handler(*values: Any) -> Any:
        return show(Chosen.of(*values[:SIZE]), *values[SIZE:])

    return handler


def _day(given: Any) -> date | None:
    """Return the day of a date control, which gives text, seconds since 1970 or a time."""
    if given in (None, ""):
        return None
    if isinstance(given, int | float):
        return datetime.fromtimestamp(given, UTC).date()
    if isinstance(given, datetime):
        return given.date()
    try:
        return datetime.fromisoformat(str(given).strip()).date()
    except ValueError as error:
        raise InvalidInput(f"The date {given!r} cannot be read: write it as 2026-01-31.") from error
