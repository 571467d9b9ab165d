import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import evaluate
import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU

from arena.errors import InvalidInput
from judges.metrics.base import Item
from judges.metrics.library import F1, Bleu, Chrf, ExactMatch, Rouge
from judges.metrics.registry import make
from tests.judges.metrics.texts import SCRIPTS, data, xsum

CLASSES = [Rouge, Bleu, Chrf, ExactMatch, F1]


def pairs(number: int) -> tuple[list[str], list[str]]:
    summaries = xsum()
    rows = [(text, summaries["Gold", key[1]]) for key, text in summaries.items() if key[0] == "PtGen"][
        :number
    ]
    texts, references = zip(*rows, strict=True)
    return list(texts), list(references)


@pytest.mark.parametrize("metric", CLASSES)
def test_the_numbers_are_those_of_the_scorers(metric):
    texts, references = pairs(50)
    found = metric().compute(predictions=texts, references=references)
    each = metric().compute(predictions=texts, references=references, each=True)
    items = [Item(text, (reference,)) for text, reference in zip(texts, references, strict=True)]
    for scorer in make(metric.metric):
        values = [result.value for result in scorer.score(items)]
        assert each[scorer.name] == values
        assert found[scorer.name] == pytest.approx(np.mean(values))
        assert found[f"{scorer.name}_count"] == 50


def test_rouge_gives_the_mean_that_the_library_itself_publishes():
    texts, references = pairs(60)
    found = Rouge(tokenizer="ascii", stemmer="none").compute(predictions=texts, references=references)
    kinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    oracle = RougeScorer(kinds)
    scores = [oracle.score(reference, text) for text, reference in zip(texts, references, strict=True)]
    for kind in kinds:
        assert found[kind] == pytest.approx(np.mean([score[kind].fmeasure for score in scores]), rel=1e-12)


def test_bleu_gives_the_corpus_number_of_sacrebleu_for_two_references():
    lines = [
        data("metrics", "bert_score_example", name).read_text(encoding="utf-8").splitlines()
        for name in ("hyps.txt", "refs.txt", "refs2.txt")
    ]
    found = Bleu().compute(
        predictions=lines[0], references=[list(row) for row in zip(*lines[1:], strict=True)]
    )
    assert found["corpus_bleu"] == pytest.approx(BLEU().corpus_score(lines[0], lines[1:]).score, rel=1e-12)


def test_metrics_can_be_combined():
    texts, references = pairs(20)
    found = evaluate.combine([cls() for cls in CLASSES]).compute(predictions=texts, references=references)
    for cls in CLASSES:
        assert cls().compute(predictions=texts, references=references).items() <= found.items()


def test_rows_may_be_added_bit_by_bit():
    texts, references = pairs(5)
    metric = Rouge()
    metric.add_batch(predictions=texts[:3], references=references[:3])
    metric.add(prediction=texts[3], reference=references[3])
    assert len(metric) == 4
    found = metric.compute(predictions=texts[4:], references=references[4:])
    assert found == Rouge().compute(predictions=texts, references=references)
    assert len(metric) == 0


def test_texts_that_cannot_be_scored_do_not_count():
    found = F1().compute(predictions=["a", "", "b"], references=["a", "a", ""])
    assert found == {"f1": 1.0, "f1_count": 1}
    assert Bleu().compute(predictions=[""], references=["a"]) == {"bleu": None, "bleu_count": 0}
    assert F1().compute(predictions=["a", ""], references=["a", "b"], each=True) == {"f1": [1.0, None]}


def test_blank_references_beside_others_change_nothing():
    some = Bleu().compute(predictions=["a b c d e"], references=[["a b c d f", " "]])
    assert some == Bleu().compute(predictions=["a b c d e"], references=[["a b c d f"]])


@pytest.mark.parametrize("script", SCRIPTS)
def test_text_of_every_script_scores(script):
    text, other = SCRIPTS[script]
    for metric in (Rouge(), Bleu(), Chrf(), F1()):
        found = metric.compute(predictions=[other], references=[text])
        assert found[next(iter(found))] > 0


def test_an_option_the_metric_does_not_have_is_refused():
    with pytest.raises(InvalidInput, match="no option 'cache_dir'"):
        Rouge(cache_dir="somewhere")


def test_a_fresh_instance_in_each_of_eight_threads_gets_the_right_numbers():
    check_threads(lambda own: [metric() for metric in CLASSES])


def test_one_instance_shared_by_eight_threads_gets_the_right_numbers():
    shared = [metric() for metric in CLASSES]
    check_threads(lambda own: shared)


def test_eight_threads_may_each_add_rows_to_an_instance_of_their_own():
    texts, references = pairs(80)
    expected = [F1().compute(predictions=[texts[i]], references=[references[i]])["f1"] for i in range(80)]
    start = threading.Barrier(8)

    def compute(index: int) -> bool:
        start.wait()
        metric = F1()
        own = range(index * 10, index * 10 + 10)
        for i in own:
            metric.add(prediction=texts[i], reference=references[i])
        return metric.compute(each=True)["f1"] == [expected[i] for i in own]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(compute, range(8)))


def check_threads(metrics_of) -> None:
    """Eight threads compute at once, each on rows of its own, several times."""
    texts, references = pairs(160)
    parts = [slice(20 * index, 20 * index + 20) for index in range(8)]
    expected = [
        [metric().compute(predictions=texts[part], references=references[part]) for metric in CLASSES]
        for part in parts
    ]
    start = threading.Barrier(8)

    def compute(index: int) -> bool:
        start.wait()
        part = parts[index]
        found = [
            [
                metric.compute(predictions=texts[part], references=references[part])
                for metric in metrics_of(index)
            ]
            for _ in range(3)
        ]
        return found == [expected[index]] * 3

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(compute, range(8)))


@pytest.mark.slow
def test_nothing_is_written_and_no_network_is_needed(tmp_path):
    code = (
        "import socket\n"
        "def refuse(*args, **kwargs): raise RuntimeError('the network was asked')\n"
        "socket.socket.connect = refuse\n"
        "import evaluate; from judges.metrics.library import Rouge, Bleu, Chrf, ExactMatch, F1\n"
        "metrics = [Rouge(), Bleu(), Chrf(), ExactMatch(), F1()]\n"
        "print(evaluate.combine(metrics).compute(predictions=['a b'], references=['a b'])['rouge1'])\n"
    )
    home = tmp_path / "home"
    environment = {**os.environ, "HOME": str(home), "HF_HOME": str(home / "hf")}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "1.0"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
