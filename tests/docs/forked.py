"""Each command of a page in a process of its own, without the seconds that Python takes to import what they share.

A server loads the modules once and forks for each command, which gets the shell's own streams, folder and environment.
Run as `python -m tests.docs.forked SOCKET`; `client.py` is what stands as `workbench` and `python` on the shell's path.
"""

import atexit
import json
import os
import runpy
import signal
import socket
import sys
from pathlib import Path

SHARED = (
    "duckdb",
    "numpy",
    "pyarrow.parquet",
    "rich.progress",
    "rich.table",
    "torch",
    "transformers",
    "judges.metrics.registry",
    "workbench.bench",
    "workbench.cli",
)


def main(address: str) -> None:
    """Serve until the process that started this one closes its end of stdin."""
    for name in SHARED:
        __import__(name)
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen(16)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(connection)
        connection.close()


def _answer(connection: socket.socket) -> None:
    """Run the one command that a client asks for, tell it the exit code, and end."""
    message, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    asked = json.loads(message)
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False, buffering=1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = _run(asked["program"], asked["arguments"])
    atexit._run_exitfuncs()
    sys.stdout.flush()
    connection.sendall(str(code).encode())
    connection.close()
    os._exit(code)


def _run(program: str, arguments: list[str]) -> int:
    import traceback

    sys.argv = [program, *arguments]
    try:
        if program == "workbench":
            from workbench.cli import main as workbench

            workbench(arguments)
        else:
            sys.argv = arguments
            sys.path[0] = str(Path(arguments[0]).resolve().parent)
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as leaving:
        code = leaving.code
        if isinstance(code, str):
            sys.stderr.write(code + "\n")
        return code if isinstance(code, int) else 0 if code is None else 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main(sys.argv[1])
