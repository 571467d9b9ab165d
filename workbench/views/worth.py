"""What a judge is worth in people's votes: a bar of votes, the figures behind it, and what must be said of it."""

from arena.ratings.worth import Worth
from workbench.html import Html, join, number, percent, plural, tag

_LEAST = 0.02
"""Less than this share of people's votes is not drawn."""
_MOST_TIMES = 3.0
"""What a judge could be worth is drawn up to so many times people's votes."""


def section(found: Worth) -> Html:
    """Return the section on a judge's help; people's votes, its worth and what it could be worth in one bar."""
    return tag(
        "div",
        tag("h3", "Worth in people\u2019s votes"),
        tag("p", _headline(found)),
        join(_bar(found), _legend(found)) if found.most > _LEAST else None,
        _facts(found),
        [tag("p", note, class_="bad" if found.biased else "muted") for note in found.notes],
        class_="judge-parts worth",
    )


def _headline(found: Worth) -> Html:
    if not found.weight:
        return join("It adds nothing to ratings by people\u2019s votes so far.")
    return join(
        "Its votes help people\u2019s ratings as much as ",
        tag("b", f"{plural(found.votes_worth, 'more vote')} of people"),
        f" would (+{percent(found.more)}). None is counted as theirs: see the "
        "Leaderboard\u2019s method \u201cWith a judge\u2019s help\u201d.",
    )


def _bar(found: Worth) -> Html:
    most = min(found.most, _MOST_TIMES)
    total = 1.0 + max(most, found.more)
    parts = (("people", 1.0), ("a", found.more), ("could", max(0.0, most - found.more)))
    drawn = [
        tag("span", class_=f"part {kind}", style=f"width:{100 * size / total:.2f}%")
        for kind, size in parts
        if size > 0.0
    ]
    return tag("div", drawn, class_="stack", aria_hidden="true")


def _legend(found: Worth) -> Html:
    parts = [
        ("people", "People ", f"{found.votes:,}"),
        ("a", "Its help ", f"{found.votes_worth:,}"),
        ("could", "At most, by judging more ", f"{round(found.votes * found.most):,}"),
    ]
    lines = [
        tag(
            "span", tag("i", class_=f"swatch {kind}"), label, tag("b", value, class_="num"), class_="key-line"
        )
        for kind, label, value in parts
    ]
    return tag("p", lines, class_="keys-of")


def _usable(found: Worth) -> str:
    idle = found.shared - found.usable
    return f"on the same battles, {idle:,} of a pair it judged no further" if idle else "on the same battles"


def _facts(found: Worth) -> Html:
    rows = [
        ("Votes of people", f"{found.votes:,}", f"on {plural(found.battles, 'battle')}"),
        ("Its vote beside theirs", f"{found.shared:,}", _usable(found)),
        ("Its vote alone", f"{found.further:,}", "on other battles of these models"),
    ]
    if found.weight:
        weight = f"with the weight \u03bb = {number(found.weight, 2)}"
        rows.append(("Intervals", f"{percent(found.narrower)} narrower", weight))
    if found.p_value is not None:
        drawn = "surely not drawn at random" if found.biased else "as if drawn at random"
        rows.append(
            ("People\u2019s battles", drawn, f"by its verdicts there and elsewhere (p {found.chance})")
        )
    body = [
        tag(
            "tr",
            tag("th", label, scope="row"),
            tag("td", tag("b", value, class_="num"), " ", tag("span", more, class_="muted")),
        )
        for label, value, more in rows
    ]
    return tag("table", tag("tbody", body), class_="facts")
