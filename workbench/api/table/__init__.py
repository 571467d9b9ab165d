"""Every verb the API exposes, by noun; the noun is the tag its routes stand under."""

from collections.abc import Mapping

from workbench.api.exposed import Exposed
from workbench.api.table import (
    access,
    agreement,
    arena,
    certainty,
    control,
    data,
    exports,
    golden,
    integrity,
    jobs,
    judges,
    mine,
    models,
    own,
    pairing,
    people,
    ratings,
    reviews,
    scores,
    training,
)

TABLE: Mapping[str, tuple[Exposed, ...]] = {
    "Prompts": arena.TABLE,
    "Own votes": mine.TABLE,
    "Review": reviews.TABLE,
    "Ratings": ratings.TABLE + certainty.TABLE + control.TABLE + pairing.TABLE + data.TABLE,
    "Exports": exports.TABLE,
    "Judges": judges.TABLE,
    "Agreement": agreement.TABLE,
    "People": people.TABLE,
    "Integrity": integrity.TABLE,
    "Scores": scores.TABLE,
    "Golden sets": golden.TABLE,
    "Training": training.TABLE,
    "Models": models.TABLE,
    "Jobs": jobs.TABLE,
    "Own": own.TABLE,
    "Access": access.TABLE,
}


def by_verb() -> dict[str, Exposed]:
    """Return the lines of the table by the name of their verb; those for the machine itself go before others."""
    return {exposed.verb: exposed for lines in TABLE.values() for exposed in lines}
