"""Judges at work in a real home, asking a real server."""

import math
import threading
from dataclasses import replace

import pytest

from arena.errors import InvalidInput, NotFound
from arena.judgments import BattleFilter, Failure, JudgeKind, JudgeSpec
from arena.store.verdicts import VerdictFilter
from arena.types import Answer, ModelKind, ModelSpec, Prompt, Vote, Voter, VoterKind, Winner
from judges import estimating
from judges.asking import AskingJudge
from judges.opening import open_judge
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint, completion
from tests.support.scripted_judge import BAD_DAYS, asked_in, by_length, first_shown, longer, scripted_judge
from tests.workbench.judged_home import LONG, TOPICS, add_battles, add_judge, judge, votes_of
from workbench.bench import Workbench


@pytest.mark.parametrize("structured", [True, False])
def test_a_pairwise_judge_is_asked_in_both_orders_and_votes(home, structured):
    battles = add_battles(home, TOPICS)
    with scripted_judge(longer) as server:
        add_judge(home, server, structured=structured)
        report = judge(home)
    assert (report.decided, report.failed, report.calls) == (5, 0, 10)
    assert report.outcomes == {Winner.MODEL_A: 5}
    assert (report.prompt_tokens, report.completion_tokens) == (1000, 100)
    for battle in battles:
        assert votes_of(home, battle.battle_id) == {"strict": "model_a"}
        verdict = home.store.verdicts.get(battle.battle_id, "strict")
        assert (verdict.forward, verdict.backward) == (Winner.MODEL_A, Winner.MODEL_A)
        assert len(verdict.calls) == 2
    asked_for_json = ["response_format" in seen.body for seen in server.requests]
    assert asked_for_json == [structured] * 10


def test_a_judge_that_follows_the_order_says_a_tie_marked_inconsistent(home):
    battles = add_battles(home, TOPICS)
    with scripted_judge(first_shown) as server:
        add_judge(home, server)
        report = judge(home)
    assert (report.outcomes, report.inconsistent) == ({Winner.TIE: 5}, 5)
    verdict = home.store.verdicts.get(battles[0].battle_id, "strict")
    assert (verdict.forward, verdict.backward, verdict.inconsistent) == (Winner.MODEL_A, Winner.MODEL_B, True)


def test_a_judge_asked_in_one_order_costs_one_call_a_battle(home):
    add_battles(home, TOPICS)
    with scripted_judge(first_shown) as server:
        add_judge(home, server, orders="one")
        report = judge(home)
    assert (report.outcomes, report.calls, report.inconsistent) == ({Winner.MODEL_A: 5}, 5, 0)


def test_every_kind_of_failure_is_stored_with_its_reason_and_is_no_vote(home):
    battles = add_battles(home, [f"Say it <{word}>" for word in BAD_DAYS] + ["Say it well."])
    with scripted_judge() as server:
        add_judge(home, server, structured=False)
        report = judge(home)
        assert report.failures == {Failure(word): 1 for word in BAD_DAYS}
        assert report.decided == 1
        for battle, word in zip(battles, BAD_DAYS, strict=False):
            verdict = home.store.verdicts.get(battle.battle_id, "strict")
            assert (verdict.winner, verdict.failure) == (None, Failure(word))
            assert verdict.detail
            assert votes_of(home, battle.battle_id) == {}
        assert votes_of(home, battles[-1].battle_id) == {"strict": "model_a"}

        before = len(server.requests)
        again = judge(home)
        assert (again.judged_before, again.failures) == (6, {Failure.NO_REPLY: 1}), "no reply is no answer"
        assert len(server.requests) == before + 2
        retried = judge(home, retry_failed=True)
        assert retried.failures == {Failure(word): 1 for word in BAD_DAYS}
        assert len(server.requests) == before + 2 + 12


def test_an_unreadable_reply_is_asked_for_again_within_the_bound(home):
    add_battles(home, ["Say it <unreadable>"])
    with scripted_judge() as server:
        add_judge(home, server, attempts=3, structured=False, orders="one")
        report = judge(home)
    assert (report.failures, report.calls, len(server.requests)) == ({Failure.UNREADABLE: 1}, 3, 3)


