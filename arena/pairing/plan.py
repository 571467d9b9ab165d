"""Whether a board is sure enough, what would make it so, and which pairs come next.

The board's own intervals say how sure it is; the courses ahead are those of `forecast`, scaled to these intervals (a
board that takes votes of one prompt to resemble each other has wider ones).
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from arena.errors import InvalidInput
from arena.pairing.forecast import Course, forecast
from arena.pairing.needed import about
from arena.pairing.policies import Policy, weights
from arena.pairing.standing import Standing, standing
from arena.ratings.rated import Rated
from arena.types import PairCount

NEXT_PAIRS = 12
"""So many of the pairs most likely to come next are listed."""

STOPPING = (
    "It is safe to stop once intervals are narrow enough: how narrow they are hardly depends on who is ahead. To stop "
    "as soon as somebody is ahead is not: looking after every vote, equal models will be told apart sooner or later."
)


@dataclass(frozen=True, slots=True)
class NextPair:
    """Two models (by name) and the chance that the next battle is theirs, of models that can all meet."""

    model_a: str
    model_b: str
    chance: float
    votes: int


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """A model: its votes, half its interval in points (`None` where open or unrated), its share of the next battles."""

    name: str
    votes: int
    half_width: float | None
    share: float


@dataclass(frozen=True, slots=True)
class PairingPlan:
    """How sure a board is and how it becomes surer.

    `half_width` is half the mean width of the models' 95 % intervals in points, `None` while one has no end; `target`
    is what it is to be, `reached` whether it is. `courses` say how many more votes it takes by the home's `policy` and,
    to compare, by others. `models` come from the least sure on, `pairs` from the likeliest on, `words` sum it up.
    """

    policy: Policy
    target: float
    half_width: float | None
    reached: bool
    votes: int
    models: tuple[PlannedModel, ...]
    pairs: tuple[NextPair, ...]
    courses: tuple[Course, ...]
    words: tuple[str, ...]

    @property
    def course(self) -> Course:
        """Return the course of the home's policy."""
        return self.courses[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain values, for JSON."""
        return asdict(self)


def plan(
    rated: Rated,
    counts: Sequence[PairCount],
    names: Collection[str],
    *,
    policy: Policy,
    target: float,
    beside: Sequence[Policy] = ("uniform",),
) -> PairingPlan:
    """Plan the votes of the models `names`, of which at least two are needed.

    `rated` is the board and `counts` the votes that it rests on; models of the board that are not among `names` take no
    part in battles any more. `beside` are the policies to compare with.

    Raises:
        InvalidInput: the target is not above 0, or there are fewer than two models.
    """
    if not target > 0:
        raise InvalidInput(f"The target is ±{target:g} points; give a number above 0.")
    if len(set(names)) < 2:
        raise InvalidInput("Votes compare two models, and there are fewer: add models first.")
    now = standing(counts, names)
    places = now.places(names)
    half, scale = _half_widths(rated, now, places)
    known = half[np.isfinite(half)]
    mean = float(half.mean()) if len(known) == len(half) else None
    chances = weights(policy, now, places, places)
    courses = tuple(
        _at_least(len(half) - len(known), forecast(one, now, target, wanted=places, scale=scale))
        for one in dict.fromkeys((policy, *beside))
    )
    votes = now.votes.sum(axis=1)
    models = [
        PlannedModel(
            now.names[place],
            round(votes[place]),
            float(half[i]) if np.isfinite(half[i]) else None,
            float(chances[i].sum()),
        )
        for i, place in enumerate(places.tolist())
    ]
    models.sort(key=lambda model: (-(model.half_width or np.inf), model.votes, model.name))
    reached = mean is not None and mean <= target
    found = PairingPlan(
        policy=policy,
        target=target,
        half_width=mean,
        reached=reached,
        votes=rated.votes,
        models=tuple(models),
        pairs=_next(now, places, chances),
        courses=courses,
        words=(),
    )
    return replace(found, words=_words(found))


def _at_least(unbounded: int, course: Course) -> Course:
    """Return a course that needs a vote for each model whose interval is open, whatever is expected of it."""
    return course if course.needed is None else replace(course, needed=max(course.needed, unbounded))


def _half_widths(
    rated: Rated, now: Standing, places: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.float64], float]:
    """Return half the width of each model's interval on the board (inf where open), and how it compares with ours."""
    half = np.full(len(places), np.inf)
    on_board = dict(zip(rated.names, ((rated.upper - rated.lower) / 2.0).tolist(), strict=True))
    for i, place in enumerate(places.tolist()):
        half[i] = on_board.get(now.names[place], np.inf)
    bounded = np.isfinite(half)
    ours = now.half_widths()[places]
    if bounded.sum() < 2:
        return half, 1.0
    return half, float(half[bounded].mean() / ours[bounded].mean())


def _next(
    now: Standing, places: npt.NDArray[np.intp], chances: npt.NDArray[np.float64]
) -> tuple[NextPair, ...]:
    first, second = np.triu_indices(len(places), 1)
    best = np.argsort(-chances[first, second], kind="stable")[:NEXT_PAIRS]
    return tuple(
        NextPair(
            now.names[places[i]],
            now.names[places[j]],
            float(chances[i, j]),
            round(now.votes[places[i], places[j]]),
        )
        for i, j in zip(first[best].tolist(), second[best].tolist(), strict=True)
    )


def _words(found: PairingPlan) -> tuple[str, ...]:
    about = f"{len(found.models)} models, {found.votes:,} votes"
    open_ended = [model.name for model in found.models if model.half_width is None]
    if found.half_width is not None:
        says = "sure enough" if found.reached else "not sure enough yet"
        state = f"The mean 95 % interval is ±{found.half_width:.1f} points ({about}): {says} for ±{found.target:g}."
    else:
        named = ", ".join(open_ended[:5]) + (
            f" and {len(open_ended) - 5} more" if len(open_ended) > 5 else ""
        )
        state = f"No mean interval yet ({about}): the votes do not bound the rating of {named} at both ends."
    if found.reached:
        return state, STOPPING
    return state, _ahead(found), STOPPING


def _ahead(found: PairingPlan) -> str:
    if found.course.needed is None:
        return f"±{found.target:g} points would take more than 50 million further votes: set a wider target."
    text = (
        f"About {about(found.course.needed)} more votes reach ±{found.target:g} with {found.policy} pairing"
    )
    others = [
        f"{about(course.needed)} with {course.policy} pairing"
        for course in found.courses[1:]
        if course.needed is not None
    ]
    return f"{text}, {' and '.join(others)}." if others else f"{text}."
