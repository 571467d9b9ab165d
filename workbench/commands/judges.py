"""`workbench judges ...`: judges set up, tested and looked over their shoulder."""

import sys
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from arena.judgments import Failure, JudgeKind, JudgeSpec
from arena.types import DEFAULT_CRITERION, Winner
from workbench.commands.following import Detach, run_job
from workbench.commands.output import Context, Format, key_value, say

if TYPE_CHECKING:
    from judges.reports import Transcript

judges_app = typer.Typer(
    no_args_is_help=True, help="Set judges up, list, test and remove them; see their verdicts."
)

Judge = Annotated[str, typer.Option(help="The judge's name.")]
Criterion = Annotated[str, typer.Option(help="What is judged by.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(judges_app, name="judges")


@judges_app.command()
def add(
    context: typer.Context,
    name: str,
    kind: Annotated[JudgeKind, typer.Option(help="What decides.")],
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            "-o",
            metavar="KEY=VALUE",
            help="pairwise, single: model, template, temperature, max_tokens, orders, price_in, price_out, ...; "
            "jury: members, decide; reward: path; metric: metric; rule: pattern, json_schema, max_words, ...",
        ),
    ] = None,
    replace: Annotated[bool, typer.Option(help="Change a judge of that name.")] = False,
) -> None:
    """Set a judge up."""
    shared: Context = context.obj
    spec = JudgeSpec(name, kind, dict(key_value(text) for text in option or ()))
    with shared.bench(create=True) as bench:
        shared.one(_row(bench.add_judge(spec, replace=replace)))


@judges_app.command("list")
def list_(context: typer.Context) -> None:
    """List the judges, with how their verdicts came out."""
    from arena.store.verdicts import VerdictFilter

    shared: Context = context.obj
    with shared.bench() as bench:
        rows = []
        for spec in bench.list_judges():
            counts = bench.verdict_counts(VerdictFilter(judge=spec.name))
            row = _row(spec)
            if shared.format is Format.TABLE:
                row["options"] = {key: _short(value) for key, value in spec.options.items()}
            rows.append({**row, "verdicts": counts.decided, "failed": counts.failed})
    columns = ["name", "kind", "verdicts", "failed", "options"]
    shared.rows(
        rows, columns, empty="No judges yet: `workbench judges add NAME --kind pairwise -o model=MODEL`."
    )


@judges_app.command()
def show(context: typer.Context, name: str, criterion: Criterion = DEFAULT_CRITERION) -> None:
    """Show one judge: its options, the hash its verdicts carry, and how they came out."""
    from arena.store.verdicts import VerdictFilter

    shared: Context = context.obj
    with shared.bench() as bench:
        spec = bench.judge_spec(name)
        counts = bench.verdict_counts(VerdictFilter(judge=name, criterion=criterion))
        shared.one(
            {
                **_row(spec),
                "fingerprint": bench.judge_fingerprint(name),
                "criterion": criterion,
                "outcomes": {str(winner): getattr(counts, winner) for winner in Winner},
                "inconsistent": counts.inconsistent,
                "failures": {str(reason): number for reason, number in counts.failures},
            }
        )


@judges_app.command()
def remove(context: typer.Context, name: str) -> None:
    """Take a judge away; its verdicts and votes stay."""
    shared: Context = context.obj
    with shared.bench() as bench:
        bench.remove_judge(name)
    say(f"Removed the judge {name!r}; its verdicts and votes stay.")


@judges_app.command()
def templates(
    context: typer.Context,
    copy: Annotated[str | None, typer.Option(help="Copy this template into the home, to be changed.")] = None,
    name: Annotated[str | None, typer.Option("--name", "--as", help="With --copy: the copy's name.")] = None,
) -> None:
    """List the templates a judge can be asked by, or copy one into the home."""
    shared: Context = context.obj
    with shared.bench() as bench:
        if copy is not None:
            path = bench.copy_template(copy, name)
            shared.one({"name": path.stem, "file": str(path)})
            return
        rows = [
            {
                "name": template.name,
                "kind": template.kind,
                "title": template.title,
                "own": not template.builtin,
                "file": str(template.path),
                "digest": template.digest,
            }
            for template in bench.templates()
        ]
        broken = bench.broken_templates()
    shared.rows(rows, ["name", "kind", "title", "own"])
    for problem in broken.values():
        say(f"workbench: {problem}")
    if broken:
        sys.exit(2)


