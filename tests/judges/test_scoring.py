import threading
from dataclasses import dataclass, field

import pytest

from arena.judgments import AnswerFilter, ScorerInfo
from arena.statistics import student
from arena.store import Store
from arena.types import Answer, ModelKind, ModelSpec, Prompt
from judges import scoring
from judges.metrics import registry
from judges.metrics.base import Item, Result, scorer_info
from judges.score_table import bounds_of, build, interval
from judges.scoring import results_of, score_answers

ALL = AnswerFilter()


@dataclass
class Words:
    """Counts words; a real scorer, with a record of what it was given."""

    unit: str = "word"
    name: str = "words"
    needs_reference: bool = False
    seen: list[list[str]] = field(default_factory=list)

    @property
    def info(self) -> ScorerInfo:
        return scorer_info(self.name, {"unit": self.unit})

    def score(self, items):
        self.seen.append([item.text for item in items])
        return [
            Result(float(len(item.text.split())))
            if item.text.strip()
            else Result.missing("The text is blank.")
            for item in items
        ]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "w.duckdb") as store:
        for name in ("ada", "bob"):
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        for n in range(40):
            prompt = Prompt.from_text(f"Question {n}?", reference=f"yes {n}" if n % 2 else None)
            answers = [Answer("ada", f"yes {n}", "recorded"), Answer("bob", "no " * (n + 1), "recorded")]
            store.answers.add(prompt, answers, recorded=True)
        yield store


def test_every_answer_is_scored_once_and_kept(store):
    scorer = Words()
    report = score_answers(store, ALL, [scorer])
    assert (report.answers, report.stopped) == (80, False)
    assert (report.scorers[0].scored, report.scorers[0].kept, report.scorers[0].reasons) == (80, 0, {})
    assert sum(map(len, scorer.seen)) == 80
    again = Words()
    report = score_answers(store, ALL, [again])
    assert (report.scorers[0].scored, report.scorers[0].kept, again.seen) == (0, 80, [])
    means = {mean.model: mean.mean for mean in store.scores.means(ALL)}
    assert means == {"ada": 2.0, "bob": 20.5}


def test_a_scorer_that_depends_on_something_else_scores_anew(store):
    score_answers(store, ALL, [Words()])
    other = Words(unit="syllable")
    score_answers(store, ALL, [other])
    assert sum(map(len, other.seen)) == 80


def test_answers_without_a_reference_have_a_reason_and_are_no_zero(store):
    (scorer,) = registry.make("exact_match")
    report = score_answers(store, ALL, [scorer]).scorers[0]
    assert (report.scored, sum(report.reasons.values())) == (40, 40)
    ada, bob = store.scores.means(ALL)
    assert (ada.mean, ada.answers, sum(ada.reasons.values())) == (1.0, 20, 20)
    assert bob.mean == 0.0


def test_a_reference_that_comes_later_gives_the_missing_numbers(store):
    (scorer,) = registry.make("exact_match")
    score_answers(store, ALL, [scorer])
    store.prompts.add("told", [Prompt.from_text(f"Question {n}?", reference=f"yes {n}") for n in range(40)])
    report = score_answers(store, ALL, [scorer]).scorers[0]
    assert (report.scored, report.kept, report.reasons) == (40, 40, {})


def test_a_stop_keeps_what_was_scored_and_the_next_run_goes_on(store, monkeypatch):
    monkeypatch.setattr(scoring, "FIRST_PORTION", 16)
    monkeypatch.setattr(scoring, "LARGEST_PORTION", 16)
    stop = threading.Event()
    told = []

    def on_progress(progress):
        told.append((progress.scorer, progress.done, progress.total))
        if progress.done >= 32:
            stop.set()

    report = score_answers(store, ALL, [Words()], stop=stop, on_progress=on_progress)
    assert (report.stopped, report.scorers[0].scored) == (True, 32)
    assert told == [("words", 16, 80), ("words", 32, 80)]
    rest = Words()
    report = score_answers(store, ALL, [rest])
    assert (report.stopped, report.scorers[0].scored, report.scorers[0].kept) == (False, 48, 32)


def test_a_number_that_is_not_finite_is_none_with_the_reason(store):
    class Endless(Words):
        def score(self, items):
            return [Result(float("inf")) for _ in items]

    assert results_of(Endless(), [Item("x")])[0].reason == "The number is not finite (inf)."
    assert score_answers(store, ALL, [Endless()]).scorers[0].scored == 0


def test_a_scorer_that_loses_a_text_is_a_fault_of_ours():
    class Lossy(Words):
        def score(self, items):
            return []

    with pytest.raises(RuntimeError, match="0 results for 1 texts"):
        results_of(Lossy(), [Item("x")])


def test_the_table_shows_each_model_by_each_scorer_with_its_interval(store):
    score_answers(store, ALL, [Words(), *registry.make("exact_match")])
    table = build(store.scores.means(ALL), store.scores.scorers())
    assert table.models == ("ada", "bob")
    assert [column.label for column in table.columns] == ["exact_match", "words"]
    words = Words().info.fingerprint
    bob = table.cell("bob", words)
    error = store.scores.means(AnswerFilter(models=("bob",)))[1].standard_error
    assert bob.upper - bob.mean == pytest.approx(student(39) * error)
    assert table.cell("zoe", words) is None
    assert table.notes == ()


def test_namesakes_are_told_apart_by_what_they_depend_on(store):
    score_answers(store, ALL, [Words(), Words(unit="syllable")])
    table = build(store.scores.means(ALL), store.scores.scorers())
    assert sorted(column.label for column in table.columns) == ["words (unit syllable)", "words (unit word)"]


def test_the_table_says_when_models_were_scored_on_different_prompts(store):
    store.answers.add(Prompt.from_text("Only ada?"), [Answer("ada", "yes", "recorded")], recorded=True)
    score_answers(store, ALL, [Words()])
    table = build(store.scores.means(ALL), store.scores.scorers())
    assert table.notes == (
        "words: the models have numbers on 40 to 41 prompts; compare them on the prompts they share.",
    )
    shared = build(store.scores.means(ALL, shared_prompts=True), store.scores.scorers(), shared_prompts=True)
    assert shared.notes == ()
    assert {cell.prompts for cell in shared.cells} == {40}


def test_intervals_of_bounded_numbers_stay_within_their_bounds():
    assert bounds_of("rougeL") == (0.0, 1.0)
    assert bounds_of("a judge") is None
    lower, upper = interval(99.0, 2.0, 10, (0.0, 100.0))
    assert 80 < lower < 99 < upper <= 100
    lower, upper = interval(1.0, 0.0, 20, (0.0, 1.0))
    assert 0.8 < lower < 1.0 and upper == pytest.approx(1.0)
    assert interval(0.5, 0.1, 1, None) == (None, None)
