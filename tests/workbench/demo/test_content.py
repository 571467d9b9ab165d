"""The recorded answers: complete, in their place, and different from each other."""

import re

from workbench.demo.content import recorded_answers, recorded_prompts


def test_every_recorded_model_answers_every_prompt():
    prompts = recorded_prompts()
    answers = recorded_answers()
    assert len(prompts) >= 30
    assert len(answers) >= 4
    assert all(set(texts) == set(prompts) for texts in answers.values())


def test_no_answer_is_empty_and_none_is_given_twice():
    texts = [text for answers in recorded_answers().values() for text in answers.values()]
    assert all(text.strip() == text and text for text in texts)
    assert len(texts) == len(set(texts))


def test_prompts_differ_and_end_with_the_user():
    prompts = recorded_prompts().values()
    assert len({prompt.prompt_id for prompt in prompts}) == len(prompts)
    assert all(prompt.messages[-1].role == "user" for prompt in prompts)
    assert any(len(prompt.messages) == 3 for prompt in prompts)


def test_there_is_something_for_everyone():
    prompts = recorded_prompts().values()
    assert {"writing", "explanation", "advice", "code", "planning", "maths"} <= {p.category for p in prompts}
    assert {"en", "de", "es", "fr"} == {p.language for p in prompts}


def test_answers_with_code_and_tables_are_there_and_fences_are_closed():
    texts = [text for answers in recorded_answers().values() for text in answers.values()]
    assert all(text.count("```") % 2 == 0 for text in texts)
    assert any("```python" in text for text in texts)
    assert any(re.search(r"^\|.*\|\n\|[-| ]+\|", text, re.M) for text in texts)


def test_the_models_differ_in_length_as_they_do_in_character():
    words = {
        model: sum(len(text.split()) for text in texts.values())
        for model, texts in recorded_answers().items()
    }
    assert words["willow"] > words["heron"] > words["quill"]


def test_sums_with_a_reference_are_answered_by_it_at_least_once():
    sums = {name: prompt for name, prompt in recorded_prompts().items() if prompt.category == "maths"}
    assert sum(prompt.reference is not None for prompt in sums.values()) >= 4
    for name, prompt in sums.items():
        for number in re.findall(r"\d+", (prompt.reference or "").replace("14:00", "")):
            assert number.lstrip("0") in recorded_answers()["quill"][name]
