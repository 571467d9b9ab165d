"""Where a page is played: a folder with a home, a shell that keeps its variables, stand-ins for a reader's own things.

What a page calls by a name that only its reader can fill (a server of models, a folder of weights, the address of the
app) stands for something real here; nothing else of a command is changed.
"""

import json
import os
import select
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.docs.page import ROOT, commands

SECONDS = 240
"""The longest that one command may take."""


@dataclass(frozen=True)
class Done:
    """One command that was run."""

    command: str
    line: int
    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return (
            f"line {self.line}: $ {self.command}\nexit code {self.code}\n{self.out[-3000:]}{self.err[-3000:]}"
        )


@dataclass
class Stage:
    """One page's folder and shell; `standins` are replaced in commands, files and expected outputs."""

    folder: Path
    programs: Path
    standins: dict[str, str]
    port: int
    _shell: "subprocess.Popen[str] | None" = None
    _codes: int = -1
    _server: psutil.Process | None = None
    _count: int = 0
    said: list[str] = field(default_factory=list)
    """What servers of this page wrote."""

    @property
    def home(self) -> Path:
        return self.folder / "workbench-data"

    def fill(self, text: str) -> str:
        """Return `text` with what the reader's own things stand for here."""
        for name, standin in self.standins.items():
            text = text.replace(name, standin)
        return text

    def save(self, name: str, text: str) -> None:
        """Save a file as a reader would, in the page's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.fill(text), "utf-8")

    def play(self, script: str, line: int) -> list[Done]:
        """Run each command of a block in order."""
        return [self._one(command, begun) for begun, command in commands(script, line)]

    def run_python(self, program: str, line: int) -> Done:
        """Run a program of a page."""
        self.save(f"line-{line}.py", program)
        return self._one(f"python line-{line}.py", line)

    def close(self) -> None:
        """Stop the page's server and its shell."""
        self._stop_server()
        if self._shell is not None:
            self._shell.terminate()
            self._shell.wait()
            os.close(self._codes)

    def _one(self, command: str, line: int) -> Done:
        first = command.split()[0]
        if first == "make":
            return self._resolve(command, line)
        if _serves(command):
            return self._serve(command, line)
        return self._in_shell(command, line)

    def _in_shell(self, command: str, line: int) -> Done:
        shell = self._shell or self._open_shell()
        self._count += 1
        out, err = (self.folder / f".{self._count}.{name}" for name in ("out", "err"))
        assert shell.stdin is not None
        shell.stdin.write(f"{{\n{self.fill(command)}\n}} >{out} 2>{err} </dev/null\nprintf '%s\\n' $? >&9\n")
        shell.stdin.flush()
        code = self._code(command, line)
        return Done(command, line, code, out.read_text("utf-8", "replace"), err.read_text("utf-8", "replace"))

    def _code(self, command: str, line: int) -> int:
        ready, _, _ = select.select([self._codes], [], [], SECONDS)
        assert ready, f"line {line}: `{command}` took longer than {SECONDS} s"
        said = os.read(self._codes, 16)
        assert said, f"line {line}: `{command}` ended the shell"
        return int(said)

    def _open_shell(self) -> "subprocess.Popen[str]":
        self._codes, writing = os.pipe()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
        environment = {**kept, "PATH": f"{self.programs}:{kept['PATH']}", "PYTHONPATH": str(ROOT)}
        os.set_inheritable(writing, True)
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", f"exec 9>&{writing}; exec bash --noprofile --norc"],
            stdin=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=environment,
            pass_fds=(writing,),
        )
        os.close(writing)
        return self._shell

    def _resolve(self, command: str, line: int) -> Done:
        """Let make say what it would do; the first `make` of a clone loads packages, and `make test` runs this test."""
        made = subprocess.run(
            ["make", "-n", *shlex.split(command, comments=True)[1:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(command, line, made.returncode, made.stdout, made.stderr)

    def _serve(self, command: str, line: int) -> Done:
        """Start the app and wait until it answers; it stays until the page starts it anew or ends."""
        self._stop_server()
        words = shlex.split(self.fill(command), comments=True)
        if "--port" not in words:
            words += ["--port", str(self.port)]
        words = [str(self.port) if word == "7860" else word for word in words]
        log = self.folder / f".server-{line}.log"
        self._server = psutil.Process(self._in_background(words[1:], log, line))
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if _ended(self._server):
                return Done(command, line, self._exit_code(), "", log.read_text("utf-8"))
            if _answers(words, self.port):
                return Done(command, line, 0, "", log.read_text("utf-8"))
            time.sleep(0.1)
        raise AssertionError(f"line {line}: `{command}` did not answer:\n{log.read_text('utf-8')}")

    def _in_background(self, words: list[str], log: Path, line: int) -> int:
        """Start the app from the page's shell, with the variables that were exported there; return its process id."""
        shell = self._shell or self._open_shell()
        assert shell.stdin is not None
        command = shlex.join([sys.executable, "-m", "workbench", *words])
        shell.stdin.write(f"{command} >{log} 2>&1 </dev/null 9>&- &\nprintf '%s\\n' $! >&9\n")
        shell.stdin.flush()
        return self._code(command, line)

    def _exit_code(self) -> int:
        """Return the exit code of the server that has just ended."""
        shell = self._shell
        assert shell is not None and shell.stdin is not None
        shell.stdin.write("wait $!\nprintf '%s\\n' $? >&9\n")
        shell.stdin.flush()
        self._server = None
        return self._code("workbench serve", 0)

    def _stop_server(self) -> None:
        if self._server is not None:
            with suppress(psutil.NoSuchProcess):
                self._server.terminate()
                self._server.wait(60)
            self._server = None


def _ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _serves(command: str) -> bool:
    words = shlex.split(command, comments=True)
    verbs = [word for word in words if word in ("serve", "demo")]
    return words[0] == "workbench" and bool(verbs) and "--headless" not in words and "&" not in words


def _answers(words: list[str], port: int) -> bool:
    at = words[words.index("--port") + 1] if "--port" in words else str(port)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{at}/", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def shims(folder: Path, address: Path) -> Path:
    """Write `workbench` and `python` as programs that ask the server at `address`; return their folder."""
    folder.mkdir()
    client = Path(__file__).with_name("client.py")
    for name in ("workbench", "python"):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E {client} {address} {name} "$@"\n')
        program.chmod(0o755)
    return folder


def parsed_json(text: str) -> object:
    """Return the value of a JSON block."""
    return json.loads(text)
