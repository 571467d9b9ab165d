"""A loaded run: its trainer, its split and its schedule, from the first held-out measurement to the saved adapter."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from training import dpo, reward
from training.arguments import Schedule, schedule
from training.checks import check_base, weight_bytes
from training.data import MANIFEST, Messages, Split, load_export, without
from training.device import Device, choose_device
from training.evaluation import HeldOut, measure
from training.models import load_tokenizer, trainable_parameters
from training.run import Run

_METHODS = {"reward": reward, "dpo": dpo}
_LIBRARIES = ("torch", "transformers", "trl", "peft", "bitsandbytes")


@dataclass
class Session:
    """Everything a run has in memory; `start` and `end` are its first and last held-out measurement."""

    run: Run
    split: Split
    device: Device
    steps: Schedule
    trainer: Any
    last: HeldOut | None = None

    @classmethod
    def prepare(cls, run: Run) -> "Session":
        """Load tokenizer, data and model of a run.

        Raises:
            InvalidInput: the data, once measured in tokens, cannot be split, or the adapter does not fit.
        """
        _quiet()
        from transformers import set_seed

        config = run.config
        set_seed(config.seed)
        device = choose_device(config, weight_bytes(check_base(run.base_path)))
        tokenizer = load_tokenizer(run.base_path)
        split = load_export(
            run.data_path,
            method=config.method,
            tokens=_tokens(tokenizer),
            max_length=config.max_length,
            test_share=config.test_share,
            seed=config.seed,
        )
        steps = schedule(config, device, len(split.train))
        trainer = _METHODS[config.method].build_trainer(run, split, tokenizer, device, steps)
        kept = len(trainer.train_dataset) + len(trainer.eval_dataset)
        split = without(split, "by the trainer", len(split.train) + len(split.test) - kept)
        return cls(run, split, device, steps, trainer)

    def evaluate(self) -> HeldOut:
        """Measure the held-out pairs with the model as it is."""
        size = 2 * self.device.micro_batch_size
        margins = _METHODS[self.run.config.method].margins(self.trainer, size)
        self.last = measure(margins, self.trainer.eval_dataset["prompt_id"])
        return self.last

    def train(self, callbacks: Sequence[Any], checkpoint: Path | None) -> None:
        """Train to the end, or until a callback stops it."""
        from transformers.trainer_callback import PrinterCallback

        self.trainer.remove_callback(PrinterCallback)
        for callback in callbacks:
            self.trainer.add_callback(callback)
        self.trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)

    def save_adapter(self, folder: Path) -> None:
        """Write the adapter's settings and weights (safetensors) to `folder`."""
        self.trainer.model.save_pretrained(str(folder), selected_adapters=["default"])

    def result(self, data_sha256: str, train_seconds: float, process_seconds: float) -> dict[str, Any]:
        """Return what `result.json` holds: held-out figures at start and end, counts, machine and versions."""
        tests = [row for row in self.run.metrics() if row["split"] == "test"]
        last = self.last or self.evaluate()
        return {
            "run": self.run.name,
            "method": self.run.config.method,
            "held_out": last.as_dict(),
            "held_out_before": {name: tests[0][name] for name in last.as_dict()},
            "pairs": self.split.as_dict(),
            "data": {"name": self.run.data_path.name, "sha256": data_sha256, **_manifest(self.run.data_path)},
            "steps": self.steps.total,
            "trained_parameters": trainable_parameters(self.trainer.model),
            "device": self.device.as_dict(),
            "train_seconds": train_seconds,
            "process_seconds": round(process_seconds, 3),
            "versions": {name: metadata.version(name) for name in _LIBRARIES},
        }


def _tokens(tokenizer: Any) -> Any:
    def tokens(conversations: Sequence[Messages], answer_follows: bool) -> list[list[int]]:
        if not conversations:
            return []
        rendered = tokenizer.apply_chat_template(
            list(conversations), tokenize=True, return_dict=True, add_generation_prompt=answer_follows
        )
        return [list(ids) for ids in rendered["input_ids"]]

    return tokens


def _manifest(folder: Path) -> dict[str, Any]:
    """Return what the export says of itself, if it has a manifest: its content hash, and whose votes it holds."""
    path = folder / MANIFEST
    stated = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    named = {"manifest_sha256": stated.get("sha256"), "voter_kinds": stated.get("voter_kinds")}
    return {key: value for key, value in named.items() if value is not None}


def _quiet() -> None:
    """Keep progress bars out of the log; warnings stay."""
    import datasets
    from transformers.utils import logging as transformers_logging

    datasets.disable_progress_bars()
    transformers_logging.disable_progress_bar()
