"""A trained reward model as a scorer of conversations.

Base, tokenizer and number format are those it was trained with; the scoring itself is that of any sequence classifier
(`arena.models.classifier`).
"""

from collections.abc import Sequence
from pathlib import Path

from arena.errors import InvalidInput
from arena.models.classifier import Classifier
from arena.types import Message
from training.checks import check_adapter, check_base, weight_bytes
from training.device import choose_device
from training.run import Run
from training.state import RunState


class RewardScorer:
    """Scores conversations that end with an answer; higher is better, and only differences mean something."""

    def __init__(self, classifier: Classifier, name: str) -> None:
        self.classifier = classifier
        self.name = name

    def score(self, conversations: Sequence[Sequence[Message]]) -> list[float]:
        """Return one reward per conversation, in order.

        Raises:
            InvalidInput: a conversation does not end with an answer.
        """
        rows = [self.classifier.tokens(messages) for messages in conversations]
        return [reward for (reward,) in self.classifier.logits(rows)]


def load_reward_scorer(run_folder: Path) -> RewardScorer:
    """Return the reward model that a finished run made.

    Raises:
        InvalidInput: it is no finished reward run, or its base is gone.
    """
    run = Run(run_folder)
    if run.config.method != "reward":
        raise InvalidInput(
            f"Run {run.name} trained a chat model by {run.config.method}; only a reward run scores."
        )
    if run.state is not RunState.FINISHED:
        raise InvalidInput(
            f"Run {run.name} is {run.state}: its reward model can be used once it has finished."
        )
    check_adapter(run.adapter_path)
    base = check_base(run.base_path)
    from peft import PeftModel

    from training.models import load_base, load_tokenizer

    tokenizer = load_tokenizer(run.base_path)
    device = choose_device(run.config, weight_bytes(base))
    model = load_base(
        run.base_path, "reward", device, four_bit=run.config.four_bit, pad_token_id=tokenizer.pad_token_id
    )
    adapted = PeftModel.from_pretrained(model, str(run.adapter_path)).eval()
    return RewardScorer(Classifier(adapted, tokenizer, bf16=device.bf16), run.name)
