"""Jobs in words: what a kind is called, what it counts, and what was asked for, in short phrases."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

LABELS = {
    "answer": "Answers",
    "battle": "Battles",
    "judge": "Judging",
    "score": "Scores",
    "golden": "Golden checks",
    "attack": "Attacks",
    "import": "Imports",
    "export": "Exports",
    "train": "Training",
}
"""What the kinds are called, in the order of the road."""

UNITS = {
    "answer": "answer",
    "battle": "battle",
    "judge": "battle",
    "score": "score",
    "golden": "step",
    "attack": "call",
    "import": "row",
    "export": "pair",
    "train": "step",
}
"""What a job of a kind counts, in the singular."""

_NOTHING: tuple[Any, ...] = (None, False, "", [], {})


def asked(spec: Mapping[str, Any], *, folders: bool = True) -> list[tuple[str, str]]:
    """Return what was asked for as names and values, what was left open left out; without `folders` files by name."""
    found = []
    for key, value in spec.items():
        if key == "kind" or value in _NOTHING:
            continue
        name = PurePath(value).name if key == "file" and not folders else value
        if said := _said(name):
            found.append((key.replace("_", " "), said))
    return found


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = [(key.replace("_", " "), _said(one)) for key, one in value.items() if one not in _NOTHING]
        return ", ".join(f"{key}: {one}" if one != "True" else key for key, one in inner if one)
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    return str(value)
