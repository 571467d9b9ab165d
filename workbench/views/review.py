"""The review tab's pieces: the head with progress and instructions, what is asked, and the page between battles."""

import secrets
from collections.abc import Sequence

from arena.types import DEFAULT_CRITERION
from workbench.criteria import question
from workbench.html import Html, duration, percent, plural, tag
from workbench.markdown import render
from workbench.results import ReviewItem, ReviewProgress
from workbench.views.arena import PICKED
from workbench.views.leaderboard import empty


def head(progress: ReviewProgress, item: ReviewItem) -> Html:
    """Return the line over a battle: which queue, how far one is, and the instructions to unfold."""
    place = tag("span", tag("b", f"{item.place:,}"), f" of {max(progress.total, item.place):,}", class_="num")
    left = tag("span", _left(progress), class_="muted") if _timed(progress) else None
    everyone = tag("span", f"queue {percent(progress.complete)} done", class_="muted everyone")
    leave = tag("button", "All queues", type="button", class_="small", data_do="leave")
    return tag(
        "div",
        tag("b", progress.queue, class_="queue-name"),
        place,
        _bar(progress),
        left,
        everyone,
        _instructions(progress),
        leave,
        class_="review-line",
    )


def asked(item: ReviewItem) -> Html | str:
    """Return what was asked, above both answers."""
    if not item.prompt:
        return ""
    return tag(
        "div",
        item.prompt[-1].content,
        class_="review-prompt",
        dir="auto",
        tabindex=0,
        role="region",
        aria_label="Prompt",
    )


def status(progress: ReviewProgress, item: ReviewItem, said: str = "") -> Html:
    """Return the status line of a battle; each has a mark of its own, by which the page knows a new one."""
    if item.winner is not None:
        text = f"{PICKED[item.winner]} Press another to change it, or go on."
    elif item.skipped:
        text = "You skipped this one. Vote, or go on."
    else:
        text = f"{said} {_question(progress.criterion)}".strip()
    return tag("span", text, class_="status", data_state="ready", data_step=secrets.token_hex(6))


def between(text: str = "") -> Html:
    """Return the status line while no battle is shown."""
    return tag("span", text, class_="status", data_state="idle", data_step=secrets.token_hex(6))


def saved() -> Html:
    """Return the status line once reasons or comment of a standing vote are stored; the battle is the same."""
    return tag("span", "Saved.", class_="status", data_state="ready")


def start(
    queues: Sequence[ReviewProgress], ended: ReviewProgress | None = None, *, leader: bool = False
) -> Html:
    """Return the page between battles: what the annotator has just finished, and the queues that are open."""
    if not queues and ended is None:
        return _nothing(leader)
    first = next((found.queue for found in queues if found.left), None)
    cards = [_card(found, first=found.queue == first) for found in queues]
    return tag(
        "div",
        _ended(ended) if ended else tag("h2", "Review"),
        None
        if ended
        else tag(
            "p",
            "Vote through prepared battles. Nobody sees who answered, and your votes are yours to change.",
            class_="muted lead",
        ),
        tag("ul", cards, class_="queues") if cards else None,
        _keys() if cards else None,
        class_="review-start",
    )


def _nothing(leader: bool) -> Html:
    if leader:
        text = "Make one below, of battles that are stored already, or fight new ones with workbench review create."
        return empty("No review queue is open", text, class_="idle")
    text = "Whoever leads the review opens queues; come back later, or fight battles of your own."
    return empty("Nothing to review just now", text, "Arena", class_="idle")


