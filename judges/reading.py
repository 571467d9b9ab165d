"""What a judge's reply says, or the reason why it says nothing that counts.

No verdict is guessed. A reply counts if it holds the mark (or the JSON object) of its question with one value, however
often, that is among those asked for. Everything else is `Unreadable` with a `Failure`: no mark, several that differ, a
value off the scale, a reply cut before its verdict, a refusal.

A reading stands in the order in which the answers were shown: `model_a` is the answer shown first. Equal requests share
a reading (see `judges.rendering.call_key`), and only `judges.pairwise.combine` knows the battle's own order.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from arena.judgments import Failure
from arena.models.complete import Completion
from arena.types import Winner
from judges.marks import Scale
from judges.probabilities import expectation
from judges.refusals import sounds_like_refusal
from judges.replies import Given, given_in_json, given_in_text
from judges.template import OUTCOMES, Template

if TYPE_CHECKING:
    from judges.rendering import Question

_THOUGHT_ENDS = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_OPEN_THOUGHT = re.compile(r"\s*<(?:think|thinking|reasoning)>", re.IGNORECASE)
_WORTH: Mapping[Winner, float] = {Winner.MODEL_A: 1.0, Winner.MODEL_B: 0.0}
_QUOTED = 80


class Unreadable(Exception):
    """There is no verdict: `failure` is the kind, `detail` one sentence about this case."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


def read(question: "Question", completion: Completion) -> dict[str, Any]:
    """Return what the reply to `question` says, ready to be stored as JSON.

    See `read_pairwise` and `read_single` for the two forms.

    Raises:
        Unreadable: the reply holds no verdict that counts.
    """
    reader = read_pairwise if question.template.kind == "pairwise" else read_single
    return reader(question, completion)


def read_pairwise(question: "Question", completion: Completion) -> dict[str, Any]:
    """Return `winner` (a `Winner` value in the order shown), `strength`, `probability_a` and `explanation`.

    `probability_a` is the chance that the answer shown first is better, a tie counted half, from the log-probabilities
    of the verdict; `None` where the reply came without them. A template that asks for two numbers adds `scores`, in the
    order shown; equal ones are a tie.

    Raises:
        Unreadable: the reply holds no verdict that counts.
    """
    template = question.template
    given = _given(question, completion)
    values = _only(given, question, completion)
    if template.scale is not None:
        first, second = (_number(value, template.scale) for value in values)
        winner = Winner.TIE if first == second else Winner.MODEL_A if first > second else Winner.MODEL_B
        reading: dict[str, Any] = {"winner": winner.value, "strength": 1, "probability_a": None}
        return {**reading, "scores": [first, second], "explanation": given.explanation}
    label = _label(values[0], template)
    winner, strength = OUTCOMES[template.labels[label]]

    def worth(other: str) -> float:
        return _WORTH.get(OUTCOMES[template.labels[other]][0], 0.5)

    return {
        "winner": winner.value,
        "strength": strength,
        "probability_a": _expected(given, completion, label, template.labels, worth),
        "explanation": given.explanation,
    }


def read_single(question: "Question", completion: Completion) -> dict[str, Any]:
    """Return `score`, `expected` and `explanation`.

    `expected` is the mean over the scale under the log-probabilities of the score; `None` without them.

    Raises:
        Unreadable: the reply holds no score that counts.
    """
    scale = question.template.scale
    assert scale is not None, "a single template has a scale"
    given = _given(question, completion)
    score = _number(_only(given, question, completion)[0], scale)
    labels = [f"{value:g}" for value in scale.values]
    return {
        "score": score,
        "expected": _expected(given, completion, f"{score:g}", labels, float),
        "explanation": given.explanation,
    }


def spoken(text: str) -> str:
    """Return a reply without the thinking before it; nothing is left where the thinking never ended."""
    ends = [match.end() for match in _THOUGHT_ENDS.finditer(text)]
    if ends:
        return text[ends[-1] :]
    return "" if _OPEN_THOUGHT.match(text) else text


def _given(question: "Question", completion: Completion) -> Given:
    text = spoken(completion.text)
    if question.structured:
        return given_in_json(text, question.template, question.code)
    return given_in_text(text, question.template, question.code)


def _only(given: Given, question: "Question", completion: Completion) -> tuple[str, ...]:
    """Return the one verdict in the reply, as written, or raise why there is none."""
    distinct = {tuple(value.casefold() for value in values): values for values in given.values}
    if len(distinct) > 1:
        all_given = "; ".join(sorted(", ".join(values) for values in distinct.values()))
        raise Unreadable(Failure.CONTRADICTORY, f"The reply gives several verdicts: {all_given}.")
    cut = completion.finish_reason == "length"
    if distinct and not (cut and given.may_go_on):
        return distinct.popitem()[1]
    text = completion.text.strip()
    if completion.finish_reason == "content_filter":
        raise Unreadable(Failure.REFUSED, "The server's filter withheld the reply.")
    if cut:
        raise Unreadable(Failure.TRUNCATED, "The reply was cut at the token limit before its verdict.")
    if sounds_like_refusal(spoken(text)):
        raise Unreadable(Failure.REFUSED, f"The judge declined: {_quoted(spoken(text))}")
    wanted = "JSON object with" if question.structured else "verdict mark with"
    missing = f"no {wanted} the code {question.code}" if question.template.coded else "no verdict mark"
    said = f"; it ends: {_quoted(text[-_QUOTED:])}" if text else ", it is empty"
    raise Unreadable(Failure.UNREADABLE, f"The reply holds {missing}{said}")


def _label(value: str, template: Template) -> str:
    for label in template.labels:
        if label.casefold() == value.casefold():
            return label
    wanted = ", ".join(template.labels)
    raise Unreadable(Failure.OFF_SCALE, f"The verdict is {_quoted(value)}, which is none of {wanted}.")


def _number(value: str, scale: Scale) -> float:
    number = scale.number(value)
    if number is None or not scale.holds(number):
        raise Unreadable(
            Failure.OFF_SCALE,
            f"The score is {_quoted(value)}, which is not on the scale from {scale.low:g} to {scale.high:g} "
            f"in steps of {scale.step:g}.",
        )
    return number


def _expected(
    given: Given,
    completion: Completion,
    written: str,
    labels: Iterable[str],
    value: Callable[[str], float],
) -> float | None:
    if not completion.logprobs:
        return None

    def locate(joined: str) -> int | None:
        places = [
            match.start(1)
            for match in given.find(joined)
            if match[1].strip().casefold().startswith(written.casefold())
        ]
        return max(places, default=None)

    return expectation(completion.logprobs, locate, labels, value)


def _quoted(text: str) -> str:
    short = " ".join(text.split())
    return f'"{short[:_QUOTED]}{"…" if len(short) > _QUOTED else ""}"'
