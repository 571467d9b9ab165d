import pytest

from arena.errors import InvalidInput
from arena.types import ModelKind
from workbench.settings import load_settings


def write(home, text):
    (home / "workbench.toml").write_text(text, "utf-8")
    return home


def test_a_home_without_a_file_has_the_defaults(tmp_path):
    settings = load_settings(tmp_path)
    assert settings.criteria == ("overall",)
    assert settings.arena.daily_goal == 50


def test_models_and_limits_are_read(tmp_path):
    home = write(
        tmp_path,
        '[arena]\ndaily_goal = 10\n[[models]]\nname = "m"\nkind = "endpoint"\n'
        'options = { base_url = "http://127.0.0.1:1/v1", model = "x", api_key_env = "KEY" }\n',
    )
    settings = load_settings(home)
    assert settings.arena.daily_goal == 10
    assert settings.models[0].as_spec().kind is ModelKind.ENDPOINT


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[arena\n", "not valid TOML"),
        ("[arena]\ndaily_gaol = 3\n", "arena.daily_gaol"),
        ("[arena]\ndaily_goal = 0\n", "arena.daily_goal"),
        ("[promotion]\nmargin = 0.7\n", "promotion.margin"),
        ('[[models]]\nname = "m"\nkind = "oracle"\n', "models.0.kind"),
        ('[[models]]\nname = "m"\nkind = "endpoint"\noptions = { api_key = "sk-1" }\n', "api_key_env"),
    ],
)
def test_a_bad_entry_is_named_in_one_line(tmp_path, text, named):
    with pytest.raises(InvalidInput, match=r"workbench\.toml") as caught:
        load_settings(write(tmp_path, text))
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_error_never_repeats_a_key(tmp_path):
    home = write(tmp_path, '[[models]]\nname = "m"\nkind = "endpoint"\noptions = { api_key = "sk-secret" }\n')
    with pytest.raises(InvalidInput) as caught:
        load_settings(home)
    assert "sk-secret" not in str(caught.value)
