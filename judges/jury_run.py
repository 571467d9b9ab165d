"""A jury at work: its members judge the same battles, each under its own name, and the jury decides by what they said.

Battles go through in portions, so that a run that is ended early leaves decided battles and not one busy member. A
member's verdicts are its own: stored, voted and never asked for again, with or without the jury.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from uuid import UUID

from arena.judgments import Verdict
from judges.judging import STOPPED, Errand, Limits, run
from judges.jury import decide, jury_agreement
from judges.keeping import Keeper, keep
from judges.opening import Jury, OpenMember
from judges.reports import JudgeReport
from judges.tally import Tally, together

PORTION = 512
"""Battles all members judge before the jury decides."""


async def run_jury(errand: Errand, begun: JudgeReport) -> JudgeReport:
    """Let the members judge what they have not judged, then decide; return the jury's report with theirs.

    Raises what judging raises.
    """
    jury = errand.judge
    assert isinstance(jury, Jury)
    tallies: list[Tally] = []
    seen = 0

    def tell(_: object = None) -> None:
        _tell(errand.tally, tallies, seen)

    tallies += [Tally(0, tell) for _ in jury.members]
    ended: str | None = None
    sat: list[list[Verdict]] = []
    ids = iter(errand.battles)
    while ended is None and not errand.stop.is_set() and (portion := list(islice(ids, PORTION))):
        errands = await asyncio.to_thread(_errands, errand, jury, portion, tallies)
        seen += len(portion)
        ended = await _members_judge(errand, errands, tallies)
        verdicts, heard = await asyncio.to_thread(_decide, errand, jury, portion)
        sat += heard
        errand.tally.add(await asyncio.to_thread(keep, errand.store, verdicts))
    tell()
    errand.tally.tell(last=True)
    stopped = errand.stop.is_set() and errand.tally.done < errand.tally.total
    report = errand.tally.report(begun, ended_early=ended or (STOPPED if stopped else None), stopped=stopped)
    agreement = jury_agreement(sat).alpha.value if sat else None
    return replace(report, agreement=agreement, members=tuple(_members(errand, jury, tallies)))


def _errands(errand: Errand, jury: Jury, battles: Sequence[UUID], tallies: Sequence[Tally]) -> list[Errand]:
    """Return what each member has to do: the battles it has not judged."""
    errands = []
    for member, tally in zip(jury.members, tallies, strict=True):
        left = _left(errand, member, battles)
        tally.total += len(left)
        errands.append(replace(errand, spec=member.spec, judge=member.judge, battles=left, tally=tally))
    return errands


async def _members_judge(errand: Errand, errands: Sequence[Errand], tallies: Sequence[Tally]) -> str | None:
    """Let every member do its errand; under a ceiling one after the other, else all at once."""
    if errand.limits.max_cost is None and errand.limits.max_tokens is None:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(_run(one)) for one in errands]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return next((end for task in tasks if (end := task.result()) is not None), None)
    for one in errands:
        ended = await _run(replace(one, limits=_remaining(errand, tallies)))
        if ended is not None:
            return ended
    return None


async def _run(errand: Errand) -> str | None:
    async with Keeper(errand.store, errand.tally) as keeper:
        return await run(errand, keeper)


def _left(errand: Errand, member: OpenMember, battles: Sequence[UUID]) -> list[UUID]:
    latest = errand.store.verdicts.latest(battles, member.spec.name, errand.criterion)
    done = {
        battle_id
        for battle_id, verdict in latest.items()
        if verdict.fingerprint == member.judge.fingerprint and verdict.failure not in errand.limits.again
    }
    return [battle_id for battle_id in battles if battle_id not in done]


def _remaining(errand: Errand, tallies: Sequence[Tally]) -> Limits:
    """Return the limits less what the members have spent so far."""
    spent = together([tally.calls for tally in tallies])
    limits = errand.limits
    tokens = spent.prompt_tokens + spent.completion_tokens
    return replace(
        limits,
        max_cost=None if limits.max_cost is None else max(0.0, limits.max_cost - (spent.cost or 0.0)),
        max_tokens=None if limits.max_tokens is None else max(0, limits.max_tokens - tokens),
    )


def _decide(errand: Errand, jury: Jury, battles: Sequence[UUID]) -> tuple[list[Verdict], list[list[Verdict]]]:
    """Return the jury's verdict on each battle that all members have been asked about, and the members' verdicts."""
    by_member = [
        errand.store.verdicts.of_battles(
            battles, member.spec.name, errand.criterion, member.judge.fingerprint
        )
        for member in jury.members
    ]
    decided, sat = [], []
    for battle_id in battles:
        heard = [verdicts[battle_id] for verdicts in by_member if battle_id in verdicts]
        if len(heard) < len(jury.members):
            continue
        sat.append(heard)
        decided.append(
            Verdict(
                battle_id,
                jury.spec.name,
                jury.fingerprint,
                criterion=errand.criterion,
                calls=tuple(member.juror.as_key() for member in jury.members),
                **{
                    "detail": ", ".join(f"{v.judge}: {v.winner or v.failure}" for v in heard),
                    **decide(heard, jury.options.decide, jury.options.quorum),
                },
            )
        )
    return decided, sat


def _members(errand: Errand, jury: Jury, tallies: Sequence[Tally]) -> list[JudgeReport]:
    """Return what each member did in this run; battles it had judged before count as such."""
    reports = []
    for member, tally in zip(jury.members, tallies, strict=True):
        asked = tally.total
        begun = JudgeReport(
            member.spec.name,
            errand.criterion,
            member.judge.fingerprint,
            len(errand.battles),
            len(errand.battles) - asked,
        )
        reports.append(tally.report(begun))
    return reports


def _tell(jury: Tally, members: Sequence[Tally], seen: int) -> None:
    """Show as done what every member is through with, of the battles they have been given so far."""
    jury.calls = together([member.calls for member in members])
    jury.note = ", ".join(f"{member.done:,} of {member.total:,}" for member in members)
    jury.show(min(seen - (member.total - member.done) for member in members))
