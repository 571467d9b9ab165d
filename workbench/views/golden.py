"""Golden sets: what each model came to, beside what was accepted, and whether it has become worse."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena.golden import GoldenResult, GoldenSet
from workbench.axis import Rule, Scale, track
from workbench.html import Html, join, plural, tag
from workbench.verbs.golden import GoldenRow
from workbench.views.metrics import score

_WORDS = {
    "first": ("idle", "nothing accepted yet"),
    "better": ("good", "better"),
    "same": ("good", "no regression"),
    "regression": ("bad", "regression"),
    "cannot_tell": ("idle", "cannot tell"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A model on a golden set: its last result, and the accepted one."""

    golden: GoldenSet
    model: str
    last: GoldenResult
    accepted: GoldenResult | None


def latest(golden: GoldenSet, results: Iterable[GoldenResult]) -> list[Checked]:
    """Return each model's last result on the set as it is now, and the accepted one; `results` are newest first."""
    newest: dict[str, GoldenResult] = {}
    accepted: dict[str, GoldenResult] = {}
    for result in results:
        if result.content_hash == golden.content_hash:
            newest.setdefault(result.model, result)
            if result.accepted_at is not None:
                known = accepted.get(result.model)
                if known is None or (known.accepted_at and known.accepted_at < result.accepted_at):
                    accepted[result.model] = result
    return [Checked(golden, model, last, accepted.get(model)) for model, last in newest.items()]


def table(
    sets: Sequence[tuple[GoldenSet, Sequence[Checked]]], opened: str | None, *, changeable: bool = True
) -> Html:
    """Return the golden sets with their models' checks, and where `changeable` buttons to accept and remove."""
    title = tag("h2", "Golden sets")
    if not sets:
        return join(
            title,
            tag(
                "p",
                "None yet. A golden set freezes prompts with references and thresholds; checking a model on it tells "
                "whether the model has become worse.",
                class_="muted",
            ),
        )
    return join(title, [_set(golden, checked, opened, changeable) for golden, checked in sets])


def _set(golden: GoldenSet, checked: Sequence[Checked], opened: str | None, changeable: bool) -> Html:
    made = f", frozen {golden.created_at:%Y-%m-%d}" if golden.created_at else ""
    about = f"{plural(len(golden.prompts), 'prompt')}, {plural(len(golden.checks), 'check')}{made}"
    remove = tag(
        "button",
        "Remove",
        type="button",
        class_="small",
        data_do="remove",
        data_name=golden.name,
        data_confirm=f"Remove the golden set {golden.name} and all results on it?",
    )
    head = tag(
        "div",
        tag("h3", golden.name),
        tag("span", about, " \u00b7 ", tag("code", golden.content_hash[:12]), class_="muted"),
        tag("span", remove, class_="push") if changeable else None,
        class_="transcript-head",
    )
    if not checked:
        body = tag("p", "No model has been checked on it yet.", class_="muted")
    else:
        columns = (
            ("Check", None),
            ("Accepted", "num wide"),
            ("Now", "num"),
            ("Change, 95\u202f%", "axis wide"),
            ("State", None),
        )
        heads = tag("tr", [tag("th", label, scope="col", class_=kind) for label, kind in columns])
        rows = [_model(one, opened, changeable) for one in checked]
        body = tag("table", tag("thead", heads), rows, class_="list golden")
    return tag("section", head, body, class_="golden-set")


def _model(one: Checked, opened: str | None, changeable: bool) -> Html:
    result_id = str(one.last.result_id)
    name = tag(
        "button",
        one.model,
        type="button",
        class_="link",
        data_do="rows",
        data_name=result_id,
        aria_expanded="true" if result_id == opened else "false",
    )
    passed = bool(one.last.summary.get("passed"))
    chip = tag("span", "passed" if passed else "failed", class_=f"chip {'good' if passed else 'bad'}")
    when = f"{one.last.created_at:%Y-%m-%d %H:%M}" if one.last.created_at else ""
    accept = None
    if one.last.accepted_at is not None:
        accept = tag("span", "accepted", class_="chip")
    elif changeable:
        accept = tag(
            "button",
            "Accept",
            type="button",
            class_="small",
            data_do="accept",
            data_name=f"{one.golden.name}\n{one.model}",
        )
    said = tag("span", f"{one.last.summary.get('answered', 0)} answered, {when}", class_="muted num")
    head = tag(
        "tr",
        tag(
            "th",
            tag("div", name, chip, said, tag("span", accept, class_="push"), class_="golden-head"),
            colspan=5,
            scope="rowgroup",
        ),
        class_="golden-model",
    )
    before = (
        {check["name"]: check for check in one.accepted.summary.get("checks", ())} if one.accepted else {}
    )
    tolerance = {check.name: check.tolerance for check in one.golden.checks}
    rows = [
        _check(check, before.get(check["name"]), tolerance.get(check["name"], 0.0))
        for check in one.last.summary.get("checks", ())
    ]
    return tag("tbody", head, rows)


