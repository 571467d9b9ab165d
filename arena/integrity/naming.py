"""Answers that name their own model, by which a blind vote is not blind.

Two ways to give oneself away are told apart, so that an answer on the painter Claude Monet is not taken for one by
Claude. A model's own full name (`gpt-4-0613` as `GPT-4 0613`, too) or an alias given for it counts wherever it stands,
unless the prompt says it as well. The name of its family, its maker, and names of one plain word count only where the
answer speaks of itself: "I am ...", "my name is ...", "as a language model trained by ...".
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from arena.types import ModelKind, ModelSpec

_FAMILIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gpt": (("ChatGPT", "GPT-3", "GPT-3.5", "GPT-4", "GPT-4o", "GPT-5", "GPT"), ("OpenAI",)),
    "claude": (("Claude",), ("Anthropic",)),
    "llama": (("LLaMA", "Llama 2", "Llama 3"), ("Meta", "Meta AI", "Facebook")),
    "gemini": (("Gemini",), ("Google", "Google DeepMind", "DeepMind")),
    "gemma": (("Gemma",), ("Google", "Google DeepMind", "DeepMind")),
    "palm": (("PaLM", "Bard"), ("Google",)),
    "bard": (("Bard",), ("Google",)),
    "mistral": (("Mistral",), ("Mistral AI",)),
    "mixtral": (("Mixtral", "Mistral"), ("Mistral AI",)),
    "qwen": (("Qwen", "Tongyi Qianwen", "通义千问"), ("Alibaba", "Alibaba Cloud", "阿里云")),
    "deepseek": (("DeepSeek",), ("DeepSeek",)),
    "phi": (("Phi",), ("Microsoft",)),
    "command": (("Command", "Coral", "Cohere"), ("Cohere",)),
    "vicuna": (("Vicuna",), ("LMSYS", "Large Model Systems Organization")),
    "koala": (("Koala",), ("Berkeley",)),
    "alpaca": (("Alpaca",), ("Stanford",)),
    "falcon": (("Falcon",), ("TII", "Technology Innovation Institute")),
    "grok": (("Grok",), ("xAI",)),
    "glm": (("ChatGLM", "GLM"), ("Zhipu", "Zhipu AI", "Tsinghua University")),
    "dolly": (("Dolly",), ("Databricks",)),
    "mpt": (("MPT",), ("MosaicML",)),
    "assistant": (("Open Assistant", "OpenAssistant"), ("LAION",)),
    "jurassic": (("Jurassic",), ("AI21", "AI21 Labs")),
    "luminous": (("Luminous",), ("Aleph Alpha",)),
    "kimi": (("Kimi",), ("Moonshot AI",)),
    "nova": (("Nova",), ("Amazon",)),
    "granite": (("Granite",), ("IBM",)),
    "smollm": (("SmolLM",), ("Hugging Face",)),
}
"""Families by a word that begins a part of their models' names: what they call themselves, and who made them."""

_PLAIN = frozenset(
    (
        "open",
        "code",
        "base",
        "chat",
        "model",
        "large",
        "small",
        "mini",
        "tiny",
        "text",
        "instruct",
        "turbo",
        "light",
    )
)
"""Words that begin many models' names and say nothing."""
_GENERIC = frozenset({"scripted", "default", "model", "base", "adapter", "checkpoint", "none"})

_ONESELF = (
    r"(?:\bI\s*['’]?\s*a?m|\bmy\s+name(?:\s+is|\s*['’]s)|\bcall\s+me|\bI\s+go\s+by|"
    r"\b(?:talking|speaking|chatting)\s+(?:to|with)|我是|我叫)"
)
_FILLED = (
    r"(?:(?:an?|the|just|called|named|known|as|AI|artificial|intelligence|assistant|chat\s?bot|bot|large|language|"
    r"model|based|on|powered|by|from|your|helpful|friendly|virtual|digital|version|of|open|source|sourced?|family|"
    r"trained|developed|created|made|built)[\s,:*\"'“‘_-]+){0,9}"
)
_MADE = (
    r"(?:\bI\s*['’]?\s*a?m|\bI\s+(?:was|am|have\s+been)|\bme|\bmy|\bas\s+an?)\b[^.!?\n]{0,90}?"
    r"\b(?:developed|created|made|trained|built|designed|fine-?tuned|programmed|provided|powered|released)\s+"
    r"(?:and\s+\w+\s+)?(?:by|at|from)\s+(?:(?:the|a|an|team|of|researchers|people|engineers|at|from|company|called)\s+){0,6}"
)


