import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena import pairs
from arena.errors import InvalidInput
from arena.preferences import derive
from arena.types import Message, Preference, prompt_id_of
from tests.arena.judged import judged

KEPT = derive(
    [judged(n, f"Question {n}?", f"Good {n}.", f"Bad {n}.", wins_a=3, wins_b=n % 2) for n in range(5)]
).kept

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def preferences(draw: st.DrawFn) -> list[Preference]:
    """Pairs of any texts, line separators and quotes included, some with a system message."""
    rows = draw(st.lists(st.tuples(texts, texts, texts, st.booleans()), max_size=4))
    made = []
    for number, (question, good, bad, system) in enumerate(rows):
        prompt = (*([Message("system", "Be kind.")] if system else []), Message("user", question))
        chosen, rejected = (Message("assistant", good),), (Message("assistant", bad),)
        made.append(
            Preference(
                prompt, chosen, rejected, prompt_id_of(prompt), judged(number).battle_id, "m", "n", 1, 1.0, ()
            )
        )
    return made


def test_no_column_is_called_margin():
    assert "margin" not in pairs.COLUMNS
    assert set(pairs.row_of(KEPT[0])) == set(pairs.COLUMNS)


@given(preferences())
def test_a_row_gives_its_pair_back(made: list[Preference]):
    assert [pairs.preference_of(pairs.row_of(pair)) for pair in made] == made
    assert [pairs.preference_of(row) for row in pairs.table_of(made).to_pylist()] == made


@pytest.mark.parametrize("kind", pairs.KINDS)
@settings(max_examples=50)
@given(made=preferences())
def test_json_lines_give_their_pairs_back(tmp_path_factory: pytest.TempPathFactory, kind: pairs.Kind, made):
    path = tmp_path_factory.mktemp("lines") / "pairs.jsonl"
    assert pairs.write_jsonl(path, made, kind) == len(made)
    assert list(pairs.read_jsonl(path)) == made


def test_reward_lines_hold_whole_conversations(tmp_path: Path):
    pairs.write_jsonl(tmp_path / "r.jsonl", KEPT[:1], "reward")
    row = json.loads((tmp_path / "r.jsonl").read_text())
    assert "prompt" not in row
    assert [m["role"] for m in row["chosen"]] == [m["role"] for m in row["rejected"]] == ["user", "assistant"]
    assert row["chosen"][0] == row["rejected"][0]


def test_the_hash_does_not_depend_on_order_but_on_every_value():
    one = pairs.content_hash(KEPT)
    assert pairs.content_hash(reversed(KEPT)) == one
    assert pairs.content_hash(KEPT[1:]) != one
    first = pairs.row_of(KEPT[0])
    for column, value in {
        "chosen": [{"role": "assistant", "content": "Other."}],
        "model_chosen": "three",
        "votes": 9,
        "agreement": 0.51,
        "voter_kinds": ["judge"],
    }.items():
        changed = pairs.preference_of({**first, column: value})
        assert pairs.content_hash([changed, *KEPT[1:]]) != one


def test_the_hash_is_that_of_these_lines():
    # Written out: a change here makes every frozen export look tampered with.
    lines = (
        '{"agreement":1.0,"battle_id":"00000000-0000-0000-0000-000000000001",'
        '"chosen":[{"content":"Hinüber.","role":"assistant"}],"model_chosen":"one","model_rejected":"two",'
        '"prompt":[{"content":"Which way is north?","role":"user"}],'
        '"prompt_id":"' + judged(1).prompt_id + '",'
        '"rejected":[{"content":"No idea.","role":"assistant"}],"voter_kinds":["human"],"votes":2}\n'
    )
    kept = derive([judged(1, a="Hinüber.", wins_a=2)]).kept
    assert pairs.content_hash(kept) == hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "Line 2 of bad.jsonl is not a preference pair"),
        ('{"prompt": []}', "lacks the column 'chosen'"),
        ('{"prompt": 3, "chosen": [], "rejected": []}', "cannot be read"),
        ('{"chosen": [], "rejected": []}', "no beginning of its conversations"),
        ("[1, 2]", "Line 2"),
    ],
)
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, line: str, says: str):
    path = tmp_path / "bad.jsonl"
    pairs.write_jsonl(path, KEPT[:1])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(InvalidInput, match=says):
        list(pairs.read_jsonl(path))


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(InvalidInput, match="cannot be read as text"):
        list(pairs.read_jsonl(tmp_path / "none.jsonl"))


def test_an_unknown_kind_is_refused(tmp_path: Path):
    with pytest.raises(InvalidInput, match="'kto' is not known: choose dpo or reward"):
        pairs.write_jsonl(tmp_path / "x.jsonl", KEPT, "kto")  # type: ignore[arg-type]
    assert not (tmp_path / "x.jsonl").exists()
