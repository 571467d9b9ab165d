"""Rates at equal style as arena-rank does; runs in an environment of its own, see `side_by_side`.

The request has votes by name (`model_a`, `model_b`, `winner`, and the differences in style, one list a feature) and
settings by name, each naming its votes and the keyword arguments of arena-rank's dataset and of its model. The reply
has, by the name of the setting, ratings with ends, and the weights of the features, as arena-rank returns them.
"""

import json
import sys
from pathlib import Path
from typing import Any


def fit(votes: dict[str, Any], dataset: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """Return what arena-rank makes of the votes."""
    import pandas as pd
    from arena_rank.models.contextual_bradley_terry import ContextualBradleyTerry
    from arena_rank.utils.data_utils import ContextualPairDataset

    features = votes["features"]
    frame = pd.DataFrame({key: votes[key] for key in ("model_a", "model_b", "winner", *features)})
    data = ContextualPairDataset.from_pandas(frame, feature_cols=features, **dataset)
    fitted = ContextualBradleyTerry(len(data.competitors), len(features), **model)
    found = fitted.compute_ratings_and_cis(data)
    columns = {name: found[name].tolist() for name in ("ratings", "rating_lower", "rating_upper")}
    rated = {name: values for name, *values in zip(found["competitors"], *columns.values(), strict=True)}
    return {"ratings": rated, "coefficients": dict(zip(features, found["coeffs"].tolist(), strict=True))}


def main() -> None:
    """Answer the request."""
    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    reply = {
        name: fit(
            votes=request["votes"][setting["votes"]], dataset=setting["dataset"], model=setting["model"]
        )
        for name, setting in request["settings"].items()
    }
    replied.write_text(json.dumps(reply))


if __name__ == "__main__":
    main()
