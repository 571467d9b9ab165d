"""Verdicts one by one: the list, and the transcript of one with every message sent and every reply received."""

from collections.abc import Mapping, Sequence
from typing import Any

from arena.judgments import JudgeCall, Verdict
from arena.types import Battle, Message, Winner
from judges.reports import Exchange, Transcript, VerdictLine, VerdictPage
from workbench.html import Html, join, number, percent, plural, tag
from workbench.views.jobs import money

OUTCOMES = {
    Winner.MODEL_A: "A better",
    Winner.MODEL_B: "B better",
    Winner.TIE: "Tie",
    Winner.BOTH_BAD: "Both bad",
}
OPENING = 80
"""So many characters of a prompt stand in the list."""
LONG_TEXT = 700
"""A longer text stands behind a summary that says how long it is."""


def outcome(winner: Winner | None, failure: str | None = None) -> Html:
    """Return an outcome as words with the sides' letters, or the failure in its place."""
    if winner is None:
        reason = (failure or "no verdict").replace("_", " ")
        return tag("span", reason, class_="chip bad")
    if not winner.decisive:
        return tag("span", OUTCOMES[winner], class_="outcome")
    return tag("span", letter(winner), " better", class_="outcome")


def position(first: int, shown: int, total: int, what: str = "verdict") -> Html:
    """Return which part of the list is shown."""
    if not total:
        return tag("h2", f"No {what}s")
    return tag(
        "h2", f"{first + 1:,}\u2013{first + shown:,} ", tag("span", f"of {total:,} {what}s", class_="muted")
    )


def soft(verdict: Verdict) -> str | None:
    """Return the soft verdict in words, where there is one."""
    if verdict.probability_a is None:
        return None
    if abs(verdict.probability_a - 0.5) < 0.005:
        return "A and B even"
    side, chance = (
        ("A", verdict.probability_a) if verdict.probability_a >= 0.5 else ("B", 1 - verdict.probability_a)
    )
    return f"{side} with {percent(chance)}"


def marks(verdict: Verdict) -> list[Html]:
    """Return the signs of a verdict that make it worth a look."""
    found = []
    if verdict.inconsistent:
        asked_twice = verdict.forward is not None and verdict.backward is not None
        found.append(tag("span", "orders differ" if asked_twice else "no majority", class_="chip"))
    if verdict.strength > 1:
        found.append(tag("span", "much better", class_="chip"))
    return found


def tally(votes: Mapping[Winner, int]) -> Html:
    """Return how people voted on the same battle."""
    said = [
        tag("span", letter(winner), f" {count:,}", class_="vote-count")
        for winner in OUTCOMES
        if (count := votes.get(winner, 0))
    ]
    return tag("span", said, class_="tally") if said else tag("span", "\u2013", class_="muted")


def letter(winner: Winner) -> Html:
    """Return the letter of the side that won, or the word where none did."""
    side = {Winner.MODEL_A: "a", Winner.MODEL_B: "b"}.get(winner)
    if side is None:
        return tag("span", OUTCOMES[winner].lower())
    return tag("span", side.upper(), class_=f"side small-side side-{side}", title=OUTCOMES[winner])


def listing(page: VerdictPage, opened: str | None) -> Html:
    """Return verdicts in rows; a row's prompt is a button that opens its transcript."""
    if not page.lines:
        return tag("p", "No verdict of this kind.", class_="muted empty")
    columns = (("Prompt", None), ("Models", "wide"), ("Verdict", None), ("Orders", "wide"), ("People", None))
    head = tag("tr", [tag("th", label, scope="col", class_=kind) for label, kind in columns])
    caption = tag("caption", "Verdicts, newest first", class_="unseen")
    rows = [_row(line, opened) for line in page.lines]
    return tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list verdicts")


