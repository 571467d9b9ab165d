"""Questions about the people of the village: their work, pets, tastes and doors."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.demo.world.facts import facts
from workbench.demo.world.manners import of_fact
from workbench.demo.world.question import Question
from workbench.demo.world.tables import read_table


def questions() -> Iterator[Question]:
    """Every question about every person."""
    world, templates = facts(), read_table("people")
    for person in world.people:
        words = person.words | {"b": world.place(person.place).beside}
        for kind, template in templates.items():
            yield from of_fact(kind, person.name, template, words)
