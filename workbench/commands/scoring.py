"""`workbench score`: numbers for stored answers, and a model held to a golden set."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.commands.following import Detach, run_job
from workbench.commands.output import Context, Format, key_value, say, write_json

if TYPE_CHECKING:
    from arena.judgments import AnswerFilter
    from judges.judging import Limits
    from workbench.bench import Workbench
    from workbench.verbs.golden import GoldenReport

_SHOWN_ANSWERS = 20


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(score)


def score(
    context: typer.Context,
    metric: Annotated[
        str | None,
        typer.Option(help="Metrics, separated by commas: rouge, chrf, f1, ..., or judges as judge:NAME."),
    ] = None,
    models: Annotated[str | None, typer.Option(help="Only answers of these models.")] = None,
    prompts: Annotated[str | None, typer.Option(help="Only answers to these prompt sets.")] = None,
    category: Annotated[str | None, typer.Option(help="Only prompts of this category.")] = None,
    language: Annotated[str | None, typer.Option(help="Only prompts in this language.")] = None,
    bert_model: Annotated[str | None, typer.Option(help="Folder of BERTScore's model.")] = None,
    embedding_model: Annotated[str | None, typer.Option(help="Folder of the sentence model.")] = None,
    perplexity_model: Annotated[
        str | None, typer.Option(help="Folder or name of the local model for perplexity.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option", "-o", metavar="METRIC.KEY=VALUE", help="One option of a metric; repeatable."
        ),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(min=0, help="With a judge: most it may spend, in the currency of its prices."),
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="With a judge: most tokens it may use.")
    ] = None,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="With a judge: ask again where its reply could not be read."),
    ] = False,
    shared: Annotated[
        bool, typer.Option("--shared", help="Means over the prompts on which every model has a number.")
    ] = False,
    show: Annotated[
        str | None, typer.Option(help="Show single answers by this scorer, lowest first.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="With --show: how many.")] = _SHOWN_ANSWERS,
    offset: Annotated[int, typer.Option(min=0, help="With --show: how many to pass over.")] = 0,
    missing: Annotated[
        bool, typer.Option("--missing", help="List the answered prompts without a reference instead.")
    ] = False,
    golden: Annotated[str | None, typer.Option(help="Check a model on this golden set instead.")] = None,
    model: Annotated[str | None, typer.Option(help="With --golden: the model to check.")] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="With --golden: compare later results with this one.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(help="With --golden: compare with this model's accepted result, not with its own."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="With --golden: ask the model anew for every answer.")
    ] = False,
    detach: Detach = False,
) -> None:
    """Score stored answers by metrics and show the means; without --metric, what is stored.

    With --golden, hold a model to a golden set; the exit code is 10 when a threshold is missed or the model is worse
    than the accepted result.
    """
    from arena.judgments import AnswerFilter
    from judges.judging import Limits

    shared_context: Context = context.obj
    if golden is not None or model is not None or accept or fresh or against is not None:
        _hold(shared_context, golden, model, accept=accept, fresh=fresh, against=against, detach=detach)
        return
    answers = AnswerFilter(_listed(models), _listed(prompts), category, language)
    stopped = False
    with shared_context.bench() as bench:
        if metric is not None:
            folders = {"bertscore": bert_model, "embedding": embedding_model, "perplexity": perplexity_model}
            limits = Limits(None, max_cost, max_tokens, retry_failed)
            chosen = list(_listed(metric) or ())
            stopped = _score(bench, chosen, answers, _options(option, folders), limits, detach=detach)
        if missing:
            _missing(shared_context, bench, answers)
        elif show is not None:
            _show(shared_context, bench, answers, show, limit, offset)
        else:
            _means(shared_context, bench, answers, shared)
    if stopped:
        sys.exit(130)


def _score(
    bench: "Workbench",
    metrics: list[str],
    answers: "AnswerFilter",
    options: dict[str, Any],
    limits: "Limits",
    *,
    detach: bool,
) -> bool:
    """Score, say what was done, and return whether somebody stopped it."""
    from workbench.jobs.specs import ScoreJob

    asked = ScoreJob(
        metrics=tuple(metrics),
        answers=answers,
        options=options,
        max_cost=limits.max_cost,
        max_tokens=limits.max_tokens,
        retry_failed=limits.retry_failed,
    )
    followed = run_job(bench, asked, detach=detach, label="scores")
    result = followed.result
    without = bench.prompts_without_reference(answers)
    compares = any(bench.metric_info(n).needs_reference for n in metrics if not n.startswith("judge:"))
    if without and compares:
        first = " ".join(without[0].text.split())
        say(
            f"{len(without):,} answered prompts have no reference, so answers to them have no number by metrics "
            f"that compare with one; the first is {first[:60]!r}, --missing lists them."
        )
    scored = sum(scorer.scored for scorer in result.scorers)
    kept = sum(scorer.kept for scorer in result.scorers)
    for why in result.ended:
        say(why)
    say(f"{scored:,} new numbers in {result.seconds:.1f} s, {kept:,} were there before.")
    return followed.stopped


def _means(shared: Context, bench: "Workbench", answers: "AnswerFilter", shared_prompts: bool) -> None:
    table = bench.score_table(answers, shared_prompts=shared_prompts)
    columns = ["scorer", "model", "mean", "lower", "upper", "answers", "prompts", "not_computable"]
    rows = [cell.as_dict() for cell in table.cells]
    if shared.format is Format.JSON:
        depends = {column.info.fingerprint: dict(column.info.depends) for column in table.columns}
        rows = [{**row, "depends": depends[row["fingerprint"]]} for row in rows]
    without: dict[str, int] = {}
    if shared.format is Format.TABLE:
        without = _without_any(rows)
        rows = [row for row in rows if row["scorer"] not in without]
    if without and not rows:
        say("No answer here has a number yet.")
    else:
        shared.rows(rows, columns, empty="No scores yet: `workbench score --metric rouge,chrf`.")
    for scorer, answers_left in without.items():
        say(f"{scorer}: none of {answers_left:,} answers has a number; --show {scorer} tells why.")
    if shared.format is Format.TABLE:
        for note in table.notes:
            say(note)


def _without_any(rows: "list[dict[str, Any]]") -> dict[str, int]:
    """Return the scorers that have no number for any model, with how many answers they could not score."""
    numbers: dict[str, int] = {}
    missing: dict[str, int] = {}
    for row in rows:
        numbers[row["scorer"]] = numbers.get(row["scorer"], 0) + row["answers"]
        missing[row["scorer"]] = missing.get(row["scorer"], 0) + row["not_computable"]
    return {scorer: missing[scorer] for scorer, count in numbers.items() if not count}


def _missing(shared: Context, bench: "Workbench", answers: "AnswerFilter") -> None:
    rows = [
        {"prompt_id": prompt.prompt_id, "category": prompt.category, "text": prompt.text}
        for prompt in bench.prompts_without_reference(answers)
    ]
    if shared.format is Format.TABLE:
        rows = [{**row, "text": line(row["text"] or "")} for row in rows]
    empty = "Every answered prompt has a reference."
    shared.rows(rows, ["prompt_id", "category", "text"], empty=empty)


def _show(
    shared: Context, bench: "Workbench", answers: "AnswerFilter", scorer: str, limit: int, offset: int
) -> None:
    from arena.errors import NotFound

    columns = [c for c in bench.score_table(answers).columns if scorer in (c.info.scorer, c.label)]
    if not columns:
        raise NotFound(f"There are no scores by {scorer!r} here: compute them with --metric.")
    rows: list[dict[str, Any]] = []
    for column in columns:
        page = bench.score_page(
            answers, column.info.scorer, column.info.fingerprint, limit=limit, offset=offset
        )
        rows += [
            {
                "scorer": column.label,
                "model": row.answer.model,
                "value": row.score.value,
                "reason": row.score.reason,
                "prompt": row.answer.prompt.text,
                "reference": row.answer.prompt.reference,
                "answer": row.answer.text,
                "answer_id": str(row.answer.answer_id),
                "detail": dict(row.score.detail),
            }
            for row in page.rows
        ]
        if offset + limit < page.total:
            say(f"{column.label}: {page.total:,} answers in all; go on with --offset {offset + limit}.")
    if shared.format is Format.TABLE:
        rows = [{**row, "prompt": line(row["prompt"]), "answer": line(row["answer"])} for row in rows]
    shared.rows(rows, ["scorer", "model", "value", "reason", "prompt", "answer"])


def _hold(
    shared: Context,
    golden: str | None,
    model: str | None,
    *,
    accept: bool,
    fresh: bool,
    against: str | None,
    detach: bool,
) -> None:
    from arena.errors import CheckFailed, InvalidInput
    from workbench.jobs.specs import GoldenJob

    if golden is None or model is None:
        raise InvalidInput("A check needs both: --golden NAME and --model MODEL.")
    with shared.bench() as bench:
        asked = GoldenJob(golden=golden, model=model, accept=accept, fresh=fresh, against=against)
        result = run_job(bench, asked, detach=detach, label=f"{model} on {golden}").result
    _report(shared, result)
    if not result.passed:
        raise CheckFailed(result.sentence)
    say(result.sentence)


def _report(shared: Context, result: "GoldenReport") -> None:
    if shared.format is Format.JSON:
        write_json(result.as_dict())
        return
    rows = [
        {
            "check": outcome.name,
            "mean": outcome.mean.value,
            "lower": outcome.mean.lower,
            "upper": outcome.mean.upper,
            "prompts": outcome.mean.n,
            "wanted": wanted(outcome.at_least, outcome.at_most),
            "gain": outcome.gain.value if outcome.gain else None,
            "gain_lower": outcome.gain.lower if outcome.gain else None,
            "gain_upper": outcome.gain.upper if outcome.gain else None,
            "change": str(outcome.change).replace("_", " "),
            "passed": outcome.passed,
            "note": outcome.sentence,
        }
        for outcome in result.outcomes
    ]
    shared.rows(rows, list(rows[0]))


def wanted(at_least: float | None, at_most: float | None) -> str | None:
    """Return a check's bounds in words, `None` without any."""
    bounds = [f"at least {at_least:g}"] if at_least is not None else []
    bounds += [f"at most {at_most:g}"] if at_most is not None else []
    return ", ".join(bounds) or None


def _listed(names: str | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(name.strip() for name in names.split(",") if name.strip())


def _options(given: list[str] | None, folders: dict[str, str | None]) -> dict[str, dict[str, Any]]:
    options: dict[str, dict[str, Any]] = {}
    for metric, folder in folders.items():
        if folder is not None:
            options.setdefault(metric, {})["model"] = folder
    for text in given or ():
        name, value = key_value(text)
        metric, dot, key = name.partition(".")
        if not dot:
            raise typer.BadParameter(f"{text!r} is not METRIC.KEY=VALUE, for example rouge.stemmer=none")
        options.setdefault(metric, {})[key] = value
    return options


def line(text: str) -> str:
    """Return the beginning of a text as one line of a table."""
    shown = " ".join(text.split())
    return shown if len(shown) <= 60 else shown[:59] + "…"
