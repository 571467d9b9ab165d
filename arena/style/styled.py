"""Style control as an option of the board: which options go with it, and the votes it reads."""

from dataclasses import replace
from typing import Protocol

from arena.errors import InvalidInput
from arena.ratings.anchor import anchored
from arena.ratings.grouped import By
from arena.ratings.options import RatingOptions
from arena.ratings.rated import Floats, Rated
from arena.ratings.weights import unmet, voter_weights
from arena.style import control
from arena.style.rows import StyleRows


class StyledVotes(Protocol):
    """Votes whose battles' answers may be stored."""

    def styled(self, by: tuple[By, ...] = ()) -> StyleRows:
        """Return the votes with the style of what they compared, and with the keys `by`."""


def rate(votes: StyledVotes, options: RatingOptions) -> Rated:
    """Rate at equal style as `options` say; see `arena.style.control.rate`.

    Raises:
        InvalidInput: options that do not go with style control, or no vote has stored answers.
    """
    _check(options)
    cluster: By | None = None if options.cluster == "none" else options.cluster
    by: list[By] = [] if cluster is None else [cluster]
    weighted = options.weighted
    if weighted and "voter" not in by:
        by.append("voter")
    rows = votes.styled(tuple(by))
    weights: Floats | None = None
    remarks: tuple[str, ...] = ()
    if weighted and len(rows.votes):
        key = rows.keys["voter"]
        weights = voter_weights(key.names, options)[key.code]
        remarks = tuple(
            f"The voter {name!r} has a weight and no vote here." for name in unmet(key.names, options)
        )
    rated = control.rate(rows, weights=weights, cluster=cluster)
    rated = replace(rated, remarks=(*rated.remarks, *remarks))
    if options.anchor is not None:
        return anchored(rated, options.anchor, options.anchor_rating)
    return rated


def _check(options: RatingOptions) -> None:
    for asked, words in (
        (options.method != "bt", f"the method {options.method!r}, only with bt (Bradley-Terry)"),
        (options.prior, "a prior"),
        (options.intervals != "sandwich", "a bootstrap, its intervals are the sandwich's"),
        (options.weighting != "equal", "weights by reliability; give weights of your own"),
    ):
        if asked:
            raise InvalidInput(f"Style control does not go with {words}: leave one of the two out.")
