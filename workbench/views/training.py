"""The training tab's pieces: a run's header, its curves, its outcome, and the table of runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from arena.errors import WorkbenchError
from arena.types import ModelSpec, VoterKind
from training.run import Run
from training.state import RunState, Status
from workbench.charts import Curve, curves, interval_bar
from workbench.html import Html, duration, join, number, percent, plural, points, tag
from workbench.results import Promotion

METHODS = {"reward": "Reward model", "dpo": "DPO"}
_TONE = {
    RunState.RUNNING: "busy",
    RunState.STOPPING: "busy",
    RunState.FINISHED: "good",
    RunState.FAILED: "bad",
    RunState.INTERRUPTED: "bad",
}
Metrics = Sequence[Mapping[str, Any]]


def header(
    run: Run, lineage: Sequence[ModelSpec], ratings: Mapping[str, float | None], deployed: str | None
) -> Html:
    """Return a run's name, settings, progress, lineage and the buttons that its state allows."""
    status, config = run.status, run.config
    weights = "4-bit" if config.four_bit else "full precision"
    base = config.parent or run.base_path
    what = f"{METHODS[config.method]} on {run.data_path.name}, from {base}, {weights}, LoRA {config.lora_r}"
    return tag(
        "div",
        tag(
            "div",
            tag("div", tag("h2", run.name), tag("p", what, class_="muted")),
            tag("div", progress(status), actions(run, status, deployed), class_="run-side"),
            class_="run-head",
        ),
        tag("p", status.message, class_="bad pre")
        if status.message and status.state is RunState.FAILED
        else None,
        tag("p", status.message, class_="muted")
        if status.message and status.state is not RunState.FAILED
        else None,
        chain(lineage, ratings, run.name, status) if lineage else None,
    )


def progress(status: Status) -> Html:
    """Return state, steps done and time left."""
    share = status.step / status.total if status.total else 0.0
    steps = f"{status.step:,} of {status.total:,} steps" if status.total else status.stage
    left = status.seconds_left if status.state is RunState.RUNNING else None
    meter = tag("span", tag("span", style=f"width:{100 * share:.0f}%"), class_="meter", aria_hidden="true")
    return tag(
        "div",
        state(status),
        meter,
        tag("span", steps, class_="num"),
        tag("span", duration(left) + " left", class_="muted num") if left else None,
        class_="progress",
    )


def state(status: Status) -> Html:
    """Return the state as a dot and a word."""
    return tag(
        "span",
        tag("i", class_="dot", aria_hidden="true"),
        tag("b", str(status.state)),
        class_=f"state {_TONE.get(status.state, 'idle')}",
    )


def actions(run: Run, status: Status, deployed: str | None) -> Html:
    """Return the buttons that the run's state allows."""
    found = []
    if status.state is RunState.RUNNING:
        found.append(_button("Stop", "stop", run.name, "danger"))
    if status.state.resumable:
        found.append(_button("Resume", "resume", run.name))
    if status.state is RunState.FINISHED and run.config.method != "reward":
        found.append(
            tag("span", "In the arena as ", tag("b", deployed), class_="muted")
            if deployed
            else _button("Add to arena", "deploy", run.name, "primary")
        )
    return tag("span", found, class_="actions")


def _button(label: str, action: str, name: str, kind: str = "") -> Html:
    return tag("button", label, type="button", class_=f"small {kind}".strip(), data_do=action, data_name=name)


def chain(
    lineage: Sequence[ModelSpec], ratings: Mapping[str, float | None], run: str, status: Status
) -> Html:
    """Return the strip base, parent, run with each one's rating."""
    links = [_link(spec.name, _rated(ratings.get(spec.name)), spec.name == run) for spec in lineage]
    if run not in {spec.name for spec in lineage}:
        links.append(_link(run, str(status.state), True))
    return tag("ol", links, class_="chain")


def _link(name: str, below: str, now: bool) -> Html:
    return tag("li", tag("b", name), tag("span", below, class_="muted num"), class_="now" if now else None)


def _rated(rating: float | None) -> str:
    return "not rated" if rating is None else f"rating {points(rating)}"


def charts(metrics: Metrics, total: int | None) -> Html:
    """Return the curves of loss, accuracy and margin, train and held out."""
    pictures = [
        curves(
            title,
            [_curve(metrics, "train", "train", "a", key), _curve(metrics, "test", "held out", "b", key)],
            base=base,
            steps=total,
        )
        for title, key, base in (
            ("Loss", "loss", None),
            ("Accuracy", "accuracy", 0.5),
            ("Margin", "margin", 0.0),
        )
    ]
    return tag("div", pictures, class_="charts")


def _curve(metrics: Metrics, split: str, label: str, side: str, key: str) -> Curve:
    points = tuple(
        (row["step"], row[key]) for row in metrics if row.get("split") == split and row.get(key) is not None
    )
    return Curve(label, side, points)


