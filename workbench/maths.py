"""Formulae of answers as MathML that can do nothing but be read.

The converter passes on whatever an answer puts into a link, a style or a text, so its tree is never printed as it
comes: elements and attributes that a formula needs are built anew by `tag`, and everything else makes the formula
unreadable. A formula that cannot be read is shown as its source, never left out and never half of it.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

from workbench.html import Html, tag

LONGEST = 1500
"""Characters of a formula that is still read; conversion takes about 0.1 ms for each."""

_ELEMENTS = frozenset(
    {
        *("mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mstyle", "mpadded", "mphantom", "menclose"),
        *("mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover"),
        *("mtable", "mtr", "mtd"),
    }
)
_PARTS = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}
"""Elements that mean nothing with fewer or more parts than these: what is missing was cut off."""

_FLAGS = re.compile(r"true|false")
_WORDS = re.compile(r"[a-z-]{1,24}(?: [a-z-]{1,24}){0,40}")
_LENGTHS = re.compile(
    r"[+-]?(?:\d{1,2}(?:\.\d{1,4})?|\.\d{1,4})(?:em|ex|pt|px)?(?: \d{1,2}(?:\.\d{1,4})?(?:em|ex|pt|px)?){0,40}"
)
_ATTRIBUTES = {
    "mathvariant": _WORDS,
    "stretchy": _FLAGS,
    "fence": _FLAGS,
    "separator": _FLAGS,
    "form": _WORDS,
    "accent": _FLAGS,
    "accentunder": _FLAGS,
    "displaystyle": _FLAGS,
    "largeop": _FLAGS,
    "movablelimits": _FLAGS,
    "symmetric": _FLAGS,
    "scriptlevel": re.compile(r"[0-3]"),
    "linethickness": _LENGTHS,
    "lspace": _LENGTHS,
    "rspace": _LENGTHS,
    "width": _LENGTHS,
    "height": _LENGTHS,
    "depth": _LENGTHS,
    "voffset": _LENGTHS,
    "minsize": _LENGTHS,
    "maxsize": _LENGTHS,
    "rowspacing": _LENGTHS,
    "columnspacing": _LENGTHS,
    "columnalign": _WORDS,
    "rowlines": _WORDS,
    "columnlines": _WORDS,
    "notation": _WORDS,
}
"""The attributes of a formula that are kept, where their value has this form; others are left out."""

_FORBIDDEN = frozenset({"href", "style", "class", "id", "src"})
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|alignedat|align|split|eqnarray|flalign)\*?\}")
_GATHERED = re.compile(r"\\(begin|end)\{(?:gathered|gather|multline|equation|displaymath|math)\*?\}")
_NUMBERED = re.compile(r"\\(?:label|tag\*?)\{[^{}]*\}|\\(?:nonumber|notag|displaystyle\b(?=\s*$))")


@lru_cache(maxsize=2048)
def formula(source: str, block: bool) -> Html | None:
    """Return TeX source as MathML, or `None` where it cannot be read; `block` stands on a line of its own."""
    text = source.strip()
    if not text or len(text) > LONGEST:
        return None
    from latex2mathml.converter import convert_to_element

    try:
        tree = convert_to_element(_plain(text))
        children = [_built(child) for child in tree]
    except Exception:  # whatever the converter stumbles over, the formula is shown as it was written
        return None
    return tag("math", children, display="block" if block else "inline", alttext=text)


def source(text: str) -> Html:
    """Return a formula as it was written, its marks included."""
    return tag("code", text, class_="tex")


def _plain(text: str) -> str:
    """Return the source with the environments and marks that the converter does not know in words that it does."""
    text = _NUMBERED.sub("", text)
    text = _ALIGNED.sub(r"\\\1{align*}", text)
    return _GATHERED.sub(r"\\\1{gather*}", text)


class _UnreadableError(Exception):
    """The formula holds something that is no part of a formula."""


def _built(element: Element) -> Html:
    """Return one element of the converter's tree, built anew."""
    name = str(element.tag)
    if name not in _ELEMENTS or _FORBIDDEN & set(element.attrib):
        raise _UnreadableError(name)
    text = html.unescape(element.text or "")
    if name == "mi" and (text.startswith("\\") or text == "&"):
        raise _UnreadableError(text)
    if len(element) != _PARTS.get(name, len(element)):
        raise _UnreadableError(name)
    if (element.tail or "").strip():
        raise _UnreadableError(element.tail)
    return tag(name, text, list(_children(element)), **dict(_attributes(element)))


def _children(element: Element) -> Iterator[Html]:
    for child in element:
        yield _built(child)


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        form = _ATTRIBUTES.get(key)
        if form is not None and form.fullmatch(value):
            yield key, value
