r"""Where formulae stand in Markdown: `$x$`, `\(x\)`, `$$x$$`, `\[x\]` and environments such as `\begin{align}`.

A dollar is money more often than maths: it opens a formula only where no space follows it and no letter or digit
stands before it, and closes one only where no space stands before it and no digit follows it. A formula on lines of
its own ends before the first blank line, as in TeX, so that an unclosed one costs one paragraph and not the answer.
"""

import re
from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

INLINE = "math_inline"
BLOCK = "math_block"

_ENVIRONMENT = re.compile(
    r"\\begin\{(equation|align|alignat|aligned|gather|gathered|multline|split|eqnarray|flalign|cases|array|"
    r"[bBpvV]?matrix)(\*?)\}"
)
_MOST_LINES = 100


def maths(parser: MarkdownIt) -> None:
    """Let `parser` find formulae, as tokens `math_inline` and `math_block` with their source and marks."""
    parser.inline.ruler.before("escape", INLINE, _inline)
    parser.block.ruler.before(
        "code", BLOCK, _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _inline(state: StateInline, silent: bool) -> bool:
    text, start = state.src, state.pos
    if text.startswith("\\(", start):
        found = _closed(state, "\\(", "\\)")
    elif text.startswith("\\[", start):
        found = _closed(state, "\\[", "\\]")
    elif text.startswith("$$", start):
        found = _closed(state, "$$", "$$")
    elif text.startswith("$", start):
        found = _dollars(state)
    else:
        return False
    if found is None:
        return False
    opening, end, closing = found
    content = text[start + len(opening) : end]
    if not content.strip() or "`" in content or "\n\n" in content:
        return False
    if not silent:
        token = state.push(INLINE, "math", 0)
        token.content = content
        token.markup = opening
        token.meta = {"whole": text[start : end + len(closing)], "display": opening in ("$$", "\\[")}
    state.pos = end + len(closing)
    return True


def _closed(state: StateInline, opening: str, closing: str) -> tuple[str, int, str] | None:
    end = _find(state.src, state.env, closing, state.pos + len(opening))
    return None if end < 0 or end >= state.posMax else (opening, end, closing)


def _dollars(state: StateInline) -> tuple[str, int, str] | None:
    text, start = state.src, state.pos
    before = text[start - 1] if start else " "
    after = text[start + 1 : start + 2]
    if before.isalnum() or not after or after.isspace():
        return None
    end = text.find("$", start + 1, state.posMax)
    while end > 0 and text[end - 1] == "\\":
        end = text.find("$", end + 1, state.posMax)
    if end < 0 or text[end - 1].isspace() or text[end + 1 : end + 2].isdigit():
        return None
    return "$", end, "$"


def _block(state: StateBlock, start: int, last: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    environment = None
    if first.startswith("$$"):
        opening, closing = "$$", "$$"
    elif first.startswith("\\["):
        opening, closing = "\\[", "\\]"
    elif (environment := _ENVIRONMENT.match(first)) is not None:
        opening, closing = "", f"\\end{{{environment[1]}{environment[2]}}}"
    else:
        return False
    hopeless: dict[str, int] = state.env.setdefault("maths_open_until", {})
    if start < hopeless.get(closing, 0):
        return False
    end = _last_line(state, start, last, len(opening), closing)
    if end is None:
        return False
    if not silent:
        whole = state.getLines(start, end + 1, state.sCount[start], False).strip()
        token = state.push(BLOCK, "math", 0)
        token.block = True
        token.map = [start, end + 1]
        token.content = whole if environment else whole[len(opening) : -len(closing)]
        token.meta = {"whole": whole, "display": True}
    state.line = end + 1
    return True


def _last_line(state: StateBlock, start: int, last: int, skipped: int, closing: str) -> int | None:
    """Return the line that ends with `closing`; none where a blank line, or text behind the formula, comes first.

    Where the search meets no `closing` at all, it is not made again from the lines that it has passed.
    """
    end = min(last, start + _MOST_LINES)
    for line in range(start, end):
        if line > start and (state.isEmpty(line) or state.sCount[line] < state.blkIndent):
            end = line
            break
        begin = state.bMarks[line] + state.tShift[line] + (skipped if line == start else 0)
        text = state.src[begin : state.eMarks[line]].rstrip()
        if closing in text:
            closed = text.endswith(closing) and text.index(closing) == len(text) - len(closing)
            empty = line == start and text == closing
            return line if closed and not empty else None
    state.env["maths_open_until"][closing] = end
    return None


def _find(text: str, env: MutableMapping[str, Any], closing: str, start: int) -> int:
    """Return where `closing` stands next; a search that failed once is not made again further on in the same text."""
    failed: dict[tuple[int, str], int] = env.setdefault("maths_unclosed", {})
    key = (id(text), closing)
    if failed.get(key, len(text) + 1) <= start:
        return -1
    found = text.find(closing, start)
    if found < 0:
        failed[key] = start
    return found
