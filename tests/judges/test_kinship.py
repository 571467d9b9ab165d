from arena.types import ModelKind, ModelSpec
from judges.kinship import own_models


def endpoint(name, model, parent=None):
    return ModelSpec(name, ModelKind.ENDPOINT, {"base_url": "http://x/v1", "model": model}, parent)


def test_a_judge_owns_the_model_it_asks_and_models_of_the_same_weights():
    models = [endpoint("cheap", "gpt-4o-mini"), endpoint("hot", "gpt-4o-mini"), endpoint("other", "opus")]
    assert own_models("judge", ["cheap"], models, {}) == {"judge", "cheap", "hot"}


def test_parents_and_tuned_children_are_relatives_over_several_steps():
    models = [
        ModelSpec("base", ModelKind.LOCAL, {"path": "b"}),
        ModelSpec("tuned", ModelKind.LOCAL, {"path": "t"}, "base"),
        ModelSpec("again", ModelKind.LOCAL, {"path": "a"}, "tuned"),
        ModelSpec("stranger", ModelKind.LOCAL, {"path": "s"}),
    ]
    assert own_models("judge", ["again"], models, {}) == {"judge", "base", "tuned", "again"}


def test_families_of_the_settings_join_what_is_not_seen_from_the_models():
    families = {"meta": ["llama", "llama-2", "voter-x"], "openai": ["gpt"]}
    assert own_models("voter-x", [], [], families) == {"llama", "llama-2", "voter-x"}
    assert own_models("judge", ["gpt"], [], families) == {"judge", "gpt"}


def test_a_judge_that_asks_no_model_and_stands_in_no_family_owns_nothing_we_know_of():
    assert own_models("rule", [], [endpoint("a", "x")], {"meta": ["llama"]}) is None


def test_a_jury_owns_what_its_members_own():
    families = {"meta": ["llama", "llama-2"], "openai": ["gpt"]}
    assert own_models("jury", ["llama", "gpt"], [], families) == {"jury", "llama", "llama-2", "gpt"}
