import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from arena.store import Store
from arena.types import ModelKind, ModelSpec, Vote, VoteFilter, Winner
from tests.arena.store.conftest import ANNA, add_models


def test_a_model_comes_back_as_it_was_added(store):
    spec = ModelSpec(
        "tiny", ModelKind.LOCAL, {"path": "/m/ü", "four_bit": True, "max_tokens": 12, "sets": ["a"]}, "base"
    )
    store.models.add(spec)
    assert store.models.get("tiny") == spec
    assert store.models.list() == [spec]


def test_models_are_listed_in_the_order_they_were_added_and_survive_reopening(path):
    with Store.open(path) as store:
        add_models(store, "zoe", "ada", "bob")
    with Store.open(path) as store:
        assert [spec.name for spec in store.models.list()] == ["zoe", "ada", "bob"]


def test_a_name_is_taken_once_unless_it_is_replaced(store):
    add_models(store, "ada")
    newer = ModelSpec("ada", ModelKind.ENDPOINT, {"base_url": "http://localhost:1"})
    with pytest.raises(Conflict, match="'ada' already: choose another name, or replace it"):
        store.models.add(newer)
    store.models.add(newer, replace=True)
    assert store.models.list() == [newer]


def test_a_model_with_votes_can_be_replaced_and_keeps_them(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    store.models.add(ModelSpec("ada", ModelKind.LOCAL, {"path": "x"}), replace=True)
    assert store.votes.pair_counts(VoteFilter())[0].model_a == "ada"
    assert store.battles.get(battle.battle_id).model_a == "ada"


def test_a_nameless_model_is_refused(store):
    with pytest.raises(InvalidInput, match="needs a name"):
        store.models.add(ModelSpec(" ", ModelKind.RECORDED))


def test_an_unknown_model_is_not_found_and_the_nearest_names_are_said(store):
    with pytest.raises(NotFound, match="none is registered yet"):
        store.models.get("ada")
    add_models(store, "llama-3-8b", "llama-3-70b", "gpt-4")
    with pytest.raises(NotFound, match="did you mean 'llama-3-8b' or 'llama-3-70b'"):
        store.models.get("lama-3-8b")
    with pytest.raises(NotFound, match="there are: llama-3-8b, llama-3-70b, gpt-4"):
        store.models.get("zzz")


def test_a_removed_model_is_hidden_keeps_its_votes_and_can_come_back(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    store.models.remove("ada")
    assert [spec.name for spec in store.models.list()] == ["bob"]
    with pytest.raises(NotFound):
        store.models.get("ada")
    with pytest.raises(NotFound):
        store.models.remove("ada")
    assert store.votes.pair_counts(VoteFilter())[0].wins_a == 1
    add_models(store, "ada")
    assert {spec.name for spec in store.models.list()} == {"ada", "bob"}
