"""What an import did: the rows it took, the rows it refused and why, and what came in with them."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from arena.errors import ImportRejected


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used; `line` counts from 1 in the file (rows, from 1, in a Parquet file)."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of one import; `rows_read = rows_added + rows_known + len(rejects)`.

    `rows_known` are rows whose prompt or answer was stored already, so that nothing was added for them. `notes` are
    sentences about what a person might miss: what was left out on purpose, what came from files beside this one.
    """

    path: Path
    what: str
    format: str
    rows_read: int
    rows_added: int
    rows_known: int = 0
    rejects: tuple[Reject, ...] = ()
    votes_added: int = 0
    battles_added: int = 0
    answers_added: int = 0
    prompts_added: int = 0
    models_added: int = 0
    set_name: str | None = None
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return what was added, by noun, without the zeros."""
        added = {
            "votes": self.votes_added,
            "battles": self.battles_added,
            "prompts": self.prompts_added,
            "answers": self.answers_added,
            "models": self.models_added,
        }
        return {noun: number for noun, number in added.items() if number}

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            **{f.name: getattr(self, f.name) for f in fields(self)},
            "path": str(self.path),
            "rejects": [asdict(reject) for reject in self.rejects],
            "notes": list(self.notes),
        }

    def summary(self) -> str:
        """Return one sentence for a person: what was read as which format, and what it added."""
        added = ", ".join(counted(number, noun) for noun, number in self.counts().items()) or "nothing new"
        left = f"; {counted(len(self.rejects), 'rows')} left out" if self.rejects else ""
        known = f"; {counted(self.rows_known, 'rows')} known already" if self.rows_known else ""
        rows = counted(self.rows_read, "rows")
        return f"{self.path.name} read as {self.what} of the form {self.format}: {rows}, added {added}{known}{left}."


def refuse(path: Path, rows_read: int, rejects: tuple[Reject, ...], *, skip_bad: bool) -> None:
    """Raise `ImportRejected` if `rejects` stop the import: there are some without `skip_bad`, or nothing is left."""
    if not rejects or (skip_bad and len(rejects) < rows_read):
        return
    first = min(rejects, key=lambda reject: reject.line)
    where = "row" if path.name.endswith(".parquet") else "line"
    share = "none of its" if len(rejects) == rows_read else f"{len(rejects):,} of its"
    what = "can be used" if len(rejects) == rows_read else "cannot be used"
    remedy = "correct the file" if skip_bad or len(rejects) == rows_read else "correct them, or skip bad rows"
    raise ImportRejected(
        f"{path.name}: {share} {counted(rows_read, 'rows')} {what}, so nothing was imported "
        f"({where} {first.line}: {first.reason}): {remedy}.",
        tuple((reject.line, reject.reason) for reject in sorted(rejects, key=lambda reject: reject.line)),
    )


def counted(number: int, plural: str) -> str:
    """Return a number with its noun, in the singular for one."""
    return f"{number:,} {plural[:-1] if number == 1 else plural}"
