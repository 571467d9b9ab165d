"""One judge in detail: its licence in a sentence, agreement by group, what it favours, how its verdicts came out."""

from collections.abc import Mapping, Sequence
from typing import Any

from arena.judgments import JudgeKind, JudgeSpec
from arena.ratings.worth import Worth
from arena.statistics import Figure
from arena.store.verdicts import VerdictCounts
from judges.agreement import Agreement, AgreementRow
from judges.bias import Bias
from judges.licence import Bar, Licence
from workbench.axis import Rule, Scale, ticks, track
from workbench.html import Html, join, number, percent, plural, signed, tag
from workbench.views import worth as worth_view
from workbench.views.jobs import failures
from workbench.views.judges import AXIS, Standing, between, state, sure, what
from workbench.views.training import beside

_COARSE = Scale(AXIS.low, AXIS.high, (0.0, 0.5, 1.0))
_PULL = Scale(-0.6, 0.6, (-0.5, 0.0, 0.5))
_FAVOURS = {"position": "Shown first", "length": "Longer answer", "family": "Its own family"}
_SIDES = ("A", "B", "neither")
MOST_GROUPS = 12
"""Further groups stand behind a fold."""


def details(
    standing: Standing,
    bar: Bar,
    counts: VerdictCounts,
    matrix: Sequence[Sequence[int]] | None,
    fingerprint: str | None,
    worth: Worth | None = None,
    *,
    removable: bool = True,
) -> Html:
    """Return everything known of one judge; `matrix` counts judge's outcome by people's, both as A, B, neither.

    `worth` is what its votes are worth beside people's, where that is known.
    """
    found = standing.agreement
    if found and not found.overall.battles:
        found = None
    return join(
        _head(standing, removable),
        beside(_agreement(found), _biases(found, bar)) if found else None,
        beside(
            _outcomes(counts, standing.spec), _matrix(matrix) if matrix and any(map(any, matrix)) else None
        )
        if counts.decided or counts.failed
        else None,
        worth_view.section(worth) if found and worth else None,
        _groups(found, standing.licence) if found else None,
        _setup(standing.spec, fingerprint) if standing.spec else None,
    )


def _head(standing: Standing, removable: bool) -> Html:
    remove = (
        tag(
            "button",
            "Remove",
            type="button",
            class_="small",
            data_do="remove",
            data_name=standing.name,
            data_confirm=f"Remove the judge {standing.name}? Its verdicts and votes stay.",
        )
        if standing.spec and removable
        else None
    )
    attack = (
        tag(
            "button",
            "Attack",
            type="button",
            class_="small",
            data_do="attack",
            data_name=standing.name,
            data_goto="#judge-jobs",
            title="Can an answer pass itself off as the verdict?",
            data_confirm=f"Ask {standing.name} the suite of attacks? Each is a call, paid for like any other.",
        )
        if standing.spec and standing.spec.kind in (JudgeKind.PAIRWISE, JudgeKind.SINGLE)
        else None
    )
    licence = standing.licence
    reasons: Sequence[str] = licence.reasons if licence and licence.reasons else ()
    if licence is None:
        said = [tag("p", "It has not judged yet. Choose it at the side and start.", class_="muted")]
    elif licence.granted:
        said = [tag("p", licence.reason)]
    else:
        said = [tag("p", reason) for reason in reasons]
        said.append(
            tag("p", "Its votes count in no rating and no export unless it is named.", class_="muted")
        )
    return join(
        tag(
            "div",
            tag("div", tag("h2", standing.name), tag("p", what(standing), class_="muted")),
            tag("div", state(licence), attack, remove, class_="run-side"),
            class_="run-head",
        ),
        tag("div", said, class_="said"),
    )


