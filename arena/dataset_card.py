"""The dataset card of an export: a README that a stranger can use, with the front matter dataset hubs read."""

import json
from collections.abc import Mapping
from typing import Any

from arena.preferences import REASONS, WRITTEN

_VOTERS = {
    "human": "people",
    "judge": "automatic judges (language models or reward models)",
    "simulated": "simulated voters (a rule with noise, not people)",
}


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """Return the card in Markdown for the values of an export's manifest."""
    parts = [
        _front_matter(manifest),
        f"# {manifest['name']}",
        _summary(manifest),
        "## Load it",
        _loading(manifest),
        "## Columns",
        _table(
            ("column", "what it holds"), [(f"`{name}`", text) for name, text in manifest["columns"].items()]
        ),
        "## From votes to pairs",
        _waterfall(manifest),
        "## Models",
        _table(
            ("model", "chosen", "rejected"),
            [(_cell(name), n["chosen"], n["rejected"]) for name, n in manifest["models"].items()],
        ),
        "## Know before use",
        _caveats(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(manifest: Mapping[str, Any]) -> str:
    lines = ["---", f"pretty_name: {json.dumps(manifest['name'], ensure_ascii=False)}", "license: unknown"]
    if manifest["languages"]:
        lines += [
            "language:",
            *(f"- {json.dumps(name, ensure_ascii=False)}" for name in manifest["languages"]),
        ]
    lines += ["tags:", "- preference", "- trl", f"- {manifest['kind']}"]
    lines += ["configs:", "- config_name: default", "  data_files: preferences.parquet", "---"]
    return "\n".join(lines)


def _summary(manifest: Mapping[str, Any]) -> str:
    voters = ", ".join(
        f"{_VOTERS[kind]} ({_pairs(number)})" for kind, number in manifest["voter_kinds"].items()
    )
    languages = ", ".join(f"{name} ({number:,})" for name, number in manifest["languages"].items())
    return (
        f"This set holds {_pairs(manifest['pairs'])}, each a prompt, the answer that was preferred, and one that was "
        "not. They were voted for in blind battles, in which a voter saw two answers side by side without the "
        "models' names.\n\n"
        f"- Prompts: {manifest['prompts']:,}\n"
        f"- Votes: {manifest['votes']:,}, on {manifest['battles']:,} battles\n"
        f"- Voters: {voters}\n"
        f"{_written(manifest)}"
        f"- Mean share of a pair's votes that agree with it: {manifest['agreement']:.1%}\n"
        f"- Languages: {languages or 'not recorded'}\n"
        f"- Made for: {manifest['kind']}, frozen at {manifest['created_at']}\n"
        f"- SHA-256 of the content: `{manifest['sha256']}`"
    )


def _written(manifest: Mapping[str, Any]) -> str:
    written = manifest.get("written") or {}
    if not written.get("pairs"):
        return ""
    number = written["answers"]
    answers = f"{number:,} answer{'s' * (number != 1)} that voters wrote where neither model's would do"
    return f"- Written by people: {_pairs(written['pairs'])}, from {answers}\n"


def _loading(manifest: Mapping[str, Any]) -> str:
    trainer = {"dpo": "DPOTrainer", "reward": "RewardTrainer"}[manifest["kind"]]
    return (
        "```python\n"
        "from datasets import load_dataset\n\n"
        'pairs = load_dataset("parquet", data_files="preferences.parquet", split="train")\n'
        "```\n\n"
        f"TRL's `{trainer}` takes it as it is. Split by `prompt_id`, not by row."
    )


def _waterfall(manifest: Mapping[str, Any]) -> str:
    steps = dict(manifest["waterfall"])
    votes, written, pairs = steps.pop("votes"), steps.pop("written", 0), steps.pop("pairs")
    rows = [("all standing votes", f"{votes:,}")]
    rows += [(f"{reason}: {REASONS[reason]}", f"-{number:,}") for reason, number in steps.items() if number]
    if written:
        rows.append((f"written: pairs whose chosen answer was {WRITTEN}", f"+{written:,}"))
    rows.append(("**pairs**", f"**{pairs:,}**"))
    chosen = {
        key: value
        if not isinstance(value, list) or len(value) <= 20
        else f"{len(value)} values, see manifest.json"
        for key, value in manifest["filter"].items()
        if value
    }
    described = json.dumps(chosen, ensure_ascii=False)
    return _table(("step", "votes"), rows) + f"\n\nVotes counted: those that pass the filter `{described}`."


def _caveats(manifest: Mapping[str, Any]) -> str:
    lines = [
        "- The licences of the prompts and of the models' answers are not recorded: check them before publishing.",
        "- Answers may be wrong or offensive; being preferred does not make one true.",
        "- In a conversation with follow-ups, `chosen` and `rejected` also hold the user's later messages.",
    ]
    if (manifest.get("written") or {}).get("pairs"):
        lines.append(
            f"- Where `model_chosen` is `{WRITTEN}`, no model gave the chosen answer, and its length and style are its "
            "writer's: leave these pairs out where only models' answers shall be compared."
        )
    if "simulated" in manifest["voter_kinds"]:
        lines.append("- Simulated voters follow a programmed rule: nothing here shows what people prefer.")
    if "judge" in manifest["voter_kinds"]:
        lines.append("- Automatic judges have habits of their own, such as a liking for length.")
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    return "\n".join(lines) + f"\n\nWritten with {versions}."


def _pairs(number: int) -> str:
    return f"{number:,} preference pair{'s' * (number != 1)}"


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
