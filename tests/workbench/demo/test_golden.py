"""The demo's golden set: true, unseen by any training, and of use when the app is first opened."""

import pytest

from arena.judgments import AnswerFilter
from judges.rules import Rule
from judges.spec import RuleOptions
from workbench.bench import Workbench
from workbench.demo.golden import GOLDEN, demo_golden
from workbench.demo.setup import make_demo
from workbench.demo.voter import RIGHT, rightness
from workbench.demo.world import question_of
from workbench.demo.world.splits import split_of


def test_every_reference_is_right_kind_and_keeps_its_own_prompts_rules():
    manners = next(check.options for check in demo_golden().checks if check.name == "manners")
    for entry in demo_golden().prompts:
        question = question_of(entry.prompt.text)
        for reference in entry.references:
            assert rightness(question, reference) == RIGHT
            assert all(Rule(RuleOptions(**rule)).check(reference).passed for rule in (*entry.rules, manners))


def test_a_right_answer_to_another_prompt_breaks_the_rules_of_this_one():
    prompts = [entry for entry in demo_golden().prompts if question_of(entry.prompt.text).factual]
    broken = 0
    for entry, other in zip(prompts, prompts[2:], strict=False):
        answer = other.references[0]
        broken += not all(Rule(RuleOptions(**rule)).check(answer).passed for rule in entry.rules)
    assert broken > 0.9 * (len(prompts) - 2)


def test_no_training_has_seen_a_prompt_and_the_set_is_always_the_same():
    golden = demo_golden()
    assert {split_of(entry.prompt.text) for entry in golden.prompts} == {"battle"}
    assert len({entry.prompt.category for entry in golden.prompts}) > 20
    assert golden.content_hash == demo_golden().content_hash


def test_a_new_home_has_the_set_and_scores_of_its_recorded_answers(tmp_path):
    with Workbench.open(tmp_path / "home") as bench:
        make_demo(bench)
        assert [golden.name for golden in bench.golden_sets()] == [GOLDEN]
        table = bench.score_table(AnswerFilter())
        assert [column.label for column in table.columns] == [
            "chrf",
            "rouge1",
            "rouge2",
            "rougeL",
            "rougeLsum",
        ]
        assert len(table.models) == 5
        assert all(cell.prompts >= 20 for cell in table.cells)
        make_demo(bench)
        again = bench.score_table(AnswerFilter())
        assert [cell.mean for cell in again.cells] == pytest.approx([cell.mean for cell in table.cells])
