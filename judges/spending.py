"""What calls will take and have taken, in tokens and money, and the ceiling over both.

Before a call its tokens are estimated: those of the prompt from its characters, those of the reply from what earlier
replies took. The ceiling is a promise and does not lean on typical replies: a call starts only while everything spent
and the most that all calls in flight may still take stays below it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from arena.errors import InvalidInput
from arena.store.judgments import Spent
from arena.types import Message

CHARACTERS_A_TOKEN = 4.0
"""Of English, in the vocabularies of large models."""

TOKENS_A_FURTHER_BYTE = 0.3
"""What each byte of a character beyond its first adds: other scripts take more tokens, the more the longer."""

_MESSAGE_TOKENS = 4
"""The marks of a chat template around each message, which can also be more."""

_MOST_MESSAGE_TOKENS = 16

_DENSER = 1.25
"""So much more tokens may a prompt have for its characters than those seen before it."""

_PER = 1e6
"""Prices are for so many tokens."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices for a million tokens, in any one currency."""

    prompt: float
    completion: float

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float:
        """Return what so many tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _PER


def prices_of(prompt: float | None, completion: float | None) -> Prices | None:
    """Return the prices, `None` where neither is known.

    Raises:
        InvalidInput: only one of them is given, or one is negative.
    """
    if prompt is None and completion is None:
        return None
    if prompt is None or completion is None:
        missing = "price_in" if prompt is None else "price_out"
        raise InvalidInput(f"A judge's prices come in pairs: give {missing} too (0 where it is free).")
    if prompt < 0 or completion < 0:
        raise InvalidInput(f"A price is {min(prompt, completion):g}, but must be 0 or more.")
    return Prices(prompt, completion)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one call takes: usually, and at most."""

    prompt_tokens: float
    completion_tokens: float
    most_prompt_tokens: int
    most_completion_tokens: int

    @property
    def most_tokens(self) -> int:
        """Return the most tokens the call may take."""
        return self.most_prompt_tokens + self.most_completion_tokens


class Estimator:
    """Estimates calls of one judge, the better the more of its calls have been seen."""

    def __init__(self, max_tokens: int, history: Spent | None = None) -> None:
        """Start from the judge's `history`, as the store has it; no reply is longer than `max_tokens`."""
        self._max_tokens = max_tokens
        self._ratio = history.characters_a_prompt_token if history else None
        known = history.completion_tokens_a_call if history else None
        self._replies = 1 if known is not None else 0
        self._reply_tokens = known or 0.0
        self._guessed = 0.0
        self._counted = 0.0

    def of(self, messages: Sequence[Message]) -> Estimate:
        """Estimate one call with these messages."""
        usual = self._reply_tokens / self._replies if self._replies else float(self._max_tokens)
        prompt = self._prompt_tokens(messages)
        # No vocabulary of bytes makes more tokens than bytes; that much is needed only until a reply has told.
        most = sum(_MOST_MESSAGE_TOKENS + len(m.content.encode(errors="replace")) for m in messages)
        if self._ratio or self._counted:
            most = min(most, math.ceil(_DENSER * prompt))
        return Estimate(prompt, min(usual, self._max_tokens), most, self._max_tokens)

    def learn(
        self, messages: Sequence[Message], prompt_tokens: int | None, completion_tokens: int | None
    ) -> None:
        """Take in what a call with these messages took in truth, where its server told."""
        if prompt_tokens:
            self._guessed += self._guess(messages)
            self._counted += prompt_tokens
        if completion_tokens is not None:
            self._replies += 1
            self._reply_tokens += completion_tokens

    def _prompt_tokens(self, messages: Sequence[Message]) -> float:
        factor = self._counted / self._guessed if self._guessed else 1.0
        return factor * self._guess(messages)

    def _guess(self, messages: Sequence[Message]) -> float:
        if self._ratio:
            return sum(len(message.content) for message in messages) / self._ratio
        return sum(_MESSAGE_TOKENS + text_tokens(message.content) for message in messages)


