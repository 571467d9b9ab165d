"""The table of models: what each is, where it comes from, how it stands, and what can be done with it."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from arena.leaderboard import Leaderboard
from arena.types import ModelKind, ModelSpec
from workbench.html import Html, join, points, tag
from workbench.views.leaderboard import empty


def table(
    specs: Sequence[ModelSpec], board: Leaderboard, checks: Mapping[str, tuple[bool | None, str]]
) -> Html:
    """Return the models; `checks` holds what a check of this page found out."""
    if not specs:
        return empty(
            "No models yet",
            "Add an endpoint or a local model here, or import recorded answers under Data.",
            "Data",
        )
    columns = (
        ("Model", None),
        ("Kind", None),
        ("From", "wide"),
        ("Votes", "num"),
        ("Rating", "num"),
        ("", "act"),
    )
    head = tag(
        "tr",
        [
            tag("th", label or tag("span", "Actions", class_="unseen"), scope="col", class_=c)
            for label, c in columns
        ],
    )
    parents = {spec.name: spec.parent for spec in specs}
    rows = [_row(spec, parents, board, checks.get(spec.name)) for spec in specs]
    caption = tag("caption", "Registered models", class_="unseen")
    return join(
        tag("h2", "Models"),
        tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list models"),
    )


def _row(
    spec: ModelSpec,
    parents: Mapping[str, str | None],
    board: Leaderboard,
    check: tuple[bool | None, str] | None,
) -> Html:
    rated = board.row(spec.name)
    promoted = tag("span", "promoted", class_="chip good") if spec.options.get("promoted") else None
    mood = {True: "note good", False: "note bad", None: "note"}
    said = tag("span", check[1], class_=mood[check[0]], role="status") if check else None
    rating = "\u2013" if rated is None or rated.rating is None else points(rated.rating)
    return tag(
        "tr",
        tag("th", tag("span", spec.name, class_="name"), promoted, said, scope="row"),
        tag("td", tag("span", str(spec.kind), class_="chip")),
        tag(
            "td", tag("span", source(spec), class_="muted"), _ancestry(spec.name, parents), class_="wide from"
        ),
        tag("td", f"{rated.votes:,}" if rated else "0", class_="num"),
        tag("td", tag("b", rating), class_="num"),
        tag("td", _actions(spec), class_="act"),
    )


def source(spec: ModelSpec) -> str:
    """Return in a few words where a model's answers come from."""
    options = spec.options
    if spec.kind is ModelKind.ENDPOINT:
        return f"{options.get('model', '?')} at {options.get('base_url', '?')}"
    if spec.kind is ModelKind.LOCAL:
        adapter = (
            f" + adapter {PurePath(str(options['adapter'])).parent.name}" if options.get("adapter") else ""
        )
        return PurePath(str(options.get("path", "?"))).name + adapter
    return "answers in the store"


def _ancestry(name: str, parents: Mapping[str, str | None]) -> Html | None:
    chain = [name]
    while (parent := parents.get(chain[0])) is not None and parent not in chain:
        chain.insert(0, parent)
    return tag("span", " \u2192 ".join(chain), class_="note") if len(chain) > 1 else None


def _actions(spec: ModelSpec) -> Html:
    check = (
        tag("button", "Check", type="button", class_="small", data_do="check", data_name=spec.name)
        if spec.live
        else None
    )
    ask = f"Remove {spec.name} from the arena? Its votes and answers stay."
    remove = tag(
        "button",
        "Remove",
        type="button",
        class_="small",
        data_do="remove",
        data_name=spec.name,
        data_confirm=ask,
    )
    return tag("span", check, remove, class_="actions")
