"""Rates votes as other packages do; runs in an environment of theirs, see `side_by_side`.

The request names the contender, a DuckDB file with a table `votes` (model_a, model_b, winner), and the rounds of a
bootstrap. The reply tells seconds to load and to rate, CPU seconds of both, the peak of memory, and
the ratings.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = tuple[Callable[[], Any], Callable[[Any], dict[str, float]]]
"""How to load, and how to rate what was loaded."""


def frame(request: dict[str, Any]) -> Any:
    """Return the votes as a table of pandas, as all of them want it."""
    import duckdb

    with duckdb.connect(request["database"], read_only=True) as con:
        return con.execute(
            "SELECT model_a::VARCHAR AS model_a, model_b::VARCHAR AS model_b, winner::VARCHAR AS winner FROM votes"
        ).df()


def with_arena_rank(request: dict[str, Any]) -> Work:
    """Use it as its README shows it."""
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    def rate(votes: Any) -> dict[str, float]:
        dataset = PairDataset.from_pandas(votes)
        model = BradleyTerry(n_competitors=len(dataset.competitors))
        found = model.compute_ratings_and_cis(dataset, significance_level=0.05)
        return {
            name: float(rating) for name, rating in zip(found["competitors"], found["ratings"], strict=True)
        }

    return lambda: frame(request), rate


def with_evalica(request: dict[str, Any]) -> Work:
    """Use its Bradley-Terry on votes as its README shows it."""
    import evalica

    def rate(votes: Any) -> dict[str, float]:
        winners = _winners(votes)
        return dict(evalica.bradley_terry(votes["model_a"], votes["model_b"], winners).scores)

    return lambda: frame(request), rate


def with_evalica_on_counts(request: dict[str, Any]) -> Work:
    """Use its Bradley-Terry on votes counted by SQL, each count a weight."""
    import duckdb
    import evalica

    def load() -> Any:
        with duckdb.connect(request["database"], read_only=True) as con:
            return con.execute(
                "SELECT model_a::VARCHAR AS model_a, model_b::VARCHAR AS model_b, winner::VARCHAR AS winner, "
                "count(*) AS votes FROM votes GROUP BY ALL"
            ).df()

    def rate(counts: Any) -> dict[str, float]:
        found = evalica.bradley_terry(
            counts["model_a"],
            counts["model_b"],
            _winners(counts),
            weights=counts["votes"].astype(float).tolist(),
        )
        return dict(found.scores)

    return load, rate


def with_evalica_elo(request: dict[str, Any]) -> Work:
    """Use its Elo with the arena's K."""
    import evalica

    def rate(votes: Any) -> dict[str, float]:
        return dict(evalica.elo(votes["model_a"], votes["model_b"], _winners(votes), k=4.0).scores)

    return lambda: frame(request), rate


def with_fastchat_elo(request: dict[str, Any]) -> Work:
    """Use its Elo."""
    from fastchat.serve.monitor.elo_analysis import compute_elo

    return lambda: _fastchat_frame(request), compute_elo


def with_fastchat_elo_bootstrap(request: dict[str, Any]) -> Work:
    """Use its bootstrap of Elo."""
    from fastchat.serve.monitor.elo_analysis import compute_elo, get_bootstrap_result

    def rate(votes: Any) -> dict[str, float]:
        return dict(get_bootstrap_result(votes, compute_elo, request["rounds"]).median())

    return lambda: _fastchat_frame(request), rate


def with_fastchat_bootstrap(request: dict[str, Any]) -> Work:
    """Use its bootstrap of Bradley-Terry."""
    from fastchat.serve.monitor.elo_analysis import compute_elo_mle_with_tie, get_bootstrap_result

    def rate(votes: Any) -> dict[str, float]:
        return dict(get_bootstrap_result(votes, compute_elo_mle_with_tie, request["rounds"]).median())

    return lambda: _fastchat_frame(request), rate


def _fastchat_frame(request: dict[str, Any]) -> Any:
    votes = frame(request)
    votes["winner"] = votes["winner"].replace({"both_bad": "tie (bothbad)"})
    return votes


def _winners(votes: Any) -> Any:
    from evalica import Winner

    codes = {"model_a": Winner.X, "model_b": Winner.Y, "tie": Winner.Draw, "both_bad": Winner.Draw}
    return votes["winner"].map(codes).tolist()


CONTENDERS: dict[str, Callable[[dict[str, Any]], Work]] = {
    "arena-rank": with_arena_rank,
    "evalica": with_evalica,
    "evalica on counts": with_evalica_on_counts,
    "evalica Elo": with_evalica_elo,
    "FastChat Elo": with_fastchat_elo,
    "FastChat Elo bootstrap": with_fastchat_elo_bootstrap,
    "FastChat bootstrap": with_fastchat_bootstrap,
}


def main() -> None:
    """Read the request, load, rate, write the reply."""
    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    load, rate = CONTENDERS[request["contender"]](request)
    begun, cpu = time.perf_counter(), time.process_time()
    loaded = load()
    loading, loading_cpu = time.perf_counter() - begun, time.process_time() - cpu
    begun, cpu = time.perf_counter(), time.process_time()
    ratings = rate(loaded)
    reply = {
        "load": loading,
        "rate": time.perf_counter() - begun,
        "load_cpu": loading_cpu,
        "rate_cpu": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "ratings": {str(name): float(rating) for name, rating in ratings.items()},
    }
    replied.write_text(json.dumps(reply))


if __name__ == "__main__":
    main()
