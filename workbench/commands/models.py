"""`workbench models ...`: the named sources of answers."""

import asyncio
from typing import Annotated, Any

import typer

from arena.types import ModelKind, ModelSpec
from workbench.commands.output import Context, key_value, say

models_app = typer.Typer(no_args_is_help=True, help="Register, list, check and remove models.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(models_app, name="models")


def _row(spec: ModelSpec) -> dict[str, Any]:
    return {"name": spec.name, "kind": str(spec.kind), "parent": spec.parent, "options": dict(spec.options)}


@models_app.command()
def add(
    context: typer.Context,
    name: str,
    kind: Annotated[ModelKind, typer.Option(help="Where its answers come from.")],
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            "-o",
            metavar="KEY=VALUE",
            help="endpoint: base_url, model, api_key_env; local: path, adapter, four_bit; any: temperature, ...",
        ),
    ] = None,
    parent: Annotated[str | None, typer.Option(help="The model this one was tuned from.")] = None,
    replace: Annotated[bool, typer.Option(help="Change the options of a model of that name.")] = False,
) -> None:
    """Register a model."""
    shared: Context = context.obj
    spec = ModelSpec(name, kind, dict(key_value(text) for text in option or ()), parent)
    with shared.bench(create=True) as bench:
        shared.one(_row(bench.add_model(spec, replace=replace)))


@models_app.command("list")
def list_(context: typer.Context) -> None:
    """List the registered models."""
    shared: Context = context.obj
    with shared.bench() as bench:
        rows = [_row(spec) for spec in bench.list_models()]
    shared.rows(rows, ["name", "kind", "parent", "options"], empty="No models yet: `workbench models add`.")


@models_app.command()
def check(context: typer.Context, name: str) -> None:
    """Ask a model for a few tokens and say whether it answers."""
    shared: Context = context.obj
    with shared.bench() as bench:
        shared.one({"name": name, "answer": asyncio.run(bench.check_model(name))})


@models_app.command()
def remove(context: typer.Context, name: str) -> None:
    """Take a model out of the arena; its votes and answers stay."""
    shared: Context = context.obj
    with shared.bench() as bench:
        bench.remove_model(name)
    say(f"Removed {name!r} from the arena; its votes and answers stay.")
