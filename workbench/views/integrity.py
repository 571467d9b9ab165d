"""What holds the board up, as pictures: the first place, voter by voter, prompt by prompt, answer by answer."""

import math

from arena.integrity import words
from arena.integrity.fragile import Fragility
from arena.integrity.report import AskedPrompt, AskedPrompts, IntegrityReport, NamedModel, VoterRow, WhatIf
from arena.types import Voter, VoterKind
from workbench.axis import Rule, Scale, ticks, track
from workbench.html import Html, join, percent, plural, signed, tag
from workbench.views.leaderboard import empty

_FLAGGED = 25
_OTHERS = 10
"""So many voters are shown who are flagged, and who are not."""
_SHOWN_PROMPTS = 8
_MOST_EVIDENCE = 9.0
"""Powers of ten at which the axis of evidence ends."""


def first_place(found: IntegrityReport) -> Html:
    """Return how few votes hold the first place, and the board with other votes."""
    if not found.votes:
        return empty(
            "No votes to check yet",
            "Once votes are in, this page shows which of them decide the board. Votes can be imported, too.",
            "Arena",
            "Data",
        )
    held = [_held(one) for one in (found.removal, found.flip) if one is not None]
    none = tag("p", "No model stands first in a way that votes could change.", class_="muted")
    return join(
        tag("h2", "What holds the first place"),
        tag("div", held, class_="held") if held else none,
        tag("div", _what_if(found.what_if), class_="scroll"),
        [tag("p", note, class_="muted small-facts") for note in found.notes],
    )


def _held(found: Fragility) -> Html:
    all_votes = plural(round(found.votes / found.share), "vote")
    do = "turned round" if found.change == "flip" else "left out"
    return tag(
        "div",
        tag(
            "p",
            tag("b", f"{found.votes:,}", class_="big num"),
            f" of {all_votes} {do} ({words.percent(found.share)})",
        ),
        tag("p", f"{found.rival} then stands before {found.leader}. {words.proof(found)}"),
        tag("p", words.which(found.changes, 4), class_="muted which"),
        class_="fact-box",
    )


def _what_if(boards: tuple[WhatIf, ...]) -> Html:
    furthest = max((one.lead for one in boards if one.lead is not None), default=1.0) or 1.0
    rows = [
        tag(
            "tr",
            tag("th", one.what, scope="row"),
            tag("td", f"{one.votes:,}", class_="num"),
            tag(
                "td",
                tag("span", one.first or "\u2013", class_="name"),
                tag("span", "another first", class_="chip bad") if one.changed else None,
            ),
            tag("td", _bar(one.lead, furthest), class_="lead"),
            tag("td", "\u2013" if one.lead is None else f"{one.lead:.0f}", class_="num"),
            tag("td", _moved(one), class_="wide"),
        )
        for one in boards
    ]
    heads = (
        ("The board of", None), ("Votes", "num"), ("First place", None), ("", "lead"), ("Lead", "num"),
        ("Moves most", "wide"),
    )  # fmt: skip
    return _table("The board with other votes", heads, rows, "list what-if")


def _bar(value: float | None, most: float) -> Html | None:
    if value is None:
        return None
    return tag("span", tag("span", style=f"width:{100 * max(0.0, value) / most:.1f}%"), class_="meter plain")


def _moved(one: WhatIf) -> Html | str:
    if one.moved is None:
        return "\u2013"
    return join(tag("b", signed(one.shift), class_="num"), " ", tag("span", one.moved, class_="muted"))


