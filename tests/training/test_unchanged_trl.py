"""The file of an export is what TRL reads: no step of ours stands between them."""

import math
import uuid

import pytest

from arena.exports import write_export
from arena.preferences import REASONS, Preferences
from arena.types import Message, Preference, VoterKind, prompt_id_of
from tests.training.conftest import rows

pytestmark = pytest.mark.slow


@pytest.fixture
def export(tmp_path):
    kept = []
    for row in rows(12):
        prompt, chosen, rejected = (
            tuple(Message(**m) for m in row[side]) for side in ("prompt", "chosen", "rejected")
        )
        known = {"model_chosen": "a", "model_rejected": "b", "votes": 2, "agreement": 1.0}
        kept.append(
            Preference(
                prompt,
                chosen,
                rejected,
                prompt_id_of(prompt),
                uuid.uuid4(),
                **known,
                voter_kinds=(VoterKind.HUMAN,),
            )
        )
    write_export(tmp_path / "exported", _preferences(kept))
    return tmp_path / "exported"


def _preferences(kept):
    return Preferences(tuple(kept), dict.fromkeys(REASONS, 0), votes=len(kept), battles=len(kept))


@pytest.mark.parametrize("method", ["reward", "dpo"])
def test_trl_trains_on_the_file_of_an_export_unchanged(export, tiny_model_dir, tmp_path, method):
    from datasets import load_dataset
    from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer

    configure, train = (RewardConfig, RewardTrainer) if method == "reward" else (DPOConfig, DPOTrainer)
    data = load_dataset(
        "parquet",
        data_files=str(export / "preferences.parquet"),
        split="train",
        cache_dir=str(tmp_path / "cache"),
    )
    arguments = configure(
        output_dir=str(tmp_path / "out"),
        max_steps=2,
        per_device_train_batch_size=2,
        bf16=False,
        use_cpu=True,
        gradient_checkpointing=False,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
        logging_steps=1,
    )
    trainer = train(model=str(tiny_model_dir), args=arguments, train_dataset=data)
    trainer.train()
    assert len(trainer.train_dataset) == len(data) == 12
    assert trainer.state.global_step == 2
    first = trainer.state.log_history[0]
    assert math.isfinite(first["loss"])
    assert first["grad_norm"] > 0
