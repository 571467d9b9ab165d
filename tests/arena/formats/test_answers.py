import pytest

from arena.errors import ImportRejected, InvalidInput
from arena.formats import import_file
from arena.types import ModelKind

QUESTIONS = [{"question_id": 1, "text": "How?"}, {"question_id": 2, "text": "Why?"}]


def answer(number, text="So.", model="ada:1", **more):
    return {"question_id": number, "model_id": model, "text": text, **more}


def texts(store, set_name, model):
    found = [store.answers.recorded(model, p.prompt_id) for p in store.prompts.list(set_name)]
    return [a and a.text for a in found]


def test_answers_are_joined_to_the_question_file_beside_or_above_them(store, write):
    write("vicuna/question.jsonl", QUESTIONS)
    report = import_file(store, write("vicuna/answer/ada.jsonl", [answer(2), answer(1, "")]), "answers")
    assert (report.answers_added, report.prompts_added, report.models_added) == (2, 2, 1)
    assert report.set_name == "vicuna"
    assert texts(store, "vicuna", "ada:1") == ["", "So."]
    assert "1 blank answer kept as they are." in report.notes
    assert store.models.get("ada:1").kind is ModelKind.RECORDED


def test_answers_are_joined_to_a_stored_set_by_name(store, write):
    import_file(store, write("q.jsonl", QUESTIONS), "prompts", set_name="mine")
    import_file(store, write("a.jsonl", [answer(1), answer("2", "Because.")]), "answers", set_name="mine")
    assert texts(store, "mine", "ada:1") == ["So.", "Because."]


def test_without_questions_the_error_lists_the_sets(store, write):
    path = write("a.jsonl", [answer(1)])
    with pytest.raises(InvalidInput, match="none yet, import the questions first"):
        import_file(store, path, "answers")
    import_file(store, write("q.jsonl", QUESTIONS), "prompts", set_name="mine")
    with pytest.raises(InvalidInput, match=r"name the set \(there are: mine\)"):
        import_file(store, path, "answers")
    assert store.models.list() == []


def test_each_refused_answer_has_its_line_and_reason(store, write):
    write("question.jsonl", QUESTIONS)
    rows = [
        answer(1),
        answer(3),
        answer(None),
        answer(2, model=" "),
        answer(2, text=None),
        answer(1, "Other."),
        answer(1),
    ]
    with pytest.raises(ImportRejected) as caught:
        import_file(store, write("a.jsonl", rows), "answers", set_name="s")
    assert dict(caught.value.rejects) == {
        2: "the question '3' is not in the prompt set",
        3: "has no question_id",
        4: "has no model_id",
        5: "has no text",
        6: "another answer of 'ada:1' to its prompt is recorded already",
    }
    report = import_file(store, write("a.jsonl", rows), "answers", set_name="s", skip_bad=True)
    assert (report.rows_read, report.rows_added, report.rows_known, len(report.rejects)) == (7, 1, 1, 5)


def test_answers_that_are_recorded_already_are_known(store, write):
    write("question.jsonl", QUESTIONS)
    path = write("a.jsonl", [answer(1), answer(2)])
    import_file(store, path, "answers", set_name="s")
    report = import_file(store, path, "answers", set_name="s")
    assert (report.answers_added, report.rows_known, report.models_added) == (0, 2, 0)
    with pytest.raises(ImportRejected, match="another answer"):
        import_file(store, write("b.jsonl", [answer(1, "Changed.")]), "answers", set_name="s")
    assert texts(store, "s", "ada:1") == ["So.", "So."]


def test_the_first_turn_of_an_mt_bench_answer_is_taken(store, write):
    write("question.jsonl", [{"question_id": 81, "turns": ["Write.", "Rewrite."]}])
    rows = [
        {"question_id": 81, "model_id": "a", "choices": [{"index": 0, "turns": ["One.", "Two."]}]},
        {"question_id": 81, "model_id": "b", "choices": [{"turns": [{"content": "Uno.", "token_len": 2}]}]},
    ]
    report = import_file(store, write("a.jsonl", rows), "answers", set_name="mt")
    assert (texts(store, "mt", "a"), texts(store, "mt", "b")) == (["One."], ["Uno."])
    assert "1 later turn left out" in report.notes[0]
    for bad in ({}, {"choices": []}, {"choices": [{"turns": []}]}, {"choices": [{"turns": [None]}]}):
        with pytest.raises(ImportRejected, match="has no choices with turns"):
            rows = [{"question_id": 81, "model_id": "c", "choices": None, **bad}]
            import_file(store, write("b.jsonl", rows), "answers", set_name="mt")


def test_arena_hard_answers_bring_the_prompt_they_answer(store, write):
    messages = [{"role": "user", "content": "Hard?"}, {"role": "assistant", "content": {"answer": "Yes."}}]
    path = write("hard.jsonl.gz", [{"uid": "f0", "model": "gpt", "messages": messages}])
    import_file(store, path, "answers", set_name="s")
    assert texts(store, "s", "gpt") == ["Yes."]
    assert store.prompts.list("s")[0].source == "s:f0"
    unfinished = [{"uid": "f1", "model": "gpt", "messages": messages[:1]}]
    with pytest.raises(ImportRejected, match="does not end with an answer"):
        import_file(store, write("b.jsonl", unfinished), "answers")


def test_plain_answers_hold_model_prompt_and_answer(store, write):
    path = write("plain.csv", 'model,prompt,answer\nada,"One, two?",Three.\nbob,"One, two?",\n')
    report = import_file(store, path, "answers")
    assert (report.answers_added, report.prompts_added, report.models_added) == (2, 1, 2)
    assert (texts(store, "plain", "ada"), texts(store, "plain", "bob")) == (["Three."], [""])


def test_the_real_answers_come_in(store, real):
    for path in sorted((real / "vicuna_bench" / "answer").glob("*.jsonl")):
        assert import_file(store, path, "answers").answers_added == 80
    for path in sorted((real / "arena_hard_v0.1" / "model_answer").glob("*.gz")):
        assert import_file(store, path, "answers").answers_added == 500
    report = import_file(store, real / "mt_bench" / "reference_answer_gpt-4.jsonl", "answers")
    assert (report.answers_added, report.prompts_added) == (30, 30)
    assert store.prompts.sets() == {"arena_hard_v0.1": 500, "mt_bench": 30, "vicuna_bench": 80}
    assert import_file(store, real / "arena_hard_v0.1" / "question.jsonl", "prompts").rows_known == 500
    assert {len(models) for models in store.answers.recorded_for_set("arena_hard_v0.1").values()} == {3}
    assert {p.category for p in store.prompts.list("arena_hard_v0.1")} == {"arena-hard-v0.1"}
