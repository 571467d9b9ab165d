"""Who meets whom: pairs with few votes first, sides by chance."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import combinations

import numpy as np

from arena.errors import InvalidInput
from arena.types import ModelSpec, PairCount, Prompt


def able(
    specs: Sequence[ModelSpec], prompt: Prompt, answered: Callable[[str], Collection[str]]
) -> list[ModelSpec]:
    """Return the models that can answer `prompt`: live ones, and recorded ones that have an answer to it.

    `answered` gives the ids of the prompts a model has recorded answers to.
    """
    return [spec for spec in specs if spec.live or prompt.prompt_id in answered(spec.name)]


def choose_pair(
    candidates: Sequence[ModelSpec], counts: Sequence[PairCount], rng: np.random.Generator
) -> tuple[ModelSpec, ModelSpec]:
    """Draw two different models, the one shown as A first.

    A pair is drawn with weight 1 / (1 + its votes), whichever side its models stood on, so pairs nobody has compared
    come up most often and none is ever ruled out. The sides are drawn with equal chance.

    Raises:
        InvalidInput: fewer than two different models are there to choose from.
    """
    distinct = list({spec.name: spec for spec in candidates}.values())
    if len(distinct) < 2:
        known = f"only '{distinct[0].name}' can" if distinct else "no model can"
        raise InvalidInput(
            f"A battle needs two models, but {known} answer this prompt: add another model that is not recorded, "
            "or choose a prompt from a set that two recorded models have answered."
        )
    votes: Counter[frozenset[str]] = Counter()
    for count in counts:
        votes[frozenset((count.model_a, count.model_b))] += count.votes
    pairs = list(combinations(distinct, 2))
    weights = np.array([1.0 / (1.0 + votes[frozenset((a.name, b.name))]) for a, b in pairs])
    first, second = pairs[rng.choice(len(pairs), p=weights / weights.sum())]
    return (first, second) if rng.random() < 0.5 else (second, first)
