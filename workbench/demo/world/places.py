"""Questions about the places of the village, what they sell, and what happens on which day."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.demo.world.facts import DAYS, Place, facts
from workbench.demo.world.manners import of_fact
from workbench.demo.world.question import Question
from workbench.demo.world.tables import read_table


def questions() -> Iterator[Question]:
    """Every question about every place, thing for sale and event."""
    world = facts()
    for place in world.places:
        yield from _about(place, world.keeper(place.name).name)
    templates = read_table("events")
    for event in world.events:
        for kind, template in templates.items():
            yield from of_fact(kind, event.name, template, event.words)


def _about(place: Place, keeper: str) -> Iterator[Question]:
    templates = read_table("places")
    words = place.words | {"keeper": keeper}
    for kind, template in templates.items():
        if kind == "buy":
            slots = [{"t": thing} for thing in place.sells]
        elif kind == "open other day":
            rest = DAYS.index(place.closed_on)
            slots = [{"other": DAYS[(rest + later) % 7]} for later in (1, 3)]
        else:
            slots = [{}]
        for slot in slots:
            yield from of_fact(kind, place.name, template, words | slot)
