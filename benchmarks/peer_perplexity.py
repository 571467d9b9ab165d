"""Perplexity by the evaluate library's loop; runs in the environment `neural`, see `side_by_side`.

All texts are tokenised together and padded to the longest of all, with the start token before each; batches of 16 in
the order given; the exponential of the mean cross-entropy over the tokens that are no padding.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any


def perplexities(model: Any, tokenizer: Any, texts: list[str], batch: int = 16) -> list[float]:
    """Return the perplexity of each text."""
    import torch

    encoded = tokenizer(
        texts, add_special_tokens=False, padding=True, return_tensors="pt", return_attention_mask=True
    )
    found: list[float] = []
    losses = torch.nn.CrossEntropyLoss(reduction="none")
    for begin in range(0, len(texts), batch):
        ids = encoded["input_ids"][begin : begin + batch]
        mask = encoded["attention_mask"][begin : begin + batch]
        start = torch.full((len(ids), 1), tokenizer.bos_token_id)
        ids, mask = torch.cat([start, ids], 1), torch.cat([torch.ones_like(start), mask], 1)
        with torch.no_grad():
            logits = model(ids, attention_mask=mask).logits
        each = losses(logits[:, :-1].transpose(1, 2), ids[:, 1:]) * mask[:, 1:]
        found += torch.exp(each.sum(1) / mask[:, 1:].sum(1)).tolist()
    return found


def main() -> None:
    """Read the request, load the model, score, write the reply."""
    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(request["threads"])
    tokenizer = AutoTokenizer.from_pretrained(request["model"], padding_side="right")
    model = AutoModelForCausalLM.from_pretrained(request["model"], dtype=torch.float32).eval()
    perplexities(model, tokenizer, request["texts"][:1])
    begun, cpu = time.perf_counter(), time.process_time()
    found = perplexities(model, tokenizer, request["texts"])
    reply = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "perplexities": found}
    replied.write_text(json.dumps(reply))


if __name__ == "__main__":
    main()
