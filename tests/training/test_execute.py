"""Whole runs on a real tiny model, in this process; starting others is tested in test_process.py."""

import json
import shutil

import pytest

from arena.types import Message
from tests.training.conftest import rows, write_rows
from training import runs
from training.execute import execute
from training.state import STOP, RunState

pytestmark = pytest.mark.slow


@pytest.fixture
def carried_out(home, settings):
    """A function that makes a run and carries it out here."""

    def carried_out(name, method, **changes):
        run = runs.create_run(home / "runs", settings(name, method, **changes))
        run.exit_code = execute(run.folder)
        return run

    return carried_out


def weights(run):
    from safetensors.torch import load_file

    return load_file(run.adapter_path / "adapter_model.safetensors")


def assert_learned(run):
    assert run.state is RunState.FINISHED, run.message
    held_out, before = run.result["held_out"], run.result["held_out_before"]
    assert held_out["accuracy_lower"] > 0.5
    assert held_out["margin_lower"] > before["margin_upper"]
    assert held_out["loss"] < before["loss"]


def assert_curves_tell_it(run):
    lines = run.metrics()
    train = [line for line in lines if line["split"] == "train"]
    test = [line for line in lines if line["split"] == "test"]
    assert [line["step"] for line in train] == list(range(1, run.result["steps"] + 1))
    assert test[0]["step"] == 0
    assert test[-1]["step"] == run.result["steps"]
    assert test[-1]["accuracy"] == run.result["held_out"]["accuracy"]
    assert all({"epoch", "loss", "accuracy", "margin", "seconds"} <= line.keys() for line in lines)
    assert sum(line["loss"] for line in train[-3:]) < sum(line["loss"] for line in train[:3])


@pytest.mark.parametrize("method", ["reward", "dpo"])
def test_a_four_bit_run_learns_what_voters_prefer(carried_out, method):
    run = carried_out("learns", method, test_share=0.3)
    assert run.exit_code == 0
    assert_learned(run)
    assert_curves_tell_it(run)
    assert run.progress().step == run.progress().total == run.result["steps"]
    assert run.log_tail().endswith("The run is finished.")


def test_an_adapter_trains_on_an_unquantised_base_too(carried_out):
    assert_learned(carried_out("whole", "dpo", four_bit=False, test_share=0.3))


def test_the_adapter_is_safetensors_float32_with_a_card_that_states_the_figures(carried_out):
    import torch

    run = carried_out("carded", "dpo", parent="tiny")
    assert {tensor.dtype for tensor in weights(run).values()} == {torch.float32}
    card = run.card()
    assert (run.adapter_path / "README.md").read_text() == card
    held_out = run.result["held_out"]
    assert (
        f"{held_out['accuracy']:.3f} [{held_out['accuracy_lower']:.3f}, {held_out['accuracy_upper']:.3f}]"
        in card
    )
    assert run.dataset["sha256"] in card
    assert "descends from the model **tiny**" in card
    assert "| beta | 0.1 |" in card


def test_the_model_of_a_run_names_its_base_adapter_and_parent(carried_out, home):
    spec = carried_out("tuned", "dpo", parent="tiny").model_spec()
    assert (spec.name, spec.kind, spec.parent) == ("tuned", "local", "tiny")
    assert spec.options == {
        "path": str(home / "models" / "tiny"),
        "adapter": str(home / "runs" / "tuned" / "adapter"),
        "four_bit": True,
    }


def test_what_is_too_long_is_counted_and_the_trainer_finds_nothing_more_to_drop(carried_out, home):
    made = rows(40)
    for long in made[:3]:
        long["rejected"][0]["content"] += " really" * 40
    write_rows(home / "exports" / "polite", made)
    reward, dpo = (carried_out(method, method, epochs=0.5) for method in ("reward", "dpo"))
    assert reward.result["pairs"]["dropped"] == {"longer than 128 tokens": 3}
    assert reward.result["pairs"]["train"] + reward.result["pairs"]["test"] == 37
    assert dpo.result["pairs"]["dropped"] == {}
    assert dpo.result["pairs"]["truncated"] == 3
    assert "dropped, longer than 128 tokens: 3" in reward.card()


