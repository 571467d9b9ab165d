"""A run's folder, read: configuration, state, live metrics, log, result and the model it makes.

In `runs/<name>/`: `config.json` what was asked (`RunConfig`; paths inside the home relative to this folder),
`dataset.json` which data by hash, `state.json` where it stands, `metrics.jsonl` one line per measurement, `log.txt`
what its process said, `checkpoints/` to resume from, `adapter/` the trained weights (safetensors), `result.json`
held-out figures and counts, `README.md` the card.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

from arena.errors import InvalidInput
from arena.types import ModelKind, ModelSpec
from training.config import RunConfig
from training.files import read_json, read_lines, tail
from training.state import RunState, Status, read_status

CONFIG = "config.json"
DATASET = "dataset.json"
METRICS = "metrics.jsonl"
LOG = "log.txt"
CHECKPOINTS = "checkpoints"
ADAPTER = "adapter"
RESULT = "result.json"
CARD = "README.md"


class Run:
    """One run folder. Reading is safe from any process at any time; starting and stopping stand in `runs.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    @property
    def name(self) -> str:
        """The run's name, which is its folder's."""
        return self.folder.name

    @cached_property
    def config(self) -> RunConfig:
        """What was asked.

        Raises:
            InvalidInput: `config.json` is missing or cannot be used.
        """
        path = self.folder / CONFIG
        try:
            values = read_json(path)
        except ValueError as error:
            raise InvalidInput(f"The configuration {path} is not valid JSON: {error}.") from error
        if values is None:
            raise InvalidInput(f"There is no run in {self.folder}: it holds no {CONFIG}.")
        return RunConfig.from_mapping(values)

    @property
    def status(self) -> Status:
        """Where it stands, with step, total, seconds and message."""
        return read_status(self.folder)

    @property
    def state(self) -> RunState:
        """Where it stands, in one word."""
        return self.status.state

    def progress(self) -> Status:
        """Return `status`: `step`, `total`, `stage`, and `seconds_left` at the present pace."""
        return self.status

    def metrics(self) -> list[dict[str, Any]]:
        """Return the measurements so far in order: `step`, `epoch`, `split` (train or test), `loss`, `accuracy`, ..."""
        return read_lines(self.folder / METRICS)

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of its log."""
        return "\n".join(tail(self.folder / LOG, lines))

    @property
    def message(self) -> str | None:
        """Why it stopped or failed, in a sentence, if it did."""
        return self.status.message

    @property
    def result(self) -> dict[str, Any] | None:
        """Held-out figures and counts of a finished run, or `None`."""
        return read_json(self.folder / RESULT)

    @property
    def dataset(self) -> dict[str, Any]:
        """Which data it trains on: `sha256`, `rows` and `prompts` of the export when the run was made."""
        return read_json(self.folder / DATASET) or {}

    def card(self) -> str | None:
        """Return its card in Markdown, or `None` before it finished."""
        path = self.folder / CARD
        return path.read_text(encoding="utf-8") if path.exists() else None

    def path_of(self, value: str) -> Path:
        """Return the absolute path meant by a path in `config`, which may be relative to the run's folder."""
        return Path(value) if Path(value).is_absolute() else (self.folder / value).resolve()

    @property
    def base_path(self) -> str:
        """The base model: an absolute folder, or a hub id."""
        base = self.config.base
        return str(self.path_of(base)) if base.startswith((".", "/")) else base

    @property
    def data_path(self) -> Path:
        """The folder of the export."""
        return self.path_of(self.config.data)

    @property
    def start_adapter(self) -> Path | None:
        """The folder of the adapter it continues from, if any."""
        return self.path_of(self.config.adapter) if self.config.adapter else None

    @property
    def adapter_path(self) -> Path:
        """The folder of the trained adapter, there once the run has finished."""
        return self.folder / ADAPTER

    def model_spec(self) -> ModelSpec:
        """Return the model this run made, ready for the arena: its base, its adapter and its parent.

        Raises:
            InvalidInput: it is a reward run (a reward model scores, it does not chat), or it has not finished.
        """
        if self.config.method == "reward":
            raise InvalidInput(
                f"Run {self.name} made a reward model, which scores answers and cannot chat: deploy a DPO run instead."
            )
        state = self.state
        if state is not RunState.FINISHED:
            raise InvalidInput(f"Run {self.name} is {state}: its model can be used once it has finished.")
        options = {
            "path": self.base_path,
            "adapter": str(self.adapter_path),
            "four_bit": self.config.four_bit,
        }
        return ModelSpec(self.name, ModelKind.LOCAL, options, parent=self.config.parent)
