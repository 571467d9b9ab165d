import json

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from arena.errors import Conflict, ImportRejected, InvalidInput
from arena.formats import import_file
from arena.formats.preferences import dialogue_of
from arena.formats.texts import UnreadableError
from arena.preferences import derive
from arena.types import Message, VoteFilter, VoterKind

ANY = VoteFilter()


def derived(store):
    return derive(store.preferences.judged_pairs(ANY)).kept


def said(*texts):
    return [
        {"role": "user" if place % 2 == 0 else "assistant", "content": text}
        for place, text in enumerate(texts)
    ]


PROMPT = (Message("user", "Who?"),)
GOOD, BAD = (Message("assistant", "Ada, gladly."),), (Message("assistant", "Go away."),)


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Who?", "chosen": "Ada, gladly.", "rejected": "Go away."},
        {
            "prompt": said("Who?"),
            "chosen": [{"role": "assistant", "content": "Ada, gladly."}],
            "rejected": [{"role": "assistant", "content": "Go away."}],
        },
        {"prompt": "Who?", "chosen": said("Who?", "Ada, gladly."), "rejected": said("Who?", "Go away.")},
        {"chosen": said("Who?", "Ada, gladly."), "rejected": said("Who?", "Go away.")},
        {
            "chosen": "\n\nHuman: Who?\n\nAssistant: Ada, gladly.",
            "rejected": "\n\nHuman: Who?\n\nAssistant: Go away.",
        },
        {
            "conversations": [{"from": "human", "value": "Who?"}],
            "chosen": {"from": "gpt", "value": "Ada, gladly."},
            "rejected": {"from": "gpt", "value": "Go away."},
        },
    ],
)
def test_a_pair_in_every_form_becomes_a_battle_and_a_vote_and_the_same_pair_again(
    store, write, row, tmp_path
):
    report = import_file(store, write("pairs.jsonl", [row]), "preferences")
    assert (report.votes_added, report.battles_added, report.prompts_added, report.models_added) == (
        1,
        1,
        1,
        2,
    )
    (pair,) = derived(store)
    assert (pair.prompt, pair.chosen, pair.rejected) == (PROMPT, GOOD, BAD)
    assert (pair.model_chosen, pair.model_rejected) == ("pairs chosen", "pairs rejected")
    parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "same.parquet")
    import_file(store, tmp_path / "same.parquet", "preferences", models=("good", "bad"))
    assert len(derived(store)) == 1 and store.votes.count() == 2


def test_which_side_a_pair_is_shown_on_is_decided_by_its_texts(store, write):
    rows = [{"prompt": f"{n}?", "chosen": f"yes {n}", "rejected": f"no {n}"} for n in range(200)]
    import_file(store, write("p.jsonl", rows), "preferences")
    wins = [pair.wins_a for pair in store.preferences.judged_pairs(ANY)]
    assert 70 < sum(wins) < 130
    assert {(p.model_chosen, p.chosen[0].content[:3]) for p in derived(store)} == {("p chosen", "yes")}


def test_sides_compete_under_the_names_of_the_rows_or_those_given(store, write):
    row = {"prompt": "Who?", "chosen": "a", "rejected": "b", "model_chosen": "ada", "model_rejected": "bob"}
    import_file(store, write("p.jsonl", [row]), "preferences", models=("x", "y"))
    rest = [{"prompt": "How?", "chosen": "a", "rejected": "b"}]
    import_file(
        store,
        write("q.jsonl", rest),
        "preferences",
        models=("x", "y"),
        voter="gpt",
        voter_kind=VoterKind.JUDGE,
    )
    assert {(p.model_chosen, p.model_rejected) for p in derived(store)} == {("ada", "bob"), ("x", "y")}
    assert store.votes.voter_kinds() == {VoterKind.HUMAN: 1, VoterKind.JUDGE: 1}
    with pytest.raises(InvalidInput, match="two different names"):
        import_file(store, write("r.jsonl", rest), "preferences", models=("x", " x"))


