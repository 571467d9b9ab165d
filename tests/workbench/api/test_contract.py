"""The API's document drives schemathesis against the running server: no 5xx, and every answer as documented."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from arena.types import Answer, ModelKind, ModelSpec, Prompt, Voter, VoterKind, Winner
from tests.support.served import served
from workbench.bench import Workbench

EXAMPLES = 4


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """The document of a home with a little of everything, where nobody comes in without a token."""
    home = tmp_path_factory.mktemp("contract") / "home"
    home.mkdir()
    (home / "workbench.toml").write_text('[access]\nanonymous = "none"\n', "utf-8")
    with Workbench.open(home, seed=0) as bench:
        _fill(bench)
        with served(bench) as owner:
            yield schemathesis.openapi.from_url(
                f"{owner.address}/api/v1/openapi.json", headers={"Authorization": f"Bearer {owner.token}"}
            )


def _fill(bench):
    prompts = [Prompt.from_text(f"Tell me about topic {n}.", reference="It is big.") for n in range(3)]
    bench.store.prompts.add("topics", prompts)
    for name in ("owl", "crow"):
        bench.add_model(ModelSpec(name, ModelKind.RECORDED))
        for prompt in prompts:
            bench.store.answers.add(
                prompt, [Answer(name, f"{name}!", finish_reason="recorded")], recorded=True
            )
    import asyncio

    ann = Voter(VoterKind.HUMAN, "ann")
    for battle in asyncio.run(bench.battle_all(["owl", "crow"], prompts, ann, seed=1)):
        bench.vote(battle.battle_id, Winner.MODEL_A, ann)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_every_answer_is_as_documented(api, mode):
    failures = []
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) > 90
    for operation in operations:
        try:
            _drive(operation, mode)
        except Unsatisfiable:
            assert not list(operation.iter_parameters()), operation.label
        except BaseExceptionGroup as group:
            failures += [f"{operation.label}: {error}" for error in group.exceptions]
    assert not failures, "\n\n".join(failures)


def _drive(operation, mode):
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_documented(case):
        case.call_and_validate(timeout=20)

    answers_as_documented()
