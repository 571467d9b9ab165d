"""`workbench tokens ...`: what scripts send instead of a password."""

from typing import Annotated, Any

import typer

from workbench.access.roles import Role
from workbench.access.tokens import TokenView
from workbench.commands.output import Context, say

tokens_app = typer.Typer(no_args_is_help=True, help="Make tokens for scripts, list and remove them.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(tokens_app, name="tokens")


@tokens_app.command()
def add(
    context: typer.Context,
    name: str,
    role: Annotated[Role, typer.Option(help="What its holder may do.")] = Role.ANALYST,
    days: Annotated[int | None, typer.Option(min=1, help="How long it is good; for ever if absent.")] = None,
) -> None:
    """Make a token and show it, this once."""
    shared: Context = context.obj
    with shared.bench(create=True) as bench:
        made = bench.add_token(name, role=role, days=days)
    shared.one(
        {"name": made.name, "role": str(made.role), "expires_at": made.expires_at, "token": made.token}
    )
    say("The token is shown this once: keep it where the script finds it, such as an environment variable.")


@tokens_app.command("list")
def list_(context: typer.Context) -> None:
    """List the tokens; none is shown itself."""
    shared: Context = context.obj
    with shared.bench() as bench:
        rows = [_row(token) for token in bench.list_tokens()]
    shared.rows(
        rows,
        ["name", "role", "created_at", "expires_at", "expired"],
        empty="No tokens yet: `workbench tokens add`.",
    )


@tokens_app.command()
def remove(context: typer.Context, name: str) -> None:
    """End a token at once; what was done with it stays."""
    shared: Context = context.obj
    with shared.bench() as bench:
        bench.remove_token(name)
    say(f"Removed the token {name!r}.")


def _row(token: TokenView) -> dict[str, Any]:
    return {
        "name": token.name,
        "role": str(token.role),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "expired": token.expired,
    }
