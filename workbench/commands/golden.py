"""`workbench golden ...`: frozen prompts with references and checks, and the results of models on them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.commands.output import Context, Format, say, write_json
from workbench.commands.scoring import line, wanted

if TYPE_CHECKING:
    from arena.golden import GoldenResult, GoldenSet
    from workbench.bench import Workbench

golden_app = typer.Typer(no_args_is_help=True, help="Freeze, list, show, accept and remove golden sets.")

Model = Annotated[str, typer.Option(help="The model whose result it is.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(golden_app, name="golden")


@golden_app.command()
def add(
    context: typer.Context,
    name: str,
    file: Annotated[
        Path | None, typer.Option(help="TOML or JSON with prompts and checks, or JSONL with prompts.")
    ] = None,
    prompts: Annotated[str | None, typer.Option(help="Or the prompt set to take as it is now.")] = None,
    check: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK", help="rougeL>=0.5, perplexity<=40, rules>=1 or judge:NAME>=6; repeatable."
        ),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a set of that name.")] = False,
) -> None:
    """Freeze prompts, references and checks under a name."""
    shared: Context = context.obj
    with shared.bench(create=True) as bench:
        golden = bench.add_golden(name, file=file, prompt_set=prompts, checks=check or (), replace=replace)
    shared.one(_row(golden))


@golden_app.command("list")
def list_(context: typer.Context) -> None:
    """List the golden sets."""
    shared: Context = context.obj
    with shared.bench() as bench:
        rows = [_row(golden) for golden in bench.golden_sets()]
    shared.rows(
        rows,
        ["name", "prompts", "checks", "content_hash"],
        empty="No golden sets yet: `workbench golden add`.",
    )


@golden_app.command()
def show(
    context: typer.Context,
    name: str,
    model: Annotated[str | None, typer.Option(help="Only results of this model.")] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="The newest of these results prompt by prompt instead.")
    ] = False,
) -> None:
    """Show a golden set and the results on it; as JSON everything in it."""
    shared: Context = context.obj
    with shared.bench() as bench:
        golden = bench.golden_set(name)
        results = bench.golden_results(name, model)
        if answers:
            _answers(shared, bench, results)
            return
    rows = [
        {
            "model": result.model,
            "passed": result.summary["passed"],
            "accepted": result.accepted_at is not None,
            "created_at": result.created_at,
            "sentence": result.summary["sentence"],
            "result_id": str(result.result_id),
        }
        for result in results
    ]
    if shared.format is Format.JSON:
        write_json({**_row(golden), **golden.content, "results": [{**r.summary} for r in results]})
        return
    if shared.format is Format.TABLE:
        shared.one({**_row(golden), "checks": [_written(check.as_dict()) for check in golden.checks]})
    shared.rows(
        rows,
        ["model", "passed", "accepted", "created_at", "sentence"],
        empty=f"No results yet: `workbench score --golden {name} --model MODEL`.",
    )


def _answers(shared: Context, bench: "Workbench", results: list["GoldenResult"]) -> None:
    from arena.errors import NotFound

    if not results:
        raise NotFound("There is no result to show: run `workbench score --golden NAME --model MODEL` first.")
    rows: list[dict[str, Any]] = []
    for row in bench.golden_rows(results[0].result_id):
        values = {name: value for name, (value, _, _) in row.values.items()}
        reasons = {name: reason for name, (_, reason, _) in row.values.items() if reason}
        rows.append({"prompt": row.prompt.prompt.text, "answer": row.answer, **values, "reasons": reasons})
    if shared.format is Format.TABLE:
        rows = [{**row, "prompt": line(row["prompt"]), "answer": line(row["answer"] or "")} for row in rows]
    checks = [check["name"] for check in results[0].summary["checks"]]
    shared.rows(rows, ["prompt", "answer", *checks, "reasons"])


@golden_app.command("accept")
def accept_(context: typer.Context, name: str, model: Model) -> None:
    """Compare later results of a model with its newest one."""
    shared: Context = context.obj
    with shared.bench() as bench:
        result = bench.accept_golden(name, model)
    say(
        f"Later results of {model!r} on {name!r} are compared with the one of {result.created_at:%Y-%m-%d %H:%M}."
    )


@golden_app.command()
def remove(context: typer.Context, name: str) -> None:
    """Remove a golden set and the results on it."""
    shared: Context = context.obj
    with shared.bench() as bench:
        bench.remove_golden(name)
    say(f"Removed the golden set {name!r} and its results.")


def _row(golden: "GoldenSet") -> dict[str, Any]:
    return {
        "name": golden.name,
        "prompts": len(golden.prompts),
        "checks": [check.name for check in golden.checks],
        "content_hash": golden.content_hash,
        "created_at": golden.created_at,
    }


def _written(check: dict[str, Any]) -> str:
    bounds = wanted(check.get("at_least"), check.get("at_most"))
    options = f" {line(json.dumps(check['options'], ensure_ascii=False))}" if check.get("options") else ""
    return f"{check['name']}{options}{f' {bounds}' if bounds else ''}"
