"""Who can meet on a prompt."""

from collections.abc import Callable, Collection, Sequence

from arena.types import ModelSpec, Prompt


def able(
    specs: Sequence[ModelSpec], prompt: Prompt, answered: Callable[[str], Collection[str]]
) -> list[ModelSpec]:
    """Return the models that can answer `prompt`: live ones, and recorded ones that have an answer to it.

    `answered` gives the ids of the prompts a model has recorded answers to.
    """
    return [spec for spec in specs if spec.live or prompt.prompt_id in answered(spec.name)]