def _row(line: VerdictLine, opened: str | None) -> Html:
    verdict = line.verdict
    battle_id = str(verdict.battle_id)
    button = tag(
        "button",
        _opening(line.prompt),
        type="button",
        class_="link",
        data_do="open",
        data_name=battle_id,
        data_goto="#transcript",
        aria_current="true" if battle_id == opened else None,
    )
    models = [
        tag("span", letter(winner), f" {name}", class_="model-of", title=name)
        for winner, name in ((Winner.MODEL_A, line.model_a), (Winner.MODEL_B, line.model_b))
    ]
    detail = tag("span", verdict.detail, class_="note") if verdict.failure and verdict.detail else None
    return tag(
        "tr",
        tag("th", button, scope="row"),
        tag("td", models, class_="wide models-of"),
        tag("td", outcome(verdict.winner, verdict.failure), " ", marks(verdict), detail),
        tag("td", _orders(verdict), class_="wide"),
        tag("td", tally(line.people)),
        class_="selected" if battle_id == opened else None,
    )


def _orders(verdict: Verdict) -> Html | str:
    """Return what each order said, in the battle's order of sides."""
    if verdict.forward is None and verdict.backward is None:
        return "\u2013"
    parts = [
        tag("span", f"{name} \u2192 ", letter(said), class_="order")
        for name, said in (("AB", verdict.forward), ("BA", verdict.backward))
        if said is not None
    ]
    return tag("span", parts, class_="tally")


