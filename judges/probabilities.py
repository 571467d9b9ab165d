"""From the log-probabilities of a reply's tokens to the probabilities of the verdicts it could have given.

Servers list the likeliest tokens at each place. At the verdict they are read as beginnings of labels; a label of
several tokens is followed token by token. A token that may begin several labels counts only where all of
them mean the same. Where it does not, and weighs more than a hundredth, nothing is said rather than something guessed.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from arena.models.complete import TokenChoices

_LEAD = re.compile(r"[\s*_`\"'“”‘’(\[:]+")
_NEGLIGIBLE = 0.01
_ENOUGH = 0.5

Shares = list[tuple[tuple[str, ...], float]]
"""Labels a token may stand for, and its probability."""


def expectation(
    choices: Sequence[TokenChoices],
    locate: Callable[[str], int | None],
    labels: Iterable[str],
    value: Callable[[str], float],
) -> float | None:
    """Return the mean of `value` over the verdicts, weighted with their probabilities.

    `locate` returns the place of the verdict in the joined tokens. The probabilities of all labels seen are scaled to
    sum to 1. `None` where the verdict is not found, where the alternatives cover less than half of the probability, or
    where a token leaves open which of several values it means.
    """
    start = locate("".join(choice.token for choice in choices))
    if start is None:
        return None
    known = mean = unclear = 0.0
    for group, share in _shares(choices, start, {label.casefold(): label for label in labels}):
        values = {value(label) for label in group}
        if len(values) == 1:
            known += share
            mean += share * values.pop()
        else:
            unclear += share
    if known < _ENOUGH or unclear > _NEGLIGIBLE * (known + unclear):
        return None
    return mean / known


def _shares(choices: Sequence[TokenChoices], start: int, labels: Mapping[str, str]) -> Shares:
    index, begin = _token_at(choices, start)
    lead = "".join(c.token for c in choices[: index + 1])[begin:start]
    shares: Shares = []
    prefix, mass = "", 1.0
    for choice in choices[index:]:
        begun = {
            token: prefix + (_after(token, lead) if not prefix else token).casefold()
            for token in {*choice.alternatives, choice.token}
        }
        whole_numbers = any(text.strip().isdigit() and len(text.strip()) > 1 for text in begun.values())
        onward: tuple[str, ...] = ()
        own = 0.0
        for token, text in begun.items():
            group = _meant(text, labels)
            share = mass * math.exp(choice.alternatives[token]) if token in choice.alternatives else 0.0
            if len(group) > 1 and whole_numbers and not prefix and text in group:
                group = (text,)  # this tokenizer writes 10 as one token, so its "1" is the number 1
            if token == choice.token and len(group) > 1:
                onward, own = group, share
            elif group and share:
                shares.append((tuple(labels[key] for key in group), share))
        if not onward or own == 0.0:
            return shares
        prefix, mass = begun[choice.token], own
    if prefix in labels:
        shares.append(((labels[prefix],), mass))
    return shares


def _token_at(choices: Sequence[TokenChoices], start: int) -> tuple[int, int]:
    """Return the token that holds the character `start` of the joined text, and where that token begins."""
    begin = 0
    for index, choice in enumerate(choices):
        if begin + len(choice.token) > start:
            return index, begin
        begin += len(choice.token)
    raise AssertionError("the place was found in these tokens")


def _after(token: str, lead: str) -> str:
    if lead and token.startswith(lead):
        return token[len(lead) :]
    return _LEAD.sub("", token, count=1) if _LEAD.match(token) else token


def _meant(text: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the labels (their folded keys) that a reply beginning with `text` may be giving."""
    if not text:
        return ()
    longer = tuple(key for key in labels if key.startswith(text))
    if longer:
        return longer
    given = [key for key in labels if text.startswith(key) and not _continues(key, text[len(key)])]
    return (max(given, key=len),) if given else ()


def _continues(label: str, following: str) -> bool:
    return following.isalnum() or (following in "<>=+-./,")