def test_what_is_judged_is_not_asked_again_and_a_new_battle_is(home):
    add_battles(home, TOPICS)
    with scripted_judge() as server:
        add_judge(home, server)
        judge(home)
        again = judge(home)
        assert (again.battles, again.judged_before, again.calls) == (5, 5, 0)
        add_battles(home, ["Something new."])
        assert judge(home).calls == 2
    assert len(server.requests) == 12


def test_a_changed_judge_judges_again_and_corrects_its_vote(home):
    battles = add_battles(home, TOPICS)
    with scripted_judge(longer) as server:
        add_judge(home, server)
        judge(home)
    with scripted_judge(lambda asked: "tie") as server:
        add_judge(home, server)
        report = judge(home)
    assert (report.judged_before, report.outcomes) == (0, {Winner.TIE: 5})
    history = home.store.votes.history(battles[0].battle_id)
    assert [(vote.winner, vote.revision) for vote in history] == [(Winner.MODEL_A, 0), (Winner.TIE, 1)]
    assert home.store.verdicts.count(VerdictFilter(judge="strict")) == 5


def test_a_judge_that_is_changed_back_votes_as_before_and_pays_nothing(home):
    battles = add_battles(home, TOPICS)
    with scripted_judge(by_length) as server:
        as_it_was = add_judge(home, server, "score", "single")
        judge(home, "score")
        home.add_judge(replace(as_it_was, options={**as_it_was.options, "tie_width": 9.0}), replace=True)
        judge(home, "score")
        assert votes_of(home, battles[0].battle_id) == {"score": "tie"}
        home.add_judge(as_it_was, replace=True)
        report = judge(home, "score")
    assert (report.judged_before, report.calls, report.outcomes) == (0, 0, {Winner.MODEL_A: 5})
    assert votes_of(home, battles[0].battle_id) == {"score": "model_a"}
    assert judge(home, "score").judged_before == 5


def test_a_changed_judge_without_a_verdict_takes_its_old_vote_back(home):
    battles = add_battles(home, ["Say it <unreadable>"])
    with scripted_judge(bad_days=False) as server:
        add_judge(home, server, structured=False)
        judge(home)
        assert votes_of(home, battles[0].battle_id) == {"strict": "model_a"}
    with scripted_judge() as server:
        add_judge(home, server, structured=False)
        judge(home)
    assert votes_of(home, battles[0].battle_id) == {}


def test_prices_slots_and_attempts_are_no_change_of_a_judge(home):
    add_battles(home, TOPICS)
    with scripted_judge() as server:
        spec = add_judge(home, server)
        judge(home)
        home.add_judge(
            replace(spec, options={**spec.options, "price_in": 1, "price_out": 2, "slots": 3, "attempts": 2}),
            replace=True,
        )
        assert judge(home).judged_before == 5


def test_a_ceiling_leaves_battles_for_another_run_which_pays_for_the_rest_only(home):
    battles = add_battles(home, TOPICS)
    with scripted_judge(usage=(500, 10)) as server:
        add_judge(home, server, max_tokens=20, slots=1)
        report = judge(home, max_tokens=2500)
        assert report.not_asked > 0
        assert "ceiling" in report.ended_early
        assert report.prompt_tokens + report.completion_tokens <= 2500
        assert not report.stopped
        assert report.decided + report.not_asked == 5
        rest = judge(home)
        assert rest.decided == report.not_asked
    assert len(server.requests) == 10, "each order of each battle was paid for once"
    assert all(votes_of(home, battle.battle_id) == {"strict": "model_a"} for battle in battles)


def test_a_ceiling_in_money_needs_prices_and_holds(home):
    add_battles(home, TOPICS)
    with scripted_judge(usage=(1_000_000, 0)) as server:
        add_judge(home, server, slots=1)
        with pytest.raises(InvalidInput, match="needs prices"):
            judge(home, max_cost=1.0)
        add_judge(home, server, slots=1, price_in=0.5, price_out=0)
        report = judge(home, max_cost=2.0)
    assert report.cost <= 2.5
    assert report.not_asked > 0


