"""The table of models by scorers: means with intervals, and how one column differs from its namesake.

A column is a scorer with one fingerprint. Two columns of one name (BERTScore by two models) are told apart by those
dependencies in which they differ.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena.errors import NotFound
from arena.judgments import ScoreMean, ScorerInfo
from arena.statistics import share_ends, student
from judges.metrics import registry


@dataclass(frozen=True, slots=True)
class ScoreColumn:
    """A scorer of the table; `label` is its name, with what sets it apart where the name alone does not."""

    info: ScorerInfo
    label: str


@dataclass(frozen=True, slots=True)
class ScoreCell:
    """One model by one scorer.

    `lower` and `upper` are the ends of the mean's 95 % interval, which counts prompts and not answers; both `None` for
    one prompt. `reasons` counts the answers
    without a number by why there is none.
    """

    model: str
    label: str
    scorer: str
    fingerprint: str
    mean: float | None
    lower: float | None
    upper: float | None
    answers: int
    prompts: int
    reasons: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return the cell as plain values."""
        return {
            "model": self.model,
            "scorer": self.label,
            "mean": self.mean,
            "lower": self.lower,
            "upper": self.upper,
            "answers": self.answers,
            "prompts": self.prompts,
            "not_computable": sum(self.reasons.values()),
            "reasons": dict(self.reasons),
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Cells by column and then model, and what a reader must know to compare them."""

    columns: tuple[ScoreColumn, ...]
    models: tuple[str, ...]
    cells: tuple[ScoreCell, ...]
    notes: tuple[str, ...]

    def cell(self, model: str, fingerprint: str) -> ScoreCell | None:
        """Return the cell of a model and a column, if the model has scores there."""
        return next((c for c in self.cells if (c.model, c.fingerprint) == (model, fingerprint)), None)


def build(
    means: Sequence[ScoreMean], infos: Sequence[ScorerInfo], *, shared_prompts: bool = False
) -> ScoreTable:
    """Return the table of `means`; `infos` must hold the scorer of each."""
    used = {(mean.scorer, mean.fingerprint) for mean in means}
    columns = _columns([info for info in infos if (info.scorer, info.fingerprint) in used])
    labels = {(column.info.scorer, column.info.fingerprint): column.label for column in columns}
    cells = [_cell(mean, labels[mean.scorer, mean.fingerprint]) for mean in means]
    models = tuple(dict.fromkeys(sorted(mean.model for mean in means)))
    return ScoreTable(tuple(columns), models, tuple(cells), _notes(columns, cells, shared_prompts))


def _columns(infos: Sequence[ScorerInfo]) -> list[ScoreColumn]:
    namesakes: defaultdict[str, list[ScorerInfo]] = defaultdict(list)
    for info in infos:
        namesakes[info.scorer].append(info)
    return [ScoreColumn(info, _label(info, namesakes[info.scorer])) for info in infos]


def _label(info: ScorerInfo, namesakes: Sequence[ScorerInfo]) -> str:
    if len(namesakes) == 1:
        return info.scorer
    keys = dict.fromkeys(key for other in namesakes for key in other.depends)
    apart = [k for k in keys if len({repr(other.depends.get(k)) for other in namesakes}) > 1]
    shown = [f"{key} {info.depends[key]}" for key in apart if info.depends.get(key) is not None]
    return f"{info.scorer} ({', '.join(shown) or info.fingerprint[:8]})"


def interval(
    mean: float, error: float, clusters: int, bounds: tuple[float, float] | None
) -> tuple[float | None, float | None]:
    """Return the ends of a mean's 95 % interval from its standard error over `clusters`.

    It is Student's where the numbers have no bounds, and Wilson's on their scale where they have, so that it stays
    within them and keeps a width when all numbers are the same.
    """
    if clusters < 2:
        return None, None
    if bounds is None:
        reach = student(clusters - 1) * error
        return mean - reach, mean + reach
    low, high = bounds
    lower, upper = share_ends((mean - low) / (high - low), error / (high - low), clusters)
    if lower is None or upper is None:
        return None, None
    return low + lower * (high - low), low + upper * (high - low)


def bounds_of(scorer: str) -> tuple[float, float] | None:
    """Return the least and greatest number of a metric's scorer; `None` where there are none, or it is a judge."""
    try:
        return registry.find(scorer).bounds
    except NotFound:
        return None


def _cell(mean: ScoreMean, label: str) -> ScoreCell:
    lower = upper = None
    if mean.mean is not None and mean.standard_error is not None:
        bounds = bounds_of(mean.scorer)
        lower, upper = interval(mean.mean, mean.standard_error, mean.prompts, bounds)
    return ScoreCell(
        mean.model,
        label,
        mean.scorer,
        mean.fingerprint,
        mean.mean,
        lower,
        upper,
        mean.answers,
        mean.prompts,
        mean.reasons,
    )


def _notes(columns: Sequence[ScoreColumn], cells: Sequence[ScoreCell], shared: bool) -> tuple[str, ...]:
    notes = []
    for column in columns:
        counted = [cell for cell in cells if cell.fingerprint == column.info.fingerprint]
        numbers = {cell.prompts for cell in counted}
        if not shared and len(numbers) > 1:
            notes.append(
                f"{column.label}: the models have numbers on {min(numbers)} to {max(numbers)} prompts; "
                "compare them on the prompts they share."
            )
        if shared and counted and not any(numbers):
            notes.append(f"{column.label}: there is no prompt on which every model has a number.")
    return tuple(notes)
