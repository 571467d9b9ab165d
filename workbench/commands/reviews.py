"""`workbench review ...`: prepared queues of battles for several annotators, and how these do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.errors import InvalidInput
from workbench.commands.output import Context, Format, say, write_json

if TYPE_CHECKING:
    from arena.reviews import QueueSummary
    from arena.statistics import Figure
    from judges.annotators import Annotator, QueueReport
    from workbench.bench import Workbench

review_app = typer.Typer(
    no_args_is_help=True, help="Prepare battles for annotators, and see how they vote through them."
)

_COLUMNS = (
    "name", "state", "battles", "complete", "votes", "missing", "people", "skips", "attention", "overlap",
    "criterion", "instructions",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(review_app, name="review")


@review_app.command()
def create(
    context: typer.Context,
    name: str,
    models: Annotated[str | None, typer.Option(help="The models, separated by commas.")] = None,
    prompts: Annotated[str | None, typer.Option(help="The prompt sets, separated by commas.")] = None,
    from_battles: Annotated[
        bool,
        typer.Option(
            "--from-battles", help="Take stored battles that pass the filters instead of fighting new ones."
        ),
    ] = False,
    category: Annotated[
        str | None, typer.Option(help="Only stored battles on prompts of this category.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Only stored battles on prompts in this language.")
    ] = None,
    voted: Annotated[
        bool, typer.Option("--voted", help="Only stored battles that people have voted on.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many stored battles; the same ones every time.")
    ] = None,
    overlap: Annotated[int, typer.Option(min=1, help="How many people vote on each battle.")] = 1,
    attention: Annotated[
        str, typer.Option(help="How many attention pairs come to the battles, as 5% or 0.05; 0 for none.")
    ] = "5%",
    attention_file: Annotated[
        Path | None,
        typer.Option(help="JSONL with prompt, better and worse: attention pairs of your own instead."),
    ] = None,
    instructions: Annotated[str, typer.Option(help="What annotators read before they begin.")] = "",
    criterion: Annotated[
        str | None, typer.Option(help="What is voted on; the main criterion unless told otherwise.")
    ] = None,
) -> None:
    """Make a queue: fight a battle on each prompt between two of the models, or take stored battles."""
    from arena.attention import read_pairs
    from arena.judgments import BattleFilter

    shared: Context = context.obj
    share = share_of(attention)
    pairs = read_pairs(attention_file) if attention_file else ()
    if not from_battles:
        _only_filters(category=category, language=language, voted=voted or None, limit=limit)
        if not models or not prompts:
            raise InvalidInput(
                "Name the models and the prompt set to fight battles with (--models A,B --prompts SET), "
                "or take stored ones with --from-battles."
            )
    with shared.bench() as bench:
        chosen = BattleFilter(
            models=_names(models),
            prompt_sets=_names(prompts),
            category=category,
            language=language,
            voted_by_people=voted,
            limit=limit,
        )
        made = bench.create_queue(
            name,
            battles=chosen if from_battles else None,
            battle_ids=None if from_battles else _fight(bench, name, _names(models), _names(prompts)),
            overlap=overlap,
            attention=share,
            pairs=pairs,
            instructions=instructions,
            criterion=criterion,
        )
    shared.one(summary_row(made))
    if not pairs and made.attention < share * made.battles:
        say(
            f"workbench: Only {made.attention} attention pairs could be made of other answers; "
            "--attention-file takes your own."
        )


@review_app.command("list")
def list_(context: typer.Context) -> None:
    """List the queues, those that take votes first."""
    shared: Context = context.obj
    with shared.bench() as bench:
        rows = [summary_row(found) for found in bench.queues()]
    shared.rows(rows, _COLUMNS[:-1], empty="No review queues yet: `workbench review create` makes one.")


@review_app.command()
def show(context: typer.Context, name: str) -> None:
    """Show a queue with its figures."""
    shared: Context = context.obj
    with shared.bench() as bench:
        shared.one(summary_row(bench.queue(name)))


@review_app.command()
def report(context: typer.Context, name: str) -> None:
    """Show how each annotator of a queue does, and how far they agree."""
    shared: Context = context.obj
    with shared.bench() as bench:
        found = bench.queue_report(name)
    rows = [_person(person) for person in found.people]
    if shared.format is Format.JSON:
        write_json({**_overall(found), "people": rows})
        return
    rows = [{**row, "notes": " ".join(row["notes"])} for row in rows]
    shared.rows(rows, list(_person_columns()), empty="Nobody has voted in this queue yet.")
    if found.people:
        say(
            f"{found.shared} battles with votes by two people or more: two agree on {_figure(found.agreement)}, "
            f"Krippendorff's alpha {_figure(found.alpha)}."
        )


@review_app.command()
def close(context: typer.Context, name: str) -> None:
    """Take no more votes in a queue; what was voted stays."""
    shared: Context = context.obj
    with shared.bench() as bench:
        shared.one(summary_row(bench.close_queue(name)))


@review_app.command()
def reopen(context: typer.Context, name: str) -> None:
    """Let a closed queue take votes again."""
    shared: Context = context.obj
    with shared.bench() as bench:
        shared.one(summary_row(bench.reopen_queue(name)))


@review_app.command()
def remove(context: typer.Context, name: str) -> None:
    """Forget a queue; its battles and the votes on them stay."""
    shared: Context = context.obj
    with shared.bench() as bench:
        bench.remove_queue(name)
    say(f"The review queue {name!r} is gone; its battles and votes are kept.")


def _fight(
    bench: "Workbench", queue: str, models: tuple[str, ...] | None, prompts: tuple[str, ...] | None
) -> list[Any]:
    """Fight the battles of a queue as a job and return the ids of those that take votes."""
    from arena.reviews import queue_name, refuse_known
    from workbench.commands.arena import leave
    from workbench.commands.following import run_job
    from workbench.jobs.specs import BattleJob

    refuse_known(queue_name(queue), [known.queue for known in bench.queues()])
    fought = run_job(bench, BattleJob(models=models or (), prompts=prompts or ()), label="battles").result
    leave(fought.not_asked, "battles were not fought, and no queue was made")
    usable = [battle.battle_id for battle in fought.battles if battle.votable]
    if len(usable) < len(fought.battles):
        say(f"workbench: {len(fought.battles) - len(usable)} battles with a failed answer are left out.")
    return usable


def _only_filters(**given: object) -> None:
    """Refuse options that choose among stored battles where new ones are fought."""
    for option, value in given.items():
        if value is not None:
            raise InvalidInput(f"--{option} chooses among stored battles: give --from-battles with it.")


def share_of(text: str) -> float:
    """Return `5%` or `0.05` as a share of one.

    Raises:
        InvalidInput: it is no number.
    """
    number, percent = text.strip().removesuffix("%"), text.strip().endswith("%")
    try:
        value = float(number)
    except ValueError:
        raise InvalidInput(f"--attention {text!r} is no share: write 5% or 0.05, or 0 for none.") from None
    return value / 100 if percent else value


def _names(text: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    return names or None


def summary_row(found: "QueueSummary") -> dict[str, Any]:
    """Return a queue as a row of plain values."""
    queue = found.queue
    return {
        "name": queue.name,
        "state": "closed" if queue.closed else "open",
        "battles": found.battles,
        "complete": found.complete,
        "votes": found.votes,
        "missing": found.missing,
        "people": found.people,
        "skips": found.skips,
        "attention": found.attention,
        "overlap": queue.overlap,
        "criterion": queue.criterion,
        "instructions": queue.instructions,
    }


def _person(person: "Annotator") -> dict[str, Any]:
    return {
        "annotator": person.voter.name,
        "votes": person.votes,
        "skips": person.skips,
        **_ends("agreement", person.agreement),
        "attention_passed": person.attention_passed,
        "attention_met": person.attention_met,
        "seconds_a_vote": person.seconds,
        **_ends("chose_a", person.chose_a),
        **{outcome.value: votes for outcome, votes in person.outcomes.items()},
        "notes": list(person.notes),
    }


def _person_columns() -> tuple[str, ...]:
    return (
        "annotator", "votes", "skips", "agreement", "agreement_lower", "agreement_upper", "attention_passed",
        "attention_met", "seconds_a_vote", "chose_a", "notes",
    )  # fmt: skip


def _overall(found: "QueueReport") -> dict[str, Any]:
    return {
        "shared_battles": found.shared,
        **_ends("agreement", found.agreement),
        **_ends("alpha", found.alpha),
    }


def _ends(name: str, figure: "Figure") -> dict[str, Any]:
    return {name: figure.value, f"{name}_lower": figure.lower, f"{name}_upper": figure.upper}


def _figure(figure: "Figure") -> str:
    if figure.value is None:
        return "unknown"
    ends = "" if figure.lower is None else f" [{figure.lower:.2f}, {figure.upper:.2f}]"
    return f"{figure.value:.2f}{ends}"
