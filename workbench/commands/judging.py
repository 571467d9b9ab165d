"""`workbench judge`: let a judge judge, with what it would take before and how far it is meanwhile."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.judgments import BattleFilter
from arena.types import DEFAULT_CRITERION, Winner
from workbench.commands.following import Detach, run_job
from workbench.commands.output import Context, Format, say

if TYPE_CHECKING:
    from judges.reports import Estimate, JudgeReport

Judge = Annotated[str, typer.Option(help="The judge's name.")]
Criterion = Annotated[str, typer.Option(help="What is judged by.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(judge)


def judge(
    context: typer.Context,
    judge: Judge,
    models: Annotated[str | None, typer.Option(help="Only battles between two of these models.")] = None,
    prompts: Annotated[str | None, typer.Option(help="Only battles on these prompt sets.")] = None,
    category: Annotated[str | None, typer.Option(help="Only prompts of this category.")] = None,
    language: Annotated[str | None, typer.Option(help="Only prompts in this language.")] = None,
    voted: Annotated[bool, typer.Option("--voted", help="Only battles that people have voted on.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many battles; the same ones every time.")
    ] = None,
    criterion: Criterion = DEFAULT_CRITERION,
    slots: Annotated[int | None, typer.Option(min=1, help="Requests in flight at once.")] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="Start no call that could pass this, in the prices' currency.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=0, help="Start no call that could pass so many tokens in all.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask again where a reply could not be read.")
    ] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would take.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before paid calls.")] = False,
    detach: Detach = False,
) -> None:
    """Let a judge judge the battles it has not judged; each verdict is stored as a vote of its name.

    Ctrl-C finishes what is in flight and stops; a second one ends at once. The same command goes on from there: no
    reply that was received is paid for twice.
    """
    from workbench.jobs.specs import JudgeJob

    shared: Context = context.obj
    battles = BattleFilter(_names(models), _names(prompts), category, language, voted, limit)
    with shared.bench() as bench:
        planned = bench.judge_estimate(judge, battles, criterion=criterion, retry_failed=retry_failed)
        if estimate:
            _show_estimate(shared, planned)
            return
        _tell_plan(planned)
        if planned.calls and not yes and sys.stdin.isatty() and sys.stderr.isatty():
            typer.confirm("Begin?", abort=True, err=True)
        asked = JudgeJob(
            judge=judge,
            battles=battles,
            criterion=criterion,
            slots=slots,
            max_cost=max_cost,
            max_tokens=max_tokens,
            retry_failed=retry_failed,
        )
        report = run_job(bench, asked, detach=detach, label=judge).result
    _show_report(shared, report)


def _names(text: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else None


def _show_estimate(shared: Context, planned: "Estimate") -> None:
    row = _estimate_row(planned)
    if shared.format is not Format.JSON:
        del row["learnt"]
        row["members"] = [f"{member.judge}: {member.calls:,} calls" for member in planned.members]
    shared.one(row)


def _estimate_row(planned: "Estimate") -> dict[str, Any]:
    row = {
        "judge": planned.judge,
        "criterion": planned.criterion,
        "battles": planned.battles,
        "judged_before": planned.judged_before,
        "not_applicable": planned.not_applicable,
        "calls": planned.calls,
        "cached": planned.cached,
        "prompt_tokens": planned.prompt_tokens,
        "completion_tokens": planned.completion_tokens,
        "cost": planned.cost,
        "learnt": planned.learnt,
    }
    if planned.members:
        row["members"] = [_estimate_row(member) for member in planned.members]
    return row


def _tell_plan(planned: "Estimate") -> None:
    if not planned.battles:
        say("No battle that takes votes matches: fight some with `workbench battle`, or choose others.")
        return
    left = planned.battles - planned.judged_before
    said = f"{left:,} battles to judge"
    if planned.judged_before:
        said += f", {planned.judged_before:,} are judged"
    if planned.calls or planned.cached:
        most = "" if planned.learnt else "at most "
        said += f": {planned.calls:,} calls, {most}about {planned.tokens:,} tokens"
    if planned.cost is not None:
        said += f", cost {planned.cost:,.{2 if planned.cost >= 1 else 4}f}"
    if planned.cached:
        said += f"; {planned.cached:,} replies are known"
    say(said + ".")


def _report_row(report: "JudgeReport") -> dict[str, Any]:
    row = {
        "judge": report.judge,
        "criterion": report.criterion,
        "fingerprint": report.fingerprint,
        "battles": report.battles,
        "judged_before": report.judged_before,
        "verdicts": report.decided,
        "outcomes": {str(winner): report.outcomes.get(winner, 0) for winner in Winner},
        "inconsistent": report.inconsistent,
        "failed": report.failed,
        "failures": {str(reason): number for reason, number in report.failures.items()},
        "not_asked": report.not_asked,
        "calls": report.calls,
        "cached": report.cached,
        "prompt_tokens": report.prompt_tokens,
        "completion_tokens": report.completion_tokens,
        "cost": report.cost,
        "seconds": round(report.seconds, 3),
        "ended_early": report.ended_early,
    }
    if report.members:
        row["agreement_of_members"] = report.agreement
        row["members"] = [_report_row(member) for member in report.members]
    return row


def _show_report(shared: Context, report: "JudgeReport") -> None:
    """Print the report and leave: 130 when stopped, 7 when the judge's model gave no verdict at all."""
    row = _report_row(report)
    if shared.format is not Format.JSON and report.members:
        row["members"] = [
            f"{m.judge}: {m.decided:,} verdicts, {m.failed:,} failed, {m.judged_before:,} before"
            for m in report.members
        ]
    shared.one(row)
    if report.ended_early:
        say(f"workbench: {report.ended_early}")
    if report.stopped:
        sys.exit(130)
    if report.calls and report.failed and not report.decided:
        sys.exit(7)
