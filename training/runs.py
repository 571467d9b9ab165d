"""Runs as a whole: made, listed, started, stopped and resumed, from any process.

A run works in a process of its own and session of its own, so it outlives whoever started it. It is asked to stop by
a file in its folder; it then saves a checkpoint after the step at hand. `resume` starts a new process on the same
folder, which goes on from the newest whole checkpoint with the pairs in the same order.
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import psutil

from arena.errors import Conflict, InvalidInput, NotFound
from training.checks import check_base, check_inputs, longest_context
from training.config import RunConfig
from training.files import write_json
from training.run import CONFIG, DATASET, LOG, Run
from training.state import STOP, RunState, Status, locked, now, read_stored, write_status

__all__ = ["Run", "create_run", "list_runs", "open_run", "resume", "start", "stop", "wait"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def create_run(runs_folder: Path, config: RunConfig) -> Run:
    """Make the folder of a new run; nothing is started.

    Paths in `config` are taken from the working directory; those inside the home (the parent of `runs_folder`) are
    stored relative to the run, so that a copy of the home works.

    Raises:
        InvalidInput: the name, the base, the adapter or the data cannot be used.
        Conflict: a run of that name exists.
    """
    if not _NAME.fullmatch(config.name):
        raise InvalidInput(
            f"A run cannot be named {config.name!r}: use up to 64 letters, digits, dots, dashes and underscores, "
            "beginning with a letter or digit."
        )
    folder = runs_folder.absolute() / config.name
    if folder.exists():
        raise Conflict(f"A run named {config.name} exists already: choose another name.")
    part = folder.with_name(f".{config.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        part.mkdir(parents=True)
        write_json(part / CONFIG, _portable(config, folder).as_dict())
        facts = check_inputs(Run(part))
        write_json(part / CONFIG, _within_context(Run(part)).as_dict())
        write_json(part / DATASET, asdict(facts))
        write_status(part, Status(created_at=now()))
        part.rename(folder)
    except OSError as error:
        if folder.exists():
            raise Conflict(f"A run named {config.name} exists already: choose another name.") from error
        raise InvalidInput(
            f"The run {config.name} cannot be written to {folder}: {error.strerror}."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Run(folder)


def open_run(runs_folder: Path, name: str) -> Run:
    """Return the run of that name.

    Raises:
        NotFound: there is none; the message names the nearest.
    """
    names = [run.name for run in list_runs(runs_folder)]
    if name in names:
        return Run(runs_folder / name)
    near = difflib.get_close_matches(name, names, n=3) or names[:5]
    known = f"nearest: {', '.join(near)}" if near else "there are no runs yet"
    raise NotFound(f"There is no run named {name}; {known}.")


def list_runs(runs_folder: Path) -> list[Run]:
    """Return all runs, the newest first."""
    if not runs_folder.is_dir():
        return []
    folders = [f for f in runs_folder.iterdir() if not f.name.startswith(".") and (f / CONFIG).is_file()]
    return [Run(f) for f in sorted(folders, key=lambda f: (read_stored(f).created_at, f.name), reverse=True)]


def start(run: Run) -> Run:
    """Start a new run in a process of its own and return at once.

    Raises:
        Conflict: it was started before.
    """
    state = run.state
    if state is not RunState.CREATED:
        hint = ": resume it instead" if state.resumable else ""
        raise Conflict(f"Run {run.name} is {state} and cannot be started{hint}.")
    return _spawn(run, (RunState.CREATED,))


def resume(run: Run) -> Run:
    """Go on with a run that was stopped, interrupted or failed, from its newest checkpoint, and return at once.

    Raises:
        Conflict: it is at work, or has finished.
    """
    state = run.state
    if not state.resumable:
        raise Conflict(f"Run {run.name} is {state} and cannot be resumed.")
    return _spawn(run, tuple(s for s in RunState if s.resumable))


def stop(run: Run) -> Run:
    """Ask a run to save a checkpoint after its present step and end; returns at once.

    Raises:
        Conflict: it is not at work.
    """
    state = run.state
    if not state.active:
        raise Conflict(f"Run {run.name} is {state}: there is nothing to stop.")
    (run.folder / STOP).touch()
    return run


def wait(run: Run, timeout: float | None = None, poll: float = 0.2) -> RunState:
    """Return the run's state once no process works on it any more, or after `timeout` seconds as it then is."""
    end = None if timeout is None else time.monotonic() + timeout
    while (state := run.state).active and (end is None or time.monotonic() < end):
        time.sleep(poll)
    return state


def _spawn(run: Run, allowed: tuple[RunState, ...]) -> Run:
    with locked(run.folder):
        state = run.state
        if state not in allowed:
            raise Conflict(f"Run {run.name} is {state}: another process was faster.")
        (run.folder / STOP).unlink(missing_ok=True)
        with (run.folder / LOG).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "training", str(run.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_environment(),
            )
        write_status(
            run.folder,
            read_stored(run.folder),
            state=RunState.RUNNING,
            pid=process.pid,
            process_created=psutil.Process(process.pid).create_time(),
            stage="starting",
            message=None,
        )
    threading.Thread(target=process.wait, daemon=True, name=f"reaper of run {run.name}").start()
    return run


def _within_context(run: Run) -> RunConfig:
    longest = longest_context(check_base(run.base_path))
    return replace(run.config, max_length=min(run.config.max_length, longest or run.config.max_length))


def _environment() -> dict[str, str]:
    """Return our environment with our own packages importable, installed or not."""
    source = str(Path(__file__).resolve().parent.parent)
    paths = [source, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def _portable(config: RunConfig, folder: Path) -> RunConfig:
    """Return the config with paths inside the home relative to the run's folder, all others absolute."""
    home = folder.parent.parent

    def portable(value: str) -> str:
        path = Path(value).expanduser().absolute()
        path = Path(os.path.normpath(path))
        return os.path.relpath(path, folder) if path.is_relative_to(home) else str(path)

    hub_id = not Path(config.base).expanduser().exists() and re.fullmatch(r"[\w.-]+/[\w.-]+", config.base)
    return replace(
        config,
        base=config.base if hub_id else portable(config.base),
        data=portable(config.data),
        adapter=portable(config.adapter) if config.adapter else None,
    )
