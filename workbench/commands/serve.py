"""`workbench serve | demo`: the app, on a home of your own or on the embedded default."""

from typing import Annotated

import typer

from workbench.commands.output import Context, say

Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")]
Host = Annotated[str, typer.Option(help="The address to listen on.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(demo)
    app.command()(serve)


def serve(context: typer.Context, host: Host = "127.0.0.1", port: Port = 7860) -> None:
    """Open the app on this home."""
    shared: Context = context.obj
    with shared.own_bench() as bench:
        from workbench.app import serve as serve_app

        bench.follow_runs()
        say(f"Home: {shared.home.resolve()}")
        serve_app(bench, host=host, port=port)


def demo(
    context: typer.Context,
    headless: Annotated[
        bool, typer.Option("--headless", help="Run the whole road with a simulated voter and print a report.")
    ] = False,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    seed: Annotated[int, typer.Option(help="Seed of the headless road.")] = 0,
) -> None:
    """Make a home with prompts, recorded models and a tiny real model, and open the app on it."""
    shared: Context = context.obj
    with shared.own_bench() as bench:
        from workbench.demo.setup import make_demo

        make_demo(bench)
        if headless:
            from workbench.commands.headless import report

            report(shared, bench, seed)
            return
        from workbench.app import serve as serve_app

        bench.follow_runs()
        say(f"Home: {shared.home.resolve()}")
        serve_app(bench, host=host, port=port)