def _ended(progress: ReviewProgress) -> Html:
    if progress.left:
        return tag(
            "div",
            tag("h2", "Others have the rest just now"),
            tag(
                "p",
                f"{plural(progress.left, 'battle')} of {progress.queue} may come back to you, if nobody votes on "
                "them. Look again in a few minutes.",
            ),
            tag(
                "div",
                _go(progress.queue, "Look again", primary=True),
                _back(progress, key=True),
                class_="actions",
            ),
            class_="ended-queue",
        )
    done = (
        "Nothing in it is left for you."
        if not progress.done
        else f"You went through {plural(progress.done, 'battle')}."
    )
    rest = (
        "All its votes are in."
        if progress.complete >= 1
        else f"The queue is {percent(progress.complete)} done; others go on."
    )
    return tag(
        "div",
        tag("h2", f"{progress.queue}: done"),
        tag("p", f"{done} {rest} Thank you."),
        tag("div", _back(progress, key=True), class_="actions") if progress.done else None,
        class_="ended-queue",
    )


def _card(progress: ReviewProgress, *, first: bool) -> Html:
    label = "Continue" if progress.done else "Start"
    mine = (
        f"{progress.done:,} of {progress.total:,} done" if progress.total else "nothing in it waits for you"
    )
    facts = [mine, _people(progress.overlap)]
    if progress.criterion != DEFAULT_CRITERION:
        facts.append(question(progress.criterion))
    if _timed(progress):
        facts.append(_left(progress))
    facts.append(f"queue {percent(progress.complete)} done")
    button = _go(progress.queue, label, primary=first) if progress.left else _back(progress)
    text = tag("div", render(progress.instructions), class_="instructions") if progress.instructions else None
    return tag(
        "li",
        tag("div", tag("h3", progress.queue), button, class_="queue-head"),
        _bar(progress),
        tag("p", " \u00b7 ".join(facts), class_="muted num facts-line"),
        text,
        class_="queue",
    )


def _people(overlap: int) -> str:
    return "one person a battle" if overlap == 1 else f"{overlap} people a battle"


def _go(queue: str, label: str, *, primary: bool) -> Html:
    class_ = "small primary go" if primary else "small"
    return tag("button", label, type="button", class_=class_, data_do="start", data_name=queue)


def _back(progress: ReviewProgress, *, key: bool = False) -> Html | None:
    """Return what leads to the last battle dealt with, if any; `key` lets the key for that press it."""
    if not progress.done:
        return None
    return tag(
        "button",
        "Look through mine",
        type="button",
        class_="small look" if key else "small",
        data_do="look",
        data_name=progress.queue,
    )


def _bar(progress: ReviewProgress) -> Html:
    share = progress.done / progress.total if progress.total else 1.0
    return tag(
        "span",
        tag("span", style=f"width:{100 * share:.1f}%"),
        class_="meter review-meter",
        role="progressbar",
        aria_label=f"Your part of {progress.queue}",
        aria_valuemin=0,
        aria_valuemax=progress.total,
        aria_valuenow=progress.done,
    )


def _instructions(progress: ReviewProgress) -> Html | None:
    if not progress.instructions:
        return None
    return tag(
        "details",
        tag("summary", "Instructions"),
        tag("div", render(progress.instructions)),
        class_="review-instructions",
        data_keep="review-instructions",
    )


def _timed(progress: ReviewProgress) -> bool:
    """Whether there is a pace to tell the time left from, and enough of it to be worth telling."""
    return progress.seconds_left is not None and progress.done >= 5 and progress.left > 0


def _left(progress: ReviewProgress) -> str:
    return f"about {duration(progress.seconds_left or 0.0)} left"


def _question(criterion: str) -> str:
    if criterion == DEFAULT_CRITERION:
        return "Which answer is better?"
    return f"{question(criterion)}: which answer?"


def _keys() -> Html:
    keys = (("1", "A is better"), ("2", "Tie"), ("3", "Both bad"), ("4", "B is better"), ("N", "Skip"))
    more = (("B", "Back"), ("U", "Undo"), ("5", "and on: reasons"), ("C", "Comment"))
    return tag("p", [(tag("kbd", key), f" {label} ") for key, label in (*keys, *more)], class_="keys muted")
