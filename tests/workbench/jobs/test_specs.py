"""Specs as JSON: what goes in comes out, and what cannot be done is one sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.judgments import AnswerFilter, BattleFilter
from arena.types import VoteFilter, Voter, VoterKind
from workbench.jobs import specs
from workbench.jobs.words import LABELS, UNITS, asked

names = st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple)
some = st.none() | names
text = st.none() | st.text()
battles = st.builds(
    BattleFilter,
    models=some,
    prompt_sets=some,
    category=text,
    language=text,
    voted_by_people=st.booleans(),
    limit=st.none() | st.integers(1, 10**6),
)
votes = st.builds(
    VoteFilter,
    voter_kinds=st.none() | st.lists(st.sampled_from(VoterKind), max_size=3).map(tuple),
    voters=some,
    without_prompts=st.frozensets(st.text(min_size=1), max_size=3),
    without_voters=st.lists(
        st.builds(Voter, st.sampled_from(VoterKind), st.text(min_size=1)), max_size=2
    ).map(tuple),
    named=st.booleans(),
)
counts = st.none() | st.integers(1, 4096)
money = st.none() | st.floats(0, 1e9)
any_spec = st.one_of(
    st.builds(specs.AnswerJob, models=names, prompts=names, slots=st.integers(1, 4096)),
    st.builds(specs.BattleJob, models=names, prompts=names, seed=st.none() | st.integers(0, 2**63 - 1)),
    st.builds(specs.JudgeJob, judge=st.text(), battles=battles, slots=counts, max_cost=money),
    st.builds(
        specs.ScoreJob,
        metrics=names,
        answers=st.builds(AnswerFilter, models=some),
        options=st.dictionaries(st.text(), st.dictionaries(st.text(), st.integers() | st.text()), max_size=2),
    ),
    st.builds(specs.GoldenJob, golden=st.text(), model=st.text(), fresh=st.booleans()),
    st.builds(specs.AttackJob, judge=st.text()),
    st.builds(specs.ImportJob, file=st.text(), what=st.just("votes"), voter_kind=st.sampled_from(VoterKind)),
    st.builds(specs.ExportJob, name=st.text(), votes=votes, majority=st.floats(0, 1)),
    st.builds(specs.TrainJob, run=st.text()),
)


@given(any_spec)
def test_a_spec_survives_as_json(spec):
    assert specs.load_spec(json.loads(json.dumps(specs.dump_spec(spec)))) == spec


def test_every_kind_has_its_words():
    kinds = {spec.__dataclass_fields__["kind"].default for spec in specs.AnyJob.__args__}
    assert kinds == set(specs.KINDS) == set(LABELS) == set(UNITS)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "kind: "),
        ({"kind": "nap"}, "kind: .*'nap'"),
        ({"kind": "judge"}, "judge: Field required"),
        ({"kind": "judge", "judge": "j", "battles": {"voted": True}}, "battles.voted: "),
        ({"kind": "judge", "judge": "j", "spleen": 1}, "spleen: "),
        ({"kind": "answer", "models": [], "prompts": ["p"]}, "models: .*at least 1"),
        ({"kind": "answer", "models": ["m"], "prompts": ["p"], "slots": 0}, "slots: .*greater"),
        ({"kind": "export", "name": "e", "majority": 1.5}, "majority: "),
        ({"kind": "import", "file": "f", "what": "nonsense"}, "what: "),
        ({"kind": "battle", "models": ["a"], "prompts": ["p"], "seed": -1}, "seed: "),
    ],
)
def test_a_spec_that_cannot_be_done_says_what_is_wrong_with_it(values, said):
    with pytest.raises(InvalidInput, match=f"The job cannot be started: {said}"):
        specs.load_spec(values)


def test_what_was_asked_is_told_without_what_was_left_open():
    spec = specs.JudgeJob(
        judge="j", battles=BattleFilter(models=("a", "b"), voted_by_people=True), max_tokens=9
    )
    assert asked(specs.dump_spec(spec)) == [
        ("judge", "j"),
        ("battles", "models: a, b, voted by people"),
        ("criterion", "overall"),
        ("max tokens", "9"),
    ]
    spec = specs.ImportJob(file="/secret/place/votes.csv", what="votes")
    assert ("file", "votes.csv") in asked(specs.dump_spec(spec), folders=False)
    assert ("file", "/secret/place/votes.csv") in asked(specs.dump_spec(spec))
