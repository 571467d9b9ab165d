import pytest

from arena.errors import InvalidInput
from arena.formats.detect import FORMATS, choose, of_what
from arena.formats.source import open_source


def found(path, what, wanted=None):
    return choose(open_source(path, plain=what == "prompts"), what, wanted).name


@pytest.mark.parametrize(
    ("what", "row", "form"),
    [
        ("votes", {"model_a": "a", "model_b": "b", "winner": "tie"}, "arena"),
        ("votes", {"model_a": "a", "model_b": "b", "winner_model_a": 1, "winner_model_b": 0}, "arena"),
        ("votes", {"id": 0, "left": "a", "right": "b", "winner": "tie", "worker": 1}, "llmfao"),
        ("prompts", {"question_id": 81, "category": "x", "turns": ["a"]}, "mt-bench"),
        ("prompts", {"question_id": 1, "text": "a"}, "vicuna"),
        ("prompts", {"uid": "x", "prompt": "a", "cluster": "c"}, "arena-hard"),
        ("prompts", {"id": 1, "text": "a", "slug": "s"}, "llmfao"),
        ("prompts", {"prompt": "a"}, "simple"),
        ("prompts", {"messages": []}, "simple"),
        ("answers", {"question_id": 1, "model_id": "m", "choices": []}, "mt-bench"),
        ("answers", {"question_id": 1, "model_id": "m", "text": "t"}, "vicuna"),
        ("answers", {"uid": "x", "model": "m", "messages": []}, "arena-hard"),
        ("answers", {"model": 1, "prompt": 2, "result": "r", "name": "m"}, "llmfao"),
        ("answers", {"model": "m", "prompt": "p", "answer": "a"}, "simple"),
        ("preferences", {"conversations": [], "chosen": {}, "rejected": {}}, "llama-factory"),
        ("preferences", {"prompt": "p", "chosen": "c", "rejected": "r"}, "pairs"),
        ("preferences", {"chosen": "c", "rejected": "r"}, "hh-rlhf"),
    ],
)
def test_a_form_is_known_by_its_fields(write, what, row, form):
    assert found(write("a.jsonl", [row]), what) == form
    assert found(write("b.jsonl", [{**row, "more": 1}]), what, form) == form


def test_a_text_file_of_prompts_has_one_on_each_line(write):
    assert found(write("prompts.txt", "model_a,model_b,winner\n"), "prompts") == "lines"


@pytest.mark.parametrize("what", ["votes", "answers", "prompts", "preferences"])
def test_an_unknown_form_is_an_error_that_lists_the_forms(write, what):
    with pytest.raises(InvalidInput, match="left_text") as caught:
        found(write("a.csv", "left_text,right_text\n1,2\n"), what)
    names = [form.name for form in FORMATS if form.what == what]
    assert names
    assert all(f"{name} (" in str(caught.value) for name in names)


def test_a_form_asked_for_that_does_not_exist_lists_those_that_do(write):
    with pytest.raises(InvalidInput, match="no form 'vicuna' of votes: choose one of arena, llmfao"):
        found(write("a.csv", "model_a,model_b,winner\n1,2,tie\n"), "votes", "vicuna")


def test_a_form_asked_for_that_the_file_has_not_names_what_is_missing(write):
    with pytest.raises(InvalidInput, match=r"has no winner \(its fields: model_a, model_b\)"):
        found(write("a.csv", "model_a,model_b\n1,2\n"), "votes", "arena")


def test_something_that_cannot_be_imported_lists_what_can():
    with pytest.raises(InvalidInput, match="'scores' cannot be imported: choose one of votes, answers"):
        of_what("scores")
