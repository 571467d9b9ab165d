"""`workbench agreement`: how far judges agree with people, what they favour, and whether their votes count."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.errors import InvalidInput
from arena.types import DEFAULT_CRITERION, VoteFilter, VoterKind
from workbench.commands.output import Context, Format, write_json

if TYPE_CHECKING:
    from arena.ratings.worth import Worth
    from arena.statistics import Figure
    from judges.agreement import Agreement, AgreementRow
    from judges.bias import Bias
    from judges.licence import Bar, Licence
    from workbench.bench import Workbench

    _Judged = Sequence[tuple[Agreement, Licence]]

_NO_VOTES = "No judge has votes yet: `workbench judge --judge NAME`, or import its votes with --voters judge."
_KAPPA = "κ: 1 full agreement, 0 what chance gives."


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(agreement)


def agreement(
    context: typer.Context,
    judge: Annotated[str | None, typer.Option(help="Show one judge in full; all in short if absent.")] = None,
    criterion: Annotated[
        str | None, typer.Option(help="Which criterion was voted on; in short all if absent, else overall.")
    ] = None,
    own: Annotated[
        str | None,
        typer.Option(help="Models of the judge's own family, separated by commas, where it is not known."),
    ] = None,
) -> None:
    """Show how far judges agree with people, what they favour, and whether their votes count."""
    from judges.licence import licence

    shared: Context = context.obj
    worth: Worth | None = None
    with shared.bench() as bench:
        bar = bench.bar()
        if judge is None:
            found = bench.agreements(criterion)
        else:
            names = [name.strip() for name in own.split(",") if name.strip()] if own else None
            on = criterion or DEFAULT_CRITERION
            found = [bench.agreement(judge, on, own=names)]
            if criterion is None:
                found += [other for other in bench.agreements(judge=judge) if other.criterion != on]
            worth = _worth(bench, judge, on)
    judged = [(one, licence(one, bar)) for one in found]
    if shared.format is Format.JSON:
        rows = [{**one.as_dict(), "licence": granted.as_dict()} for one, granted in judged]
        beside = worth.as_dict() if worth else None
        write_json(rows if judge is None else {**rows[0], "worth": beside, "other_criteria": rows[1:]})
    elif shared.format is Format.CSV:
        columns = ["judge", "criterion", "table", "row", "figure", "value", "lower", "upper", "battles"]
        shared.rows([row for one in found for row in _long(one)], columns)
    elif judge is None:
        _overview(shared, judged)
    else:
        _page(shared, judged, bar)
        if worth:
            _beside_people(worth)


def _worth(bench: "Workbench", judge: str, criterion: str) -> "Worth | None":
    """Return what a judge is worth in people's votes, `None` where no vote of a person counts."""
    try:
        return bench.judge_worth(judge, VoteFilter(criterion=criterion))
    except InvalidInput:
        return None


def _beside_people(worth: "Worth") -> None:
    _line("\nWorth in people's votes")
    if worth.weight:
        _line(
            f"Its votes help people's ratings as much as {worth.votes_worth:,} more votes of people would "
            f"(+{100 * worth.more:.0f} %): intervals are {100 * worth.narrower:.0f} % narrower "
            "with `workbench leaderboard --method ppi`, and none of its votes is counted as theirs."
        )
    if worth.most > max(worth.more, 0.01):
        _line(f"Had it judged every battle there could be: +{100 * worth.most:.0f} %.")
    _line(f"It rests on {worth.basis}.")
    for note in worth.notes:
        _line(note)


def _overview(shared: Context, judged: "_Judged") -> None:
    several = len({one.criterion for one, _ in judged}) > 1
    rows = [
        {
            "judge": one.judge.name,
            "kind": str(one.judge.kind),
            "criterion": one.criterion if several else None,
            **_short(one),
            **{bias.favours: _signed(bias.pull) for bias in one.biases},
            "counts": granted.granted,
        }
        for one, granted in judged
    ]
    shared.rows(rows, list(rows[0]) if rows else ["judge"], empty=_NO_VOTES)
    for one, granted in judged:
        for reason in granted.reasons:
            _line(f"{one.judge.name}{f' on {one.criterion!r}' if several else ''}: {reason}")
    if judged:
        _line(f"{_KAPPA} Under what a judge favours: the share of its verdicts that go by this alone.")


