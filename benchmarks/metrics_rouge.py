"""The ROUGE part of `metrics.py`: ours, rouge_score and the compiled rouge-score-rs on the same pairs."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from side_by_side import Part, Timing, ask_peer, peer_environment, time_it

from judges.metrics.rouge import rouge_pairs
from judges.metrics.words import Words

TYPES = ("rouge1", "rouge2", "rougeL")
REQUIREMENTS = ("rouge-score==0.1.2", "rouge-score-rs==0.2.1")
SHORT_RUNS = 5
"""What takes less than a second runs so often in a round, and the median counts: another process disturbs it more."""
SCRIPT = Path(__file__).with_name("peer_rouge.py")

_ONSETS = (
    *"bcdfghlmnprstvw",
    *("br", "ch", "cl", "cr", "dr", "fl", "gr", "pl", "pr", "sh", "st", "str", "th"),
)
_RHYMES = (
    *"aeiou",
    *("ai", "ea", "ee", "oa", "an", "en", "in", "on", "ar", "er", "al", "ol", "at", "et", "ust", "ock"),
)
_ENDINGS = (
    *[""] * 12,
    *(
        "s",
        "s",
        "s",
        "ed",
        "ed",
        "ing",
        "ing",
        "er",
        "ly",
        "y",
        "e",
        "al",
        "ies",
        "ied",
        "ity",
        "ful",
        "able",
    ),
    *("ence", "ment", "ive", "ize", "ation", "ational", "ness"),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare how many pairs there are."""
    parser.add_argument("--pairs", type=int, default=10_000, help="rouge: how many texts and references")


def make_pairs(number: int, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Return references and texts of about 60 words that look like English.

    There are 30,000 words with endings that a stemmer takes off, as frequent as words are by Zipf's law; a text keeps
    about 60 % of its reference's words and replaces or drops the others.
    """
    words = np.asarray(sorted({_word(rng) for _ in range(60_000)}))
    words = rng.permutation(words)[:30_000]
    frequency = 1.0 / (np.arange(len(words)) + 2.7)
    reach = np.cumsum(frequency / frequency.sum())
    references, texts = [], []
    for length in rng.integers(45, 76, number):
        reference = words[np.searchsorted(reach[:-1], rng.random(length))]
        fate = rng.random(length)
        other = words[np.searchsorted(reach[:-1], rng.random(length))]
        text = np.where(fate < 0.6, reference, other)[fate < 0.9]
        references.append(_sentence(reference))
        texts.append(_sentence(text))
    return references, texts


def _word(rng: np.random.Generator) -> str:
    syllables = [
        _ONSETS[rng.integers(len(_ONSETS))] + _RHYMES[rng.integers(len(_RHYMES))]
        for _ in range(rng.integers(1, 4))
    ]
    return "".join(syllables) + _ENDINGS[rng.integers(len(_ENDINGS))]


def _sentence(words: Any) -> str:
    return ", ".join([" ".join(words[:20]).capitalize(), " ".join(words[20:])]) + "."


def measure(options: argparse.Namespace) -> Part:
    """Let all score the same pairs in turn, each beginning with empty caches, and compare every number."""
    references, texts = make_pairs(options.pairs, np.random.default_rng(20))
    python = peer_environment(options.environments, "rouge", REQUIREMENTS)
    rounds: list[Timing] = []
    differing: dict[str, int] = {}
    rouge_pairs(["a warm b"], ["a warm c"], TYPES, Words("ascii"))
    for _ in range(options.rounds):
        runs = [
            time_it("ours", lambda: rouge_pairs(references, texts, TYPES, Words("ascii")))
            for _ in range(SHORT_RUNS)
        ]
        timing, scores = sorted(runs, key=lambda run: run[0].seconds)[SHORT_RUNS // 2]
        rounds.append(timing)
        own = np.stack([[scores[kind].precision, scores[kind].recall, scores[kind].f1] for kind in TYPES])
        request = {"references": references, "texts": texts, "types": TYPES, "short_runs": SHORT_RUNS}
        for package, reply in ask_peer(python, SCRIPT, request).items():
            rounds.append(Timing(package, reply["seconds"], reply["cpu"]))
            theirs = np.moveaxis(np.asarray(reply["scores"]), 0, -1)
            differing[package] = int((own != theirs).any(axis=(0, 1)).sum())
    facts = {"pairs": options.pairs, "pairs_that_differ_from_ours": differing}
    return Part("rouge", f"ROUGE-1, -2 and -L with stemming, {options.pairs} pairs", rounds, facts)
