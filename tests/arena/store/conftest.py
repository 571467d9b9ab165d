"""A real store in a temporary folder, and what the tests of it need most."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from arena.store import Store
from arena.types import Answer, Battle, ModelKind, ModelSpec, Prompt, Turn, Voter, VoterKind

ANNA = Voter(VoterKind.HUMAN, "anna")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "workbench.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def make_battle(
    prompt: Prompt | str = "What is a lighthouse?",
    model_a: str = "ada",
    model_b: str = "bob",
    *,
    error: str | None = None,
    started_by: Voter | None = None,
) -> Battle:
    """A finished battle of one turn, or one whose second answer failed with `error`."""
    prompt = Prompt.from_text(prompt) if isinstance(prompt, str) else prompt
    answers = (
        Answer(model_a, f"{model_a} says A", "stop", 3, 0.5, {"temperature": 0.8}),
        Answer(model_b, "" if error else f"{model_b} says B", None if error else "stop", error=error),
    )
    return Battle(uuid4(), prompt, model_a, model_b, (Turn(None, *answers),), started_by)


def add_models(store: Store, *names: str) -> None:
    for name in names:
        store.models.add(ModelSpec(name, ModelKind.RECORDED))


@pytest.fixture
def battle(store: Store) -> Battle:
    """A stored battle of ada against bob."""
    add_models(store, "ada", "bob")
    fought = make_battle()
    store.battles.add(fought)
    return fought


@pytest.fixture
def new_battle(store: Store, battle: Battle) -> Callable[[], UUID]:
    """Store another battle of ada against bob and return its id."""

    def add() -> UUID:
        fought = make_battle()
        store.battles.add(fought)
        return fought.battle_id

    return add
