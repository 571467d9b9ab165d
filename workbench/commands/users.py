"""`workbench users ...`: the people who sign in. They stand in a file of the home, whether the app runs or not."""

import sys
from typing import Annotated, Any

import typer

from arena.errors import InvalidInput
from workbench.access.roles import Role
from workbench.access.users import User, Users, check_name
from workbench.commands.output import Context, say

users_app = typer.Typer(
    no_args_is_help=True,
    help="Add people who sign in, list them, change their roles and passwords, remove them.",
)

RoleOption = Annotated[
    Role, typer.Option(help="voter: votes; analyst: also judges and exports; admin: also everything else.")
]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input, one line.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(users_app, name="users")


@users_app.command()
def add(context: typer.Context, name: str, role: RoleOption = Role.VOTER, stdin: Stdin = False) -> None:
    """Add somebody and ask for their password."""
    users = _users(context)
    check_name(name)
    first = not users.exist
    made = users.add(name, role, _password(stdin))
    context.obj.one(_row(made))
    if first and role is not Role.ADMIN:
        say("From now on people sign in, and nobody is an admin yet: add one with --role admin.")
    elif first:
        say("From now on people sign in, unless `anonymous` under [access] in workbench.toml says otherwise.")


@users_app.command("list")
def list_(context: typer.Context) -> None:
    """List the people who may sign in."""
    rows = [_row(user) for user in _users(context).list()]
    context.obj.rows(rows, ["name", "role"], empty="Nobody signs in yet: `workbench users add NAME`.")


@users_app.command("role")
def role_(context: typer.Context, name: str, role: Role) -> None:
    """Give somebody another role, from their next click on."""
    context.obj.one(_row(_users(context).set_role(name, role)))


@users_app.command()
def password(context: typer.Context, name: str, stdin: Stdin = False) -> None:
    """Give somebody another password; whoever is signed in under that name has to sign in again."""
    users = _users(context)
    users.known(name)
    context.obj.one(_row(users.set_password(name, _password(stdin))))


@users_app.command()
def remove(context: typer.Context, name: str) -> None:
    """Let somebody in no longer; their votes stay."""
    _users(context).remove(name)
    say(f"Removed {name}; the votes stay.")


def _users(context: typer.Context) -> Users:
    shared: Context = context.obj
    return Users(shared.home)


def _row(user: User) -> dict[str, Any]:
    return {"name": user.name, "role": str(user.role)}


def _password(stdin: bool) -> str:
    """Return the hash of a password that is typed twice, or read from standard input."""
    from workbench.access.passwords import hash_password

    if stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise InvalidInput("There is no terminal to type a password in: send it with --stdin.")
    return hash_password(given)
