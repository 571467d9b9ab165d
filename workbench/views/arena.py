"""The arena's pieces: pane headers, answers, the idle page, status line and counter."""

from collections.abc import Sequence
from typing import Literal

from arena.types import Battle, Prompt, Winner
from workbench.html import Html, join, plural, points, signed, tag
from workbench.markdown import Stream, render
from workbench.results import RevealedModel, VoteCount
from workbench.views.leaderboard import empty

State = Literal["idle", "writing", "ready", "failed", "voted"]
"""What the arena waits for; the style sheet shows and hides rows by it."""

FAILED = "could not answer"


def pane_head(side: str, state: str = "", model: RevealedModel | None = None, picked: bool = False) -> Html:
    """Return a pane's header: the letter and a neutral state, or after the vote the model with its rating."""
    if model is None:
        return _head(side, tag("span", state, class_="muted state"))
    return _head(side, tag("span", _name(model.name), _rating(model), _pick(picked), class_="who"))


def named_head(side: str, model: str, state: str = "", picked: bool = False) -> Html:
    """Return the header of a pane whose model is no secret."""
    said = tag("span", state, class_="muted state") if state else None
    return _head(side, tag("span", _name(model), said, _pick(picked), class_="who"))


def _pick(picked: bool) -> Html | None:
    return tag("span", "Your pick", class_="pick") if picked else None


def switch() -> Html:
    """Return what brings one of the two answers into view where they do not fit side by side."""
    sides = [
        tag(
            "button",
            tag("span", side, class_=f"side side-{side.lower()}"),
            f"Answer {side}",
            type="button",
            data_pane=side.lower(),
        )
        for side in "AB"
    ]
    return tag("div", sides, class_="sides", role="group", aria_label="Answer shown")


def _head(side: str, middle: Html) -> Html:
    badge = tag("span", side, class_=f"side side-{side.lower()}")
    copy = tag("button", class_="copy", type="button", data_copy="pane", aria_label=f"Copy answer {side}")
    return tag("div", badge, middle, copy, class_="pane-head")


def _name(model: str) -> Html:
    return tag("bdi", model, class_="name")


def _rating(model: RevealedModel) -> Html | None:
    if model.rating is None:
        return tag("span", "not rated yet", class_="muted")
    rating = tag("span", points(model.rating), class_="num muted")
    if model.change is None:
        return rating
    mood = "good" if model.change > 0.5 else "bad" if model.change < -0.5 else "muted"
    return join(
        rating,
        tag("span", signed(model.change), class_=f"num {mood}", aria_label=f"{signed(model.change)} points"),
    )


class PaneText:
    """One pane while a turn streams: the finished turns above, the growing answer below."""

    def __init__(self, earlier: Sequence[Html] = (), user: str | None = None) -> None:
        self._before = [*earlier, *([you(user)] if user is not None else [])]
        self._stream = Stream()

    def blocks(self, text: str) -> list[Html]:
        """Return the pane's blocks with `text` as the answer so far."""
        return [*self._before, *self._stream.blocks(text)]


def waiting() -> list[Html]:
    """Return the grey bars of an answer that has not begun."""
    bars = [tag("span", style=f"width:{width}%") for width in (92, 84, 58)]
    return [tag("div", bars, class_="bars", aria_hidden="true")]


def you(text: str) -> Html:
    """Return a follow-up of the user, as it stands in both panes."""
    return _said("You", text)


def conversation(battle: Battle, side: Literal["a", "b"]) -> list[Html]:
    """Return all turns of one side; a failed answer says that it failed and nothing of why."""
    blocks: list[Html] = before(battle.prompt) if battle.prompt else []
    for turn in battle.turns:
        if turn.user is not None:
            blocks.append(you(turn.user))
        answer = turn.answer_a if side == "a" else turn.answer_b
        if answer.failed:
            blocks.append(tag("p", f"{side.upper()} {FAILED}.", class_="failed"))
        else:
            blocks.append(tag("div", render(answer.text), class_="turn"))
    return blocks


def before(prompt: Prompt) -> list[Html]:
    """Return what was said before the prompt's last message, as both panes show it."""
    return [_said(message.role.capitalize(), message.content) for message in prompt.messages[:-1]]


def _said(who: str, text: str) -> Html:
    return tag(
        "div",
        tag("span", who, class_="you-label"),
        tag("span", text, class_="you-text", dir="auto"),
        class_="you",
    )


def failed_sides(battle: Battle) -> str:
    """Return who failed, for the status line: `A`, `B` or `A and B`."""
    last = battle.turns[-1]
    return " and ".join(s for s, answer in (("A", last.answer_a), ("B", last.answer_b)) if answer.failed)


PICKED = {
    Winner.MODEL_A: "You picked A.",
    Winner.MODEL_B: "You picked B.",
    Winner.TIE: "You called it a tie.",
    Winner.BOTH_BAD: "You found both bad.",
}


def side_by_side(models: int) -> Html:
    """Return the page before two named models answer: what to do, and what such votes are for."""
    if models < 2:
        missing = (
            "There are no models yet" if models == 0 else "There is one model, and two are compared here"
        )
        text = "Register models under Models, or import recorded answers under Data."
        return empty(missing, text, "Models", "Data", class_="idle")
    return tag(
        "div",
        tag("h2", "Choose two models and ask both"),
        tag(
            "p",
            "Their names stay in sight. Votes given here are kept, but count in no rating and no export, "
            "because who knows the name votes for the name.",
            class_="muted",
        ),
        class_="idle",
    )


def status(state: State, text: str, done: str | None = None) -> Html:
    """Return the status line; `state` drives which rows of the arena are shown, `done` says what was just finished."""
    return tag("span", text, class_="status", data_state=state, data_done=done)


def counter(count: VoteCount, goal: int) -> Html:
    """Return today's votes against the daily goal."""
    share = min(1.0, count.today / goal)
    bar = tag("span", tag("span", style=f"width:{100 * share:.0f}%"), class_="meter", aria_hidden="true")
    reached = "goal reached" if count.today >= goal else f"goal {goal:,}"
    votes = "vote today" if count.today == 1 else "votes today"
    return tag(
        "span",
        tag("b", f"{count.today:,}", class_="num"),
        f" {votes} ",
        bar,
        tag("span", reached, class_="muted"),
        class_="counter",
        title=f"{plural(count.total, 'vote')} in all",
    )


def idle(examples: Sequence[Prompt], models: int) -> Html:
    """Return the page before the first battle: what to do, and prompts to begin with."""
    if models < 2:
        missing = "There are no models yet" if models == 0 else "There is one model, and a battle needs two"
        text = "Register models under Models, or import recorded answers under Data."
        return empty(missing, text, "Models", "Data", class_="idle")
    buttons = [
        tag("button", prompt.text, class_="example", type="button", data_example=prompt.text)
        for prompt in examples
    ]
    keys = tag(
        "p",
        tag("kbd", "1"),
        " A is better ",
        tag("kbd", "2"),
        " Tie ",
        tag("kbd", "3"),
        " Both bad ",
        tag("kbd", "4"),
        " B is better ",
        tag("kbd", "N"),
        " Next ",
        tag("kbd", "U"),
        " Undo",
        class_="keys muted",
    )
    return tag(
        "div",
        tag("h2", "Write a prompt, or let us surprise you"),
        tag(
            "p",
            "Two models answer side by side. Vote for the better answer; then you see who they are.",
            class_="muted",
        ),
        tag("div", buttons, class_="examples") if buttons else None,
        keys,
        class_="idle",
    )