def test_a_stopped_run_goes_on_without_a_repeated_call(home):
    add_battles(home, [f"Topic {number}" for number in range(40)])
    stop = threading.Event()
    with scripted_judge(after=0.02) as server:
        add_judge(home, server, slots=4)
        first = judge(home, stop=stop, on_progress=lambda p: stop.set() if p.calls > 10 else None)
        assert first.stopped
        assert first.ended_early
        assert 0 < first.decided < 40
        second = judge(home)
    assert (second.judged_before, first.decided + second.decided) == (first.decided, 40)
    assert len(server.requests) == 80


def test_a_dead_server_ends_the_run_with_one_sentence(home):
    add_battles(home, [f"Say it <no_reply> {number}" for number in range(40)])
    with scripted_judge() as server:
        add_judge(home, server, slots=2)
        report = judge(home)
    assert report.decided == 0
    assert report.not_asked > 0
    assert "no reply" in report.ended_early
    assert not report.stopped


def test_equal_answers_are_asked_about_once(home):
    battles = add_battles(home, ["Same?"])
    turn = battles[0].turns[0]
    twin = replace(
        battles[0],
        battle_id=type(battles[0].battle_id)(int=7),
        turns=(replace(turn, answer_a=Answer("wordy", "same"), answer_b=Answer("terse", "same")),),
    )
    home.store.battles.add(twin)
    with scripted_judge(first_shown) as server:
        add_judge(home, server)
        report = judge(home)
    assert len(server.requests) == 3
    assert report.outcomes == {Winner.TIE: 2}


def test_the_criterion_is_part_of_the_question_and_of_the_vote(tmp_path):
    (tmp_path / "workbench.toml").write_text('criteria = ["overall", "safe"]')
    with Workbench.open(tmp_path, seed=0) as bench, scripted_judge() as server:
        battles = add_battles(bench, ["Is it safe?"])
        add_judge(bench, server)
        judge(bench, criterion="safe")
        assert "do harm" in server.requests[0].body["messages"][0]["content"]
        standing = bench.store.votes.standing(battles[0].battle_id)
        assert [(vote.criterion, vote.voter.kind) for vote in standing] == [("safe", VoterKind.JUDGE)]
        with pytest.raises(InvalidInput, match="'tone' is not set up"):
            judge(bench, criterion="tone")


def test_a_judge_cannot_judge_without_the_reference_its_template_needs(home):
    with_reference = Prompt.from_text("2 + 2?", reference="4")
    battles = add_battles(home, [with_reference, "No reference here."])
    with scripted_judge() as server:
        add_judge(home, server, template="pairwise-reference")
        report = judge(home)
    assert (report.outcomes, report.failures) == ({Winner.MODEL_A: 1}, {Failure.NOT_APPLICABLE: 1})
    assert len(server.requests) == 2, "nothing is asked where nothing can be judged"
    assert "reference" in home.store.verdicts.get(battles[1].battle_id, "strict").detail


def test_a_single_judge_scores_each_answer_and_votes_by_the_scores(home):
    battles = add_battles(home, TOPICS)
    with scripted_judge(by_length) as server:
        add_judge(home, server, "score", "single")
        report = judge(home, "score")
    assert (report.outcomes, report.calls) == ({Winner.MODEL_A: 5}, 10)
    verdict = home.store.verdicts.get(battles[0].battle_id, "score")
    assert verdict.detail == "A 5, B 1"
    turn = battles[0].turns[0]
    info = next(info for info in home.store.scores.scorers() if info.scorer == "score")
    scores = home.store.scores.of(
        [turn.answer_a.answer_id, turn.answer_b.answer_id], "score", info.fingerprint
    )
    assert [scores[a.answer_id].value for a in (turn.answer_a, turn.answer_b)] == [5.0, 1.0]


def test_a_single_judge_takes_the_mean_over_the_turns(home):
    battles = add_battles(home, ["Talk with me."], turns=2)
    marks = iter(["9", "3", "4", "6"])
    with scripted_judge(lambda asked: next(marks)) as server:
        add_judge(home, server, "score", "single", slots=1, tie_width=1.0)
        report = judge(home, "score")
    assert report.calls == 4
    verdict = home.store.verdicts.get(battles[0].battle_id, "score")
    assert (verdict.winner, verdict.detail) == (Winner.TIE, "A 6, B 5")
    titles = [exchange.title for exchange in home.transcript(battles[0].battle_id, "score").exchanges]
    assert titles == ["Answer A, turn 1", "Answer A, turn 2", "Answer B, turn 1", "Answer B, turn 2"]


