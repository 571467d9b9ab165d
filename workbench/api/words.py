"""What parameters mean, in the words of the API's document; a line of the table says what differs for its verb."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "against_people": "Only those that differ from what most people voted.",
    "answers": "Which stored answers.",
    "battle_id": "The battle's id.",
    "before": "Only what comes before this one.",
    "battles": "Which battles.",
    "category": "Only prompts of this category.",
    "comment": "What the voter adds in their own words.",
    "criterion": "Which criterion was voted on.",
    "cursor": "Where the page begins: the `next_cursor` of the page before; the first page without it.",
    "failed": "Only those that failed, or none of them.",
    "failure": "Only those that failed for this reason.",
    "inconsistent": "Only those where the two orders disagreed, or none of them.",
    "judge": "The judge's name.",
    "kind": "Which kind.",
    "language": "Only prompts in this language.",
    "limit": "At most so many.",
    "majority": "A pair is kept when more than this share of its decided votes agree.",
    "metric": "The metric's name.",
    "model": "The model's name.",
    "models": "Only between two of these models.",
    "name": "Its name.",
    "named": "Count votes on battles whose models were shown by name, too.",
    "offset": "How many to pass over.",
    "options": "Options.",
    "own": "Models of the judge's own family, where it is not known.",
    "prompt_sets": "Only these prompt sets.",
    "reasons": "Short words for why.",
    "replace": "Take the place of one of that name.",
    "set_name": "The prompt set.",
    "trusted": "Judges whose votes count whatever their licence says.",
    "voted_by_people": "Only battles that a person has voted on.",
    "voter_kinds": "Only votes of these kinds of voter; all kinds if absent.",
    "voters": "Only votes of voters of these names.",
    "votes": "Which votes count.",
    "winner": "The outcome as the voter saw the sides.",
    "without_prompts": "Not battles on the prompts of these ids.",
    "without_voters": "Not the votes of these voters, each as KIND:NAME.",
}


def describe(name: str, own: Mapping[str, str]) -> str:
    """Return what a parameter means: as the table says, or as it is said everywhere, or else its name in words."""
    return own.get(name) or WORDS.get(name) or f"{name.replace('_', ' ').capitalize()}."
