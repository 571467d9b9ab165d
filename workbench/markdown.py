"""A model's Markdown as HTML that can do nothing but be read.

The page does not trust the browser-side sanitiser: answers are rendered here with raw HTML switched off, so forms,
styles, ids and scripts of an answer arrive as the text they are. Images become links to themselves (a picture fetched
from the model's host would tell it who reads, and tell the reader who answers), links open elsewhere without a
referrer, and headings sit below the page's own.

While an answer streams, a block is finished once a whole later line has begun another; `Stream` keeps the finished
ones, so a frame costs the length of the last blocks and not of the answer. (A link whose address is defined further
down, or a formula whose lines look like other blocks, stays text until the answer is complete and rendered as a whole.)
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from workbench import maths
from workbench.html import Html, escape, join, shield, tag
from workbench.maths_rules import maths as maths_rules

_ALLOWED = ("http://", "https://", "mailto:")
_LOWEST_HEADING = 6
_HEADING_SHIFT = 2
_MOST_HIGHLIGHTED = 20_000
_MOST_MARKED = 10_000
_MOST_BRACKETS = 400
"""A paragraph longer than this, or with more brackets, is shown without its marks: the time to look for them grows with
the square of either."""
_MOST_LINES = 6_000
_MOST_GROWING = 20_000
"""A text of more lines, and while it is written a block of more characters, is shown as it was written."""
_MOST_MATHS = 8_000
"""So many characters of formulae are typeset in one answer; the rest is shown as source."""


class _Renderer(RendererHTML):
    """Rules that differ from the library's: images, headings, code, links and formulae."""

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _formula(tokens[idx], env)

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return tag("div", _formula(tokens[idx], env), class_="maths")

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        label = self.renderInlineAsText(token.children, options, env) or str(token.attrs.get("src", ""))
        return _outside(str(token.attrs.get("src", "")), f"image: {label}")

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        href = escape(tokens[idx].attrs.get("href", ""))
        return f'<a href="{href}" target="_blank" rel="noopener noreferrer nofollow">'

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<{_heading(tokens[idx].tag)}{self.renderAttrs(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</{_heading(tokens[idx].tag)}>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        words = token.info.split()
        return code_block(token.content, words[0] if words else "")

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return code_block(tokens[idx].content, "")

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="md-table"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"


def _formula(token: Token, env: EnvType) -> Html:
    """Return a formula typeset, or its source where it cannot be read or the answer has had enough of them."""
    typeset = env.get("maths_typeset", 0) + len(token.content)
    env["maths_typeset"] = typeset
    built = maths.formula(token.content, token.meta["display"]) if typeset <= _MOST_MATHS else None
    return built if built is not None else maths.source(token.meta["whole"])


def _heading(name: str) -> str:
    return f"h{min(_LOWEST_HEADING, int(name[1:]) + _HEADING_SHIFT)}"


def _outside(href: str, label: str) -> str:
    return tag("a", label, href=href, target="_blank", rel="noopener noreferrer nofollow")


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    maths_rules(parser)
    parser.core.ruler.at("inline", _inline)
    parser.core.ruler.push("direction", _direction)
    parser.validateLink = lambda url: url.strip().lower().startswith(_ALLOWED)  # type: ignore[method-assign]
    return parser


def _inline(state: StateCore) -> None:
    """Find the marks within paragraphs, headings and cells, unless one is too long to be looked through."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(token.content) <= _MOST_MARKED and token.content.count("[") <= _MOST_BRACKETS:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
            continue
        for place, line in enumerate(token.content.split("\n")):
            if place:
                token.children.append(Token("softbreak", "br", 0))
            token.children.append(Token("text", "", 0, content=line))


def _direction(state: StateCore) -> None:
    """Let every block, and every cell of a table, run the way its first letter does, whatever stands around it."""
    for token in state.tokens:
        if token.nesting == 1 and (token.level == 0 or token.tag in ("td", "th")):
            token.attrSet("dir", "auto")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return _make_parser()


@lru_cache(maxsize=256)
def code_block(source: str, language: str) -> Html:
    """Return source code with its colours (class names only) and a button that copies it."""
    body = escape(source)
    if language and len(source) <= _MOST_HIGHLIGHTED:
        try:
            lexer = get_lexer_by_name(language, stripnl=False)
            body = shield(highlight(source, lexer, HtmlFormatter(nowrap=True, classprefix="c-")))
        except ClassNotFound:
            pass
    copy = tag("button", class_="copy", type="button", data_copy="code", aria_label="Copy code")
    return tag("div", copy, tag("pre", tag("code", body), dir="ltr"), class_="code")


class Stream:
    """Renders a text that only grows; each call costs its last top-level block."""

    def __init__(self) -> None:
        self._done: list[Html] = []
        self._text = ""
        self._offset = 0

    def blocks(self, text: str) -> list[Html]:
        """Return the text's top-level blocks as HTML, in order."""
        if not text.startswith(self._text):
            self._done, self._offset = [], 0
        self._text = text
        rest = text[self._offset :]
        if len(rest) > _MOST_GROWING:
            return [*self._done, _unmarked(rest)]
        starts, rendered = _render(rest)
        growing = rest.count("\n")
        last = max((i for i, start in enumerate(starts) if start < growing), default=0)
        if last:
            self._done.extend(rendered[:last])
            self._offset += _line_offset(rest, starts[last])
        return [*self._done, *rendered[last:]]


def render(text: str) -> Html:
    """Return a whole text as HTML."""
    return join(_render(text)[1]) if text.count("\n") <= _MOST_LINES else _unmarked(text)


def _unmarked(text: str) -> Html:
    return tag("p", text, class_="pre", dir="auto")


def _render(text: str) -> tuple[list[int], list[Html]]:
    """Return the first line of each top-level block and its HTML."""
    parser = _parser()
    env: dict[str, Any] = {}
    tokens = parser.parse(text, env)
    starts: list[int] = []
    rendered: list[Html] = []
    depth, first = 0, 0
    for index, token in enumerate(tokens):
        if depth == 0:
            first = index
        depth += token.nesting
        if depth == 0:
            starts.append(token.map[0] if token.map else _start(tokens[first]))
            rendered.append(shield(parser.renderer.render(tokens[first : index + 1], parser.options, env)))
    return starts, rendered


def _start(token: Token) -> int:
    return token.map[0] if token.map else 0


def _line_offset(text: str, line: int) -> int:
    position = 0
    for _ in range(line):
        position = text.index("\n", position) + 1
    return position
