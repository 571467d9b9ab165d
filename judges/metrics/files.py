"""Settings files of models, read with one sentence where they are damaged."""

import json
from pathlib import Path
from typing import Any

from arena.errors import ModelFailed


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, or `None` where there is no such file.

    Raises:
        ModelFailed: it is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelFailed(f"The file {path} cannot be read: {error}.") from error