@pytest.mark.parametrize("method", ["reward", "dpo"])
def test_a_stopped_and_resumed_run_ends_with_the_very_weights_of_one_that_was_not(
    carried_out, monkeypatch, method
):
    import torch

    from training import callbacks

    straight = carried_out("straight", method)

    def stop_after_five(self, args, state, control, **_):
        original(self, args, state, control)
        if state.global_step == 5:
            (self.folder / STOP).touch()

    original = callbacks.Recorder.on_step_end
    monkeypatch.setattr(callbacks.Recorder, "on_step_end", stop_after_five)
    halted = carried_out("halted", method)
    assert halted.state is RunState.STOPPED
    assert halted.message == f"Stopped after step 5 of {straight.result['steps']}."
    assert halted.result is None
    monkeypatch.undo()
    assert execute(halted.folder) == 0
    assert halted.state is RunState.FINISHED

    assert halted.result["steps"] == straight.result["steps"]
    for name, tensor in weights(straight).items():
        torch.testing.assert_close(weights(halted)[name], tensor)
    steps = [(line["split"], line["step"]) for line in halted.metrics()]
    assert steps == [(line["split"], line["step"]) for line in straight.metrics()]
    seconds = [line["seconds"] for line in halted.metrics()]
    assert seconds == sorted(seconds)


def test_dpo_continues_an_adapter_with_that_adapter_as_its_reference(carried_out, home):
    first = carried_out("first", "dpo", parent="tiny")
    second = carried_out("second", "dpo", parent="first", adapter=str(first.adapter_path))
    assert second.result["held_out_before"]["margin"] == 0.0
    assert weights(first).keys() == weights(second).keys()
    assert sorted(p.name for p in second.adapter_path.iterdir()) == sorted(
        p.name for p in first.adapter_path.iterdir()
    )
    assert second.model_spec().parent == "first"
    assert "../first/adapter" in (second.folder / "config.json").read_text()


def test_a_continued_run_resumes_too(carried_out, monkeypatch):
    import torch

    from training import callbacks

    first = carried_out("first", "dpo")
    straight = carried_out("straight", "dpo", adapter=str(first.adapter_path))
    monkeypatch.setattr(
        callbacks.Checkpointer, "on_save", _marked_then_stopped(callbacks.Checkpointer.on_save)
    )
    halted = carried_out("halted", "dpo", adapter=str(first.adapter_path))
    assert halted.state is RunState.STOPPED
    monkeypatch.undo()
    assert execute(halted.folder) == 0
    for name, tensor in weights(straight).items():
        torch.testing.assert_close(weights(halted)[name], tensor)


def _marked_then_stopped(on_save):
    def stop(self, args, state, control, **_):
        on_save(self, args, state, control)
        (self.folder / STOP).touch()

    return stop


def test_a_reward_model_may_begin_with_a_chat_model_s_adapter_but_not_the_reverse(carried_out):
    chat = carried_out("chat", "dpo", epochs=0.5)
    reward = carried_out("scored", "reward", adapter=str(chat.adapter_path), test_share=0.3)
    assert_learned(reward)
    wrong = carried_out("wrong", "dpo", adapter=str(reward.adapter_path))
    assert wrong.exit_code == 2
    assert "belongs to a reward model" in wrong.message


def test_a_score_does_not_depend_on_what_it_is_scored_with(carried_out):
    from training.scorer import load_reward_scorer

    scorer = load_reward_scorer(carried_out("scores", "reward").folder)
    asked = (Message("user", "What of salt 3?"),)
    answers = ["Gladly: salt, thank you.", "No. salt.", "Gladly: " + "salt " * 25, "No."]
    conversations = [(*asked, Message("assistant", text)) for text in answers]
    together = scorer.score(conversations)
    assert together == pytest.approx([scorer.score([c])[0] for c in conversations], abs=1e-4)
    assert together == pytest.approx(scorer.score(conversations[::-1])[::-1], abs=1e-4)
    assert together[0] > together[1]


def test_a_judge_given_the_run_s_folder_scores_as_the_run_s_own_scorer(carried_out):
    from judges.classifier import SequenceScorer
    from training.scorer import load_reward_scorer

    run = carried_out("scores", "reward")
    conversations = [
        (Message("user", "What of salt 3?"), Message("assistant", text))
        for text in ("Gladly: salt, thank you.", "No. salt.")
    ]
    judged = SequenceScorer(str(run.folder), device="cpu").score_conversations(conversations)
    expected = load_reward_scorer(run.folder).score(conversations)
    assert [result.value for result in judged] == pytest.approx(expected, abs=1e-4)