def voters(found: IntegrityReport) -> Html | str:
    """Return the voters whose votes are unlike the others', and those who move ratings most."""
    if not found.votes:
        return ""
    axis = Scale(0.0, _MOST_EVIDENCE, (0.0, 3.0, 6.0, 9.0))
    bar = math.log10(1.0 / found.alpha)
    head = join(
        tag("span", f"Evidence, flagged from {round(1 / found.alpha):,}", class_="axis-title"),
        ticks(axis, ["1", "10\u00b3", "10\u2076", "10\u2079"]),
    )
    heads = (
        ("Voter", None), ("Votes", "num"), (head, "axis"), ("Without them", "moves"),
        ("Attention", "num wide"),
    )  # fmt: skip
    shown = [
        *[row for row in found.voters if row.flagged][:_FLAGGED],
        *[row for row in found.voters if not row.flagged][:_OTHERS],
    ]
    rows = [_voter(row, axis, bar) for row in shown]
    flagged = (
        f"{found.flagged:,} of {plural(found.all_voters, 'voter')} flagged; were all honest, at most "
        f"{found.false_alarms:.2g} would be in the mean."
    )
    rest = found.all_voters - len(shown)
    return join(
        tag("h2", "Voters"),
        tag(
            "p",
            f"{flagged} The evidence is what bets against an honest voter have won: an honest one ever reaches "
            f"{round(1 / found.alpha):,} with a chance of at most {percent(found.alpha, 1).replace('.0', '')}, "
            "whenever one looks. It says that votes are unlike the others\u2019, not why.",
            class_="muted",
        ),
        tag("div", _table("Voters, flagged ones first", heads, rows, "list voters"), class_="scroll"),
        tag(
            "p",
            f"{rest:,} more: ",
            tag("code", f"workbench integrity --rows {found.all_voters}"),
            " lists all.",
            class_="muted small-facts",
        )
        if rest > 0
        else None,
    )


def _voter(row: VoterRow, axis: Scale, bar: float) -> Html:
    power = min(_MOST_EVIDENCE, math.log10(max(row.evidence, 1.0)))
    mark = (
        tag(
            "span",
            "certain" if row.certain else "flagged",
            class_="chip bad",
            title=_CERTAIN if row.certain else None,
        )
        if row.flagged
        else None
    )
    said = f"Evidence {words.odds(row.evidence)}" + (", flagged" if row.flagged else "")
    picture = tag(
        "div",
        track(axis, power, 0.0, power, rules=[Rule(bar, "bar")], class_="flagged" if row.flagged else ""),
        role="img",
        aria_label=said,
        title=said,
    )
    met = row.attention
    failed = met is not None and met.passed < met.met
    passed = f"{met.passed:,} of {met.met:,}" if met else "\u2013"
    return tag(
        "tr",
        tag(
            "th",
            tag("bdi", _name(row.voter), class_="name"),
            mark,
            tag("span", row.reason, class_="note") if row.reason else None,
            scope="row",
            class_="model",
        ),
        tag("td", f"{row.votes:,}", class_="num"),
        tag("td", picture, class_="axis"),
        tag("td", _effect(row), class_="moves"),
        tag("td", tag("b", passed, class_="bad") if failed else passed, class_="num wide"),
    )


_CERTAIN = "Beyond doubt even among all these voters: 1/alpha times their number was reached."


def _effect(row: VoterRow) -> Html | str:
    if row.moved is None:
        return "\u2013"
    first = (
        tag("span", f"{row.first_without} would be first", class_="note bad") if row.first_without else None
    )
    about = "" if row.exact else "about "
    return join(
        tag("b", signed(row.shift), class_="num", title=f"{about}{row.shift:.1f} points"),
        " ",
        tag("span", row.moved, class_="muted"),
        first,
    )


