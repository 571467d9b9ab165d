"""A real server in a process of its own, a home whose model names are nonces, and Debian's Chromium.

Fixtures live as long as this package: Playwright keeps an event loop in the main thread, which asynchronous tests of
other packages must not meet.
"""

import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arena.types import Answer, ModelKind, ModelSpec, Prompt
from tests.browser import answers, walked
from tests.browser.judged import SLOW, furnish_answers, furnish_battles
from tests.browser.person import Person
from tests.support.scripted_endpoint import Reply, ScriptedEndpoint
from tests.support.scripted_judge import scripted_judge
from tests.support.tap import Tap
from workbench.bench import Workbench

NONCE = secrets.token_hex(6)
CHROMIUM = "/usr/bin/chromium"

QUESTIONS = (
    "Why is the sky blue?",
    "Write a haiku about rain.",
    "Explain recursion to a child.",
    "What is a good name for a boat?",
    "Sort these words: pear, apple, fig.",
)
JUDGED = ("Name a warm colour.", "Name a cold colour.", "Name a grey animal.")
"""Only asked where every vote goes to the same model, so that each gives a pair."""
LONG_ANSWER = "The light of the sun is scattered by air, and blue more than red.\n\n" * 12
HOSTILE = "Show me what you can do to this page."
HOSTILE_ANSWER = """<script>window.harmed = "script"</script>
<img src="https://elsewhere.invalid/pixel.png" onerror="window.harmed = 'onerror'">
![a cat](https://elsewhere.invalid/cat.png)
<div id="vote-a" style="position:fixed;inset:0;z-index:9999;background:red">cover</div>
<form action="/leaderboard.csv"><input name="q"><button id="next">Next</button></form>
<style>body { display: none }</style>

${window.harmed = "template"} {{constructor.constructor('window.harmed = 1')()}} `${window.harmed = 2}`

[click](javascript:window.harmed=3) <a href="javascript:window.harmed=4">here</a>

```html
<script>window.harmed = 5</script> ${window.harmed = 6}
```

"""
HOSTILE_ANSWER += "long" * 800


@dataclass(frozen=True)
class Server:
    """A running server with what its home holds."""

    port: int
    log: Path
    models: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    endpoint: ScriptedEndpoint | None = None
    home: Path | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=20) as response:
            return response.read()

    def ratings(self) -> dict[str, str]:
        """Return name to rating as the leaderboard's CSV has them."""
        return {row[2]: row[3] for row in self._rows()}

    def votes(self) -> int:
        """Return the number of standing votes of people."""
        return sum(int(row[6]) for row in self._rows()) // 2

    def _rows(self) -> list[list[str]]:
        lines = self.get("/leaderboard.csv?voters=human").decode().splitlines()[1:]
        return [line.split(",") for line in lines]


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose home has two recorded models, two live ones and one that says hostile things."""
    home = tmp_path_factory.mktemp("home")
    with ScriptedEndpoint() as endpoint:
        names = _furnish(home, endpoint.base_url)
        yield from _serve(home, endpoint=endpoint, **names)


@pytest.fixture(scope="package")
def served_empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose home holds nothing."""
    yield from _serve(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="package")
def served_judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose home has battles that people voted on, a judge's model, and recorded answers with references."""
    home = tmp_path_factory.mktemp("judged")
    with scripted_judge(after=lambda seen: 0.6 if seen.body.get("temperature") == SLOW else 0.05) as endpoint:
        with Workbench.open(home) as bench:
            furnish_battles(bench, endpoint)
            furnish_answers(bench)
        yield from _serve(home, endpoint=endpoint)


@pytest.fixture(scope="package")
def served_walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose home has something in every tab."""
    home = tmp_path_factory.mktemp("walked")
    with scripted_judge() as endpoint:
        walked.furnish(home, endpoint)
        yield from _serve(home, endpoint=endpoint)


@pytest.fixture(scope="package")
def served_answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose answers are hostile, long or in formulae, and which asks for two further criteria."""
    home = tmp_path_factory.mktemp("answers")
    answers.furnish(home)
    yield from _serve(home)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """The browser."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"browser tests need Chromium at {CHROMIUM}: `apt-get install chromium`")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test one more try where the browser waited in vain; what was there and was wrong fails at once."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TimeoutError"]))


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Person]]:
    """Open the page as somebody new, in a profile of their own; no script of the page may have failed at the end."""
    people: list[Person] = []

    def enter(server: Server | str, *, width: int = 1440, height: int = 900, **wishes: Any) -> Person:
        context = chromium.new_context(viewport={"width": width, "height": height}, **wishes)
        people.append(Person(context, server if isinstance(server, str) else server.url))
        return people[-1]

    yield enter
    for person in people:
        person.context.close()
    assert [error for person in people for error in person.errors] == []


@pytest.fixture(scope="package")
def room(chromium: Any) -> Iterator[Any]:
    """A profile that keeps its cache, so that its pages open faster."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def person(room: Any, served: Server) -> Iterator[Person]:
    """Somebody new on the furnished server."""
    room.clear_cookies()
    if served.endpoint is not None:
        served.endpoint.script(Reply())
    somebody = Person(room, served.url)
    yield somebody
    somebody.leave()
    assert somebody.errors == []


@pytest.fixture
def tap(served: Server) -> Iterator[Tap]:
    """The furnished server, with every byte it sends overheard."""
    with Tap(served.port) as tapped:
        yield tapped


def _furnish(home: Path, endpoint_url: str) -> dict[str, tuple[str, ...]]:
    models = (f"heron-{NONCE}", f"tern-{NONCE}")
    hostile = (f"crow-{NONCE}", f"magpie-{NONCE}<b>")
    live = (f"live-{NONCE}-one", f"live-{NONCE}-two")
    with Workbench.open(home) as bench:
        questions = [Prompt.from_text(text, category="everyday") for text in (*QUESTIONS, *JUDGED)]
        bench.store.prompts.add("questions", questions)
        bench.store.prompts.add("hostile", [Prompt.from_text(HOSTILE, category="code")])
        for name in (*models, *hostile):
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        for name in live:
            options = {"base_url": endpoint_url, "model": name, "retries": 0, "sets": ["none"]}
            bench.add_model(ModelSpec(name, ModelKind.ENDPOINT, options))
        for prompt in questions:
            for name, ending in zip(models, ("First.", "Second."), strict=True):
                answer = Answer(name, LONG_ANSWER + ending, finish_reason="recorded")
                bench.store.answers.add(prompt, [answer], recorded=True)
        for name in hostile:
            answer = Answer(name, HOSTILE_ANSWER, finish_reason="recorded")
            bench.store.answers.add(Prompt.from_text(HOSTILE), [answer], recorded=True)
    return {"models": models, "live": live}


def _serve(home: Path, **facts: object) -> Iterator[Server]:
    port = _free_port()
    log = home.parent / f"{home.name}.log"
    command = [sys.executable, "-c", "from workbench.cli import main; main()", "--home", str(home)]
    with log.open("wb") as out:
        process = subprocess.Popen([*command, "serve", "--port", str(port)], stdout=out, stderr=out)
    server = Server(port, log, home=home, **facts)  # type: ignore[arg-type]
    try:
        _wait_until_up(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")[-4000:]


def _wait_until_up(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}: {server.log.read_text()[-3000:]}")
        try:
            server.get("/")
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not answer within two minutes")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
