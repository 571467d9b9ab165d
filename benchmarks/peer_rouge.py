"""Scores pairs with rouge_score and rouge-score-rs; runs in the environment of these two, see `side_by_side`."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def scored(work: Callable[[], list[dict[str, Any]]], types: list[str]) -> dict[str, Any]:
    """Return what the work took, and for each pair and type precision, recall and F1."""
    begun, cpu = time.perf_counter(), time.process_time()
    scores = work()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return {
        "seconds": seconds,
        "cpu": cpu,
        "scores": [[[float(part) for part in score[kind]] for kind in types] for score in scores],
    }


def main() -> None:
    """Read the request, score with both packages, write the reply."""
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score_rs.rouge_scorer import RougeScorer as CompiledScorer

    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    references, texts, types = request["references"], request["texts"], request["types"]
    python, compiled = RougeScorer(types, use_stemmer=True), CompiledScorer(types, use_stemmer=True)
    reply = {
        "rouge_score": scored(
            lambda: [
                python.score(reference, text) for reference, text in zip(references, texts, strict=True)
            ],
            types,
        ),
        "rouge-score-rs": scored(lambda: compiled.score_batch(references, texts), types),
    }
    replied.write_text(json.dumps(reply))


if __name__ == "__main__":
    main()
