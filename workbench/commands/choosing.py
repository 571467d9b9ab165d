"""Options that choose votes and how to rate, said once for every command that takes them.

A command is written with parameters `votes: VoteFilter` and `options: RatingOptions`; `choosing` shows the command
line their fields as options and gives the command the values.
"""

import functools
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from arena.errors import InvalidInput
from arena.types import DEFAULT_CRITERION, VoteFilter, Voter, VoterKind


class Method(StrEnum):
    """How models are rated."""

    BT = "bt"
    ELO = "elo"
    RAO_KUPPER = "rao_kupper"
    DAVIDSON = "davidson"
    SOFT = "soft"
    PPI = "ppi"


class Intervals(StrEnum):
    """How intervals are made."""

    SANDWICH = "sandwich"
    BOOTSTRAP = "bootstrap"


class Cluster(StrEnum):
    """What votes resemble each other by."""

    NONE = "none"
    PROMPT = "prompt"
    VOTER = "voter"


class Strata(StrEnum):
    """Among which battles those people voted on are a random draw."""

    PAIR = "pair"
    CATEGORY = "category"
    ALL = "all"


Voters = Annotated[
    list[VoterKind] | None,
    typer.Option("--voters", help="Count only these kinds of voter; repeatable. Default: human."),
]
Named = Annotated[
    list[str] | None,
    typer.Option(
        "--voter", help="Count only the voter of this name; repeatable. A judge so named needs no licence."
    ),
]
Trusted = Annotated[
    list[str] | None,
    typer.Option("--trust", help="Count judges too, and this one whatever its licence says; repeatable."),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", help="Leave out the voter of this name, such as one who did not read; repeatable."
    ),
]
SideBySide = Annotated[
    bool,
    typer.Option("--named", help="Count votes of side by side too, whose voters saw the models' names."),
]
Category = Annotated[str | None, typer.Option(help="Only prompts of this category.")]
Language = Annotated[str | None, typer.Option(help="Only prompts in this language.")]
Criterion = Annotated[str, typer.Option(help="Which criterion was voted on.")]
Since = Annotated[
    str | None, typer.Option(help="Only votes from this date on (2026-01-31, or with a time and its zone).")
]
Until = Annotated[str | None, typer.Option(help="Only votes before this date: the board as it stood then.")]
PerPrompt = Annotated[
    int | None, typer.Option("--per-prompt", min=1, help="At most so many votes on one prompt, the earliest.")
]
SelfNamed = Annotated[
    bool,
    typer.Option("--without-self-named", help="Leave out battles in which an answer names its own model."),
]

