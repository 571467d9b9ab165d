"""Questions about animals and colours: what everyone knows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from workbench.demo.world.facts import a, facts
from workbench.demo.world.manners import of_fact
from workbench.demo.world.question import Question
from workbench.demo.world.tables import read_table


def questions() -> Iterator[Question]:
    """Every question about animals and colours."""
    world, templates = facts(), read_table("nature")
    for kind, known in (
        ("sound", world.sounds),
        ("baby", world.babies),
        ("meal", world.meals),
        ("colour", world.colours),
    ):
        for thing, value in known.items():
            words = {"x": thing, "a": a(thing), "v": value, "V": value.capitalize(), "y": a(value)}
            yield from of_fact(kind, thing, templates[kind], words)
    for number, (small, big) in enumerate(combinations(world.sizes, 2)):
        first, second = (small, big) if number % 2 else (big, small)
        words = {"big": big, "Big": big.capitalize(), "small": small}
        words |= {"a_small": a(small), "a_big": a(big), "x": a(first), "y": a(second)}
        yield from of_fact("size", big, templates["size"], words)
