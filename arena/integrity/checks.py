"""The checks themselves: boards with other votes, every voter's influence and evidence, and how prompts are spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena.integrity.ballots import Ballots
from arena.integrity.evidence import Evidence, evidence
from arena.integrity.fragile import Fragility, fragility
from arena.integrity.influence import Influence, influence
from arena.integrity.refit import Floats, refit
from arena.integrity.report import AskedPrompt, AskedPrompts, Attention, VoterRow, WhatIf
from arena.ratings.graph import groups
from arena.ratings.rated import POINTS
from arena.types import Voter

_MANY_TIMES = 5.0
"""A prompt with so many times its even share of the votes is asked too often."""
_ENOUGH = 20
"""With fewer votes no prompt is asked too often."""


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Wins and ties between the models that can be compared, (models, models) each, and their ratings in log-odds."""

    names: tuple[str, ...]
    wins: Floats
    ties: Floats
    ratings: Floats
    votes: int

    @property
    def leader(self) -> str | None:
        """Return the model that stands first."""
        return self.names[int(self.ratings.argmax())] if self.names else None

    @property
    def lead(self) -> float | None:
        """Return by how many points the first model leads the second."""
        best = np.sort(self.ratings)[-2:]
        return POINTS * float(best[1] - best[0]) if len(best) > 1 else None


def board(names: tuple[str, ...], wins: Floats, ties: Floats) -> Board:
    """Return the board of a main group: the largest set of models that can all be compared with each other."""
    points = wins + ties / 2.0
    main = groups(points).main(points) if len(names) else np.array([], dtype=np.intp)
    within = np.ix_(main, main)
    ratings = refit(points[within]) if len(main) else np.array([])
    votes = round(float(points.sum()))
    return Board(tuple(names[i] for i in main.tolist()), wins[within], ties[within], ratings, votes)


def what_if(what: str, now: Board, other: Board) -> WhatIf:
    """Return how `other` differs from the board `now`, over the models that both hold."""
    place = {name: i for i, name in enumerate(other.names)}
    both = [(i, place[name]) for i, name in enumerate(now.names) if name in place]
    moved, shift = None, 0.0
    if both and other is not now:
        mine, theirs = (list(side) for side in zip(*both, strict=True))
        before, after = now.ratings[mine], other.ratings[theirs]
        moves = (after - after.mean()) - (before - before.mean())
        furthest = int(np.abs(moves).argmax())
        moved, shift = now.names[mine[furthest]], POINTS * float(moves[furthest])
    return WhatIf(what, other.votes, other.leader, other.lead, moved, shift, other.leader != now.leader)


@dataclass(frozen=True, slots=True, eq=False)
class VoterChecks:
    """Every check of every voter, in the order of the ballots' voters; see `Evidence` and `Influence`."""

    ballots: Ballots
    board: Board
    evidence: Evidence
    influence: Influence
    flagged: np.ndarray
    certain: np.ndarray

    def rows(self, attention: Mapping[Voter, Attention], most: int) -> tuple[VoterRow, ...]:
        """Return up to `most` voters: flagged ones, the clearest first, then those who move ratings most."""
        order = np.lexsort((-np.abs(self.influence.shift), np.where(self.flagged, -self.evidence.all, 0.0)))
        cast = self.ballots.counts
        return tuple(self._row(voter, int(cast[voter]), attention) for voter in order[:most].tolist())

    def without(self, left_out: np.ndarray) -> Board:
        """Return the board without the voters where `left_out` (voters,) is true."""
        kept = self.ballots.keep(~left_out[self.ballots.voter])
        return board(self.ballots.names, *kept.matrices())

    def _row(self, voter: int, votes: int, attention: Mapping[Voter, Attention]) -> VoterRow:
        found, effect, names = self.evidence, self.influence, self.board.names
        who = self.ballots.voters[voter]
        first = names[int(effect.first[voter])] if names else None
        return VoterRow(
            voter=who,
            votes=votes,
            decided=int(found.decided[voter]),
            evidence=float(np.exp(found.all[voter])),
            flagged=bool(self.flagged[voter]),
            certain=bool(self.certain[voter]),
            reason=_reason(found, voter, self.ballots.names) if self.flagged[voter] else "",
            shift=float(effect.shift[voter]),
            moved=names[int(effect.model[voter])] if effect.model[voter] >= 0 else None,
            first_without=None if first == self.board.leader else first,
            exact=bool(effect.exact[voter]),
            attention=attention.get(who),
        )


def check_voters(ballots: Ballots, now: Board, alpha: float) -> VoterChecks:
    """Check every voter of `ballots`; `now` is the board of the same votes."""
    found = evidence(ballots)
    place = np.full(len(ballots.names), -1)
    for new, name in enumerate(now.names):
        place[ballots.names.index(name)] = new
    kept = ballots.keep((place[ballots.model_a] >= 0) & (place[ballots.model_b] >= 0))
    within = Ballots(
        now.names,
        ballots.voters,
        kept.voter,
        place[kept.model_a].astype(np.int32),
        place[kept.model_b].astype(np.int32),
        kept.winner,
    )
    return VoterChecks(
        ballots=ballots,
        board=now,
        evidence=found,
        influence=influence(within, now.ratings),
        flagged=found.all >= -np.log(alpha),
        certain=found.all >= np.log(max(len(ballots.voters), 1)) - np.log(alpha),
    )


def first_place(now: Board) -> tuple[Fragility | None, Fragility | None]:
    """Return the fewest votes found whose removal, and whose flip, changes who stands first."""
    return (
        fragility(now.names, now.wins, now.ties, "removal"),
        fragility(now.names, now.wins, now.ties, "flip"),
    )


def asked(counts: np.ndarray, most: Sequence[AskedPrompt]) -> AskedPrompts:
    """Return how votes are spread over prompts, from the number of votes of each (prompts,)."""
    if not len(counts):
        return AskedPrompts(0, 0.0, 0.0, ())
    share = counts / counts.sum()
    even = counts.sum() / len(counts)
    marked = tuple(
        AskedPrompt(
            one.prompt_id,
            one.text,
            one.votes,
            one.voters,
            one.share,
            bool(one.votes >= _ENOUGH and one.votes > _MANY_TIMES * even),
        )
        for one in most
    )
    return AskedPrompts(len(counts), float(1.0 / (share**2).sum()), float(np.median(counts)), marked)


def _reason(found: Evidence, voter: int, names: Sequence[str]) -> str:
    """Return in words which bet against a voter won most."""
    bets = {"coin": found.coin[voter] + np.log(2.0), "side": found.side[voter], "favour": found.favour[voter]}
    decided = int(found.decided[voter])
    match max(bets, key=lambda bet: bets[bet]):
        case "side":
            a = int(found.chose_a[voter])
            side, times = ("first", a) if 2 * a >= decided else ("second", decided - a)
            return f"Chose the answer shown {side} in {times:,} of {decided:,} decided votes."
        case "favour":
            return (
                f"{names[int(found.favourite[voter])]} won {int(found.favoured[voter]):,} of "
                f"{int(found.met[voter]):,} of their decided votes on it; by the others it would have won about "
                f"{found.expected[voter]:.0f}."
            )
    return (
        f"Chose the side that the others favour in {found.agreed[voter]:.0f} of {decided:,} decided votes; "
        f"one who votes as they do would in about {found.agreeing[voter]:.0f}."
    )
