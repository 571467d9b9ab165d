"""The perplexity part of `metrics.py`: ours and the evaluate library's padding loop, same model, texts and threads.

The library's package ships no metric and downloads them from the hub, so its loop is written out in
`peer_perplexity.py` from its published description. Both have loaded the model before.
"""

import argparse
from pathlib import Path

import numpy as np
from metrics_bertscore import REQUIREMENTS
from side_by_side import Part, Timing, ask_peer, peer_environment, time_it
from texts import make_texts

from judges.metrics.base import Item
from judges.metrics.perplexity import Perplexity

SCRIPT = Path(__file__).with_name("peer_perplexity.py")
DEMO = Path(__file__).parents[1] / "workbench" / "demo" / "model"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the model and how many texts there are."""
    parser.add_argument("--texts", type=int, default=800, help="perplexity: how many texts")
    parser.add_argument(
        "--causal-model", type=Path, default=DEMO, help="perplexity: folder of a causal model (default: ours)"
    )
    parser.add_argument("--longest", type=int, default=80, help="perplexity: words of the longest texts")


def measure(options: argparse.Namespace) -> Part:
    """Let both score the same texts in turn, and compare every number."""
    import torch

    torch.set_num_threads(options.threads)
    rng = np.random.default_rng(22)
    texts = make_texts(options.texts, rng, median=16, longest=options.longest)
    ours = Perplexity(str(options.causal_model), dtype="float32", device="cpu")
    items = [Item(text) for text in texts]
    ours.score(items[:1])
    python = peer_environment(options.environments, "neural", REQUIREMENTS)
    request = {"model": str(options.causal_model), "threads": options.threads, "texts": texts}
    rounds: list[Timing] = []
    for _ in range(options.rounds):
        timing, results = time_it("ours", lambda: ours.score(items))
        rounds.append(timing)
        reply = ask_peer(python, SCRIPT, request)
        rounds.append(Timing("evaluate's padding loop", reply["seconds"], reply["cpu"]))
    own, theirs = np.asarray([result.value for result in results]), np.asarray(reply["perplexities"])
    tokens = [result.detail["tokens"] for result in results]
    whole = np.asarray(tokens) < ours.window
    facts = {
        "texts": len(texts),
        "threads": options.threads,
        "tokens_median": float(np.median(tokens)),
        "tokens_longest": max(tokens),
        "largest_relative_difference": float(np.abs(own / theirs - 1)[whole].max()),
        "longer_than_the_window": int((~whole).sum()),
    }
    setting = f"{len(texts)} texts of 3 to {options.longest} words, {ours.called}"
    return Part("perplexity", setting, rounds, facts)