def text_tokens(text: str) -> float:
    """Return about how many tokens `text` is, from the numbers of its characters and bytes alone.

    A character of two bytes (Cyrillic, Greek, Arabic) comes to 0.55 tokens, one of three (Chinese, Japanese, Korean,
    Indian scripts) to 0.85.
    """
    characters = len(text)
    more_bytes = 0 if text.isascii() else len(text.encode(errors="replace")) - characters
    return characters / CHARACTERS_A_TOKEN + TOKENS_A_FURTHER_BYTE * more_bytes


class Meter:
    """Counts what a run spends and holds it below a ceiling; for one event loop."""

    def __init__(self, prices: Prices | None, max_cost: float | None, max_tokens: int | None) -> None:
        if max_cost is not None and prices is None:
            raise InvalidInput(
                "A ceiling in money needs prices: give the judge price_in and price_out, or set a ceiling in tokens."
            )
        for name, ceiling in (("max_cost", max_cost), ("max_tokens", max_tokens)):
            if ceiling is not None and ceiling < 0:
                raise InvalidInput(f"{name} is {ceiling:g}, but must be 0 or more.")
        self.prices = prices
        self._max_cost = max_cost
        self._max_tokens = max_tokens
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.cost = 0.0 if prices else None
        self._tokens = 0.0
        self._money = 0.0
        self._reserved_tokens = 0
        self._reserved_money = 0.0

    def reserve(self, estimate: Estimate) -> bool:
        """Hold room for a call; false when everything in flight might then pass the ceiling."""
        if not self._fits(estimate, self._reserved_tokens, self._reserved_money):
            return False
        self._reserved_tokens += estimate.most_tokens
        self._reserved_money += self._most_money(estimate)
        return True

    def exhausted(self, estimate: Estimate) -> bool:
        """Whether the call would not fit even if nothing else were in flight."""
        return not self._fits(estimate, 0.0, 0.0)

    def settle(
        self, estimate: Estimate, prompt_tokens: int | None, completion_tokens: int | None, *, charged: bool
    ) -> float | None:
        """Give back the room of a call and count what it took; return its cost, `None` where that is not known.

        What a server does not tell of a call that it may have charged for is counted as estimated.
        """
        self._reserved_tokens -= estimate.most_tokens
        self._reserved_money -= self._most_money(estimate)
        self.prompt_tokens += prompt_tokens or 0
        self.completion_tokens += completion_tokens or 0
        told = prompt_tokens is not None and completion_tokens is not None
        if not told and not charged:
            return None
        prompt = estimate.prompt_tokens if prompt_tokens is None else prompt_tokens
        completion = estimate.completion_tokens if completion_tokens is None else completion_tokens
        self._tokens += prompt + completion
        if self.prices is None:
            return None
        cost = self.prices.cost(prompt, completion)
        self._money += cost
        if not told:
            return None
        self.cost = (self.cost or 0.0) + cost
        return cost

    def ceiling(self) -> str:
        """Return the ceiling in words, with what counts as spent."""
        parts = []
        if self._max_cost is not None:
            parts.append(f"{self._max_cost:g} in money ({self._money:.4g} spent)")
        if self._max_tokens is not None:
            parts.append(f"{self._max_tokens} tokens ({self._tokens:.0f} spent)")
        return " and ".join(parts)

    def _fits(self, estimate: Estimate, tokens: float, money: float) -> bool:
        if self._max_tokens is not None and self._tokens + tokens + estimate.most_tokens > self._max_tokens:
            return False
        return self._max_cost is None or self._money + money + self._most_money(estimate) <= self._max_cost

    def _most_money(self, estimate: Estimate) -> float:
        if self.prices is None:
            return 0.0
        return self.prices.cost(estimate.most_prompt_tokens, estimate.most_completion_tokens)
