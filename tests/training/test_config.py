import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from training.config import METHODS, RunConfig, defaults, make, read_overrides, setting_names


def small(**values):
    return RunConfig(**{"name": "a", "method": "dpo", "base": "b", "data": "exports/d", **values})


def test_each_method_has_its_own_learning_rate_and_the_customary_adapter():
    assert defaults("reward")["learning_rate"] == 1e-4
    assert defaults("dpo")["learning_rate"] == 5e-6
    adapter = [defaults("dpo")[key] for key in ("lora_r", "lora_alpha", "lora_dropout", "beta", "four_bit")]
    assert adapter == [16, 32, 0.05, 0.1, True]


@given(
    method=st.sampled_from(METHODS),
    learning_rate=st.floats(1e-9, 1),
    epochs=st.floats(0.01, 1000),
    batch_size=st.integers(1, 512),
    micro_batch_size=st.none() | st.integers(1, 512),
    four_bit=st.booleans(),
    parent=st.none() | st.text(),
)
def test_a_config_survives_json(**values):
    config = small(**values)
    assert RunConfig.from_mapping(json.loads(json.dumps(config.as_dict()))) == config


def test_an_unknown_setting_is_refused_and_the_valid_ones_listed():
    with pytest.raises(
        InvalidInput, match=r"Unknown training setting learning_rat; there are .*learning_rate"
    ):
        make(name="a", method="dpo", base="b", data="d", overrides={"learning_rat": 1})


def test_what_a_run_is_about_is_no_setting():
    with pytest.raises(InvalidInput, match="Unknown training setting base"):
        make(name="a", method="dpo", base="b", data="d", overrides={"base": "c"})
    assert not {"name", "method", "base", "data", "adapter", "parent"} & set(setting_names())


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("learning_rate", "fast", "'fast'; it must be a number"),
        ("learning_rate", 0, "above 0"),
        ("learning_rate", float("nan"), "above 0"),
        ("epochs", True, "a number"),
        ("batch_size", 2.5, "a whole number"),
        ("batch_size", 0, "1 or more"),
        ("four_bit", 1, "true or false"),
        ("lora_dropout", 1.0, "below 1"),
        ("test_share", 0.9, "at most 0.5"),
        ("device", "gpu", "one of auto, cpu, cuda"),
        ("seed", None, "a whole number"),
    ],
)
def test_a_value_of_the_wrong_kind_or_size_is_named_with_what_is_allowed(key, value, words):
    with pytest.raises(InvalidInput, match=f"{key} is .*{words}"):
        small(**{key: value})


def test_an_unknown_method_lists_the_known_ones():
    with pytest.raises(InvalidInput, match="'sft': use one of reward, dpo"):
        small(method="sft")


def test_a_missing_setting_is_named():
    with pytest.raises(InvalidInput, match="lack base, data"):
        RunConfig.from_mapping({"name": "a", "method": "dpo"})


def test_settings_come_from_toml_and_json_alike(tmp_path):
    (tmp_path / "a.toml").write_text("epochs = 2\nlearning_rate = 1e-3\n")
    (tmp_path / "a.json").write_text('{"epochs": 2, "learning_rate": 1e-3}')
    assert (
        read_overrides(tmp_path / "a.toml")
        == read_overrides(tmp_path / "a.json")
        == {"epochs": 2, "learning_rate": 1e-3}
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yaml", "", "must end in .toml or .json"),
        ("a.toml", "epochs = ", "not valid toml"),
        ("a.json", "{", "not valid json"),
        ("a.json", "[1]", "by name"),
        ("a.json", '{"epoch": 1}', "Unknown training setting epoch"),
    ],
)
def test_a_settings_file_that_cannot_be_used_says_why(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidInput, match=words):
        read_overrides(tmp_path / name)


def test_a_settings_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        read_overrides(tmp_path / "none.toml")