@judges_app.command()
def verdicts(
    context: typer.Context,
    judge: Annotated[str | None, typer.Option(help="Only this judge's.")] = None,
    criterion: Annotated[str | None, typer.Option(help="Only on this criterion.")] = None,
    winner: Annotated[Winner | None, typer.Option(help="Only those with this outcome.")] = None,
    failure: Annotated[Failure | None, typer.Option(help="Only those that failed for this reason.")] = None,
    failed: Annotated[
        bool | None, typer.Option("--failed/--decided", help="Only failed ones, or none.")
    ] = None,
    inconsistent: Annotated[
        bool | None,
        typer.Option("--inconsistent/--consistent", help="Only where the orders disagreed, or not."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over.")] = 0,
) -> None:
    """List verdicts, the newest first, beside the votes of people on the same battles."""
    from arena.store.verdicts import VerdictFilter

    shared: Context = context.obj
    which = VerdictFilter(judge, criterion, winner, failure, failed, inconsistent)
    with shared.bench() as bench:
        page = bench.verdicts(which, offset=offset, limit=limit)
    rows = [
        {
            "battle_id": str(line.verdict.battle_id),
            "judge": line.verdict.judge,
            "criterion": line.verdict.criterion,
            "winner": line.verdict.winner,
            "failure": line.verdict.failure,
            "inconsistent": line.verdict.inconsistent,
            "probability_a": line.verdict.probability_a,
            "model_a": line.model_a,
            "model_b": line.model_b,
            "people": {str(outcome): number for outcome, number in line.people.items()},
            "detail": line.verdict.detail,
            "prompt": " ".join(line.prompt.split())[:80],
        }
        for line in page.lines
    ]
    columns = [
        "battle_id",
        "judge",
        "winner",
        "failure",
        "inconsistent",
        "people",
        "model_a",
        "model_b",
        "prompt",
    ]
    shared.rows(rows, columns, empty="No verdicts: `workbench judge --judge NAME` gives some.")
    if page.total > len(rows):
        say(f"{len(rows)} of {page.total:,} verdicts; --offset shows others.")


@judges_app.command()
def transcript(
    context: typer.Context, battle: UUID, judge: Judge, criterion: Criterion = DEFAULT_CRITERION
) -> None:
    """Show how a verdict came about: everything the judge was sent, and what it replied."""
    shared: Context = context.obj
    with shared.bench() as bench:
        found = bench.transcript(battle, judge, criterion)
    if shared.format is Format.JSON:
        shared.one(_transcript_row(found))
    else:
        sys.stdout.write(_transcript_text(found))


@judges_app.command()
def attack(context: typer.Context, name: str, detach: Detach = False) -> None:
    """Ask a judge the suite of attacks, and say how often an answer passed itself off as the verdict.

    Each attack is asked once in each order; these calls are paid for like any other, and are not stored.
    """
    from judges.attack_texts import ATTACKS
    from workbench.jobs.specs import AttackJob

    shared: Context = context.obj
    with shared.bench() as bench:
        say(f"Asking {name!r} {len(ATTACKS)} attacks ...")
        report = run_job(bench, AttackJob(judge=name), detach=detach).result
    if not report.sound:
        say(
            f"workbench: without any attack the judge does not find for the right answer ({report.baseline}), "
            "so the suite shows nothing about it."
        )
        sys.exit(7)
    columns = ["attack", "tried", "won", "spoilt", "unreadable", "rate"]
    shared.rows([row.as_dict() for row in report.rows], columns)


def _row(spec: JudgeSpec) -> dict[str, Any]:
    return {"name": spec.name, "kind": str(spec.kind), "options": dict(spec.options)}


def _short(value: object) -> object:
    """Return a text that is longer than a column should be with its end left out."""
    return value[:39] + "…" if isinstance(value, str) and len(value) > 40 else value


def _transcript_row(found: "Transcript") -> dict[str, Any]:
    verdict = found.verdict
    return {
        "battle_id": str(verdict.battle_id),
        "judge": verdict.judge,
        "fingerprint": verdict.fingerprint,
        "criterion": verdict.criterion,
        "winner": verdict.winner,
        "failure": verdict.failure,
        "detail": verdict.detail,
        "inconsistent": verdict.inconsistent,
        "probability_a": verdict.probability_a,
        "strength": verdict.strength,
        "forward": verdict.forward,
        "backward": verdict.backward,
        "model_a": found.battle.model_a,
        "model_b": found.battle.model_b,
        "people": {str(winner): number for winner, number in found.people.items()},
        "exchanges": [
            {
                "title": exchange.title,
                "calls": [
                    {
                        "attempt": call.attempt,
                        "messages": [message.as_dict() for message in call.messages],
                        "reply": call.reply,
                        "reading": call.reading,
                        "failure": call.failure,
                        "detail": call.detail,
                        "finish_reason": call.finish_reason,
                        "prompt_tokens": call.prompt_tokens,
                        "completion_tokens": call.completion_tokens,
                        "cost": call.cost,
                        "seconds": call.seconds,
                        "created_at": call.created_at,
                    }
                    for call in exchange.calls
                ],
            }
            for exchange in found.exchanges
        ],
        "members": [_transcript_row(member) for member in found.members],
    }


def _transcript_text(found: "Transcript") -> str:
    """Return a transcript as a page of text."""
    verdict = found.verdict
    outcome = str(verdict.winner) if verdict.winner else f"no verdict: {verdict.failure}"
    marks = " (the orders disagree)" if verdict.inconsistent else ""
    lines = [
        f"{verdict.judge} on {found.battle.model_a} (A) against {found.battle.model_b} (B): {outcome}{marks}"
    ]
    if verdict.detail:
        lines.append(verdict.detail)
    for exchange in found.exchanges:
        lines += ["", f"== {exchange.title} =="]
        for message in exchange.calls[-1].messages if exchange.calls else ():
            lines += [f"[{message.role}]", message.content]
        for call in exchange.calls:
            lines += [f"[reply {call.attempt}]", call.reply if call.reply is not None else "(none)"]
            if call.failure is not None:
                lines.append(f"[failed: {call.failure}] {call.detail}")
    for member in found.members:
        lines += ["", _transcript_text(member).rstrip("\n")]
    return "\n".join(lines) + "\n"
