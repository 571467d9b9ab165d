import json

import pytest

from arena.errors import ImportRejected, InvalidInput
from arena.formats import import_file
from arena.types import Message, Prompt

MT_BENCH = [
    {"question_id": 81, "category": "writing", "turns": ["Write.", "Rewrite."]},
    {"question_id": 82, "category": "maths", "turns": ["Add."]},
]


def test_questions_of_several_turns_give_their_first_and_say_so(store, write):
    report = import_file(store, write("mt/question.jsonl", MT_BENCH), "prompts")
    assert (report.format, report.prompts_added, report.set_name) == ("mt-bench", 2, "mt")
    assert report.notes == ("1 later turn left out: a prompt is the first turn of its question.",)
    assert store.prompts.list("mt") == [
        Prompt((Message("user", "Write."),), category="writing", source="mt:81"),
        Prompt((Message("user", "Add."),), category="maths", source="mt:82"),
    ]


@pytest.mark.parametrize("name", ["reference_answer_gpt-4.jsonl", "reference_answer/gpt-4.jsonl"])
def test_reference_answers_beside_the_questions_are_taken(store, write, name):
    choices = [{"index": 0, "turns": ["Four.", "Five."]}]
    write(f"mt/{name}", [{"question_id": 82, "model_id": "gpt-4", "choices": choices}])
    report = import_file(store, write("mt/question.jsonl", MT_BENCH), "prompts")
    assert [p.reference for p in store.prompts.list("mt")] == [None, "Four."]
    assert "1 reference came from the reference answers" in report.notes[1]


def test_vicuna_and_arena_hard_questions_keep_number_and_category(store, write):
    import_file(
        store, write("vicuna.jsonl", [{"question_id": 1, "text": "How?", "category": "generic"}]), "prompts"
    )
    rows = [{"uid": "f00", "category": "hard", "cluster": "c", "prompt": "Why?"}]
    import_file(store, write("arena.jsonl", rows), "prompts", set_name=" hard ")
    assert store.prompts.list("vicuna")[0].source == "vicuna:1"
    assert store.prompts.list("hard")[0] == Prompt(
        (Message("user", "Why?"),), category="hard", source="hard:f00"
    )


def test_plain_prompts_are_read_from_every_container(store, write):
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}]
    rows = [{"prompt": "One?", "reference": "1", "language": "en"}, {"messages": messages, "source": "mine"}]
    import_file(store, write("p.jsonl", rows), "prompts")
    import_file(store, write("p.json", json.dumps(rows)), "prompts")
    import_file(store, write("t.txt.gz", "\ufeffThree?\r\n\r\nFour?\r\n"), "prompts")
    one, who = store.prompts.list("p")
    assert (one.text, one.reference, one.language, one.source) == ("One?", "1", "en", "p")
    assert who.messages == (Message("system", "Be brief."), Message("user", "Who?"))
    assert store.prompts.sets() == {"p": 2, "t": 2}
    assert [p.text for p in store.prompts.list("t")] == ["Three?", "Four?"]


def test_a_csv_file_has_a_prompt_column(store, write):
    messages = json.dumps([{"role": "user", "content": "Who?"}]).replace('"', '""')
    import_file(store, write("c.csv", f'prompt,messages\n"Two,\n""2""?",\n,"{messages}"\n'), "prompts")
    assert [p.text for p in store.prompts.list("c")] == ['Two,\n"2"?', "Who?"]


def test_each_refused_prompt_has_its_line_and_reason(store, write):
    rows = [
        {"prompt": "One?"},
        {"prompt": "  "},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
        {"other": 1},
        {"messages": "Who?"},
    ]
    path = write("p.jsonl", rows)
    with pytest.raises(ImportRejected) as caught:
        import_file(store, path, "prompts")
    assert dict(caught.value.rejects) == {
        2: "prompt is blank",
        3: "messages does not end with a message of the user",
        4: "has no prompt",
        5: "messages is not a list of messages with role and content",
    }
    assert store.prompts.sets() == {}
    assert import_file(store, path, "prompts", skip_bad=True).prompts_added == 1


def test_prompts_that_are_known_are_counted_as_such(store, write):
    import_file(store, write("p.txt", "One?\nTwo?\n"), "prompts")
    report = import_file(store, write("p.txt", "Two?\nThree?\nThree?\n"), "prompts")
    assert (report.rows_read, report.prompts_added, report.rows_known) == (3, 1, 2)
    assert (
        report.summary()
        == "p.txt read as prompts of the form lines: 3 rows, added 1 prompt; 2 rows known already."
    )
    assert report.as_dict()["prompts_added"] == 1
    assert json.loads(json.dumps(report.as_dict()))["rejects"] == []


def test_a_turnless_question_is_refused(store, write):
    with pytest.raises(ImportRejected, match="has no turns"):
        import_file(store, write("q.jsonl", [{"question_id": 1, "turns": []}]), "prompts")
    with pytest.raises(InvalidInput, match="is empty"):
        import_file(store, write("q.jsonl", ""), "prompts")


def test_the_real_question_files_come_in(store, real):
    for folder, prompts in (("mt_bench", 80), ("vicuna_bench", 80), ("arena_hard_v0.1", 500)):
        report = import_file(store, real / folder / "question.jsonl", "prompts")
        assert (report.prompts_added, report.set_name) == (prompts, folder)
    assert sum(p.reference is not None for p in store.prompts.list("mt_bench")) == 30
