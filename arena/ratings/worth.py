"""What a judge is worth in people's votes, in figures and in words."""

from dataclasses import asdict, dataclass
from typing import Any

from arena.types import Voter

FEWEST = 20
"""Battles with a person's vote and the judge's from which on the judge may help."""
UNLIKELY = 0.01
"""Below this chance people's battles are not taken for a random draw of those judged."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a judge is worth in people's votes, beside `votes` of people on `battles`.

    `shared` of these battles have the judge's vote too, and `further` is how many others of the same models have the
    judge's alone; `usable` of the shared ones are of a pair that has such others. `weight` is lambda, `more` how many
    more votes of people would narrow the intervals as much (0.4: two fifths more), `narrower` by which share they are
    narrower, `most` what `more` would be if the judge voted on every battle there could be. `p_value` is the chance
    that the judge sees the battles people voted on as differently from the others by accident; `None` where nothing
    can be compared.
    """

    judge: Voter
    votes: int
    battles: int
    shared: int
    usable: int
    further: int
    weight: float
    more: float
    narrower: float
    most: float
    p_value: float | None

    @property
    def votes_worth(self) -> int:
        """Return how many more votes of people would narrow the intervals as much."""
        return round(self.votes * self.more)

    @property
    def biased(self) -> bool:
        """Whether people's battles are surely no random draw of those judged."""
        return self.p_value is not None and self.p_value < UNLIKELY

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what must be said of it, a sentence each."""
        judge = f"The judge {self.judge.name!r}"
        if self.shared < FEWEST:
            return (
                f"{judge} shares {self.shared:,} battles with people and may help from {FEWEST} on: "
                "these are people's votes alone.",
            )
        if not self.usable:
            return (
                f"{judge} has voted on no battle beyond people's, of a pair that people voted on: "
                "let it judge further battles to make it a help.",
            )
        if not self.weight:
            return (
                f"{judge} does not predict how people vote within a pair of models, so it is given no weight: "
                "these are people's votes alone.",
            )
        if self.biased:
            return (
                f"{judge} sees the battles that people voted on differently from the others (p {self.chance}): they "
                "are no random draw, so its help may mislead. Compare within categories, or rate by people alone.",
            )
        return ()

    @property
    def basis(self) -> str:
        """Return what ratings with its help rest on."""
        people = f"{self.votes:,} votes of people on {self.battles:,} battles"
        judge = f"the judge {self.judge.name!r}"
        if not self.weight:
            return f"{people}; {judge} adds nothing"
        return (
            f"{people}, and {judge} on {self.shared:,} of them and {self.further:,} more; "
            f"its help (\u03bb = {self.weight:.2f}) is worth {100 * self.more:.0f}\u202f% more votes of people"
        )

    @property
    def chance(self) -> str:
        """Return the p-value as it stands after the letter p."""
        return (
            "< 0.001" if self.p_value is not None and self.p_value < 0.001 else f"= {self.p_value or 0:.2g}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain values, with what must be said of them."""
        said = {"votes_worth": self.votes_worth, "basis": self.basis, "notes": list(self.notes)}
        return {**asdict(self), **said}