def _page(shared: Context, judged: "_Judged", bar: "Bar") -> None:
    one, granted = judged[0]
    name, row = one.judge.name, one.overall
    _line(f"{_verdict(one, granted)} {granted.reason}")
    _line(
        f"\nAgreement on {row.battles:,} battles that {name!r} and people voted on ({one.judged:,} judged in all), "
        "with 95 % intervals"
    )
    pairs = {
        "same outcome": (_percent(row.judge), _percent(row.people)),
        "same side, ties left out": (_percent(row.judge_decided), _percent(row.people_decided)),
        "Cohen's κ": (_plain(row.judge_kappa), _plain(row.people_kappa)),
    }
    columns = ["", "judge with a person", "two people"]
    shared.rows([dict(zip(columns, (what, *both), strict=True)) for what, both in pairs.items()], columns)
    _line(f"{_KAPPA} Two people: the ceiling, on {row.people_kappa.n:,} battles with several people's votes.")
    _line("\nWhat it favours: how often that side wins, ties as half")
    shared.rows([_bias_row(bias) for bias in one.biases], list(_bias_row(one.biases[0])))
    _line(
        "Goes by it alone: the share of its verdicts that follow this whatever the answers are worth. 0 % is fair; "
        f"with the whole interval beyond {100 * bar.max_bias:.0f} %, its votes do not count."
    )
    for bias in one.biases:
        _line(f"  {bias.favours}: {bias.note}")
    if one.consistency.value is not None:
        _line(
            f"\nBoth orders of the sides agree on {_percent(one.consistency)} of {one.consistency.n:,} battles."
        )
    _groups(shared, one)
    if len(judged) > 1:
        _line("\nBy criterion")
        rows = [
            {"criterion": other.criterion, **_short(other), "counts": may.granted} for other, may in judged
        ]
        shared.rows(rows, list(rows[0]))
    for failure, n in one.failures.items():
        _line(f"No verdict on {n:,} battles: {failure.value.replace('_', ' ')}.")
    if one.versions > 1:
        _line(f"These votes come from {one.versions} settings of the judge: judge again for one of a piece.")


def _verdict(one: "Agreement", granted: "Licence") -> str:
    votes = f"The votes of {one.judge.name!r} on {one.criterion!r}"
    if one.judge.kind is VoterKind.SIMULATED:
        return f"{votes} are simulated; a judge's like these would {'' if granted.granted else 'not '}count."
    return f"{votes} {'count' if granted.granted else 'do not count'}."


def _short(one: "Agreement") -> dict[str, Any]:
    row = one.overall
    return {
        "battles": row.battles,
        "agrees": _percent(row.judge),
        "κ": _plain(row.judge_kappa),
        "κ of people": _plain(row.people_kappa),
    }


def _groups(shared: Context, one: "Agreement") -> None:
    for by in ("category", "language"):
        rows = [
            {
                by: row.group or "not known",
                "battles": row.battles,
                "agrees": _percent(row.judge),
                "two people": _percent(row.people),
                "κ": _plain(row.judge_kappa),
                "κ of people": _plain(row.people_kappa),
            }
            for row in one.rows
            if row.by == by
        ]
        if rows:
            _line(f"\nBy {by}")
            shared.rows(rows, list(rows[0]))


def _bias_row(bias: "Bias") -> dict[str, Any]:
    return {
        "favours": bias.favours,
        "battles": bias.battles,
        "by the judge": _percent(bias.judge),
        "expected": _percent(bias.expected),
        "difference": _signed(bias.difference),
        "goes by it alone": _signed(bias.pull),
    }


def _long(one: "Agreement") -> Iterator[dict[str, Any]]:
    """Yield every figure as a row of its own."""
    head = {"judge": one.judge.name, "criterion": one.criterion}

    def row(table: str, name: str, figure: str, found: "Figure") -> dict[str, Any]:
        ends = {"value": found.value, "lower": found.lower, "upper": found.upper, "battles": found.n}
        return {**head, "table": table, "row": name, "figure": figure, **ends}

    def group(found: "AgreementRow") -> Iterator[dict[str, Any]]:
        for name in ("judge", "judge_decided", "judge_kappa", "people", "people_decided", "people_kappa"):
            yield row(found.by, found.group, name, getattr(found, name))

    for each in (one.overall, *one.rows):
        yield from group(each)
    yield row("orders", "", "consistency", one.consistency)
    for bias in one.biases:
        for name in ("judge", "expected", "difference", "pull"):
            yield row("bias", bias.kind, name, getattr(bias, name))
    for failure, n in one.failures.items():
        yield {**head, "table": "failures", "row": failure.value, "figure": "battles", "value": n}


def _plain(figure: "Figure") -> str:
    if figure.value is None:
        return "–"
    return f"{figure.value:.2f}{_ends(figure, '{:.2f}', 1)}"


def _percent(figure: "Figure") -> str:
    return "–" if figure.value is None else f"{100 * figure.value:.1f} %{_ends(figure, '{:.1f}', 100)}"


def _signed(figure: "Figure") -> str:
    return "–" if figure.value is None else f"{100 * figure.value:+.1f} %{_ends(figure, '{:+.1f}', 100)}"


def _ends(figure: "Figure", form: str, scale: float) -> str:
    if figure.lower is None or figure.upper is None or figure.lower == figure.upper:
        return ""
    return f" [{form.format(scale * figure.lower)}, {form.format(scale * figure.upper)}]"


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
