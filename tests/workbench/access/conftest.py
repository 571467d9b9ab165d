import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from starlette.testclient import TestClient

from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Voter
from tests.support.raw_page import add_users, sign_in
from workbench.access.roles import Role
from workbench.access.users import Users
from workbench.app import create_app
from workbench.bench import Workbench

NONCES = ("model-4c1f9e", "model-b07d52")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[Workbench]:
    """A home in which three people sign in and nobody else comes in, with two recorded models."""
    home = tmp_path_factory.mktemp("guarded")
    (home / "workbench.toml").write_text('[access]\nanonymous = "none"\n[limits]\nsign_in_per_minute = 0\n')
    add_users(Users(home), ana=Role.VOTER, bea=Role.VOTER, lise=Role.ANALYST, root=Role.ADMIN)
    with Workbench.open(home, seed=0) as bench:
        prompts = [Prompt.from_text(f"Tell me about topic {n}.") for n in range(12)]
        bench.store.prompts.add("topics", prompts)
        for name in NONCES:
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
            for prompt in prompts:
                bench.store.answers.add(
                    prompt, [Answer(name, "So it is.", finish_reason="recorded")], recorded=True
                )
        yield bench


@pytest.fixture(scope="module")
def served(guarded: Workbench) -> Iterator[Callable[[], httpx.Client]]:
    """Return what makes a new browser at that home's app."""
    with ExitStack() as stack:
        app = create_app(guarded)
        stack.enter_context(TestClient(app, base_url="http://localhost"))
        yield lambda: TestClient(
            app, base_url="http://localhost", raise_server_exceptions=False, follow_redirects=False
        )


@pytest.fixture
def browser(served) -> Callable[[str | None], httpx.Client]:
    """Return what makes a browser in which somebody has signed in, or nobody."""

    def make(name: str | None = None) -> httpx.Client:
        client = served()
        if name is not None:
            assert sign_in(client, name).status_code == 303
        return client

    return make


@pytest.fixture
def fight(guarded: Workbench) -> Callable[[Voter], Battle]:
    """Return what lets a voter's battle be fought to its end."""

    async def fought(voter: Voter) -> Battle:
        prompt = guarded.surprise(None, voter)
        battle = None
        async for frame in guarded.start_battle(voter, prompt).frames:
            battle = frame.battle
        assert battle is not None
        return battle

    return lambda voter: asyncio.run(fought(voter))
