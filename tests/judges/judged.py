"""Battles as the store would give them, from outcomes written down or drawn from a world with a known bias."""

import numpy as np

from arena.judgments import JudgedBattles


def written(
    judge: str,
    people: list[str],
    *,
    forward: str | None = None,
    backward: str | None = None,
    lengths: list[tuple[int, int]] | None = None,
    models: list[tuple[str, str]] | None = None,
    category: list[str] | None = None,
    language: list[str] | None = None,
) -> JudgedBattles:
    """One letter a battle for the judge (a, b, t), and a word of such letters for the people who voted on it."""
    n = len(judge)
    names = sorted({name for pair in models or [("ada", "bob")] for name in pair})
    sides = models or [("ada", "bob")] * n
    return JudgedBattles(
        names=tuple(names),
        model_a=np.array([names.index(a) for a, _ in sides], dtype=np.int32),
        model_b=np.array([names.index(b) for _, b in sides], dtype=np.int32),
        judge=coded(judge),
        people=np.array([[word.count(x) for x in "abt"] for word in people], dtype=np.int32).reshape(n, 3),
        forward=coded(forward or "-" * n),
        backward=coded(backward or "-" * n),
        length_a=np.array([a for a, _ in lengths or [(-1, -1)] * n], dtype=np.int64),
        length_b=np.array([b for _, b in lengths or [(-1, -1)] * n], dtype=np.int64),
        category=np.array(category or [""] * n, dtype=object),
        language=np.array(language or [""] * n, dtype=object),
    )


def coded(outcomes: str) -> np.ndarray:
    return np.array(["abt".find(x) for x in outcomes], dtype=np.int8)


def drawn(
    rng: np.random.Generator,
    battles: int,
    people: int,
    *,
    pull: float = 0.0,
    noise: float = 0.0,
    sharp: float = 1.0,
    worth: float = 0.2,
    strengths: tuple[float, ...] = (),
) -> JudgedBattles:
    """A world in which the longer answer is `worth` better on average, and `people` vote on each battle.

    The judge votes as a person would, on what it sees `sharp` times as clearly; it errs at random in a share `noise`
    of its verdicts, and in a share `pull` takes the longer answer whatever it is worth. Without `strengths` the
    longer answer is always ada's and the shorter bob's; with them, models of these strengths meet at random.
    """
    pairs = np.tile([0, 1], (battles, 1))
    if strengths:
        pairs = np.array([rng.choice(len(strengths), 2, replace=False) for _ in range(battles)])
        worth = worth + np.subtract(*np.array(strengths)[pairs.T])[:, None]
    better = np.clip(rng.normal(worth, 0.6, (battles, 1)), -0.98, 0.98)

    def outcomes(opinion: np.ndarray) -> np.ndarray:
        sides = np.where(rng.random(opinion.shape) < (1 + opinion) / 2, 1, -1)
        return np.where(rng.random(opinion.shape) < 0.25, 0, sides)

    voted = outcomes(np.repeat(better, people, axis=1))
    judge = outcomes(np.clip(sharp * better[:, 0], -1, 1))
    judge = np.where(rng.random(battles) < noise, rng.integers(-1, 2, battles), judge)
    judge = np.where(rng.random(battles) < pull, 1, judge)
    longer = rng.choice([-1, 1], battles)
    judge, voted = judge * longer, voted * longer[:, None]
    never = np.full(battles, -1, dtype=np.int8)
    nothing = np.full(battles, "", dtype=object)
    return JudgedBattles(
        names=tuple(f"model {n}" for n in range(len(strengths))) if strengths else ("ada", "bob"),
        model_a=np.where(longer > 0, pairs[:, 0], pairs[:, 1]).astype(np.int32),
        model_b=np.where(longer > 0, pairs[:, 1], pairs[:, 0]).astype(np.int32),
        judge=_code(judge),
        people=np.stack([(voted == side).sum(axis=1) for side in (1, -1, 0)], axis=1).astype(np.int32),
        forward=never,
        backward=never,
        length_a=np.where(longer > 0, 200, 100),
        length_b=np.where(longer > 0, 100, 200),
        category=nothing,
        language=nothing,
    )


def swapped(battles: JudgedBattles) -> JudgedBattles:
    """The same battles with the two sides exchanged; what was shown first stays what was shown first."""
    turn = np.array([1, 0, 2, -1], dtype=np.int8)
    return JudgedBattles(
        names=battles.names,
        model_a=battles.model_b,
        model_b=battles.model_a,
        judge=turn[battles.judge],
        people=battles.people[:, [1, 0, 2]],
        forward=turn[battles.backward],
        backward=turn[battles.forward],
        length_a=battles.length_b,
        length_b=battles.length_a,
        category=battles.category,
        language=battles.language,
    )


def _code(sides: np.ndarray) -> np.ndarray:
    return np.where(sides > 0, 0, np.where(sides < 0, 1, 2)).astype(np.int8)
