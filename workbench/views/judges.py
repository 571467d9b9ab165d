"""The table of judges: how far each agrees with people, what it favours for the wrong reason, and whether it counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from arena.errors import WorkbenchError
from arena.judgments import JudgeKind, JudgeSpec
from arena.statistics import Figure
from arena.types import VoterKind
from judges.agreement import Agreement
from judges.attacks import AttackReport
from judges.bias import Bias
from judges.licence import Bar, Licence
from judges.reports import Estimate, JudgeReport
from workbench.axis import Rule, Scale, ticks, track
from workbench.html import Html, duration, join, number, percent, plural, signed, tag
from workbench.jobs import JobView
from workbench.jobs.results import load_result
from workbench.views.jobs import money
from workbench.views.leaderboard import empty

KINDS = {
    JudgeKind.PAIRWISE: "compares two",
    JudgeKind.SINGLE: "scores one",
    JudgeKind.JURY: "jury",
    JudgeKind.REWARD: "reward model",
    JudgeKind.METRIC: "metric",
    JudgeKind.RULE: "rule",
}
AXIS = Scale(-0.2, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0))
"""Kappa: 0 is chance, 1 is agreement on every battle; less than -0.2 is drawn as open."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One row: a judge that is set up, or one of whom only votes are here (`spec` is `None`), and what is known."""

    name: str
    spec: JudgeSpec | None
    agreement: Agreement | None
    licence: Licence | None

    @property
    def votes(self) -> int:
        """Return how many of its votes stand."""
        return self.agreement.judged if self.agreement else 0


def table(standings: Sequence[Standing], bar: Bar, shown: str | None) -> Html:
    """Return the judges, each with its agreement drawn on one axis; a name is a button that shows the judge below."""
    if not standings:
        return empty(
            "No judge yet",
            "Add one at the side: a model that compares two answers, a metric, a reward model or a rule. "
            "Its votes count once it has shown that it agrees with people.",
            class_="empty-state tall-state",
        )
    columns = (
        ("Judge", None, None),
        ("Consistent", "num wide", "Battles judged in both orders on which the orders agree"),
        ("First", "num wider", "Verdicts that go to the answer shown first whatever people say"),
        ("Longer", "num wider", "Verdicts that go to the longer answer whatever people say"),
        ("Own", "num wider", "Verdicts that go to the judge's own family whatever people say"),
        ("Licence", None, None),
    )
    heads = [tag("th", label, scope="col", class_=kind, title=why) for label, kind, why in columns]
    axis = tag(
        "th",
        tag("span", "Cohen's \u03ba with people, 95\u202f% interval", class_="axis-title"),
        ticks(AXIS, [number(tick, 1) for tick in AXIS.ticks]),
        scope="col",
        class_="axis",
    )
    figures = [
        tag("th", "\u03ba", scope="col", class_="num kappa"),
        tag("th", "Shared", scope="col", class_="num wide"),
    ]
    caption = tag("caption", "Judges by their agreement with people", class_="unseen")
    rows = [_row(standing, bar, standing.name == shown) for standing in standings]
    head = tag("tr", heads[0], axis, figures, heads[1:])
    return join(
        tag("h2", "Judges"),
        _legend(),
        tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list judges"),
    )


def _legend() -> Html:
    return tag(
        "p",
        tag("span", tag("i", class_="key key-bar"), "the bar its lower end must reach", class_="key-line"),
        tag("span", tag("i", class_="key key-people"), "people with each other", class_="key-line"),
        tag("span", "First, longer, own: verdicts that go by this alone; 0 is right.", class_="key-line"),
        class_="muted keys-of",
    )


