"""A reward model as a judge: real weights, in the home, that know nothing."""

import math
import shutil

import pytest

from arena.errors import InvalidInput, ModelFailed
from arena.judgments import Failure, JudgeKind, JudgeSpec
from arena.types import Message, Prompt, Winner
from judges.classifier import SequenceScorer
from tests.workbench.judged_home import TOPICS, add_battles, judge


@pytest.fixture(scope="module")
def reward_model(tiny_model_dir, tmp_path_factory):
    """A reward model of random weights on the tiny model's vocabulary."""
    import torch
    from transformers import LlamaConfig, LlamaForSequenceClassification

    folder = tmp_path_factory.mktemp("reward") / "reward-model"
    config = LlamaConfig.from_pretrained(tiny_model_dir, num_labels=1)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        LlamaForSequenceClassification(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        if (tiny_model_dir / name).is_file():
            shutil.copy(tiny_model_dir / name, folder)
    return folder


def test_a_reward_model_votes_by_the_difference_of_its_rewards(home, reward_model):
    battles = add_battles(home, TOPICS)
    home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": str(reward_model)}))
    report = judge(home, "reward")
    assert (report.decided, report.failed, report.calls) == (5, 0, 0)
    scorer = SequenceScorer(str(reward_model))
    for battle in battles:
        a, b = (scorer.score_conversations([battle.conversation(side)])[0].value for side in ("a", "b"))
        verdict = home.store.verdicts.get(battle.battle_id, "reward")
        assert verdict.winner is (Winner.MODEL_A if a > b else Winner.MODEL_B)
        assert verdict.probability_a == pytest.approx(1 / (1 + math.exp(b - a)), abs=1e-4)
        turn = battle.turns[0]
        kept = home.store.scores.of([turn.answer_a.answer_id], "classifier", scorer.info.fingerprint)
        assert kept[turn.answer_a.answer_id].value == pytest.approx(a, abs=1e-4)


def test_a_longer_conversation_is_rewarded_as_a_whole(home, reward_model):
    system = Prompt((Message("system", "Be brief."), Message("user", "Hello?")))
    battles = [*add_battles(home, ["Talk with me."], turns=2), *add_battles(home, [system])]
    home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": str(reward_model)}))
    assert judge(home, "reward").decided == 2
    scorer = SequenceScorer(str(reward_model))
    for battle in battles:
        a, b = (scorer.score_conversations([battle.conversation(side)])[0].value for side in ("a", "b"))
        detail = home.store.verdicts.get(battle.battle_id, "reward").detail
        assert detail == f"reward: A {a:.4g}, B {b:.4g}"
    assert home.store.scores.scorers() == []


def test_rewards_within_the_tie_width_are_a_tie(home, reward_model):
    add_battles(home, TOPICS)
    home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": str(reward_model), "tie_width": 1e6}))
    assert judge(home, "reward").outcomes == {Winner.TIE: 5}


def test_what_the_model_cannot_score_is_no_verdict(home, reward_model):
    add_battles(home, ["word " * 300])
    home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": str(reward_model)}))
    assert judge(home, "reward").failures == {Failure.NOT_APPLICABLE: 1}


def test_a_model_inside_the_home_is_named_relative_to_it(home, reward_model):
    inside = home.home / "models" / "reward-model"
    shutil.copytree(reward_model, inside)
    spec = home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": str(inside)}))
    assert spec.options == {"path": "models/reward-model"}
    add_battles(home, TOPICS)
    assert judge(home, "reward").decided == 5
    away = home.add_judge(JudgeSpec("away", JudgeKind.REWARD, {"path": str(reward_model)}))
    assert away.options == {"path": str(reward_model)}
    assert home.judge_fingerprint("away") == home.judge_fingerprint("reward"), "the same weights elsewhere"


def test_a_folder_relative_to_where_one_stands_is_kept_absolute(home, reward_model, monkeypatch):
    monkeypatch.chdir(reward_model.parent)
    spec = home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": reward_model.name}))
    assert spec.options == {"path": str(reward_model)}


def test_a_folder_without_a_model_and_a_run_that_is_none_are_refused(home, tmp_path):
    with pytest.raises(ModelFailed, match="no folder"):
        home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": str(tmp_path / "nowhere")}))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "state.json").write_text('{"state": "running"}')
    with pytest.raises(InvalidInput, match="makes no reward model"):
        home.add_judge(JudgeSpec("reward", JudgeKind.REWARD, {"path": str(tmp_path / "run")}))
