import duckdb
import pytest

from arena.integrity.naming import OwnNames, Reader, any_of, own_names
from arena.types import ModelKind, ModelSpec


def reader(name, **options):
    kind = ModelKind.ENDPOINT if "model" in options else ModelKind.RECORDED
    return Reader(own_names(ModelSpec(name, kind, options)))


GIVEN_AWAY = [
    ("claude-2.1", "I am Claude, an AI assistant made by Anthropic.", "I am Claude"),
    ("claude-2.1", "Sorry, but I was created by Anthropic to be harmless.", "I was created by Anthropic"),
    ("gpt-4-0613", "Hello! I'm ChatGPT, a large language model.", "I'm ChatGPT"),
    (
        "gpt-4-0613",
        "As an AI language model developed by OpenAI, no.",
        "As an AI language model developed by OpenAI",
    ),
    ("gpt-4-0613", "Ask GPT-4 (0613) instead.", "GPT-4 (0613"),
    ("Vicuna v1.3 (13B)", "My name is Vicuna.", "My name is Vicuna"),
    ("PaLM 2 Bison", "I am a large language model, trained by Google.", "trained by Google"),
    ("LLaMA-2-Chat (70B)", "I’m an AI language model called LLaMA 2", "LLaMA 2"),
    ("qwen-max", "我是通义千问，由阿里云开发", "我是通义千问"),
    ("owl", "You are talking to Owl, at your service.", "talking to Owl"),
]


@pytest.mark.parametrize("name, answer, words", GIVEN_AWAY)
def test_an_answer_that_names_its_model_is_found(name, answer, words):
    assert words in reader(name).found(answer, "Who are you?")


@pytest.mark.parametrize(
    "name, answer",
    [
        ("claude-2.1", "Claude Monet painted the bridge; I am not sure when."),
        ("claude-2.1", "I'm ChatGPT, made by OpenAI."),
        ("gpt-4-0613", "OpenAI was founded in 2015, I believe."),
        ("gpt-4", "The gpt-4o model is another one."),
        ("PaLM 2 Bison", "Go is a language developed by Google."),
        ("owl", "An owl hunts at night."),
        ("command", "Run this command to begin."),
        ("wren-7b", "wren is a bird of 7 bones"),
    ],
)
def test_an_answer_that_speaks_of_something_else_is_left_alone(name, answer):
    assert reader(name).found(answer, "Tell me something.") is None


def test_a_name_that_the_prompt_says_too_is_no_giveaway_but_a_confession_is():
    gpt = reader("gpt-4-0613")
    asked = "Compare gpt-4-0613 with others."
    assert gpt.found("gpt-4-0613 is a model.", asked) is None
    assert gpt.found("I am GPT-4, so I cannot.", asked) == "I am GPT-4"


def test_further_names_are_those_of_the_option_and_of_the_server():
    assert reader("tuned", aliases=["Barnaby"]).found("Barnaby says no.", "?") == "Barnaby"
    assert reader("tuned").found("Barnaby says no.", "?") is None
    served = reader("ours", model="mistralai/Mistral-7B-Instruct", base_url="http://x/v1")
    assert served.found("Mistral 7B Instruct here", "?") == "Mistral 7B Instruct"


def test_other_names_are_looked_for_anew():
    keys = {
        own_names(ModelSpec("owl", ModelKind.RECORDED, {"aliases": names})).key
        for names in ([], ["Ow"], ["Wo"])
    }
    assert len(keys) == 3
    assert OwnNames(("a",), ("b",), ()).key != OwnNames(("a", "b"), (), ()).key


def test_what_the_database_looks_for_first_misses_nothing():
    asked = "SELECT regexp_matches(?, ?, 'i')"
    with duckdb.connect() as con:
        for name, answer, _ in GIVEN_AWAY:
            pattern = any_of(own_names(ModelSpec(name, ModelKind.RECORDED)).words)
            assert con.execute(asked, [answer, pattern]).fetchall() == [(True,)]
        assert con.execute(asked, ["a b", any_of([])]).fetchall() == [(False,)]


def test_long_words_are_shown_with_both_ends():
    found = reader("gpt-4").found("I was, as " + "so often " * 8 + "said, made by OpenAI", "?")
    assert found is None or len(found) <= 125
