"""How commands find the app that has a home open, and what they say where something is wrong with it."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from arena.errors import NotReached, NotSignedIn
from tests.support.served import served
from workbench.bench import Workbench
from workbench.cli import main
from workbench.owner import SERVER_FILE, announce, find_owner, new_owner, withdraw
from workbench.remote.bench import RemoteWorkbench


def cli(capsys, home, *arguments):
    """Return (exit code, stdout, stderr) of one command on `home`."""
    code = 0
    try:
        main(["--home", str(home), *map(str, arguments)])
    except SystemExit as leaving:
        code = leaving.code or 0
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def closed(tmp_path):
    """A home that nobody has open."""
    with Workbench.open(tmp_path / "home") as bench:
        return bench.home


def test_only_its_owner_can_read_the_file_that_holds_the_token(closed):
    owner = new_owner("http://127.0.0.1:1")
    announce(closed, owner)
    assert stat.S_IMODE((closed / SERVER_FILE).stat().st_mode) == 0o600
    assert find_owner(closed) == owner
    assert owner.token not in repr(owner)
    assert not list(closed.glob(f".{SERVER_FILE}*"))


def test_an_app_withdraws_its_own_file_and_nobody_elses(closed):
    mine, other = new_owner("http://127.0.0.1:1"), new_owner("http://127.0.0.1:2")
    announce(closed, other)
    withdraw(closed, mine)
    assert find_owner(closed) == other
    withdraw(closed, other)
    assert not (closed / SERVER_FILE).exists()


def test_the_file_of_a_process_that_is_gone_is_removed_and_the_home_opened(closed, capsys):
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    announce(closed, replace(new_owner("http://127.0.0.1:1"), pid=child.pid))
    code, _, _ = cli(capsys, closed, "models", "list")
    assert code == 0
    assert not (closed / SERVER_FILE).exists()


def test_another_process_under_the_same_id_is_not_taken_for_the_app(closed, capsys):
    born = psutil.Process().create_time()
    announce(closed, replace(new_owner("http://127.0.0.1:1"), started=born - 100))
    assert cli(capsys, closed, "models", "list")[0] == 0
    assert not (closed / SERVER_FILE).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"address": 1, "pid": "x"}', "\x00"])
def test_a_file_that_says_nothing_is_removed(closed, content):
    (closed / SERVER_FILE).write_text(content, "utf-8")
    assert find_owner(closed) is None
    assert not (closed / SERVER_FILE).exists()


def test_an_app_of_another_version_is_one_sentence(closed, capsys):
    announce(closed, replace(new_owner("http://127.0.0.1:1"), version="9.9"))
    code, out, err = cli(capsys, closed, "models", "list")
    assert (code, out) == (NotReached.exit_code, "")
    assert err.count("\n") == 1
    assert "9.9" in err and str(os.getpid()) in err and "Traceback" not in err


def test_an_app_that_does_not_answer_is_one_sentence(closed, capsys):
    announce(closed, new_owner("http://127.0.0.1:1"))
    code, out, err = cli(capsys, closed, "models", "list")
    assert (code, out) == (NotReached.exit_code, "")
    assert err.count("\n") == 1
    assert "does not answer at http://127.0.0.1:1" in err


def test_a_wrong_token_is_one_sentence(bench, capsys):
    with served(bench) as owner:
        announce(bench.home, replace(owner, token="another"))
        code, out, err = cli(capsys, bench.home, "models", "list")
    assert (code, out) == (NotSignedIn.exit_code, "")
    assert err.count("\n") == 1
    assert "does not take the token" in err and "another" not in err


def test_what_is_no_workbench_is_one_sentence(closed, capsys):
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<h1>Hello</h1>")

        def log_message(self, *told):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        announce(closed, new_owner(f"http://127.0.0.1:{server.server_port}"))
        code, out, err = cli(capsys, closed, "models", "list")
        server.shutdown()
    assert (code, out) == (NotReached.exit_code, "")
    assert "is no workbench" in err and err.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_second_app_on_one_home_says_where_the_first_one_is(bench, capsys, command):
    with served(bench) as owner:
        code, out, err = cli(capsys, bench.home, command)
    assert (code, out) == (4, "")
    assert owner.address in err and err.count("\n") == 1


def test_a_verb_that_is_not_exposed_says_so(bench):
    with served(bench) as owner, RemoteWorkbench(bench.home, owner) as remote:
        assert remote.prompt_sets() == bench.prompt_sets()
        with pytest.raises(AttributeError, match="open_model"):
            remote.open_model("owl")


@pytest.fixture
def app(tmp_path):
    """A real app in a process of its own, listening."""
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "--home", str(home), "serve", "--port", "0"],
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 120
        while find_owner(home) is None:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        yield home, process
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_commands_go_through_a_real_app_and_open_the_home_after_its_end(app, capsys, end):
    home, process = app
    assert cli(capsys, home, "models", "add", "owl", "--kind", "recorded")[0] == 0
    listed = cli(capsys, home, "models", "list", "--format", "json")
    assert json.loads(listed[1])[0]["name"] == "owl"
    assert find_owner(home).pid == process.pid
    process.send_signal(end)
    process.wait(60)
    assert (home / SERVER_FILE).exists() is (end is signal.SIGKILL)
    assert cli(capsys, home, "models", "list", "--format", "json") == listed
    assert not (home / SERVER_FILE).exists()
