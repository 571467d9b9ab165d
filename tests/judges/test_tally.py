from uuid import uuid4

from arena.judgments import Failure, Verdict
from arena.types import Winner
from judges.call_progress import CallProgress
from judges.reports import JudgeReport
from judges.tally import Tally, together


def verdict(winner=Winner.MODEL_A, failure=None, **known):
    return Verdict(uuid4(), "strict", "f", None if failure else winner, failure=failure, **known)


def test_a_tally_counts_outcomes_and_failures_and_what_is_left():
    tally = Tally(6, None)
    tally.add([verdict(), verdict(Winner.TIE, inconsistent=True), verdict(failure=Failure.REFUSED)])
    tally.add([verdict(failure=Failure.UNREADABLE), verdict(failure=Failure.UNREADABLE)])
    progress = tally.progress()
    assert (progress.done, progress.total) == (5, 6)
    assert list(progress.failures.items()) == [(Failure.UNREADABLE, 2), (Failure.REFUSED, 1)]
    assert progress.rate > 0
    assert progress.seconds_left > 0
    report = tally.report(JudgeReport("strict", "overall", "f", 8, 2), ended_early="The ceiling was reached.")
    assert report.outcomes == {Winner.MODEL_A: 1, Winner.TIE: 1}
    assert (report.decided, report.failed, report.inconsistent, report.not_asked) == (2, 3, 1, 1)


def test_calls_of_a_second_series_are_added_to_those_of_the_first():
    tally = Tally(2, None)
    tally.begin_calls()
    tally.heard(CallProgress(requests=3, prompt_tokens=30, completion_tokens=3, cost=0.5))
    tally.begin_calls()
    tally.heard(CallProgress(requests=1, prompt_tokens=10, completion_tokens=1, in_flight=1))
    tally.heard(CallProgress(requests=2, prompt_tokens=20, completion_tokens=2, cost=0.25))
    assert (tally.calls.requests, tally.calls.prompt_tokens, tally.calls.cost) == (5, 50, 0.75)
    assert tally.progress().tokens == 55


def test_costs_are_unknown_only_where_nobody_knows_one():
    assert together([CallProgress(), CallProgress()]).cost is None
    assert together([CallProgress(cost=1.0), CallProgress()]).cost == 1.0


def test_what_is_shown_as_done_never_goes_back():
    told = []
    tally = Tally(4, told.append)
    tally.show(3)
    tally.add([verdict()])
    tally.tell(last=True)
    assert told[-1].done == 3
    tally.add([verdict(), verdict(), verdict()])
    tally.tell(last=True)
    assert told[-1].done == 4
