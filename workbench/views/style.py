"""What style is worth, as a card: the weight of each feature, and how the board moves once style is held equal."""

from dataclasses import dataclass

from arena.leaderboard import Leaderboard, LeaderboardRow
from arena.ratings.rated import Parameter
from arena.style.features import FEATURES
from workbench.axis import Rule, Scale, holding, ticks, track
from workbench.html import Html, join, points, signed, tag

SHOWN = 10
"""So many models are listed, those whose rating moves most."""


@dataclass(frozen=True, slots=True)
class _Move:
    before: LeaderboardRow
    after: LeaderboardRow

    @property
    def by(self) -> float:
        return (self.after.rating or 0.0) - (self.before.rating or 0.0)


def card(voted: Leaderboard, level: Leaderboard) -> Html | str:
    """Return the card for the board as voted and the same at equal style; nothing without a weight to show."""
    if not level.parameters or not level.votes:
        return ""
    notes = [tag("p", note, class_="muted small-facts") for note in level.notes if "left out" in note]
    return tag("div", tag("h2", "What style is worth"), weights(level), moves(voted, level), notes)


def refused(why: str) -> Html:
    """Return the card where style is not known, with the reason."""
    return tag("div", tag("h2", "What style is worth"), tag("p", why, class_="muted"))


def weights(level: Leaderboard) -> Html:
    """Return a table that draws each weight with its interval, and says what it means."""
    known = [level.parameters[feature.name] for feature in FEATURES if feature.name in level.parameters]
    ends = [end for one in known for end in (one.lower, one.upper)]
    axis = holding((*ends, 0.0, -10.0, 10.0))
    head = tag(
        "tr",
        tag("th", "Style", scope="col"),
        tag(
            "th",
            tag("span", "Points for one standard deviation, 95\u202f% interval", class_="axis-title"),
            ticks(axis, [signed(tick) for tick in axis.ticks]),
            scope="col",
            class_="axis",
        ),
        tag("th", "In words", scope="col"),
    )
    rows = []
    for feature in FEATURES:
        if feature.name in level.parameters:
            one = level.parameters[feature.name]
            rows.append(
                tag(
                    "tr",
                    tag("th", feature.words, scope="row", class_="feature"),
                    tag("td", _drawn(one, axis), class_="axis"),
                    tag("td", _words(one), class_="said"),
                )
            )
    caption = tag("caption", "What each feature of style is worth, with its interval", class_="unseen")
    return tag("table", caption, tag("thead", head), tag("tbody", rows), class_="forest weights")


def moves(voted: Leaderboard, level: Leaderboard) -> Html:
    """Return the models whose rating moves most once all answers have the same style."""
    found = [
        _Move(before, after)
        for after in level.rows
        if after.rating is not None
        and (before := voted.row(after.name)) is not None
        and before.rating is not None
    ]
    found.sort(key=lambda move: (-abs(move.by), move.after.name))
    shown = found[:SHOWN]
    most = max((abs(move.by) for move in shown), default=0.0)
    if most < 0.5:
        return tag("p", "At equal style no rating moves by a point.", class_="muted")
    head = tag(
        "tr",
        tag("th", "Model", scope="col"),
        tag("th", "As voted", scope="col", class_="num"),
        tag("th", "At equal style", scope="col", class_="num"),
        tag("th", "Moves by", scope="col", class_="num"),
        tag("th", "Rank", scope="col", class_="num wide"),
    )
    rows = [_move(move) for move in shown]
    which = "Who moves most" if len(found) > len(shown) else "How ratings move"
    caption = tag("caption", "Ratings as voted and at equal style", class_="unseen")
    table = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list compact moves")
    return join(tag("h3", which), table)


def _move(move: _Move) -> Html:
    before, after = _rank(move.before), _rank(move.after)
    ranks = before if before == after else f"{before} \u2192 {after}"
    rating = [points(one.rating or 0.0) for one in (move.before, move.after)]
    return tag(
        "tr",
        tag("th", tag("bdi", move.after.name, class_="name"), scope="row", class_="model"),
        tag("td", rating[0], class_="num muted"),
        tag("td", tag("b", rating[1]), class_="num"),
        tag("td", signed(move.by), class_="num"),
        tag("td", ranks, class_="num wide muted"),
    )


def _rank(row: LeaderboardRow) -> str:
    if row.rank_best == row.rank_worst:
        return str(row.rank_best)
    return f"{row.rank_best}\u2013{row.rank_worst}"


def _drawn(one: Parameter, axis: Scale) -> Html:
    value = None if one.lower is None else one.value
    drawn = track(axis, value, one.lower, one.upper, rules=[Rule(0.0, "zero")])
    return tag("div", drawn, role="img", aria_label=one.words)


def _words(one: Parameter) -> str:
    said = one.words.partition(": ")[2] or one.words
    return said[:1].upper() + said[1:].replace("-", "\u2212")
