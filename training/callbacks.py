"""What happens between the steps of a run: measurements, progress, checkpoints marked whole, stop requests.

Held-out pairs are measured by the run itself and not by the trainer's evaluation: TRL averages over batches, which
weighs a smaller last batch too much and leaves no counts to put an interval on.
"""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from arena.errors import RunFailed
from training.arguments import Schedule
from training.evaluation import HeldOut
from training.files import append_line, read_lines, write_lines
from training.run import CHECKPOINTS, METRICS
from training.state import Status, read_stored, write_status

WHOLE = "whole"
"""Marks a checkpoint that was written to its end."""

HEARTBEAT = 0.5
"""Seconds between two writes of the progress."""

_TRAIN_NAMES = {
    "loss": "loss",
    "accuracy": "accuracy",
    "rewards/accuracies": "accuracy",
    "margin": "margin",
    "rewards/margins": "margin",
    "rewards/chosen": "chosen",
    "rewards/rejected": "rejected",
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
}

log = logging.getLogger("training")


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint of a run that was written to its end, or `None`."""
    whole = [c for c in (folder / CHECKPOINTS).glob("checkpoint-*") if (c / WHOLE).exists()]
    return max(whole, key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    """Return the optimizer step a checkpoint was taken after."""
    return int(checkpoint.name.rpartition("-")[2])


class Recorder(TrainerCallback):
    """Writes `metrics.jsonl` and the progress of a run, and measures its held-out pairs."""

    def __init__(
        self, folder: Path, steps: Schedule, evaluate: Callable[[], HeldOut], first_step: int
    ) -> None:
        self.folder = folder
        self.steps = steps
        self.evaluate = evaluate
        self.first_step = first_step
        kept = [row for row in read_lines(folder / METRICS) if first_step and row["step"] <= first_step]
        write_lines(folder / METRICS, kept)
        self.measured = {row["step"] for row in kept if row["split"] == "test"}
        self.before = max((row["seconds"] for row in kept), default=0.0)
        self.began = time.monotonic()
        self.written = -math.inf

    @property
    def seconds(self) -> float:
        """Seconds of training so far, those before a resume included."""
        return round(self.before + time.monotonic() - self.began, 3)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Measure the held-out pairs before the first step."""
        self.began = time.monotonic()
        if state.global_step == 0:
            self._measure(state)
        self._progress(state)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Measure the held-out pairs when it is their turn."""
        if state.global_step in self.steps.evaluate_at and state.global_step not in self.measured:
            self._measure(state)
        self._progress(state)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Store the last step, be it the end or a stop."""
        self.written = -math.inf
        self._progress(state)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Write one line of training figures.

        Raises:
            RunFailed: the loss is no number any more.
        """
        if not logs or "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise RunFailed(
                f"The loss became {logs['loss']} at step {state.global_step}: lower learning_rate and start again."
            )
        figures = {ours: _finite(logs[theirs]) for theirs, ours in _TRAIN_NAMES.items() if theirs in logs}
        if figures.get("margin") == 0:
            figures["accuracy"] = 0.5  # nothing told apart yet; TRL counts a tie as wrong
        self._write(state, "train", figures)

    def _measure(self, state: Any) -> None:
        self._write(state, "test", self.evaluate().as_dict())
        self.measured.add(state.global_step)

    def _write(self, state: Any, split: str, figures: dict[str, Any]) -> None:
        epoch = round(float(state.epoch or 0.0), 4)
        row = {"step": state.global_step, "epoch": epoch, "split": split, **figures, "seconds": self.seconds}
        append_line(self.folder / METRICS, row)
        shown = " ".join(f"{name} {row[name]:.4f}" for name in ("loss", "accuracy", "margin") if name in row)
        log.info("step %d of %d, %s: %s", state.global_step, self.steps.total, split, shown)

    def _progress(self, state: Any) -> None:
        moment = time.monotonic()
        if moment - self.written < HEARTBEAT:
            return
        self.written = moment
        write_status(
            self.folder,
            read_stored(self.folder),
            stage="training",
            step=state.global_step,
            total=state.max_steps,
            first_step=self.first_step,
            seconds=round(moment - self.began, 3),
        )


class Checkpointer(TrainerCallback):
    """Stops after the step at hand when asked to, with a checkpoint, and marks each checkpoint that is whole."""

    def __init__(self, folder: Path, stop_requested: Callable[[], bool]) -> None:
        self.folder = folder
        self.stop_requested = stop_requested
        self.stopped = False

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint and the end, if a stop was requested and steps remain."""
        if state.global_step < state.max_steps and self.stop_requested():
            self.stopped = control.should_save = control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint of this step."""
        (self.folder / CHECKPOINTS / f"checkpoint-{state.global_step}" / WHOLE).touch()


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


__all__ = ["Checkpointer", "Recorder", "Status", "newest_checkpoint", "step_of"]
