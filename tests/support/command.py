"""The command line as a stranger runs it: a process of its own."""

import os
import subprocess
import sys


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run `workbench` with these arguments; a traceback is a failure whatever the exit code."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    command = [sys.executable, "-m", "workbench", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done
