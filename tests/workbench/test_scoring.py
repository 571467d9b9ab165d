"""Scoring and golden sets by the verbs, on a home of recorded models."""

import asyncio
import threading
from dataclasses import replace

import pytest

from arena.errors import Conflict, InvalidInput, ModelFailed, NotFound
from arena.judgments import AnswerFilter
from arena.types import Answer, ModelKind, ModelSpec, Prompt
from tests.support.scripted_model import ScriptedModel
from workbench.bench import Workbench
from workbench.jobs import JobState
from workbench.jobs.specs import GoldenJob, ScoreJob
from workbench.verbs.golden_answers import CheckStoppedError

ALL = AnswerFilter()
TOPICS = 8


@pytest.fixture
def bench(tmp_path):
    """Two recorded models on eight prompts with references: `owl` is right on all, `crow` on every second."""
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        prompts = [Prompt.from_text(f"What is {n} plus {n}?", reference=str(2 * n)) for n in range(TOPICS)]
        bench.store.prompts.add("sums", prompts)
        for name in ("owl", "crow"):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        for n, prompt in enumerate(prompts):
            answers = [Answer("owl", str(2 * n), "recorded"), Answer("crow", str(2 * n + n % 2), "recorded")]
            bench.store.answers.add(prompt, answers, recorded=True)
        yield bench


def score(bench, metrics, answers=ALL, **more):
    return asyncio.run(bench.score(metrics, answers, **more))


def check(bench, model, **more):
    return asyncio.run(bench.check_golden("sums", model, **more))


@pytest.fixture
def golden(bench):
    return bench.add_golden("sums", prompt_set="sums", checks=["exact_match>=0.9", "chrf"])


def test_scores_come_back_as_a_table_and_page_by_page(bench):
    report = score(bench, ["exact_match", "f1"])
    assert [(r.info.scorer, r.scored) for r in report.scorers] == [("exact_match", 16), ("f1", 16)]
    table = bench.score_table(ALL)
    column = table.columns[0].info
    assert table.cell("owl", column.fingerprint).mean == 1.0
    crow = table.cell("crow", column.fingerprint)
    assert (crow.mean, crow.prompts) == (0.5, 8)
    assert 0 < crow.lower < 0.5 < crow.upper < 1
    page = bench.score_page(ALL, column.scorer, column.fingerprint, limit=5)
    assert page.total == 16
    assert [row.score.value for row in page.rows] == [0, 0, 0, 0, 1]
    assert page.rows[0].answer.model == "crow"


def test_only_what_is_asked_for_is_scored(bench):
    score(bench, ["f1"], AnswerFilter(models=("owl",)))
    assert bench.score_table(ALL).models == ("owl",)
    assert bench.score_coverage(AnswerFilter(models=("crow",)))[0].with_reference == 8
    assert bench.prompts_without_reference(ALL) == []


def test_a_scorer_named_twice_works_once(bench):
    assert [scorer.name for scorer in bench.make_scorers(["rougeL", "rouge"])] == [
        "rougeL",
        "rouge1",
        "rouge2",
        "rougeLsum",
    ]


