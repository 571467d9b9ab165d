"""What the metrics tab shows is what was computed; what could not be computed has its reason."""

import re
from uuid import uuid4

import pytest

from arena.errors import InvalidInput
from arena.golden import Check, CheckKind, GoldenPrompt, GoldenResult, GoldenSet
from arena.judgments import ScorableAnswer, Score, ScoredAnswer, ScoreMean, ScorerInfo
from arena.store.spreads import Spread
from arena.types import Prompt
from judges.metrics import registry
from judges.score_table import build
from workbench.axis import scale
from workbench.spreads import spread
from workbench.tabs.fields import number_box, number_in, whole_in
from workbench.tabs.metric_form import _value
from workbench.views import golden, metrics, scored

EVIL = '<img src=x onerror="1">${x}{{y}}`z`'
ROUGE = ScorerInfo("rougeL", "a" * 32, {"stemmer": "porter", "model": {"layer": 5}})
PERPLEXITY = ScorerInfo("perplexity", "b" * 32, {"per": "token"}, higher_is_better=False)


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def table(*means):
    return build(means, [ROUGE, PERPLEXITY])


def mean(model, value, info=ROUGE, answers=10, reasons=None):
    error = None if value is None else 0.01
    return ScoreMean(model, info.scorer, info.fingerprint, value, error, answers, answers, reasons or {})


def test_each_cell_holds_mean_interval_count_and_what_has_no_number():
    html = metrics.table(
        table(mean("ada", 0.4217, reasons={"blank": 3}), mean("bob", 0.3)), ROUGE.fingerprint
    )
    shown = text(html)
    assert "0.422" in shown and "10 \u22123" in shown
    assert html.count('class="reach"') == 2
    assert "answers without a number, 3 in all" in shown


def test_a_model_without_a_number_by_a_scorer_has_a_dash():
    html = metrics.table(table(mean("ada", 0.4), mean("bob", 12.0, PERPLEXITY)), None)
    assert html.count("cell muted none") == 2
    assert "lower is better" in html


def test_nothing_scored_says_what_to_do():
    assert "Nothing scored yet" in metrics.table(build([], []), None)


def test_several_notes_stand_behind_one_line():
    found = table(
        mean("ada", 0.4),
        mean("bob", 0.3, answers=5),
        mean("ada", 9.0, PERPLEXITY),
        mean("bob", 8.0, PERPLEXITY, 4),
    )
    assert len(found.notes) == 2
    assert "2 columns to read with care" in metrics.table(found, None)


def test_what_a_number_depends_on_is_listed_down_to_its_leaves():
    shown = text(metrics.depends(ROUGE))
    assert "stemmer porter" in shown and "model: layer 5" in shown and "aaaaaaaaaaaa" in shown


def test_reasons_are_counted_over_models_and_listed_by_model():
    cells = table(
        mean("ada", 0.4, reasons={"blank": 3, EVIL: 1}), mean("bob", 0.2, reasons={"blank": 2})
    ).cells
    html = metrics.missing(cells)
    assert html is not None
    assert "Not computable: 6 answers" in html
    assert text(html).index("5 blank") < text(html).index("By model (2)")
    assert "<img" not in html
    assert metrics.missing(table(mean("ada", 0.4)).cells) is None


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.12345, "0.123"), (7.6, "7.600"), (28.91, "28.9"), (1234.5, "1,234"), (None, "\u2013")],
)
def test_a_score_has_the_figures_that_say_something(value, said):
    assert metrics.score(value) == said


def test_the_start_button_says_what_it_would_do_and_references_that_lack_are_named():
    rouge, perplexity = registry.find("rouge"), registry.find("perplexity")
    assert metrics.start_label(600, 2) == "Score 600 answers by 2 metrics"
    assert metrics.start_label(600, 0) == "Choose a metric"
    assert metrics.start_label(0, 2) == "Nothing to score"
    assert "24 of them have no reference, which ROUGE needs." in metrics.coverage(
        600, 576, [rouge, perplexity]
    )
    assert "no reference" not in metrics.coverage(600, 576, [perplexity])
    assert "No stored answer fits" in metrics.coverage(0, 0, [rouge])


def test_distributions_stand_best_mean_first_whichever_way_is_better():
    cells = table(mean("ada", 5.0, PERPLEXITY), mean("bob", 9.0, PERPLEXITY)).cells
    counts = {"ada": (1, 2), "bob": (0, 3)}
    low_first = text(scored.spreads(Spread(0, 10, 2, False, counts), cells))
    assert low_first.index("ada") < low_first.index("bob")
    assert "2 answers beyond the axis" in low_first
    high_first = text(scored.spreads(Spread(0, 10, 0, True, counts), cells))
    assert high_first.index("bob") < high_first.index("ada")


