"""Verbs on what holds the board up: which votes, whose, on which prompts, and which answers give their model away."""

from dataclasses import replace

import numpy as np

from arena.integrity.checks import Board, VoterChecks, asked, board, check_voters, first_place, what_if
from arena.integrity.naming import OwnNames, own_names
from arena.integrity.report import Attention, IntegrityOptions, IntegrityReport, NamedModel, WhatIf
from arena.ratings.tally import tally
from arena.types import VoteFilter, Voter
from workbench.verbs.agreement import AgreementVerbs
from workbench.verbs.people import PeopleVerbs

_DEFAULT = IntegrityOptions()


class IntegrityVerbs(PeopleVerbs, AgreementVerbs):
    """What an analyst asks before believing a board."""

    def integrity(self, votes: VoteFilter, options: IntegrityOptions = _DEFAULT) -> IntegrityReport:
        """Return who and what decides the Bradley-Terry board of `votes`, every vote weighing the same.

        It says how few votes hold the first place, how the board reads without what is doubtful, which voters vote
        unlike the others or move ratings most, which prompts are asked again and again, and which answers name their
        own model, as far as answers were read (`read_answers`).
        """
        counted = self.counting(votes)
        ballots = self.store.integrity.ballots(counted)
        now = board(ballots.names, *ballots.matrices())
        checks = check_voters(ballots, now, options.alpha)
        attention = self.store.integrity.attention()
        removal, flip = first_place(now)
        prompts = asked(*self.store.integrity.prompts(counted))
        return IntegrityReport(
            votes=len(ballots),
            all_voters=len(ballots.voters),
            alpha=options.alpha,
            removal=removal,
            flip=flip,
            what_if=self._what_if(counted, checks, attention, options.cap or max(1, round(prompts.median))),
            voters=checks.rows(attention, options.rows),
            flagged=int(checks.flagged.sum()),
            false_alarms=options.alpha * len(ballots.voters),
            prompts=prompts,
            self_named=tuple(self.store.integrity.named(counted)),
            unread=self.store.integrity.unread(self._own_names()),
            notes=_notes(checks),
        )

    def read_answers(self) -> int:
        """Look for a model's own name in every answer that was not read for it yet; return how many were read.

        Names are the model's, those of the option `aliases` of its model, and its family and maker where it speaks of
        itself. `VoteFilter.without_self_named` leaves out the battles on which such answers stand.
        """
        return self.store.integrity.read_answers(self._own_names())

    def self_named(self, votes: VoteFilter) -> list[NamedModel]:
        """Return the models that name themselves in answers, most often first, with the votes on such battles."""
        return self.store.integrity.named(self.counting(votes))

    def _own_names(self) -> dict[str, OwnNames]:
        return {spec.name: own_names(spec) for spec in self.store.models.ever()}

    def _what_if(
        self,
        counted: VoteFilter,
        checks: VoterChecks,
        attention: dict[Voter, Attention],
        cap: int,
    ) -> tuple[WhatIf, ...]:
        now, voters = checks.board, checks.ballots.voters
        failed = np.array([who in attention and attention[who].passed < attention[who].met for who in voters])
        most = np.zeros(len(voters), dtype=bool)
        if len(voters) > 1:
            most[int(np.abs(checks.influence.shift).argmax())] = True
        found = [what_if("All votes", now, now)]
        for what, left_out in (
            ("Without flagged voters", checks.flagged),
            ("Without voters who failed an attention pair", failed),
            ("Without the voter who moves most", most),
        ):
            if left_out.any():
                found.append(what_if(what, now, checks.without(left_out)))
        capped = self._board(replace(counted, per_prompt=min(cap, counted.per_prompt or cap)))
        if capped.votes < now.votes:
            found.append(
                what_if(f"At most {'one vote' if cap == 1 else f'{cap:,} votes'} a prompt", now, capped)
            )
        if not counted.without_self_named:
            blind = self._board(replace(counted, without_self_named=True))
            if blind.votes < now.votes:
                found.append(what_if("Without answers that name their model", now, blind))
        return tuple(found)

    def _board(self, counted: VoteFilter) -> Board:
        table = tally(self.store.votes.pair_counts(counted))
        return board(table.names, table.wins, table.ties)


def _notes(checks: VoterChecks) -> tuple[str, ...]:
    notes = []
    left = len(checks.ballots.names) - len(checks.board.names)
    if left:
        notes.append(
            f"{left:,} of {len(checks.ballots.names):,} models cannot be compared with the rest: they stand aside here."
        )
    if len(checks.ballots.voters) == 1:
        notes.append("All votes are one voter's, so there are no others to compare them with.")
    return tuple(notes)
