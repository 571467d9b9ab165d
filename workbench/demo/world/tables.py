"""Reads the texts of the world: TOML files beside this module, one for each room of questions."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read_table(name: str) -> dict[str, Any]:
    """The table of one file, by its name without the ending."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
