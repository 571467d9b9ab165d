"""Everything that is true in Pebble Bay: its people, places and week, and a little about animals and colours.

The world is closed and consistent: every value that can be asked for (a job, a pet's name, a door's colour)
belongs to exactly one person or place, so that an answer naming another one is simply wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

VILLAGE = "Pebble Bay"
HELPER = "Pip"


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
        return {
            "n": self.name,
            "job": self.job,
            "place": self.place,
            "pet": self.pet,
            "pn": self.pet_name,
            "food": self.food,
            "door": self.door,
            "they": they,
            "They": they.capitalize(),
            "them": them,
            "their": their,
            "Job": self.job.capitalize(),
            "Pet": self.pet.capitalize(),
            "Food": self.food.capitalize(),
            "Door": self.door.capitalize(),
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
        return {
            "e": self.name,
            "E": self.name.capitalize(),
            "day": self.day,
            "p": self.place,
            "P": self.place.capitalize(),
            "h": self.hour,
            "H": self.hour.capitalize(),
        }


PEOPLE = (
    Person("Anna", True, "baker", "bakery", "cat", "Biscuit", "apple pie", "blue"),
    Person("Ben", False, "fisherman", "harbour", "dog", "Salty", "fish soup", "red"),
    Person("Clara", True, "teacher", "school", "rabbit", "Clover", "carrot cake", "yellow"),
    Person("Dan", False, "postman", "post office", "dog", "Stamp", "pancakes", "green"),
    Person("Ella", True, "doctor", "clinic", "cat", "Pepper", "strawberries", "white"),
    Person("Finn", False, "lighthouse keeper", "lighthouse", "parrot", "Captain", "cheese toast", "black"),
    Person("Grace", True, "gardener", "garden", "tortoise", "Turbo", "tomato salad", "orange"),
    Person("Hugo", False, "cook", "inn", "goat", "Pickle", "dumplings", "purple"),
    Person("Iris", True, "librarian", "library", "hamster", "Comma", "chocolate", "pink"),
    Person("Jack", False, "boat builder", "boatyard", "duck", "Anchor", "sausages", "brown"),
    Person("Lily", True, "musician", "music hall", "canary", "Melody", "ice cream", "silver"),
    Person("Max", False, "shopkeeper", "shop", "goldfish", "Penny", "noodles", "grey"),
)

PLACES = (
    Place(
        "bakery",
        "seven",
        "in the morning",
        "two",
        "in the afternoon",
        "Monday",
        "school",
        "buy fresh bread",
        ("bread", "rolls", "a cake"),
    ),
    Place(
        "harbour",
        "six",
        "in the morning",
        "noon",
        "sharp",
        "Sunday",
        "lighthouse",
        "buy fish from the boats",
        ("fish", "crabs", "oysters"),
    ),
    Place(
        "school",
        "eight",
        "in the morning",
        "one",
        "in the afternoon",
        "Saturday",
        "bakery",
        "learn to read and count",
        (),
    ),
    Place(
        "post office",
        "eight",
        "in the morning",
        "four",
        "in the afternoon",
        "Saturday",
        "shop",
        "send letters and parcels",
        ("stamps", "postcards", "envelopes"),
    ),
    Place(
        "clinic",
        "nine",
        "in the morning",
        "three",
        "in the afternoon",
        "Sunday",
        "garden",
        "see the doctor",
        ("medicine", "plasters", "cough drops"),
    ),
    Place(
        "lighthouse",
        "two",
        "in the afternoon",
        "five",
        "in the afternoon",
        "Wednesday",
        "harbour",
        "climb up and look at the sea",
        (),
    ),
    Place(
        "garden",
        "nine",
        "in the morning",
        "four",
        "in the afternoon",
        "Friday",
        "clinic",
        "walk among the flowers",
        ("flowers", "seeds", "honey"),
    ),
    Place(
        "inn",
        "noon",
        "sharp",
        "eleven",
        "at night",
        "Tuesday",
        "music hall",
        "eat a warm meal",
        ("soup", "a hot meal", "lemonade"),
    ),
    Place(
        "library",
        "ten",
        "in the morning",
        "five",
        "in the afternoon",
        "Thursday",
        "boatyard",
        "borrow books",
        ("a book", "a map", "a newspaper"),
    ),
    Place(
        "boatyard",
        "ten",
        "in the morning",
        "six",
        "in the evening",
        "Monday",
        "library",
        "watch boats being built",
        ("rope", "paint", "nails"),
    ),
    Place(
        "music hall",
        "six",
        "in the evening",
        "ten",
        "at night",
        "Tuesday",
        "inn",
        "listen to music",
        ("a concert ticket", "a flute"),
    ),
    Place(
        "shop",
        "nine",
        "in the morning",
        "six",
        "in the evening",
        "Sunday",
        "post office",
        "buy milk and apples",
        ("milk", "apples", "soap", "candles", "an umbrella", "cheese"),
    ),
)

EVENTS = (
    Event("Monday", "chess evening", "library", "four"),
    Event("Tuesday", "painting class", "school", "eleven"),
    Event("Wednesday", "story hour", "bakery", "one"),
    Event("Thursday", "swimming lesson", "harbour", "ten"),
    Event("Friday", "music night", "inn", "eight"),
    Event("Saturday", "market", "garden", "nine"),
    Event("Sunday", "boat race", "lighthouse", "three"),
)

SOUNDS = {
    "cow": "moo",
    "dog": "bark",
    "cat": "meow",
    "duck": "quack",
    "sheep": "bleat",
    "horse": "neigh",
    "bee": "buzz",
    "owl": "hoot",
    "frog": "croak",
    "lion": "roar",
}
BABIES = {
    "cat": "kitten",
    "dog": "puppy",
    "cow": "calf",
    "sheep": "lamb",
    "horse": "foal",
    "duck": "duckling",
    "hen": "chick",
    "bear": "cub",
}
MEALS = {
    "cow": "grass",
    "rabbit": "carrots",
    "horse": "hay",
    "squirrel": "nuts",
    "bear": "berries",
    "mouse": "grain",
    "monkey": "bananas",
    "seagull": "fish",
    "panda": "bamboo",
    "caterpillar": "leaves",
}
COLOURS = {
    "grass": "green",
    "snow": "white",
    "coal": "black",
    "a banana": "yellow",
    "a ripe tomato": "red",
    "a carrot": "orange",
    "the sky on a clear day": "blue",
    "an elephant": "grey",
    "chocolate": "brown",
    "a flamingo": "pink",
}
SIZES = ("bee", "mouse", "cat", "sheep", "horse", "elephant", "whale")
"""From small to big."""

HOUSES = {person.door: person for person in PEOPLE}
KEEPERS = {person.place: person for person in PEOPLE}
PLACE = {place.name: place for place in PLACES}
PERSON = {person.name: person for person in PEOPLE}


def a(noun: str) -> str:
    """The noun with its article.

    >>> a("elephant"), a("cow")
    ('an elephant', 'a cow')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
