"""The data tab's pieces: waterfall, pair with marked differences, exports, import report."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from arena.errors import ImportRejected
from arena.outline import Outline
from arena.preferences import REASONS, WRITTEN, Preferences
from arena.types import Message, Preference
from workbench.diff import Span, compare
from workbench.html import Html, join, number, percent, plural, tag
from workbench.views.leaderboard import empty

MOST_DIFFERENT = 0.6
"""Above this share of differing words marks hide the text instead of explaining it."""

MOST_REJECTS = 50

_LABELS = {
    "merged": "Further votes on a kept pair",
    "outvoted": "Outvoted by the majority",
    "split": "No majority",
    "tie": "Ties",
    "both_bad": "Both bad",
    "same text": "Both answers the same",
    "empty": "A blank answer",
    "failed": "A failed answer",
    "no text": "Imported without text",
}


def waterfall(found: Preferences | Outline, notes: Sequence[str] = ()) -> Html:
    """Return where every vote that counts went, each step drawn where it takes its share; `notes` stand below."""
    said = [tag("p", note, class_="muted") for note in notes]
    if not found.votes:
        nothing = empty(
            "No votes yet" if not notes else "No votes that count",
            "Vote in the Arena or import a file of votes; the pairs they give appear here.",
            "Arena",
        )
        return join(nothing, said)
    left, whole = found.votes, max(found.votes, found.pairs)
    rows = [_step("Votes standing", number(left), 0, left, whole, "whole")]
    for reason in REASONS:
        count = found.dropped.get(reason, 0)
        if not count:
            continue
        left -= count
        label = _LABELS.get(reason, reason)
        rows.append(_step(label, number(-count), left, count, whole, "dropped"))
    if found.written_pairs:
        added = f"+{number(found.written_pairs)}"
        rows.append(_step("Better answers by voters", added, left, found.written_pairs, whole, "added"))
        left += found.written_pairs
    rows.append(_step("Pairs kept", number(left), 0, left, whole, "whole"))
    caption = tag("caption", "What becomes of the votes", class_="unseen")
    return join(
        tag("h2", "What the filter keeps"),
        tag("table", caption, tag("tbody", rows), class_="waterfall"),
        said,
    )


def _step(
    label: str, value: str, start: int, length: int, whole: int, kind: str, why: str | None = None
) -> Html:
    bar = tag("span", style=f"left:{100 * start / whole:.2f}%;width:{max(0.3, 100 * length / whole):.2f}%")
    return tag(
        "tr",
        tag("th", label, scope="row"),
        tag("td", value, class_="num"),
        tag("td", tag("div", bar, class_="fall"), class_="bar"),
        class_=kind,
    )


def position(index: int, total: int) -> Html:
    """Return which pair is shown."""
    if not total:
        return tag("h2", "No pairs")
    return tag("h2", f"Pair {index + 1:,} ", tag("span", f"of {total:,}", class_="muted"))


def pair(preference: Preference | None, mark: bool) -> Html:
    """Return a pair: the prompt, chosen beside rejected, and what stands behind it."""
    if preference is None:
        return tag("p", "No pair passes the filter.", class_="muted empty")
    chosen, rejected = _text(preference.chosen), _text(preference.rejected)
    difference = compare(chosen, rejected)
    marked = mark and difference.share <= MOST_DIFFERENT
    prompt = tag("div", tag("h3", "Prompt"), [_message(m) for m in preference.prompt], class_="pair-prompt")
    sides = tag(
        "div",
        _side("Chosen", chosen, preference.model_chosen, difference.chosen if marked else None, "ins"),
        _side(
            "Rejected", rejected, preference.model_rejected, difference.rejected if marked else None, "del"
        ),
        class_="pair-sides",
    )
    if preference.model_chosen == WRITTEN:
        facts = [plural(preference.votes, "voter wrote it", "voters wrote it")]
    else:
        facts = [plural(preference.votes, "vote"), f"{percent(preference.agreement)} agree"]
    facts += map(str, preference.voter_kinds)
    if mark and not marked:
        facts.append(f"{percent(difference.share)} of the words differ, so none are marked")
    foot = tag("div", " \u00b7 ".join(facts), class_="pair-foot muted")
    return join(prompt, sides, foot)


def _text(messages: Sequence[Message]) -> str:
    if len(messages) == 1:
        return messages[0].content.strip()
    return "\n\n".join(m.content.strip() if m.role == "assistant" else f"You: {m.content}" for m in messages)


def _message(message: Message) -> Html:
    who = None if message.role == "user" else tag("b", f"{message.role}: ", class_="muted")
    return tag("p", who, message.content, class_="pre")


def _side(title: str, text: str, model: str, spans: tuple[Span, ...] | None, mark: str) -> Html:
    words = len(text.split())
    head = tag(
        "div",
        tag("h3", title),
        tag("span", f"{model} \u00b7 {plural(words, 'word')}", class_="muted"),
        class_="pair-head",
    )
    body = (
        [tag(mark, span.text) if span.changed else span.text for span in spans] if spans is not None else text
    )
    return tag("div", head, tag("p", body, class_="pre"), class_=f"pair-side {title.lower()}")


def exports(manifests: Sequence[Any]) -> Html:
    """Return the exports with their content hash and a download."""
    title = tag("h2", "Exports")
    if not manifests:
        return join(
            title,
            tag(
                "p",
                "None yet. An export freezes the pairs above; training reads exports only.",
                class_="muted",
            ),
        )
    head = tag("tr", [tag("th", t, scope="col", class_=c) for t, c in _EXPORT_COLUMNS])
    rows = [_export(m) for m in manifests]
    caption = tag("caption", "Exports, newest first", class_="unseen")
    return join(title, tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list"))


_EXPORT_COLUMNS = (("Name", None), ("Pairs", "num"), ("Made", "wide"), ("SHA-256", "wide"), ("Parquet", None))


def _export(manifest: Any) -> Html:
    link = tag(
        "a",
        "Download",
        href=f"/exports/{quote(manifest.name, safe='')}.parquet",
        download=f"{manifest.name}.parquet",
    )
    return tag(
        "tr",
        tag("th", manifest.name, scope="row"),
        tag("td", f"{manifest.pairs:,}", class_="num"),
        tag("td", str(manifest.created_at)[:16].replace("T", " "), class_="wide muted num left"),
        tag("td", tag("code", manifest.sha256[:12], title=manifest.sha256), class_="wide"),
        tag("td", link),
    )


def report(summary: str, notes: Sequence[str], rejects: Sequence[tuple[int, str]], good: bool = True) -> Html:
    """Return what an import did, row by row where rows were refused."""
    rows = [
        tag("tr", tag("td", f"{line:,}", class_="num"), tag("td", reason))
        for line, reason in rejects[:MOST_REJECTS]
    ]
    more = len(rejects) - MOST_REJECTS
    table = (
        tag(
            "table",
            tag(
                "thead",
                tag("tr", tag("th", "Line", scope="col", class_="num"), tag("th", "Why not", scope="col")),
            ),
            tag("tbody", rows),
            class_="list rejects",
        )
        if rows
        else None
    )
    return tag(
        "div",
        tag("p", summary, class_="good" if good else "bad"),
        [tag("p", note, class_="muted") for note in notes],
        table,
        tag("p", f"\u2026 and {more:,} more.", class_="muted") if more > 0 else None,
        role="status",
    )


def refused(error: ImportRejected) -> Html:
    """Return why nothing was imported, with each row's reason."""
    return report(str(error), (), error.rejects, good=False)
