"""The picture of `benchmarks/pairing.py`: what share of uniform's votes active pairing needs, by the spread of skills.

python benchmarks/pairing_picture.py [FIGURES.json] [PICTURE.svg]
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

_COLOURS = {"normal": "#1f5fd0", "even": "#157347", "long tail": "#a84a06", "two groups": "#7b3fb5"}
_INK, _MUTED, _LINE = "#151a22", "#566070", "#dfe3e8"
_HERE = Path(__file__).parent
_LEFT, _TOP, _WIDTH, _HEIGHT = 64, 66, 400, 270

Place = Callable[[float], float]


def draw(figures: dict[str, Any], file: Path) -> None:
    """Write the picture as SVG, dark words on white so that it reads on any page."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 400" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">',
        "<title>Votes that active pairing needs, as a share of uniform pairing's, by the spread of skills; "
        "and how the mean interval narrows</title>",
        '<rect width="1000" height="400" rx="10" fill="#fff"/>',
        *_shares(figures),
        *_curves(figures),
        "</svg>",
    ]
    file.write_text("\n".join(parts) + "\n", "utf-8")


def _shares(figures: dict[str, Any]) -> list[str]:
    rows = [row for row in figures["rows"] if row["study"] == "scratch" and set(row["share"]) == {"active"}]
    best: dict[tuple[str, int], Any] = {}
    for row in rows:
        best.setdefault((row["shape"], row["spread"]), row)

    def x(spread: float) -> float:
        return _LEFT + _WIDTH * (spread - 80) / 400

    def y(share: float) -> float:
        return _TOP + _HEIGHT * (1.02 - share) / 0.72

    parts = [_text(24, 28, "Votes until the mean interval is \u00b115 points", _INK, bold=True)]
    parts.append(
        _text(24, 46, "active pairing as a share of uniform; 30 models, bars span the seeds", _MUTED)
    )
    parts += _frame(
        [(y(share), f"{share:.0%}") for share in (0.4, 0.6, 0.8, 1.0)],
        [(x(spread), str(spread)) for spread in (100, 200, 300, 400)],
        "standard deviation of the models' skills, Elo points",
        _LEFT,
    )
    parts.append(
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y(0.6):.1f}" y2="{y(0.6):.1f}" stroke="{_INK}" '
        'stroke-dasharray="5 4"/>'
    )
    floor = [(x(spread), y(mean(row["floor"]))) for (shape, spread), row in best.items() if shape == "normal"]
    parts.append(_path(floor, _MUTED, "2 3"))
    key = _TOP + _HEIGHT - 91
    parts.append(_path([(_LEFT + 12, key), (_LEFT + 30, key)], _MUTED, "2 3"))
    parts.append(_text(_LEFT + 36, key + 4, "normal: no allocation can need less", _INK))
    for at, (shape, colour) in enumerate(_COLOURS.items()):
        shift = 1.5 * (at - 1.5)
        found = [(spread, row["share"]["active"]) for (one, spread), row in best.items() if one == shape]
        points = [(x(spread) + shift, y(mean(shares))) for spread, shares in found]
        parts.append(_path(points, colour))
        for (px, py), (_, shares) in zip(points, found, strict=True):
            parts.append(
                f'<line x1="{px:.1f}" x2="{px:.1f}" y1="{y(min(shares)):.1f}" y2="{y(max(shares)):.1f}" '
                f'stroke="{colour}"/><circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>'
            )
        key = _TOP + _HEIGHT - 74 + 17 * at
        parts.append(
            f'<line x1="{_LEFT + 12}" x2="{_LEFT + 30}" y1="{key}" y2="{key}" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(_text(_LEFT + 36, key + 4, shape, _INK))
    return parts


def _curves(figures: dict[str, Any]) -> list[str]:
    left = 560
    curves = {policy: [(n, h) for n, h in curve if h < 60] for policy, curve in figures["curves"].items()}
    last = max(curve[-1][0] for curve in curves.values())

    def x(votes: float) -> float:
        return left + _WIDTH * votes / last

    def y(half: float) -> float:
        return _TOP + _HEIGHT * (60 - half) / 55

    parts = [_text(left - 40, 28, "How the mean interval narrows", _INK, bold=True)]
    parts.append(
        _text(left - 40, 46, "one arena of 30 models, skills normal with a deviation of 400 points", _MUTED)
    )
    parts += _frame(
        [(y(half), f"\u00b1{half}") for half in (15, 30, 45, 60)],
        [(x(votes), f"{votes:,}") for votes in range(0, int(last) + 1, 20_000)],
        "votes",
        left,
    )
    parts.append(
        f'<line x1="{left}" x2="{left + _WIDTH}" y1="{y(15):.1f}" y2="{y(15):.1f}" stroke="{_INK}" '
        'stroke-dasharray="5 4"/>'
    )
    for policy, colour in (("uniform", "#a84a06"), ("active", "#1f5fd0")):
        points = [(x(votes), y(half)) for votes, half in curves[policy]]
        parts.append(_path(points, colour))
        end = curves[policy][-1][0]
        parts.append(f'<circle cx="{x(end):.1f}" cy="{y(15):.1f}" r="4" fill="{colour}"/>')
        parts.append(_text(x(end), y(15) + 20, f"{policy} {end:,}", colour, bold=True, end=True))
    return parts


def _frame(
    heights: Sequence[tuple[float, str]], below: Sequence[tuple[float, str]], words: str, left: int
) -> list[str]:
    parts = []
    for y, label in heights:
        parts.append(f'<line x1="{left}" x2="{left + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>')
        parts.append(_text(left - 8, y + 4, label, _MUTED, end=True))
    for x, label in below:
        parts.append(
            f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 20}" fill="{_MUTED}" text-anchor="middle">{label}</text>'
        )
    parts.append(_text(left, _TOP + _HEIGHT + 42, words, _MUTED))
    return parts


def _path(points: Sequence[tuple[float, float]], colour: str, dash: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'


def _text(x: float, y: float, words: str, colour: str, *, bold: bool = False, end: bool = False) -> str:
    weight, anchor = (' font-weight="700"' if bold else ""), (' text-anchor="end"' if end else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{weight}{anchor}>{words}</text>'


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    source = given[0] if given else _HERE / "results" / "pairing.json"
    draw(
        json.loads(source.read_text("utf-8")),
        given[1] if len(given) > 1 else _HERE.parent / "docs" / "pictures" / "pairing.svg",
    )
