"""How far people agree, how far each can be relied on, and the battles that divide them, in tables and pictures."""

from collections.abc import Mapping, Sequence

from arena.people.agreement import PeopleAgreement
from arena.people.contested import Contested
from arena.people.pairs import Between
from arena.people.reliability import FEW_VOTES, Reliability, ReliabilityReport
from arena.reviews import QueueSummary
from arena.statistics import Figure
from arena.types import Battle, Voter, VoterKind, Winner
from workbench.axis import Rule, Scale, holding, ticks, track
from workbench.html import Html, join, number, percent, plural, tag
from workbench.views.leaderboard import empty
from workbench.views.raters import KAPPA_WORDS, Cell, Rater, kappa_table
from workbench.views.verdicts import battle_texts, tally

SHOWN = 12
"""So many voters are listed at first."""
MOST_SHOWN = 200
"""So many are listed at most; the command line gives all."""
_PARTS = {Winner.MODEL_A: "a", Winner.MODEL_B: "b", Winner.TIE: "tie", Winner.BOTH_BAD: "both"}
_UNIT = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))


def summary(found: PeopleAgreement) -> Html:
    """Return how far the voters agree: alpha over battles and over voters, and what it means in words."""
    if not found.battles:
        return empty(
            "Nobody to compare yet",
            "No two voters have voted on the same battle. A review queue with an overlap of two or more lets them.",
            "Review",
        )
    alpha = found.alpha
    head = join(
        tag("h2", "How far they agree"),
        tag("p", _in_words(found), class_="lead-line"),
    )
    if alpha.value is None:
        return head
    lower = min(end for end in (0.0, alpha.lower, found.alpha_over_voters.lower) if end is not None)
    axis = _UNIT if lower >= 0 else holding((lower, 1.0))
    rows = [
        _alpha_row(axis, "Had they voted on other battles", alpha),
        _alpha_row(axis, "Had other people voted", found.alpha_over_voters),
    ]
    labels = [number(tick, 2).rstrip("0").rstrip(".") for tick in axis.ticks]
    header = tag(
        "tr",
        tag("th", "Krippendorff\u2019s \u03b1, 95\u202f% interval", scope="col"),
        tag("th", ticks(axis, labels), scope="col", class_="axis"),
        tag("th", "\u03b1", scope="col", class_="num"),
    )
    caption = tag("caption", "Krippendorff's alpha with its intervals", class_="unseen")
    return join(
        head,
        tag("table", caption, tag("thead", header), tag("tbody", rows), class_="list compact alphas"),
    )


def _in_words(found: PeopleAgreement) -> Html:
    agree = found.agreement.value or 0.0
    said = f"Two of them agree on {percent(agree)} of {plural(found.battles, 'battle')} that several voted on"
    rest = f", of {found.all_battles:,} with a vote." if found.all_battles > found.battles else "."
    if found.alpha.value is None:
        return join(said, rest, " All say one and the same, so nothing can be said beyond chance.")
    beyond = max(0.0, found.alpha.value)
    meaning = (
        f" That is {percent(beyond)} of the way from chance to full agreement."
        if found.alpha.value > 0
        else " That is no more than chance gives."
    )
    return join(said, rest, meaning)


def _alpha_row(axis: Scale, words: str, figure: Figure) -> Html:
    said = f"{words}: {_with_ends(figure)}"
    picture = tag("div", track(axis, figure.value, figure.lower, figure.upper), role="img", aria_label=said)
    return tag(
        "tr",
        tag("th", words, scope="row"),
        tag("td", picture, class_="axis"),
        tag("td", _with_ends(figure), class_="num"),
    )


def reliability(found: ReliabilityReport, *, all_voters: bool = False) -> Html | str:
    """Return how far each voter can be relied on, drawn with its interval; at first only those with most votes."""
    if not found.voters:
        return ""
    title = tag("h2", "How far each can be relied on")
    if found.refusal:
        return join(title, tag("p", found.refusal, " All votes weigh the same.", class_="muted"))
    rows = found.voters[: MOST_SHOWN if all_voters else SHOWN]
    lower = min((row.signal.lower for row in rows if row.signal.lower is not None), default=0.0)
    axis = _UNIT if lower >= 0 else Scale(max(-1.0, lower - 0.02), 1.0, _UNIT.ticks)
    words = tag(
        "p",
        "What share of a real difference between two answers reaches the vote: 1 is all of it, 0 is guessing. ",
        _key("bar", f"the mean vote, {_plain(found.signal)}"),
        class_="muted",
    )
    notes = [tag("p", note, class_="muted small-facts") for note in found.notes]
    return join(
        title,
        words,
        tag("div", _voters(rows, axis, found), class_="scroll"),
        _further(len(rows), len(found.voters)),
        notes,
    )


