"""From the two orders of a battle to one verdict in the battle's own order.

Both orders must say the same. Where they differ the verdict is a tie marked inconsistent: the judge followed the order
and not the answers. Where one order has no verdict there is none for the battle, since half of a comparison would carry
the judge's preference for a position.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from arena.judgments import Verdict
from arena.types import Winner
from judges.reading import Unreadable

Heard = Mapping[str, Any] | Unreadable
"""What became of one order: a reading in the order shown, or why there is none."""

_SHARE_OF_A: Mapping[Winner, float] = {Winner.MODEL_A: 1.0, Winner.MODEL_B: 0.0}


def combine(forward: Heard, backward: Heard | None = None) -> dict[str, Any]:
    """Return the fields of a `Verdict` that follow from the readings of both orders.

    `forward` was read with side A shown first, `backward` with side B shown first; both readings stand in the order
    shown, as `judges.reading.read` gives them, and `backward` is turned round here. Without `backward` the judge was
    asked once. `probability_a` is the mean of both orders, and `None` unless every order has one; `strength` is 3 only
    if every order says so. Use: `Verdict(battle_id=..., judge=..., fingerprint=..., **combine(forward, backward))`.
    """
    turned = backward if backward is None or isinstance(backward, Unreadable) else in_battle_order(backward)
    heard = [forward] if turned is None else [forward, turned]
    fields: dict[str, Any] = {
        name: Winner(reading["winner"])
        for name, reading in zip(("forward", "backward"), heard, strict=False)
        if not isinstance(reading, Unreadable)
    }
    if any(isinstance(reading, Unreadable) for reading in heard):
        return {"winner": None, **fields, **_failure(heard)}
    readings = [reading for reading in heard if not isinstance(reading, Unreadable)]
    winners = {Winner(reading["winner"]) for reading in readings}
    chances = [p for reading in readings if (p := reading.get("probability_a")) is not None]
    agreed = len(winners) == 1
    return {
        "winner": winners.pop() if agreed else Winner.TIE,
        "inconsistent": not agreed,
        "strength": min(int(reading.get("strength", 1)) for reading in readings) if agreed else 1,
        "probability_a": sum(chances) / len(chances) if len(chances) == len(readings) else None,
        **fields,
    }


def in_battle_order(reading: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reading of the order that showed side B first, turned to the battle's order."""
    turned = {**reading, "winner": Winner(reading["winner"]).swapped().value}
    if reading.get("probability_a") is not None:
        turned["probability_a"] = 1.0 - reading["probability_a"]
    if "scores" in reading:
        turned["scores"] = list(reversed(reading["scores"]))
    return turned


def soft(verdict: Verdict) -> float | None:
    """Return the chance that A is better: the soft verdict, or 1, 1/2 or 0 by the winner where there are none.

    `None` where the verdict failed. Both orders are in it: an inconsistent verdict without probabilities is 1/2.
    """
    if verdict.winner is None:
        return None
    if verdict.probability_a is not None:
        return verdict.probability_a
    return _SHARE_OF_A.get(verdict.winner, 0.5)


def _failure(heard: Iterable[Heard]) -> dict[str, Any]:
    """Return failure and detail of the first order that failed, saying which it was where there are two."""
    orders = list(heard)
    for name, reading in zip(("A shown first", "B shown first"), orders, strict=False):
        if isinstance(reading, Unreadable):
            detail = reading.detail if len(orders) == 1 else f"With {name}: {reading.detail}"
            return {"failure": reading.failure, "detail": detail}
    raise AssertionError("called for a failure only")