def outcome(result: Mapping[str, Any] | None) -> Html | None:
    """Return held-out figures before and after, and what became of the pairs."""
    if result is None:
        return None
    before, after, pairs = result["held_out_before"], result["held_out"], result["pairs"]
    rows = [
        (
            "Held-out accuracy",
            f"{percent(before['accuracy'])} \u2192 {percent(after['accuracy'])}",
            _between(after, "accuracy"),
        ),
        (
            "Held-out margin",
            f"{number(before['margin'], 2)} \u2192 {number(after['margin'], 2)}",
            _margin(after),
        ),
        ("Pairs", f"{pairs['train']:,} train, {pairs['test']:,} held out", f"of {pairs['read']:,} read"),
        ("Dropped", _dropped(pairs["dropped"]), None),
        (
            "Shortened",
            plural(pairs["truncated"], "pair"),
            f"{pairs['cut_tokens']:,} tokens cut" if pairs["truncated"] else None,
        ),
    ]
    body = [
        tag(
            "tr",
            tag("th", label, scope="row"),
            tag("td", tag("b", value, class_="num"), " ", tag("span", more, class_="muted num")),
        )
        for label, value, more in rows
    ]
    return join(tag("h3", "Result"), tag("table", tag("tbody", body), class_="facts"))


def _between(figures: Mapping[str, Any], key: str) -> str:
    return f"95\u202f% interval {percent(figures[key + '_lower'])} to {percent(figures[key + '_upper'])}"


def _margin(figures: Mapping[str, Any]) -> str:
    return f"95\u202f% interval {number(figures['margin_lower'], 2)} to {number(figures['margin_upper'], 2)}"


def _dropped(dropped: Mapping[str, int]) -> str:
    said = ", ".join(f"{count:,} {reason}" for reason, count in dropped.items() if count)
    return said or "none"


def log(text: str) -> Html:
    """Return the tail of a run's log."""
    return tag(
        "details",
        tag("summary", "Log"),
        tag("pre", text or "The log is empty.", class_="log", tabindex=0),
        data_keep="log",
    )


_BY = {VoterKind.HUMAN: "by people", VoterKind.JUDGE: "by judges", VoterKind.SIMULATED: "by simulated voters"}


def no_standing(error: WorkbenchError) -> Html:
    """Return why a tuned model cannot be compared with its parent yet."""
    return join(tag("h3", "Against its parent"), tag("p", str(error), class_="muted"))


def standing(found: Promotion, voters: VoterKind, bar: float, marked: bool) -> Html:
    """Return how a tuned model does against its parent by one kind of voter, and the promotion decision."""
    rate = found.win_rate
    interval = f"95\u202f% interval {percent(rate.lower, 1)} to {percent(rate.upper, 1)}"
    counted = f"{plural(rate.battles, 'vote')} {_BY[voters]}"
    said = f"wins {percent(rate.win_rate, 1)} of {counted} against {found.parent}, {interval}"
    button = _button("Promote", "promote", found.model, "primary") if found.promoted and not marked else None
    done = tag("span", "promoted", class_="chip good") if marked else None
    if found.promoted:
        verdict = [
            tag("b", "Clears the bar", class_="good"),
            f": the lower end lies above {percent(bar, 1)}.",
        ]
    else:
        verdict = [tag("b", "Not yet"), ": ", found.reason]
    return join(
        tag("h3", "Against its parent"),
        tag("p", tag("b", found.model), " ", said, ". Only prompts it was not trained on count."),
        interval_bar(rate.win_rate, rate.lower, rate.upper, bar),
        tag("p", verdict),
        tag("p", tag("span", button, done, class_="actions")) if button or done else None,
    )


def beside(*parts: Html | None) -> Html | None:
    """Return parts side by side, one below the other on a phone."""
    shown = [tag("div", part) for part in parts if part is not None]
    return tag("div", shown, class_="beside") if shown else None


def table(runs: Sequence[Run], selected: str | None) -> Html:
    """Return all runs; a row's name is a button that shows it above."""
    title = tag("h2", "Runs")
    if not runs:
        return join(title, tag("p", "None yet. Choose an export and a base, then start.", class_="muted"))
    columns = (("Run", None), ("Method", "wide"), ("State", None), ("Loss", "num"), ("Accuracy", "num"))
    head = tag("tr", [tag("th", label, scope="col", class_=c) for label, c in columns])
    caption = tag("caption", "Training runs, newest first", class_="unseen")
    rows = [_row(run, run.name == selected) for run in runs]
    return join(title, tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list runs"))


def _row(run: Run, selected: bool) -> Html:
    status = run.status
    last: Mapping[str, Any] = next((row for row in reversed(run.metrics()) if row.get("split") == "test"), {})
    name = tag(
        "button",
        run.name,
        type="button",
        class_="link",
        data_do="show",
        data_name=run.name,
        aria_current="true" if selected else None,
    )
    steps = f"step {status.step:,} of {status.total:,}" if status.total else ""
    return tag(
        "tr",
        tag("th", name, scope="row"),
        tag("td", METHODS[run.config.method], class_="wide"),
        tag("td", state(status), " ", tag("span", steps, class_="muted wide num")),
        tag("td", _figure(last.get("loss")), class_="num"),
        tag("td", _figure(last.get("accuracy")), class_="num"),
        class_="selected" if selected else None,
    )


def _figure(value: float | None) -> str:
    return "\u2013" if value is None else number(value, 2)
