"""The report of `workbench demo --headless`: one JSON object, or the same as a page of text."""

import asyncio
import sys
import time
from typing import Any

from workbench.bench import Workbench
from workbench.commands.output import Context, Format, held_out_summary, say, write_json
from workbench.demo.road import Report, run_road


def report(shared: Context, bench: Workbench, seed: int) -> None:
    """Go the road and print what it came to."""
    begun = time.monotonic()

    def tell(line: str) -> None:
        say(f"[{time.monotonic() - begun:5.0f} s] {line}")

    result = asyncio.run(run_road(bench, seed, tell))
    tell("Done.")
    if shared.format is Format.JSON:
        write_json(result.as_dict())
    elif shared.format is Format.CSV:
        shared.rows(
            [row.as_dict() for row in result.leaderboard.rows], ["name", "rating", "lower", "upper", "votes"]
        )
    else:
        _page(shared, result)


def _page(shared: Context, result: Report) -> None:
    """Print the report as a page: a title and a small table for each station of the road."""
    _station(shared, "Votes", {key: value for key, value in result.votes.items() if key != "voter"})
    sys.stdout.write("Leaderboard (simulated voters; ratings with 95 % intervals)\n")
    columns = ["name", "rating", "lower", "upper", "votes", "wins", "losses", "ties"]
    shared.rows([row.as_dict() for row in result.leaderboard.rows], columns)
    dropped = {k: v for k, v in result.export.waterfall.items() if k not in ("votes", "written", "pairs")}
    _station(
        shared,
        "Export",
        {
            "name": result.export.name,
            "votes": result.export.votes,
            "pairs": result.export.pairs,
            "dropped": dropped,
        },
    )
    for title, figures in (("Reward model", result.reward_model), ("DPO", result.dpo)):
        _station(shared, title, held_out_summary(figures))
    tuned = result.tuned_vs_parent.as_dict()
    _station(shared, "Tuned model against its parent, on prompts neither was trained on", tuned)


def _station(shared: Context, title: str, values: dict[str, Any]) -> None:
    sys.stdout.write(f"{title}\n")
    sys.stdout.flush()
    shared.one(values)
