"""What voters are asked: the main question of a battle, and the further criteria of the settings.

`overall` is the main question wherever it is set up; a home that lists other criteria only asks the first of them. The
order of the settings is the order on the screen.
"""

from arena.errors import InvalidInput
from arena.types import DEFAULT_CRITERION
from workbench.settings import Settings

_QUESTIONS = {
    "helpful": "More helpful",
    "helpfulness": "More helpful",
    "safe": "Safer",
    "safety": "Safer",
    "harmless": "More harmless",
    "honest": "More honest",
    "honesty": "More honest",
    "correct": "More correct",
    "correctness": "More correct",
    "accurate": "More accurate",
    "accuracy": "More accurate",
    "clear": "Clearer",
    "clarity": "Clearer",
    "concise": "More concise",
    "complete": "More complete",
    "polite": "More polite",
    "creative": "More creative",
    "style": "Better style",
    "tone": "Better tone",
}


def main_criterion(settings: Settings) -> str:
    """Return the criterion of the four vote buttons."""
    return DEFAULT_CRITERION if DEFAULT_CRITERION in settings.criteria else settings.criteria[0]


def further_criteria(settings: Settings) -> tuple[str, ...]:
    """Return what voters may say besides, in the order of the settings."""
    main = main_criterion(settings)
    return tuple(name for name in dict.fromkeys(settings.criteria) if name != main)


def check_criterion(settings: Settings, criterion: str) -> None:
    """Refuse a criterion that is not among those of the settings.

    Raises:
        InvalidInput: it is not.
    """
    if criterion not in settings.criteria:
        known = ", ".join(settings.criteria)
        raise InvalidInput(
            f"The criterion {criterion!r} is not set up: choose one of {known}, or add it to workbench.toml."
        )


def question(criterion: str) -> str:
    """Return a criterion as it stands before A, Same and B: `More helpful`, `Safer`, `Better: rhyme`."""
    return _QUESTIONS.get(criterion.strip().lower(), f"Better: {criterion}")