def _row(standing: Standing, bar: Bar, shown: bool) -> Html:
    found, licence = standing.agreement, standing.licence
    button = tag(
        "button",
        standing.name,
        type="button",
        class_="link",
        data_do="show",
        data_name=standing.name,
        data_goto="#judge",
        aria_current="true" if shown else None,
    )
    about = tag("span", what(standing), class_="note")
    kappa = found.overall.judge_kappa if found else None
    cells = [
        tag("th", button, about, scope="row"),
        tag("td", _picture(found, licence), class_="axis"),
        tag("td", tag("b", _value(kappa)), tag("span", _ends(kappa), class_="note"), class_="num kappa"),
        tag("td", f"{found.overall.battles:,}" if found else "0", class_="num wide"),
        tag("td", _share(found.consistency) if found else "\u2013", class_="num wide"),
        [tag("td", _pull(found, kind, bar), class_="num wider") for kind in ("position", "length", "family")],
        tag("td", state(licence), tag("span", _votes(standing, bar), class_="note"), class_="licence"),
    ]
    return tag("tr", cells, class_="selected" if shown else None)


def what(standing: Standing) -> str:
    """Return in a few words what a judge is."""
    spec = standing.spec
    if spec is None:
        kind = standing.agreement.judge.kind if standing.agreement else VoterKind.JUDGE
        return (
            "simulated voter" if kind is VoterKind.SIMULATED else "votes only, no longer set up or imported"
        )
    options = spec.options
    more = {
        JudgeKind.PAIRWISE: (options.get("model"), options.get("template")),
        JudgeKind.SINGLE: (options.get("model"), options.get("template")),
        JudgeKind.JURY: (plural(len(options.get("members", ())), "member"), options.get("decide")),
        JudgeKind.REWARD: (options.get("path"),),
        JudgeKind.METRIC: (options.get("metric"),),
        JudgeKind.RULE: (),
    }[spec.kind]
    return " \u00b7 ".join(str(part) for part in (KINDS[spec.kind], *more) if part)


def _picture(found: Agreement | None, licence: Licence | None) -> Html:
    if found is None:
        return track(AXIS, None, None, None)
    kappa, people = found.overall.judge_kappa, found.overall.people_kappa.value
    rules = [Rule(licence.needed, "bar")] if licence and licence.needed is not None else []
    rules += [Rule(people, "people")] if people is not None else []
    return track(AXIS, kappa.value, kappa.lower, kappa.upper, rules=rules)


def state(licence: Licence | None) -> Html:
    """Return whether a judge's votes count, as a dot and a word, with what is missing where battles are."""
    if licence is None:
        return _word("idle", "not measured")
    if licence.granted:
        return _word("good", "licensed")
    if licence.needed is None:
        return _word("idle", "too few battles")
    return _word("bad", "below the bar")


def _word(tone: str, word: str) -> Html:
    return tag("span", tag("i", class_="dot", aria_hidden="true"), tag("b", word), class_=f"state {tone}")


def _votes(standing: Standing, bar: Bar) -> str:
    licence = standing.licence
    if not standing.votes:
        return "no vote yet"
    if licence and licence.battles < bar.min_battles:
        return f"{bar.min_battles - licence.battles:,} more shared with people"
    return plural(standing.votes, "vote")


def _value(figure: Figure | None) -> str:
    return "\u2013" if figure is None or figure.value is None else number(figure.value, 2)