def _agreement(found: Agreement) -> Html:
    row = found.overall
    lines = [
        ("Cohen\u2019s \u03ba", row.judge_kappa, row.people_kappa, False),
        ("Same outcome", row.judge, row.people, True),
        ("Same side, ties aside", row.judge_decided, row.people_decided, True),
    ]
    head = tag(
        "tr",
        tag("td", ""),
        tag("th", "Judge, person", scope="col", class_="num"),
        tag("th", "Two people", scope="col", class_="num"),
    )
    body = [
        tag(
            "tr",
            tag("th", label, scope="row"),
            tag("td", figure(judge, share), class_="num"),
            tag("td", figure(people, share), class_="num"),
        )
        for label, judge, people, share in lines
    ]
    consistent = (
        tag(
            "tr",
            tag("th", "Both orders agree", scope="row"),
            tag("td", figure(found.consistency, True), class_="num"),
            tag("td", "", class_="num"),
        )
        if found.consistency.value is not None
        else None
    )
    shared = (
        f"{plural(row.battles, 'battle')} with {plural(row.votes, 'vote')} of people, {found.judged:,} judged"
    )
    versions = f", by {found.versions} settings of the judge" if found.versions > 1 else ""
    return join(
        tag("h3", "Agreement"),
        tag("table", tag("thead", head), tag("tbody", body, consistent), class_="list compact"),
        tag("p", shared + versions + ".", class_="muted small-facts"),
    )


def figure(found: Figure, share: bool) -> Html:
    """Return a value with its interval below it."""
    if found.value is None:
        return tag("span", "\u2013")
    write = percent if share else (lambda value: number(value, 2))
    ends = ""
    if found.lower is not None and found.upper is not None:
        ends = f"{write(found.lower)} to {write(found.upper)}"
    return join(tag("b", write(found.value)), tag("span", ends, class_="note"))


def _biases(found: Agreement, bar: Bar) -> Html:
    head = tag(
        "tr",
        tag("th", "Favours", scope="col"),
        tag("th", ticks(_PULL, ["\u221250\u202f%", "0", "50\u202f%"]), scope="col", class_="axis"),
        tag("th", "Share", scope="col", class_="num"),
        tag("th", "Wins, expected", scope="col", class_="num wide"),
    )
    rows = [_bias(bias, bar) for bias in found.biases]
    notes = dict.fromkeys(bias.note for bias in found.biases if bias.pull.value is None)
    return join(
        tag("h3", "Verdicts that go by something else"),
        tag("table", tag("thead", head), tag("tbody", rows), class_="list compact biases"),
        [tag("p", note, class_="muted small-facts") for note in notes],
    )


def _bias(bias: Bias, bar: Bar) -> Html:
    pull = bias.pull
    value = "\u2013" if pull.value is None else f"{signed(100 * pull.value)}\u202f%"
    rates = (
        "\u2013"
        if bias.judge.value is None or bias.expected.value is None
        else f"{percent(bias.judge.value)}, {percent(bias.expected.value)}"
    )
    tone = "bad" if sure(bias, bar.max_bias) else None
    picture = track(_PULL, pull.value, pull.lower, pull.upper, rules=[Rule(0.0, "bar")])
    return tag(
        "tr",
        tag("th", _FAVOURS[bias.kind], scope="row", title=bias.note),
        tag("td", picture, class_="axis"),
        tag("td", tag("b", value, class_=tone), class_="num", title=between(bias)),
        tag("td", rates, class_="num muted wide"),
    )


def _outcomes(counts: VerdictCounts, spec: JudgeSpec | None) -> Html:
    total = counts.decided + counts.failed
    parts = [
        ("A better", counts.model_a, "a"),
        ("B better", counts.model_b, "b"),
        ("Tie", counts.tie, "tie"),
        ("Both bad", counts.both_bad, "both"),
        ("Failed", counts.failed, "failed"),
    ]
    bar = [
        tag("span", class_=f"part {kind}", style=f"width:{100 * count / total:.2f}%")
        for _, count, kind in parts
        if count
    ]
    legend = [
        tag(
            "span",
            tag("i", class_=f"swatch {kind}"),
            f"{label} ",
            tag("b", f"{count:,}", class_="num"),
            f" {percent(count / total)}",
            class_="key-line",
        )
        for label, count, kind in parts
        if count
    ]
    jury = spec is not None and spec.kind is JudgeKind.JURY
    why = "no outcome had a majority" if jury else "the two orders disagreed"
    said = f"{plural(counts.inconsistent, 'tie')} because {why}."
    inconsistent = tag("p", said, class_="muted small-facts") if counts.inconsistent else None
    counted: Mapping[str, int] = {str(reason): count for reason, count in counts.failures}
    return join(
        tag("h3", f"{plural(total, 'verdict')}"),
        tag("div", bar, class_="stack", aria_hidden="true"),
        tag("p", legend, class_="keys-of"),
        inconsistent,
        failures(counted),
    )


