"""Is a model still as good on a golden set? Thresholds on means, and a paired comparison with the accepted result.

The comparison is a paired bootstrap over prompts of the mean gain: the same prompts, so what is hard for every model
cancels. A regression is an interval that lies wholly below the tolerance; where the interval reaches to both sides the
answer is that it cannot be told, never that all is well. Numbers with different fingerprints are not compared.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from arena.golden import Check, GoldenResult, GoldenScore, GoldenSet
from arena.judgments import ScorerInfo
from arena.statistics import Figure, student
from judges.score_table import interval

RESAMPLES = 10_000
FEWEST_PAIRS = 5
"""With fewer prompts a resampled interval means nothing, and a difference cannot be told."""


class Threshold(StrEnum):
    """Whether a check's mean is within its bounds."""

    NONE = "none"
    """The check has no bounds."""
    MET = "met"
    FAILED = "failed"


class Change(StrEnum):
    """How a check's mean compares with the accepted result."""

    FIRST = "first"
    """There is no accepted result."""
    BETTER = "better"
    SAME = "same"
    """No worse, up to the tolerance."""
    REGRESSION = "regression"
    CANNOT_TELL = "cannot_tell"
    """The interval holds both: worse and no worse; or there is too little to compare."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The numbers of one check, by prompt id: the answer, its value or the reason for none.

    `bounds` are the least and greatest number there can be, where both are known.
    """

    info: ScorerInfo
    values: Mapping[str, tuple[UUID, float | None, str | None]]
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What one check came to.

    `mean` has a 95 % interval over prompts. `gain` is the mean of new minus accepted over the `gain.n` prompts that
    have both, positive for better whatever way the scorer counts; `None` where nothing is compared. `lost` counts
    prompts that had a number and have none. `missing` counts prompts without a number by reason.
    """

    name: str
    scorer: str
    fingerprint: str
    higher_is_better: bool
    mean: Figure
    at_least: float | None
    at_most: float | None
    threshold: Threshold
    change: Change
    gain: Figure | None
    lost: int
    missing: Mapping[str, int]
    sentence: str

    @property
    def passed(self) -> bool:
        """Whether the threshold is met and there is no regression."""
        return self.threshold is not Threshold.FAILED and self.change is not Change.REGRESSION

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return {**asdict(self), "missing": dict(self.missing), "passed": self.passed}


def outcomes(
    golden: GoldenSet,
    measured: Mapping[str, Measured],
    accepted: GoldenResult | None,
    rng: np.random.Generator,
) -> list[CheckOutcome]:
    """Return what each check of `golden` came to; `measured` holds the numbers by the check's name."""
    before: dict[str, dict[str, GoldenScore]] = {}
    for score in accepted.scores if accepted else ():
        before.setdefault(score.scorer, {})[score.prompt_id] = score
    return [
        outcome(check, measured[check.name], before.get(check.name) if accepted else None, rng)
        for check in golden.checks
    ]


def outcome(
    check: Check,
    measured: Measured,
    before: Mapping[str, GoldenScore] | None,
    rng: np.random.Generator,
) -> CheckOutcome:
    """Return what one check came to; `before` holds the accepted numbers by prompt id, `None` without a result."""
    info = measured.info
    numbers = {prompt: value for prompt, (_, value, _) in measured.values.items() if value is not None}
    missing = Counter(reason for _, _, reason in measured.values.values() if reason is not None)
    mean = mean_of(list(numbers.values()), measured.bounds)
    threshold, why = _threshold(check, mean, missing)
    change, gain, lost, then = _compared(check, info, numbers, before, rng)
    return CheckOutcome(
        check.name,
        info.scorer,
        info.fingerprint,
        info.higher_is_better,
        mean,
        check.at_least,
        check.at_most,
        threshold,
        change,
        gain,
        lost,
        dict(missing),
        f"{why} {then}".strip(),
    )


def scores_of(measured: Mapping[str, Measured]) -> tuple[GoldenScore, ...]:
    """Return the numbers of all checks as they are stored with a result."""
    return tuple(
        GoldenScore(prompt_id, name, one.info.fingerprint, answer_id, value, reason)
        for name, one in measured.items()
        for prompt_id, (answer_id, value, reason) in one.values.items()
    )


def mean_of(values: Sequence[float], bounds: tuple[float, float] | None = None) -> Figure:
    """Return the mean of independent values with its 95 % interval; see `judges.score_table.interval`."""
    n = len(values)
    if n == 0:
        return Figure(None, None, None, 0)
    error = float(np.std(values, ddof=1)) / sqrt(n) if n > 1 else 0.0
    mean = float(np.mean(values))
    return Figure(mean, *interval(mean, error, n, bounds), n)