def _check(check: Mapping[str, Any], before: Mapping[str, Any] | None, tolerance: float) -> Html:
    tone, word = ("bad", "threshold not met") if check["threshold"] == "failed" else _WORDS[check["change"]]
    if check["threshold"] == "failed" and check["change"] == "regression":
        word = "regression, threshold not met"
    state = tag("span", tag("i", class_="dot", aria_hidden="true"), tag("b", word), class_=f"state {tone}")
    sentence = tag("span", check["sentence"], class_="note") if check["sentence"] else None
    bounds = [
        f"at least {check['at_least']:g}" if check.get("at_least") is not None else "",
        f"at most {check['at_most']:g}" if check.get("at_most") is not None else "",
    ]
    note = " and ".join(filter(None, bounds))
    mean = check["mean"]
    return tag(
        "tr",
        tag("td", check["name"], tag("span", note, class_="note") if note else None),
        tag("td", score(before["mean"]["value"]) if before else "\u2013", class_="num wide muted"),
        tag("td", tag("b", score(mean["value"])), _ends(mean), class_="num"),
        tag("td", _gain(check.get("gain"), tolerance), class_="axis wide"),
        tag("td", state, sentence),
    )


def _ends(mean: Mapping[str, Any]) -> Html | None:
    if mean["lower"] is None or mean["upper"] is None:
        return None
    return tag("span", f"{score(mean['lower'])} to {score(mean['upper'])}", class_="note")


def _gain(gain: Mapping[str, Any] | None, tolerance: float) -> Html:
    """Return the change around zero; the dashed rule is how far a mean may fall."""
    if gain is None or gain["value"] is None:
        return tag("span", "\u2013", class_="muted")
    ends = [abs(end) for end in (gain["value"], gain["lower"], gain["upper"], tolerance) if end is not None]
    reach = 1.1 * max(*ends, 1e-9)
    axis = Scale(-reach, reach, (0.0,))
    rules = [Rule(-tolerance, "bar")] if tolerance else []
    return track(axis, gain["value"], gain["lower"], gain["upper"], rules=rules)


def rows(found: Sequence[GoldenRow], model: str, golden: str) -> Html:
    """Return a result prompt by prompt: what was asked, what came, and each number beside the accepted one."""
    close = tag("button", "Close", type="button", class_="small", data_do="close", data_name="")
    head = tag(
        "div",
        tag("h3", f"{model} on {golden}, prompt by prompt"),
        tag("span", close, class_="push"),
        class_="transcript-head",
    )
    return tag(
        "section",
        head,
        tag("ol", [_prompt(row) for row in found], class_="scored-list"),
        class_="golden-rows",
    )


def _prompt(row: GoldenRow) -> Html:
    numbers = [
        tag(
            "span",
            f"{name} ",
            tag("b", score(value), class_="num"),
            _was(before),
            class_="scored-other",
            title=reason,
        )
        for name, (value, reason, before) in row.values.items()
    ]
    text = row.prompt.prompt.text
    summary = tag(
        "summary",
        tag("span", " ".join(text.split())[:160], class_="scored-text"),
        tag("span", numbers, class_="golden-numbers"),
    )
    references = row.prompt.references or ("none",)
    parts = [
        tag("section", tag("h3", "Prompt"), tag("p", text, class_="pre")),
        tag("section", tag("h3", "Answer"), tag("p", row.answer or "(none)", class_="pre")),
        tag(
            "section", tag("h3", "Reference"), [tag("p", reference, class_="pre") for reference in references]
        ),
    ]
    reasons = [
        tag("p", f"{name}: {reason}", class_="bad") for name, (_, reason, _) in row.values.items() if reason
    ]
    body = tag("div", reasons, tag("div", parts, class_="scored-parts"), class_="scored-body")
    return tag("li", tag("details", summary, body))


def _was(before: float | None) -> Html | None:
    return tag("span", f" (was {score(before)})", class_="muted num") if before is not None else None