def _further(shown: int, there_are: int) -> Html | None:
    """Return a button that shows the rest, or what to do where there are too many."""
    if shown == there_are:
        return None
    if shown >= MOST_SHOWN:
        said = f"The {shown:,} voters with most shared battles, of {there_are:,}. All of them: "
        return tag(
            "p", said, tag("code", "workbench people reliability --format csv"), class_="muted small-facts"
        )
    label = f"Show all {there_are:,} voters" if there_are <= MOST_SHOWN else f"Show {MOST_SHOWN:,} voters"
    return tag("p", tag("button", label, type="button", class_="small", data_do="all"), class_="further")


def _key(kind: str, words: str) -> Html:
    return tag("span", tag("i", class_=f"key key-{kind}"), f" {words}", class_="key-line")


def _voters(rows: Sequence[Reliability], axis: Scale, found: ReliabilityReport) -> Html:
    labels = [number(tick, 2).rstrip("0").rstrip(".") or "0" for tick in axis.ticks]
    title = tag("span", "Signal, 95\u202f% interval", class_="axis-title")
    header = tag(
        "tr",
        tag("th", "Voter", scope="col"),
        tag("th", join(title, ticks(axis, labels)), scope="col", class_="axis"),
        tag("th", "Signal", scope="col", class_="num wide"),
        tag("th", "Right", scope="col", class_="num wide", title="How often they say what passes for true"),
        tag("th", "A vote weighs", scope="col", class_="num"),
        tag("th", "Shared", scope="col", class_="num wide", title="Battles that others voted on too"),
        tag("th", "Votes", scope="col", class_="num wide"),
    )
    caption = tag("caption", "Voters by shared battles, with what their votes are worth", class_="unseen")
    body = tag("tbody", [_voter(row, axis, found) for row in rows])
    return tag("table", caption, tag("thead", header), body, class_="forest list reliable")


def _voter(row: Reliability, axis: Scale, found: ReliabilityReport) -> Html:
    rules = [Rule(0.0, "zero"), Rule(found.signal or 0.0, "bar")]
    few = (
        tag("span", "few", class_="chip", title=row.notes[-1])
        if 0 < row.shared < FEW_VOTES and row.notes
        else None
    )
    spoken = row.notes[:-1] if few else row.notes
    notes = tag("span", " ".join(spoken), class_="note bad") if spoken else None
    kind = None if row.voter.kind is VoterKind.HUMAN else tag("span", row.voter.kind.value, class_="chip")
    said = (
        "Not known how far they can be relied on"
        if row.signal.value is None
        else f"Signal {_with_ends(row.signal)}"
    )
    picture = tag(
        "div",
        track(axis, row.signal.value, row.signal.lower, row.signal.upper, rules=rules),
        role="img",
        aria_label=said,
    )
    return tag(
        "tr",
        tag("th", tag("bdi", row.voter.name, class_="name"), kind, few, notes, scope="row", class_="model"),
        tag("td", picture, class_="axis"),
        tag("td", tag("b", _plain(row.signal.value)), class_="num wide"),
        tag(
            "td",
            "\u2013" if row.accuracy.value is None else percent(row.accuracy.value),
            class_="num wide muted",
        ),
        tag("td", f"{number(row.weight, 2)}\u00d7", class_="num rating"),
        tag("td", f"{row.shared:,}", class_="num wide muted"),
        tag("td", f"{row.votes:,}", class_="num wide muted"),
    )


def pairs(found: PeopleAgreement) -> Html | str:
    """Return Cohen's kappas of voters against each other, who agree most first; nothing while no two met."""
    if not any(one.battles for one in found.pairs):
        return ""
    cells: dict[tuple[Rater, Rater], Cell] = {
        (one.first, one.second): (one.kappa, one.same, one.battles) for one in found.pairs
    }
    shown: list[Rater] = [*_by_mean_kappa(found.pairs)]
    left = len([row for row in found.voters if row.shared]) - len(shown)
    more = f" The {len(shown)} voters with most shared battles, of {len(shown) + left:,}." if left > 0 else ""
    return join(
        tag("h2", "Who agrees with whom"),
        tag("p", KAPPA_WORDS, " Those who agree most with others come first.", more, class_="muted"),
        kappa_table(shown, cells, "Cohen's kappa between voters, two at a time", class_="met"),
    )


