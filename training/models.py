"""Loading what a run trains: a base in 4 bits or whole, and a LoRA adapter on it, new or continued (QLoRA).

Three things differ from a plain `from_pretrained`:

- On a CPU with AVX512-BF16, bitsandbytes repacks a 4-bit weight for inference the first time it is used in eval mode,
  and the packed weight passes no gradient on. Measuring between steps would end the training unnoticed, so that path
  is switched off for a model that is trained.
- The base's own dropout is switched off (the reference of DPO must be exact); the adapter's is kept as configured.
- A reward model may continue an adapter of a chat model: its layers are taken over and the reward head begins new.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from arena.errors import InvalidInput
from training.config import RunConfig
from training.device import Device

REWARD_HEAD = "score"
"""The layer that turns the last token's state into a reward, in transformers' sequence classifiers."""

_TASKS = {"reward": "SEQ_CLS", "dpo": "CAUSAL_LM"}


def load_tokenizer(base: str) -> Any:
    """Return the base's tokenizer, padding on the right, with a padding token."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.padding_side = "right"
    if tokenizer.pad_token is None:
        if tokenizer.eos_token is None:
            raise InvalidInput(
                f"The tokenizer of {base} has neither a padding nor an end token: set one of them."
            )
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(base: str, method: str, device: Device, *, four_bit: bool, pad_token_id: int) -> Any:
    """Return the base model on its device, in eval mode: a causal model for DPO, one with a reward head otherwise.

    Raises:
        InvalidInput: weights are missing, which the library would fill with random numbers.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, BitsAndBytesConfig

    dtype = torch.bfloat16 if device.bf16 else torch.float32
    options: dict[str, Any] = {"dtype": dtype}
    if four_bit:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
            llm_int8_skip_modules=[REWARD_HEAD] if method == "reward" else None,
        )
    if device.kind == "cuda":
        options["device_map"] = {"": 0}
    kind = AutoModelForSequenceClassification if method == "reward" else AutoModelForCausalLM
    if method == "reward":
        options["num_labels"] = 1
    with _errors_only():
        model, info = kind.from_pretrained(base, output_loading_info=True, **options)
    missing = sorted(name for name in info["missing_keys"] if name != f"{REWARD_HEAD}.weight")
    if missing:
        raise InvalidInput(
            f"The weights in {base} are incomplete: {len(missing)} are missing, such as {missing[0]}; "
            "copy the model again."
        )
    model.config.pad_token_id = pad_token_id
    _keep_trainable(model)
    return model.eval()


def new_adapter(config: RunConfig) -> Any:
    """Return the settings of a new adapter on all linear layers (and the reward head, trained whole)."""
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules="all-linear",
        task_type=_TASKS[config.method],
        modules_to_save=[REWARD_HEAD] if config.method == "reward" else None,
    )


def continued(model: Any, adapter: Path, method: str) -> Any:
    """Return `model` with the adapter at `adapter` on it, ready to be trained further.

    Raises:
        InvalidInput: it is no LoRA adapter, or a reward model's and the run trains a chat model.
    """
    from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
    from peft import get_peft_model_state_dict as read_weights
    from peft import set_peft_model_state_dict as write_weights
    from safetensors.torch import load_file

    settings = PeftConfig.from_pretrained(str(adapter))
    if not isinstance(settings, LoraConfig):
        raise InvalidInput(
            f"The adapter {adapter} is {settings.peft_type}; only LoRA adapters can be continued."
        )
    if settings.task_type == _TASKS[method]:
        return PeftModel.from_pretrained(model, str(adapter), is_trainable=True)
    if method == "dpo":
        raise InvalidInput(
            f"The adapter {adapter} belongs to a reward model; DPO can only continue a chat model's."
        )
    settings.inference_mode = False
    settings.task_type = _TASKS["reward"]
    settings.modules_to_save = [REWARD_HEAD]
    extended = get_peft_model(model, settings)
    write_weights(extended, {**read_weights(extended), **load_file(adapter / "adapter_model.safetensors")})
    return extended


def trained_weights(model: Any) -> dict[str, Any]:
    """Return copies of the trainable weights by name, in float32; none where the adapter is still to come."""
    if not hasattr(model, "peft_config"):
        return {}
    return {name: p.detach().float().clone() for name, p in model.named_parameters() if p.requires_grad}


def in_float32(model: Any, exact: dict[str, Any]) -> None:
    """Make every trainable weight float32, in place, with its value in `exact` where it has one.

    TRL rounds the weights of an adapter on a 4-bit base to bf16; a continued adapter would no longer be the one it
    continues, nor its own reference.
    """
    import torch

    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            parameter.data = exact.get(name, parameter.data).to(torch.float32)


def trainable_parameters(model: Any) -> int:
    """Return how many numbers are trained."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


@contextmanager
def _errors_only() -> Iterator[None]:
    """Silence the report that a chat model has no reward head, and the like; what is missing is checked instead."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _keep_trainable(model: Any) -> None:
    import torch

    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
