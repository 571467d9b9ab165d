"""Every verb the API exposes, by noun; the noun is the tag its routes stand under."""

from collections.abc import Mapping

from workbench.api.exposed import Exposed
from workbench.api.table import data, judging, models

TABLE: Mapping[str, tuple[Exposed, ...]] = {
    "Models": models.TABLE,
    "Data": data.TABLE,
    "Judges": judging.TABLE,
}


def by_verb() -> dict[str, Exposed]:
    """Return the lines of the table by the name of their verb."""
    return {exposed.verb: exposed for lines in TABLE.values() for exposed in lines}
