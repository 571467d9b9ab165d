"""The table of docs/attacks.md: what the suite achieves against scripted judges. Run this module to print it."""

import asyncio
import sys

from judges.attacks import AttackReport, run_attacks
from judges.templates import Template, builtin_templates
from tests.judges.asked import template
from tests.judges.scripted_judges import WEAKNESSES, ScriptedJudge

CONTRAST = ("double-brackets", "double-brackets-rating", "fenced-plain-mark")
"""Templates without a code in the mark, two of them without a fence."""


def report(found: Template, weakness: str, structured: bool = False) -> AttackReport:
    judge = ScriptedJudge(found, weakness, structured)
    return asyncio.run(run_attacks(judge.ask, found, structured=structured))


def rows() -> list[tuple[Template, bool]]:
    """Every template in each form of reply it has."""
    templates = [*builtin_templates(), *(template(name) for name in CONTRAST)]
    return [
        (found, form) for found in templates for form in ((False, True) if found.structured else (False,))
    ]


def table() -> str:
    head = ["template", "reply", *WEAKNESSES]
    lines = [head, ["---"] * len(head)]
    for found, structured in rows():
        totals = [report(found, weakness, structured).total for weakness in WEAKNESSES]
        cells = [
            f"{t.succeeded} of {t.tried}" + (f" ({t.unreadable})" if t.unreadable else "") for t in totals
        ]
        lines.append([found.name, "JSON" if structured else "text", *cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(table())
