"""Everything that is true in Pebble Bay, read from facts.toml: people, places, the week, animals and colours.

The world is closed and consistent: every value that can be asked for (a job, a pet's name, a door's colour)
belongs to exactly one person or place, so that an answer naming another one is simply wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from workbench.demo.world.tables import read_table

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Person:
    """Someone who lives in the village."""

    name: str
    woman: bool
    job: str
    place: str
    """Name of the place where this person works."""
    pet: str
    pet_name: str
    food: str
    door: str
    """Colour of the front door."""

    @property
    def words(self) -> dict[str, str]:
        """The slots that a sentence about this person may use."""
        they, them, their = ("she", "her", "her") if self.woman else ("he", "him", "his")
        small = {"job": self.job, "place": self.place, "pet": self.pet, "food": self.food, "door": self.door}
        large = {slot.capitalize(): value.capitalize() for slot, value in small.items()}
        return {
            **small,
            **large,
            "n": self.name,
            "pn": self.pet_name,
            "they": they,
            "They": they.capitalize(),
            "them": them,
            "their": their,
        }


@dataclass(frozen=True)
class Place:
    """A place that opens, closes, and rests on one day of the week."""

    name: str
    opens: str
    opens_when: str
    closes: str
    closes_when: str
    closed_on: str
    beside: str
    use: str
    """What one can do there, as it follows "you can"."""
    sells: tuple[str, ...]

    @property
    def words(self) -> dict[str, str]:
        """The slots that a sentence about this place may use."""
        return {
            "p": self.name,
            "P": self.name.capitalize(),
            "o": self.opens,
            "O": self.opens.capitalize(),
            "ow": self.opens_when,
            "c": self.closes,
            "C": self.closes.capitalize(),
            "cw": self.closes_when,
            "day": self.closed_on,
            "b": self.beside,
            "use": self.use,
            "Use": self.use.capitalize(),
        }


@dataclass(frozen=True)
class Event:
    """What happens on one day of the week."""

    day: str
    name: str
    place: str
    hour: str

    @property
    def words(self) -> dict[str, str]:
        """The slots that a sentence about this event may use."""
        small = {"e": self.name, "p": self.place, "h": self.hour}
        return {
            **small,
            **{slot.upper(): value.capitalize() for slot, value in small.items()},
            "day": self.day,
        }


@dataclass(frozen=True)
class Facts:
    """The whole world as one value."""

    people: tuple[Person, ...]
    places: tuple[Place, ...]
    events: tuple[Event, ...]
    sounds: dict[str, str]
    babies: dict[str, str]
    meals: dict[str, str]
    colours: dict[str, str]
    sizes: tuple[str, ...]
    """Animals from small to big."""

    def person(self, name: str) -> Person:
        """The person of this name; KeyError for a stranger."""
        return {person.name: person for person in self.people}[name]

    def place(self, name: str) -> Place:
        """The place of this name; KeyError for one that does not exist."""
        return {place.name: place for place in self.places}[name]

    def keeper(self, place: str) -> Person:
        """Who works at a place."""
        return {person.place: person for person in self.people}[place]


@cache
def facts() -> Facts:
    """The facts, read once."""
    table = read_table("facts")
    return Facts(
        people=tuple(Person(**row) for row in table["people"]),
        places=tuple(Place(**{**row, "sells": tuple(row["sells"])}) for row in table["places"]),
        events=tuple(Event(**row) for row in table["events"]),
        sounds=table["sounds"],
        babies=table["babies"],
        meals=table["meals"],
        colours=table["colours"],
        sizes=tuple(table["sizes"]),
    )


def a(noun: str) -> str:
    """The noun with its article.

    >>> a("elephant"), a("cow")
    ('an elephant', 'a cow')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
