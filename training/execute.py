"""What a run's process does: check, load, train, measure, save, and say truthfully how it ended.

Everything a person needs is in `state.json` as one sentence; tracebacks go to the log only.
"""

import logging
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from arena.errors import Conflict, InvalidInput, RunFailed, WorkbenchError
from training.checks import check_inputs
from training.files import write_json
from training.run import LOG, RESULT, Run
from training.state import STOP, RunState, Status, locked, read_status, read_stored, write_status

LOG_FORMAT = "%(asctime)s %(message)s"
LOG_TIME = "%Y-%m-%d %H:%M:%S"

log = logging.getLogger("training")


@dataclass
class StopRequest:
    """Whether this process was asked to end: by the run's stop file, by SIGTERM or by Ctrl-C."""

    folder: Path
    signalled: bool = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGTERM and Ctrl-C as requests for the moment."""
        before = {number: signal.signal(number, self._note) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def __call__(self) -> bool:
        """Return whether a request has come."""
        return self.signalled or (self.folder / STOP).exists()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signalled = True


def execute(folder: Path) -> int:
    """Carry out the run in `folder` from where it stands; return the exit code.

    Returns:
        0 when it finished or was stopped, the error's `exit_code` when it failed.
    """
    run = Run(folder)
    try:
        _ = run.config
        _claim(run)
    except WorkbenchError as error:
        log.error("%s", error)
        return error.exit_code
    with _logging_to(run.folder / LOG):
        return _carry_out(run)


def _carry_out(run: Run) -> int:
    stop = StopRequest(run.folder)
    try:
        with stop.listening():
            state = _train(run, stop)
    except WorkbenchError as error:
        log.exception("The run failed.")
        return _failed(run, str(error), error.exit_code)
    except Exception as error:
        log.exception("The run failed.")
        return _failed(run, _sentence(run, error), RunFailed.exit_code)
    (run.folder / STOP).unlink(missing_ok=True)
    status = read_stored(run.folder)
    message = None
    if state is RunState.STOPPED:
        message = f"Stopped after step {status.step}" + (f" of {status.total}." if status.total else ".")
    write_status(run.folder, status, state=state, stage="", message=message)
    log.info("The run is %s.", state)
    return 0


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(LOG_FORMAT, LOG_TIME))
    log.addHandler(handler)
    level = log.level
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        handler.close()


def _claim(run: Run) -> None:
    """Take the run for this process.

    Raises:
        Conflict: another living process has it, or it has finished.
    """
    with locked(run.folder):
        status = read_status(run.folder)
        if status.state.active and status.pid != os.getpid():
            raise Conflict(f"Run {run.name} is at work already, in process {status.pid}.")
        if status.state is RunState.FINISHED:
            raise Conflict(f"Run {run.name} has finished.")
        write_status(
            run.folder,
            read_stored(run.folder),
            state=RunState.RUNNING,
            pid=os.getpid(),
            process_created=psutil.Process().create_time(),
            stage="checking its inputs",
            message=None,
            first_step=0,
            seconds=0.0,
        )


def _train(run: Run, stop: StopRequest) -> RunState:
    began = time.monotonic()
    facts = check_inputs(run)
    known = run.dataset.get("sha256")
    if known is not None and known != facts.sha256:
        raise InvalidInput(
            f"The export {run.data_path.name} changed since run {run.name} was made: make a new run for the new data."
        )
    _stage(run, "loading libraries")
    from training.callbacks import Checkpointer, Recorder, newest_checkpoint, step_of
    from training.session import Session

    if stop():
        return RunState.STOPPED
    _stage(run, "loading the model and the data")
    session = Session.prepare(run)
    if stop():
        return RunState.STOPPED
    checkpoint = newest_checkpoint(run.folder)
    first_step = step_of(checkpoint) if checkpoint else 0
    recorder = Recorder(run.folder, session.steps, session.evaluate, first_step)
    checkpointer = Checkpointer(run.folder, stop)
    session.train([recorder, checkpointer], checkpoint)
    if checkpointer.stopped:
        return RunState.STOPPED
    _stage(run, "saving the adapter")
    result = session.result(facts.sha256, recorder.seconds, time.monotonic() - began)
    _publish(run, session, result)
    return RunState.FINISHED


def _publish(run: Run, session: Any, result: dict[str, Any]) -> None:
    """Write adapter, card and result; the adapter appears whole or not at all."""
    from training.card import write_card

    part = run.folder / ".adapter"
    shutil.rmtree(part, ignore_errors=True)
    session.save_adapter(part)
    write_card(run, result, [run.folder / "README.md", part / "README.md"])
    shutil.rmtree(run.adapter_path, ignore_errors=True)
    part.rename(run.adapter_path)
    write_json(run.folder / RESULT, result)


def _stage(run: Run, stage: str) -> Status:
    log.info("%s", stage)
    return write_status(run.folder, read_stored(run.folder), stage=stage)


def _failed(run: Run, message: str, exit_code: int) -> int:
    (run.folder / STOP).unlink(missing_ok=True)
    write_status(run.folder, read_stored(run.folder), state=RunState.FAILED, stage="", message=message)
    return exit_code


def _sentence(run: Run, error: Exception) -> str:
    if type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError):
        return f"Run {run.name} ran out of memory: lower micro_batch_size or max_length, or load the base in 4 bits."
    first = (str(error).splitlines() or [""])[0].strip()[:300]
    return f"Run {run.name} failed with {type(error).__name__}: {first or 'no message'} (its log.txt says where)."
