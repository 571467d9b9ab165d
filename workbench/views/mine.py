"""The personal page: today, agreement with others, votes by day, the own leaderboard, and the list of votes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from arena.leaderboard import Leaderboard
from arena.statistics import Figure
from arena.types import DEFAULT_CRITERION, Battle, OwnVote, Winner
from workbench.charts import forest
from workbench.criteria import question
from workbench.html import Html, join, percent, plural, tag
from workbench.results import OwnFigures, VoteCount
from workbench.verbs.mine import MIN_SHARED
from workbench.views import arena as arena_view
from workbench.views.leaderboard import empty

FEW_FOR_BOARD = 10
"""On fewer votes a rating by one person says next to nothing."""
_WIDTH, _HEIGHT, _FOOT = 560, 110, 20
_SAID = {
    Winner.TIE: "Tie",
    Winner.BOTH_BAD: "Both bad",
}


def figures(found: OwnFigures) -> Html:
    """Return what the votes come to, as three cards; nothing to see yet is said once, by `nothing`."""
    return tag(
        "div",
        _today(found.count, found.goal),
        _agreement(found.agreement),
        _by_day(found.days, found.goal),
        class_="mine-cards",
    )


def nothing() -> Html:
    """Return the page of somebody who has not voted yet."""
    text = "Vote in the Arena or in Review; what you chose, and who answered, is kept here for you alone."
    return empty("No votes of yours yet", text, "Arena", "Review")


def board(own: Leaderboard) -> Html:
    """Return the leaderboard by this voter's votes alone."""
    title = tag("h2", "Your leaderboard")
    if own.votes < FEW_FOR_BOARD:
        more = plural(FEW_FOR_BOARD - own.votes, "more vote")
        return join(title, tag("p", f"After {more} it shows how you would rank the models.", class_="muted"))
    text = "Ratings from your votes alone, so the intervals are wide. Everybody's are under Leaderboard."
    return join(title, tag("p", text, class_="muted"), tag("div", forest(own), class_="scroll"))


def votes(rows: Sequence[OwnVote], *, first: bool, more: bool, reading: str | None = None) -> Html:
    """Return a page of the list; `reading` is the battle that is open above it."""
    head = tag(
        "tr",
        tag("th", "Prompt", scope="col"),
        tag("th", "You chose", scope="col"),
        tag("th", "Over", scope="col"),
        tag("th", "When", scope="col", class_="wide"),
        tag("th", tag("span", "Read", class_="unseen"), scope="col"),
    )
    caption = tag("caption", "Your votes, newest first", class_="unseen")
    table = tag(
        "table",
        caption,
        tag("thead", head),
        tag("tbody", [_row(row, str(row.vote.battle_id) == reading) for row in rows]),
        class_="list own-votes",
    )
    turning = tag(
        "div",
        tag("button", "Newer", type="button", class_="small", data_do="newer", disabled=first),
        tag("button", "Older", type="button", class_="small", data_do="older", disabled=not more),
        class_="actions",
    )
    several = turning if more or not first else None
    return join(tag("div", tag("h2", "Your votes"), several, class_="mine-head"), table)


def battle(found: Battle, own: Sequence[OwnVote]) -> Html:
    """Return one battle to read again, with the names and what was chosen."""
    main = next((one for one in own if one.vote.criterion == DEFAULT_CRITERION), own[0] if own else None)
    winner = main.vote.winner if main else None
    prompt = found.prompt.text if found.prompt else "The prompt of this battle was not imported."
    close = tag("button", "Close", type="button", class_="small", data_do="close")
    sides = tag(
        "div",
        _side(found, "a", winner is Winner.MODEL_A),
        _side(found, "b", winner is Winner.MODEL_B),
        class_="mine-sides",
    )
    said = arena_view.PICKED[winner] if winner else ""
    reasons = ", ".join(main.vote.reasons) if main else ""
    comment = main.vote.comment if main else None
    facts = [fact for fact in (said, f"Because: {reasons}." if reasons else "", comment or "") if fact]
    return tag(
        "div",
        tag("div", tag("h2", "A battle of yours"), close, class_="mine-head"),
        tag("p", prompt, class_="pre mine-prompt", dir="auto"),
        sides,
        tag("p", " ".join(facts), class_="muted") if facts else None,
        class_="mine-battle",
    )


def _today(count: VoteCount, goal: int) -> Html:
    share = min(1.0, count.today / goal)
    left = (
        "Daily goal reached."
        if count.today >= goal
        else f"{plural(goal - count.today, 'vote')} to your daily goal."
    )
    return tag(
        "section",
        tag("h2", "Today"),
        tag("p", tag("b", f"{count.today:,}", class_="big num"), f" of {goal:,}"),
        tag("span", tag("span", style=f"width:{100 * share:.0f}%"), class_="meter", aria_hidden="true"),
        tag("p", f"{left} {plural(count.total, 'battle')} voted on in all.", class_="muted"),
        class_="card",
    )


