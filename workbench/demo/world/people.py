"""Questions about the people of the village: their work, pets, tastes and doors."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.demo.world.facts import PEOPLE, PLACE, Person
from workbench.demo.world.manners import ask
from workbench.demo.world.question import Question


def questions() -> Iterator[Question]:
    """Every question about every person."""
    for person in PEOPLE:
        for about in (job, workplace, worker, pet, pet_name, pet_owner, food, gift, door, behind_door):
            yield from about(person)


def job(person: Person) -> list[Question]:
    return ask(
        "job",
        person.name,
        person.words,
        (
            "What does {n} do?",
            "What is {n}'s job?",
            "What work does {n} do?",
            "Can you tell me what {n} does for a living?",
            "What does {n} do for a living?",
            "Do you know what {n}'s job is?",
            "What kind of work does {n} do?",
            "Please tell me about {n}'s work.",
            "I met {n} today. What is {their} job?",
            "How does {n} earn {their} money?",
        ),
        (
            "{n} is the {job} of Pebble Bay.",
            "{n} works as the {job} here in Pebble Bay.",
            "{n} is our {job}, and {they} does it very well.",
        ),
        (
            "You can visit {them} at the {place}.",
            "You will find {them} at the {place}, and {they} loves a chat.",
            "{They} is always happy to meet new people.",
            "Say hello to {them} from me!",
        ),
        ("{Job}.", "The {job}.", "{They} is the {job}.", "{n}? {Job}."),
        (r"\b{job}\b",),
    )


def workplace(person: Person) -> list[Question]:
    words = person.words | {"b": PLACE[person.place].beside}
    return ask(
        "workplace",
        person.name,
        words,
        (
            "Where does {n} work?",
            "Where can I find {n}?",
            "Where is {n} during the day?",
            "Do you know where {n} works?",
            "I am looking for {n}. Where should I go?",
            "I need to speak to {n}. Where is {they}?",
            "Can you tell me where {n} works?",
            "In which place does {n} work?",
            "Where should I look for {n} today?",
        ),
        (
            "{n} works at the {place}.",
            "You can find {n} at the {place}.",
            "During the day {n} is at the {place}.",
        ),
        (
            "It is next to the {b}, so it is easy to find.",
            "Just walk in, {they} will be glad to see you.",
            "If you get lost, just ask anyone on the way.",
            "I hope you have a nice talk with {them}!",
        ),
        ("The {place}.", "At the {place}.", "{n}? At the {place}.", "Try the {place}."),
        (r"\b{place}\b",),
    )


def worker(person: Person) -> list[Question]:
    return ask(
        "worker",
        person.name,
        person.words,
        (
            "Who is the {job}?",
            "Who is the {job} here?",
            "Who works at the {place}?",
            "Who is the {job} of Pebble Bay?",
            "What is the name of the {job}?",
            "Do you know the {job}?",
            "Can you tell me who the {job} is?",
            "Who can I talk to at the {place}?",
            "I need the {job}. Who is it?",
        ),
        (
            "{n} is the {job} of Pebble Bay.",
            "The {job} here is {n}.",
            "That is {n}, our {job} at the {place}.",
        ),
        (
            "{They} is very friendly.",
            "{They} will be glad to help you.",
            "You will like {them}!",
            "Just say that {pn} is a lovely {pet}, and {they} will smile.",
        ),
        ("{n}.", "That is {n}.", "It is {n}.", "Someone called {n}."),
        (r"\b{n}\b",),
    )


def pet(person: Person) -> list[Question]:
    return ask(
        "pet",
        person.name,
        person.words,
        (
            "What pet does {n} have?",
            "Does {n} have a pet?",
            "What animal lives with {n}?",
            "Which animal does {n} keep?",
            "Has {n} got any animals?",
            "Please tell me about {n}'s pet.",
            "What kind of pet does {n} have?",
            "Do you know {n}'s pet?",
        ),
        (
            "{n} has a {pet} called {pn}.",
            "{n} lives with a {pet} named {pn}.",
            "{n} has a lovely {pet}, and its name is {pn}.",
        ),
        (
            "{pn} is very friendly.",
            "You will like {pn}!",
            "The two of them go for a walk every evening.",
            "Be gentle, because {pn} is a little shy.",
        ),
        ("A {pet}.", "{n}? A {pet}.", "Some {pet}.", "Just a {pet}."),
        (r"\b{pet}\b",),
    )


def pet_name(person: Person) -> list[Question]:
    return ask(
        "pet name",
        person.name,
        person.words,
        (
            "What is the name of {n}'s {pet}?",
            "What is {n}'s {pet} called?",
            "Do you know the name of {n}'s {pet}?",
            "I saw {n} with a {pet}. What is its name?",
            "What does {n} call {their} {pet}?",
            "Please tell me the name of {n}'s {pet}.",
            "I like {n}'s {pet}. What is it called?",
        ),
        ("{n}'s {pet} is called {pn}.", "The name of {n}'s {pet} is {pn}.", "{n} calls {their} {pet} {pn}."),
        (
            "It is a sweet name, I think.",
            "{pn} is very friendly.",
            "You will like {pn}!",
            "{They} chose the name with great care.",
        ),
        ("{pn}.", "It is {pn}.", "Called {pn}.", "The {pet}? {pn}."),
        (r"\b{pn}\b",),
    )


def pet_owner(person: Person) -> list[Question]:
    return ask(
        "pet owner",
        person.name,
        person.words,
        (
            "Who owns {pn}?",
            "Whose {pet} is {pn}?",
            "Who does {pn} belong to?",
            "I found a {pet} called {pn}. Whose is it?",
            "I think {pn} the {pet} is lost. Who should I tell?",
            "Do you know who owns {pn} the {pet}?",
            "Who takes care of {pn}?",
        ),
        ("{pn} belongs to {n}.", "{pn} is {n}'s {pet}.", "{n} takes care of {pn} the {pet}."),
        (
            "You can find {them} at the {place}.",
            "{They} loves {their} {pet} very much.",
            "Thank you for asking about {pn}!",
            "{They} lives behind the {door} door.",
        ),
        ("{n}.", "That is {n}'s.", "It belongs to {n}.", "Ask {n}."),
        (r"\b{n}\b",),
    )


def food(person: Person) -> list[Question]:
    return ask(
        "food",
        person.name,
        person.words,
        (
            "What does {n} like to eat?",
            "What is {n}'s favourite food?",
            "What should I cook for {n}?",
            "Do you know what {n} likes to eat?",
            "My friend {n} is coming to dinner. What should I make?",
            "What food makes {n} happy?",
            "Which food does {n} like best?",
            "What does {n} eat most often?",
        ),
        ("{n} loves {food}.", "{n}'s favourite food is {food}.", "{n} likes {food} more than anything else."),
        (
            "You can make {them} very happy with it.",
            "Enjoy the meal together!",
            "If you make a little more, {they} will come again.",
            "{They} likes it best with good company.",
        ),
        ("{Food}.", "{They} likes {food}.", "Just {food}.", "Always {food}."),
        (r"\b{food}\b",),
    )


def gift(person: Person) -> list[Question]:
    return ask(
        "gift",
        person.name,
        person.words,
        (
            "What can I give {n} as a present?",
            "It is {n}'s birthday. What should I bring?",
            "I want to thank {n}. What could I bring?",
            "Can you help me find a present for {n}?",
            "I need a gift idea for {n}.",
            "How can I make {n} happy?",
            "What would {n} like for {their} birthday?",
            "I am visiting {n}. What should I take with me?",
        ),
        (
            "Why not bring {n} some {food}?",
            "I would give {n} some {food}, because {they} loves it.",
            "{n} would be very happy about some {food}.",
        ),
        (
            "A kind note makes it even nicer.",
            "What a kind idea of yours!",
            "It does not have to be big to be kind.",
            "And a small treat for {pn} is always welcome too.",
        ),
        ("{Food}.", "Give {them} {food}.", "Just bring {food}.", "Some {food}, I guess."),
        (r"\b{food}\b",),
    )


def door(person: Person) -> list[Question]:
    return ask(
        "door",
        person.name,
        person.words,
        (
            "What colour is {n}'s door?",
            "Which house is {n}'s?",
            "How do I recognise {n}'s house?",
            "Where does {n} live?",
            "I want to visit {n} at home. Which door is it?",
            "Do you know where {n} lives?",
            "Which door should I knock on to see {n}?",
            "How can I find {n}'s house?",
        ),
        (
            "{n} lives in the house with the {door} door.",
            "{n}'s house has a {door} door.",
            "Look for the {door} door, that is where {n} lives.",
        ),
        (
            "You cannot miss it.",
            "Knock twice, and {they} will open.",
            "Please close the little gate, so that {pn} stays safe.",
            "Enjoy your visit!",
        ),
        ("The {door} door.", "{Door}.", "The {door} one.", "Behind the {door} door."),
        (r"\b{door}\b",),
    )


def behind_door(person: Person) -> list[Question]:
    return ask(
        "behind the door",
        person.name,
        person.words,
        (
            "Who lives behind the {door} door?",
            "Who lives in the house with the {door} door?",
            "Whose door is {door}?",
            "Whose house has a {door} door?",
            "I see a {door} door. Who lives there?",
            "Do you know who has the {door} door?",
        ),
        (
            "{n} lives behind the {door} door.",
            "The {door} door belongs to {n}.",
            "That is the house of {n}, our {job}.",
        ),
        (
            "{They} lives there with {pn} the {pet}.",
            "{They} is a good neighbour.",
            "You can knock, {they} loves visitors.",
            "During the day {they} is at the {place}.",
        ),
        ("{n}.", "{n} lives there.", "That is {n}'s.", "The {job}, {n}."),
        (r"\b{n}\b",),
    )
