"""Judges set up, refused, changed and removed; their templates."""

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from arena.judgments import JudgeKind, JudgeSpec
from arena.types import ModelKind, ModelSpec
from tests.support.scripted_judge import scripted_judge
from tests.workbench.judged_home import TOPICS, add_battles, add_judge, judge, votes_of
from workbench.bench import Workbench


@pytest.mark.parametrize(
    ("spec", "error", "said"),
    [
        (JudgeSpec("x", JudgeKind.PAIRWISE, {"model": "nobody"}), NotFound, "no model called 'nobody'"),
        (JudgeSpec("x", JudgeKind.PAIRWISE, {}), InvalidInput, "needs the option 'model'"),
        (JudgeSpec("x", JudgeKind.PAIRWISE, {"model": "m", "temp": 1}), InvalidInput, "no option 'temp'"),
        (
            JudgeSpec("x", JudgeKind.PAIRWISE, {"model": "m", "template": "mine"}),
            NotFound,
            "no template 'mine'",
        ),
        (
            JudgeSpec("x", JudgeKind.PAIRWISE, {"model": "m", "template": "single"}),
            InvalidInput,
            "for single judges",
        ),
        (JudgeSpec("x", JudgeKind.SINGLE, {"model": "m", "tie_width": -1}), InvalidInput, "tie_width is -1"),
        (JudgeSpec("x", JudgeKind.JURY, {"members": ["y"]}), InvalidInput, "at least two different judges"),
        (JudgeSpec("x", JudgeKind.JURY, {"members": ["y", "z"]}), NotFound, "no judge called 'y'"),
        (JudgeSpec("x", JudgeKind.METRIC, {"metric": "rouge"}), InvalidInput, "choose one of rouge1, rouge2"),
        (JudgeSpec("x", JudgeKind.METRIC, {"metric": "bluh"}), NotFound, "no metric 'bluh'"),
        (JudgeSpec("x", JudgeKind.RULE, {}), InvalidInput, "needs something to check"),
        (JudgeSpec("x", JudgeKind.RULE, {"pattern": "("}), InvalidInput, "not a regular expression"),
        (JudgeSpec(" ", JudgeKind.RULE, {"max_words": 3}), InvalidInput, "needs a name"),
    ],
)
def test_a_judge_that_could_not_judge_is_refused_when_it_is_added(home, spec, error, said):
    home.add_model(ModelSpec("m", ModelKind.RECORDED))
    with pytest.raises(error, match=said):
        home.add_judge(spec)
    assert home.list_judges() == []


def test_a_copied_template_can_be_changed_and_makes_another_judge(home):
    add_battles(home, TOPICS)
    with scripted_judge() as server:
        add_judge(home, server)
        judge(home)
        before = home.judge_fingerprint("strict")
        path = home.copy_template("pairwise")
        assert path == home.home / "templates" / "pairwise.txt"
        assert home.judge_fingerprint("strict") == before, "a copy is the same template"
        with pytest.raises(Conflict, match="a template at"):
            home.copy_template("pairwise")
        path.write_text(path.read_text("utf-8").replace("Check facts", "Check all facts"), "utf-8")
        assert home.judge_fingerprint("strict") != before
        assert judge(home).calls == 10
        assert "Check all facts" in server.requests[-1].body["messages"][0]["content"]
    own = [template.name for template in home.templates() if not template.builtin]
    assert own == ["pairwise"]


def test_judges_of_the_settings_are_there_when_the_home_opens(tmp_path):
    (tmp_path / "workbench.toml").write_text(
        '[[judges]]\nname = "brief"\nkind = "rule"\noptions = {max_words = 2}\n'
    )
    with Workbench.open(tmp_path) as bench:
        assert bench.list_judges() == [JudgeSpec("brief", JudgeKind.RULE, {"max_words": 2})]


def test_a_removed_judge_keeps_its_votes(home):
    battles = add_battles(home, TOPICS)
    home.add_judge(JudgeSpec("brief", JudgeKind.RULE, {"max_words": 2}))
    judge(home, "brief")
    home.remove_judge("brief")
    assert home.list_judges() == []
    assert votes_of(home, battles[0].battle_id) == {"brief": "model_b"}
    with pytest.raises(NotFound, match="none is set up"):
        judge(home, "brief")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('kind = "rule"\noptions = {words = 2}', "no option 'words'"),
        ('kind = "pairwise"', "needs the option 'model'"),
        ('kind = "oracle"', "judges.0.kind"),
    ],
)
def test_an_impossible_judge_in_the_settings_is_refused_with_its_place(tmp_path, entry, said):
    (tmp_path / "workbench.toml").write_text(f'[[judges]]\nname = "x"\n{entry}\n')
    with pytest.raises(InvalidInput, match=said):
        Workbench.open(tmp_path)
