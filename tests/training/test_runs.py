import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from tests.training.conftest import rows, write_rows
from training import runs
from training.config import make
from training.run import Run
from training.state import RunState, Status, write_status


@pytest.fixture
def config(tmp_path, hollow_model):
    write_rows(tmp_path / "home" / "exports" / "polite", rows(6))

    def config(name="first", method="dpo", **changes):
        subject = {
            "base": str(hollow_model),
            "data": str(tmp_path / "home" / "exports" / "polite"),
            **changes,
        }
        return make(name=name, method=method, **subject)

    return config


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "home" / "runs"


def test_a_new_run_waits_and_knows_its_data(folder, config):
    run = runs.create_run(folder, config())
    assert run.state is RunState.CREATED
    assert run.dataset["rows"] == run.dataset["prompts"] == 6
    assert (run.metrics(), run.result, run.log_tail(), run.card()) == ([], None, "", None)


def test_a_copied_home_finds_its_own_model_and_data(tmp_path, folder, config):
    run = runs.create_run(folder, config())
    assert str(tmp_path) not in (run.folder / "config.json").read_text()
    shutil.move(tmp_path / "home", tmp_path / "elsewhere")
    moved = Run(tmp_path / "elsewhere" / "runs" / "first")
    assert moved.base_path == str(tmp_path / "elsewhere" / "models" / "hollow")
    assert moved.data_path == tmp_path / "elsewhere" / "exports" / "polite"


def test_a_model_outside_the_home_is_named_in_full(tmp_path, folder, config, hollow_model):
    outside = shutil.copytree(hollow_model, tmp_path / "outside")
    run = runs.create_run(folder, config(base=str(outside)))
    assert run.config.base == run.base_path == str(outside)


def test_a_name_is_given_once(folder, config):
    runs.create_run(folder, config())
    with pytest.raises(Conflict, match="named first exists already"):
        runs.create_run(folder, config())


def test_of_many_creating_one_name_at_once_one_wins(folder, config):
    def attempt(_):
        try:
            return runs.create_run(folder, config())
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        won = [run for run in pool.map(attempt, range(16)) if run]
    assert len(won) == 1
    assert [path.name for path in folder.iterdir()] == ["first"]


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a b", "x" * 65, "a\n"])
def test_a_name_that_cannot_be_a_folder_is_refused(folder, config, name):
    with pytest.raises(InvalidInput, match="cannot be named"):
        runs.create_run(folder, config(name=name))


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("config.json", "holds no model: it has no config.json"),
        ("model.safetensors", "has no weights"),
        ("chat_template.jinja", "has no chat template"),
    ],
)
def test_an_incomplete_base_is_noticed_at_once_and_leaves_nothing(
    folder, config, hollow_model, missing, words
):
    (hollow_model / missing).unlink()
    with pytest.raises(InvalidInput, match=words):
        runs.create_run(folder, config())
    assert list(folder.iterdir()) == []


def test_a_base_that_is_not_there_is_noticed_at_once(folder, config, tmp_path):
    with pytest.raises(InvalidInput, match="nowhere is not there"):
        runs.create_run(folder, config(base=str(tmp_path / "nowhere")))


def test_a_hub_name_that_is_not_in_the_cache_says_how_to_get_it(folder, config, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InvalidInput, match="hf download some/model"):
        runs.create_run(folder, config(base="some/model"))


def test_a_hub_name_in_the_cache_is_taken_from_there(folder, config, tmp_path, monkeypatch, hollow_model):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    model = tmp_path / "cache" / "models--some--model"
    shutil.copytree(hollow_model, model / "snapshots" / "abc")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("abc")
    run = runs.create_run(folder, config(base="some/model"))
    assert run.base_path == run.config.base == "some/model"


def test_an_adapter_without_weights_is_refused(folder, config, tmp_path):
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"it has no adapter_model\.safetensors"):
        runs.create_run(folder, config(adapter=str(tmp_path / "adapter")))


def test_too_few_pairs_are_noticed_at_once_with_their_number(folder, config, tmp_path):
    write_rows(tmp_path / "home" / "exports" / "polite", rows(1))
    with pytest.raises(InvalidInput, match="polite has 1 usable preference pair on 1 prompt"):
        runs.create_run(folder, config())
    assert list(folder.iterdir()) == []


def test_no_conversation_is_longer_than_the_base_was_made_for(folder, config, hollow_model):
    (hollow_model / "config.json").write_text('{"max_position_embeddings": 256}')
    assert runs.create_run(folder, config()).config.max_length == 256


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path, config):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match=r"cannot be written to .*: Not a directory"):
        runs.create_run(tmp_path / "file" / "runs", config())


def test_runs_are_listed_newest_first_and_found_by_name(folder, config):
    for name in ("b", "c", "a"):
        write_status(
            runs.create_run(folder, config(name=name)).folder, Status(created_at=f"2024-{ord(name)}")
        )
    (folder / ".part").mkdir()
    (folder / "stray").mkdir()
    assert [run.name for run in runs.list_runs(folder)] == ["c", "b", "a"]
    assert runs.open_run(folder, "b").name == "b"


def test_no_runs_at_all_is_an_empty_list(folder):
    assert runs.list_runs(folder) == []
    with pytest.raises(NotFound, match="no run named x; there are no runs yet"):
        runs.open_run(folder, "x")


def test_an_unknown_run_names_the_nearest(folder, config):
    runs.create_run(folder, config(name="polite-dpo"))
    with pytest.raises(NotFound, match="nearest: polite-dpo"):
        runs.open_run(folder, "polite-dop")


@pytest.mark.parametrize(
    ("verb", "state", "words"),
    [
        (runs.start, RunState.STOPPED, "is stopped and cannot be started: resume it instead"),
        (runs.start, RunState.FINISHED, "is finished and cannot be started"),
        (runs.resume, RunState.CREATED, "is created and cannot be resumed"),
        (runs.resume, RunState.FINISHED, "is finished and cannot be resumed"),
        (runs.stop, RunState.CREATED, "is created: there is nothing to stop"),
        (runs.stop, RunState.FAILED, "is failed: there is nothing to stop"),
    ],
)
def test_a_verb_that_does_not_fit_the_state_is_refused(folder, config, verb, state, words):
    run = runs.create_run(folder, config())
    write_status(run.folder, Status(), state=state)
    with pytest.raises(Conflict, match=words):
        verb(run)


def test_a_reward_run_has_no_chat_model_to_give(folder, config):
    run = runs.create_run(folder, config(method="reward"))
    with pytest.raises(InvalidInput, match="cannot chat"):
        run.model_spec()


def test_an_unfinished_run_has_no_model_yet(folder, config):
    with pytest.raises(InvalidInput, match="is created: its model can be used once it has finished"):
        runs.create_run(folder, config()).model_spec()


def test_a_config_edited_into_nonsense_is_told_not_trained(folder, config):
    run = runs.create_run(folder, config())
    (run.folder / "config.json").write_text(json.dumps({**run.config.as_dict(), "epocs": 3}))
    with pytest.raises(InvalidInput, match="Unknown training setting epocs"):
        _ = Run(run.folder).config
    (run.folder / "config.json").write_text("{")
    with pytest.raises(InvalidInput, match="is not valid JSON"):
        _ = Run(run.folder).config
