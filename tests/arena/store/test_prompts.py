import pytest

from arena.errors import InvalidInput, NotFound
from arena.types import Message, Prompt


def prompts(*texts: str, **known: str) -> list[Prompt]:
    return [Prompt.from_text(text, **known) for text in texts]


def test_a_prompt_comes_back_as_it_was_added(store):
    prompt = Prompt(
        (Message("system", "Be kind.\n\u2028"), Message("user", 'Say "ü" \\ \x01'), Message("user", "日本")),
        "ref", "cat", "de", "src",
    )  # fmt: skip
    store.prompts.add("set", [prompt])
    assert store.prompts.get(prompt.prompt_id) == prompt
    assert store.prompts.list("set") == [prompt]


def test_a_set_keeps_order_and_takes_each_prompt_once(store):
    assert store.prompts.add("set", prompts("c", "a", "c", "b")) == 3
    assert store.prompts.add("set", prompts("a", "d")) == 1
    assert [prompt.text for prompt in store.prompts.list("set")] == ["c", "a", "b", "d"]
    assert store.prompts.add("set", []) == 0


def test_a_prompt_may_be_in_several_sets(store):
    store.prompts.add("one", prompts("a", "b"))
    assert store.prompts.add("two", prompts("b", "c")) == 2
    assert store.prompts.sets() == {"one": 2, "two": 2}
    assert store.prompts.sets_of(prompts("b")[0].prompt_id) == ["one", "two"]
    assert store.prompts.list("three") == []


def test_what_is_known_of_a_prompt_is_kept_and_filled_where_it_was_missing(store):
    store.prompts.add("one", prompts("a", category="math"))
    store.prompts.add("two", prompts("a", category="other", language="en"))
    (prompt,) = store.prompts.list("one")
    assert (prompt.category, prompt.language) == ("math", "en")
    assert store.prompts.categories() == ["math"]


def test_a_nameless_set_and_an_unknown_prompt_are_said(store):
    with pytest.raises(InvalidInput, match="needs a name"):
        store.prompts.add("", prompts("a"))
    with pytest.raises(NotFound, match="no prompt 'x'"):
        store.prompts.get("x")
