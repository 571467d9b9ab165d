"""Verbs that hold something equal, or keep it apart: win rates at equal length, and a board for each kind of prompt."""

from dataclasses import replace
from typing import get_args

from arena import boards, comparison
from arena.boards import WORDS, Boards, Sorting
from arena.comparison import WinRate
from arena.errors import InvalidInput
from arena.leaderboard import Leaderboard
from arena.ratings.options import RatingOptions
from arena.style.length import LengthControlled, length_controlled
from arena.types import VoteFilter, VoterKind
from workbench.verbs.ratings import BOARD, RatingVerbs

ANY = VoteFilter()


class ControlVerbs(RatingVerbs):
    """What ratings would be, were something else the same."""

    def win_rate(self, model: str, against: str, votes: VoteFilter = ANY) -> WinRate:
        """Return how often a model wins against another one, ties as half, with a 95 % interval.

        Raises:
            NotFound: no vote stands between them.
            InvalidInput: both are the same.
        """
        _differ(model, against)
        counted = self.counting(replace(votes, models=(model, against)))
        return comparison.win_rate(self.store.votes.pair_counts(counted), model, against)

    def length_controlled(self, model: str, against: str, votes: VoteFilter = ANY) -> LengthControlled:
        """Return the win rate that a model's answers and the other one's would have at one length, and as voted.

        Every prompt counts once. All models that met `against` help to tell how hard its prompts are.

        Raises:
            NotFound: no vote on stored answers stands between them.
            InvalidInput: both are the same.
        """
        _differ(model, against)
        return length_controlled(self.store.styles.against(self.counting(votes), against), model)

    def boards_by(self, votes: VoteFilter, sorting: Sorting, options: RatingOptions = BOARD) -> Boards:
        """Rate the models on the votes of each category, language, criterion or kind of voter, beside all `votes`.

        With `criterion` and `voter_kind` each value that has votes gets a board, whatever `votes` says of it.

        Raises:
            InvalidInput: `sorting` is none of these, or as `leaderboard`.
        """
        if sorting not in get_args(Sorting):
            raise InvalidInput(
                f"Votes cannot be sorted by {sorting!r}: choose {', '.join(get_args(Sorting))}."
            )
        overall = self.leaderboard(votes, options)
        found = self.store.votes.values(self.counting(votes) if sorting != "criterion" else votes, sorting)
        asked = votes.category if sorting == "category" else votes.language if sorting == "language" else None
        names = [
            value for value, count in found.items() if value is not None and count and asked in (None, value)
        ]
        each, notes = [], []
        for value in names:
            board, why = self._board_of(_only(votes, sorting, value), options)
            if board is not None:
                each.append((value, board))
            else:
                notes.append(f"No board for the {WORDS[sorting][0]} {value!r}. {why}")
        without = 0 if asked else found.get(None, 0)
        made = boards.beside(sorting, overall, each, anchored=options.anchor is not None, without=without)
        return replace(made, notes=(*made.notes, *notes))

    def _board_of(self, votes: VoteFilter, options: RatingOptions) -> tuple[Leaderboard | None, str]:
        """Return a board, or why there is none."""
        try:
            board = self.leaderboard(votes, options)
        except InvalidInput as error:
            return None, str(error)
        if board.votes:
            return board, ""
        return None, " ".join(self.left_out(votes)) or "None of its votes counts."


def _only(votes: VoteFilter, by: Sorting, value: str) -> VoteFilter:
    if by == "voter_kind":
        return replace(votes, voter_kinds=(VoterKind(value),))
    if by == "criterion":
        return replace(votes, criterion=value)
    return replace(votes, category=value) if by == "category" else replace(votes, language=value)


def _differ(model: str, against: str) -> None:
    if model == against:
        raise InvalidInput(f"A win rate needs two models, and {model!r} was named twice: name another one.")
