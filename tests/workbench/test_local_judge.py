"""A local model as a judge: its own weights, its own sampling, and a hash that goes by its files."""

import shutil
from dataclasses import replace

import pytest

from arena.judgments import JudgeKind, JudgeSpec
from arena.store.verdicts import VerdictFilter
from arena.types import Answer, ModelKind, ModelSpec, Winner
from tests.support.transformers_serve import DEMO_MODEL
from tests.support.village_judge import BIGGER
from tests.workbench.judged_home import add_battles, judge
from workbench.bench import Workbench


def add_local(bench, folder, name="near", **options):
    bench.add_model(ModelSpec(name, ModelKind.LOCAL, {"path": str(folder), **options}), replace=True)
    return bench.add_judge(JudgeSpec("strict", JudgeKind.PAIRWISE, {"model": name}), replace=True)


def test_a_judges_hash_goes_by_the_files_of_its_model_wherever_they_are(tmp_path, tiny_model_dir):
    with Workbench.open(tmp_path / "home") as bench:
        inside = bench.home / "models" / "tiny"
        shutil.copytree(tiny_model_dir, inside)
        add_local(bench, inside)
        before = bench.judge_fingerprint("strict")
        add_local(bench, tiny_model_dir)
        assert bench.judge_fingerprint("strict") == before
        add_local(bench, inside)
    shutil.copytree(tmp_path / "home", tmp_path / "moved")
    with Workbench.open(tmp_path / "moved") as bench:
        assert bench.judge_fingerprint("strict") == before
        weights = bench.home / "models" / "tiny" / "model.safetensors"
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(bytes(content))
        assert bench.judge_fingerprint("strict") != before, "other weights are another judge"


def test_a_models_own_sampling_is_the_arenas_and_not_the_judges(tmp_path, tiny_model_dir):
    with Workbench.open(tmp_path / "home") as bench:
        add_local(bench, tiny_model_dir)
        before = bench.judge_fingerprint("strict")
        add_local(bench, tiny_model_dir, temperature=0.9, max_tokens=3)
        assert bench.judge_fingerprint("strict") == before
        add_local(bench, tiny_model_dir, system="You are a pirate.")
        assert bench.judge_fingerprint("strict") != before


@pytest.mark.slow
def test_a_local_model_judges(home):
    if not (DEMO_MODEL / "model.safetensors").is_file():
        pytest.skip("the demo model is not in this checkout")
    (home.home / "templates").mkdir()
    (home.home / "templates" / "bigger.txt").write_text(BIGGER)
    battles = add_battles(home, ["Name an animal."])
    turn = battles[0].turns[0]
    animals = replace(turn, answer_a=Answer("wordy", "a bee"), answer_b=Answer("terse", "a cat"))
    home.store.battles.add(replace(battles[0], battle_id=type(battles[0].battle_id)(int=3), turns=(animals,)))
    home.add_model(
        ModelSpec("near", ModelKind.LOCAL, {"path": str(DEMO_MODEL), "temperature": 5.0, "max_tokens": 1})
    )
    options = {"model": "near", "template": "bigger", "orders": "one", "max_tokens": 40, "attempts": 1}
    home.add_judge(JudgeSpec("villager", JudgeKind.PAIRWISE, options))
    report = judge(home, "villager")
    assert report.calls == 2
    (line,) = home.verdicts(VerdictFilter(winner=Winner.MODEL_A)).lines
    assert line.verdict.battle_id.int == 3, "the label of a cat is that of the answer shown first"
    assert home.transcript(line.verdict.battle_id, "villager").exchanges[0].calls[0].reply == "A cat is."