def test_another_tie_width_is_another_judge_but_asks_nothing_new(home):
    add_battles(home, TOPICS)
    with scripted_judge(by_length) as server:
        spec = add_judge(home, server, "score", "single")
        assert judge(home, "score").outcomes == {Winner.MODEL_A: 5}
        home.add_judge(replace(spec, options={**spec.options, "tie_width": 4.0}), replace=True)
        report = judge(home, "score")
    assert (report.outcomes, report.calls, report.cached) == ({Winner.TIE: 5}, 0, 10)
    assert len(server.requests) == 10


def test_a_score_that_could_not_be_had_says_which_answer_it_was_for(home):
    battles = add_battles(home, ["Say it <unreadable>"])
    with scripted_judge(by_length) as server:
        add_judge(home, server, "score", "single", structured=False)
        report = judge(home, "score")
    assert report.failures == {Failure.UNREADABLE: 1}
    assert home.store.verdicts.get(battles[0].battle_id, "score").detail.startswith("answer A: ")
    titles = [exchange.title for exchange in home.transcript(battles[0].battle_id, "score").exchanges]
    assert titles == ["Answer A", "Answer B"]


def test_a_recorded_model_judges_by_its_recorded_replies(home):
    battles = add_battles(home, ["Recorded?", "Not recorded?"])
    home.add_model(ModelSpec("oracle", ModelKind.RECORDED))
    home.add_judge(JudgeSpec("read", JudgeKind.PAIRWISE, {"model": "oracle", "attempts": 1}))
    opened = open_judge(home.judge_spec("read"), home._surroundings())
    assert isinstance(opened, AskingJudge)
    for request, label in zip(opened.requests(battles[0], "overall"), "AB", strict=True):
        code = request.messages[-1].content.split("[[")[1].split(":")[0]
        answer = Answer("oracle", f"So: [[{code}: {label}]]", "recorded")
        home.store.answers.add(Prompt(request.messages), [answer], recorded=True)
    report = judge(home, "read")
    assert (report.outcomes, report.failures) == ({Winner.MODEL_A: 1}, {Failure.NO_REPLY: 1})
    assert votes_of(home, battles[0].battle_id) == {"read": "model_a"}


def test_a_rule_and_a_metric_judge_without_any_call(home):
    battles = add_battles(home, [Prompt.from_text("Say no.", reference="no"), "Without a reference."])
    home.add_judge(JudgeSpec("brief", JudgeKind.RULE, {"max_words": 2}))
    home.add_judge(JudgeSpec("match", JudgeKind.METRIC, {"metric": "f1"}))
    rule, metric = judge(home, "brief"), judge(home, "match")
    assert (rule.outcomes, rule.calls) == ({Winner.MODEL_B: 2}, 0)
    assert (metric.outcomes, metric.failures) == ({Winner.MODEL_B: 1}, {Failure.NOT_APPLICABLE: 1})
    assert votes_of(home, battles[0].battle_id) == {"brief": "model_b", "match": "model_b"}
    assert home.store.verdicts.get(battles[0].battle_id, "match").detail == "f1: A 0, B 1"
    assert judge(home, "brief").judged_before == 2


def test_an_estimate_counts_the_calls_that_would_be_sent(home):
    add_battles(home, TOPICS)
    with scripted_judge(usage=(200, 40)) as server:
        add_judge(home, server, price_in=10, price_out=100)
        before = home.judge_estimate("strict", BattleFilter())
        assert (before.battles, before.judged_before, before.calls, before.cached) == (5, 0, 10, 0)
        assert before.prompt_tokens > 1000
        assert before.cost == pytest.approx(
            (before.prompt_tokens * 10 + before.completion_tokens * 100) / 1e6
        )
        judge(home, battles=BattleFilter(limit=2))
        after = home.judge_estimate("strict", BattleFilter())
    assert (after.judged_before, after.calls) == (2, 6)
    assert after.prompt_tokens == pytest.approx(1200, rel=0.05), "what calls took is learnt from those made"
    assert after.completion_tokens == 240
    assert len(server.requests) == 4, "an estimate asks nothing"


