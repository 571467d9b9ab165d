"""Questions about the places of the village, what they sell, and what happens on which day."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.demo.world.facts import EVENTS, KEEPERS, PLACES, Event, Place
from workbench.demo.world.manners import ask
from workbench.demo.world.question import Question


def questions() -> Iterator[Question]:
    """Every question about every place, thing for sale and event."""
    for place in PLACES:
        for about in (opens, closes, day_off, open_that_day, where, use):
            yield from about(place)
        for thing in place.sells:
            yield from buy(place, thing)
    for event in EVENTS:
        for ask_event in (happens, event_day, event_place, event_hour):
            yield from ask_event(event)


def opens(place: Place) -> list[Question]:
    return ask(
        "opens",
        place.name,
        place.words,
        (
            "When does the {p} open?",
            "What time does the {p} open?",
            "At what time does the {p} open?",
            "Do you know when the {p} opens?",
            "How early can I go to the {p}?",
            "Can you tell me when the {p} opens?",
            "From what time is the {p} open?",
            "I want to be first at the {p}. When does it open?",
        ),
        (
            "The {p} opens at {o} {ow}.",
            "You can go to the {p} from {o} {ow}.",
            "The doors of the {p} open at {o} {ow}.",
        ),
        (
            "It is quiet at that time, so you will not have to wait.",
            "Please remember that it is closed on {day}.",
            "Have a lovely visit!",
            "It stays open until {c} {cw}.",
        ),
        ("{O}.", "At {o}.", "It opens at {o}.", "{O}. Read the sign."),
        (r"\b{o}\b",),
        (r"\bopens? at (?!{o}\b)", r"\bfrom (?!{o}\b)", r"\bcloses? at (?!{c}\b)"),
    )


def closes(place: Place) -> list[Question]:
    return ask(
        "closes",
        place.name,
        place.words,
        (
            "When does the {p} close?",
            "What time does the {p} close?",
            "Until when is the {p} open?",
            "How long is the {p} open?",
            "Do you know when the {p} closes?",
            "How late can I go to the {p}?",
            "Can you tell me when the {p} closes?",
        ),
        (
            "The {p} closes at {c} {cw}.",
            "The {p} is open until {c} {cw}.",
            "You can stay at the {p} until {c} {cw}.",
        ),
        (
            "Come a little earlier, then you do not have to hurry.",
            "Please remember that it is closed on {day}.",
            "I hope that leaves you enough time!",
            "It opens again at {o} {ow}.",
        ),
        ("{C}.", "At {c}.", "It closes at {c}.", "{C}. Be quick."),
        (r"\b{c}\b",),
        (r"\bcloses? at (?!{c}\b)", r"\buntil (?!{c}\b)", r"\bopens? (again )?at (?!{o}\b)"),
    )


def day_off(place: Place) -> list[Question]:
    return ask(
        "day off",
        place.name,
        place.words,
        (
            "On which day is the {p} closed?",
            "When is the {p} closed all day?",
            "Which day is the {p} closed?",
            "Is the {p} open every day?",
            "Does the {p} have a day off?",
            "Do you know on which day the {p} is closed?",
        ),
        (
            "The {p} is closed on {day}.",
            "The {p} is open every day but {day}.",
            "The only day off at the {p} is {day}.",
        ),
        (
            "On all other days you are very welcome.",
            "It is good to plan your visit around that.",
            "On other days it opens at {o} {ow}.",
            "Everybody needs a day of rest!",
        ),
        ("{day}.", "Closed on {day}.", "Not on {day}.", "Any day but {day}."),
        (r"\b{day}\b",),
        (r"\bopen on {day}",),
    )


def open_that_day(place: Place) -> list[Question]:
    return ask(
        "open that day",
        place.name,
        place.words,
        (
            "Is the {p} open on {day}?",
            "Can I go to the {p} on {day}?",
            "I want to visit the {p} on {day}. Is that possible?",
            "Will the {p} be open this {day}?",
        ),
        (
            "I am sorry, but the {p} is closed on {day}.",
            "No, the {p} is always closed on {day}.",
            "Sadly not, because the {p} is closed on {day}.",
        ),
        (
            "On all other days you are very welcome.",
            "Could you come on another day?",
            "On other days it opens at {o} {ow}.",
            "I hope that does not spoil your plans!",
        ),
        ("No.", "Closed.", "No, closed on {day}.", "Not on {day}."),
        (r"\b(no|not|closed)\b",),
        (r"\byes\b", r"\bis open on {day}"),
    )


def where(place: Place) -> list[Question]:
    words = place.words | {"keeper": KEEPERS[place.name].name}
    return ask(
        "where",
        place.name,
        words,
        (
            "Where is the {p}?",
            "How do I get to the {p}?",
            "How do I find the {p}?",
            "Can you tell me the way to the {p}?",
            "I cannot find the {p}. Where is it?",
            "Do you know where the {p} is?",
            "What is next to the {p}?",
        ),
        (
            "The {p} is next to the {b}.",
            "You will find the {p} right beside the {b}.",
            "Walk to the {b}, and you will see the {p} next to it.",
        ),
        (
            "It is only a short walk from here.",
            "If you get lost, just ask anyone on the way.",
            "{keeper} will be glad to welcome you there.",
            "Take your time, the way is pretty.",
        ),
        ("Next to the {b}.", "By the {b}.", "Near the {b}. Use your eyes.", "Beside the {b}."),
        (r"\b{b}\b",),
        (r"(next to|beside|by|near) the (?!{b}\b)",),
    )


def use(place: Place) -> list[Question]:
    return ask(
        "use",
        place.name,
        place.words,
        (
            "What can I do at the {p}?",
            "What is the {p} good for?",
            "Why should I go to the {p}?",
            "What do people do at the {p}?",
            "Is there anything to do at the {p}?",
            "Please tell me about the {p}.",
        ),
        ("At the {p} you can {use}.", "The {p} is the place to {use}.", "People go to the {p} to {use}."),
        (
            "It opens at {o} {ow}.",
            "I think you will enjoy it!",
            "It is a friendly place, and everyone is welcome.",
            "You find it next to the {b}.",
        ),
        ("{Use}.", "You can {use}.", "{Use}, that is it.", "{Use}. Not much else."),
        (r"\b{use}\b",),
        (r"\bnext to the (?!{b}\b)", r"\bopens? at (?!{o}\b)"),
    )


def buy(place: Place, thing: str) -> list[Question]:
    words = place.words | {"t": thing, "keeper": KEEPERS[place.name].name}
    return ask(
        "buy",
        place.name,
        words,
        (
            "Where can I buy {t}?",
            "Where can I get {t}?",
            "I need {t}. Where should I go?",
            "Who sells {t}?",
            "Do you know where I can find {t}?",
            "Is there a place that sells {t}?",
            "I would like {t}. Where do I get it here?",
            "Can you tell me where to buy {t}?",
        ),
        (
            "You can get {t} at the {p}.",
            "Go to the {p}, there {keeper} sells {t}.",
            "{keeper} has {t} for you at the {p}.",
        ),
        (
            "It opens at {o} {ow}.",
            "It is next to the {b}, so it is easy to find.",
            "Please remember that it is closed on {day}.",
            "Tell {keeper} that Pip sent you!",
        ),
        ("The {p}.", "At the {p}.", "Try the {p}.", "{P}. Bring money."),
        (r"\b{p}\b",),
        (r"\bnext to the (?!{b}\b)", r"\bopens? at (?!{o}\b)", r"\bclosed on (?!{day}\b)"),
    )


def happens(event: Event) -> list[Question]:
    return ask(
        "happens",
        event.day,
        event.words,
        (
            "What happens on {day}?",
            "What can I do on {day}?",
            "Is there anything to do on {day}?",
            "What is going on this {day}?",
            "What do people do here on {day}?",
            "I am free on {day}. What can I do?",
            "Do you have any plans for {day}?",
            "Is there anything nice on {day}?",
        ),
        (
            "On {day} there is the {e} at the {p}.",
            "Every {day} we have the {e} at the {p}.",
            "You could come to the {e} on {day}.",
        ),
        (
            "It starts at {h}, and everyone is welcome.",
            "Bring a friend, it is great fun!",
            "I hope to hear how you liked it!",
            "You do not need to bring anything.",
        ),
        ("The {e}.", "{E}.", "Just the {e}.", "The {e}. Go if you must."),
        (r"\b{e}\b",),
        (r"\bstarts at (?!{h}\b)",),
    )


def event_day(event: Event) -> list[Question]:
    return ask(
        "event day",
        event.name,
        event.words,
        (
            "When is the {e}?",
            "On which day is the {e}?",
            "What day is the {e}?",
            "Do you know when the {e} is?",
            "I do not want to miss the {e}. When is it?",
            "Can you tell me the day of the {e}?",
            "Which day should I come for the {e}?",
        ),
        (
            "The {e} is on {day}.",
            "The {e} takes place every {day}.",
            "Come on {day}, that is the day of the {e}.",
        ),
        (
            "It starts at {h} at the {p}.",
            "Everyone is welcome!",
            "Come early to get a good seat.",
            "I think you will enjoy it!",
        ),
        ("{day}.", "On {day}.", "{day}, as always.", "Every {day}."),
        (r"\b{day}\b",),
        (r"\bstarts at (?!{h}\b)",),
    )


def event_place(event: Event) -> list[Question]:
    return ask(
        "event place",
        event.name,
        event.words,
        (
            "Where is the {e}?",
            "Where does the {e} take place?",
            "Where do I have to go for the {e}?",
            "Do you know where the {e} is?",
            "Can you tell me where the {e} takes place?",
            "In which place is the {e}?",
        ),
        (
            "The {e} is at the {p}.",
            "The {e} takes place at the {p}.",
            "Go to the {p}, that is where the {e} is.",
        ),
        (
            "It is on {day} at {h}.",
            "Everyone is welcome!",
            "Come early to get a good seat.",
            "I think you will enjoy it!",
        ),
        ("The {p}.", "At the {p}.", "{P}.", "{P}, as always."),
        (r"\b{p}\b",),
        (r"\bon {day} at (?!{h}\b)",),
    )


def event_hour(event: Event) -> list[Question]:
    return ask(
        "event hour",
        event.name,
        event.words,
        (
            "At what time does the {e} start?",
            "What time is the {e}?",
            "When does the {e} begin on {day}?",
            "What is the starting time of the {e}?",
            "Do you know at what time the {e} starts?",
            "What hour does the {e} begin?",
        ),
        ("The {e} starts at {h}.", "The {e} begins at {h} at the {p}.", "On {day} at {h} the {e} begins."),
        (
            "Please be there a little early.",
            "Everyone is welcome!",
            "Come early to get a good seat.",
            "I think you will enjoy it!",
        ),
        ("{H}.", "At {h}.", "It starts at {h}.", "{H}. Be on time."),
        (r"\b{h}\b",),
        (r"\b(starts|begins) at (?!{h}\b)(?!the\b)",),
    )
