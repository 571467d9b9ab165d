"""What tabs show when they are opened first, counted as the app starts: at a million votes nobody waits for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from arena.judgments import AnswerFilter
from arena.ratings.options import RatingOptions
from arena.types import VoteFilter, VoterKind
from workbench.bench import Workbench
from workbench.figures import CERTAINTY_ROWS, CONTESTED_ROWS, MANY

Steps = Iterator[Callable[[], object]]


def count_ahead(bench: Workbench) -> None:
    """Begin to count if there are many votes; returns at once."""
    if sum(bench.voter_kinds().values()) >= MANY:
        threading.Thread(target=_count, args=(bench,), name="ahead", daemon=True).start()


def _count(bench: Workbench) -> None:
    for part in (
        _judges,
        _votes,
        _scores,
    ):  # judges first: what others take from them would make them look quick
        with suppress(Exception):  # whoever opens the tab meets the same error, and is told
            for step in part(bench):
                if bench.figures.closed:
                    return
                with suppress(Exception):
                    step()


def _votes(bench: Workbench) -> Steps:
    figures, options = bench.figures, RatingOptions()
    people = VoteFilter(voter_kinds=(VoterKind.HUMAN,))
    yield bench.examples
    yield partial(figures.voters, people)
    yield figures.board
    yield partial(figures.certainty, people, options, CERTAINTY_ROWS)
    yield partial(figures.rating_history, people, options)
    yield partial(figures.boards_by, people, "category", options)
    yield partial(figures.leaderboard, people, options)
    yield partial(figures.leaderboard, people, RatingOptions(style=True))
    yield partial(figures.pairing_plan, people, options, None)
    yield partial(figures.outline, people, 0.5)
    yield partial(figures.integrity, people)
    yield partial(figures.people_agreement, people)
    yield partial(figures.voter_reliability, people)
    yield partial(figures.contested, people, CONTESTED_ROWS, opposed=False)


def _judges(bench: Workbench) -> Steps:
    figures, criterion = bench.figures, bench.main_criterion
    yield partial(figures.agreements, criterion)
    yield partial(figures.judges_between, criterion)
    for one in figures.agreements(criterion):
        if one.overall.battles:
            yield partial(figures.agreement_matrix, one.judge.name, criterion)
            yield partial(figures.judge_worth, one.judge.name, criterion)


def _scores(bench: Workbench) -> Steps:
    figures, answers = bench.figures, AnswerFilter()
    yield partial(figures.score_coverage, answers)
    yield partial(figures.score_table, answers, shared_prompts=False)
    for column in figures.score_table(answers, shared_prompts=False).columns[:1]:
        yield partial(figures.score_spread, answers, column.info.scorer, column.info.fingerprint)
        yield partial(figures.score_page, answers, column.info.scorer, column.info.fingerprint)
