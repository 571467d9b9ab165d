"""The demo's golden set: two prompts of each kind from Pebble Bay that no training has seen, with their true answers.

Every kind sentence the world knows for a question is a reference, and the world's own patterns of right and wrong are
the rules of its prompt, so that the set says the same as the demo's simulated voter.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from arena.golden import Check, CheckKind, GoldenPrompt, GoldenSet
from arena.types import Prompt
from judges.golden_file import golden_set
from workbench.demo.voter import RUDE
from workbench.demo.world import Question, question_of
from workbench.demo.world.splits import questions_in

GOLDEN = "pebble-bay-golden"
OF_EACH_KIND = 2

CURT = RUDE.pattern.replace("|easy|", "|easy(?! to find)|").replace("|what else|", "|what else\\?|")
"""The voter's rude words, apart from those that its kind sentences use in another sense."""

CHECKS = (
    Check("rules", CheckKind.RULE, at_least=0.75),
    Check("manners", CheckKind.RULE, {"forbidden": CURT, "ignore_case": True, "max_words": 60}),
    Check("rougeL", CheckKind.METRIC, at_least=0.35),
    Check("chrf", CheckKind.METRIC),
)


def demo_golden() -> GoldenSet:
    """Return the demo's golden set; the same at each call."""
    chosen: dict[str, list[Question]] = {}
    for question in sorted(questions_in("battle"), key=lambda question: _shuffled(question.prompt)):
        of_kind = chosen.setdefault(question.kind, [])
        if len(of_kind) < OF_EACH_KIND:
            of_kind.append(question)
    prompts = [_prompt(question) for kind in sorted(chosen) for question in chosen[kind]]
    return golden_set(GOLDEN, prompts, CHECKS)


def reference_of(prompt: str) -> str | None:
    """Return a true answer to a prompt of Pebble Bay; `None` for any other prompt."""
    question = question_of(prompt)
    return _references(question)[0] if question is not None else None


def _references(question: Question) -> tuple[str, ...]:
    return tuple(f"{core} {tail}".strip() for core in question.good.cores for tail in question.good.tails)


def _prompt(question: Question) -> GoldenPrompt:
    references = _references(question)
    prompt = Prompt.from_text(question.prompt, reference=references[0], category=question.kind, language="en")
    return GoldenPrompt(prompt, references, tuple(_rules(question)))


def _rules(question: Question) -> list[dict[str, Any]]:
    right = [{"pattern": pattern, "ignore_case": True} for pattern in question.right]
    return right + [{"forbidden": pattern, "ignore_case": True} for pattern in question.wrong]


def _shuffled(prompt: str) -> str:
    return sha256(f"golden {prompt}".encode()).hexdigest()