@pytest.mark.parametrize(
    ("metrics", "answers", "options", "error", "sentence"),
    [
        ([], ALL, {}, InvalidInput, "Name a metric: rouge"),
        (["rogue"], ALL, {}, NotFound, "no metric 'rogue'"),
        (["f1"], AnswerFilter(models=("eagle",)), {}, NotFound, "no model called 'eagle'"),
        (["f1"], AnswerFilter(prompt_sets=("no",)), {}, NotFound, "no prompt set 'no'"),
        (["f1"], AnswerFilter(category="no"), {}, InvalidInput, "no stored answer to score"),
        (["f1"], ALL, {"rouge": {"stemmer": "none"}}, InvalidInput, "not among the metrics"),
        (["f1"], ALL, {"f1": {"stemmer": "none"}}, InvalidInput, "no option 'stemmer'"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(bench, metrics, answers, options, error, sentence):
    with pytest.raises(error, match=sentence):
        score(bench, metrics, answers, options=options)


def test_options_come_from_the_settings_and_from_the_caller_first(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "encoder").mkdir()
    (home / "workbench.toml").write_text(
        '[metrics.rouge]\nstemmer = "none"\n[metrics.bertscore]\nmodel = "encoder"\n', "utf-8"
    )
    with Workbench.open(home) as bench:
        assert bench.metric_options("rougeL") == {"stemmer": "none"}
        assert bench.metric_options("rouge", {"stemmer": "porter"}) == {"stemmer": "porter"}
        assert bench.metric_options("bertscore") == {"model": str(home / "encoder")}
        assert bench.make_scorers(["rougeL"])[0].info.depends["stemmer"] == "none"


def test_a_metrics_model_may_be_a_registered_one(bench, tiny_model_dir):
    bench.add_model(ModelSpec("tiny", ModelKind.LOCAL, {"path": str(tiny_model_dir), "four_bit": False}))
    options = bench.metric_options("perplexity", {"model": "tiny"})
    assert options == {"model": str(tiny_model_dir), "four_bit": False}
    assert bench.metric_options("embedding", {"model": "tiny"}) == {"model": str(tiny_model_dir)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[metrics.rogue]\n", "there is no metric rogue"),
        ("[metrics.rouge]\nstem = true\n", "rouge has no option stem"),
    ],
)
def test_settings_of_unknown_metrics_and_options_are_refused(tmp_path, text, sentence):
    (tmp_path / "workbench.toml").write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match=sentence):
        Workbench.open(tmp_path)


def test_a_scoring_job_reports_and_ends_with_its_report(bench):
    job = bench.start_job(ScoreJob(metrics=("f1",), answers=ALL))
    assert job.wait(30)
    view = job.view()
    assert view.state is JobState.DONE, view.error
    assert job.result().scorers[0].scored == 16
    assert (view.progress.done, view.progress.total) == (16, 16)


def test_a_stopped_scoring_keeps_its_numbers(bench):
    stop = threading.Event()
    stop.set()
    report = score(bench, ["f1"], stop=stop)
    assert (report.stopped, report.scorers[0].scored) == (True, 0)


def test_a_model_passes_or_fails_a_golden_set(bench, golden):
    good, bad = check(bench, "owl"), check(bench, "crow")
    assert (good.passed, good.compared_with) == (True, None)
    assert (bad.passed, bad.outcomes[0].mean.value) == (False, 0.5)
    assert bad.sentence == "crow fails sums: exact_match: The mean 0.5 is below 0.9."
    assert [r.model for r in bench.golden_results("sums")] == ["crow", "owl"]


def test_a_worse_model_regresses_against_the_accepted_result_of_its_parent(bench, golden):
    bench.remove_golden("sums")
    bench.add_golden("sums", prompt_set="sums", checks=["chrf"])
    bench.add_model(ModelSpec("crow", ModelKind.RECORDED, parent="owl"), replace=True)
    assert check(bench, "owl", accept=True).accepted
    report = check(bench, "crow")
    (outcome,) = report.outcomes
    assert report.compared_model == "owl"
    assert (report.passed, outcome.change, outcome.gain.n) == (False, "regression", 8)
    rows = bench.golden_rows(report.result_id)
    assert [row.values["chrf"][2] for row in rows] == [100.0] * 8
    assert rows[1].answer == "3"
    assert rows[1].values["chrf"][0] < 100
    accepted = bench.accept_golden("sums", "crow")
    assert accepted.result_id == report.result_id
    again = check(bench, "crow")
    assert (again.passed, again.compared_model, again.outcomes[0].change) == (True, "crow", "same")
    assert check(bench, "crow", against="owl").passed is False


def test_accepting_sets_a_new_standard_but_no_new_threshold(bench, golden):
    report = check(bench, "crow", accept=True)
    assert (report.accepted, report.passed) == (True, False)
    assert "exact_match" in report.sentence


def test_nothing_to_accept_or_to_compare_with_is_said(bench, golden):
    with pytest.raises(NotFound, match="no result of 'owl' on 'sums' to accept"):
        bench.accept_golden("sums", "owl")
    with pytest.raises(NotFound, match="no accepted result of 'crow'"):
        check(bench, "owl", against="crow")


def test_a_missing_answer_fails_the_check_and_no_answer_at_all_is_the_models_fault(bench, golden):
    bench.add_model(ModelSpec("wren", ModelKind.RECORDED))
    with pytest.raises(ModelFailed, match="wren has no recorded answer"):
        check(bench, "wren")
    first = bench.prompts_of(["sums"])[0]
    bench.store.answers.add(first, [Answer("wren", "0", "recorded")], recorded=True)
    report = check(bench, "wren")
    assert (report.answered, report.passed) == (1, False)
    assert report.outcomes[0].sentence.startswith("7 prompts have no number")


def live(bench, monkeypatch, name="parrot", **options):
    """A live model that says what its script says, opened in place of weights."""
    model = ScriptedModel(name, **options)
    bench.store.models.add(
        ModelSpec(name, ModelKind.LOCAL, {"path": str(bench.home), "temperature": 1.5}), replace=True
    )
    monkeypatch.setattr(bench.pool, "open", lambda spec: model)
    return model


def test_a_live_model_is_asked_greedily_and_only_for_what_is_missing(bench, golden, monkeypatch):
    model = live(bench, monkeypatch, pieces=("4",))
    assert check(bench, "parrot").answered == 8
    assert len(model.asked) == 8
    assert {(s.temperature, s.top_p, s.seed) for s in model.sampled} == {(0.0, 1.0, 0)}
    check(bench, "parrot")
    assert len(model.asked) == 8
    check(bench, "parrot", fresh=True)
    assert len(model.asked) == 16


def test_a_stopped_check_keeps_its_answers_and_the_next_one_goes_on(bench, golden, monkeypatch):
    model = live(bench, monkeypatch, pieces=("4",))
    stop = threading.Event()

    def stop_at_three(progress):
        if progress.done == 3:
            stop.set()

    with pytest.raises(CheckStoppedError, match="Stopped with 3 of 8 answers"):
        check(bench, "parrot", concurrency=1, stop=stop, on_progress=stop_at_three)
    assert bench.golden_results("sums") == []
    assert check(bench, "parrot").answered == 8
    assert len(model.asked) == 8


def test_a_stopped_golden_job_has_no_result_and_says_what_is_kept(bench, golden, monkeypatch):
    model = live(bench, monkeypatch, pieces=("4",), pause=0.2)
    job = bench.start_job(GoldenJob(golden="sums", model="parrot"))
    job.stop()
    assert job.wait(30)
    view = job.view()
    assert (view.state, view.result) == (JobState.STOPPED, None)
    assert "which are kept" in view.lines[-1] or len(model.asked) == 8


def test_golden_answers_are_not_taken_for_recorded_ones_or_scored_with_the_rest(bench, golden, monkeypatch):
    live(bench, monkeypatch, pieces=("4",))
    check(bench, "parrot")
    assert bench.store.answers.prompts_answered_by("parrot") == set()
    assert [c.model for c in bench.score_coverage(ALL)] == ["crow", "owl"]


def test_failed_answers_are_asked_again(bench, golden, monkeypatch):
    live(bench, monkeypatch, pieces=(), failure="The server is down.")
    with pytest.raises(ModelFailed, match="server is down"):
        check(bench, "parrot")
    model = live(bench, monkeypatch, pieces=("4",))
    assert check(bench, "parrot").answered == 8
    assert len(model.asked) == 8


def test_rules_look_at_prompts_with_rules_and_references_at_those_with_references(bench, tmp_path):
    file = tmp_path / "g.toml"
    file.write_text(
        '[[checks]]\nmetric = "exact_match"\n[[checks]]\nrule = "short"\noptions = { max_words = 1 }\nat_least = 1\n'
        '[[prompts]]\nprompt = "What is 1 plus 1?"\nreference = "2"\n'
        '[[prompts]]\nprompt = "What is 3 plus 3?"\nrules = [{ pattern = "^7$" }]\n',
        "utf-8",
    )
    bench.add_golden("sums", file=file)
    report = check(bench, "crow")
    assert [(o.name, o.mean.value, o.mean.n) for o in report.outcomes] == [
        ("exact_match", 0.0, 1),
        ("short", 1.0, 2),
        ("rules", 1.0, 1),
    ]


def test_a_broken_rule_says_what_it_is(bench, tmp_path):
    file = tmp_path / "g.toml"
    file.write_text(
        '[[checks]]\nrule = "long"\noptions = { min_words = 2 }\n'
        '[[prompts]]\nprompt = "What is 3 plus 3?"\nrules = [{ pattern = "^6$" }]\n',
        "utf-8",
    )
    bench.add_golden("sums", file=file)
    (row,) = bench.golden_rows(check(bench, "crow").result_id)
    assert row.values["long"][:2] == (0.0, "it has 1 words, fewer than 2")
    assert row.values["rules"][:2] == (0.0, "the pattern '^6$' is not found")
    (row,) = bench.golden_rows(check(bench, "owl").result_id)
    assert row.values["rules"][:2] == (1.0, None)


def test_a_check_with_nothing_to_check_is_refused(bench, tmp_path):
    file = tmp_path / "g.toml"
    file.write_text('[[prompts]]\nprompt = "What is 1 plus 1?"\n', "utf-8")
    bench.add_golden("sums", file=file, checks=["f1"])
    with pytest.raises(InvalidInput, match="no prompt of the set has a reference"):
        check(bench, "crow")


def test_a_golden_set_is_frozen(bench, golden):
    bench.store.prompts.add("sums", [Prompt.from_text("One more?", reference="yes")])
    assert len(bench.golden_set("sums").prompts) == TOPICS
    with pytest.raises(Conflict, match="frozen"):
        bench.add_golden("sums", prompt_set="sums", checks=["chrf"])
    replaced = bench.add_golden("sums", prompt_set="sums", checks=["chrf"], replace=True)
    assert len(replaced.prompts) == TOPICS + 1


def test_a_replaced_set_is_not_compared_with_the_old_results(bench, golden):
    accepted = check(bench, "owl", accept=True)
    bench.add_golden("sums", prompt_set="sums", checks=["chrf"], replace=True)
    report = check(bench, "owl")
    assert report.compared_with is None
    with pytest.raises(NotFound, match="was replaced since"):
        bench.golden_rows(accepted.result_id)


@pytest.mark.parametrize(
    ("more", "error", "sentence"),
    [
        ({}, InvalidInput, "of a file or of a prompt set"),
        ({"prompt_set": "no", "checks": ["f1"]}, NotFound, "no prompt set 'no'"),
        ({"prompt_set": "sums", "checks": ["judge:nobody>=5"]}, NotFound, "nobody"),
        ({"prompt_set": "sums", "checks": ["bertscore>=0.5"]}, InvalidInput, "model"),
    ],
)
def test_a_golden_set_that_cannot_be_checked_here_is_refused(bench, more, error, sentence):
    with pytest.raises(error, match=sentence):
        bench.add_golden("new", **more)


def test_a_golden_job_ends_with_its_report(bench, golden):
    job = bench.start_job(GoldenJob(golden="sums", model="owl", accept=True))
    assert job.wait(30)
    view = job.view()
    assert view.state is JobState.DONE, view.error
    assert job.result().passed
    assert replace(view.progress, note="").total == 10
