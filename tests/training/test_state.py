import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from training.files import append_line, read_json, read_lines, tail, write_json
from training.state import STOP, RunState, Status, process_alive, read_status, write_status


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def running(folder, pid, created):
    write_status(folder, Status(), state=RunState.RUNNING, pid=pid, process_created=created)


def test_a_run_with_a_living_process_is_running(tmp_path, sleeper):
    running(tmp_path, sleeper.pid, psutil.Process(sleeper.pid).create_time())
    assert read_status(tmp_path).state is RunState.RUNNING


def test_a_run_whose_process_died_is_interrupted_and_says_what_to_do(tmp_path, sleeper):
    running(tmp_path, sleeper.pid, psutil.Process(sleeper.pid).create_time())
    sleeper.send_signal(signal.SIGKILL)
    sleeper.wait()
    status = read_status(tmp_path)
    assert status.state is RunState.INTERRUPTED
    assert "resume it" in (status.message or "")


def test_a_dead_process_nobody_has_buried_is_not_alive(sleeper):
    created = psutil.Process(sleeper.pid).create_time()
    sleeper.kill()
    until = time.monotonic() + 10
    while psutil.Process(sleeper.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
        time.sleep(0.01)
    assert not process_alive(sleeper.pid, created)


def test_another_process_with_the_same_id_is_not_the_run_s(tmp_path, sleeper):
    running(tmp_path, sleeper.pid, psutil.Process(sleeper.pid).create_time() - 3600)
    assert read_status(tmp_path).state is RunState.INTERRUPTED


def test_a_running_run_asked_to_stop_is_stopping(tmp_path):
    running(tmp_path, os.getpid(), psutil.Process().create_time())
    (tmp_path / STOP).touch()
    assert read_status(tmp_path).state is RunState.STOPPING


def test_a_run_that_ended_keeps_its_state_whatever_its_process_id_is_now(tmp_path):
    write_status(tmp_path, Status(), state=RunState.FINISHED, pid=os.getpid(), process_created=0.0)
    assert read_status(tmp_path).state is RunState.FINISHED


def test_seconds_left_follow_this_process_s_pace():
    status = Status(step=30, first_step=10, total=50, seconds=10.0)
    assert status.seconds_left == 10.0
    assert Status(step=10, first_step=10, total=50, seconds=3.0).seconds_left is None


def test_a_line_still_being_written_is_not_read(tmp_path):
    append_line(tmp_path / "m", {"step": 1})
    with (tmp_path / "m").open("a") as file:
        file.write('{"step": 2, "lo')
    assert read_lines(tmp_path / "m") == [{"step": 1}]


def test_a_number_that_is_none_is_never_stored(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "r.json", {"loss": float("nan")})
    assert read_json(tmp_path / "r.json") is None


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_tail_of_a_log_is_its_last_lines(tmp_path, count):
    lines = [f"line {i} " + "x" * (i % 700) for i in range(200)]
    (tmp_path / "log").write_text("\n".join(lines) + "\n")
    assert tail(tmp_path / "log", count)[-1] == lines[-1]
    assert lines[-3:][-count:] == tail(tmp_path / "log", min(count, 3))
