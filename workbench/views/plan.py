"""How many more votes, as words and one picture: how wide intervals are expected to be under each way of pairing.

Which pairs come next is not shown: who is about to vote would know the names.
"""

from collections.abc import Sequence

from arena.pairing.forecast import Course
from arena.pairing.needed import VotesNeeded, about
from arena.pairing.plan import STOPPING, PairingPlan
from workbench.axis import Scale, scale
from workbench.html import Html, join, number, plural, tag

_SIDES = ("a", "b")
_TALLEST = 4.0
"""The axis holds at most so many times the target; a course that begins above runs in from there."""
_WIDEST = 8
"""So many models with the widest intervals are listed."""
_NAMES = {
    "active": "Active pairing",
    "uniform": "Uniform pairing",
    "new": "New models first",
    "few": "Pairs with few votes first",
}


def title() -> Html:
    """Return the heading of the card."""
    return tag("h2", "How many more votes")


def refused(reason: str) -> Html:
    """Return why there is no plan."""
    return tag("p", reason, class_="muted")


def summary(plan: PairingPlan) -> Html:
    """Return where the board stands, how many votes are missing, the picture, and the least sure models."""
    drawn = any(len(course.votes) > 1 for course in plan.courses)
    if plan.reached or plan.course.needed is None or not drawn:
        return join(_facts(plan), _least(plan), tag("p", STOPPING, class_="muted plan-note"))
    return join(_facts(plan), _picture(plan), _least(plan), tag("p", STOPPING, class_="muted plan-note"))


def told(found: VotesNeeded) -> Html:
    """Return how many votes tell two models apart."""
    facts = []
    if found.difference is not None and found.lower is not None and found.upper is not None:
        ends = f"{number(found.lower)} to {number(found.upper)}"
        facts.append(_fact("Difference now", f"{_signed(found.difference)}", f"95\u202f% interval {ends}"))
    if not found.separated and found.direct is not None:
        facts.append(_fact("Votes between the two", about(found.direct), f"so far {found.meetings:,}"))
    if not found.separated and found.spread is not None:
        facts.append(_fact("Votes over all pairs", about(found.spread), "spread as they have been"))
    return join(tag("div", facts, class_="plan-facts"), tag("p", found.words, class_="plan-words"))


def _facts(plan: PairingPlan) -> Html:
    now = "\u2013" if plan.half_width is None else f"±{plan.half_width:.1f}"
    state = f"{plural(len(plan.models), 'model')}, {plural(plan.votes, 'vote')}"
    facts = [_fact("Mean interval now", now, state)]
    facts.append(_fact("Wanted", f"±{plan.target:g}", "reached" if plan.reached else "not reached"))
    if not plan.reached:
        for course in plan.courses:
            needed = "over 50 million" if course.needed is None else about(course.needed)
            facts.append(_fact(_NAMES[course.policy], needed, "more votes"))
    return tag("div", facts, class_="plan-facts")


def _fact(label: str, value: str, note: str) -> Html:
    return tag(
        "div",
        tag("span", label, class_="muted"),
        tag("b", value, class_="num"),
        tag("span", note, class_="muted"),
        class_="plan-fact",
    )


def _picture(plan: PairingPlan) -> Html:
    shown = plan.courses[: len(_SIDES)]
    last = max(course.needed or course.votes[-1] for course in shown)
    across = scale(0, last, 4)
    across = Scale(0, last, tuple(tick for tick in across.ticks if 0 <= tick <= last))
    top = min(max(course.half_widths[0] for course in shown), _TALLEST * plan.target)
    up = scale(0.85 * plan.target, max(top, 1.2 * plan.target), 4)
    lines = [
        _course(course, across, up, side) for course, side in reversed(list(zip(shown, _SIDES, strict=False)))
    ]
    level = f"{_from_top(up, plan.target):.2f}"
    drawing = tag(
        "svg",
        [_rule(_from_top(up, tick), "grid") for tick in up.ticks],
        tag("line", x1=0, x2=1000, y1=level, y2=level, class_="wanted"),
        lines,
        viewBox="0 0 1000 100",
        preserveAspectRatio="none",
        focusable="false",
    )
    heights = [
        tag("span", f"±{tick:g}", class_="tick-y", style=f"top:{_from_top(up, tick):.2f}%")
        for tick in up.ticks
    ]
    below = [
        tag("span", number(tick), class_="tick-x", style=f"left:{across.at(tick):.2f}%")
        for tick in across.ticks
    ]
    plot = tag(
        "div",
        tag("div", drawing, heights, below, class_="plot"),
        class_="timeline plan-course",
        role="img",
        aria_label=_said(plan, shown),
    )
    axis = tag("p", "further votes", class_="muted plan-axis")
    return join(_key(shown, plan.target), plot, axis)


def _key(shown: Sequence[Course], target: float) -> Html:
    entries = [
        tag("span", tag("i", class_=f"dash {side}"), tag("b", _NAMES[course.policy]), class_="key-line")
        for course, side in zip(shown, _SIDES, strict=False)
    ]
    wanted = tag("span", tag("i", class_="dash wanted"), f"wanted: ±{target:g}", class_="key-line")
    return tag("p", "Mean 95\u202f% interval, expected:", entries, wanted, class_="keys-of")


def _course(course: Course, across: Scale, up: Scale, side: str) -> Html:
    width = across.high - across.low
    path = " ".join(
        f"{1000 * votes / width:.1f},{_from_top(up, half):.2f}"
        for votes, half in zip(course.votes, course.half_widths, strict=True)
    )
    return tag(
        "g", tag("title", _NAMES[course.policy]), tag("polyline", points=path), class_=f"course {side}"
    )


def _rule(y: float, kind: str) -> Html:
    return tag("line", x1=0, x2=1000, y1=f"{y:.2f}", y2=f"{y:.2f}", class_=kind)


def _from_top(up: Scale, value: float) -> float:
    return 100.0 - 100.0 * (value - up.low) / (up.high - up.low)


def _said(plan: PairingPlan, shown: Sequence[Course]) -> str:
    parts = [
        f"{_NAMES[course.policy]} reaches it after about {about(course.needed)} more votes"
        for course in shown
        if course.needed is not None
    ]
    return f"Expected mean interval by further votes, down to ±{plan.target:g} points. {'. '.join(parts)}."


def _least(plan: PairingPlan) -> Html:
    rows = [
        tag(
            "tr",
            tag("th", model.name, scope="row"),
            tag("td", "open" if model.half_width is None else f"±{model.half_width:.1f}", class_="num"),
            tag("td", f"{model.votes:,}", class_="num"),
        )
        for model in [model for model in plan.models if model.votes][:_WIDEST]
    ]
    head = tag("tr", tag("th", "Model", scope="col"), _number("Interval"), _number("Votes"))
    caption = tag("caption", "Models with the widest intervals", class_="unseen")
    table = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list compact")
    scroller = tag("div", table, class_="scroll", tabindex=0, role="region", aria_label="Least sure models")
    return tag("details", tag("summary", "The least sure models"), scroller, data_keep="plan-models")


def _number(label: str) -> Html:
    return tag("th", label, scope="col", class_="num")


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value)}"
