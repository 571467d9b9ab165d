"""The fence around what a judge is shown: foreign text cannot leave it, and cannot pass for the workbench.

Each question has a code, eight hex digits of the hash of everything in it, so that equal questions are equal letter by
letter and may be answered from the cache. No text in the question contains it, because one that does changes the hash;
and a writer who does not know the other answer cannot compute it. The lines of the fence bear the code, and so does the
verdict mark: an answer can imitate neither.

Inside the fence a text is shown as a person would see it. Characters without a shape that carry orders past people's
eyes (Unicode tags, direction overrides, long runs of zero-width characters) are named instead of passed on. Control
tokens of chat formats, which many servers take for real ones wherever they stand, are broken by a space, and so are
lines made up to look like the fence.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence

from arena.types import Message

_CODE_DIGITS = 8

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]+"
    # Joiners, marks of direction and variation selectors belong to scripts and emoji, but never three in a row.
    "|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]{3,}"
)
_FLAG = re.compile(
    "(\U0001f3f4(?:\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067|"
    "\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074|"
    "\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073)\U000e007f)"
)
"""The flags of England, Scotland and Wales: the only emoji made of Unicode tags."""

_CONTROL = re.compile(
    r"<(?=[|｜][^<>\n]{1,40}[|｜]>)"
    r"|<(?=/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|im_start|im_end|system|think|thinking|reasoning|tool_call)>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])"
    r"|<(?=<?/?SYS>>)"
    r"|<(?=/?(?:answer|conversation) [AB]\b[^<>\n]{0,60}>)"
    r"|<(?=/?(?:prompt|reference|answer|conversation|user|assistant|system)(?: [AB])? [0-9a-f]{8}>)",
    re.IGNORECASE,
)
"""Control tokens, and imitations of the fence for judges that do not look at the code."""


_BETWEEN = re.compile(r"[\W_]+")
_ASCII_BETWEEN = bytes(code for code in range(128) if not chr(code).isalnum())
"""What may stand between the digits of a code that an answer disguises."""


def code_for(*texts: str) -> str:
    """Return the code of a question made of `texts`: 8 hex digits that none of them contains, even in disguise."""
    seen = [_joined(_folded(text)) for text in texts]
    for attempt in range(1_000):
        source = json.dumps([attempt, *texts], ensure_ascii=True)
        code = hashlib.sha256(source.encode()).hexdigest()[:_CODE_DIGITS]
        if not any(code in text for text in seen):
            return code
    raise AssertionError("a thousand codes of 32 bits cannot all stand in one question")


def fenced(name: str, messages: Sequence[Message], code: str) -> str:
    """Return `messages` inside a fence; several keep their roles, each inside a fence of its own."""
    if len(messages) == 1:
        return _element(name, shown(messages[0].content), code)
    inner = "\n".join(_element(m.role, shown(m.content), code) for m in messages)
    return _element(name, inner, code)


def unfenced(messages: Sequence[Message]) -> str:
    """Return `messages` as they are, as templates of other benchmarks show them; several get a heading by role."""
    if len(messages) == 1:
        return messages[0].content
    return "\n\n".join(f"{m.role.capitalize()}:\n{m.content}" for m in messages)


def shown(text: str) -> str:
    """Return `text` as a judge may see it: hidden characters named, control tokens of chat formats broken."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not (text.isascii() and text.replace("\n", " ").replace("\t", " ").isprintable()):
        parts = _FLAG.split(text)
        parts[::2] = [_HIDDEN.sub(_named, part) for part in parts[::2]]
        text = "".join(parts)
    return _CONTROL.sub(lambda match: f"{match[0]} ", text) if "<" in text or "[" in text else text


def _element(name: str, text: str, code: str) -> str:
    return f"<{name} {code}>\n{text}\n</{name} {code}>"


def _named(match: re.Match[str]) -> str:
    hidden = match[0]
    if len(hidden) == 1:
        return f"[U+{ord(hidden):04X}]"
    return f"[{len(hidden)} hidden characters]"


def _joined(text: str) -> str:
    """Return the letters and digits of `text` without what stands between them."""
    if text.isascii():
        return text.encode().translate(None, _ASCII_BETWEEN).decode()
    return _BETWEEN.sub("", text)


def _folded(text: str) -> str:
    """Return `text` without the difference between letters that only look different."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
