"""Votes in Chatbot Arena's columns: what is taken, what is refused, and what is kept of each."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from arena.errors import Conflict, ImportRejected, InvalidInput
from arena.formats import import_file
from arena.preferences import derive
from arena.types import Message, PairCount, VoteFilter, Voter, VoterKind, Winner

HEADER = "question_id,model_a,model_b,winner,judge,turn,anony,language,tstamp\n"
ANY = VoteFilter()


def all_votes(store):
    ids = [pair.battle_id for pair in store.preferences.judged_pairs(ANY)]
    return [vote for battle_id in ids for vote in store.votes.standing(battle_id)]


def reasons(caught):
    return dict(caught.value.rejects)


def test_every_label_of_chatbot_arena_is_understood(store, write):
    labels = ["model_a", "MODEL_B", " tie ", "tie (bothbad)", "both_bad", "bothbad"]
    path = write("votes.csv", "model_a,model_b,winner\n" + "".join(f"ada,bob,{label}\n" for label in labels))
    report = import_file(store, path, "votes")
    assert (report.rows_read, report.votes_added, report.battles_added, report.models_added) == (6, 6, 6, 2)
    assert store.votes.pair_counts(ANY) == [PairCount("ada", "bob", 1, 1, 1, 3)]


def test_votes_keep_voter_time_and_order(store, write):
    rows = [
        "q2,ada,bob,model_a,arena_user_9,1,True,English,1682351591.1322",
        "q1,bob,cyd,tie,arena_user_1,1,True,German,1682351591132",
        "q3,cyd,ada,model_b,,1,True,,2023-04-24T17:53:11+02:00",
    ]
    import_file(store, write("votes.csv", HEADER + "\n".join(rows)), "votes")
    votes = all_votes(store)
    assert [v.winner for v in votes] == [Winner.MODEL_A, Winner.TIE, Winner.MODEL_B]
    assert [v.voter.name for v in votes] == ["arena_user_9", "arena_user_1", "anonymous"]
    assert [v.created_at for v in votes] == [
        datetime(2023, 4, 24, 15, 53, 11, 132200, UTC),
        datetime(2023, 4, 24, 15, 53, 11, 132000, UTC),
        datetime(2023, 4, 24, 15, 53, 11, tzinfo=UTC),
    ]
    columns = store.votes.outcomes(ANY)
    assert [columns.names[code] for code in columns.model_a] == ["ada", "bob", "cyd"]


def test_a_time_without_a_zone_is_taken_as_utc(store, write):
    import_file(
        store, write("v.csv", "model_a,model_b,winner,timestamp\na,b,tie,2024-02-29 12:00\n"), "votes"
    )
    assert all_votes(store)[0].created_at == datetime(2024, 2, 29, 12, tzinfo=UTC)


def test_each_refused_row_has_its_line_and_its_reason_and_nothing_is_stored(store, write):
    rows = [
        'q1,ada,bob,model_a,"eve\nand more",1,True,English,1682351591',
        "q2,ada,bob,model_c,eve,1,True,English,1682351591",
        "q3, ,bob,model_a,eve,1,True,English,1682351591",
        "q4,ada,,model_a,eve,1,True,English,1682351591",
        "q5,ada,ada ,model_a,eve,1,True,English,1682351591",
        "q6,ada,bob,,eve,1,True,English,1682351591",
        "q7,ada,bob,tie,eve,1,True,English,yesterday",
        "q8,ada,bob,tie",
        "q9,ada,bob,tie,eve,1,True,English,1682351591,more",
        "q10,ada,bob,tie,eve,1,True,English,1682351591",
        "q10,ada,bob,model_a,eve,1,True,English,1682351592",
        "q10,ada,bob,model_a,eve,2,True,English,1682351592",
        "q10,ada,bob,model_a,fay,1,True,English,1682351592",
    ]
    path = write("votes.csv", HEADER + "\n".join(rows) + "\n")
    with pytest.raises(ImportRejected, match=r"9 of its 13 rows cannot be used.*\(line 4: ") as caught:
        import_file(store, path, "votes")
    assert reasons(caught) == {
        4: "the winner 'model_c' is not known; known are model_a, model_b, tie, both_bad, tie (bothbad), bothbad",
        5: "has no model_a",
        6: "has no model_b",
        7: "the model 'ada' cannot meet itself",
        8: "has no winner",
        9: "the tstamp 'yesterday' is neither a date nor a Unix time",
        10: "has 4 fields where the header has 9",
        11: "has 10 fields where the header has 9",
        13: "the voter 'eve' has voted on this battle already (line 12)",
    }
    assert store.votes.count() == 0 and store.models.list() == []

    report = import_file(store, path, "votes", skip_bad=True)
    assert (report.rows_read, report.rows_added, len(report.rejects)) == (13, 4, 9)
    assert store.votes.count() == 4
    assert any("file of their own" in note for note in report.notes)


def test_a_file_without_any_good_row_is_refused_even_when_bad_ones_are_skipped(store, write):
    path = write("votes.csv", "model_a,model_b,winner\na,b,c\na,a,tie\n")
    with pytest.raises(ImportRejected, match="none of its 2 rows can be used"):
        import_file(store, path, "votes", skip_bad=True)


def test_a_header_alone_brings_nothing(store, write):
    report = import_file(store, write("votes.csv", "model_a,model_b,winner\n"), "votes")
    assert (report.rows_read, report.votes_added) == (0, 0)
    assert "added nothing new" in report.summary()


def test_json_lines_are_refused_by_line_too(store, write):
    good = '{"model_a": "a", "model_b": "b", "winner": "tie", "voter": "x", "battle_id": 7}'
    lines = [good, "", "{", '["a"]', '{"model_a": null, "model_b": "b", "winner": "tie"}', good]
    with pytest.raises(ImportRejected) as caught:
        import_file(store, write("votes.jsonl", "\r\n".join(lines)), "votes")
    assert reasons(caught) == {
        3: "is not JSON",
        4: "is not a JSON object",
        5: "has no model_a",
        6: "the voter 'x' has voted on this battle already (line 1)",
    }


def test_a_json_list_is_refused_by_line_too(store, write):
    text = '\ufeff[\n {"model_a": "a",\n  "model_b": "b", "winner": "tie"},\n 5,\n {"model_a": "a", "model_b": "b"}]'
    with pytest.raises(ImportRejected) as caught:
        import_file(store, write("votes.json.gz", text), "votes")
    assert reasons(caught) == {4: "is not a JSON object", 5: "has no winner"}


def test_a_parquet_file_is_refused_by_row(store, tmp_path):
    table = pa.table({"model_a": ["a", "a"], "model_b": ["b", "a"], "winner": ["tie", "tie"]})
    parquet.write_table(table, tmp_path / "votes.parquet")
    with pytest.raises(ImportRejected, match=r"\(row 2: ") as caught:
        import_file(store, tmp_path / "votes.parquet", "votes")
    assert reasons(caught) == {2: "the model 'a' cannot meet itself"}


def test_one_battle_has_one_pair_of_models(store, write):
    path = write(
        "v.csv", "battle,model_a,model_b,winner,voter\n1,a,b,tie,x\n1,b,a,tie,y\n1,a,b,tie,z\n,c,d,tie,z\n"
    )
    with pytest.raises(ImportRejected) as caught:
        import_file(store, path, "votes")
    assert reasons(caught) == {3: "its battle is between 'a' and 'b' (line 2)"}
    report = import_file(store, path, "votes", skip_bad=True)
    assert (report.votes_added, report.battles_added) == (3, 2)


def test_votes_without_a_voter_all_stand_on_a_battle(store, write):
    path = write(
        "v.csv", "battle_id,model_a,model_b,winner,voter\n1,a,b,tie,\n1,a,b,tie,anonymous\n1,a,b,tie,\n"
    )
    with pytest.raises(ImportRejected, match="voter 'anonymous' has voted"):
        import_file(store, path, "votes")
    import_file(
        store, write("w.csv", "battle_id,model_a,model_b,winner\n1,a,b,tie\n1,a,b,model_a\n"), "votes"
    )
    assert [v.voter.name for v in all_votes(store)] == ["anonymous", "anonymous 2"]


def test_the_criterion_tells_votes_of_one_voter_apart(store, write):
    rows = "1,a,b,tie,x,helpful\n1,a,b,model_a,x,safe\n1,a,b,model_b,x,\n"
    import_file(store, write("v.csv", "battle_id,model_a,model_b,winner,voter,criterion\n" + rows), "votes")
    assert [store.votes.count(VoteFilter(criterion=c)) for c in ("helpful", "safe", "overall")] == [1, 1, 1]
    assert store.battles.count() == 1


def test_the_kind_of_voter_is_asked_for_or_stands_in_the_file(store, write):
    import_file(
        store, write("v.csv", "model_a,model_b,winner\na,b,tie\n"), "votes", voter_kind=VoterKind.JUDGE
    )
    rows = "a,b,tie,simulated\na,b,tie,\n"
    import_file(store, write("w.csv", "model_a,model_b,winner,voter_kind\n" + rows), "votes")
    assert store.votes.voter_kinds() == {VoterKind.HUMAN: 1, VoterKind.JUDGE: 1, VoterKind.SIMULATED: 1}
    with pytest.raises(ImportRejected, match="'robot' is none of human, judge, simulated"):
        import_file(store, write("x.csv", "model_a,model_b,winner,voter_kind\na,b,tie,robot\n"), "votes")


def test_the_same_file_is_not_counted_twice(store, write):
    text = "model_a,model_b,winner\na,b,tie\n"
    import_file(store, write("v.csv", text), "votes")
    with pytest.raises(Conflict, match=r"again\.csv\.gz was imported before"):
        import_file(store, write("again.csv.gz", text), "votes")
    assert store.votes.count() == 1
    import_file(store, write("v.csv", text + "a,c,tie\n"), "votes")
    assert store.votes.count() == 3


CONVERSATION = [
    {"role": "user", "content": "Hi, who are you?"},
    {"role": "assistant", "content": "Ada."},
    {"role": "user", "content": "And now?"},
    {"role": "assistant", "content": "Still Ada."},
]


def other(*answers):
    said = iter(answers)
    return [m if m["role"] == "user" else {**m, "content": next(said)} for m in CONVERSATION]


def row(**fields):
    base = {"question_id": "q", "model_a": "ada", "model_b": "bob", "winner": "model_b", "judge": "eve"}
    return {**base, "conversation_a": CONVERSATION, "conversation_b": other("Bob.", "Bob."), **fields}


def test_conversations_become_battles_with_every_turn(store, write):
    report = import_file(store, write("chat.jsonl", [row(language="English", turn=2)]), "votes")
    assert (report.prompts_added, report.set_name) == (1, "chat")
    (pair,) = store.preferences.judged_pairs(ANY)
    battle = store.battles.get(pair.battle_id)
    assert battle.votable and battle.prompt is not None
    assert (battle.prompt.text, battle.prompt.language) == ("Hi, who are you?", "English")
    assert [m.as_dict() for m in battle.conversation("a")] == CONVERSATION
    assert [m.as_dict() for m in battle.conversation("b")] == other("Bob.", "Bob.")
    assert store.prompts.sets() == {"chat": 1}


def test_only_the_turns_that_were_judged_are_kept(store, write):
    import_file(store, write("chat.jsonl", [row(turn=1), row(turn=2, winner="model_a")]), "votes")
    pairs = {len(pair.continuation_a): pair for pair in store.preferences.judged_pairs(ANY)}
    assert {length: (pair.wins_a, pair.wins_b) for length, pair in pairs.items()} == {1: (0, 1), 3: (1, 0)}


def test_what_both_sides_share_before_they_part_is_the_prompt(store, write):
    import_file(store, write("chat.jsonl", [row(conversation_b=other("Ada.", "Bob."))]), "votes")
    (pair,) = store.preferences.judged_pairs(ANY)
    assert [m.content for m in pair.prompt] == ["Hi, who are you?", "Ada.", "And now?"]
    assert pair.continuation_a == (Message("assistant", "Still Ada."),)


def test_one_conversation_that_several_judged_is_one_battle(store, write):
    rows = [row(), row(judge="fay"), row(judge="gus", conversation_b=other("Bo.", "Bo."))]
    report = import_file(store, write("chat.jsonl", rows), "votes")
    assert (report.votes_added, report.battles_added) == (3, 2)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"conversation_a": "[not json"}, "conversation_a is not a list of messages with role and content"),
        (
            {"conversation_b": [{"role": "bee", "content": "x"}]},
            "conversation_b has a message of the role 'bee'",
        ),
        (
            {"conversation_b": [{"role": "user", "content": None}]},
            "conversation_b has a message without text",
        ),
        ({"conversation_b": CONVERSATION[:3]}, "conversation_b does not end with an answer"),
        ({"conversation_b": CONVERSATION[1:2]}, "do not begin with the same message of a user"),
        ({"conversation_b": other("Bob.", "Bob.")[:2]}, "the user does not say the same in"),
    ],
)
def test_a_conversation_that_cannot_be_read_is_a_refused_row(store, write, fields, reason):
    with pytest.raises(ImportRejected) as caught:
        import_file(store, write("chat.jsonl", [row(), row(question_id="r", **fields)]), "votes")
    assert list(reasons(caught)) == [2]
    assert reason in reasons(caught)[2]


def test_parts_of_a_message_are_joined(store, write):
    parts = [{"type": "text", "text": "Hi,"}, {"type": "image"}, {"type": "text", "text": "who?"}]
    sides = [[{"role": "user", "content": parts}, {"role": "assistant", "content": text}] for text in "ab"]
    import_file(store, write("c.jsonl", [row(conversation_a=sides[0], conversation_b=sides[1])]), "votes")
    (pair,) = store.preferences.judged_pairs(ANY)
    assert pair.prompt == (Message("user", "Hi,\nwho?"),)


def test_prompt_and_responses_are_read_as_texts_or_as_lists_of_turns(store, write):
    header = "id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie\n"
    lists = '2,ada,bob,"[""One?"",""Two?""]","[""1"",""2""]","[""eins"",null]",0,0,1\n'
    path = write("v.csv", header + '1,ada,bob,"One, or ""two""?",uno,due,1,0,0\n' + lists)
    import_file(store, path, "votes")
    first, second = store.preferences.judged_pairs(ANY)
    assert first.prompt == (Message("user", 'One, or "two"?'),)
    assert (first.continuation_b, first.wins_a) == ((Message("assistant", "due"),), 1)
    assert [m.content for m in second.continuation_a] == ["1", "Two?", "2"]
    assert [m.content for m in second.continuation_b] == ["eins", "Two?", ""]
    assert second.ties == 1


def test_winner_flags_must_agree_on_one(store, write):
    header = "model_a,model_b,winner_model_a,winner_model_b,winner_tie\n"
    path = write("v.csv", header + "a,b,1,0,0\na,b,1,1,0\na,b,0,0,0\na,b,,,1\n")
    with pytest.raises(ImportRejected) as caught:
        import_file(store, path, "votes")
    assert reasons(caught) == {
        3: "of winner_model_a, winner_model_b, winner_tie (1, 1, 0) exactly one must be 1",
        4: "of winner_model_a, winner_model_b, winner_tie (0, 0, 0) exactly one must be 1",
    }


def test_a_prompt_without_answers_is_kept_with_its_category(store, write):
    rows = [{"prompt": "Why?", "category": "big", "model_a": "a", "model_b": "b", "winner": "tie"}]
    import_file(store, write("v.jsonl", rows), "votes", set_name="mine")
    assert store.votes.count(VoteFilter(category="big")) == 1
    assert derive(store.preferences.judged_pairs(ANY)).dropped["no text"] == 1
    assert store.prompts.sets() == {"mine": 1}


def test_nested_conversations_in_parquet_are_read(store, tmp_path):
    parquet.write_table(pa.Table.from_pylist([row()]), tmp_path / "v.parquet")
    import_file(store, tmp_path / "v.parquet", "votes")
    (pair,) = store.preferences.judged_pairs(ANY)
    assert [m.content for m in pair.continuation_b] == ["Bob.", "And now?", "Bob."]


def test_what_a_person_might_miss_stands_in_the_notes(store, write):
    path = write("v.csv", HEADER + "q,a,b,tie,,1,False,English,1\nr,a,b,tie,,1,True,English,1\n")
    notes = " ".join(import_file(store, path, "votes").notes)
    assert "1 vote cast with the models' names in view" in notes
    assert "no preference pairs" in notes and "Languages were left out" in notes
    assert "names no voters" in " ".join(
        import_file(store, write("w.csv", "model_a,model_b,winner\na,b,tie\n"), "votes").notes
    )


def test_line_ends_of_both_kinds_in_one_file_are_read(store, write):
    report = import_file(
        store,
        write("v.csv", "\n\nmodel_a,model_b,winner\r\na,b,tie\nc,d,tie\r\ne,f,x\n"),
        "votes",
        skip_bad=True,
    )
    assert (report.votes_added, report.rejects[0].line) == (2, 6)


def test_a_quotation_mark_that_is_not_closed_is_an_error_of_the_file(store, write):
    for text in ('c,"d,tie\n', 'c,"d"d,tie\n', 'c,"d,tie\r\ne,f,tie\n'):
        with pytest.raises(InvalidInput, match="not closed in the row that begins on line 3"):
            import_file(store, write("v.csv", "model_a,model_b,winner\na,b,tie\n" + text), "votes")


def test_bytes_that_are_not_utf8_far_into_the_file_are_an_error_of_the_file(store, write):
    content = b"model_a,model_b,winner\n" + b"ada,bob,tie\n" * 200_000 + b"\xff,bob,tie\n"
    for name, data in (("v.csv", content), ("v.csv.gz", content)):
        with pytest.raises(InvalidInput, match="is not UTF-8 text"):
            import_file(store, write(name, data), "votes")


def test_a_long_conversation_fits(store, write):
    long = "word " * 1_000_000
    rows = [row(conversation_b=other(long, "x")[:2], conversation_a=CONVERSATION[:2])]
    import_file(store, write("v.jsonl", rows), "votes")
    csv = "model_a,model_b,winner,prompt,response_a,response_b\n" + f'a,b,tie,Why?,"{long}",x\n'
    import_file(store, write("v.csv", csv), "votes")
    assert next(len(p.continuation_b[0].content) for p in store.preferences.judged_pairs(ANY)) == len(long)


def test_a_strange_column_name_is_no_sql(store, write):
    name = '"; DROP TABLE votes; --'
    csv = json.dumps(name).replace('\\"', '""') + ",model_a,model_b,winner\n1,a,b,tie\n"
    assert import_file(store, write("v.csv", csv), "votes").votes_added == 1
    rows = [{name: 1, "it's": 2, "model_a": "o'a", "model_b": 'b"', "winner": "tie"}]
    assert import_file(store, write("v.jsonl", rows), "votes").votes_added == 1
    assert {spec.name for spec in store.models.list()} == {"a", "b", "o'a", 'b"'}


def test_votes_may_still_be_cast_on_an_imported_battle_with_texts(store, write):
    from arena.types import Vote

    import_file(store, write("chat.jsonl", [row()]), "votes")
    (pair,) = store.preferences.judged_pairs(ANY)
    assert isinstance(pair.battle_id, UUID)
    store.votes.cast(Vote(pair.battle_id, Winner.TIE, Voter(VoterKind.HUMAN, "gus")))
    assert store.votes.count() == 2
