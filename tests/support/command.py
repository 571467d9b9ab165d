"""The command line as a stranger runs it: a process of its own."""

import os
import subprocess
import sys


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run `workbench` with these arguments; a traceback is a failure whatever the exit code.

    It takes the threads it would take for a stranger, one where several processes of tests share the cores.
    """
    shared = "PYTEST_XDIST_WORKER" in os.environ
    environment = {key: value for key, value in os.environ.items() if shared or key != "OMP_NUM_THREADS"}
    command = [sys.executable, "-m", "workbench", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done
