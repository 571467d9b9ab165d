"""Results and errors as rows keep them: read back as what they were."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from arena.errors import ImportRejected, ModelFailed, NotFound, StoreFailed, WorkbenchError
from arena.exports import Manifest
from arena.formats import ImportReport, Reject
from arena.jobs import JobProgress, JobRecord, JobState
from arena.judgments import Failure, ScorerInfo
from arena.types import Winner
from judges.attack_texts import ATTACKS
from judges.attacks import AttackReport, AttackResult, Effect
from judges.golden import CheckOutcome
from judges.reports import JudgeReport
from judges.scoring import ScorerReport, ScoringReport
from workbench.golden_report import GoldenReport
from workbench.jobs import JobStoppedError, result_of
from workbench.jobs.failures import FAULT, error_of, failure_of
from workbench.jobs.results import AnswerReport, BattleReport, Fought, RunOutcome, dump_result, load_result
from workbench.jobs.specs import KINDS
from workbench.jobs.view import view_of

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
MEMBER = JudgeReport("one", "overall", "f1", 4, 1, {Winner.TIE: 2}, 1, {Failure.REFUSED: 1}, cost=0.25)
RESULTS = {
    "answer": AnswerReport(10, 2, 3, 4, "no"),
    "battle": BattleReport((Fought(uuid4(), "Why?", True), Fought(uuid4(), None, False)), 3),
    "judge": JudgeReport(
        "jury", "overall", "f", 9, 2, {Winner.MODEL_A: 3}, agreement=0.5, members=(MEMBER, MEMBER)
    ),
    "score": ScoringReport(
        7, (ScorerReport(ScorerInfo("f1", "x", {"k": [1, "a"]}), 5, 2, {"blank": 1}),), True, 1.5, ("Stopped.",)
    ),
    "attack": AttackReport(
        "t", True, True, "won", tuple(AttackResult(attack, Effect.HELD, "d") for attack in ATTACKS[:2])
    ),
    "import": ImportReport(
        path=__import__("pathlib").Path("/x/votes.csv"), what="votes", format="arena", rows_read=3, rows_added=2,
        rejects=(Reject(2, "bad"),), notes=("n",),
    ),
    "export": Manifest(
        "e", "dpo", NOW.isoformat(), "ab", 1, 1, 2, 2, 0.9, {"votes": 2}, {"criterion": "overall"},
        {"m": {"chosen": 1, "rejected": 0}}, {"human": 2}, {"en": 1}, {"prompt": "string"}, {"python": "3"},
    ),
    "train": RunOutcome("r", "finished", None, {"held_out": {"accuracy": 0.7}}),
}  # fmt: skip


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_is_read_back_as_what_it_was(kind):
    plain = json.loads(json.dumps(dump_result(kind, RESULTS[kind])))
    assert load_result(kind, plain) == RESULTS[kind]


def test_every_kind_has_a_type_of_result():
    assert set(RESULTS) | {"golden"} == set(KINDS)
    fields = GoldenReport.__dataclass_fields__
    assert "outcomes" in fields and CheckOutcome.__dataclass_fields__


def record(state, result=None, error=None, kind=None, detail=None):
    return JobRecord(
        "answer-1",
        "answer",
        "x",
        {},
        state,
        JobProgress(),
        (),
        result,
        error,
        None,
        1,
        NOW,
        NOW,
        NOW,
        kind,
        detail,
    )


@pytest.mark.parametrize(
    "error", [NotFound("gone"), StoreFailed("full"), ModelFailed("dead"), JobStoppedError("stopped")]
)
def test_an_error_is_raised_again_as_what_it_was(error):
    sentence, kind, detail = failure_of(error)
    with pytest.raises(type(error), match=str(error)) as raised:
        result_of(view_of(record(JobState.FAILED, None, sentence, kind, detail)))
    assert raised.value.exit_code == error.exit_code


def test_refused_rows_come_back_with_their_error():
    error = ImportRejected("two rows", ((3, "no winner"), (9, "no voter")))
    sentence, kind, detail = failure_of(error)
    again = error_of(sentence, kind, json.loads(json.dumps(detail)))
    assert isinstance(again, ImportRejected)
    assert again.rejects == error.rejects


def test_a_fault_of_ours_is_an_error_with_exit_code_one():
    sentence, kind, _ = failure_of(KeyError("x"))
    assert kind == FAULT and "KeyError" in sentence
    assert type(error_of(sentence, kind)) is WorkbenchError


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (JobState.RUNNING, "still at work"),
        (JobState.INTERRUPTED, "jobs resume answer-1"),
        (JobState.STOPPED, "without a result"),
    ],
)
def test_a_job_without_a_result_says_why(state, said):
    with pytest.raises(JobStoppedError, match=said):
        result_of(view_of(record(state)))


def test_a_job_that_left_something_undone_can_go_on():
    left = dump_result("answer", AnswerReport(1, 0, not_asked=2))
    assert view_of(record(JobState.DONE, left)).resumable
    assert not view_of(record(JobState.DONE, dump_result("answer", AnswerReport(1, 0)))).resumable
    assert view_of(record(JobState.FAILED, None, "x")).resumable
    assert not view_of(record(JobState.RUNNING)).resumable
