"""Word differences between a chosen and a rejected text, as spans that can be marked.

Tokens are words and single punctuation marks; whitespace belongs to no token. One short equal word between two changes
joins them, because a mark that stops and starts at every "the" is harder to read than one mark.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"\w+(?:['\u2019]\w+)*|[^\w\s]", re.UNICODE)
_SHORT = 3
MOST_WORDS = 3000
"""Texts with more tokens than this are not compared: the comparison is quadratic at worst."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text, whitespace included; `changed` when the other text has it not."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Both texts cut into spans (their concatenation is the text), and how much of them differs, 0 to 1."""

    chosen: tuple[Span, ...]
    rejected: tuple[Span, ...]
    share: float


def compare(chosen: str, rejected: str) -> Difference:
    """Return the word differences; texts too long to compare come back unmarked with a share of 1."""
    ours, theirs = list(_TOKEN.finditer(chosen)), list(_TOKEN.finditer(rejected))
    if max(len(ours), len(theirs)) > MOST_WORDS:
        return Difference(_plain(chosen), _plain(rejected), 1.0)
    words_a, words_b = [m.group() for m in ours], [m.group() for m in theirs]
    mark_a, mark_b = _marks(words_a, words_b)
    share = (sum(mark_a) + sum(mark_b)) / max(1, len(mark_a) + len(mark_b))
    return Difference(_spans(chosen, ours, mark_a), _spans(rejected, theirs, mark_b), share)


def _marks(a: Sequence[str], b: Sequence[str]) -> tuple[list[bool], list[bool]]:
    mark_a, mark_b = [True] * len(a), [True] * len(b)
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    for block in blocks:
        alone = block.size == 1 and len(a[block.a]) <= _SHORT
        between = 0 < block.a < len(a) - 1 and 0 < block.b < len(b) - 1
        if alone and between:
            continue
        mark_a[block.a : block.a + block.size] = [False] * block.size
        mark_b[block.b : block.b + block.size] = [False] * block.size
    return mark_a, mark_b


def _plain(text: str) -> tuple[Span, ...]:
    return (Span(text, False),) if text else ()


def _spans(text: str, tokens: Sequence[re.Match[str]], marks: Sequence[bool]) -> tuple[Span, ...]:
    spans: list[Span] = []
    position = 0
    index = 0
    while index < len(tokens):
        last = index
        while last + 1 < len(tokens) and marks[last + 1] == marks[index]:
            last += 1
        if marks[index]:
            start, end = tokens[index].start(), tokens[last].end()
            if start > position:
                spans.append(Span(text[position:start], False))
            spans.append(Span(text[start:end], True))
            position = end
        index = last + 1
    if position < len(text):
        spans.append(Span(text[position:], False))
    return tuple(spans)
