"""Real verdicts beside real people, as battles of which people's votes may be hidden: LLMBar and LLMFAO.

LLMBar (419 pairs of answers, each labelled by people, with recorded verdicts of three judges in both orders) is rated
as an arena of two contenders, the first and the second answer. LLMFAO (2,139 battles of 59 models, several crowd
workers on each) has no judge; the mean of two other workers drawn at random stands for one.
"""

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from arena.ratings.joint import JointCounts
from arena.types import Voter, VoterKind

Floats = npt.NDArray[np.float64]
SUBSETS = (
    "natural",
    "adversarial_neighbor",
    "adversarial_gptinst",
    "adversarial_gptout",
    "adversarial_manual",
)
JUDGES = ("GPT-4__Vanilla", "ChatGPT__Vanilla", "ChatGPT__CoT")


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """Battles with a person's outcome and a judge's for the model first by name, each of shape (battles,)."""

    judge: str
    names: tuple[str, ...]
    model_a: npt.NDArray[np.int32]
    model_b: npt.NDArray[np.int32]
    person: Floats
    verdict: Floats

    def counts(self, kept: npt.NDArray[np.intp], voted: int) -> JointCounts:
        """Return the battles `kept`, of which people voted on the first `voted`."""
        votes = np.where(np.arange(len(kept)) < voted, 1.0, 0.0)
        a, b = self.model_a[kept], self.model_b[kept]
        return JointCounts(
            judge=Voter(VoterKind.JUDGE, self.judge),
            names=self.names,
            model_a=a,
            model_b=b,
            stratum=(a * len(self.names) + b).astype(np.int32),
            votes=votes,
            points=votes * self.person[kept],
            verdict=self.verdict[kept],
            battles=np.ones(len(kept)),
        )


def llmbar(data: Path, judge: str, subsets: tuple[str, ...] = SUBSETS) -> Recorded:
    """Return LLMBar's labels beside a recorded judge's verdicts; orders that differ make a tie."""
    person, verdict = [], []
    for subset in subsets:
        text = gzip.decompress(
            (data / "llmbar" / subset / "evaluators" / judge / "result.json.gz").read_bytes()
        )
        for row in json.loads(text):
            said = [row["results"][-1][f"swap = {swapped}"]["winner"] for swapped in (False, True)]
            person.append(1.0 if row["label"] == 1 else 0.0)
            verdict.append(float(np.mean([{"1": 1.0, "2": 0.0}.get(str(one), 0.5) for one in said])))
    size = len(person)
    return Recorded(
        judge,
        ("first", "second"),
        np.zeros(size, np.int32),
        np.ones(size, np.int32),
        np.array(person),
        np.array(verdict),
    )


def llmfao(data: Path, rng: np.random.Generator) -> Recorded:
    """Return one worker's vote on each of LLMFAO's battles beside the mean of two others'."""
    battles: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (data / "llmfao" / "crowd-comparisons.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            battles[row["id"]].append(row)
    names = tuple(
        sorted({row[side] for rows in battles.values() for row in rows for side in ("left", "right")})
    )
    place = {name: i for i, name in enumerate(names)}
    found = []
    for rows in battles.values():
        if len(rows) < 3:
            continue
        pair = sorted((rows[0]["left"], rows[0]["right"]))
        said = np.array([0.5 if r["winner"] == "tie" else float(r[r["winner"]] == pair[0]) for r in rows])
        said = said[rng.permutation(len(said))]
        found.append((place[pair[0]], place[pair[1]], said[0], said[1:3].mean()))
    a, b, person, verdict = (np.array(column) for column in zip(*found, strict=True))
    return Recorded("two other workers", names, a.astype(np.int32), b.astype(np.int32), person, verdict)
