from arena.judgments import BattleFilter, Failure
from arena.store.verdicts import VerdictFilter
from arena.types import VoteFilter, VoterKind
from tests.workbench.judged_home import judge
from workbench.demo.judges import BRIEF, MANNERS, PANEL, REFERENCE, VILLAGER
from workbench.demo.setup import make_demo


def test_the_demo_opens_with_judges_and_verdicts_to_look_at(home):
    make_demo(home)
    assert {spec.name for spec in home.list_judges()} == {BRIEF, MANNERS, PANEL, REFERENCE, VILLAGER}
    battles = home.store.battles.chosen(BattleFilter())
    assert len(battles) == 41
    assert home.verdict_counts(VerdictFilter(judge=BRIEF)).decided == 41
    by_reference = home.verdict_counts(VerdictFilter(judge=REFERENCE))
    assert by_reference.decided > 10
    assert [reason for reason, _ in by_reference.failures] == [Failure.NOT_APPLICABLE]
    assert home.store.votes.count(VoteFilter(voter_kinds=(VoterKind.HUMAN,))) == 0
    assert judge(home, PANEL).decided == 41

    before = home.store.battles.count()
    make_demo(home)
    assert home.store.battles.count() == before, "opening the demo again adds nothing"


def test_every_pair_of_recorded_models_meets_about_equally_often(home):
    make_demo(home)
    pairs: dict[frozenset[str], int] = {}
    for battle in home.store.battles.load(home.store.battles.chosen(BattleFilter())):
        pair = frozenset((battle.model_a, battle.model_b))
        pairs[pair] = pairs.get(pair, 0) + 1
    assert len(pairs) == 10
    assert set(pairs.values()) <= {4, 5}