def _agreement(found: Figure) -> Html:
    title = tag("h2", "Agreement with others")
    if found.value is None:
        seen = f"So far {plural(found.n, 'battle')} of yours." if found.n else "So far there are none."
        text = (
            f"How often others chose as you did, once {MIN_SHARED} of the battles you voted on have votes of "
            f"other people too. {seen} Review queues bring them."
        )
        return tag("section", title, tag("p", text, class_="muted"), class_="card")
    picture = None
    if found.lower is not None and found.upper is not None:
        label = f"Agreement {percent(found.value)}, from {percent(found.lower)} to {percent(found.upper)}"
        picture = tag(
            "div",
            tag(
                "span",
                class_="reach",
                style=f"left:{100 * found.lower:.1f}%;width:{100 * (found.upper - found.lower):.1f}%",
            ),
            tag("span", class_="point", style=f"left:{100 * found.value:.1f}%"),
            class_="interval alone",
            role="img",
            aria_label=label,
        )
    ends = (
        f", from {percent(found.lower)} to {percent(found.upper)} with 95\u202f% confidence"
        if found.lower is not None and found.upper is not None
        else ""
    )
    return tag(
        "section",
        title,
        tag("p", tag("b", percent(found.value), class_="big num"), " of their votes equal yours"),
        picture,
        tag("p", f"On {plural(found.n, 'battle')} that others voted on too{ends}.", class_="muted"),
        class_="card",
    )


def _by_day(days: Sequence[tuple[date, int]], goal: int) -> Html:
    most_day, most = max(days, key=lambda day: day[1])
    top = max(most, goal, 1)
    width = _WIDTH / len(days)
    bars = [
        tag(
            "g",
            tag("title", f"{_day(day)}: {plural(count, 'vote')}"),
            tag(
                "rect",
                x=f"{place * width + 1.5:.1f}",
                y=f"{_y(count, top):.1f}",
                width=f"{width - 3:.1f}",
                height=f"{_HEIGHT - _FOOT - _y(count, top):.1f}",
                rx=2,
                class_="today" if place == len(days) - 1 else None,
            ),
        )
        for place, (day, count) in enumerate(days)
        if count
    ]
    line = _y(goal, top)
    foot = _HEIGHT - 5
    ticks = [
        tag("text", _day(days[0][0]), x=0, y=foot),
        tag("text", _day(days[len(days) // 2][0]), x=_WIDTH / 2, y=foot, text_anchor="middle"),
        tag("text", "today", x=_WIDTH, y=foot, text_anchor="end"),
    ]
    total = sum(count for _, count in days)
    said = f"{plural(total, 'vote')} in {len(days)} days, today {days[-1][1]:,}" + (
        f", most {most:,} on {_day(most_day)}" if most else ""
    )
    svg = tag(
        "svg",
        tag("line", x1=0, x2=_WIDTH, y1=_HEIGHT - _FOOT, y2=_HEIGHT - _FOOT, class_="grid"),
        tag("line", x1=0, x2=_WIDTH, y1=f"{line:.1f}", y2=f"{line:.1f}", class_="rule"),
        tag("text", f"goal {goal:,}", x=_WIDTH, y=f"{line - 4:.1f}", text_anchor="end"),
        bars,
        ticks,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=said,
    )
    return tag(
        "section", tag("h2", "Votes by day"), svg, tag("p", f"{said}.", class_="muted"), class_="card days"
    )


def _y(count: int, top: int) -> float:
    return 16 + (_HEIGHT - _FOOT - 16) * (1 - count / top)


def _row(row: OwnVote, reading: bool) -> Html:
    winner = row.vote.winner
    prompt = " ".join((row.prompt or "The prompt was not imported.").split())
    about = (
        None
        if row.vote.criterion == DEFAULT_CRITERION
        else tag("span", question(row.vote.criterion), class_="chip")
    )
    if winner in (Winner.MODEL_A, Winner.MODEL_B):
        names = (row.model_a, row.model_b) if winner is Winner.MODEL_A else (row.model_b, row.model_a)
        chosen, over = tag("bdi", names[0], class_="name"), join(tag("bdi", names[1]))
    else:
        chosen = tag("span", _SAID[winner] if winner else "\u2013")
        over = join(tag("bdi", row.model_a), ", ", tag("bdi", row.model_b))
    made = row.vote.created_at
    button = tag(
        "button",
        "Read",
        type="button",
        class_="small",
        data_do="read",
        data_name=str(row.vote.battle_id),
        data_goto="#mine-battle",
        aria_label=f"Read the battle on: {prompt[:60]}",
    )
    return tag(
        "tr",
        tag("th", tag("span", prompt, class_="clip", title=prompt[:300], dir="auto"), about, scope="row"),
        tag("td", chosen),
        tag("td", over, class_="muted over"),
        tag("td", _when(made) if made else "\u2013", class_="wide muted num left"),
        tag("td", tag("div", button, class_="actions"), class_="act"),
        class_="selected" if reading else None,
    )


def _side(found: Battle, side: str, picked: bool) -> Html:
    blocks = arena_view.conversation(found, "a" if side == "a" else "b")
    name = found.model_a if side == "a" else found.model_b
    head = arena_view.named_head(side.upper(), name, picked=picked)
    return tag("section", head, tag("div", blocks, class_="answer"), class_="mine-side")


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _when(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{_day(at.date())} {at:%H:%M}"