def prompts(spread: AskedPrompts) -> Html | str:
    """Return the prompts with most votes."""
    if not spread.most:
        return ""
    shown = spread.most[:_SHOWN_PROMPTS]
    most = max(one.votes for one in shown)
    often = sum(one.too_often for one in spread.most)
    told = f"{plural(spread.prompts, 'prompt')} with votes, the median one has {spread.median:,.0f}. "
    if often:
        told += (
            f"{plural(often, 'prompt')} asked so often that a taste in questions decides much; the leaderboard can "
            "count at most so many votes a prompt."
        )
    else:
        told += "None is asked so often that it decides much by itself."
    heads = (("Prompt", None), ("", "lead"), ("Votes", "num"), ("Share", "num wide"), ("Voters", "num wide"))
    rows = [_prompt(one, most) for one in shown]
    return join(
        tag("h2", "Prompts asked again and again"),
        tag("p", told, class_="muted"),
        _table("Prompts with most votes", heads, rows, "list asked-often"),
    )


def _prompt(one: AskedPrompt, most: int) -> Html:
    text = tag("span", one.text, class_="line") if one.text else tag("span", "text not known", class_="muted")
    return tag(
        "tr",
        tag(
            "th",
            tag("span", text, class_="asked-text", title=one.text),
            tag("span", "too often", class_="chip bad") if one.too_often else None,
            scope="row",
        ),
        tag("td", _bar(one.votes, most), class_="lead"),
        tag("td", f"{one.votes:,}", class_="num"),
        tag("td", words.percent(one.share), class_="num wide"),
        tag("td", f"{one.voters:,}", class_="num wide muted"),
    )


def self_named(found: IntegrityReport) -> Html:
    """Return the answers that name their own model, and a button to read those not read yet."""
    button = (
        tag("button", f"Read {plural(found.unread, 'answer')}", type="button", class_="small", data_do="read")
        if found.unread
        else None
    )
    head = tag("div", tag("h2", "Answers that name their own model"), button, class_="mine-head")
    if not found.self_named:
        text = (
            f"{plural(found.unread, 'answer')} not read yet."
            if found.unread
            else "None does. A model\u2019s further names stand in its option aliases."
        )
        return join(head, tag("p", text, class_="muted"))
    votes = sum(one.votes for one in found.self_named)
    told = (
        f"{plural(votes, 'vote')} on such battles may not have been blind; the leaderboard can leave them out."
        + (f" {plural(found.unread, 'answer')} not read yet." if found.unread else "")
    )
    heads = (("Model", None), ("Answers", "num"), ("Votes", "num"), ("In words", None))
    rows = [_named(one) for one in found.self_named]
    table = _table("Models that name themselves", heads, rows, "list named-models")
    return join(head, tag("p", told, class_="muted"), tag("div", table, class_="scroll"))


def _named(one: NamedModel) -> Html:
    return tag(
        "tr",
        tag("th", tag("span", one.name, class_="name"), scope="row"),
        tag("td", f"{one.named:,} of {one.answers:,}", class_="num"),
        tag("td", f"{one.votes:,}", class_="num"),
        tag("td", [tag("q", text, class_="quote") for text in one.words]),
    )


def _table(caption: str, heads: object, rows: list[Html], class_: str) -> Html:
    cells = [
        tag("th", label, scope="col", class_=kind) if label else tag("td", class_=kind)
        for label, kind in heads  # type: ignore[attr-defined]
    ]
    return tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", tag("tr", cells)),
        tag("tbody", rows),
        class_=class_,
    )


def _name(voter: Voter) -> str:
    return voter.name if voter.kind is VoterKind.HUMAN else f"{voter.name} ({voter.kind.value})"


def totals(found: IntegrityReport) -> Html:
    """Return the line of totals over the cards."""
    parts = [
        plural(found.votes, "vote"),
        plural(found.all_voters, "voter"),
        plural(found.prompts.prompts, "prompt"),
    ]
    jumps = [
        tag("a", label, href=f"#{place}")
        for label, place in (
            ("Voters", "voter-checks"),
            ("Agreement", "people-agreement"),
            ("Prompts", "asked-prompts"),
            ("Names in answers", "self-named"),
        )
    ]
    shown = tag("span", jumps, class_="jumps") if found.votes else None
    return tag("div", [tag("span", part) for part in parts], shown, class_="totals")
