import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from arena.errors import ModelFailed
from arena.models.identity import context_of, model_hash, model_settings


def test_a_copy_is_the_same_model_wherever_it_is(tiny_model_dir, tmp_path):
    copied = shutil.copytree(tiny_model_dir, tmp_path / "elsewhere")
    settings = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps({**settings, "_name_or_path": str(copied)}))
    assert model_hash(copied) == model_hash(tiny_model_dir)


@pytest.mark.parametrize("change", ["weights", "vocabulary", "template", "settings"])
def test_other_weights_vocabulary_template_or_settings_are_another_model(tiny_model_dir, tmp_path, change):
    copied = shutil.copytree(tiny_model_dir, tmp_path / "changed")
    if change == "weights":
        weights = load_file(copied / "model.safetensors")
        weights["model.norm.weight"] = weights["model.norm.weight"] + np.float32(0.01)
        save_file(weights, copied / "model.safetensors", metadata={"format": "pt"})
    elif change == "vocabulary":
        (copied / "tokenizer.json").write_text((copied / "tokenizer.json").read_text() + " ")
    elif change == "template":
        (copied / "chat_template.jinja").write_text("{{ messages }}")
    else:
        settings = json.loads((copied / "config.json").read_text())
        (copied / "config.json").write_text(json.dumps({**settings, "rms_norm_eps": 0.1}))
    assert model_hash(copied) != model_hash(tiny_model_dir)


def test_of_large_weights_a_change_in_every_layer_is_seen(tmp_path):
    rng = np.random.default_rng(0)
    large = rng.integers(0, 256, 32 * 1024**2, dtype=np.uint8)
    for name, weights in (("one", large), ("two", large ^ 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(weights.tobytes())
    assert model_hash(tmp_path / "one") != model_hash(tmp_path / "two")


def test_the_context_is_found_under_each_of_its_names():
    assert context_of({"max_position_embeddings": 8}) == 8
    assert context_of({"n_positions": 1024}) == 1024
    assert context_of({"text_config": {"max_position_embeddings": 64}}) == 64
    assert context_of({"hidden_size": 8}) is None


def test_a_folder_without_settings_or_with_damaged_ones_is_named(tmp_path):
    with pytest.raises(ModelFailed, match="There is no model in"):
        model_settings(tmp_path)
    for content in ("{cut", "[]"):
        (tmp_path / "config.json").write_text(content)
        with pytest.raises(ModelFailed, match=r"config\.json in .* (cannot be read|is no JSON object)"):
            model_settings(tmp_path)
