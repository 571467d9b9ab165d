"""Verbs of what a voter may add to a vote: further criteria, and the answer they would rather have read.

Both need the voter's vote on the main question: it shows who answered, so what comes after it cannot change the blind
vote, and it says that this voter has read the battle.
"""

import uuid

from arena.errors import InvalidInput, NotVotable
from arena.types import Battle, Vote, Voter, Winner, WrittenAnswer
from workbench.criteria import further_criteria, main_criterion
from workbench.verbs.arena import ArenaVerbs


class WrittenVerbs(ArenaVerbs):
    """What people say about a battle beside who won it."""

    @property
    def main_criterion(self) -> str:
        """The criterion of the arena's four votes."""
        return main_criterion(self.settings)

    @property
    def further_criteria(self) -> tuple[str, ...]:
        """The criteria that may be voted on besides, in the order of the settings."""
        return further_criteria(self.settings)

    def votes_by(self, battle_id: uuid.UUID, voter: Voter) -> dict[str, Vote]:
        """Return the voter's standing votes on a battle by criterion; nobody else's."""
        return {vote.criterion: vote for vote in self.store.votes.standing(battle_id) if vote.voter == voter}

    def vote_on(self, battle_id: uuid.UUID, criterion: str, winner: Winner | None, voter: Voter) -> None:
        """Make `winner` the voter's vote on a further criterion, whatever it was before; `None` takes it back.

        Raises:
            InvalidInput: the criterion is not set up, or is the main one.
            NotVotable: the voter's vote on the main question does not stand.
        """
        if criterion not in self.further_criteria:
            known = ", ".join(self.further_criteria) or "none"
            raise InvalidInput(
                f"The criterion {criterion!r} is not one of the further ones here ({known}): "
                "add it to `criteria` in workbench.toml."
            )
        self._voted(battle_id, voter)
        self.store.votes.settle(Vote(battle_id, winner, voter, criterion))

    def take_back(self, battle_id: uuid.UUID, voter: Voter) -> None:
        """Take all of the voter's votes on a battle back, the main one last; it can be voted on again.

        What the voter wrote stays, and counts again once they vote.

        Raises:
            NotFound: the voter's main vote does not stand.
        """
        for criterion in self.votes_by(battle_id, voter):
            if criterion != self.main_criterion:
                self.undo(battle_id, voter, criterion=criterion)
        self.undo(battle_id, voter, criterion=self.main_criterion)

    def write_answer(self, battle_id: uuid.UUID, text: str, voter: Voter) -> WrittenAnswer:
        """Store a better answer by the voter in the place of the battle's last answers; it is chosen over both.

        Written again it replaces what this voter wrote before; every revision is kept.

        Raises:
            InvalidInput: the text is empty, too long, or one of the two answers as it stands.
            NotVotable: the voter's vote on the battle does not stand.
        """
        limit = self.settings.arena.max_prompt_characters
        if len(text) > limit:
            raise InvalidInput(
                f"The answer has {len(text):,} characters; at most {limit:,} are allowed here."
            )
        battle = self._voted(battle_id, voter)
        for side, answer in (("A", battle.turns[-1].answer_a), ("B", battle.turns[-1].answer_b)):
            if text.strip() and text.strip() == answer.text.strip():
                raise InvalidInput(f"This is answer {side} as it stands: change it, or vote for {side}.")
        return self.store.written.write(WrittenAnswer(battle_id, voter, text.strip(), self.main_criterion))

    def withdraw_answer(self, battle_id: uuid.UUID, voter: Voter) -> WrittenAnswer:
        """Withdraw what the voter wrote on a battle; return the revision that says so.

        Raises:
            NotFound: nothing of this voter stands there.
        """
        return self.store.written.write(WrittenAnswer(battle_id, voter, None, self.main_criterion))

    def written_answer(self, battle_id: uuid.UUID, voter: Voter) -> WrittenAnswer | None:
        """Return what stands of the voter's own answer to a battle."""
        return self.store.written.by(battle_id, voter)

    def answer_text(self, battle_id: uuid.UUID, side: str, voter: Voter) -> str:
        """Return the last answer of side `a` or `b`, to start a better one from; the voter has voted on the battle."""
        turn = self._voted(battle_id, voter).turns[-1]
        return (turn.answer_a if side == "a" else turn.answer_b).text

    def _voted(self, battle_id: uuid.UUID, voter: Voter) -> Battle:
        """Return a battle that the voter's main vote stands on."""
        battle = self._own_battle(battle_id, voter)
        if self.main_criterion not in self.votes_by(battle_id, voter):
            raise NotVotable("Vote on the battle first: what else you think of it is asked afterwards.")
        if not battle.turns:
            raise NotVotable(f"The battle {battle_id} was imported without its answers.")
        return battle