def paired_bootstrap(
    gains: npt.NDArray[np.float64], rng: np.random.Generator, resamples: int = RESAMPLES
) -> Figure:
    """Return the mean of `gains` (n,) with its 95 % interval from resampling the pairs.

    The percentiles are widened for small n so that they agree with Student's interval for normal data: at
    `Phi(-sqrt(n / (n - 1)) t_(n-1))` (T. Hesterberg, What Teachers Should Know About the Bootstrap, The American
    Statistician 69, 2015, section 5). Of fewer than two gains only the mean is known.
    """
    n = len(gains)
    if n == 0:
        return Figure(None, None, None, 0)
    if n == 1:
        return Figure(float(gains[0]), None, None, 1)
    rows = max(1, min(resamples, 1_000_000 // n))
    means = np.concatenate(
        [
            gains[rng.integers(n, size=(min(rows, resamples - start), n))].mean(axis=1)
            for start in range(0, resamples, rows)
        ]
    )
    tail = NormalDist().cdf(-sqrt(n / (n - 1)) * student(n - 1))
    lower, upper = np.quantile(means, [tail, 1 - tail])
    return Figure(float(gains.mean()), float(lower), float(upper), n)


def _threshold(check: Check, mean: Figure, missing: Counter[str]) -> tuple[Threshold, str]:
    without = missing.total()
    if without > check.allow_missing:
        reason, count = missing.most_common(1)[0]
        detail = f"{count} of them: {reason.rstrip('.')}" if count < without else reason.rstrip(".")
        return Threshold.FAILED, f"{_prompts(without)} {_have(without)} no number ({detail})."
    if check.at_least is None and check.at_most is None:
        return Threshold.NONE, ""
    if mean.value is None:
        return Threshold.FAILED, "No prompt has a number."
    if check.at_least is not None and mean.value < check.at_least:
        return Threshold.FAILED, f"The mean {mean.value:.4g} is below {check.at_least:g}."
    if check.at_most is not None and mean.value > check.at_most:
        return Threshold.FAILED, f"The mean {mean.value:.4g} is above {check.at_most:g}."
    return Threshold.MET, ""


def _compared(
    check: Check,
    info: ScorerInfo,
    numbers: Mapping[str, float],
    before: Mapping[str, GoldenScore] | None,
    rng: np.random.Generator,
) -> tuple[Change, Figure | None, int, str]:
    """Return the change, the gain, how many numbers were lost, and one sentence about it."""
    if before is None:
        return Change.FIRST, None, 0, ""
    if any(score.fingerprint != info.fingerprint for score in before.values()):
        return (
            Change.CANNOT_TELL,
            None,
            0,
            "The accepted result was measured with other settings: accept a new one to compare with.",
        )
    then = {prompt: score.value for prompt, score in before.items() if score.value is not None}
    lost = len(then.keys() - numbers.keys())
    sign = 1.0 if info.higher_is_better else -1.0
    shared = [prompt for prompt in numbers if prompt in then]
    gains = np.array([sign * (numbers[prompt] - then[prompt]) for prompt in shared], dtype=np.float64)
    gain = paired_bootstrap(gains, rng)
    if lost > check.allow_missing:
        return Change.REGRESSION, gain, lost, f"{_prompts(lost)} had a number and {_have(lost)} none."
    change = _change(gains, gain, check.tolerance)
    return change, gain, lost, _sentence(change, gain, check.tolerance)


def _change(gains: npt.NDArray[np.float64], gain: Figure, tolerance: float) -> Change:
    if len(gains) and not gains.any():
        return Change.SAME
    if gain.n < FEWEST_PAIRS or gain.lower is None or gain.upper is None:
        return Change.CANNOT_TELL
    if gain.upper < -tolerance:
        return Change.REGRESSION
    if gain.lower > 0:
        return Change.BETTER
    return Change.SAME if gain.lower >= -tolerance else Change.CANNOT_TELL


def _sentence(change: Change, gain: Figure, tolerance: float) -> str:
    if change is Change.SAME and not gain.value:
        return "As accepted."
    if gain.n < FEWEST_PAIRS:
        return f"Only {_prompts(gain.n)} can be compared: too few to tell."
    away = f"{gain.value:+.4g} ({gain.lower:+.4g} to {gain.upper:+.4g}) over {_prompts(gain.n)}"
    allowed = f", more than the allowed {tolerance:g}" if tolerance else ""
    return {
        Change.REGRESSION: f"Worse than accepted by {away}{allowed}.",
        Change.BETTER: f"Better than accepted by {away}.",
        Change.SAME: f"No worse than accepted: {away}.",
        Change.CANNOT_TELL: f"Cannot tell whether it is worse: {away}.",
        Change.FIRST: "",
    }[change]


def _prompts(number: int) -> str:
    return "1 prompt" if number == 1 else f"{number} prompts"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
