"""Who agrees with whom: people and judges against each other as a table of Cohen's kappas, tinted by their size."""

from collections.abc import Mapping, Sequence

from arena.people.pairs import Between
from arena.statistics import Figure
from arena.types import Voter
from judges.agreement import Agreement
from workbench.charts import square
from workbench.html import Html, join, number, percent, plural, tag

FEW_BATTLES = 20
"""A cell on fewer battles is drawn faint."""

NAMED_COLUMNS = 6
"""With more raters the columns are numbered."""

KAPPA_WORDS = (
    "Cohen\u2019s \u03ba on the battles that both voted on: 0 is chance, 1 is agreement on each. "
    f"Faint: fewer than {FEW_BATTLES} battles. A dot: none shared."
)

Rater = Voter | None
"""A judge or simulated voter; `None` stands for people."""

Cell = tuple[Figure, Figure, int]
"""Kappa, share of the same outcome, battles."""


def raters(agreements: Sequence[Agreement], between: Sequence[Between]) -> Html | str:
    """Return the table; nothing while no two judges share a battle, as their own table says the rest."""
    if not any(one.battles for one in between):
        return ""
    shown: list[Rater] = [None, *(found.judge for found in sorted(agreements, key=_by_kappa))]
    caption = "Cohen's kappa between people and judges, two at a time"
    return join(
        tag("h2", "Who agrees with whom"),
        tag("p", KAPPA_WORDS, class_="muted"),
        kappa_table(shown, _cells(agreements, between), caption, class_="raters"),
    )


def kappa_table(
    shown: Sequence[Rater], cells: Mapping[tuple[Rater, Rater], Cell], caption: str, *, class_: str
) -> Html:
    """Return the table of kappas of `shown` against each other; a cell stands in `cells` under either order."""
    table = square(
        [_name(rater) for rater in shown],
        caption,
        lambda i, j: _cell(shown[i], shown[j], cells),
        most_named=NAMED_COLUMNS,
        closely=False,
        class_=class_,
    )
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _by_kappa(found: Agreement) -> tuple[float, str]:
    kappa = found.overall.judge_kappa.value
    return (-kappa if kappa is not None else 2.0, found.judge.name)


def _cells(agreements: Sequence[Agreement], between: Sequence[Between]) -> Mapping[tuple[Rater, Rater], Cell]:
    cells: dict[tuple[Rater, Rater], Cell] = {}
    for found in agreements:
        row = found.overall
        cells[None, found.judge] = (row.judge_kappa, row.judge, row.battles)
        most = cells.get((None, None))
        if most is None or row.people_kappa.n > most[2]:
            cells[None, None] = (row.people_kappa, row.people, row.people_kappa.n)
    for one in between:
        cells[one.first, one.second] = (one.kappa, one.same, one.battles)
    return cells


def _name(rater: Rater) -> str:
    return "People" if rater is None else rater.name


def _cell(rater: Rater, other: Rater, cells: Mapping[tuple[Rater, Rater], Cell]) -> Html:
    if rater is not None and rater == other:
        return tag("td", class_="self")
    kappa, same, battles = cells.get((rater, other)) or cells.get((other, rater)) or (None, None, 0)
    if kappa is None or same is None or kappa.value is None:
        return tag(
            "td", "\u00b7", class_="none", title=f"{plural(battles, 'battle')} shared" if battles else None
        )
    trust = min(1.0, battles / FEW_BATTLES)
    level = round(10 * trust * max(-1.0, min(1.0, kappa.value)))
    tint = f"{'r' if level > 0 else 'c'}{abs(level)}" if level else None
    faint = "faint" if battles < FEW_BATTLES else None
    return tag(
        "td",
        number(kappa.value, 2),
        class_=" ".join(filter(None, (tint, faint))) or None,
        title=_said(rater, other, kappa, same, battles),
    )


def _said(rater: Rater, other: Rater, kappa: Figure, same: Figure, battles: int) -> str:
    pair = "Two people" if rater == other else f"{_name(rater)} and {_name(other)}"
    ends = ""
    if kappa.lower is not None and kappa.upper is not None:
        ends = f" ({number(kappa.lower, 2)} to {number(kappa.upper, 2)})"
    share = f", the same outcome on {percent(same.value)}" if same.value is not None else ""
    return f"{pair}: \u03ba {number(kappa.value or 0.0, 2)}{ends}{share} of {plural(battles, 'battle')}"
