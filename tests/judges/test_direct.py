from uuid import uuid4

import pytest

from arena.judgments import Failure, JudgeKind, JudgeSpec, Score
from arena.types import Answer, Battle, Prompt, Turn, Winner
from judges import rules
from judges.direct import MetricJudge, RuleJudge, scored
from judges.metrics import registry
from judges.metrics.base import Item, Result, scorer_info
from judges.outcome import by_numbers, by_passing


def fought(*turns, reference=None):
    prompt = Prompt.from_text("Say something.", reference=reference)
    return Battle(
        uuid4(),
        prompt,
        "one",
        "two",
        tuple(
            Turn(None if n == 0 else "Go on.", Answer("one", a), Answer("two", b))
            for n, (a, b) in enumerate(turns)
        ),
    )


class Kept:
    """Scores in memory."""

    def __init__(self):
        self.scores = {}

    def of(self, ids, scorer, fingerprint):
        return {i: s for i in ids if (s := self.scores.get((i, scorer, fingerprint)))}

    def add(self, info, scores):
        self.scores.update({(s.answer_id, s.scorer, s.fingerprint): s for s in scores})


def rule(**options):
    return RuleJudge(JudgeSpec("rule", JudgeKind.RULE, options))


@pytest.mark.parametrize(
    ("a", "b", "winner"),
    [
        ("yes", "no", Winner.MODEL_A),
        ("no", "yes", Winner.MODEL_B),
        ("yes", "yes", Winner.TIE),
        ("no", "no", Winner.BOTH_BAD),
    ],
)
def test_who_passes_beats_who_does_not(a, b, winner):
    (verdict,) = rule(pattern="yes").judge([fought((a, b))], "overall")
    assert (verdict.winner, verdict.forward, verdict.backward) == (winner, winner, None)


def test_every_answer_of_a_longer_battle_must_pass():
    (verdict,) = rule(max_words=2).judge([fought(("yes", "yes"), ("too many words", "no"))], "overall")
    assert verdict.winner is Winner.MODEL_B
    assert verdict.detail == "A fails: it has 3 words, more than 2; B passes"


def test_a_check_that_takes_too_long_is_no_verdict(monkeypatch):
    monkeypatch.setattr(rules, "PATTERN_SECONDS", 0.05)
    (verdict,) = rule(pattern=r"^(a|aa|a?)+$").judge([fought(("a" * 40 + "!", "a"))], "overall")
    assert (verdict.winner, verdict.failure) == (None, Failure.NOT_APPLICABLE)


def metric(name="f1", **options):
    spec = JudgeSpec("metric", JudgeKind.METRIC, {"metric": name, **options})
    return MetricJudge(spec, registry.make(name)[0], Kept())


def test_the_better_number_wins_and_close_ones_are_a_tie():
    battle = fought(("the cat sat", "the dog ran"), reference="the cat sat down")
    assert metric().judge([battle], "overall")[0].winner is Winner.MODEL_A
    assert metric(tie_width=0.9).judge([battle], "overall")[0].winner is Winner.TIE


def test_a_metric_looks_at_the_first_answer_which_the_reference_is_about():
    battle = fought(("right", "wrong"), ("wrong", "right"), reference="right")
    assert metric("exact_match").judge([battle], "overall")[0].winner is Winner.MODEL_A


@pytest.mark.parametrize(
    ("battle", "said"),
    [(fought(("a", "b")), "no reference"), (fought((" ", "b"), reference="b"), "blank")],
)
def test_what_cannot_be_computed_is_no_verdict_and_says_why(battle, said):
    (verdict,) = metric().judge([battle], "overall")
    assert verdict.failure is Failure.NOT_APPLICABLE
    assert said in verdict.detail


class Lower:
    """A scorer whose lower numbers are better: the length of a text. It counts what it is asked."""

    name = "length"
    needs_reference = False
    info = scorer_info("length", {}, higher_is_better=False)

    def __init__(self):
        self.asked = 0

    def score(self, items):
        self.asked += len(items)
        return [Result(float(len(item.text))) for item in items]


def test_where_lower_is_better_the_lower_number_wins():
    judge = MetricJudge(JudgeSpec("m", JudgeKind.METRIC, {"metric": "length"}), Lower(), Kept())
    assert judge.judge([fought(("short", "much longer"))], "overall")[0].winner is Winner.MODEL_A


def test_an_answer_is_scored_once():
    scorer, kept, answer = Lower(), Kept(), uuid4()
    for _ in range(2):
        assert scored(scorer, {answer: Item("four")}, kept)[answer].value == 4.0
    assert scorer.asked == 1
    assert isinstance(kept.scores[answer, "length", Lower.info.fingerprint], Score)


def test_numbers_and_passes_make_winners():
    assert by_numbers(1.0, 1.0, 0.0) is Winner.TIE
    assert by_numbers(1.0, 0.9, 0.1 + 1e-12) is Winner.TIE
    assert by_numbers(1.0, 0.5, 0.1) is Winner.MODEL_A
    assert by_numbers(1.0, 0.5, 0.1, higher_is_better=False) is Winner.MODEL_B
    assert [by_passing(a, b) for a in (True, False) for b in (True, False)] == [
        Winner.TIE, Winner.MODEL_A, Winner.MODEL_B, Winner.BOTH_BAD,
    ]  # fmt: skip
