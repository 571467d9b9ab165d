"""Votes to preference pairs, with an account of every vote that did not become one.

Training wants each pair of texts once and in one direction, so votes are gathered by what was compared:
the same two texts to the same prompt are one pair, whichever battle they met in. More than half of all votes
on it (ties included) must agree on a side. Every standing vote ends in exactly one bucket, so the waterfall
adds up.

An answer that a voter wrote because neither would do is chosen over both of its battle's: it takes the place of the
last answer on each side, so that what went before is the same for chosen and rejected. Such pairs come beside those
from votes and take none of theirs; where both speak of the same two texts, the votes do, and where writers contradict
each other nobody does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from arena.errors import InvalidInput
from arena.types import Message, Preference, VoterKind

Conversation = tuple[Message, ...]

REASONS: Mapping[str, str] = {
    "merged": "further votes for a pair that is kept",
    "outvoted": "votes against what most of a pair's votes say",
    "split": "no outcome has more than half of the pair's votes",
    "tie": "most say that both answers are as good",
    "both_bad": "most say that both answers are bad",
    "same text": "both answers are the same text",
    "empty": "an answer is blank",
    "failed": "an answer failed",
    "no text": "imported without the prompt or the answers",
}
"""Every bucket of a vote that is not the first of a kept pair, with its meaning in words."""

WRITTEN = "written by a person"
"""What stands for the model of an answer that a voter wrote."""


@dataclass(frozen=True, slots=True)
class WrittenText:
    """What a voter wrote as a better answer than both of a battle's, and what kind of voter."""

    text: str
    voter_kind: VoterKind


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A battle with the outcomes of its standing votes that passed a filter, and what their voters wrote.

    `prompt` and the continuations (what follows the prompt on each side: an assistant message, then user and
    assistant messages for follow-ups) are empty where a battle was imported without text.
    """

    battle_id: UUID
    prompt_id: str | None
    prompt: Conversation
    continuation_a: Conversation
    continuation_b: Conversation
    model_a: str
    model_b: str
    failed: bool
    wins_a: int
    wins_b: int
    ties: int
    both_bad: int
    voter_kinds: tuple[VoterKind, ...]
    language: str | None = None
    written: tuple[WrittenText, ...] = ()

    @property
    def votes(self) -> int:
        """Return the number of standing votes on this battle."""
        return self.wins_a + self.wins_b + self.ties + self.both_bad

    def swapped(self) -> "JudgedPair":
        """Return the same battle as if the sides had been shown the other way round."""
        return JudgedPair(
            self.battle_id,
            self.prompt_id,
            self.prompt,
            self.continuation_b,
            self.continuation_a,
            self.model_b,
            self.model_a,
            self.failed,
            self.wins_b,
            self.wins_a,
            self.ties,
            self.both_bad,
            self.voter_kinds,
            self.language,
            self.written,
        )


@dataclass(frozen=True, slots=True)
class Preferences:
    """The kept pairs in a fixed order, and where every other vote went.

    `votes` is all standing votes; `votes + written_pairs` equals `len(kept) + sum(dropped.values())`. `dropped` has
    every key of `REASONS`, zero included. `written_answers` were written by voters that count, and gave
    `written_pairs` of the kept pairs. `languages` counts the kept pairs whose prompt names a language.
    """

    kept: tuple[Preference, ...]
    dropped: Mapping[str, int]
    votes: int
    battles: int
    languages: Mapping[str, int] = field(default_factory=dict)
    written_answers: int = 0
    written_pairs: int = 0

    @property
    def pairs(self) -> int:
        """Return how many pairs there are."""
        return len(self.kept)

    def waterfall(self) -> list[tuple[str, int]]:
        """Return (label, number) from all standing votes over each reason that took some to the kept pairs.

        Pairs from written answers, where there are any, are added last, under `written`.
        """
        steps = [(reason, self.dropped[reason]) for reason in REASONS if self.dropped[reason]]
        added = [("written", self.written_pairs)] if self.written_pairs else []
        return [("votes", self.votes), *steps, *added, ("pairs", len(self.kept))]

    def reasons(self) -> str:
        """Return the reasons that took votes, as words for one sentence: `5 tie, 2 same text`."""
        return ", ".join(f"{number} {reason}" for reason, number in self.dropped.items() if number)


def derive(rows: Iterable[JudgedPair], *, majority: float = 0.5) -> Preferences:
    """Turn judged battles into preference pairs, ordered by prompt id and texts whatever the order of `rows`.

    A pair is kept when a side has more than `majority` of all its votes (0.5 to below 1, else
    `InvalidInput`). It carries the battle with the smallest id among those that showed these texts.
    """
    if not 0.5 <= majority < 1:
        raise InvalidInput(
            f"The majority is {majority}; give the share that a side must exceed, from 0.5 to below 1."
        )
    dropped = dict.fromkeys(REASONS, 0)
    voted: _Groups = {}
    written: _Groups = {}
    votes = battles = answers = 0
    for row in rows:
        if not row.votes:
            continue
        votes += row.votes
        battles += 1
        answers += len(row.written)
        for pair in _written_pairs(row):
            _gather(written, pair)
        unusable = _unusable(row)
        if unusable is not None:
            dropped[unusable] += row.votes
        else:
            _gather(voted, row)
    own = {
        key: group
        for key, group in written.items()
        if key not in voted and len({r.wins_a for r in group}) == 1
    }
    kept = _kept(voted, majority, dropped)
    added = _kept(own, majority, dict.fromkeys(REASONS, 0))
    ordered = sorted(
        [*kept, *added],
        key=lambda item: (item[0].prompt_id, _order(item[0].chosen), _order(item[0].rejected)),
    )
    languages: dict[str, int] = {}
    for _, language in ordered:
        if language:
            languages[language] = languages.get(language, 0) + 1
    return Preferences(
        tuple(pair for pair, _ in ordered),
        dropped,
        votes,
        battles,
        dict(sorted(languages.items())),
        answers,
        len(added),
    )


_Groups = dict[tuple[Conversation, Conversation, Conversation], list[JudgedPair]]


def _gather(groups: _Groups, row: JudgedPair) -> None:
    """Put a row to those of the same two texts, whichever side they were on."""
    row = row if _order(row.continuation_a) <= _order(row.continuation_b) else row.swapped()
    groups.setdefault((row.prompt, row.continuation_a, row.continuation_b), []).append(row)


def _kept(groups: _Groups, majority: float, dropped: dict[str, int]) -> list[tuple[Preference, str | None]]:
    """Return the pair of each group that has one, with its language."""
    kept = []
    for group in groups.values():
        pair = _decide(group, majority, dropped)
        if pair is not None:
            kept.append((pair, next((row.language for row in group if row.language), None)))
    return kept


def _written_pairs(row: JudgedPair) -> list[JudgedPair]:
    """Return each written answer against each side, as battles that it won; none where a text cannot be used.

    Two sides of one text are beaten once, as the side of the model that comes first by name.
    """
    sides = sorted([(row.model_a, row.continuation_a), (row.model_b, row.continuation_b)], key=lambda s: s[0])
    if _stripped(row.continuation_a) == _stripped(row.continuation_b):
        sides = sides[:1]
    pairs = []
    for written in row.written:
        for model, side in sides:
            better = (*side[:-1], Message("assistant", written.text))
            pair = replace(
                row,
                continuation_a=better,
                continuation_b=side,
                model_a=WRITTEN,
                model_b=model,
                wins_a=1,
                wins_b=0,
                ties=0,
                both_bad=0,
                voter_kinds=(written.voter_kind,),
                written=(),
            )
            if side and _unusable(pair) is None:
                pairs.append(pair)
    return pairs


def _unusable(row: JudgedPair) -> str | None:
    if row.failed:
        return "failed"
    if row.prompt_id is None or not (row.prompt and row.continuation_a and row.continuation_b):
        return "no text"
    answers = [m for m in row.continuation_a + row.continuation_b if m.role == "assistant"]
    if not all(m.content.strip() for m in answers):
        return "empty"
    if _stripped(row.continuation_a) == _stripped(row.continuation_b):
        return "same text"
    return None


def _stripped(conversation: Conversation) -> list[tuple[str, str]]:
    return [(m.role, m.content.strip()) for m in conversation]


def _order(conversation: Conversation) -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in conversation]


def _decide(group: list[JudgedPair], majority: float, dropped: dict[str, int]) -> Preference | None:
    counts = {
        "a": sum(row.wins_a for row in group),
        "b": sum(row.wins_b for row in group),
        "tie": sum(row.ties for row in group),
        "both_bad": sum(row.both_bad for row in group),
    }
    votes = sum(counts.values())
    leader = max(counts, key=lambda outcome: counts[outcome])
    if counts[leader] <= majority * votes:
        dropped["split"] += votes
        return None
    if leader in ("tie", "both_bad"):
        dropped[leader] += counts[leader]
        dropped["outvoted"] += votes - counts[leader]
        return None
    dropped["merged"] += counts[leader] - 1
    dropped["outvoted"] += votes - counts[leader]
    first = min(group, key=lambda row: row.battle_id)
    winning = first if leader == "a" else first.swapped()
    return Preference(
        prompt=winning.prompt,
        chosen=winning.continuation_a,
        rejected=winning.continuation_b,
        prompt_id=str(winning.prompt_id),
        battle_id=winning.battle_id,
        model_chosen=winning.model_a,
        model_rejected=winning.model_b,
        votes=votes,
        agreement=counts[leader] / votes,
        voter_kinds=tuple(sorted({kind for row in group for kind in row.voter_kinds})),
    )
