"""A trained reward model as a scorer of conversations.

Base, tokenizer and number format are those it was trained with. Every conversation is scored off its own last token:
padding stands on the right, where no real token attends to it, so a score does not depend on what else is in the
batch, beyond the rounding of float32.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from arena.errors import InvalidInput
from arena.types import Message
from training.checks import check_adapter, check_base, weight_bytes
from training.device import choose_device
from training.run import Run
from training.state import RunState

BATCH = 16


class RewardScorer:
    """Scores conversations that end with an answer; higher is better, and only differences mean something."""

    def __init__(self, model: Any, tokenizer: Any, name: str, *, bf16: bool) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.bf16 = bf16

    def score(self, conversations: Sequence[Sequence[Message]]) -> list[float]:
        """Return one reward per conversation, in order.

        Raises:
            InvalidInput: a conversation does not end with an answer.
        """
        for messages in conversations:
            if not messages or messages[-1].role != "assistant":
                raise InvalidInput(
                    "A reward model scores answers: each conversation must end with an assistant message."
                )
        tokens = [self._tokens(messages) for messages in conversations]
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        scores = [0.0] * len(tokens)
        for begin in range(0, len(order), BATCH):
            places = order[begin : begin + BATCH]
            for place, score in zip(places, self._rewards([tokens[i] for i in places]), strict=True):
                scores[place] = score
        return scores

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        rendered = self.tokenizer.apply_chat_template(
            [message.as_dict() for message in messages], tokenize=True, return_dict=True
        )
        return list(rendered["input_ids"])

    def _rewards(self, tokens: Sequence[list[int]]) -> list[float]:
        import torch

        batch = self.tokenizer.pad({"input_ids": list(tokens)}, padding=True, return_tensors="pt")
        kind = self.model.device.type
        with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=self.bf16):
            logits = self.model(**batch.to(self.model.device)).logits
        return [float(reward) for reward in logits.float().squeeze(-1)]


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
    return RewardScorer(adapted, tokenizer, run.name, bf16=device.bf16)
