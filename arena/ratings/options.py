"""How votes become ratings: everything that may be chosen, with the defaults of the board."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from arena.errors import InvalidInput
from arena.ratings.joint import Strata
from arena.ratings.rated import CENTRE
from arena.types import STRANGERS

Method = Literal["bt", "elo", "rao_kupper", "davidson", "soft", "ppi"]
"""Bradley-Terry with ties as half; Elo in vote order; ties as an outcome of their own (two ways); Bradley-Terry on how
sure judges were; and people's votes with judges' as a help (prediction-powered)."""

Intervals = Literal["sandwich", "bootstrap"]
Cluster = Literal["none", "prompt", "voter"]
Weighting = Literal["equal", "reliability"]


@dataclass(frozen=True, slots=True)
class RatingOptions:
    """How to rate; the defaults are the board that is shown first.

    `anchor` is a model whose rating is held at `anchor_rating`; without one the mean is 1000. `prior` is how many ties
    with an average model every model counts beside its votes. `cluster` names what votes resemble each other by.
    `kind_weights` and `voter_weights` say what one vote counts (1 where nothing is said); `weighting` of `reliability`
    takes the weights that voters have earned (Dawid-Skene). `style` rates as if all answers had the same style.
    `k` is Elo's step; `rounds` and `seed` draw a bootstrap. With `ppi`, `judge` names whose votes help people's (the
    licensed judge whose help is worth most if absent), and `strata` says among which battles those people voted on
    are a random draw: of a pair of models, of a pair and a prompt's category, or of all the judge voted on.
    """

    __pydantic_config__ = STRANGERS

    method: Method = "bt"
    anchor: str | None = None
    anchor_rating: float = CENTRE
    prior: float = 0.0
    intervals: Intervals = "sandwich"
    cluster: Cluster = "none"
    weighting: Weighting = "equal"
    kind_weights: Mapping[str, float] | None = None
    voter_weights: Mapping[str, float] | None = None
    style: bool = False
    k: float = 4.0
    rounds: int = 200
    seed: int = 0
    judge: str | None = None
    strata: Strata = "pair"

    def __post_init__(self) -> None:
        """Refuse what no method can use.

        Raises:
            InvalidInput: a weight, prior, step or number of rounds out of its range.
        """
        if not self.prior >= 0:
            raise InvalidInput(f"The prior is {self.prior}; give a number of ties, 0 or more.")
        if self.judge is not None and self.method != "ppi":
            raise InvalidInput(
                f"The judge {self.judge!r} helps with the method ppi only: choose it, or no judge."
            )
        if not self.k > 0:
            raise InvalidInput(f"Elo's K is {self.k}; give a number of points above 0.")
        if not 20 <= self.rounds <= 10_000:
            raise InvalidInput(f"{self.rounds} rounds of the bootstrap; give 20 to 10,000.")
        for weights in (self.kind_weights or {}, self.voter_weights or {}):
            for name, weight in weights.items():
                if not 0 <= weight < float("inf"):
                    raise InvalidInput(f"The weight of {name} is {weight}; give a number, 0 or more.")

    def __hash__(self) -> int:
        """Return a hash that does not depend on the order of the weights."""
        values = (getattr(self, name) for name in self.__dataclass_fields__)
        return hash(tuple(frozenset(v.items()) if isinstance(v, Mapping) else v for v in values))

    @property
    def weighted(self) -> bool:
        """Whether votes count differently."""
        return bool(self.kind_weights or self.voter_weights or self.weighting != "equal")
