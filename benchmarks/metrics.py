"""Seconds of metrics beside those of other packages, in one run, and whether the numbers are the same.

    python benchmarks/metrics.py [PART ...] [--rounds 3] [--pairs 10000] [--environments .bench-env] [--out FILE.json]

Parts (all of them unless some are named):

* rouge: ROUGE-1, -2 and -L with stemming on pairs of about 60 words, beside rouge_score and rouge-score-rs.
* bertscore: BERTScore on pairs of very different lengths, beside bert_score.
* perplexity: perplexity of texts of very different lengths, beside the evaluate library's padding loop.

Rounds are interleaved, so that whatever else the machine does meets all contenders. Peers run in virtual environments
of their own, which are made on first use in the folder `--environments`. Prints a table and a line a ratio; writes
nothing else unless `--out` is given, and then replaces in that file only the parts that ran.
"""

import argparse
import importlib
import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from side_by_side import Part, report

PARTS = {
    "rouge": "metrics_rouge",
    "bertscore": "metrics_bertscore",
    "perplexity": "metrics_perplexity",
}
"""Part to module; the module's `measure` takes the options and returns a `Part`, its `add_options` declares some."""


def write(path: Path, parts: list[Part]) -> None:
    """Put these parts into the file beside those that stand there."""
    entries = json.loads(path.read_text()) if path.is_file() else {}
    for part in parts:
        entries[part.name] = {
            "at": datetime.now(UTC).isoformat(),
            "cores": os.cpu_count(),
            "setting": part.setting,
            "median_seconds": {contender: part.median(contender) for contender in part.contenders},
            "times_ours": {peer: part.times_ours(peer) for peer in part.contenders[1:]},
            **part.facts,
            "rounds": [asdict(timing) for timing in part.rounds],
        }
    path.write_text(json.dumps(entries, indent=2) + "\n")


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--environments", type=Path, default=Path(".bench-env"), help="where peers live")
    parser.add_argument("--out", type=Path, default=None, help="keep the results in this JSON file")
    sys.path.append(
        sys.path.pop(0)
    )  # `judges.py` stands beside this file and is not the package of that name
    modules = {name: importlib.import_module(module) for name, module in PARTS.items()}
    for module in modules.values():
        module.add_options(parser)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    measured = []
    for name in options.parts or PARTS:
        measured.append(modules[name].measure(options))
        report(measured[-1])
    if options.out:
        write(options.out, measured)


if __name__ == "__main__":
    main()