def test_a_spread_is_one_area_as_high_as_its_bins():
    html = spread(scale(0, 1), 0, 1, (0, 4, 2), 0.5, f"{EVIL}: mean")
    path = re.search(r'd="([^"]+)"', html)
    assert path is not None
    heights = [float(y) for y in re.findall(r",([\d.]+)", path[1])]
    assert heights == [100, 100, 100, 0, 0, 50, 50, 100]
    assert "<img" not in html


def test_an_answer_opens_to_prompt_answer_reference_and_all_its_scores():
    answer = ScorableAnswer(uuid4(), EVIL, EVIL, Prompt.from_text(EVIL, reference=EVIL))
    own = Score(answer.answer_id, "rougeL", ROUGE.fingerprint, 0.25, detail={"precision": 0.5})
    other = Score(answer.answer_id, "perplexity", PERPLEXITY.fingerprint, None, "The text is blank.")
    html = scored.answers(
        [ScoredAnswer(answer, own)], {answer.answer_id: [(ROUGE, own), (PERPLEXITY, other)]}, 0
    )
    shown = text(html)
    assert "<img" not in html and "${" not in html
    assert "0.250" in shown and "precision 0.500" in shown and "perplexity none" in shown
    assert 'title="The text is blank."' in html


def result(golden_set, model="ada", change="regression", threshold="met", accepted_at=None, minute=0):
    from datetime import UTC, datetime

    check = {
        "name": "rougeL", "mean": {"value": 0.3, "lower": 0.2, "upper": 0.4, "n": 9}, "at_least": 0.2, "at_most": None,
        "threshold": threshold, "change": change, "sentence": "Worse by 0.1.",
        "gain": {"value": -0.1, "lower": -0.15, "upper": -0.05, "n": 9},
    }  # fmt: skip
    summary = {"checks": [check], "passed": change != "regression", "answered": 9}
    made = datetime(2026, 1, 2, 3, minute, tzinfo=UTC)
    return GoldenResult(
        golden_set.name, golden_set.content_hash, model, summary, (), made, accepted_at and made
    )


@pytest.fixture
def golden_set():
    prompt = GoldenPrompt(Prompt.from_text("Where?"), ("There.",))
    return GoldenSet(EVIL, (prompt,), (Check("rougeL", CheckKind.METRIC, at_least=0.2, tolerance=0.05),))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("regression", "regression"),
        ("same", "no regression"),
        ("cannot_tell", "cannot tell"),
        ("first", "nothing accepted yet"),
    ],
)
def test_a_golden_check_says_in_words_whether_it_has_become_worse(golden_set, change, word):
    checked = golden.latest(golden_set, [result(golden_set, change=change)])
    shown = text(golden.table([(golden_set, checked)], None))
    assert f" {word} " in shown
    assert "at least 0.2" in shown
    assert "<img" not in golden.table([(golden_set, checked)], None)


def test_a_failed_threshold_goes_before_the_comparison(golden_set):
    checked = golden.latest(golden_set, [result(golden_set, change="same", threshold="failed")])
    assert "threshold not met" in golden.table([(golden_set, checked)], None)


def test_the_last_result_and_the_accepted_one_are_found_and_old_contents_left_out(golden_set):
    old = GoldenResult(golden_set.name, "another hash", "ada", {"checks": []})
    results = [result(golden_set, minute=5), result(golden_set, minute=1, accepted_at=True), old]
    (found,) = golden.latest(golden_set, results)
    assert found.last is results[0]
    assert found.accepted is results[1]
    assert "Accept" in golden.table([(golden_set, [found])], None)
    assert golden.latest(golden_set, [old]) == []


def test_no_golden_set_says_what_one_is_for():
    assert "freezes prompts" in golden.table([], None)


def test_a_number_that_may_stay_empty_is_read_from_its_field():
    box = number_box("Battles, at most", "all")
    assert number_in(box, "") is None
    assert number_in(box, None) is None
    assert number_in(box, " 1,234.5 ") == 1234.5
    assert whole_in(box, "1,000") == 1000
    for wrong in ("many", "nan", "inf"):
        with pytest.raises(InvalidInput, match=f"Battles, at most: '{wrong}' is no number"):
            number_in(box, wrong)
    with pytest.raises(InvalidInput, match="no whole number"):
        whole_in(box, "2.5")


@pytest.mark.parametrize(
    ("written", "value"), [("5", 5), ("true", True), ("porter", "porter"), ("/models/x", "/models/x")]
)
def test_an_option_is_json_where_it_is_json(written, value):
    assert _value(written) == value
