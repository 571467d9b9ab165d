import csv
import json
from collections import Counter

import pytest

from arena.errors import Conflict, ImportRejected, InvalidInput
from arena.formats import import_file
from arena.preferences import derive
from arena.types import VoteFilter, Voter, VoterKind, Winner

ANY = VoteFilter()
VOTES = (
    "id,prompt,model_x,model_y,worker,winner,left,right\n"
    "0,8,97,29,58,left,Ada 2,Bob\n"
    "0,8,97,29,83,tie,Ada 2,Bob\n"
    "1,8,29,5,58,right,Bob,Cyd\n"
)
PROMPTS = [
    {"id": 8, "text": "A haiku?", "type": "poem", "slug": "k8s"},
    {"id": 9, "text": "2 + 2?", "type": "maths", "slug": "sum"},
]
RESULTS = [
    {
        "id": 0,
        "model": 97,
        "name": "Ada 2",
        "prompt": 8,
        "result": "For the sea, a plea.",
        "duration": 1500.0,
    },
    {"id": 1, "model": 29, "prompt": 8, "result": "\nSpring.\n", "duration": None},
    {"id": 2, "model": 97, "name": "Ada 2", "prompt": 9, "result": "4"},
    {"id": 3, "model": 7, "name": "Eve", "prompt": 9, "result": "5"},
]


def folder(write, **files):
    content = {
        "prompts.jsonl": PROMPTS,
        "results.jsonl": RESULTS,
        "models.jsonl": [{"id": 29, "name": "Bob"}],
        **files,
    }
    for name, rows in content.items():
        if rows is not None:
            write(name, rows)
    return write("crowd.csv", VOTES)


def test_votes_alone_rate_models(store, write):
    report = import_file(store, write("crowd.csv", VOTES), "votes")
    assert (report.format, report.votes_added, report.battles_added, report.models_added) == (
        "llmfao",
        3,
        2,
        3,
    )
    assert "do not stand beside the file" in report.notes[0]
    assert derive(store.preferences.judged_pairs(ANY)).dropped["no text"] == 3


def test_prompts_and_answers_come_from_the_files_beside(store, write):
    report = import_file(store, folder(write), "votes")
    assert (report.votes_added, report.prompts_added, report.answers_added, report.models_added) == (
        3,
        2,
        3,
        3,
    )
    assert "1 model of results.jsonl left out" in report.notes[1]
    first, second = store.preferences.judged_pairs(ANY)
    assert [m.content for m in (*first.prompt, *first.continuation_a, *first.continuation_b)] == [
        "A haiku?",
        "For the sea, a plea.",
        "\nSpring.\n",
    ]
    assert (first.wins_a, first.ties, second.wins_b) == (1, 1, 1)
    assert second.continuation_a == ()
    assert [v.voter for v in store.votes.standing(first.battle_id)] == [
        Voter(VoterKind.HUMAN, "58"),
        Voter(VoterKind.HUMAN, "83"),
    ]
    battle = store.battles.get(first.battle_id)
    assert battle.prompt is not None and battle.prompt.category == "poem"
    answer = store.answers.recorded("Ada 2", first.prompt_id)
    assert answer is not None and (answer.text, answer.seconds) == ("For the sea, a plea.", 1.5)
    assert store.answers.prompts_answered_by("Ada 2") == {p.prompt_id for p in store.prompts.list("llmfao")}


def test_the_results_alone_are_answers(store, write):
    folder(write)
    report = import_file(store, write("results.jsonl", [r for r in RESULTS if "name" in r]), "answers")
    assert (report.answers_added, report.prompts_added, report.models_added) == (3, 2, 2)
    again = import_file(store, write("prompts.jsonl", PROMPTS), "prompts")
    assert (again.prompts_added, again.rows_known, again.set_name) == (0, 2, "llmfao")


def test_labels_of_other_forms_are_refused(store, write):
    with pytest.raises(ImportRejected, match="'model_a' is not known; known are left, right, tie"):
        import_file(store, write("crowd.csv", VOTES.replace("83,tie", "83,model_a")), "votes")


@pytest.mark.parametrize(
    ("name", "rows", "sentence"),
    [
        ("prompts.jsonl", [*PROMPTS, {"id": 3, "text": " "}], "prompts.jsonl, line 3: text is blank"),
        ("results.jsonl", [{"model": 97, "prompt": 8, "result": "x"}], "line 1: the model 97 has no name"),
        ("results.jsonl", [{"model": 1, "name": "a", "prompt": 8}], "line 1: has no result"),
        ("results.jsonl", "{\n", "line 1: is not JSON"),
    ],
)
def test_a_broken_file_beside_is_an_error_that_names_it(store, write, name, rows, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        import_file(store, folder(write, **{name: rows}), "votes")
    assert store.votes.count() == 0


def test_every_real_vote_comes_in_with_its_texts_in_the_order_of_the_file(store, real):
    path = real / "llmfao" / "crowd-comparisons.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    report = import_file(store, path, "votes")
    assert (report.rows_read, report.votes_added, report.battles_added, report.models_added) == (
        8931,
        8931,
        2139,
        59,
    )
    assert report.rejects == () and len(store.models.list()) == 59

    meaning = {"left": Winner.MODEL_A, "right": Winner.MODEL_B, "tie": Winner.TIE}
    columns = store.votes.outcomes(ANY)
    assert [columns.names[code] for code in columns.model_a] == [row["left"] for row in rows]
    assert [columns.names[code] for code in columns.model_b] == [row["right"] for row in rows]
    assert Counter(columns.winner.tolist()) == Counter(
        [Winner.MODEL_A, Winner.MODEL_B, Winner.TIE].index(meaning[row["winner"]]) for row in rows
    )
    voters = Counter(row["worker"] for row in rows)
    assert all(store.votes.count_by_voter(Voter(VoterKind.HUMAN, name)) == n for name, n in voters.items())
    with pytest.raises(Conflict, match="was imported before"):
        import_file(store, path, "votes")
    assert store.votes.count() == 8931


def test_exported_pairs_of_the_real_votes_hold_the_recorded_answers(store, real):
    import_file(store, real / "llmfao" / "crowd-comparisons.csv", "votes")
    texts = {}
    for name, key in (("prompts", "text"), ("results", "result")):
        for line in (real / "llmfao" / f"{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            texts[(row["id"],) if name == "prompts" else (row["name"], row["prompt"])] = row[key]
    answers = {(key[0], texts[key[1],], text) for key, text in texts.items() if len(key) == 2}
    preferences = derive(store.preferences.judged_pairs(ANY))
    assert preferences.votes == 8931
    assert len(preferences.kept) > 500
    for pair in preferences.kept:
        (prompt,) = pair.prompt
        assert (pair.model_chosen, prompt.content, pair.chosen[0].content) in answers
        assert (pair.model_rejected, prompt.content, pair.rejected[0].content) in answers
