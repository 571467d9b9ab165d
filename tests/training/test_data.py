import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from tests.training.conftest import rows, write_rows
from training.data import held_out, load_export, read_pairs, sha256_of


def letters(conversations, answer_follows):
    """One token a character, two marks around each message, one more where an answer is to begin."""
    texts = ["".join(f"<{m['content']}>" for m in c) + ("<" if answer_follows else "") for c in conversations]
    return [[ord(character) for character in text] for text in texts]


def load(folder, method="dpo", max_length=1000, **options):
    return load_export(folder, method=method, tokens=letters, max_length=max_length, **options)


def row(number, chosen="yes", rejected="no", prompt=None):
    made = rows(1)[0]
    made["prompt"] = [{"role": "user", "content": prompt or f"question {number}"}]
    made["chosen"][0]["content"], made["rejected"][0]["content"] = chosen, rejected
    made["prompt_id"] = f"id {prompt or number}"
    return made


def test_no_prompt_stands_on_both_sides(tmp_path):
    split = load(write_rows(tmp_path / "e", rows(200, prompts=30)), test_share=0.3)
    train, test = ({pair.prompt_id for pair in side} for side in (split.train, split.test))
    assert not train & test
    assert len(train | test) == 30
    assert len(split.train) + len(split.test) == 200


def test_the_same_seed_gives_the_same_split_and_another_seed_another(tmp_path):
    folder = write_rows(tmp_path / "e", rows(100))
    assert load(folder, seed=1) == load(folder, seed=1)
    assert load(folder, seed=1).test != load(folder, seed=2).test


@given(
    ids=st.lists(st.text(min_size=1), min_size=60, max_size=80, unique=True),
    more=st.lists(st.text(min_size=1), max_size=40, unique=True),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_prompt_held_out_once_stays_held_out_when_the_export_grows(ids, more, seed):
    before, after = held_out(ids, 0.3, seed), held_out([*ids, *more], 0.3, seed)
    fell_below = len(before) > 1  # else one was taken for want of any
    assert not fell_below or before <= after


@given(ids=st.lists(st.text(), min_size=2, unique=True), share=st.floats(0.001, 0.5), seed=st.integers(0, 99))
def test_each_side_has_at_least_one_prompt(ids, share, seed):
    assert 1 <= len(held_out(ids, share, seed)) < len(ids)


def test_about_the_asked_share_is_held_out():
    ids = [str(i) for i in range(20_000)]
    assert len(held_out(ids, 0.1, 42)) / 20_000 == pytest.approx(0.1, abs=0.01)


def test_empty_and_equal_answers_are_dropped_and_counted(tmp_path):
    made = [row(i) for i in range(5)] + [row(6, chosen="  "), row(7, rejected=""), row(8, "same", "same")]
    split = load(write_rows(tmp_path / "e", made))
    assert split.dropped == {"empty answer": 2, "same answers": 1}
    assert split.read == 8
    assert len(split.train) + len(split.test) == 5


def test_a_reward_run_drops_a_pair_with_a_side_over_the_length(tmp_path):
    made = [row(i) for i in range(5)] + [row(6, chosen="x" * 100), row(7, rejected="x" * 100)]
    split = load(write_rows(tmp_path / "e", made), method="reward", max_length=50)
    assert split.dropped == {"longer than 50 tokens": 2}
    assert split.truncated == 0


def test_dpo_cuts_a_long_answer_and_counts_pairs_and_tokens(tmp_path):
    made = [row(i) for i in range(5)] + [row(6, chosen="x" * 100), row(7, "x" * 100, "y" * 60)]
    split = load(write_rows(tmp_path / "e", made), max_length=50)
    over = len("<question 6><>") + 100 - 50
    assert split.dropped == {}
    assert (split.truncated, split.cut_tokens) == (2, over + over + over - 40)


def test_dpo_drops_a_pair_whose_prompt_fills_the_length_or_whose_answers_differ_beyond_it(tmp_path):
    made = [row(i) for i in range(5)] + [row(6, prompt="x" * 60), row(7, "x" * 90 + "a", "x" * 90 + "b")]
    split = load(write_rows(tmp_path / "e", made), max_length=50)
    assert split.dropped == {"prompt fills 50 tokens": 1, "same within 50 tokens": 1}


@pytest.mark.parametrize("count", [1, 3])
def test_pairs_on_one_prompt_cannot_be_split(tmp_path, count):
    folder = write_rows(tmp_path / "few", [row(i, prompt="the same") for i in range(count)])
    with pytest.raises(
        InvalidInput, match=f"few has {count} usable preference pairs? on 1 prompt; .* collect more votes"
    ):
        load(folder)


def test_what_was_dropped_is_part_of_the_reason_that_too_little_is_left(tmp_path):
    folder = write_rows(tmp_path / "few", [row(1), *(row(i, chosen="") for i in range(2, 9))])
    with pytest.raises(InvalidInput, match="1 usable preference pair on 1 prompt, 7 dropped as empty answer"):
        load(folder)


def test_prompt_ids_are_computed_where_the_column_is_missing(tmp_path):
    made = rows(20)
    bare = [{key: r[key] for key in ("prompt", "chosen", "rejected")} for r in made]
    with_ids, without_ids = (
        read_pairs(write_rows(tmp_path / name, m)) for name, m in (("a", made), ("b", bare))
    )
    assert with_ids == without_ids


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "preferences.parquet").unlink(), "it has no preferences.parquet"),
        (lambda folder: (folder / "preferences.parquet").write_text("no"), "cannot be read as Parquet"),
        (lambda folder: write_rows(folder, [{"prompt": [], "chosen": []}]), "lacks the column rejected"),
        (
            lambda folder: write_rows(folder, [{"prompt": "a", "chosen": "b", "rejected": "c"}]),
            "row 1 of .*, prompt, is not a list of messages",
        ),
        (
            lambda folder: write_rows(
                folder, [{**row(1), "chosen": [{"role": "assistant", "content": None}]}]
            ),
            "row 1 of .*, chosen, has a message without role or content",
        ),
    ],
)
def test_an_export_that_is_none_says_what_is_wrong(tmp_path, spoil, words):
    folder = write_rows(tmp_path / "e", rows(3))
    spoil(folder)
    with pytest.raises(InvalidInput, match=words):
        read_pairs(folder)


def test_the_hash_names_the_content(tmp_path):
    first, same, other = (
        write_rows(tmp_path / n, rows(5, seed=s)) for n, s in (("a", 1), ("b", 1), ("c", 2))
    )
    assert sha256_of(first) == sha256_of(same) != sha256_of(other)


def test_three_hundred_real_pairs_are_all_accounted_for(tmp_path):
    file = Path(__file__).resolve().parents[3] / "shared" / "data" / "preferences" / "dpo_en_demo.json"
    if not file.exists():
        pytest.skip("../shared/data/preferences is not here")
    roles = {"human": "user", "gpt": "assistant", "system": "system"}

    def messages(*turns):
        return [{"role": roles[t["from"]], "content": t["value"]} for t in turns]

    made = [
        {
            "prompt": messages(*r["conversations"]),
            "chosen": messages(r["chosen"]),
            "rejected": messages(r["rejected"]),
        }
        for r in json.loads(file.read_text(encoding="utf-8"))
    ]
    for method in ("reward", "dpo"):
        split = load(write_rows(tmp_path / method, made), method, max_length=1500)
        assert split.read == len(made) == len(split.train) + len(split.test) + sum(split.dropped.values())
        assert sum(split.dropped.values()) > 0
        assert (split.truncated > 0) == (method == "dpo")