def _by_mean_kappa(between: Sequence[Between]) -> list[Voter]:
    """Return the voters by their mean kappa with others, every shared battle weighing the same."""
    sums: dict[Voter, list[float]] = {}
    for one in between:
        for voter in (one.first, one.second):
            entry = sums.setdefault(voter, [0.0, 0.0])
            if one.kappa.value is not None:
                entry[0] += one.battles * one.kappa.value
                entry[1] += one.battles
    means: Mapping[Voter, float] = {voter: s / n if n else -2.0 for voter, (s, n) in sums.items()}
    return sorted(means, key=lambda voter: (-means[voter], voter.kind.value, voter.name))


def contested(rows: Sequence[Contested], reading: str | None = None) -> Html:
    """Return the battles that divide voters, each with how they voted; `reading` is the one shown in full."""
    title = tag("h2", "Where they disagree")
    if not rows:
        return join(title, tag("p", "No two voters differ on any battle.", class_="muted"))
    words = tag(
        "p",
        "Battles on which the next two voters would most likely differ come first.",
        class_="muted",
    )
    header = tag(
        "tr",
        tag("th", "Prompt", scope="col"),
        tag("th", "A against B", scope="col", class_="models-of wide"),
        tag("th", "How they voted", scope="col", class_="split"),
        tag("th", tag("span", "What to do", class_="unseen"), scope="col", class_="act"),
    )
    caption = tag("caption", "Battles that divide voters, the most disputed first", class_="unseen")
    body = [_battle(row, str(row.battle_id) == reading) for row in rows]
    table = tag("table", caption, tag("thead", header), tag("tbody", body), class_="list contested")
    return join(title, words, table)


def _battle(row: Contested, reading: bool) -> Html:
    prompt = " ".join((row.prompt or "The prompt was not imported.").split())
    read = tag(
        "button",
        "Read",
        type="button",
        class_="small",
        data_do="read",
        data_name=str(row.battle_id),
        data_goto="#people-battle",
        aria_label=f"Read the battle on: {prompt[:60]}",
    )
    models = [
        tag(
            "span",
            tag("span", side, class_=f"side small-side side-{side.lower()}"),
            " ",
            tag("bdi", name),
            class_="model-of",
        )
        for side, name in (("A", row.model_a), ("B", row.model_b))
    ]
    return tag(
        "tr",
        tag("th", tag("span", prompt, class_="clip", title=prompt[:300], dir="auto"), scope="row"),
        tag("td", models, class_="models-of wide"),
        tag("td", _split(row), class_="split"),
        tag("td", tag("div", read, class_="actions"), class_="act"),
        class_="selected" if reading else None,
    )


def _split(row: Contested) -> Html:
    counts = {
        Winner.MODEL_A: row.wins_a,
        Winner.MODEL_B: row.wins_b,
        Winner.TIE: row.ties,
        Winner.BOTH_BAD: row.both_bad,
    }
    bar = [
        tag("span", class_=f"part {_PARTS[winner]}", style=f"width:{100 * count / row.votes:.1f}%")
        for winner, count in counts.items()
        if count
    ]
    return join(tag("div", bar, class_="stack", aria_hidden="true"), tally(counts))


def battle(found: Battle, row: Contested) -> Html:
    """Return a disputed battle in full, with a button that puts it away."""
    close = tag("button", "Close", type="button", class_="small", data_do="unread")
    head = tag("div", tag("h2", "The battle"), close, class_="mine-head")
    return join(head, _split(row), battle_texts(found))


def _with_ends(figure: Figure) -> str:
    text = _plain(figure.value)
    if figure.lower is None or figure.upper is None:
        return text
    return f"{text} ({number(figure.lower, 2)} to {number(figure.upper, 2)})"


def _plain(value: float | None) -> str:
    return "\u2013" if value is None else number(value, 2)


def made(found: QueueSummary) -> Html:
    """Return that a queue was made, and where it waits."""
    said = (
        f" waits for {plural(found.missing, 'vote')} on {plural(found.battles, 'battle')}, "
        f"until each has {found.queue.overlap}."
    )
    go = tag("button", "Open Review", type="button", class_="small", data_tab="Review")
    return tag("p", "The queue ", tag("b", found.queue.name), said, " ", go, class_="made", role="status")
