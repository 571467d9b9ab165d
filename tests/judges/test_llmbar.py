"""LLMBar: recorded replies of three judges in both orders, read and combined, give the source's own counts."""

import gzip
import json
from pathlib import Path

import pytest

from arena.judgments import Failure, Verdict
from arena.models.complete import Completion
from arena.statistics import cohen_kappa
from arena.types import Winner
from judges.pairwise import combine
from judges.reading import Unreadable, read_pairwise
from judges.rendering import render_pairwise
from tests.judges.asked import battle, template

DATA = Path(__file__).parents[3] / "shared" / "data" / "llmbar"
TEMPLATE = {"CoT": "llmbar-reasons", "Vanilla": "llmbar-plain"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder ../shared/data is not here")


def folders() -> list[Path]:
    return sorted(DATA.glob("*/evaluators/*")) if DATA.is_dir() else []


def heard(row: dict, swapped: bool, name: str) -> dict | Unreadable:
    fight = battle((row["output_1"], row["output_2"]), prompt=row["input"])
    question = render_pairwise(template(name), fight, swapped=swapped)
    text, finish_reason = row["results"][-1][f"swap = {swapped}"]["completion"]
    try:
        return read_pairwise(question, Completion(text, finish_reason))
    except Unreadable as failure:
        return failure


def verdicts(folder: Path) -> list[tuple[Verdict, Winner]]:
    """A verdict for each pair, and the side that is objectively better."""
    rows = json.loads(gzip.decompress((folder / "result.json.gz").read_bytes()))
    name = TEMPLATE[folder.name.split("__")[1]]
    return [
        (
            Verdict(
                battle(("a", "b")).battle_id,
                folder.name,
                "f",
                **combine(heard(row, False, name), heard(row, True, name)),
            ),
            Winner.MODEL_A if row["label"] == 1 else Winner.MODEL_B,
        )
        for row in rows
    ]


def test_all_fifteen_recordings_are_here():
    assert len(folders()) == 15


@pytest.mark.parametrize("folder", folders(), ids=lambda f: f"{f.parents[1].name}-{f.name}")
def test_the_counts_of_the_source_come_out_exactly(folder):
    published = json.loads((folder / "statistics.json").read_text())
    found = verdicts(folder)
    n = len(found)
    forward = sum(verdict.forward is better for verdict, better in found)
    backward = sum(verdict.backward is better for verdict, better in found)
    both = sum(verdict.winner is better for verdict, better in found)
    equal = sum(verdict.winner is not None and not verdict.inconsistent for verdict, _ in found)
    for key, count in {
        "correct_False": forward,
        "correct_True": backward,
        "correct_both": both,
        "equal": equal,
    }.items():
        assert published[key] == f"{count} / {n} = {100 * count / n}%" or _close(published[key], count, n)
    assert float(published["correct_average"].rstrip("%")) == pytest.approx(
        100 * (forward + backward) / 2 / n
    )


def _close(text: str, count: int, n: int) -> bool:
    counts, share = text.split(" = ")
    return counts == f"{count} / {n}" and float(share.rstrip("%")) == pytest.approx(100 * count / n)


def test_kappa_between_the_orders_is_the_sources_where_every_reply_has_a_verdict():
    """Its kappas against the labels code labels and winners differently, so ours differ from them."""
    compared = 0
    for folder in folders():
        found = [verdict for verdict, _ in verdicts(folder)]
        if all(verdict.winner for verdict in found):
            kappa = cohen_kappa([v.forward for v in found], [v.backward for v in found])
            published = json.loads((folder / "statistics.json").read_text())["kappa_agreement"]
            assert kappa.value == pytest.approx(published, abs=1e-12)
            compared += 1
    assert compared == 10


def test_the_five_replies_without_a_verdict_are_failures_and_not_ties():
    failed = [
        (folder.parents[1].name, verdict.failure)
        for folder in folders()
        for verdict, _ in verdicts(folder)
        if verdict.winner is None
    ]
    assert sorted(failed) == [
        ("adversarial_gptinst", Failure.UNREADABLE),
        ("adversarial_gptout", Failure.UNREADABLE),
        ("adversarial_manual", Failure.UNREADABLE),
        ("adversarial_neighbor", Failure.TRUNCATED),
        ("natural", Failure.UNREADABLE),
    ]
