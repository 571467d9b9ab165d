"""Tokens to text, piece by piece."""

from collections.abc import Callable, Sequence

UNFINISHED = "\ufffd"
"""What decoders write for the first bytes of a character whose rest has not come yet."""


class TextPieces:
    """Turns one answer's tokens into text that can be shown at once.

    The pieces and `rest` joined are the decoded answer. A character of several tokens is held back until it is whole.
    Each step decodes only a short tail, in the context of the piece before it, because tokenizers that mark a leading
    space would drop it from a token decoded alone.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._tail: list[int] = []
        self._given = 0
        """How many tokens of the tail have been given out as text already."""

    def push(self, token: int) -> str:
        """Take the next token and return the text that became whole with it, often empty."""
        self._tail.append(token)
        whole = self._decode(self._tail)
        if whole.endswith(UNFINISHED):
            return ""
        piece = whole[len(self._decode(self._tail[: self._given])) :]
        self._tail = self._tail[self._given :]
        self._given = len(self._tail)
        return piece

    def rest(self) -> str:
        """Return what was still held back when the answer ended."""
        held = self._decode(self._tail)[len(self._decode(self._tail[: self._given])) :]
        self._given = len(self._tail)
        return held
