"""Long work that a command starts in the app: followed, stopped by Ctrl-C, left behind, and taken up again."""

import json
import os
import signal
import threading
import time

import pytest

from arena.errors import InvalidInput, NotFound
from arena.jobs import JobState
from arena.types import ModelKind, ModelSpec, Prompt
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint
from tests.support.served import served
from workbench.cli import main
from workbench.jobs.specs import AnswerJob, ExportJob, ImportJob
from workbench.remote.bench import RemoteWorkbench

PROMPTS = 40


@pytest.fixture
def slow(home):
    """A served home with a model that takes a moment for each of forty prompts, and the verbs over HTTP."""
    home.store.prompts.add("many", [Prompt.from_text(f"Question {n}?") for n in range(PROMPTS)])
    with ScriptedEndpoint(Reply(after=0.1)) as endpoint:
        options = {"base_url": endpoint.base_url, "model": "scripted"}
        home.add_model(ModelSpec("slow", ModelKind.ENDPOINT, options))
        with served(home) as owner, RemoteWorkbench(home.home, owner) as remote:
            yield home, remote


def cli(capsys, home, *arguments):
    """Return (exit code, stdout, stderr) of one command on `home`."""
    code = 0
    try:
        main(["--home", str(home.home), *arguments])
    except SystemExit as leaving:
        code = leaving.code or 0
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def once_begun(home, act):
    """Do something as soon as a job has done a part of its work."""

    def wait():
        while not (jobs := home.list_jobs(active=True)) or not jobs[0].progress.done:
            time.sleep(0.01)
        act()

    threading.Thread(target=wait, daemon=True).start()


def test_a_job_over_http_is_the_job_that_the_app_has(slow):
    home, remote = slow
    job = remote.start_job(AnswerJob(models=("slow",), prompts=("many",)), by="somebody else")
    assert not job.wait(0.0)
    assert job.wait(30)
    assert job.result().answers == PROMPTS
    assert job.view() == home.job(job.id)
    assert job.view().started_by != "somebody else"


def test_the_first_interrupt_of_a_command_stops_the_job_of_the_app(slow, capsys):
    home, _ = slow
    once_begun(home, lambda: os.kill(os.getpid(), signal.SIGINT))
    code, _, err = cli(capsys, home, "answer", "--models", "slow", "--prompts", "many", "--in-flight", "1")
    assert code == 130
    assert "Stopping" in err
    stopped = home.list_jobs("answer")[0]
    assert stopped.state is JobState.STOPPED
    assert 0 < stopped.progress.done < PROMPTS
    code, out, _ = cli(capsys, home, "jobs", "resume", stopped.id, "--format", "json")
    assert code == 0
    assert json.loads(out)["state"] == "done"
    assert len(home.store.answers.prompts_answered_by("slow")) == PROMPTS


def test_a_job_goes_on_after_its_command_and_is_followed_by_another(slow, capsys):
    home, _ = slow
    code, out, _ = cli(capsys, home, "answer", "--models", "slow", "--prompts", "many", "--detach")
    assert code == 0
    job_id = out.strip()
    assert home.job(job_id).state.active
    code, out, _ = cli(capsys, home, "jobs", "follow", job_id, "--format", "json")
    assert code == 0
    assert json.loads(out)["result"]["answers"] == PROMPTS


def test_a_cancelled_job_ends_where_it_stands(slow):
    home, remote = slow
    job = remote.start_job(AnswerJob(models=("slow",), prompts=("many",), slots=1))
    while not job.view().progress.done:
        time.sleep(0.01)
    job.cancel()
    assert job.wait(20)
    assert job.view().state is JobState.STOPPED
    assert len(home.store.answers.prompts_answered_by("slow")) < PROMPTS


def test_the_error_of_a_job_is_raised_as_what_it_was(slow):
    _, remote = slow
    with pytest.raises(NotFound, match="nobody"):
        remote.start_job(AnswerJob(models=("nobody",), prompts=("many",)))
    job = remote.start_job(ExportJob(name="empty"))
    assert job.wait(20)
    with pytest.raises(InvalidInput):
        job.result()


def test_a_file_is_found_from_where_the_command_stands(slow, tmp_path, monkeypatch):
    _, remote = slow
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "votes.csv").write_text("model_a,model_b,winner\nant,bee,tie\n", "utf-8")
    monkeypatch.chdir(tmp_path / "here")
    job = remote.start_job(ImportJob(file="votes.csv", what="votes"))
    monkeypatch.chdir(tmp_path)
    assert job.wait(20)
    assert job.result().votes_added == 1
    assert remote.list_jobs("import")[0].id == job.id


def test_jobs_are_listed_from_one_on(slow):
    _, remote = slow
    ids = []
    for number in range(5):
        job = remote.start_job(ExportJob(name=f"empty-{number}"))
        job.wait(20)
        ids.append(job.id)
    assert [view.id for view in remote.list_jobs(limit=2)] == ids[:2:-1]
    assert [view.id for view in remote.list_jobs(before=ids[3])] == ids[2::-1]
    remote.remove_job(ids[0])
    with pytest.raises(NotFound):
        remote.job(ids[0])
