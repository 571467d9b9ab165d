"""Which competing models are a judge's own: the model it asks, those of the same weights, and their relatives.

Relatives are parents and tuned children, and whoever stands in one family of the settings. A judge that is no model, or
whose model has no known relation to any other, may favour nobody that we know of: then the answer is unknown, not none.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from arena.types import ModelSpec

Families = Mapping[str, Sequence[str]]
"""The names of models (or of judges) by family."""


def own_models(
    judge: str, asked: Iterable[str], models: Sequence[ModelSpec], families: Families
) -> frozenset[str] | None:
    """Return the names of the models that are of `judge`'s family, itself included; `None` where nothing is known.

    `asked` names the models that the judge asks: one for a language model, several for a jury.
    """
    groups = [
        *_same_weights(models),
        *({s.name, s.parent} for s in models if s.parent),
        *map(set, families.values()),
    ]
    own = {judge, *asked}
    if own == {judge} and not any(judge in group for group in groups):
        return None
    grown = True
    while grown:
        near = own.union(*(group for group in groups if own & group))
        grown, own = len(near) > len(own), near
    return frozenset(own)


def _same_weights(models: Sequence[ModelSpec]) -> list[set[str]]:
    """Return the names of models that stand for the same weights, by what they are opened with."""
    groups: dict[Any, set[str]] = {}
    for spec in models:
        weights = spec.options.get("model") or spec.options.get("path")
        if weights:
            groups.setdefault((spec.kind, str(weights)), set()).add(spec.name)
    return [names for names in groups.values() if len(names) > 1]
