"""The win rate two answers of one length would have: one model against a baseline, on whatever prompts were voted on.

    logit P(m wins on prompt i) = theta + beta tanh(L_i / std(L)) + gamma d_i

L is by how many characters m's answer is the longer one, and d_i how hard prompt i is for everybody who meets the
baseline. The controlled rate leaves the middle term out and takes the mean over prompts: Y. Dubois and others,
Length-Controlled AlpacaEval (arXiv 2404.04475). Every prompt counts once, however many votes it has.

Where we differ: d_i comes from the other models only, so that a model's own votes never explain themselves, and is 0
where no other model met the baseline on the prompt. Weak normal priors hold beta and gamma (and theta, where
one side won everything). The interval takes prompts as a sample, and the d_i as known.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from arena.errors import InvalidInput, NotFound
from arena.ratings.intervals import wilson
from arena.statistics import student
from arena.style.meetings import Floats, Meetings

SPREAD = 5.0
"""Standard deviation of the prior of beta and gamma, in log-odds, and of theta where one side won every vote."""
DIFFICULTY_SPREAD = 1.0
"""Standard deviation of the prior of a prompt's difficulty, in log-odds."""
FEW_PROMPTS = 20

_STEPS = 100
_SWEEPS = 500


@dataclass(frozen=True, slots=True)
class LengthControlled:
    """How often `model` wins against `against`, as voted and at equal length; rates from 0 to 1 with 95 % intervals.

    Both count every prompt once. `longer` is the share of prompts on which the model's answers are the longer ones,
    `length_weight` (beta, log-odds) what being much longer is worth, with its interval. `others` is how many other
    models told how hard the prompts are. `lower` and `upper` are `None` with one prompt.
    """

    model: str
    against: str
    votes: int
    prompts: int
    win_rate: float
    lower: float | None
    upper: float | None
    controlled: float
    controlled_lower: float | None
    controlled_upper: float | None
    longer: float
    length_weight: float
    length_lower: float | None
    length_upper: float | None
    others: int
    notes: tuple[str, ...] = ()


def length_controlled(meetings: Meetings, model: str) -> LengthControlled:
    """Return the win rate of `model` against the baseline of `meetings`, as voted and at equal length.

    Raises:
        NotFound: no vote with stored answers stands between them.
    """
    mine = meetings.of(model)
    if not mine.any():
        left = f" ({meetings.unread:,} votes have no stored answers)" if meetings.unread else ""
        raise NotFound(
            f"No vote on stored answers stands between {model!r} and {meetings.baseline!r}{left}: "
            "let them meet in battles and vote first."
        )
    hard, others = difficulties(meetings, without=model)
    prompts, prompt = np.unique(meetings.prompt[mine], return_inverse=True)
    votes = meetings.votes[mine].astype(np.float64)
    weight = votes / np.bincount(prompt, votes)[prompt]
    longer, points = meetings.longer[mine], meetings.points[mine]
    lean = _leaning(longer, weight)
    known = hard[prompts]
    told = bool(np.ptp(known) > 1e-9)
    x = np.column_stack([np.ones(len(points)), lean, *([known[prompt]] if told else [])])
    swept = bool(points.min() == points.max() and points[0] in (0.0, 1.0))
    ridge = np.full(x.shape[1], 1.0 / SPREAD**2)
    ridge[0] = ridge[0] if swept else 0.0
    beta, hessian = _logistic(x, points, weight, ridge)

    level = np.column_stack([np.ones(len(prompts)), np.zeros(len(prompts)), *([known] if told else [])])
    at_level = _chance(level @ beta)
    scores = weight * (points - _chance(x @ beta))
    by_prompt = np.column_stack([np.bincount(prompt, scores * column) for column in x.T])
    inverse = np.linalg.inv(hessian)
    slope = (at_level * (1.0 - at_level)) @ level / len(prompts)
    moves = at_level - at_level.mean() + len(prompts) * (by_prompt @ inverse @ slope)
    raw = np.bincount(prompt, weight * points).astype(np.float64)
    count = len(prompts)
    reach = student(count - 1) if count > 1 else None
    error = sqrt(float(((by_prompt @ inverse[:, 1]) ** 2).sum()) * count / max(count - 1, 1))
    lower, upper = _within(float(raw.mean()), raw - raw.mean(), reach)
    controlled_lower, controlled_upper = _within(float(at_level.mean()), moves, reach)
    return LengthControlled(
        model=model,
        against=meetings.baseline,
        votes=int(votes.sum()),
        prompts=count,
        win_rate=float(raw.mean()),
        lower=lower,
        upper=upper,
        controlled=float(at_level.mean()),
        controlled_lower=controlled_lower,
        controlled_upper=controlled_upper,
        longer=float(np.bincount(prompt, weight * ((longer > 0) + 0.5 * (longer == 0))).mean()),
        length_weight=float(beta[1]),
        length_lower=None if reach is None else float(beta[1]) - reach * error,
        length_upper=None if reach is None else float(beta[1]) + reach * error,
        others=others if told else 0,
        notes=_notes(meetings, count, told=told, alike=bool(np.ptp(lean) < 1e-9), swept=swept),
    )