@dataclass(frozen=True, slots=True)
class OwnNames:
    """What gives a model away: `anywhere` in its answers, or only where it speaks of itself (`self_said`, `makers`)."""

    anywhere: tuple[str, ...]
    self_said: tuple[str, ...]
    makers: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Return every name, each once; an answer with none of them need not be looked at."""
        return tuple(dict.fromkeys((*self.anywhere, *self.self_said, *self.makers)))

    @property
    def key(self) -> str:
        """Return what changes when the names, or how they are looked for, change."""
        told = "\x1f".join(
            (_ONESELF, _FILLED, _MADE, *self.anywhere, "\x1e", *self.self_said, "\x1e", *self.makers)
        )
        return hashlib.sha256(told.encode()).hexdigest()[:16]


class Reader:
    """Looks for the names of one model."""

    def __init__(self, names: OwnNames) -> None:
        self.names = names

    def found(self, answer: str, prompt: str) -> str | None:
        """Return the words by which `answer` to `prompt` names its own model, `None` where it does not."""
        for pattern in (self._oneself, self._made):
            if pattern is not None and (match := pattern.search(answer)):
                return _tidy(match.group())
        if self._anywhere is not None:
            for match in self._anywhere.finditer(answer):
                if not re.search(_edged(re.escape(match.group())), prompt, re.IGNORECASE):
                    return _tidy(match.group())
        return None

    @cached_property
    def _anywhere(self) -> re.Pattern[str] | None:
        return _compiled("", self.names.anywhere)

    @cached_property
    def _oneself(self) -> re.Pattern[str] | None:
        return _compiled(
            rf"{_ONESELF}[\s,:*\"'“‘_-]*{_FILLED}", (*self.names.anywhere, *self.names.self_said)
        )

    @cached_property
    def _made(self) -> re.Pattern[str] | None:
        return _compiled(_MADE, self.names.makers)


def own_names(spec: ModelSpec) -> OwnNames:
    """Return what gives a model away: its name and `aliases`, what its server calls it, its family and its maker."""
    given = spec.options.get("aliases") or ()
    aliases = tuple(map(str, (given,) if isinstance(given, str) else given))
    called = [spec.name]
    if spec.kind is ModelKind.ENDPOINT and spec.options.get("model"):
        called.append(str(spec.options["model"]).rsplit("/", 1)[-1])
    anywhere = list(aliases)
    said: list[str] = []
    makers: list[str] = []
    for name in called:
        parts = _parts(name)
        if name.lower() in _GENERIC or not parts:
            continue
        (anywhere if len(parts) > 1 else said).append(name)
        lead = parts[0]
        if len(lead) >= 4 and lead.isalpha() and lead.lower() not in _PLAIN:
            said.append(lead)
        for part in parts:
            for begin, (words, by) in _FAMILIES.items():
                if part.lower().startswith(begin):
                    said += words
                    makers += by
    return OwnNames(*(tuple(dict.fromkeys(names)) for names in (anywhere, said, makers)))


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression (RE2's or Python's, whatever the case) for texts that may hold one of `words`."""
    parts = sorted({_loose(word) for word in words}, key=lambda part: (-len(part), part))
    return "(?:" + "|".join(parts) + ")" if parts else r"[^\s\S]"


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[\W_]+", name) if part]


def _loose(word: str) -> str:
    """Return a pattern for a name whatever stands between its parts."""
    return r"[\s_./()\-]*".join(re.escape(part) for part in _parts(word)) or re.escape(word)


def _edged(pattern: str) -> str:
    """Return `pattern` where no letter or digit goes on at either end; scripts without spaces have no such ends."""
    if not pattern.isascii():
        return pattern
    return rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"


def _compiled(before: str, words: Sequence[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    names = "|".join(_edged(_loose(word)) for word in sorted(set(words), key=lambda word: (-len(word), word)))
    return re.compile(f"{before}(?:{names})", re.IGNORECASE)


def _tidy(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:59] + " … " + line[-58:]
