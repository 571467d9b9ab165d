import json
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest

from arena.errors import InvalidInput, NotFound
from arena.ratings.options import RatingOptions
from arena.types import Answer, Battle, Prompt, Turn, VoteFilter, Voter, VoterKind
from tests.workbench.judged_by_people import TIE, A, B, cast, judge
from workbench.cli import main
from workbench.views.worth import section

PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))
HELPED = RatingOptions("ppi")
MODELS = ("crow", "owl", "wren")


@pytest.fixture
def battles(bench):
    """Three models, 400 battles: people voted on the first 120, a sound judge on all, a blind one on all."""
    rng = np.random.default_rng(3)
    fought = []
    for number in range(400):
        sides = [MODELS[i] for i in rng.permutation(3)[:2]]
        prompt = Prompt.from_text(f"Question {number}", category="even" if number % 2 else "odd")
        answers = [Answer(name, f"{name:5} on {number}", "stop") for name in sides]
        fought.append(Battle(uuid4(), prompt, *sides, (Turn(None, *answers),)))
    bench.store.battles.add_many(fought)
    strength = {"crow": -0.4, "owl": 0.5, "wren": 0.0}
    latent = [strength[b.model_a] - strength[b.model_b] + rng.logistic() for b in fought]
    ids = [battle.battle_id for battle in fought]
    said = [A if x > 0 else B for x in latent]
    for name in ("ann", "bob"):
        votes = [w if rng.random() < 0.95 else TIE for w in said[:120]]
        cast(bench, ids[:120], Voter(VoterKind.HUMAN, name), votes)
    cast(bench, ids, judge("sound"), [w if rng.random() < 0.95 else w.swapped() for w in said])
    cast(bench, ids, judge("blind"), [A if rng.random() < 0.5 else B for _ in ids])
    return ids


def test_a_judge_helps_peoples_votes_and_none_of_its_own_is_counted(bench, battles):
    plain, helped = bench.leaderboard(PEOPLE), bench.leaderboard(PEOPLE, HELPED)
    assert helped.votes == plain.votes == 240
    assert [(row.wins, row.losses, row.ties) for row in sorted(helped.rows, key=lambda r: r.name)] == [
        (row.wins, row.losses, row.ties) for row in sorted(plain.rows, key=lambda r: r.name)
    ]
    assert (
        "240 votes of people on 120 battles, and the judge 'sound' on 120 of them and 280 more"
        in helped.basis
    )
    assert helped.parameters["judge"].value > 0


def test_intervals_are_narrower_with_its_help(bench, battles):
    ann = VoteFilter(voter_kinds=(VoterKind.HUMAN,), voters=("ann",))
    plain, helped = bench.rated(ann), bench.rated(ann, HELPED)
    assert (helped.upper - helped.lower).mean() < 0.85 * (plain.upper - plain.lower).mean()


def test_the_licensed_judge_helps_unless_another_is_named(bench, battles):
    assert (
        bench.leaderboard(PEOPLE, HELPED).basis
        == bench.leaderboard(PEOPLE, RatingOptions("ppi", judge="sound")).basis
    )
    blind = bench.leaderboard(PEOPLE, RatingOptions("ppi", judge="blind"))
    assert "'blind'" in blind.basis
    assert bench.judge_worth("blind").more < 0.1


def test_without_a_licensed_judge_one_must_be_named(bench, battles):
    with pytest.raises(InvalidInput, match="'blind'"):
        bench.leaderboard(VoteFilter(without_voters=(judge("sound"),)), HELPED)
    with pytest.raises(NotFound, match="nobody"):
        bench.leaderboard(PEOPLE, RatingOptions("ppi", judge="nobody"))


def test_a_judge_cannot_replace_people(bench, battles):
    with pytest.raises(InvalidInput, match="people"):
        bench.leaderboard(VoteFilter(voter_kinds=(VoterKind.JUDGE,)), HELPED)


def test_the_worth_of_a_judge_is_measured_on_the_votes_asked_for(bench, battles):
    worth = bench.judge_worth("sound")
    assert (worth.votes, worth.battles, worth.shared, worth.further) == (240, 120, 120, 280)
    assert worth.more > 0.3 and worth.most > worth.more and worth.narrower > 0.1
    assert worth.votes_worth == round(240 * worth.more)
    ann = bench.judge_worth("sound", VoteFilter(voters=("ann",)))
    assert (ann.votes, ann.shared, ann.further) == (120, 120, 280)
    even = bench.judge_worth("sound", VoteFilter(category="even"))
    assert even.battles == 60 and even.further == 140
    assert bench.judge_worth("sound", strata="category").usable == 120


def run(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    said = capsys.readouterr()
    assert left.value.code in (None, 0), said.err
    return said.out + said.err


def test_commands_say_what_a_judge_is_worth_and_rate_with_its_help(bench, battles, capsys):
    home = ("--home", str(bench.home))
    worth = bench.judge_worth("sound")
    bench.close()
    said = run(capsys, *home, "agreement", "--judge", "sound")
    assert f"{worth.votes_worth:,} more votes of people" in said and "Worth in people's votes" in said
    found = json.loads(run(capsys, *home, "--format", "json", "agreement", "--judge", "sound"))
    assert found["worth"]["further"] == 280 and found["worth"]["votes_worth"] == worth.votes_worth
    board = run(capsys, *home, "leaderboard", "--method", "ppi", "--judge", "sound", "--strata", "category")
    assert "240 votes of people on 120 battles, and the judge 'sound'" in board
    together = run(capsys, *home, "leaderboard", "--method", "ppi", "--judge", "sound", "--strata", "all")
    assert "and the judge 'sound' on 120 of them and 280 more" in together


def test_the_tab_shows_its_worth_in_votes_and_escapes_its_name(bench, battles):
    shown = section(bench.judge_worth("sound"))
    assert "more votes of people" in shown and "People <b" in shown and "as if drawn at random" in shown
    strange = replace(bench.judge_worth("blind"), judge=judge("<b>blind</b>"))
    assert "adds nothing" in section(strange) and "<b>blind</b>" not in section(strange)


def test_a_judge_that_only_saw_peoples_battles_is_told_to_judge_more(bench, battles):
    cast(bench, battles[:120], judge("late"), [A if n % 3 else B for n in range(120)])
    worth = bench.judge_worth("late")
    assert (worth.weight, worth.further, worth.usable) == (0.0, 0, 0)
    assert "let it judge further battles" in section(worth)
