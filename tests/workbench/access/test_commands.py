"""`workbench users` and `workbench tokens`: what people type, and what they read."""

import json

import pytest
from typer.testing import CliRunner

from arena.errors import InvalidInput, NotFound
from workbench.access.passwords import is_password
from workbench.access.tokens import PREFIX, TokenHolders
from workbench.access.users import Users
from workbench.bench import Workbench
from workbench.cli import app


@pytest.fixture
def run(tmp_path):
    """Return what carries out a command on one home."""

    def call(*arguments: str, typed: str = "", fails: type[Exception] | None = None):
        result = CliRunner().invoke(
            app, ["--home", str(tmp_path), "--format", "json", *arguments], input=typed
        )
        if fails is None:
            assert result.exit_code == 0, (result.output, result.exception)
            return json.loads(result.stdout) if result.stdout else result.stderr
        assert isinstance(result.exception, fails), result.output
        return str(result.exception)

    return call


def test_users_are_added_listed_changed_and_removed(run, tmp_path):
    assert (
        run("users", "add", "ana", "--role", "admin", "--stdin", typed="correct horse\n")["role"] == "admin"
    )
    assert run("users", "add", "bea", "--stdin", typed="another horse\n")["role"] == "voter"
    assert run("users", "list") == [{"name": "ana", "role": "admin"}, {"name": "bea", "role": "voter"}]
    run("users", "role", "bea", "analyst")
    run("users", "password", "bea", "--stdin", typed="a third horse\n")
    bea = Users(tmp_path).get("bea")
    assert bea.role == "analyst" and is_password("a third horse", bea.hash)
    assert "votes stay" in run("users", "remove", "bea")
    assert [user.name for user in Users(tmp_path).list()] == ["ana"]


def test_the_first_user_changes_who_comes_in_and_that_is_said(tmp_path):
    result = CliRunner().invoke(
        app, ["--home", str(tmp_path), "users", "add", "ana", "--stdin"], input="correct horse\n"
    )
    assert "people sign in, and nobody is an admin yet" in result.stderr


def test_without_a_terminal_a_password_needs_stdin(run, tmp_path):
    assert "--stdin" in run("users", "add", "ana", fails=InvalidInput)
    assert "8 characters" in run("users", "add", "ana", "--stdin", typed="short\n", fails=InvalidInput)
    assert not Users(tmp_path).exist


def test_a_bad_name_is_refused_before_a_password_is_asked_for(run):
    assert "cannot be a user's name" in run("users", "add", "a b", "--stdin", fails=InvalidInput)
    assert "no user 'zoe'" in run("users", "password", "zoe", "--stdin", fails=NotFound)


def test_a_token_is_told_once_and_holds_until_it_is_removed(run, tmp_path):
    made = run("tokens", "add", "nightly", "--role", "voter", "--days", "30")
    assert made["token"].startswith(PREFIX) and made["role"] == "voter"
    [listed] = run("tokens", "list")
    assert listed["name"] == "nightly" and not listed["expired"] and made["token"] not in str(listed)
    with Workbench.open(tmp_path) as bench:
        assert TokenHolders(bench.store.tokens).person(made["token"]).name == "nightly"
        assert made["token"].encode() not in (tmp_path / "workbench.duckdb").read_bytes()
    run("tokens", "remove", "nightly")
    assert run("tokens", "list") == []
    assert "there is none" in run("tokens", "remove", "nightly", fails=NotFound)


def test_a_token_takes_no_users_name_and_no_impossible_time(run, tmp_path):
    from arena.errors import Conflict

    run("users", "add", "ana", "--stdin", typed="correct horse\n")
    assert "ana is a user" in run("tokens", "add", "ana", fails=Conflict)
    with Workbench.open(tmp_path) as bench, pytest.raises(InvalidInput, match="0 days"):
        bench.add_token("nightly", days=0)
