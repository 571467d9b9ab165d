"""Judges as scorers of single answers, against a real scripted server."""

import asyncio

import pytest

from arena.errors import InvalidInput, NotFound
from arena.judgments import AnswerFilter, BattleFilter, JudgeKind, JudgeSpec
from arena.types import Answer, ModelKind, ModelSpec, Prompt
from judges.judging import Limits
from tests.support.scripted_judge import by_length, scripted_judge
from tests.workbench.judged_home import LONG, SHORT, TOPICS, add_battles, add_judge, judge

ALL = AnswerFilter()


def score(home, *metrics, **more):
    return asyncio.run(home.score(metrics, ALL, **more))


def means(home):
    return {(cell.label, cell.model): cell.mean for cell in home.score_table(ALL).cells}


def record(home, name, texts):
    """Store recorded answers of a model, by prompt."""
    home.add_model(ModelSpec(name, ModelKind.RECORDED))
    for prompt, text in texts.items():
        home.store.answers.add(Prompt.from_text(prompt), [Answer(name, text, "recorded")], recorded=True)


def test_a_single_judge_scores_stored_answers_and_is_asked_once(home):
    record(home, "wordy", dict.fromkeys(TOPICS, LONG))
    record(home, "terse", dict.fromkeys(TOPICS, SHORT))
    with scripted_judge(by_length) as server:
        add_judge(home, server, kind="single")
        report = score(home, "judge:strict")
        assert (report.scorers[0].scored, report.ended, len(server.requests)) == (10, (), 10)
        assert means(home) == {("strict", "wordy"): 5.0, ("strict", "terse"): 1.0}
        again = score(home, "judge:strict")
        assert (again.scorers[0].scored, again.scorers[0].kept, len(server.requests)) == (0, 10, 10)


def test_what_a_judge_said_in_battles_is_not_paid_for_again(home):
    add_battles(home, TOPICS)
    with scripted_judge(by_length) as server:
        add_judge(home, server, kind="single")
        judge(home)
        asked = len(server.requests)
        report = score(home, "judge:strict", "f1")
        assert (report.scorers[1].kept, len(server.requests)) == (10, asked)
    assert home.store.battles.to_judge(BattleFilter(), "strict", "overall", "x", limit=1)[0]


def test_a_score_that_cannot_be_read_has_its_reason_and_is_asked_again_only_when_wished(home):
    record(home, "wordy", {"Say it <unreadable>": LONG, "Say it <no_reply>": LONG, "Say it well": LONG})
    with scripted_judge(by_length) as server:
        add_judge(home, server, kind="single", structured=False)
        report = score(home, "judge:strict").scorers[0]
        assert report.scored == 1
        assert [reason.split(":")[0] for reason in report.reasons] == ["unreadable"]
        asked = len(server.requests)
        score(home, "judge:strict")
        after = len(server.requests) - asked
        assert after == sum("no_reply" in str(seen.body) for seen in server.requests[asked:])
        asked = len(server.requests)
        score(home, "judge:strict", limits=Limits(retry_failed=True))
        assert any("unreadable" in str(seen.body) for seen in server.requests[asked:])


def test_a_ceiling_leaves_the_rest_unasked_and_says_so(home):
    record(home, "wordy", dict.fromkeys([f"Topic {n}" for n in range(20)], LONG))
    with scripted_judge(by_length) as server:
        add_judge(home, server, kind="single", max_tokens=50)
        report = score(home, "judge:strict", limits=Limits(slots=1, max_tokens=2000))
    assert report.stopped
    assert 0 < report.scorers[0].scored < 20
    assert len(report.ended) == 1


def test_rules_and_metrics_are_judges_that_score_without_asking(home):
    record(home, "wordy", dict.fromkeys(TOPICS, LONG))
    record(home, "terse", dict.fromkeys(TOPICS, SHORT))
    home.add_judge(JudgeSpec("brief", JudgeKind.RULE, {"max_words": 2}))
    home.add_judge(JudgeSpec("closest", JudgeKind.METRIC, {"metric": "f1"}))
    report = score(home, "judge:brief", "judge:closest")
    assert [r.scored for r in report.scorers] == [10, 0]
    assert means(home)[("brief", "wordy")] == 0.0
    assert means(home)[("brief", "terse")] == 1.0
    assert list(report.scorers[1].reasons) == ["There is no reference to compare with."]


def test_a_judge_that_compares_has_no_number_for_one_answer(home):
    record(home, "wordy", dict.fromkeys(TOPICS, LONG))
    with scripted_judge() as server:
        add_judge(home, server)
        with pytest.raises(InvalidInput, match="of kind pairwise and compares answers"):
            score(home, "judge:strict")
    with pytest.raises(NotFound, match="nobody"):
        score(home, "judge:nobody")
    with pytest.raises(InvalidInput, match="criterion 'wit' is not set up"):
        score(home, "judge:strict", criterion="wit")


def test_a_golden_set_may_ask_a_judge(home):
    record(home, "wordy", dict.fromkeys(TOPICS, LONG))
    home.store.prompts.add("topics", [Prompt.from_text(text) for text in TOPICS])
    with scripted_judge(by_length) as server:
        add_judge(home, server, kind="single")
        home.add_golden("topics", prompt_set="topics", checks=["judge:strict>=4"])
        report = asyncio.run(home.check_golden("topics", "wordy", accept=True))
        assert (report.passed, report.outcomes[0].mean.value) == (True, 5.0)
        asked = len(server.requests)
        again = asyncio.run(home.check_golden("topics", "wordy"))
        assert (again.outcomes[0].change, len(server.requests)) == ("same", asked)


def test_a_judge_without_a_reply_leaves_the_check_without_a_number(home):
    record(home, "wordy", {"Say it <no_reply>": LONG, "Say it well": LONG})
    home.store.prompts.add("topics", [Prompt.from_text(t) for t in ("Say it <no_reply>", "Say it well")])
    with scripted_judge(by_length) as server:
        add_judge(home, server, kind="single")
        home.add_golden("topics", prompt_set="topics", checks=["judge:strict>=4"])
        report = asyncio.run(home.check_golden("topics", "wordy"))
    (outcome,) = report.outcomes
    assert (report.passed, outcome.mean.n, sum(outcome.missing.values())) == (False, 1, 1)
