import asyncio
import itertools

import httpx
import pytest

from arena.types import Answer, ModelKind, ModelSpec, Prompt
from tests.workbench.conftest import ANSWERS
from workbench.access.access import Access
from workbench.access.door import Door
from workbench.access.roles import Role
from workbench.access.tokens import TokenHolders
from workbench.api.app import PREFIX, ApiWay, create_api
from workbench.api.faults import refuse
from workbench.bench import Workbench


class Caller:
    """Sends requests to the API of a home behind its door, with tokens of each role that are new to it."""

    def __init__(self, bench, app, number):
        self.bench = bench
        self._app = app
        self.names = {who: f"{who}-{number}" for who in ("voter", "other", "analyst", "admin")}
        self.tokens = {"owner": "owner-token"}
        for who, name in self.names.items():
            role = Role.VOTER if who == "other" else Role(who)
            self.tokens[who] = bench.add_token(name, role=role).token

    def __call__(self, method, path, *, by="admin", headers=None, **given):
        """Return the answer to one request; `by` is nobody where it is `None`."""

        async def one():
            sent = {} if by is None else {"authorization": f"Bearer {self.tokens.get(by, by)}"}
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(
                    method, PREFIX + path, headers={**sent, **(headers or {})}, **given
                )

        return asyncio.run(one())


@pytest.fixture(scope="module")
def served_home(tmp_path_factory):
    """A home with three recorded models that answered six prompts, and its API, shared by the tests of a module."""
    with Workbench.open(tmp_path_factory.mktemp("api") / "home", seed=0) as bench:
        prompts = [Prompt.from_text(f"Tell me about topic {n}.", category="topics") for n in range(6)]
        bench.store.prompts.add("topics", prompts)
        for name, text in ANSWERS.items():
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
            for number, prompt in enumerate(prompts):
                answer = Answer(name, text.format(topic=number), finish_reason="recorded")
                bench.store.answers.add(prompt, [answer], recorded=True)
        closed = bench.settings.access.model_copy(update={"anonymous": "none"})
        settings = bench.settings.model_copy(update={"access": closed})
        tokens = TokenHolders(bench.store.tokens)
        access = Access(bench.home, settings, tokens=tokens, owner_token="owner-token", owner_name="owner")
        yield bench, Door(ApiWay(None, create_api(bench, access)), access, refuse), itertools.count(1)


@pytest.fixture
def call(served_home):
    """Send requests to the API, as people it has not seen before."""
    bench, app, numbers = served_home
    return Caller(bench, app, next(numbers))
