"""Scores pairs with bert_score; runs in the environment `neural`, see `side_by_side`.

The reply holds what all pairs at once took and gave, and what the first `alone` pairs gave asked one by one.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Read the request, load the model, score, write the reply."""
    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    import torch
    from bert_score import BERTScorer

    torch.set_num_threads(request["threads"])
    scorer = BERTScorer(model_type=request["model"], num_layers=request["layer"], device="cpu")
    texts, references = request["texts"], request["references"]
    scorer.score(texts[:1], references[:1])
    reply: dict[str, Any] = {}
    if request["alone"]:
        pairs = list(zip(texts, references, strict=True))[: request["alone"]]
        reply["alone"] = [[float(column[0]) for column in scorer.score([text], [ref])] for text, ref in pairs]
    else:
        begun, cpu = time.perf_counter(), time.process_time()
        columns = scorer.score(texts, references)
        reply |= {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}
        reply["scores"] = torch.stack(columns, -1).tolist()
    replied.write_text(json.dumps(reply))


if __name__ == "__main__":
    main()
