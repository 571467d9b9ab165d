"""Verbs of review queues: prepare battles, hand them out one by one, and look at how the annotators do.

An annotator's every action gives back where they stand and the next battle, so that a page or a script needs one call
a battle. What goes out is blind: texts and an opaque id, before the vote and after it, since names seen on the way
would colour the votes still to come. Attention pairs come at places of each annotator's own and look like the rest.
"""

import math
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

from arena import attention as checks
from arena.attention import AttentionPair
from arena.desk import Desk, Pile
from arena.errors import Conflict, InvalidInput, NotFound
from arena.judgments import BattleFilter
from arena.reviews import ItemState, Queue, QueueItem, QueueSummary, queue_name, refuse_known
from arena.types import Battle, Message, Vote, Voter, Winner
from judges.annotators import QueueReport, pace, report
from workbench.criteria import check_criterion, main_criterion
from workbench.home import Home
from workbench.results import ReviewItem, ReviewProgress, ReviewStep

ATTENTION = 0.05
"""So many attention pairs a queue has beside each battle, unless told otherwise."""
_SAMPLE = 400
"""So many battles are read to make attention pairs of."""


class ReviewVerbs(Home):
    """What annotators and those who lead them do."""

    def create_queue(
        self,
        name: str,
        *,
        battles: BattleFilter | None = None,
        battle_ids: Sequence[uuid.UUID] | None = None,
        overlap: int = 1,
        attention: float = ATTENTION,
        pairs: Sequence[AttentionPair] = (),
        instructions: str = "",
        criterion: str | None = None,
    ) -> QueueSummary:
        """Make a queue of stored battles: those of `battle_ids`, or all that `battles` lets through.

        Each battle waits for votes by `overlap` people on `criterion`, the main one unless told otherwise. To every
        100 battles come `100 * attention` attention pairs made from other answers, as far as they can be made, or
        those of `pairs` instead where given.

        Raises:
            InvalidInput: the name, the overlap, the share or the criterion cannot be used, or no battle is chosen.
            Conflict: there is a queue of that name.
            NotFound, NotVotable: a battle of `battle_ids` is not stored or takes no vote.
        """
        name = queue_name(name)
        refuse_known(name, self.store.reviews.list())
        if not 0 <= attention <= 0.5:
            raise InvalidInput(f"The share of attention pairs is {attention:g}, but must be from 0 to 0.5.")
        criterion = criterion or main_criterion(self.settings)
        check_criterion(self.settings, criterion)
        ids = self._chosen(battles, battle_ids)
        made = self._checks(ids, math.ceil(attention * len(ids)), pairs)
        queue = Queue(name, overlap, instructions.strip(), criterion)
        self.store.reviews.add(queue, [QueueItem(battle_id) for battle_id in ids], made)
        return self.queue(name)

    def queues(self) -> list[QueueSummary]:
        """Return all queues with their figures, those that take votes first, the newest of each before."""
        return [self.store.reviews.summary(queue) for queue in self.store.reviews.list()]

    def queue(self, name: str) -> QueueSummary:
        """Return a queue with its figures.

        Raises:
            NotFound: there is no such queue.
        """
        return self.store.reviews.summary(self.store.reviews.get(name))

    def close_queue(self, name: str) -> QueueSummary:
        """Take no more votes in a queue; all that was voted stays. Again changes nothing.

        Raises:
            NotFound: there is no such queue.
        """
        return self.store.reviews.summary(self.store.reviews.set_closed(name, True))

    def reopen_queue(self, name: str) -> QueueSummary:
        """Hand out the battles of a closed queue again.

        Raises:
            NotFound: there is no such queue.
        """
        return self.store.reviews.summary(self.store.reviews.set_closed(name, False))

    def remove_queue(self, name: str) -> None:
        """Forget a queue and what was skipped in it; its battles and the votes on them stay.

        Raises:
            NotFound: there is no such queue.
        """
        self.store.reviews.remove(name)

    def queue_report(self, name: str) -> QueueReport:
        """Return how each annotator of a queue does, and how far they agree.

        Raises:
            NotFound: there is no such queue.
        """
        queue = self.store.reviews.get(name)
        return report(self.store.reviews.votes(queue), self.store.reviews.skips(name))

    def open_queues(self, voter: Voter) -> list[ReviewProgress]:
        """Return the queues that take votes, as this annotator sees them, the newest first."""
        return [
            _progress(self._pile(queue, voter)) for queue in self.store.reviews.list() if not queue.closed
        ]

    def queue_progress(self, name: str, voter: Voter) -> ReviewProgress:
        """Return where an annotator stands in a queue.

        Raises:
            NotFound: there is no such queue.
        """
        return _progress(self._pile(self.store.reviews.get(name), voter))

    def next_in_queue(self, name: str, voter: Voter, *, after: uuid.UUID | None = None) -> ReviewStep:
        """Return the battle this annotator should vote on, or the one they dealt with next after `after`.

        Asked again before a vote or a skip, it is the same battle. Battles with the fewest votes come first until
        each has its `overlap`; one in another annotator's hands counts as voted on for a while.

        Raises:
            NotFound: there is no such queue.
            Conflict: the queue is closed.
        """
        return self._after(self._pile(self._open(name), voter), after)

    def previous_in_queue(self, name: str, voter: Voter, *, before: uuid.UUID | None = None) -> ReviewStep:
        """Return the battle this annotator dealt with before `before`, or the last one.

        Raises:
            NotFound: there is no such queue, or nothing before.
        """
        pile = self._pile(self.store.reviews.get(name), voter)
        place = pile.place(before)
        earlier = len(pile.dealt) - 1 if place is None else place - 1
        if earlier < 0:
            raise NotFound("There is no battle before this one: it is the first.")
        return self._step(pile, pile.dealt[earlier].battle_id)

    def vote_in_queue(
        self,
        name: str,
        battle_id: uuid.UUID,
        winner: Winner,
        voter: Voter,
        *,
        reasons: tuple[str, ...] = (),
        comment: str | None = None,
    ) -> ReviewStep:
        """Store an annotator's vote durably, in place of the one they had there, and return what comes next.

        Raises:
            NotFound: there is no such queue, or the battle is not in it.
            Conflict: the queue is closed.
        """
        pile = self._pile(self._open(name), voter)
        item = _member(pile, battle_id)
        self.store.votes.settle(Vote(battle_id, winner, voter, pile.queue.criterion, 0, reasons, comment))
        met = item.met_at or datetime.now(UTC)
        return self._after(pile.voted(battle_id, winner, skipped=False, met_at=met), battle_id)

    def skip_in_queue(self, name: str, battle_id: uuid.UUID, voter: Voter) -> ReviewStep:
        """Leave a battle to others and return what comes next; one dealt with already stays as it is.

        Raises:
            NotFound: there is no such queue, or the battle is not in it.
            Conflict: the queue is closed.
        """
        pile = self._pile(self._open(name), voter)
        item = _member(pile, battle_id)
        if item.met_at is None:
            self.store.reviews.skip(name, battle_id, voter)
            self._desk.drop(name, voter, battle_id)
            pile = pile.with_item(replace(item, skipped=True, met_at=datetime.now(UTC)))
        return self._after(pile, battle_id)

    def take_back_in_queue(self, name: str, voter: Voter, *, at: uuid.UUID | None = None) -> ReviewStep:
        """Undo an annotator's vote or skip and return that battle: the one `at`, or else the last they dealt with.

        Raises:
            NotFound: there is no such queue, or nothing to take back.
            Conflict: the queue is closed.
        """
        pile = self._pile(self._open(name), voter)
        if not pile.dealt:
            raise NotFound("There is nothing to take back: you have not voted in this queue.")
        place = pile.place(at)
        found = pile.dealt[-1 if place is None else place]
        if found.winner is not None:
            self.store.votes.undo(found.battle_id, voter, pile.queue.criterion)
        self.store.reviews.unskip(name, found.battle_id, voter)
        self._desk.take(name, voter, found.battle_id)
        return self._step(pile.voted(found.battle_id, None, skipped=False, met_at=None), found.battle_id)

    def amend_in_queue(
        self, name: str, battle_id: uuid.UUID, voter: Voter, reasons: tuple[str, ...], comment: str | None
    ) -> bool:
        """Set reasons and comment of an annotator's standing vote; return whether there was anything to change.

        Raises:
            NotFound: there is no such queue, or the battle is not in it.
            Conflict: the queue is closed.
        """
        pile = self._pile(self._open(name), voter)
        mine = self._vote_of(battle_id, pile) if _member(pile, battle_id).winner is not None else None
        if mine is None or (mine.reasons, mine.comment or None) == (reasons, comment):
            return False
        self.store.votes.correct(
            battle_id, voter, pile.queue.criterion, reasons=reasons, comment=comment or ""
        )
        return True

    def _chosen(
        self, battles: BattleFilter | None, battle_ids: Sequence[uuid.UUID] | None
    ) -> list[uuid.UUID]:
        if battle_ids is None:
            ids = self.store.battles.chosen(battles or BattleFilter())
        else:
            ids = list(dict.fromkeys(battle_ids))
            if aside := self.store.set_aside.reasons(ids):
                raise InvalidInput(
                    f"The battle {next(iter(aside))} is set aside, so that votes on it count nowhere: leave it out."
                )
        if not ids:
            raise InvalidInput(
                "There is no battle for the queue: choose others, or fight some with `workbench battle` first."
            )
        return ids

    def _checks(
        self, ids: Sequence[uuid.UUID], wanted: int, pairs: Sequence[AttentionPair]
    ) -> list[checks.Check]:
        """Make the attention pairs, from battles outside the queue where there are enough of them."""
        drawn = [ids[int(i)] for i in self.rng.permutation(len(ids))[:_SAMPLE]]
        own = self.store.battles.load(drawn)
        models = tuple(sorted({name for battle in own for name in (battle.model_a, battle.model_b)}))
        if pairs:
            return checks.written(pairs, models, self.rng)
        if not wanted:
            return []
        inside = set(ids)
        others = self.store.battles.chosen(BattleFilter(models=models, limit=len(ids) + _SAMPLE))
        outside = [battle_id for battle_id in others if battle_id not in inside][:_SAMPLE]
        made = checks.mismatched(self.store.battles.load(outside), wanted, self.rng)
        if len(made) < wanted:
            taken = {check.battle.prompt.prompt_id for check in made if check.battle.prompt}
            rest = [battle for battle in own if battle.prompt and battle.prompt.prompt_id not in taken]
            made += checks.mismatched(rest, wanted - len(made), self.rng)
        return made

    def _open(self, name: str) -> Queue:
        queue = self.store.reviews.get(name)
        if queue.closed:
            raise Conflict(f"The review queue {name!r} is closed: it takes no more votes.")
        return queue

    def _pile(self, queue: Queue, voter: Voter) -> Pile:
        return Pile(queue, voter, tuple(self.store.reviews.state(queue, voter)))

    def _after(self, pile: Pile, battle_id: uuid.UUID | None) -> ReviewStep:
        place = pile.place(battle_id)
        if place is not None and place + 1 < len(pile.dealt):
            return self._step(pile, pile.dealt[place + 1].battle_id)
        return self._step(pile, self._take(pile))

    def _take(self, pile: Pile) -> uuid.UUID | None:
        """Return the battle an annotator is to look at and put it into their hands."""
        name, voter = pile.queue.name, pile.voter
        with self._desk.choosing(name):
            held = self._desk.mine(name, voter)
            if held is None or pile.place(held) is not None:
                held = pile.next(self._desk.others(name, voter))
            self._desk.take(name, voter, held)
            return held

    def _step(self, pile: Pile, battle_id: uuid.UUID | None) -> ReviewStep:
        progress = _progress(pile)
        if battle_id is None:
            return ReviewStep(progress, None)
        battle, place = self.store.battles.get(battle_id), pile.place(battle_id)
        state = _member(pile, battle_id)
        mine = self._vote_of(battle_id, pile) if state.winner is not None else None
        item = ReviewItem(
            battle_id=battle_id,
            place=len(pile.dealt) + 1 if place is None else place + 1,
            prompt=battle.prompt.messages if battle.prompt else (),
            side_a=_said(battle, battle.conversation("a")),
            side_b=_said(battle, battle.conversation("b")),
            winner=mine.winner if mine else None,
            reasons=mine.reasons if mine else (),
            comment=(mine.comment or None) if mine else None,
            skipped=state.skipped,
        )
        return ReviewStep(progress, item)

    def _vote_of(self, battle_id: uuid.UUID, pile: Pile) -> Vote | None:
        wanted = (pile.voter, pile.queue.criterion)
        votes = self.store.votes.standing(battle_id)
        return next((vote for vote in votes if (vote.voter, vote.criterion) == wanted), None)

    @cached_property
    def _desk(self) -> Desk:
        return Desk()


def _member(pile: Pile, battle_id: uuid.UUID) -> ItemState:
    item = pile.find(battle_id)
    if item is None:
        raise NotFound(f"The battle {battle_id} is not in the review queue {pile.queue.name!r}.")
    return item


def _progress(pile: Pile) -> ReviewProgress:
    queue, total = pile.queue, pile.total
    each = pace([item.met_at for item in pile.dealt if item.met_at is not None])
    return ReviewProgress(
        queue=queue.name,
        instructions=queue.instructions,
        criterion=queue.criterion,
        overlap=queue.overlap,
        closed=queue.closed,
        done=len(pile.dealt),
        total=total,
        complete=pile.complete,
        seconds_left=None if each is None else each * (total - len(pile.dealt)),
    )


def _said(battle: Battle, conversation: tuple[Message, ...]) -> tuple[Message, ...]:
    return conversation[len(battle.prompt.messages) :] if battle.prompt else conversation