_VOTES: dict[str, tuple[Any, Any]] = {
    "voters": (Voters, None),
    "voter": (Named, None),
    "trust": (Trusted, None),
    "without": (Without, None),
    "named": (SideBySide, False),
    "category": (Category, None),
    "language": (Language, None),
    "criterion": (Criterion, DEFAULT_CRITERION),
    "since": (Since, None),
    "until": (Until, None),
    "per_prompt": (PerPrompt, None),
    "without_self_named": (SelfNamed, False),
}
_OPTIONS: dict[str, tuple[Any, Any]] = {
    "method": (
        Annotated[
            Method,
            typer.Option(
                help="bt: Bradley-Terry, ties as half. elo: in vote order. rao_kupper, davidson: ties as an "
                "outcome of their own. soft: on how sure the judges were. ppi: people's votes, judges' as a help."
            ),
        ],
        Method.BT,
    ),
    "anchor": (Annotated[str | None, typer.Option(help="The model whose rating is held.")], None),
    "anchor_rating": (Annotated[float, typer.Option(help="The rating of the anchor.")], 1000.0),
    "prior": (
        Annotated[
            float, typer.Option(help="Ties with an average model that each model counts beside its votes.")
        ],
        0.0,
    ),
    "intervals": (Annotated[Intervals, typer.Option(help="How intervals are made.")], Intervals.SANDWICH),
    "cluster": (
        Annotated[Cluster, typer.Option(help="What votes resemble each other by; intervals widen by it.")],
        Cluster.NONE,
    ),
    "weights": (
        Annotated[
            str | None,
            typer.Option(
                help="What one vote counts, by kind (human=1,judge=0.5) or voter (human:anna=2); "
                "`reliability` lets voters weigh as much as they agree with each other."
            ),
        ],
        None,
    ),
    "style": (
        Annotated[
            bool,
            typer.Option("--style-control", help="Rate as if all answers had the same length and layout."),
        ],
        False,
    ),
    "judge": (
        Annotated[
            str | None,
            typer.Option(
                help="With ppi: the judge whose votes help, whatever its licence says; "
                "else the licensed one that helps most."
            ),
        ],
        None,
    ),
    "strata": (
        Annotated[
            Strata,
            typer.Option(
                help="With ppi: among which battles those people voted on are a random draw, of a pair of models, "
                "of a pair and a category, or of all the judge voted on (for many models with few battles a pair)."
            ),
        ],
        Strata.PAIR,
    ),
    "k": (Annotated[float, typer.Option(help="Elo's step, in points.")], 4.0),
    "rounds": (Annotated[int, typer.Option(help="Rounds of the bootstrap.")], 200),
    "seed": (Annotated[int, typer.Option(help="Where the draws of the bootstrap begin.")], 0),
}
_GIVEN = {
    "votes": (_VOTES, lambda **given: votes_of(**given)),
    "options": (_OPTIONS, lambda **g: options_of(**g)),
}


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes `votes` or `options` the options they stand for, after its own."""
    signature = inspect.signature(command)
    asked = [name for name in signature.parameters if name in _GIVEN]
    own = [p for name, p in signature.parameters.items() if name not in _GIVEN]
    added = [
        inspect.Parameter(field, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for name in asked
        for field, (hint, default) in _GIVEN[name][0].items()
    ]

    @functools.wraps(command)
    def called(*args: Any, **given: Any) -> None:
        for name in asked:
            fields, make = _GIVEN[name]
            given[name] = make(**{field: given.pop(field) for field in fields})
        command(*args, **given)

    called.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    called.__annotations__ = {p.name: p.annotation for p in (*own, *added)}
    return called


def votes_of(
    *,
    voters: list[VoterKind] | None = None,
    voter: list[str] | None = None,
    trust: list[str] | None = None,
    without: list[str] | None = None,
    named: bool = False,
    category: str | None = None,
    language: str | None = None,
    criterion: str = DEFAULT_CRITERION,
    since: str | None = None,
    until: str | None = None,
    per_prompt: int | None = None,
    without_self_named: bool = False,
) -> VoteFilter:
    """Return the filter that options mean; only people's votes count unless others are asked for.

    Voters asked for by name, or left out by name, are of any kind. A judge that is trusted counts beside the rest, as
    licensed ones do.

    Raises:
        InvalidInput: a date that cannot be read.
    """
    kinds = voters or (None if voter else [VoterKind.HUMAN])
    if kinds and trust and VoterKind.JUDGE not in kinds:
        kinds = [*kinds, VoterKind.JUDGE]
    return VoteFilter(
        voter_kinds=tuple(kinds) if kinds else None,
        voters=tuple(voter) if voter else None,
        trusted=tuple(trust or ()),
        without_voters=tuple(Voter(kind, name) for name in without or () for kind in VoterKind),
        category=category,
        language=language,
        criterion=criterion,
        named=named,
        since=moment(since),
        until=moment(until),
        per_prompt=per_prompt,
        without_self_named=without_self_named,
    )


def options_of(
    *,
    method: Method,
    intervals: Intervals,
    cluster: Cluster,
    strata: Strata,
    weights: str | None,
    **rest: Any,
) -> Any:
    """Return the `RatingOptions` that options mean.

    Raises:
        InvalidInput: a weight that cannot be read, or a value out of its range.
    """
    from arena.ratings.options import RatingOptions

    return RatingOptions(
        method=method.value,
        intervals=intervals.value,
        cluster=cluster.value,
        strata=strata.value,
        **weights_of(weights),
        **rest,
    )


def weights_of(text: str | None) -> dict[str, Any]:
    """Return the fields of `RatingOptions` that `human=1,judge=0.5,human:anna=2` or `reliability` stand for.

    Raises:
        InvalidInput: a part is no NAME=NUMBER.
    """
    kinds: dict[str, float] = {}
    voters: dict[str, float] = {}
    weighting = "equal"
    for part in (text or "").split(","):
        name, equals, number = part.strip().rpartition("=")
        if part.strip() == "reliability":
            weighting = "reliability"
        elif part.strip():
            try:
                (kinds if name in set(VoterKind) else voters)[name] = float(number)
            except ValueError:
                equals = ""
            if not equals or not name:
                raise InvalidInput(
                    f"The weight {part.strip()!r} cannot be read: give KIND=NUMBER, KIND:NAME=NUMBER or reliability."
                )
    return {"weighting": weighting, "kind_weights": kinds or None, "voter_weights": voters or None}


def moment(text: str | None) -> datetime | None:
    """Return a date as its midnight in UTC, or a time as it is; `None` stays `None`.

    Raises:
        InvalidInput: it is neither.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"The date {text!r} cannot be read: write it as 2026-01-31, or 2026-01-31T12:00+00:00."
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