def test_the_scorer_gives_the_margins_that_training_measured(carried_out, home):
    from training.data import held_out, read_pairs
    from training.scorer import load_reward_scorer

    run = carried_out("scores", "reward")
    pairs = read_pairs(run.data_path)
    ids = held_out([pair.prompt_id for pair in pairs], run.config.test_share, run.config.seed)
    test = [pair for pair in pairs if pair.prompt_id in ids]
    scorer = load_reward_scorer(run.folder)
    chosen, rejected = (
        scorer.score([[Message(**m) for m in pair.prompt + getattr(pair, side)] for pair in test])
        for side in ("chosen", "rejected")
    )
    margin = sum(c - r for c, r in zip(chosen, rejected, strict=True)) / len(test)
    assert margin == pytest.approx(run.result["held_out"]["margin"], abs=1e-4)


def test_a_loss_that_leaves_the_numbers_ends_the_run_with_advice(carried_out, monkeypatch):
    from trl import DPOTrainer

    honest = DPOTrainer.compute_loss
    monkeypatch.setattr(DPOTrainer, "compute_loss", lambda *a, **k: honest(*a, **k) * float("nan"))
    run = carried_out("burst", "dpo")
    assert run.state is RunState.FAILED
    assert run.message == "The loss became nan at step 1: lower learning_rate and start again."
    assert run.exit_code == 8


def test_weights_that_do_not_load_fail_with_a_sentence_and_a_traceback_in_the_log_only(
    carried_out, home, caplog
):
    broken = shutil.copytree(home / "models" / "tiny", home / "models" / "broken")
    (broken / "model.safetensors").write_bytes(b"not weights")
    run = carried_out("fails", "dpo", base="broken")
    assert run.state is RunState.FAILED
    assert run.exit_code == 8
    assert "\n" not in run.message
    assert "Traceback" not in run.message
    assert "Traceback" in caplog.text
    assert not run.adapter_path.exists()


def test_data_that_changed_since_the_run_was_made_is_refused(home, settings):
    run = runs.create_run(home / "runs", settings("late", "dpo"))
    write_rows(home / "exports" / "polite", rows(61))
    assert execute(run.folder) == 2
    assert "changed since run late was made" in run.message


def test_a_stop_that_comes_while_libraries_load_leaves_a_run_that_starts_anew(home, settings):
    run = runs.create_run(home / "runs", settings("early", "dpo", epochs=0.2))
    (run.folder / STOP).touch()
    assert execute(run.folder) == 0
    assert run.state is RunState.STOPPED
    assert run.metrics() == []
    assert execute(run.folder) == 0
    assert run.state is RunState.FINISHED


def test_measuring_between_steps_never_repacks_the_weights_that_train(home):
    from bitsandbytes.nn import Linear4bit

    from training.config import RunConfig
    from training.device import choose_device
    from training.models import load_base

    base = str(home / "models" / "tiny")
    device = choose_device(RunConfig(name="a", method="dpo", base=base, data="d"), 1)
    for method in ("reward", "dpo"):
        model = load_base(base, method, device, four_bit=True, pad_token_id=0)
        layers = {name: m for name, m in model.named_modules() if isinstance(m, Linear4bit)}
        assert len(layers) == 14
        assert not any(m.support_avx512bf16_for_cpu for m in layers.values())
        assert not any(name.startswith(("score", "lm_head")) for name in layers)


def test_a_base_with_a_hole_in_its_weights_is_refused(carried_out, home):
    from safetensors.torch import load_file, save_file

    holed = shutil.copytree(home / "models" / "tiny", home / "models" / "holed")
    tensors = load_file(holed / "model.safetensors")
    tensors.pop("model.layers.1.mlp.up_proj.weight")
    save_file(tensors, holed / "model.safetensors", metadata={"format": "pt"})
    run = carried_out("holed", "dpo", base="holed")
    assert run.exit_code == 2
    assert "incomplete: 1 are missing, such as model.layers.1.mlp.up_proj.weight" in run.message


def test_a_finished_run_is_not_carried_out_again(carried_out):
    run = carried_out("once", "dpo", epochs=0.2)
    before = json.dumps(run.result)
    assert execute(run.folder) == 4
    assert json.dumps(run.result) == before
    assert run.state is RunState.FINISHED
