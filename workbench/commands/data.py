"""`workbench import | prompts | votes | export`: data in, data out."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from arena.types import DEFAULT_CRITERION, VoteFilter, VoterKind
from workbench.commands.choosing import (
    Category,
    Criterion,
    Language,
    Named,
    SideBySide,
    Trusted,
    Voters,
    Without,
    votes_of,
)
from workbench.commands.following import run_job
from workbench.commands.output import Context, Format, say, write_json

prompts_app = typer.Typer(no_args_is_help=True, help="Import and list prompt sets.")


class What(StrEnum):
    """What a file holds."""

    VOTES = "votes"
    ANSWERS = "answers"
    PROMPTS = "prompts"
    PREFERENCES = "preferences"


class Kind(StrEnum):
    """What an export is for."""

    DPO = "dpo"
    REWARD = "reward"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(import_)
    app.command()(export)
    app.command("exports")(exports)
    app.command()(votes)
    app.add_typer(prompts_app, name="prompts")
    prompts_app.command("import")(prompts_import)
    prompts_app.command("list")(prompts_list)


def vote_filter(
    voters: list[VoterKind] | None,
    category: str | None,
    language: str | None,
    criterion: str,
    named: list[str] | None = None,
    trusted: list[str] | None = None,
    without: list[str] | None = None,
    side_by_side: bool = False,
) -> VoteFilter:
    """Return the filter these options mean; see `workbench.commands.choosing.votes_of`."""
    return votes_of(
        voters=voters,
        voter=named,
        trust=trusted,
        without=without,
        named=side_by_side,
        category=category,
        language=language,
        criterion=criterion,
    )


def say_left_out(notes: Sequence[str]) -> None:
    """Say which judges' votes do not count, and how to count them all the same."""
    for note in notes:
        say(note)
    if notes:
        say("`--trust NAME` counts a judge all the same.")


def import_(
    context: typer.Context,
    file: Path,
    what: Annotated[What, typer.Option("--as", help="What the file holds.")],
    from_format: Annotated[
        str | None, typer.Option("--from", help="Its format; found from its content if absent.")
    ] = None,
    set_name: Annotated[
        str | None, typer.Option("--set", help="The prompt set its prompts go into or are found in.")
    ] = None,
    voters: Annotated[VoterKind, typer.Option(help="Who cast the votes.")] = VoterKind.HUMAN,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the good rows although others are rejected.")
    ] = False,
) -> None:
    """Read votes, answers, prompts or preferences from a file, all or nothing."""
    from workbench.jobs.specs import ImportJob

    shared: Context = context.obj
    with shared.bench(create=True) as bench:
        asked = ImportJob(
            file=str(file),
            what=what.value,
            from_format=from_format,
            set_name=set_name,
            skip_bad=skip_bad,
            voter_kind=voters,
        )
        report = run_job(bench, asked).result
    figures = report.as_dict()
    shared.one(figures if shared.format is Format.JSON else {k: v for k, v in figures.items() if v != 0})


def prompts_import(
    context: typer.Context,
    file: Path,
    set_name: Annotated[
        str | None, typer.Option("--set", help="Name of the set; the file's name if absent.")
    ] = None,
    from_format: Annotated[
        str | None, typer.Option("--from", help="Its format; found from its content if absent.")
    ] = None,
) -> None:
    """Read a prompt set from a file."""
    import_(context, file, What.PROMPTS, from_format, set_name)


def prompts_list(
    context: typer.Context, set_name: Annotated[str | None, typer.Argument(metavar="[SET]")] = None
) -> None:
    """List the prompt sets, or the prompts of one."""
    shared: Context = context.obj
    with shared.bench() as bench:
        if set_name is None:
            rows: list[dict[str, Any]] = [
                {"set": name, "prompts": n} for name, n in bench.prompt_sets().items()
            ]
            shared.rows(rows, ["set", "prompts"], empty="No prompts yet: `workbench prompts import FILE`.")
            return
        rows = [
            {"prompt_id": p.prompt_id, "text": p.text, "category": p.category, "language": p.language}
            for p in bench.prompts_of([set_name])
        ]
    shared.rows(rows, ["prompt_id", "category", "text"], empty=f"The set {set_name!r} is empty.")


def export(
    context: typer.Context,
    name: str,
    kind: Annotated[Kind, typer.Option("--as", help="What the dataset is for.")] = Kind.DPO,
    voters: Voters = None,
    voter: Named = None,
    trust: Trusted = None,
    without: Without = None,
    named: SideBySide = False,
    category: Category = None,
    language: Language = None,
    criterion: Criterion = DEFAULT_CRITERION,
) -> None:
    """Freeze the preferences that the votes give as exports/NAME."""
    from workbench.jobs.specs import ExportJob

    shared: Context = context.obj
    with shared.bench() as bench:
        chosen = vote_filter(voters, category, language, criterion, voter, trust, without, named)
        say_left_out(bench.left_out(chosen))
        manifest = run_job(bench, ExportJob(name=name, votes=chosen, purpose=kind.value)).result
        folder = bench.exports_folder / name
    if shared.format is Format.JSON:
        write_json({**manifest.as_dict(), "folder": str(folder)})
        return
    dropped = {
        key: n for key, n in manifest.waterfall.items() if n and key not in ("votes", "written", "pairs")
    }
    figures = {"name": name, "votes": manifest.votes, "dropped": dropped, "pairs": manifest.pairs}
    shared.one({**figures, "prompts": manifest.prompts, "sha256": manifest.sha256, "folder": str(folder)})


def exports(context: typer.Context) -> None:
    """List the exports of this home."""
    shared: Context = context.obj
    with shared.bench() as bench:
        rows = [manifest.as_dict() for manifest in bench.exports()]
    shared.rows(
        rows,
        ["name", "kind", "pairs", "sha256", "created_at"],
        empty="No exports yet: `workbench export NAME`.",
    )


def votes(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write: .csv, .jsonl (or with .gz), or .parquet.")],
    voters: Voters = None,
    voter: Named = None,
    trust: Trusted = None,
    without: Without = None,
    named: SideBySide = False,
    category: Category = None,
    language: Language = None,
    criterion: Criterion = DEFAULT_CRITERION,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file of that name.")] = False,
) -> None:
    """Write the votes that stand to a file, in Chatbot Arena's columns; `import` reads it back."""
    shared: Context = context.obj
    with shared.bench() as bench:
        chosen = vote_filter(voters, category, language, criterion, voter, trust, without, named)
        say_left_out(bench.left_out(chosen))
        written = bench.export_votes(file, chosen, replace=replace)
    shared.one({"file": str(file), "votes": written})
