"""The numbers of one check of a golden set: by a metric, by rules, or by a judge's score."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arena.errors import InvalidInput
from arena.golden import PROMPT_RULES, Check, CheckKind, GoldenPrompt, GoldenSet
from arena.judgments import JudgeKind, JudgeSpec, ScorableAnswer, Score, ScorerInfo
from arena.types import Answer
from judges.golden import Measured
from judges.golden_file import metric_of, needs_reference
from judges.judge_scores import passing
from judges.metrics.base import Item, Result, Scorer, scorer_info
from judges.rules import Rule
from judges.score_table import bounds_of
from judges.scoring import Stop, results_of
from judges.spec import rule_options

if TYPE_CHECKING:
    from workbench.verbs.golden import GoldenVerbs


async def measure(
    home: "GoldenVerbs", golden: GoldenSet, check: Check, answers: Mapping[str, Answer], stop: Stop
) -> Measured:
    """Return the numbers of `check` by prompt id; a failed answer has none, and its error is the reason.

    A metric that needs a reference looks at the prompts that have one, and `rules` at those that have rules.

    Raises:
        InvalidInput: the check cannot be made in this home, or the set has no prompt for it.
    """
    entries = [entry for entry in golden.prompts if _meant(check, entry)]
    if not entries:
        needed = "rules" if check.kind is CheckKind.RULE else "a reference"
        raise InvalidInput(
            f"The check {check.name!r} has nothing to check: no prompt of the set has {needed}."
        )
    pairs = [(entry, answers[entry.prompt.prompt_id]) for entry in entries]
    there = [(entry, answer) for entry, answer in pairs if not answer.failed]
    if check.kind is CheckKind.JUDGE:
        info, results = await _by_judge(home, check, there, stop)
    elif check.kind is CheckKind.RULE:
        info, results = await asyncio.to_thread(_by_rules, check, there)
    else:
        info, results = await asyncio.to_thread(_by_metric, home, check, there)
    values: dict[str, tuple[UUID, float | None, str | None]] = {
        entry.prompt.prompt_id: (answer.answer_id, None, f"No answer: {answer.error}")
        for entry, answer in pairs
        if answer.failed
    }
    for (entry, answer), result in zip(there, results, strict=True):
        values[entry.prompt.prompt_id] = (answer.answer_id, result.value, result.reason)
    bounds = (0.0, 1.0) if check.kind is CheckKind.RULE else bounds_of(info.scorer)
    return Measured(info, values, bounds)


def _meant(check: Check, entry: GoldenPrompt) -> bool:
    if check.kind is CheckKind.RULE:
        return bool(entry.rules) or not _asks_own_rules(check)
    return check.kind is CheckKind.JUDGE or bool(entry.references) or not needs_reference(check.name)


def _asks_own_rules(check: Check) -> bool:
    return check.name == PROMPT_RULES and not check.options


def _by_metric(
    home: "GoldenVerbs", check: Check, there: list[tuple[GoldenPrompt, Answer]]
) -> tuple[ScorerInfo, list[Result]]:
    (scorer,) = _scorers(home, check)
    items = [Item(answer.text, entry.references, entry.prompt.text) for entry, answer in there]
    return scorer.info, results_of(scorer, items)


def _scorers(home: "GoldenVerbs", check: Check) -> list[Scorer]:
    return home.make_scorers([check.name], {metric_of(check.name): check.options})


def _by_rules(check: Check, there: list[tuple[GoldenPrompt, Answer]]) -> tuple[ScorerInfo, list[Result]]:
    """Each answer against the check's own rule, or for `rules` against its prompt's: 1 where all hold, else 0."""
    own = _asks_own_rules(check)
    info = scorer_info(check.name, {"rules": "the prompt's"} if own else {"rule": dict(check.options)})
    results = []
    for entry, answer in there:
        options = entry.rules if own else (check.options,)
        results.append(_kept([rule_of(check.name, o) for o in options], answer.text))
    return info, results


def broken(check: Check, entry: GoldenPrompt, text: str) -> str | None:
    """Return what a text breaks of a rule check, in words; `None` where it breaks nothing or it cannot be told."""
    options = entry.rules if _asks_own_rules(check) else (check.options,)
    results = [passing(rule_of(check.name, one), text) for one in options]
    reasons = [reason for result in results for reason in result.detail.get("fails", ())]
    return "; ".join(reasons) or None


def _kept(rules: list[Rule], text: str) -> Result:
    results = [passing(rule, text) for rule in rules]
    unknown = next((result for result in results if result.value is None), None)
    return unknown or Result(min(result.value or 0.0 for result in results))


def rule_of(name: str, options: Mapping[str, Any]) -> Rule:
    """Return the rule of these options; see `judges.rules.Rule`."""
    return Rule(rule_options(JudgeSpec(name, JudgeKind.RULE, options)))


async def _by_judge(
    home: "GoldenVerbs", check: Check, there: list[tuple[GoldenPrompt, Answer]], stop: Stop
) -> tuple[ScorerInfo, list[Result]]:
    """The judge's score of each answer; what it has scored before is not asked for again."""
    judge = home.judge_of_check(check)
    said = [
        ScorableAnswer(answer.answer_id, answer.model, answer.text, entry.prompt) for entry, answer in there
    ]
    ids = [answer.answer_id for answer in said]
    known = await asyncio.to_thread(home.store.scores.of, ids, judge.info.scorer, judge.info.fingerprint)
    scores = {i: score for i, score in known.items() if score.value is not None}

    def keep(new: Sequence[Score], settled: int) -> None:
        if new:
            home.store.scores.add(judge.info, new)
        scores.update({score.answer_id: score for score in new})

    left = [answer for answer in said if answer.answer_id not in scores]
    ended = await judge.score(left, stop, keep) if left else None
    why = ended or "The judge's server gave no reply."
    found = [scores.get(i) for i in ids]
    return judge.info, [Result(s.value, s.reason) if s else Result.missing(why) for s in found]
