"""Small talk, requests for advice, and questions that lie outside the village."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.demo.world.manners import of_talk
from workbench.demo.world.question import Question
from workbench.demo.world.tables import read_table


def questions() -> Iterator[Question]:
    """Every piece of small talk, then advice, then what nobody in the village can answer."""
    for kind, table in (("small talk", "talk"), ("advice", "advice")):
        for subject, template in read_table(table).items():
            yield from of_talk(kind, subject, template, template["prompts"])
    outside = read_table("outside")
    for subject, prompts in outside["prompts"].items():
        yield from of_talk("outside the village", subject, outside, prompts)
