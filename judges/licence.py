"""Whether a judge's votes may count: it must surely agree with people, and not be surely biased.

Surely means by the end of a 95 % interval. The agreement asked for is a kappa, or a share of the kappa people reach
with each other where that is lower: where taste decides, nobody agrees with people much. Position bias is held against
a judge asked in one order only; in both orders it cancels, and costs agreement by the ties it makes.
"""

from dataclasses import asdict, dataclass
from typing import Any

from arena.statistics import Figure
from arena.types import Voter
from judges.agreement import Agreement
from judges.bias import Bias


@dataclass(frozen=True, slots=True)
class Bar:
    """What a judge must reach; see `workbench.toml`, `[judging]`."""

    min_kappa: float = 0.4
    """The lower end of its kappa with people, or"""
    of_people: float = 0.7
    """this share of people's kappa with each other, where that is less."""
    min_battles: int = 50
    """Battles that have its vote and a person's."""
    max_bias: float = 0.1
    """The share of verdicts that go by length, family or (asked in one order) position alone."""


@dataclass(frozen=True, slots=True)
class Licence:
    """Whether the votes of `judge` on `criterion` count, and in `reasons` each thing that speaks against it.

    `needed` is the kappa its lower end must reach, `None` before there are enough battles.
    """

    judge: Voter
    criterion: str
    granted: bool
    reasons: tuple[str, ...]
    kappa: Figure
    needed: float | None
    battles: int

    @property
    def reason(self) -> str:
        """Return all reasons as one line, or what the licence rests on."""
        if self.reasons:
            return " ".join(self.reasons)
        return f"It agrees with people by κ {_interval(self.kappa)}; {self.needed:.2f} is needed."

    def as_dict(self) -> dict[str, Any]:
        """Return the licence as plain values."""
        return {**asdict(self), "reason": self.reason}


def licence(found: Agreement, bar: Bar) -> Licence:
    """Hold a judge against the bar."""
    row = found.overall
    if row.battles < bar.min_battles:
        missing = bar.min_battles - row.battles
        short = f"It shares {row.battles} of {bar.min_battles} battles with people's votes: {missing} more are needed."
        return Licence(found.judge, found.criterion, False, (short,), row.judge_kappa, None, row.battles)
    needed, reasons = _needed(row.people_kappa, bar), []
    lower = row.judge_kappa.lower
    if lower is None:
        reasons.append("Its agreement with people cannot be computed: all votes are the same.")
    elif lower < needed:
        reasons.append(
            f"It agrees with people by κ {_interval(row.judge_kappa)}; the lower end must reach {needed:.2f}"
            + (f", {_percent(bar.of_people)} of people's own κ." if needed < bar.min_kappa else ".")
        )
    reasons += [_biased(one, bar) for one in found.biases if not one.cancels and _over(one.pull, bar)]
    return Licence(
        found.judge, found.criterion, not reasons, tuple(reasons), row.judge_kappa, needed, row.battles
    )


def _needed(people: Figure, bar: Bar) -> float:
    """Return the kappa asked for; people's own counts as far as it is surely above zero."""
    if people.value is None or people.lower is None or people.lower <= 0:
        return bar.min_kappa
    return min(bar.min_kappa, bar.of_people * people.value)


def _over(pull: Figure, bar: Bar) -> bool:
    if pull.lower is None or pull.upper is None:
        return False
    return pull.lower > bar.max_bias or pull.upper < -bar.max_bias


def _biased(bias: Bias, bar: Bar) -> str:
    what = {"position": "the answer shown first", "length": "the longer answer", "family": "its own family"}[
        bias.kind
    ]
    toward = "for" if (bias.pull.value or 0) > 0 else "against"
    ends = sorted(abs(end) for end in (bias.pull.lower, bias.pull.upper) if end is not None)
    return (
        f"{100 * ends[0]:.0f} to {_percent(ends[-1])} of its verdicts go {toward} {what} where people are split; "
        f"at most {_percent(bar.max_bias)} may."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _interval(figure: Figure) -> str:
    if figure.value is None:
        return "unknown"
    if figure.lower is None or figure.upper is None:
        return f"{figure.value:.2f} (interval unknown)"
    return f"{figure.value:.2f} [{figure.lower:.2f}, {figure.upper:.2f}]"
