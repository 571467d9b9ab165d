"""Verdicts for people to look at: in pages with their battles, and one by one with everything sent and received."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from arena.errors import InvalidInput
from arena.judgments import JudgeCall, Verdict
from arena.store import Store
from arena.store.verdicts import VerdictFilter, VerdictKey
from arena.types import DEFAULT_CRITERION, Battle, VoterKind, Winner
from judges.asking import ONE_ANSWER
from judges.outcome import jurors
from judges.reports import Exchange, Transcript, VerdictLine, VerdictPage

SHOWN_FIRST = ("Side A shown first", "Side B shown first")


def page(store: Store, which: VerdictFilter, *, offset: int, limit: int) -> VerdictPage:
    """Return some of the latest verdicts that `which` lets through, newest first, with what a list shows."""
    verdicts = store.verdicts.page(which, offset=offset, limit=limit)
    return VerdictPage(tuple(_lines(store, verdicts)), store.verdicts.count(which))


def latest(store: Store, which: VerdictFilter, *, limit: int, before: str | None) -> list[VerdictLine]:
    """Return the latest verdicts from the newest on, those that come after the line whose key is `before`.

    Raises:
        InvalidInput: `before` is no key of a line.
    """
    return _lines(store, store.verdicts.after(which, limit, None if before is None else _key(before)))


def _key(text: str) -> VerdictKey:
    try:
        at, battle_id, judge, criterion = json.loads(text)
        return int(at), str(UUID(battle_id)), str(judge), str(criterion)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"{text[:60]!r} is no place in a list of verdicts: begin with the first page."
        ) from error


def _lines(store: Store, verdicts: Sequence[Verdict]) -> list[VerdictLine]:
    battles = {battle.battle_id: battle for battle in store.battles.load([v.battle_id for v in verdicts])}
    people = {
        criterion: store.votes.tallies(list(battles), VoterKind.HUMAN, criterion)
        for criterion in {verdict.criterion for verdict in verdicts}
    }
    return [
        _line(verdict, battles[verdict.battle_id], people[verdict.criterion].get(verdict.battle_id, {}))
        for verdict in verdicts
    ]


def transcript(store: Store, battle_id: UUID, judge: str, criterion: str = DEFAULT_CRITERION) -> Transcript:
    """Return how a judge's latest verdict on a battle came about, a jury's members included.

    Raises:
        NotFound: it has given none.
    """
    battle = store.battles.get(battle_id)
    verdict = store.verdicts.get(battle_id, judge, criterion)
    people = store.votes.tallies([battle_id], VoterKind.HUMAN, criterion).get(battle_id, {})
    members = [
        Transcript(battle, member, exchanges(store, battle, member), people=people)
        for member in _members(store, verdict)
    ]
    return Transcript(battle, verdict, exchanges(store, battle, verdict), tuple(members), people)


def exchanges(store: Store, battle: Battle, verdict: Verdict) -> tuple[Exchange, ...]:
    """Return what the judge was asked for this verdict, in the order of its keys; nothing for a jury."""
    if jurors(verdict):
        return ()
    calls: dict[str, list[JudgeCall]] = {}
    for call in store.judgments.calls(verdict.calls):
        calls.setdefault(call.key, []).append(call)
    titles = _titles(battle, verdict, [call for attempts in calls.values() for call in attempts])
    return tuple(
        Exchange(title, tuple(calls.get(key, ()))) for title, key in zip(titles, verdict.calls, strict=True)
    )


def _titles(battle: Battle, verdict: Verdict, calls: Sequence[JudgeCall]) -> list[str]:
    of_one_answer = (verdict.detail or "").startswith(ONE_ANSWER)
    scores = of_one_answer or any(call.reading is not None and "score" in call.reading for call in calls)
    if len(verdict.calls) <= 2 and not scores:
        return list(SHOWN_FIRST[: len(verdict.calls)])
    turns = len(verdict.calls) // 2
    if turns * 2 != len(verdict.calls) or turns > len(battle.turns):
        return [f"Question {number}" for number in range(1, len(verdict.calls) + 1)]
    if turns == 1:
        return ["Answer A", "Answer B"]
    return [f"Answer {side}, turn {turn}" for side in "AB" for turn in range(1, turns + 1)]


def _members(store: Store, verdict: Verdict) -> list[Verdict]:
    """Return the members' verdicts a jury decided by."""
    found: list[Verdict] = []
    for juror in jurors(verdict):
        theirs = store.verdicts.of_battles(
            [verdict.battle_id], juror.judge, verdict.criterion, juror.fingerprint
        )
        found += theirs.values()
    return found


def _line(verdict: Verdict, battle: Battle, people: Mapping[Winner, int]) -> VerdictLine:
    prompt = battle.prompt.text if battle.prompt else ""
    return VerdictLine(verdict, battle.model_a, battle.model_b, prompt, people)
