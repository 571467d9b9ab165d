"""Scores pairs with rouge_score and rouge-score-rs; runs in the environment of these two, see `side_by_side`."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def scored(work: Callable[[], list[dict[str, Any]]], types: list[str], runs: int = 1) -> dict[str, Any]:
    """Return what the work took (the median run), and for each pair and type precision, recall and F1."""
    times = []
    for _ in range(runs):
        begun, cpu = time.perf_counter(), time.process_time()
        scores = work()
        times.append((time.perf_counter() - begun, time.process_time() - cpu))
    seconds, cpu = sorted(times)[runs // 2]
    return {
        "seconds": seconds,
        "cpu": cpu,
        "scores": [[[float(part) for part in score[kind]] for kind in types] for score in scores],
    }


def main() -> None:
    """Read the request, score with each package that is here, write the reply."""
    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    references, texts, types = request["references"], request["texts"], request["types"]
    reply = {}
    with leaving_out("rouge_score"):
        from rouge_score.rouge_scorer import RougeScorer

        python = RougeScorer(types, use_stemmer=True)
        reply["rouge_score"] = scored(lambda: [*map(python.score, references, texts)], types)
    with leaving_out("rouge-score-rs"):
        from rouge_score_rs.rouge_scorer import RougeScorer as CompiledScorer

        compiled = CompiledScorer(types, use_stemmer=True)
        reply["rouge-score-rs"] = scored(
            lambda: compiled.score_batch(references, texts), types, request["short_runs"]
        )
    replied.write_text(json.dumps(reply))


@contextmanager
def leaving_out(package: str) -> Iterator[None]:
    """Say that a package is missing, and go on."""
    try:
        yield
    except ModuleNotFoundError as error:
        print(f"{package} is left out: {error}")


if __name__ == "__main__":
    main()
