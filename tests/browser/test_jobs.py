"""The jobs tab in a browser: what was interrupted goes on, what works can be stopped, and what has ended is told."""

from collections.abc import Callable, Iterator

import pytest

from arena.types import ModelKind, ModelSpec, Prompt
from tests.browser.conftest import Server, _serve
from tests.browser.judged import HARMFUL
from tests.browser.person import Person
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint
from workbench.bench import Workbench
from workbench.jobs import JobState
from workbench.jobs.specs import AnswerJob, ImportJob

pytestmark = pytest.mark.browser

PROMPTS = 40


@pytest.fixture(scope="module")
def served_jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose home has a job that was interrupted, one that failed and one that is done."""
    folder = tmp_path_factory.mktemp("jobs")
    home = folder / "home"
    votes = folder / f"{HARMFUL.split('=')[0]}.csv"
    with ScriptedEndpoint(Reply(pieces=("yes",), after=0.25)) as endpoint:
        with Workbench.open(home) as bench:
            options = {"base_url": endpoint.base_url, "model": "m", "retries": 0}
            bench.add_model(ModelSpec("ann", ModelKind.ENDPOINT, options))
            bench.store.prompts.add("birds", [Prompt.from_text(f"Bird {n}?") for n in range(PROMPTS)])
            votes.write_text("model_a,model_b,winner\nann,bob,nobody", "utf-8")
            assert bench.start_job(ImportJob(file=str(votes), what="votes")).wait(30)
            votes.write_text("model_a,model_b,winner\nann,bob,model_a", "utf-8")
            assert bench.start_job(ImportJob(file=str(votes), what="votes"), by="ann").wait(30)
            job = bench.start_job(AnswerJob(models=("ann",), prompts=("birds",), slots=2))
            while job.view().progress.done < 4:
                assert not job.wait(0.02)
        assert job.state is JobState.INTERRUPTED
        yield from _serve(home, endpoint=endpoint)


@pytest.fixture
def jobs(visit: Callable[..., Person], served_jobs: Server) -> Person:
    person = visit(served_jobs)
    person.tab("Jobs")
    person.page.locator("#jobs-ended li").first.wait_for()
    return person


def ended(person: Person, title: str):
    return person.page.locator("#jobs-ended li", has_text=title)


def test_an_interrupted_job_goes_on_is_stopped_and_ends(jobs: Person, served_jobs: Server) -> None:
    page = jobs.page
    job = ended(jobs, "Answers of ann to birds")
    assert job.locator(".state").inner_text() == "interrupted"
    job.get_by_role("button", name="Resume").click()
    working = page.locator("#jobs-working .job")
    working.locator(".job-facts", has_text="known before").wait_for()
    working.get_by_role("button", name="Stop").click()
    job.locator(".state", has_text="stopped").wait_for()
    assert "begun 2 times" in job.inner_text()
    job.locator("summary", has_text="Log").click()
    assert "Resumed by " in job.locator("pre").inner_text()
    job.get_by_role("button", name="Resume").click()
    job.locator(".state", has_text="done").wait_for()
    assert job.get_by_role("button", name="Resume").count() == 0
    page.locator("#jobs-working .job").wait_for(state="detached")
    texts = [seen.body["messages"][-1]["content"] for seen in served_jobs.endpoint.requests]
    assert sorted(texts) == sorted(f"Bird {n}?" for n in range(PROMPTS))


def test_what_came_of_a_job_and_what_was_asked_is_told_without_harm(jobs: Person) -> None:
    page = jobs.page
    failed = page.locator("#jobs-ended li", has=page.locator(".state", has_text="failed"))
    assert "nobody" in failed.locator("p.bad").inner_text()
    done = ended(jobs, "by ann")
    assert "1 row, added 1 vote" in done.inner_text()
    done.locator("summary", has_text="Asked for").click()
    said = done.locator("table.asked").inner_text()
    assert "votes" in said and "/" not in said, "the folder of a file is nobody's business"
    assert page.evaluate("window.harmed") is None
    assert page.locator("#jobs-ended img").count() == 0


def test_the_list_is_narrowed_and_jobs_are_forgotten(jobs: Person) -> None:
    page = jobs.page
    page.get_by_label("Only what can go on").check()
    page.locator("#jobs-ended li", has=page.locator(".state", has_text="done")).first.wait_for(
        state="detached"
    )
    page.get_by_label("Only what can go on").uncheck()
    page.get_by_label("Kind").click()
    page.get_by_role("option", name="Imports").click()
    ended(jobs, "Answers of").wait_for(state="detached")
    assert page.locator("#jobs-ended li").count() == 2
    page.locator("#jobs-ended li").last.get_by_role("button", name="Remove").click()
    page.locator("#jobs-ended li").nth(1).wait_for(state="detached")
    page.get_by_label("Kind").click()
    page.get_by_role("option", name="Training").click()
    page.locator("#jobs-ended", has_text="No job of this kind").wait_for()


def test_an_empty_home_says_what_jobs_are(visit: Callable[..., Person], served_empty: Server) -> None:
    person = visit(served_empty)
    person.tab("Jobs")
    person.page.locator("#jobs-empty h2", has_text="No jobs yet").wait_for()
    person.page.locator("#jobs-empty button", has_text="Open Judges").click()
    person.page.locator("#run-judge-form").wait_for()