def _ends(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return ""
    low = "open" if figure.lower is None else number(figure.lower, 2)
    high = "open" if figure.upper is None else number(figure.upper, 2)
    return f"{low} to {high}"


def _share(figure: Figure) -> str:
    return "\u2013" if figure.value is None else percent(figure.value)


def _pull(found: Agreement | None, kind: str, bar: Bar) -> Html:
    """Return a bias as the share of verdicts it decides: bold where it surely is one, red where it costs a licence."""
    bias = next((one for one in found.biases if one.kind == kind), None) if found else None
    if bias is None or bias.pull.value is None:
        return tag("span", "\u2013", title=bias.note if bias else None)
    said = f"{signed(100 * bias.pull.value)}\u202f%"
    if not sure(bias):
        return tag("span", said, title=between(bias))
    return tag("b", said, class_="bad" if sure(bias, bar.max_bias) else None, title=between(bias))


def sure(bias: Bias, beyond: float = 0.0) -> bool:
    """Return whether a bias is surely more than `beyond`, one way or the other."""
    low, high = bias.pull.lower, bias.pull.upper
    return low is not None and high is not None and (low > beyond or high < -beyond)


def between(bias: Bias) -> str:
    """Return the interval of a bias in words."""
    pull = bias.pull
    if pull.lower is None or pull.upper is None:
        return f"interval not known, {plural(pull.n, 'battle')}"
    return f"95\u202f% interval {signed(100 * pull.lower)} to {signed(100 * pull.upper)}\u202f%"


def estimate(found: Estimate) -> Html:
    """Return what a run would take, before it starts."""
    if not found.battles:
        return tag("p", "No stored battle fits this choice.", class_="muted")
    rows = [
        (
            "Battles",
            f"{found.battles:,}",
            f"{found.judged_before:,} judged before" if found.judged_before else None,
        ),
        ("Calls", f"{found.calls:,}", f"{found.cached:,} replies known" if found.cached else None),
        (
            "Tokens, about",
            f"{found.tokens:,}",
            f"{found.prompt_tokens:,} in, {found.completion_tokens:,} out",
        )
        if found.calls
        else None,
        ("Cost, about", money(found.cost), None) if found.cost is not None else None,
        ("Cannot judge", plural(found.not_applicable, "battle"), None) if found.not_applicable else None,
    ]
    body = [
        tag(
            "tr",
            tag("th", label, scope="row"),
            tag("td", tag("b", value, class_="num"), tag("span", more, class_="note num") if more else None),
        )
        for label, value, more in filter(None, rows)
    ]
    return tag("table", tag("tbody", body), class_="facts estimate")


def start_label(found: Estimate) -> tuple[str, bool]:
    """Return what the start button says, which is what it would do, and whether there is anything to do."""
    rest = found.battles - found.judged_before - found.not_applicable
    if rest <= 0:
        return "Nothing left to judge", False
    cost = f" \u00b7 about {money(found.cost)}" if found.cost else ""
    return f"Judge {plural(rest, 'battle')}{cost}", True


def no_judge() -> Html:
    """Return what stands in place of an estimate while there is no judge."""
    return tag("p", "Add a judge below; then this shows what a run would take.", class_="muted")


def cannot(error: WorkbenchError) -> Html:
    """Return why no estimate can be given."""
    return tag("p", str(error), class_="bad")


def report(job: JobView) -> str | None:
    """Return what came of an ended run, in one line."""
    found = load_result(job.kind, job.result)
    if isinstance(found, AttackReport):
        return attacked(found)
    if not isinstance(found, JudgeReport):
        return None
    parts = [plural(found.decided, "verdict")]
    if found.inconsistent:
        parts.append(f"{found.inconsistent:,} with orders that differ")
    if found.judged_before:
        parts.append(f"{found.judged_before:,} judged before")
    if found.not_asked:
        parts.append(f"{found.not_asked:,} not asked")
    if found.cached:
        parts.append(f"{found.cached:,} replies known before")
    if found.tokens:
        parts.append(plural(found.tokens, "token"))
    if found.cost:
        parts.append(f"cost {money(found.cost)}")
    if found.agreement is not None:
        parts.append(f"members agree by \u03b1 {number(found.agreement, 2)}")
    parts.append(duration(found.seconds))
    ended = f". {found.ended_early}" if found.ended_early else ""
    return " \u00b7 ".join(parts) + ended


def attacked(found: AttackReport) -> str:
    """Return what the suite of attacks achieved, in one line."""
    if not found.sound:
        return f"Nothing can be told: without any attack it does not find for the right answer ({found.baseline})."
    total = found.total
    share = f" ({percent(total.rate)})" if total.rate is not None else ""
    said = f"{total.succeeded:,} of {total.tried:,} attacks moved its verdict{share}"
    unreadable = f", {total.unreadable:,} gave no readable reply" if total.unreadable else ""
    return f"{said}{unreadable} \u00b7 template {found.template}"


def order(standing: Standing) -> tuple[int, float, str]:
    """Return where a judge stands in the table: licensed ones first, then by kappa, those without votes last."""
    kappa = standing.agreement.overall.judge_kappa.value if standing.agreement else None
    granted = standing.licence is not None and standing.licence.granted
    rank = 0 if granted else 1 if kappa is not None else 2 if standing.votes else 3
    return rank, -(kappa or 0.0), standing.name
