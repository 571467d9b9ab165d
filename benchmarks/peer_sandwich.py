"""Rates by Bradley-Terry as arena-rank does; runs in an environment of its own, see `side_by_side`.

The request has votes (`model_a`, `model_b`, `winner`) and settings by name, each the keyword arguments of arena-rank's
model. The reply has ratings with both ends by the name of the setting, as arena-rank returns them.
"""

import json
import sys
from pathlib import Path
from typing import Any


def fit(votes: dict[str, list[str]], model: dict[str, Any]) -> dict[str, list[float]]:
    """Return rating, lower and upper end of each model."""
    import pandas as pd
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    data = PairDataset.from_pandas(pd.DataFrame(votes))
    found = BradleyTerry(len(data.competitors), **model).compute_ratings_and_cis(data)
    columns = [found[name].tolist() for name in ("ratings", "rating_lower", "rating_upper")]
    return {name: list(values) for name, *values in zip(found["competitors"], *columns, strict=True)}


def main() -> None:
    """Answer the request."""
    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    reply = {name: fit(request["votes"], model) for name, model in request["settings"].items()}
    replied.write_text(json.dumps(reply))


if __name__ == "__main__":
    main()
