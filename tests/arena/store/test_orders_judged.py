"""A judge that was asked in one order has no outcome in the other."""

import pytest

from arena.judgments import Verdict
from arena.types import Vote, Voter, VoterKind, Winner
from tests.arena.store.conftest import add_models, make_battle

JUDGE = Voter(VoterKind.JUDGE, "strict")


@pytest.mark.parametrize(
    ("forward", "backward", "coded"),
    [
        (Winner.MODEL_A, None, (0, -1)),
        (Winner.MODEL_B, Winner.MODEL_A, (1, 0)),
        (Winner.TIE, Winner.BOTH_BAD, (2, 2)),
        (None, None, (-1, -1)),
    ],
)
def test_an_order_that_was_not_asked_is_no_outcome(store, forward, backward, coded):
    add_models(store, "ada", "bob")
    battle = make_battle()
    store.battles.add(battle)
    said = Verdict(battle.battle_id, "strict", "f1", Winner.MODEL_A, forward=forward, backward=backward)
    store.verdicts.add([said])
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, JUDGE))
    found = store.agreement.battles(JUDGE, "overall")
    assert (int(found.forward[0]), int(found.backward[0])) == coded