def test_an_estimate_of_many_battles_is_made_from_a_sample(home, monkeypatch):
    monkeypatch.setattr(estimating, "SAMPLE", 5)
    add_battles(home, [f"Topic {number}" for number in range(20)])
    with scripted_judge() as server:
        add_judge(home, server)
        whole = home.judge_estimate("strict", BattleFilter(limit=5))
        sampled = home.judge_estimate("strict", BattleFilter())
    assert (whole.calls, sampled.calls, sampled.battles) == (10, 40, 20)
    assert sampled.prompt_tokens == pytest.approx(4 * whole.prompt_tokens, rel=0.01)


def test_an_estimate_knows_replies_that_are_paid_for(home):
    add_battles(home, TOPICS)
    with scripted_judge(by_length) as server:
        spec = add_judge(home, server, "score", "single")
        judge(home, "score")
        home.add_judge(replace(spec, options={**spec.options, "tie_width": 1.0}), replace=True)
        estimate = home.judge_estimate("score", BattleFilter())
    assert (estimate.judged_before, estimate.calls, estimate.cached) == (0, 0, 10)


def test_a_transcript_shows_everything_sent_and_received(home):
    battles = add_battles(home, TOPICS[:1])
    home.store.votes.cast(Vote(battles[0].battle_id, Winner.TIE, Voter(VoterKind.HUMAN, "anna")))
    with scripted_judge() as server:
        add_judge(home, server, structured=False)
        judge(home)
    found = home.transcript(battles[0].battle_id, "strict")
    assert [exchange.title for exchange in found.exchanges] == ["Side A shown first", "Side B shown first"]
    for exchange, first in zip(found.exchanges, (LONG, "no"), strict=True):
        (call,) = exchange.calls
        sent = call.messages[-1].content
        assert sent.index(first) == min(sent.index(LONG), sent.index("\nno\n") + 1)
        assert call.reply.startswith("One is better.")
        assert call.reading["explanation"] == "One is better."
    assert found.people == {Winner.TIE: 1}
    page = home.verdicts(VerdictFilter(judge="strict"))
    assert page.total == 1
    assert (page.lines[0].model_a, page.lines[0].prompt, page.lines[0].people) == (
        "wordy", TOPICS[0], {Winner.TIE: 1},
    )  # fmt: skip
    with pytest.raises(NotFound, match="has given no verdict"):
        home.transcript(battles[0].battle_id, "lenient")


def test_log_probabilities_make_a_soft_verdict_of_both_orders(home):
    battles = add_battles(home, ["How sure are you?"])

    def compute(seen):
        asked = asked_in(seen)
        said = longer(asked)
        chances = {said: 0.7, "B" if said == "A" else "A": 0.2, "tie": 0.1}
        likely = [{"token": label, "logprob": math.log(chance)} for label, chance in chances.items()]
        tokens = [
            {"token": text, "logprob": 0.0, "top_logprobs": [{"token": text, "logprob": 0.0}]}
            for text in ("[[", asked.code, ": ", said, "]]")
        ]
        tokens[3] |= {"logprob": math.log(0.7), "top_logprobs": likely}
        text = "".join(token["token"] for token in tokens)
        return Reply(body=completion(text, logprobs={"content": tokens}))

    with ScriptedEndpoint(compute=compute) as server:
        add_judge(home, server, structured=False)
        judge(home)
        assert server.requests[0].body["top_logprobs"] == 5
    verdict = home.store.verdicts.get(battles[0].battle_id, "strict")
    assert verdict.winner is Winner.MODEL_A
    assert verdict.probability_a == pytest.approx(0.75)


def test_the_five_levels_tell_a_much_better_answer(home):
    battles = add_battles(home, ["How much better?"])
    with scripted_judge(lambda asked: "A>>B" if longer(asked) == "A" else "B>>A") as server:
        add_judge(home, server, template="pairwise-five-levels", structured=False)
        judge(home)
    verdict = home.store.verdicts.get(battles[0].battle_id, "strict")
    assert (verdict.winner, verdict.strength) == (Winner.MODEL_A, 3)
