"""Questions about animals and colours: what everyone knows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from workbench.demo.world.facts import BABIES, COLOURS, MEALS, SIZES, SOUNDS, a
from workbench.demo.world.manners import ask
from workbench.demo.world.question import Question


def questions() -> Iterator[Question]:
    """Every question about animals and colours."""
    for animal, sound in SOUNDS.items():
        yield from makes_sound(animal, sound)
    for animal, baby in BABIES.items():
        yield from has_baby(animal, baby)
    for animal, meal in MEALS.items():
        yield from eats(animal, meal)
    for thing, colour in COLOURS.items():
        yield from coloured(thing, colour)
    for number, (small, big) in enumerate(combinations(SIZES, 2)):
        yield from bigger(small, big, number)


def makes_sound(animal: str, sound: str) -> list[Question]:
    words = {"a": a(animal), "x": animal, "s": sound, "S": sound.capitalize()}
    return ask(
        "sound",
        animal,
        words,
        (
            "What sound does {a} make?",
            "What does {a} say?",
            "What noise does {a} make?",
            "How does {a} sound?",
            "My child asks what {a} says. What should I answer?",
            "Do you know the sound of {a}?",
        ),
        ("{a} says {s}.", "The sound of {a} is a {s}.", "When {a} wants to say something, it goes {s}."),
        (
            "Children love to play that game!",
            "You can hear it well on a quiet morning.",
            "It is fun to try it yourself.",
            "Listen for it on your next walk!",
        ),
        ("{S}.", "It goes {s}.", "{S}, what else?", "{S}. Are you five?"),
        (r"\b{s}",),
    )


def has_baby(animal: str, baby: str) -> list[Question]:
    words = {"a": a(animal), "x": animal, "y": a(baby), "b": baby, "B": baby.capitalize()}
    return ask(
        "baby",
        animal,
        words,
        (
            "What is a baby {x} called?",
            "What do you call a young {x}?",
            "What is the word for a baby {x}?",
            "How do we call the child of {a}?",
            "Do you know what a young {x} is called?",
            "What is the name for a little {x}?",
        ),
        ("A baby {x} is called {y}.", "A young {x} is called {y}.", "We call a little {x} {y}."),
        (
            "They are very sweet to look at.",
            "It stays close to its mother at first.",
            "You can often see one in spring.",
            "Please be gentle if you meet one.",
        ),
        ("{B}.", "{y}.", "It is {y}.", "{B}. Easy."),
        (r"\b{b}\b",),
    )


def eats(animal: str, meal: str) -> list[Question]:
    words = {"a": a(animal), "x": animal, "m": meal, "M": meal.capitalize()}
    return ask(
        "meal",
        animal,
        words,
        (
            "What does {a} eat?",
            "What do I feed {a}?",
            "What is the food of {a}?",
            "What does {a} like to eat?",
            "Do you know what {a} eats?",
            "I met a hungry {x}. What could it eat?",
        ),
        ("{a} likes to eat {m}.", "{a} eats {m}.", "The favourite food of {a} is {m}."),
        (
            "Fresh water is important too.",
            "Give it a little at a time.",
            "It needs to eat every day to stay healthy.",
            "It is kind of you to think of it!",
        ),
        ("{M}.", "It eats {m}.", "Just {m}.", "{M}. What else?"),
        (r"\b{m}\b",),
    )


def coloured(thing: str, colour: str) -> list[Question]:
    words = {"t": thing, "c": colour, "C": colour.capitalize()}
    return ask(
        "colour",
        thing,
        words,
        (
            "What colour is {t}?",
            "Which colour does {t} have?",
            "What is the colour of {t}?",
            "I want to paint {t}. Which colour do I need?",
            "Do you know the colour of {t}?",
            "Can you tell me what colour {t} is?",
        ),
        ("The colour of {t} is {c}.", "{t} is {c}.", "You need {c} if you want to paint {t}."),
        (
            "It is a beautiful colour, I think.",
            "Look at it closely, there are many shades.",
            "Have fun with your colours!",
            "It looks best in the morning light.",
        ),
        ("{C}.", "It is {c}.", "{C}, of course.", "{C}. Open your eyes."),
        (r"\b{c}\b",),
    )


def bigger(small: str, big: str, number: int) -> list[Question]:
    first, second = (small, big) if number % 2 else (big, small)
    words = {
        "s": a(small),
        "b": a(big),
        "x": a(first),
        "y": a(second),
        "bx": big,
        "Bx": big.capitalize(),
        "sx": small,
    }
    return ask(
        "size",
        big,
        words,
        (
            "Which is bigger, {x} or {y}?",
            "Is {y} bigger than {x}?",
            "Who is bigger, {y} or {x}?",
            "Which animal is bigger, {y} or {x}?",
            "What is larger, {x} or {y}?",
            "Between {y} and {x}, which is the bigger one?",
        ),
        (
            "{b} is bigger than {s}.",
            "The bigger one is {b}, and the smaller one is {s}.",
            "{b} is much larger than {s}.",
        ),
        (
            "But both are wonderful animals.",
            "You would see it at once if they stood side by side.",
            "Size is not everything, though!",
            "Both are worth a long look.",
        ),
        ("The {bx}.", "{b}.", "{b} is.", "The {bx}. Easy."),
        (r"\b{bx}\b",),
        (
            r"\b{sx} is (much |a lot |far )?(bigger|larger)",
            r"bigger one is (a|an|the) {sx}\b",
            r"than (a|an|the) {bx}\b",
            r"smaller one is (a|an|the) {bx}\b",
            r"\b{bx} is (much |a lot |far )?smaller",
        ),
    )
