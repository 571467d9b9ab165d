"""How the scores of one scorer are spread: a histogram for each model, counted in the database on one set of bins."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

_TAIL = 10.0
"""An end that lies so many times further out than the middle 98 per cent reach is left off the axis."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Counts of each model in bins of one width from `low` to `high`.

    Scores beyond an end, of which there are `outside`, stand in the last bin there; every model's counts have one
    length.
    """

    low: float
    high: float
    outside: int
    higher_is_better: bool
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def spread(
    con: duckdb.DuckDBPyConnection,
    scorable: str,
    parameters: Sequence[Any],
    scorer: str,
    fingerprint: str,
    bins: int,
) -> Spread:
    """Return the spread of a scorer over the answers of the table `scorable` of a WITH clause; none may be scored.

    The ends are the least and the greatest score. Where one lies far out (perplexity), its end is the first or the
    99th percentile instead, so that one odd answer does not press all others into one bin.
    """
    values = f"WITH {scorable}, found AS (SELECT name, value FROM scorable JOIN scores s USING (answer_id) "
    values += "WHERE s.scorer = ? AND s.fingerprint = ? AND value IS NOT NULL)"
    given = [*parameters, scorer, fingerprint]
    row = con.execute(
        f"{values} SELECT min(value), quantile_cont(value, 0.01), quantile_cont(value, 0.99), max(value), "
        "coalesce((SELECT any_value(higher_is_better) FROM scorers WHERE fingerprint = ?), true) FROM found",
        [*given, fingerprint],
    ).fetchall()[0]
    least, first, last, greatest, higher_is_better = row
    if least is None:
        return Spread(0.0, 1.0, 0, higher_is_better)
    reach = last - first
    low = first if first - least > _TAIL * reach > 0 else least
    high = last if greatest - last > _TAIL * reach > 0 else greatest
    if not high > low:
        low, high = low - 0.5, high + 0.5
    place = "least(?::INTEGER - 1, greatest(0, floor((value - ?) / ? * ?)::BIGINT))::INTEGER"
    rows = con.execute(
        f"{values} SELECT name, {place} AS bin, "
        "count(*), count(*) FILTER (value < ? OR value > ?) FROM found GROUP BY ALL",
        [*given, bins, low, high - low, bins, low, high],
    ).fetchall()
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * bins)
    for name, at, count, _ in rows:
        counts[name][at] = count
    outside = sum(row[3] for row in rows)
    return Spread(
        low, high, outside, higher_is_better, {name: tuple(c) for name, c in sorted(counts.items())}
    )