def test_what_dialogues_share_is_the_prompt_and_what_follows_are_turns(store, write):
    rows = [
        {"chosen": said("1?", "2", "3?", "good"), "rejected": said("1?", "2", "3?", "bad")},
        {"chosen": said("1?", "good", "3?", "4"), "rejected": said("1?", "bad", "3?", "5")},
    ]
    import_file(store, write("p.jsonl", rows), "preferences")
    pairs = {len(p.prompt): p for p in derived(store)}
    assert [m.content for m in pairs[3].prompt] == ["1?", "2", "3?"]
    assert [m.content for m in pairs[1].chosen] == ["good", "3?", "4"]
    assert [m.content for m in pairs[1].rejected] == ["bad", "3?", "5"]


def test_each_refused_pair_has_its_line_and_reason(store, write):
    rows = [
        {"prompt": "Who?", "chosen": "a", "rejected": "b"},
        {"prompt": "Who?", "chosen": "a", "rejected": " a"},
        {"prompt": "", "chosen": "a", "rejected": "b"},
        {"prompt": "Who?", "chosen": None, "rejected": "b"},
        {"prompt": "Who?", "chosen": "a"},
        {"prompt": "Who?", "chosen": said("Who?", "1", "2?"), "rejected": "b"},
        {"prompt": "Who?", "chosen": said("Who?", "1", "2?", "3"), "rejected": said("Who?", "x", "y?", "z")},
        {"prompt": "Who?", "chosen": "a", "rejected": "b", "model_chosen": "m", "model_rejected": "m"},
    ]
    path = write("p.jsonl", rows)
    with pytest.raises(ImportRejected) as caught:
        import_file(store, path, "preferences")
    assert dict(caught.value.rejects) == {
        2: "chosen and rejected are the same",
        3: "prompt is blank",
        4: "has no chosen",
        5: "has no rejected",
        6: "chosen does not end with an answer",
        7: "the user does not say the same in chosen and rejected",
        8: "the model 'm' cannot meet itself",
    }
    assert import_file(store, path, "preferences", skip_bad=True).votes_added == 1
    with pytest.raises(Conflict):
        import_file(store, path, "preferences", skip_bad=True)


def test_a_blank_side_stands_as_a_vote_and_is_never_exported(store, write):
    report = import_file(
        store, write("p.jsonl", [{"prompt": "Who?", "chosen": "a", "rejected": ""}]), "preferences"
    )
    assert "1 pair with a blank answer" in report.notes[0]
    preferences = derive(store.preferences.judged_pairs(ANY))
    assert (preferences.kept, preferences.dropped["empty"]) == ((), 1)


def test_a_dialogue_as_text_is_parted_by_its_speakers():
    text = "\n\nHuman: Hi\nthere\n\nAssistant: \n\nAssistant: Hello.\n\nNot Human: no\n\nHuman: Bye"
    assert dialogue_of(text) == (
        Message("user", "Hi\nthere"),
        Message("assistant", "\n\nHello.\n\nNot Human: no"),
        Message("user", "Bye"),
    )
    with pytest.raises(UnreadableError, match="does not begin with"):
        dialogue_of("Hello there")


def test_the_real_demonstration_pairs_come_in_and_can_be_exported_again(store, real):
    path = real / "preferences" / "dpo_en_demo.json"
    report = import_file(store, path, "preferences")
    assert (report.format, report.votes_added, report.prompts_added) == ("llama-factory", 300, 295)
    pairs = {(p.prompt[-1].content, p.chosen[0].content, p.rejected[0].content) for p in derived(store)}
    rows = json.loads(path.read_text())
    assert pairs == {
        (r["conversations"][-1]["value"], r["chosen"]["value"], r["rejected"]["value"]) for r in rows
    }


def test_the_real_dialogues_come_in(store, real):
    path = real / "preferences" / "hh-rlhf_harmless-base_test_lines_0001-1500.jsonl.gz"
    report = import_file(store, path, "preferences", set_name="hh")
    assert (report.format, report.votes_added, report.set_name) == ("hh-rlhf", 1500, "hh")
    preferences = derive(store.preferences.judged_pairs(ANY))
    assert preferences.dropped["empty"] == 4
    assert len(preferences.kept) + sum(preferences.dropped.values()) == 1500
    assert all(p.model_chosen == "hh chosen" for p in preferences.kept)
