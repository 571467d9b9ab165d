"""What the review tab and the personal page say, in each state they can be in."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from arena.leaderboard import Leaderboard
from arena.reviews import Queue, QueueSummary, ReviewVote
from arena.statistics import UNKNOWN, Figure
from arena.types import Message, OwnVote, Vote, Voter, VoterKind, Winner
from judges.annotators import report
from workbench.results import OwnFigures, ReviewItem, ReviewProgress, VoteCount
from workbench.views import mine, review, review_lead

HOSTILE = '<img src=x onerror="alert(1)">${evil}'
ANNA = Voter(VoterKind.HUMAN, HOSTILE)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def progress(done: int, total: int, **more) -> ReviewProgress:
    facts = {"instructions": "", "criterion": "overall", "overlap": 2, "closed": False, "complete": 0.5}
    return ReviewProgress(done=done, total=total, seconds_left=None, **{"queue": "first", **facts, **more})


def item(**more) -> ReviewItem:
    said = (Message("assistant", "x"),)
    return ReviewItem(uuid4(), 3, (Message("user", "y"),), said, said, **more)


def own(winner: Winner | None = Winner.MODEL_A, prompt: str | None = "What?") -> OwnVote:
    return OwnVote(7, Vote(uuid4(), winner, ANNA, created_at=NOON), prompt, "owl", "wren")


def test_a_queue_that_is_through_thanks_and_leads_back():
    page = review.start([], progress(12, 12, complete=1.0))
    assert (
        "first: done" in page and "You went through 12 battles." in page and "All its votes are in." in page
    )
    assert 'class="small look"' in page and 'data-do="look"' in page and 'data-do="start"' not in page


def test_battles_in_other_hands_are_not_called_done():
    page = review.start([], progress(10, 12))
    assert "Others have the rest" in page and "2 battles" in page
    assert 'data-do="start"' in page


def test_only_the_first_queue_with_work_takes_the_key():
    page = review.start([progress(4, 4), progress(1, 9, queue="second"), progress(0, 9, queue="third")])
    assert page.count('class="small primary go"') == 1
    assert page.index("second") < page.index('class="small primary go"') < page.index("third")
    assert "Continue" in page and "Start" in page


@pytest.mark.parametrize(("leader", "wanted"), [(True, "Make one below"), (False, "Whoever leads")])
def test_an_empty_page_says_what_to_do(leader, wanted):
    assert wanted in review.start([], leader=leader)


def test_the_status_says_what_stands_and_each_is_marked_anew():
    fresh, again = (review.status(progress(2, 9), item()) for _ in range(2))
    assert "Which answer is better?" in fresh
    assert fresh != again
    assert "You found both bad." in review.status(progress(2, 9), item(winner=Winner.BOTH_BAD))
    assert "You skipped this one." in review.status(progress(2, 9), item(skipped=True))
    assert "Safer: which answer?" in review.status(progress(2, 9, criterion="safe"), item())


def test_the_time_left_is_told_once_there_is_a_pace():
    def head(done: int, seconds: float | None) -> str:
        facts = {"instructions": "", "criterion": "overall", "overlap": 2, "closed": False, "complete": 0.5}
        return review.head(ReviewProgress("q", done=done, total=40, seconds_left=seconds, **facts), item())

    assert "about 10" in head(20, 600.0)
    assert "about" not in head(2, 600.0)
    assert "about" not in head(20, None)


def test_instructions_are_markdown_that_runs_nothing():
    text = "Prefer:\n\n- the **shorter** one\n- <img src=x onerror=alert(1)>"
    shown = (
        review.head(progress(1, 4, instructions=text), item()),
        review.start([progress(1, 4, instructions=text)]),
    )
    for html in shown:
        assert "<strong>shorter</strong>" in html and "<li>" in html
        assert "<img" not in html


def test_strangers_texts_are_shown_as_they_are():
    asked = review.asked(ReviewItem(uuid4(), 1, (Message("user", HOSTILE),), (), ()))
    queues = review_lead.queues([QueueSummary(Queue(HOSTILE), 2, 0, 0, 2, 0, 0, 0)], admin=True)
    told = review_lead.report(HOSTILE, report([ReviewVote(uuid4(), ANNA, Winner.TIE, NOON, None)]))
    listed = mine.votes([own(prompt=HOSTILE)], first=True, more=False)
    for page in (asked, queues, told, listed):
        assert "<img" not in page and "${" not in page and "&lt;img" in page


def test_only_admins_remove_and_only_what_is_closed():
    open_, closed = Queue("a"), Queue("b", closed_at=NOON)
    rows = [QueueSummary(queue, 2, 0, 0, 2, 0, 0, 0) for queue in (open_, closed)]
    assert review_lead.queues(rows, admin=True).count('data-do="remove"') == 1
    assert 'data-do="remove"' not in review_lead.queues(rows, admin=False)


def test_a_report_without_votes_or_overlap_says_so():
    assert "Nobody has voted" in review_lead.report("q", report([]))
    alone = review_lead.report("q", report([ReviewVote(uuid4(), ANNA, Winner.TIE, NOON, None)]))
    assert "nothing is known of agreement" in alone


def test_a_list_of_one_page_has_no_buttons_to_turn_it():
    assert "Older" not in mine.votes([own()], first=True, more=False)
    assert "Older" in mine.votes([own()], first=True, more=True)
    assert "Newer" in mine.votes([own()], first=False, more=False)


@pytest.mark.parametrize(
    ("winner", "chosen"), [(Winner.MODEL_A, "owl"), (Winner.MODEL_B, "wren"), (Winner.TIE, "Tie")]
)
def test_what_was_chosen_stands_before_what_it_was_chosen_over(winner, chosen):
    page = mine.votes([own(winner)], first=True, more=False)
    assert page.index(f">{chosen}<") <= min(page.index(">owl<"), page.index(">wren<"))


def test_an_imported_vote_without_its_prompt_is_listed_too():
    assert "The prompt was not imported." in mine.votes([own(prompt=None)], first=True, more=False)


@pytest.mark.parametrize(
    ("agreement", "wanted"),
    [
        (UNKNOWN, "So far there are none."),
        (Figure(None, None, None, 3), "So far 3 battles of yours."),
        (Figure(0.75, 0.5, 0.9, 20), "On 20 battles that others voted on too"),
        (Figure(0.75, None, None, 5), "On 5 battles that others voted on too."),
    ],
)
def test_agreement_is_told_with_what_it_rests_on(agreement, wanted):
    days = tuple((date(2026, 3, 1) + timedelta(days=n), n) for n in range(28))
    found = OwnFigures(VoteCount(120, 27), 50, days, agreement, Leaderboard("bt", (), 0, ()))
    page = mine.figures(found)
    assert wanted in page
    assert "378 votes in 28 days, today 27, most 27 on 28 Mar" in page
