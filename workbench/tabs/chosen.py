"""What the leaderboard's controls choose, as one value that every card of the tab takes.

The controls' values come in the order of the fields of `Chosen`; a card's handler is written as `show(chosen, *own)`
and attached with `of_chosen(show)`. What a method has no use for is hidden on the page, and left out here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

from arena.errors import InvalidInput
from arena.ratings.joint import Strata
from arena.ratings.options import Cluster, Method, RatingOptions, Weighting
from arena.ratings.rate import COUNTED
from arena.types import DEFAULT_CRITERION, VoteFilter, VoterKind
from workbench.tabs.filters import ALL_CATEGORIES

ALL_LANGUAGES = "All languages"
CENTRED = "The mean of all"
"""What stands at 1000 points without an anchor."""
MOST_HELP = "The one worth most"
"""Which judge helps unless one is named."""


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
    cluster: Cluster = "none"
    style: bool = False
    anchor: str | None = None
    weighting: Weighting = "equal"
    prior: float = 0.0
    k: float = 4.0
    judge: str | None = None
    strata: Strata = "pair"

    @classmethod
    def of(cls, *values: Any) -> "Chosen":
        """Return what the values of the controls stand for, in the order of the fields.

        Raises:
            InvalidInput: the date or a number cannot be read, or a value is none that the page offers.
        """
        given = dict(zip((f.name for f in fields(cls)), values, strict=True))
        method: Method = _one_of(given["method"], Method, "bt", "method of rating")
        counted, helped = method in COUNTED, method == "ppi"
        return cls(
            voters=tuple(sorted(given["voters"] or ())),
            method=method,
            category=None if given["category"] in (None, "", ALL_CATEGORIES) else given["category"],
            language=None if given["language"] in (None, "", ALL_LANGUAGES) else given["language"],
            criterion=given["criterion"] or DEFAULT_CRITERION,
            as_of=_day(given["as_of"]),
            per_prompt=int(given["per_prompt"]) if given["per_prompt"] else None,
            without_self_named=bool(given["without_self_named"]),
            cluster=_one_of(given["cluster"], Cluster, "none", "group of votes") if counted else "none",
            style=bool(given["style"]) and method == "bt",
            anchor=None if given["anchor"] in (None, "", CENTRED) else given["anchor"],
            weighting=_one_of(given["weighting"], Weighting, "equal", "weight") if counted else "equal",
            prior=_number(given["prior"], 0.0) if counted else 0.0,
            k=_number(given["k"], 4.0) if method == "elo" else 4.0,
            judge=given["judge"] if helped and given["judge"] not in ("", MOST_HELP) else None,
            strata=_one_of(given["strata"], Strata, "pair", "group of battles") if helped else "pair",
        )

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "Chosen":
        """Return what a link's parameters stand for, which are those of `query`; others are ignored.

        Raises:
            InvalidInput: one cannot be read.
        """
        given: dict[str, Any] = {f.name: query.get(f.name) for f in fields(cls)}
        given["voters"] = [kind for kind in query.get("voters", "").split(",") if kind]
        for name in ("without_self_named", "style"):
            given[name] = query.get(name, "").lower() in ("true", "1")
        try:
            given["per_prompt"] = int(query.get("per_prompt") or 0)
        except ValueError as error:
            raise InvalidInput(f"per_prompt={query['per_prompt']!r} is no number of votes.") from error
        return cls.of(*given.values())

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters of a link to what is chosen: voters, method, and whatever is not as at first."""
        found = {"voters": ",".join(self.voters), "method": str(self.method)}
        plain = Chosen()
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name not in found and value != getattr(plain, f.name):
                found[f.name] = f"{value:g}" if isinstance(value, float) else str(value)
        return found

    @property
    def refined(self) -> int:
        """Return how many choices stand behind "More"."""
        plain = Chosen()
        seen = ("voters", "method", "category")
        return sum(
            getattr(self, f.name) != getattr(plain, f.name) for f in fields(self) if f.name not in seen
        )

    @property
    def votes(self) -> VoteFilter:
        """Return which votes count; no kind of voter chosen means all.

        Raises:
            InvalidInput: a kind of voter is none.
        """
        for kind in self.voters:
            _one_of(kind, VoterKind, kind, "kind of voter")
        after = None if self.as_of is None else self.as_of + timedelta(days=1)
        return VoteFilter(
            voter_kinds=tuple(VoterKind(kind) for kind in self.voters) or None,
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
            cluster=self.cluster,
            style=self.style,
            weighting=self.weighting,
            prior=self.prior,
            k=self.k,
            judge=self.judge,
            strata=self.strata,
        )


SIZE = len(fields(Chosen))
"""So many values of a handler are the controls'; a card's own follow."""


def of_chosen(show: Callable[..., Any]) -> Callable[..., Any]:
    """Return `show(chosen, *own)` as a handler of the controls' values and the card's own."""

    def handler(*values: Any) -> Any:
        return show(Chosen.of(*values[:SIZE]), *values[SIZE:])

    return handler


def _one_of(value: Any, kind: Any, default: Any, what: str) -> Any:
    """Return a value that is one of an enumeration or a literal's, `default` for none."""
    known = [str(item) for item in (get_args(kind) or kind)]
    value = value or default
    if value not in known:
        raise InvalidInput(f"There is no {what} {value!r}: choose among {', '.join(known)}.")
    return value


def _number(given: Any, default: float) -> float:
    if given in (None, ""):
        return default
    try:
        return float(given)
    except ValueError as error:
        raise InvalidInput(f"{given!r} is no number: write it as 4 or 0.5.") from error


def _day(given: Any) -> date | None:
    """Return the day of a date control, which gives text or a time."""
    if given in (None, ""):
        return None
    if isinstance(given, datetime):
        return given.date()
    try:
        return datetime.fromisoformat(str(given).strip()).date()
    except ValueError as error:
        raise InvalidInput(f"The date {given!r} cannot be read: write it as 2026-01-31.") from error
