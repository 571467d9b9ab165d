"""The reward model: -log σ(r(chosen) - r(rejected)) on pairs (Bradley and Terry 1952; Ouyang et al. 2022, eq. 1)."""

from typing import Any

from training.arguments import Schedule, trainer_arguments
from training.batches import batches, eval_mode
from training.data import Split
from training.device import Device
from training.models import continued, in_float32, load_base, new_adapter, trained_weights
from training.run import CHECKPOINTS, Run


def build_trainer(run: Run, split: Split, tokenizer: Any, device: Device, steps: Schedule) -> Any:
    """Return TRL's `RewardTrainer` on the split, its trained weights in float32."""
    from datasets import Dataset
    from trl import RewardConfig, RewardTrainer

    config = run.config
    model = load_base(
        run.base_path, "reward", device, four_bit=config.four_bit, pad_token_id=tokenizer.pad_token_id
    )
    if run.start_adapter:
        model = continued(model, run.start_adapter, "reward")
    exact = trained_weights(model)
    trainer = RewardTrainer(
        model=model,
        args=RewardConfig(**trainer_arguments(config, device, steps, run.folder / CHECKPOINTS)),
        train_dataset=Dataset.from_list([pair.as_row() for pair in split.train]),
        eval_dataset=Dataset.from_list([pair.as_row() for pair in split.test]),
        processing_class=tokenizer,
        peft_config=None if run.start_adapter else new_adapter(config),
    )
    in_float32(trainer.model, exact)
    return trainer


def margins(trainer: Any, size: int) -> list[float]:
    """Return reward(chosen) - reward(rejected) of every held-out pair, `size` pairs at a time."""
    import torch

    found: list[float] = []
    with eval_mode(trainer.model), torch.no_grad():
        for batch in batches(trainer, trainer.eval_dataset, size):
            with trainer.accelerator.autocast():
                rewards = trainer.model(**batch).logits.float().squeeze(-1)
            chosen, rejected = rewards.chunk(2)
            found.extend((chosen - rejected).tolist())
    return found
