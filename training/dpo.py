"""Direct preference optimisation (Rafailov et al. 2023, eq. 7): -log σ(β (Δ_θ - Δ_ref)).

Δ is the log-probability of the chosen answer minus that of the rejected one, under the model in training (θ) and the
one it started from (ref). The reference never changes, so its part is computed once, before the first step, and the
reference is exact: without the adapter's dropout, which TRL's own precomputation leaves on for a continued adapter.
"""

from typing import Any

from training.arguments import Schedule, trainer_arguments
from training.batches import batches, eval_mode
from training.data import Split
from training.device import Device
from training.models import continued, in_float32, load_base, new_adapter, trained_weights
from training.run import CHECKPOINTS, Run


def build_trainer(run: Run, split: Split, tokenizer: Any, device: Device, steps: Schedule) -> Any:
    """Return TRL's `DPOTrainer` on the split, its trained weights in float32 and the reference computed."""
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    config = run.config
    model = load_base(
        run.base_path, "dpo", device, four_bit=config.four_bit, pad_token_id=tokenizer.pad_token_id
    )
    if run.start_adapter:
        model = continued(model, run.start_adapter, "dpo")
    exact = trained_weights(model)
    arguments = trainer_arguments(config, device, steps, run.folder / CHECKPOINTS)
    trainer = DPOTrainer(
        model=model,
        args=DPOConfig(**arguments, beta=config.beta, loss_type="sigmoid"),
        train_dataset=Dataset.from_list([pair.as_row() for pair in split.train]),
        eval_dataset=Dataset.from_list([pair.as_row() for pair in split.test]),
        processing_class=tokenizer,
        peft_config=None if run.start_adapter else new_adapter(config),
    )
    in_float32(trainer.model, exact)
    size = 2 * device.micro_batch_size
    trainer.train_dataset = _with_reference(trainer, trainer.train_dataset, size)
    trainer.eval_dataset = _with_reference(trainer, trainer.eval_dataset, size)
    trainer.precompute_ref_logps = True
    if "ref" in trainer.model.peft_config:
        trainer.model.delete_adapter("ref")  # TRL's frozen copy of a continued adapter; its work is done
    return trainer


def margins(trainer: Any, size: int) -> list[float]:
    """Return β (Δ_θ - Δ_ref) of every held-out pair, `size` pairs at a time."""
    import torch

    found: list[float] = []
    with eval_mode(trainer.model), torch.no_grad():
        for batch in batches(trainer, trainer.eval_dataset, size):
            chosen, rejected = _log_probabilities(trainer, batch)
            reference = batch["ref_chosen_logps"] - batch["ref_rejected_logps"]
            found.extend((trainer.beta * (chosen - rejected - reference)).tolist())
    return found


def _log_probabilities(trainer: Any, batch: dict[str, Any]) -> tuple[Any, Any]:
    """Return the log-probabilities of chosen and rejected answers, two tensors of shape (pairs,)."""
    labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)
    with trainer.accelerator.autocast():
        output = trainer.model(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            labels=labels,
            use_cache=False,
            fused_lm_head=True,
        )
    chosen, rejected = output.log_probs.float().sum(dim=1).chunk(2)
    return chosen, rejected


def _with_reference(trainer: Any, dataset: Any, size: int) -> Any:
    """Return `dataset` with the reference's log-probabilities as TRL names them."""
    chosen: list[float] = []
    rejected: list[float] = []
    with eval_mode(trainer.model):
        for batch in batches(trainer, dataset, size):
            of_chosen, of_rejected = trainer.compute_ref_log_probs(trainer.model, batch)
            chosen.extend(of_chosen.tolist())
            rejected.extend(of_rejected.tolist())
    return dataset.add_column("ref_chosen_logps", chosen).add_column("ref_rejected_logps", rejected)