def _opening(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= OPENING else said[:OPENING].rsplit(" ", 1)[0] + " \u2026"


def transcript(found: Transcript) -> Html:
    """Return how a verdict came about: texts, verdict, every message and reply, and a jury's members."""
    verdict = found.verdict
    facts = [
        verdict.judge,
        verdict.criterion,
        soft(verdict),
        f"fingerprint {verdict.fingerprint[:12]}",
        f"{verdict.created_at:%Y-%m-%d %H:%M}" if verdict.created_at else None,
    ]
    calls = [call for exchange in found.exchanges for call in exchange.calls]
    people = join(tag("span", "People: ", class_="muted"), tally(found.people)) if found.people else None
    close = tag("button", "Close", type="button", class_="small", data_do="close", data_name="")
    return join(
        tag(
            "div",
            tag("h2", "Transcript"),
            outcome(verdict.winner, verdict.failure),
            marks(verdict),
            people,
            tag("span", close, class_="push"),
            class_="transcript-head",
        ),
        tag(
            "p", " \u00b7 ".join(filter(None, [*facts, *(cost(calls) if calls else ())])), class_="muted num"
        ),
        tag("p", verdict.detail, class_="bad pre") if verdict.failure and verdict.detail else None,
        tag("div", battle_texts(found.battle), class_="framed"),
        _exchanges(found),
        [_member(member) for member in found.members],
    )


def _exchanges(found: Transcript) -> Html | None:
    if not found.exchanges:
        return None if found.members else tag("p", "This judge asks no model.", class_="muted")
    parts = [_exchange(exchange) for exchange in found.exchanges]
    return tag("div", parts, class_="exchanges")


def _member(member: Transcript) -> Html:
    verdict = member.verdict
    head = tag(
        "summary", tag("b", verdict.judge), " ", outcome(verdict.winner, verdict.failure), " ", marks(verdict)
    )
    return tag("details", head, _exchanges(member), class_="member")


def _exchange(found: Exchange) -> Html:
    """Return one question to the judge: the reply, what was read from it, and the exact messages that were sent."""
    said = _said(found.calls[-1].reading) if found.calls else None
    title = tag("div", tag("h3", found.title), said, class_="exchange-head")
    if not found.calls:
        return tag("section", title, tag("p", "Not asked.", class_="muted"), class_="exchange")
    last, earlier = found.calls[-1], [_attempt(call) for call in found.calls[:-1]]
    tries = (
        tag("details", tag("summary", plural(len(earlier), "earlier attempt")), earlier) if earlier else None
    )
    return tag(
        "section",
        title,
        tag("p", " \u00b7 ".join(cost(found.calls)), class_="muted num small-facts"),
        _reply(last),
        tries,
        _messages(last.messages),
        class_="exchange",
    )


def cost(calls: Sequence[JudgeCall]) -> list[str]:
    """Return what calls took together: tokens in and out, money, seconds; only what is known."""
    tokens_in = [call.prompt_tokens for call in calls if call.prompt_tokens is not None]
    tokens_out = [call.completion_tokens for call in calls if call.completion_tokens is not None]
    paid = [call.cost for call in calls if call.cost is not None]
    seconds = [call.seconds for call in calls if call.seconds is not None]
    found = [plural(len(calls), "call")]
    if tokens_in or tokens_out:
        found.append(f"{sum(tokens_in):,} tokens in, {sum(tokens_out):,} out")
    if paid:
        found.append(f"cost {money(sum(paid))}")
    if seconds:
        found.append(f"{number(sum(seconds), 1)}\u202fs")
    return found


def _said(reading: Mapping[str, Any] | None) -> Html | None:
    """Return what a reply was read as, a winner or a score."""
    if not reading:
        return None
    if reading.get("winner") in set(Winner):
        return outcome(Winner(reading["winner"]))
    return tag("b", _value(reading["score"]), class_="num") if reading.get("score") is not None else None


def _reply(call: JudgeCall) -> Html:
    parts = [
        tag("p", tag("b", call.failure.replace("_", " "), class_="bad"), _because(call.detail))
        if call.failure is not None
        else None,
        _text(call.reply, "reply") if call.reply is not None else None,
        _reading(call.reading) if call.reading else None,
    ]
    return tag("div", parts, class_="reply")


def _because(detail: str | None) -> str:
    return f": {detail}" if detail else ""


def _reading(reading: Mapping[str, Any]) -> Html:
    rows = [
        tag("tr", tag("th", key.replace("_", " "), scope="row"), tag("td", _value(value)))
        for key, value in reading.items()
        if value not in (None, "", [], {})
    ]
    table = tag("table", tag("tbody", rows), class_="facts reading")
    return tag("details", tag("summary", "What was read from it"), table)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return number(value, 3)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return str(value)


def _attempt(call: JudgeCall) -> Html:
    return tag("div", tag("h4", f"Attempt {call.attempt}"), _reply(call), class_="attempt")


def _messages(messages: Sequence[Message]) -> Html:
    sent = [
        tag(
            "div",
            tag("span", message.role, class_="chip"),
            tag("pre", message.content, tabindex=0, class_="log"),
        )
        for message in messages
    ]
    characters = sum(len(message.content) for message in messages)
    title = f"{plural(len(messages), 'message')} sent, {plural(characters, 'character')}"
    return tag("details", tag("summary", title), sent, class_="sent")


def battle_texts(battle: Battle) -> Html:
    """Return the prompt and both answers, long ones folded."""
    prompt = (
        [tag("p", message.content, class_="pre") for message in battle.prompt.messages]
        if battle.prompt
        else None
    )
    return join(
        tag("div", tag("h3", "Prompt"), prompt, class_="pair-prompt"),
        tag("div", _side(battle, "a"), _side(battle, "b"), class_="pair-sides"),
    )


def _side(battle: Battle, side: str) -> Html:
    model = battle.model_a if side == "a" else battle.model_b
    said = []
    for turn in battle.turns:
        if turn.user is not None:
            asked = tag("p", turn.user, class_="you-text")
            said.append(tag("div", tag("span", "You", class_="you-label"), asked, class_="you"))
        said.append(_text((turn.answer_a if side == "a" else turn.answer_b).text, "answer-text"))
    badge = tag("span", side.upper(), class_=f"side side-{side}")
    head = tag("div", badge, tag("b", model, class_="name"), class_="pair-head")
    return tag("div", head, said, class_="pair-side")


def _text(text: str, class_: str) -> Html:
    text = text.strip()
    body = tag("p", text or "(blank)", class_=f"pre {class_}")
    if len(text) <= LONG_TEXT:
        return body
    opening = text[:LONG_TEXT].rsplit(maxsplit=1)[0]
    return join(
        tag("p", opening, " \u2026", class_=f"pre {class_} opening"),
        tag("details", tag("summary", f"All {plural(len(text), 'character')}"), body, class_="whole-text"),
    )