def difficulties(meetings: Meetings, *, without: str) -> tuple[Floats, int]:
    """Return how hard the baseline is to beat on each prompt of `meetings`, (prompts,) in log-odds, and who told.

    The same model fitted to all other opponents at once with gamma 1, their difficulties of mean zero under a normal
    prior; harder prompts are lower. It is 0 on prompts that none of them met.
    """
    rows = ~meetings.of(without)
    names, model = np.unique(meetings.model[rows], return_inverse=True)
    hard = np.zeros(len(meetings.prompts))
    if not len(names):
        return hard, 0
    prompt, points = meetings.prompt[rows], meetings.points[rows]
    votes = meetings.votes[rows].astype(np.float64)
    cell = model.astype(np.int64) * len(hard) + prompt
    weight = votes / np.bincount(cell, votes)[cell]
    lean = np.empty(len(weight))
    for place in range(len(names)):
        own = model == place
        lean[own] = _leaning(meetings.longer[rows][own], weight[own])
    level, slope = np.zeros(len(names)), np.zeros(len(names))
    for _ in range(_SWEEPS):
        p = _chance(level[model] + slope[model] * lean + hard[prompt])
        left, bend = weight * (points - p), weight * p * (1.0 - p)
        step = (np.bincount(prompt, left, len(hard)) - hard / DIFFICULTY_SPREAD**2) / (
            np.bincount(prompt, bend, len(hard)) + 1.0 / DIFFICULTY_SPREAD**2
        )
        hard = hard + np.clip(step, -1.0, 1.0)
        p = _chance(level[model] + slope[model] * lean + hard[prompt])
        left, bend = weight * (points - p), weight * p * (1.0 - p)
        moved = _both_steps(model, lean, left, bend, level, slope)
        level, slope = level + moved[0], slope + moved[1]
        if max(np.abs(step).max(), np.abs(moved).max()) < 1e-9:
            break
    met = np.bincount(prompt, minlength=len(hard)) > 0
    return np.where(met, hard, 0.0), len(names)


def _both_steps(
    model: np.ndarray, lean: Floats, left: Floats, bend: Floats, level: Floats, slope: Floats
) -> Floats:
    """Return Newton's steps of theta and beta of every model, (2, models)."""
    size, held = len(level), 1.0 / SPREAD**2
    g0 = np.bincount(model, left, size) - held * level
    g1 = np.bincount(model, left * lean, size) - held * slope
    h00 = np.bincount(model, bend, size) + held
    h01 = np.bincount(model, bend * lean, size)
    h11 = np.bincount(model, bend * lean**2, size) + held
    whole = h00 * h11 - h01**2
    return np.clip(np.stack([h11 * g0 - h01 * g1, h00 * g1 - h01 * g0]) / whole, -1.0, 1.0)


def _logistic(x: Floats, y: Floats, weight: Floats, ridge: Floats) -> tuple[Floats, Floats]:
    """Return the coefficients that maximise the penalised likelihood, and the Hessian there."""
    beta, held = np.zeros(x.shape[1]), np.diag(ridge)
    best = -np.inf
    for _ in range(_STEPS):
        p = _chance(x @ beta)
        hessian = (x * (weight * p * (1.0 - p))[:, None]).T @ x + held
        step = np.linalg.solve(hessian, x.T @ (weight * (y - p)) - held @ beta)
        for _ in range(60):
            odds = x @ (beta + step)
            value = float(weight @ (y * odds - np.logaddexp(0.0, odds)) - ridge @ (beta + step) ** 2 / 2.0)
            if value >= best - 1e-12 * abs(best):
                break
            step = step / 2.0
        beta, best = beta + step, value
        if float(np.abs(step).max()) < 1e-10:
            return beta, hessian
    raise InvalidInput(f"The length-controlled win rate did not settle in {_STEPS} steps.")


def _leaning(longer: Floats, weight: Floats) -> Floats:
    """Return `tanh(L / std(L))`, 0 throughout where all lengths are the same apart."""
    mean = weight @ longer / weight.sum()
    spread = sqrt(float(weight @ (longer - mean) ** 2 / weight.sum()))
    if spread == 0.0:
        return np.zeros_like(longer)
    return np.asarray(np.tanh(longer / spread), dtype=np.float64)


def _within(rate: float, moves: Floats, reach: float | None) -> tuple[float | None, float | None]:
    """Return the ends of a mean over prompts, from how far each prompt moves it, on the scale of log-odds."""
    if reach is None:
        return None, None
    error = float(moves.std(ddof=1)) / sqrt(len(moves))
    if not 1e-6 < rate < 1.0 - 1e-6 or error < 1e-9:
        return wilson(min(max(rate, 0.0), 1.0), len(moves))
    odds, step = log(rate / (1.0 - rate)), reach * error / (rate * (1.0 - rate))
    return 1.0 / (1.0 + exp(min(step - odds, 700.0))), 1.0 / (1.0 + exp(max(-step - odds, -700.0)))


def _notes(meetings: Meetings, prompts: int, *, told: bool, alike: bool, swept: bool) -> tuple[str, ...]:
    notes = []
    if meetings.unread:
        notes.append(
            f"{meetings.unread:,} votes are left out: the answers they compared are not stored, "
            "so their lengths are not known."
        )
    if not told:
        notes.append(
            f"No other model met {meetings.baseline} on these prompts, so nothing tells how hard they are: "
            "length alone is controlled."
        )
    if alike:
        notes.append(
            "The answers differ by the same length on every prompt: length cannot be told from the model."
        )
    if swept:
        notes.append(
            "One side won everywhere: a weak prior holds the controlled rate, its interval is Wilson's."
        )
    elif prompts < FEW_PROMPTS:
        notes.append(
            f"Votes on {prompts} prompt{'s' if prompts > 1 else ''} only: the controlled rate is a rough one."
        )
    return tuple(notes)


def _chance(odds: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(odds / 2.0)), dtype=np.float64)
