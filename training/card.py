"""The card of a run: what was trained on what, how it went with its uncertainty, and how to load it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.files import write_atomic
from training.run import Run

_TITLES = {"reward": "a reward model", "dpo": "a chat model tuned by DPO"}


def write_card(run: Run, result: dict[str, Any], paths: Iterable[Path]) -> None:
    """Write the card of a finished run to each of `paths`."""
    text = card(run, result)
    for path in paths:
        write_atomic(path, text)


def card(run: Run, result: dict[str, Any]) -> str:
    """Return the card in Markdown, with the front matter that model hubs read."""
    sections = [
        _front_matter(run),
        _head(run),
        _held_out(result),
        _data(run, result),
        _settings(run, result),
        _use(run),
    ]
    return "\n\n".join(sections) + "\n"


def _front_matter(run: Run) -> str:
    tags = ["lora", {"reward": "reward-model", "dpo": "dpo"}[run.config.method], "preference-workbench"]
    lines = [
        "---",
        f"base_model: {run.base_path}",
        "library_name: peft",
        "tags:",
        *(f"- {tag}" for tag in tags),
        "---",
    ]
    return "\n".join(lines)


def _head(run: Run) -> str:
    config = run.config
    came_from = f"It descends from the model **{config.parent}**. " if config.parent else ""
    continued = f"It continues the adapter `{run.start_adapter}`. " if run.start_adapter else ""
    bits = "in 4 bits (NF4, double quantisation)" if config.four_bit else "unquantised"
    return (
        f"# {run.name}\n\n"
        f"A LoRA adapter that makes {_TITLES[config.method]} of `{Path(run.base_path).name}`, loaded {bits}. "
        f"{came_from}{continued}".rstrip()
    )


def _held_out(result: dict[str, Any]) -> str:
    before, after = result["held_out_before"], result["held_out"]
    rows = [
        ("accuracy", _span(before, "accuracy"), _span(after, "accuracy")),
        ("margin", _span(before, "margin"), _span(after, "margin")),
        ("loss", f"{before['loss']:.3f}", f"{after['loss']:.3f}"),
    ]
    table = "\n".join(f"| {name} | {was} | {now} |" for name, was, now in rows)
    return (
        f"## Held-out pairs\n\n{after['pairs']} pairs on {after['prompts']} prompts that no training pair shares. "
        "Intervals at 95 % (accuracy: Wilson; margin: normal), clustered by prompt; an accuracy of 0.5 is a coin's.\n\n"
        f"| | before | after |\n|---|---|---|\n{table}"
    )


def _span(figures: dict[str, Any], name: str) -> str:
    lower, upper = figures[f"{name}_lower"], figures[f"{name}_upper"]
    interval = "no interval" if lower is None else f"[{lower:.3f}, {upper:.3f}]"
    return f"{figures[name]:.3f} {interval}"


def _data(run: Run, result: dict[str, Any]) -> str:
    pairs = result["pairs"]
    dropped = [f"- dropped, {reason}: {count}" for reason, count in pairs["dropped"].items()]
    cut = (
        [f"- cut at the end: {pairs['truncated']} pairs, {pairs['cut_tokens']} tokens"]
        if pairs["truncated"]
        else []
    )
    kinds = result["data"].get("voter_kinds", {})
    lines = [
        f"Export **{result['data']['name']}**, SHA-256 `{result['data']['sha256']}`.",
        "",
        f"- pairs in the export: {pairs['read']}",
        *(f"- pairs with votes of kind {kind}: {count}" for kind, count in kinds.items()),
        f"- trained on: {pairs['train']} (on {pairs['train_prompts']} prompts)",
        f"- held out: {pairs['test']} (on {pairs['test_prompts']} prompts)",
        *(dropped or ["- dropped: none"]),
        *cut,
    ]
    return "## Data\n\n" + "\n".join(lines)


def _settings(run: Run, result: dict[str, Any]) -> str:
    skipped = {"name", "base", "data", "adapter", "parent", "device", "micro_batch_size"}
    skipped |= {"beta"} if run.config.method == "reward" else set()
    settings = [f"| {k} | {v} |" for k, v in run.config.as_dict().items() if k not in skipped]
    device = result["device"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (
        "## Settings\n\n| setting | value |\n|---|---|\n" + "\n".join(settings) + "\n\n"
        f"{result['steps']} steps of {device['micro_batch_size'] * device['accumulation']} pairs, "
        f"{result['trained_parameters']:,} trained numbers, {device['optimizer']}, "
        f"{'bf16' if device['bf16'] else 'float32'} on {device['name']}, {result['train_seconds']:.0f} seconds. "
        f"Made with {versions}."
    )


def _use(run: Run) -> str:
    reward, four_bit = run.config.method == "reward", run.config.four_bit
    kind = "AutoModelForSequenceClassification" if reward else "AutoModelForCausalLM"
    names = [kind, "AutoTokenizer", *(["BitsAndBytesConfig"] if four_bit else [])]
    options = [
        "base",
        *(["num_labels=1"] if reward else []),
        *(["quantization_config=four_bit"] if four_bit else []),
    ]
    nf4 = 'load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True'
    lines = [
        "from peft import PeftModel",
        f"from transformers import {', '.join(names)}",
        "",
        f'base = "{run.base_path}"',
        "tokenizer = AutoTokenizer.from_pretrained(base)",
        *([f"four_bit = BitsAndBytesConfig({nf4})"] if four_bit else []),
        f"model = {kind}.from_pretrained({', '.join(options)})",
        *(["model.config.pad_token_id = tokenizer.pad_token_id"] if reward else []),
        'model = PeftModel.from_pretrained(model, "adapter")',
    ]
    return "## Loading it\n\n```python\n" + "\n".join(lines) + "\n```"
