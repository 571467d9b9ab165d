"""What a run would take, told before it starts: calls, tokens, money.

The questions are written as the run would write them and looked up in the store, so that what is known already costs
nothing. Of many battles a sample is written and the rest taken to be like it; the order of battles has no pattern, so
its beginning is a sample.
"""

from arena.judgments import BattleFilter, JudgeSpec
from arena.types import Battle
from judges.asking import AskingJudge
from judges.calls import CallRequest
from judges.judging import Limits
from judges.opening import Jury, OpenJudge, Surroundings, open_judge
from judges.reading import Unreadable
from judges.reports import Estimate
from judges.spending import Estimator, prices_of

SAMPLE = 500
"""Battles whose questions are written for an estimate."""


def estimate(
    spec: JudgeSpec,
    battles: BattleFilter,
    criterion: str,
    around: Surroundings,
    *,
    retry_failed: bool = False,
) -> Estimate:
    """Return what it would take to let a judge judge those of `battles` it has not judged.

    Raises:
        NotFound: its model, template, metric or a member is gone.
        InvalidInput: an option is impossible.
    """
    judge = open_judge(spec, around)
    return _of(spec, judge, battles, criterion, around, Limits(retry_failed=retry_failed))


def _of(
    spec: JudgeSpec,
    judge: OpenJudge,
    battles: BattleFilter,
    criterion: str,
    around: Surroundings,
    limits: Limits,
) -> Estimate:
    first, left, before = around.store.battles.to_judge(
        battles, spec.name, criterion, judge.fingerprint, limits.again, limit=SAMPLE
    )
    found = Estimate(spec.name, criterion, left + before, before)
    if isinstance(judge, Jury):
        members = tuple(
            _of(member.spec, member.judge, battles, criterion, around, limits) for member in judge.members
        )
        return _together(found, members)
    if not isinstance(judge, AskingJudge) or not left:
        return found
    return _asked(found, judge, around.store.battles.load(first), left, around)


def _asked(
    found: Estimate, judge: AskingJudge, sample: list[Battle], left: int, around: Surroundings
) -> Estimate:
    questions: dict[str, CallRequest] = {}
    refused = 0
    for battle in sample:
        try:
            questions |= {request.key: request for request in judge.requests(battle, found.criterion)}
        except Unreadable:
            refused += 1
    known = around.store.judgments.readings(questions)
    spent = around.store.judgments.spent(judge.spec.name)
    estimator = Estimator(judge.options.max_tokens, spent)
    calls = [estimator.of(request.messages) for key, request in questions.items() if key not in known]
    share = left / max(len(sample), 1)
    prompt = round(sum(call.prompt_tokens for call in calls) * share)
    completion = round(sum(call.completion_tokens for call in calls) * share)
    prices = prices_of(judge.options.price_in, judge.options.price_out)
    return Estimate(
        found.judge,
        found.criterion,
        found.battles,
        found.judged_before,
        calls=round(len(calls) * share),
        cached=round(len(known) * share),
        not_applicable=round(refused * share),
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost=prices.cost(prompt, completion) if prices else None,
        learnt=spent.completion_tokens_a_call is not None,
    )


def _together(jury: Estimate, members: tuple[Estimate, ...]) -> Estimate:
    costs = [member.cost for member in members if member.cost is not None]
    return Estimate(
        jury.judge,
        jury.criterion,
        jury.battles,
        jury.judged_before,
        calls=sum(member.calls for member in members),
        cached=sum(member.cached for member in members),
        not_applicable=max((member.not_applicable for member in members), default=0),
        prompt_tokens=sum(member.prompt_tokens for member in members),
        completion_tokens=sum(member.completion_tokens for member in members),
        cost=sum(costs) if costs else None,
        learnt=all(member.learnt for member in members if member.calls),
        members=members,
    )
