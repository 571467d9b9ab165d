import pytest

from arena.errors import Conflict, InvalidInput, NotFound
from arena.judgments import JudgeKind, JudgeSpec

STRICT = JudgeSpec("strict", JudgeKind.PAIRWISE, {"model": "gpt", "template": "pairwise", "note": "ü"})


def test_a_judge_comes_back_as_it_was_stored(store):
    store.judges.add(STRICT)
    assert store.judges.get("strict") == STRICT
    assert store.judges.list() == [STRICT]


def test_a_taken_name_is_refused_unless_the_judge_is_replaced(store):
    store.judges.add(STRICT)
    changed = JudgeSpec("strict", JudgeKind.RULE, {"pattern": "x"})
    with pytest.raises(Conflict, match="a judge called 'strict' already"):
        store.judges.add(changed)
    store.judges.add(changed, replace=True)
    assert store.judges.list() == [changed]


def test_a_removed_judge_is_gone_until_it_is_added_again(store):
    store.judges.add(STRICT)
    store.judges.remove("strict")
    assert store.judges.list() == []
    with pytest.raises(NotFound, match="none is set up yet"):
        store.judges.get("strict")
    store.judges.add(STRICT)
    assert store.judges.get("strict") == STRICT


def test_a_mistyped_name_is_told_the_nearest_one(store):
    store.judges.add(STRICT)
    with pytest.raises(NotFound, match="did you mean 'strict'"):
        store.judges.get("stricct")


def test_a_judge_without_a_name_is_refused(store):
    with pytest.raises(InvalidInput, match="needs a name"):
        store.judges.add(JudgeSpec(" ", JudgeKind.RULE))
