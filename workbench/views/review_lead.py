"""What those who lead a review look at: the queues with their figures, and a report on one, person by person."""

from collections.abc import Sequence

from arena.reviews import QueueSummary
from arena.statistics import Figure
from arena.types import Winner
from judges.annotators import Annotator, QueueReport
from workbench.axis import Rule, Scale, ticks, track
from workbench.html import Html, duration, join, number, percent, plural, tag

_SHARE = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
_QUEUE_COLUMNS = (
    ("Queue", None),
    ("Votes in", None),
    ("Battles", "num wide"),
    ("People", "num wide"),
    ("Skipped", "num wide"),
    ("Attention", "num wide"),
)
_PERSON_COLUMNS = (
    ("Annotator", None),
    ("Votes", "num"),
    ("Attention", "num"),
    ("A vote takes", "num wide"),
    ("A, B, tie, both bad", "num wider"),
)


def queues(found: Sequence[QueueSummary], *, admin: bool) -> Html | str:
    """Return all queues, closed ones too; nothing while there are none."""
    if not found:
        return ""
    head = tag(
        "tr",
        [tag("th", label, scope="col", class_=class_) for label, class_ in _QUEUE_COLUMNS],
        tag("th", tag("span", "What to do", class_="unseen"), scope="col", class_="act"),
    )
    caption = tag("caption", "Review queues", class_="unseen")
    rows = [_queue(one, admin=admin) for one in found]
    table = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list lead-queues")
    return join(tag("h2", "Queues"), table)


def report(name: str, found: QueueReport) -> Html:
    """Return how each annotator of a queue does."""
    close = tag("button", "Close report", type="button", class_="small", data_do="unreport")
    title = tag("div", tag("h2", f"Annotators of {name}"), close, class_="mine-head")
    if not found.people:
        return join(title, tag("p", "Nobody has voted in this queue yet.", class_="muted"))
    head = tag(
        "tr",
        [tag("th", label, scope="col", class_=class_) for label, class_ in _PERSON_COLUMNS[:2]],
        tag("th", _axis_head(), scope="col", class_="axis"),
        [tag("th", label, scope="col", class_=class_) for label, class_ in _PERSON_COLUMNS[2:]],
    )
    rows = [_person(one, found.agreement) for one in found.people]
    caption = tag("caption", f"Annotators of {name}, those with most votes first", class_="unseen")
    table = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="forest list annotators")
    return join(title, _overall(found), tag("div", table, class_="scroll"))


def _queue(found: QueueSummary, *, admin: bool) -> Html:
    queue = found.queue
    needed = found.battles * queue.overlap
    share = 1 - found.missing / needed if needed else 1.0
    bar = tag(
        "span",
        tag("span", style=f"width:{100 * share:.1f}%"),
        class_="meter",
        role="progressbar",
        aria_label=f"Votes in {queue.name}",
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=round(100 * share),
    )
    state = tag("span", "closed", class_="chip") if queue.closed else None
    left = f"{percent(share)}, {found.missing:,} missing" if found.missing else "all"
    turn = (
        _button("Open again", "reopen", queue.name) if queue.closed else _button("Close", "close", queue.name)
    )
    remove = (
        _button(
            "Remove",
            "remove",
            queue.name,
            confirm=f"Forget the queue {queue.name}? Its battles and votes are kept.",
        )
        if admin and queue.closed
        else None
    )
    return tag(
        "tr",
        tag("th", tag("span", queue.name, class_="name"), state, scope="row"),
        tag("td", tag("div", bar, tag("span", left, class_="muted num"), class_="votes-in")),
        tag("td", f"{found.complete:,} of {found.battles:,}", class_="num wide"),
        tag("td", f"{found.people:,}", class_="num wide"),
        tag("td", f"{found.skips:,}", class_="num wide muted"),
        tag("td", f"{found.attention:,}", class_="num wide muted"),
        tag(
            "td",
            tag("div", _button("Report", "report", queue.name), turn, remove, class_="actions"),
            class_="act",
        ),
    )


def _button(label: str, do: str, name: str, *, confirm: str | None = None) -> Html:
    goto = "#review-report" if do == "report" else None
    return tag(
        "button",
        label,
        type="button",
        class_="small",
        data_do=do,
        data_name=name,
        data_confirm=confirm,
        data_goto=goto,
        aria_label=f"{label}: {name}",
    )


def _overall(found: QueueReport) -> Html:
    if not found.shared:
        text = "No battle has votes by two people yet, so nothing is known of agreement."
        return tag("p", text, class_="muted")
    alpha = "not known" if found.alpha.value is None else _with_ends(found.alpha)
    agree = "\u2013" if found.agreement.value is None else percent(found.agreement.value)
    return tag(
        "p",
        f"Two people agree on {agree} of {plural(found.shared, 'battle')}; beyond chance, ",
        tag(
            "span",
            f"Krippendorff\u2019s alpha is {alpha}.",
            title="1 is full agreement, 0 what chance gives.",
        ),
        class_="muted",
    )


def _with_ends(figure: Figure) -> str:
    text = number(figure.value or 0.0, 2)
    if figure.lower is None or figure.upper is None:
        return text
    return f"{text} ({number(figure.lower, 2)} to {number(figure.upper, 2)})"


def _axis_head() -> Html:
    title = tag("span", "Agrees with others, 95\u202f% interval", class_="axis-title")
    return join(title, ticks(_SHARE, ["0", "25", "50", "75", percent(1)]))


def _person(person: Annotator, all_: Figure) -> Html:
    figure = person.agreement
    rules = [Rule(all_.value, "people")] if all_.value is not None else []
    passed = f"{person.attention_passed} of {person.attention_met}" if person.attention_met else "\u2013"
    failed = person.attention_passed < person.attention_met
    shares = ", ".join(f"{person.outcomes.get(outcome, 0):,}" for outcome in _ORDER)
    notes = tag("span", " ".join(person.notes), class_="note bad") if person.notes else None
    skipped = tag("span", f"skipped {person.skips:,}", class_="note") if person.skips else None
    said = (
        "Not known how far they agree"
        if figure.value is None
        else f"Agrees with others on {percent(figure.value)} of {plural(figure.n, 'battle')}"
    )
    picture = tag(
        "div",
        track(_SHARE, figure.value, figure.lower, figure.upper, rules=rules),
        role="img",
        aria_label=said,
    )
    return tag(
        "tr",
        tag("th", tag("bdi", person.voter.name, class_="name"), skipped, notes, scope="row", class_="model"),
        tag("td", f"{person.votes:,}", class_="num"),
        tag("td", picture, class_="axis"),
        tag("td", tag("b", passed, class_="bad") if failed else passed, class_="num"),
        tag("td", "\u2013" if person.seconds is None else duration(person.seconds), class_="num wide"),
        tag("td", shares, class_="num wider muted"),
    )


_ORDER = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD)