def _matrix(matrix: Sequence[Sequence[int]]) -> Html:
    total = sum(map(sum, matrix))
    most = max(max(row) for row in matrix)
    head = tag(
        "tr",
        tag("td", "", class_="corner"),
        [tag("th", f"People: {side}", scope="col", class_="num") for side in _SIDES],
    )
    rows = [
        tag(
            "tr",
            tag("th", f"Judge: {side}", scope="row"),
            [
                tag(
                    "td",
                    f"{count:,}",
                    class_=f"num {_tint(count, most, i == j)}",
                    title=percent(count / total),
                )
                for j, count in enumerate(row)
            ],
        )
        for i, (side, row) in enumerate(zip(_SIDES, matrix, strict=True))
    ]
    caption = tag("caption", "Battles by the judge's outcome and people's majority", class_="unseen")
    return join(
        tag("h3", "Judge and people\u2019s majority"),
        tag("table", caption, tag("thead", head), tag("tbody", rows), class_="matrix"),
        tag(
            "p",
            f"{plural(total, 'battle')}; people split evenly count as neither.",
            class_="muted small-facts",
        ),
    )


def _tint(count: int, most: int, same: bool) -> str:
    level = round(10 * count / most) if most else 0
    return f"{'r' if same else 'c'}{level}" if level else ""


def _groups(found: Agreement, licence: Licence | None) -> Html | None:
    rows = [row for row in found.rows if row.battles]
    if not rows:
        return None
    shown, rest = rows[:MOST_GROUPS], rows[MOST_GROUPS:]
    more = tag(
        "details", tag("summary", f"{len(rest):,} more"), _group_table(rest), data_keep="judge-groups"
    ) if rest else None  # fmt: skip
    return tag("div", tag("h3", "By category and language"), _group_table(shown), more, class_="judge-parts")


def _group_table(rows: Sequence[AgreementRow]) -> Html:
    head = tag(
        "tr",
        tag("th", "Group", scope="col"),
        tag("th", ticks(_COARSE, [number(tick, 1) for tick in _COARSE.ticks]), scope="col", class_="axis"),
        tag("th", "\u03ba", scope="col", class_="num"),
        tag("th", "Same outcome", scope="col", class_="num wide"),
        tag("th", "People\u2019s \u03ba", scope="col", class_="num wide"),
        tag("th", "Battles", scope="col", class_="num"),
    )
    return tag(
        "table", tag("thead", head), tag("tbody", [_group(row) for row in rows]), class_="list compact groups"
    )


def _group(row: AgreementRow) -> Html:
    kappa, people = row.judge_kappa, row.people_kappa.value
    rules = [Rule(people, "people")] if people is not None else []
    by = tag("span", row.by, class_="muted")
    return tag(
        "tr",
        tag("th", tag("span", row.group or "not said"), " ", by, scope="row"),
        tag("td", track(_COARSE, kappa.value, kappa.lower, kappa.upper, rules=rules), class_="axis"),
        tag("td", tag("b", "\u2013" if kappa.value is None else number(kappa.value, 2)), class_="num"),
        tag("td", "\u2013" if row.judge.value is None else percent(row.judge.value), class_="num wide"),
        tag("td", "\u2013" if people is None else number(people, 2), class_="num wide muted"),
        tag("td", f"{row.battles:,}", class_="num muted"),
    )


def _setup(spec: JudgeSpec, fingerprint: str | None) -> Html:
    rows = [
        tag("tr", tag("th", key.replace("_", " "), scope="row"), tag("td", _plain(value), class_="pre"))
        for key, value in spec.options.items()
    ]
    mark = (
        tag("tr", tag("th", "fingerprint", scope="row"), tag("td", tag("code", fingerprint[:12])))
        if fingerprint
        else None
    )
    table = tag("table", tag("tbody", rows, mark), class_="facts")
    return tag("details", tag("summary", "How it is set up"), table, data_keep="judge-setup")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
