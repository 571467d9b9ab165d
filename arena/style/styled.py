"""Style control as an option of the board: the votes it reads, and what each of them counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from arena.ratings.grouped import By
from arena.ratings.options import RatingOptions
from arena.ratings.rated import Rated
from arena.ratings.weights import unmet, voter_weights
from arena.style import control
from arena.style.rows import StyleRows


class StyledVotes(Protocol):
    """Votes whose battles' answers may be stored."""

    def styled(self, by: tuple[By, ...] = ()) -> StyleRows:
        """Return the votes with the style of what they compared, and with the keys `by`."""

    def earned(self) -> Mapping[str, float]:
        """Return what one vote of each voter (`KIND:NAME`) is worth by how voters agree."""


def rate(votes: StyledVotes, options: RatingOptions) -> Rated:
    """Rate at equal style with the weights and clusters of `options`; see `arena.style.control.rate`.

    Raises:
        InvalidInput: no vote has stored answers.
    """
    cluster: By | None = None if options.cluster == "none" else options.cluster
    by: list[By] = [] if cluster is None else [cluster]
    if not options.weighted:
        return control.rate(votes.styled(tuple(by)), cluster=cluster)
    rows = votes.styled(tuple(dict.fromkeys((*by, "voter"))))
    key = rows.keys["voter"]
    earned = votes.earned() if options.weighting == "reliability" else None
    weights = voter_weights(key.names, options, earned)
    rated = control.rate(rows, weights=weights[key.code], cluster=cluster)
    unknown = tuple(
        f"No vote of {voter!r} is among these, so its weight changes nothing."
        for voter in unmet(key.names, options)
    )
    return replace(rated, remarks=(*rated.remarks, *unknown))
