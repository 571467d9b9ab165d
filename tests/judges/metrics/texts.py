"""Texts to score: real ones from the shared data, and odd ones made by hypothesis."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import strategies as st

DATA = Path(__file__).parents[4] / "shared" / "data"

SCRIPTS = {
    "Russian": ("Кошка спит на тёплом окне.", "Кошка сидела на холодном окне."),
    "Chinese": ("今天天气很好。", "今天天气不错。"),
    "Japanese": ("猫が窓の上で寝ている。", "猫は窓のそばにいる。"),
    "Arabic": ("القطة تنام على النافذة الدافئة.", "القطة تجلس على النافذة."),
    "Hindi": ("बिल्ली खिड़की पर सो रही है।", "बिल्ली खिड़की पर बैठी है।"),
    "Thai": ("แมวนอนบนหน้าต่าง", "แมวนั่งบนหน้าต่าง"),
    "Korean": ("고양이가 창문 위에서 잔다.", "고양이가 창문 옆에 있다."),
    "Greek": ("Η γάτα κοιμάται στο παράθυρο.", "Η γάτα κάθεται στο παράθυρο."),
}
"""Two sentences a script with some words in common."""


def data(*parts: str) -> Path:
    """A file of the shared data; skips the test where it is absent."""
    path = DATA.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"../shared/data/{'/'.join(parts)} is not here")
    return path


def xsum() -> dict[tuple[str, str], str]:
    """Summaries of 500 articles by system and article; the system Gold is the reference."""
    with data("summarisation", "xsum_summaries.csv").open(encoding="utf-8", newline="") as file:
        return {(row["system"], row["bbcid"]): row["summary"] for row in csv.DictReader(file)}


def abstracts() -> list[tuple[list[str], str]]:
    """Reference summaries, and the abstract with a sentence a line, of 618 papers."""
    with data("summarisation", "scitldr_a_test.jsonl").open(encoding="utf-8") as file:
        return [(row["target"], "\n".join(row["source"])) for row in map(json.loads, file)]


WORDS = (
    *(
        "run",
        "runs",
        "running",
        "relational",
        "conditional",
        "hopefulness",
        "skies",
        "dying",
        "news",
        "yellow",
        "the",
    ),
    *(
        "a",
        "42nd",
        "naïve",
        "İstanbul",
        "Kelvin",
        "кот",
        "x",
        "-",
        "...",
        "é",
        "\0",
        "\x1f",
        "ß",
        "agreed",
        "falling",
    ),
)
odd_texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=14).flatmap(
        lambda words: st.sampled_from([" ", "\n", ", ", "  \n\n"]).map(lambda between: between.join(words))
    ),
)
few_words = st.lists(st.sampled_from(["a", "b", "c", "\n"]), max_size=16).map(" ".join)
"""Texts of three words and line ends, so that many alignments are equally long."""
