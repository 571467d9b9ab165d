import pytest

from arena.types import Answer, ModelKind, ModelSpec, Prompt
from workbench.bench import Workbench

ANSWERS = {
    "owl": "A long and careful answer about {topic}.",
    "crow": "About {topic}: no.",
    "wren": "Something short on {topic}.",
}


@pytest.fixture
def bench(tmp_path):
    """A home with three recorded models that answered six prompts."""
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        prompts = [Prompt.from_text(f"Tell me about topic {n}.", category="topics") for n in range(6)]
        bench.store.prompts.add("topics", prompts)
        for name, text in ANSWERS.items():
            bench.add_model(ModelSpec(name, ModelKind.RECORDED))
            for number, prompt in enumerate(prompts):
                answer = Answer(name, text.format(topic=number), finish_reason="recorded")
                bench.store.answers.add(prompt, [answer], recorded=True)
        yield bench


@pytest.fixture
def home(tmp_path):
    """An empty home."""
    with Workbench.open(tmp_path / "home", seed=0) as bench:
        yield bench
