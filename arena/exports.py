"""Exports: preference pairs frozen in a folder, with a manifest that says what they are and what was left out.

A folder holds `preferences.parquet`, `manifest.json` and a dataset card. It is written beside its place under a
temporary name, flushed, and renamed, so an export is whole or absent; it is never changed afterwards.
"""

import glob
import json
import os
import platform
import re
import shutil
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.dataset_card import dataset_card
from arena.errors import Conflict, InvalidInput, NotFound, StoreDamaged
from arena.pairs import COLUMNS, check_kind, content_hash, preference_of, table_of
from arena.preferences import Preferences
from arena.types import Preference, VoteFilter

if TYPE_CHECKING:
    import pyarrow as pa

PAIRS_FILE = "preferences.parquet"
MANIFEST_FILE = "manifest.json"
CARD_FILE = "README.md"

_NAME = re.compile(r"[^\W_][\w .+-]{0,99}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds and where it came from, as stored in `manifest.json`.

    `waterfall` leads from all standing votes that passed `filter` (key `votes`) over the votes each reason took to
    the pairs (key `pairs`): votes less all reasons, and the pairs from written answers (key `written`) added, is
    pairs. `written` counts the `answers` that voters wrote and the `pairs` they gave; their model is
    `preferences.WRITTEN`. `models` gives for each model how often it was chosen and rejected, `voter_kinds` and
    `languages` count pairs. `sha256` is `pairs.content_hash`.
    """

    name: str
    kind: str
    created_at: str
    sha256: str
    pairs: int
    prompts: int
    votes: int
    battles: int
    agreement: float
    waterfall: Mapping[str, int]
    filter: Mapping[str, Any]
    models: Mapping[str, Mapping[str, int]]
    voter_kinds: Mapping[str, int]
    languages: Mapping[str, int]
    columns: Mapping[str, str]
    versions: Mapping[str, str]
    written: Mapping[str, int] = field(default_factory=dict)
    licence: str = "unknown"
    format: int = field(default=1)

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest as plain values."""
        return asdict(self)


def write_export(
    folder: Path,
    preferences: Preferences,
    *,
    kind: str = "dpo",
    filters: VoteFilter | None = None,
    created_at: datetime | None = None,
) -> Manifest:
    """Freeze preferences as the new folder `folder`, whose last part is the export's name.

    Raises:
        InvalidInput: there is no pair to export (the message says where the votes went), the name cannot be a
            folder's, or the kind is not known.
        Conflict: the name is taken.
    """
    check_kind(kind)
    _check_name(folder.name)
    if folder.exists():
        raise _taken(folder)
    if not preferences.kept:
        raise InvalidInput(_nothing(preferences))
    manifest = _manifest(folder.name, preferences, kind, filters, created_at or datetime.now(UTC))
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.parent / f".{folder.name}.{uuid.uuid4().hex}"
    draft.mkdir()
    try:
        _write(draft, preferences.kept, manifest)
        _rename(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def created_text(created_at: datetime) -> str:
    """Return a moment as a manifest has it."""
    return created_at.astimezone(UTC).isoformat(timespec="microseconds")


def clear_drafts(folder: Path) -> None:
    """Remove what a killed process left beside the place of an export that nobody is writing now."""
    for draft in folder.parent.glob(f".{glob.escape(folder.name)}.{'[0-9a-f]' * 32}"):
        shutil.rmtree(draft, ignore_errors=True)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an export.

    Raises:
        NotFound: the folder is no export.
        StoreDamaged: the manifest cannot be read.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        raise NotFound(f"There is no export {folder.name!r}{_others(folder.parent)}.")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(
            **{f.name: values[f.name] for f in fields(Manifest) if f.name in values or _needed(f)}
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(
            f"The manifest {path} cannot be read ({error!r}): restore the folder, or remove it and export again."
        ) from error


def list_exports(root: Path) -> list[Manifest]:
    """Return the manifests of all exports in a folder, newest first; none where the folder is absent."""
    found = [read_manifest(path.parent) for path in sorted(root.glob(f"[!.]*/{MANIFEST_FILE}"))]
    return sorted(found, key=lambda manifest: manifest.created_at, reverse=True)


def export_file(folder: Path) -> Path:
    """Return the Parquet file of an export; `NotFound` if there is no such export."""
    path = folder / PAIRS_FILE
    if not path.is_file():
        raise NotFound(f"There is no export {folder.name!r}{_others(folder.parent)}.")
    return path


def load_pairs(folder: Path, start: int = 0, count: int | None = None) -> list[Preference]:
    """Return pairs of an export in their order, `count` of them (or all that follow) from place `start` on."""
    if start < 0 or (count is not None and count < 0):
        raise InvalidInput(f"Pairs are asked for from {start}, {count} of them: neither can be below zero.")
    table = _read(folder)
    return [preference_of(row) for row in table.slice(start, count).to_pylist()]


def prompt_ids(folder: Path) -> frozenset[str]:
    """Return the ids of the prompts that an export's pairs answer."""
    return frozenset(_read(folder, ["prompt_id"]).column("prompt_id").to_pylist())


def verify(folder: Path) -> Manifest:
    """Compare the pairs of an export with the hash in its manifest; `StoreDamaged` if they were changed."""
    manifest = read_manifest(folder)
    if content_hash(load_pairs(folder)) != manifest.sha256:
        raise StoreDamaged(
            f"The pairs of the export {folder.name!r} are not those it was frozen with: export again."
        )
    return manifest


def _read(folder: Path, columns: list[str] | None = None) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as parquet

    path = export_file(folder)
    try:
        return parquet.read_table(path, columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise StoreDamaged(f"The pairs {path} cannot be read: {str(error).splitlines()[0]}") from error


def _needed(of: "Field[Any]") -> bool:
    """Whether every manifest has this entry; those written before an entry was thought of have its default."""
    return of.default is MISSING and of.default_factory is MISSING


def _manifest(
    name: str, preferences: Preferences, kind: str, filters: VoteFilter | None, created_at: datetime
) -> Manifest:
    kept = preferences.kept
    chosen, rejected = Counter(p.model_chosen for p in kept), Counter(p.model_rejected for p in kept)
    return Manifest(
        name=name,
        kind=kind,
        created_at=created_text(created_at),
        sha256=content_hash(kept),
        pairs=len(kept),
        prompts=len({p.prompt_id for p in kept}),
        votes=preferences.votes,
        battles=preferences.battles,
        agreement=sum(p.agreement for p in kept) / len(kept),
        waterfall={
            "votes": preferences.votes,
            **preferences.dropped,
            "written": preferences.written_pairs,
            "pairs": len(kept),
        },
        filter=_plain(asdict(filters or VoteFilter())),
        models={
            m: {"chosen": chosen[m], "rejected": rejected[m]} for m in sorted(chosen.keys() | rejected.keys())
        },
        voter_kinds=dict(sorted(Counter(str(kind) for p in kept for kind in p.voter_kinds).items())),
        languages=dict(preferences.languages),
        columns=dict(COLUMNS),
        versions=_versions(),
        written={"answers": preferences.written_answers, "pairs": preferences.written_pairs},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("preference-workbench", "pyarrow"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed as a package"
    return found


def _write(draft: Path, pairs: Sequence[Preference], manifest: Manifest) -> None:
    import pyarrow.parquet as parquet

    parquet.write_table(table_of(pairs), draft / PAIRS_FILE)
    text = json.dumps(manifest.as_dict(), ensure_ascii=False, indent=2) + "\n"
    (draft / MANIFEST_FILE).write_text(text, encoding="utf-8")
    (draft / CARD_FILE).write_text(dataset_card(manifest.as_dict()), encoding="utf-8")
    for path in draft.iterdir():
        _flush(path)
    _flush(draft)


def _rename(draft: Path, folder: Path) -> None:
    try:
        draft.rename(folder)
    except OSError as error:
        if folder.exists():
            raise _taken(folder) from error
        raise
    _flush(folder.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name != name.strip():
        raise InvalidInput(
            f"An export cannot be named {name!r}: begin with a letter or digit, and use letters, digits, spaces "
            "and . _ + - (100 characters at most)."
        )


def _taken(folder: Path) -> Conflict:
    return Conflict(f"An export {folder.name!r} exists, and exports are never changed: choose another name.")


def _nothing(preferences: Preferences) -> str:
    if not preferences.votes:
        return (
            "There is nothing to export: no standing vote passes the filter; vote first, or widen the filter."
        )
    return f"There is no pair to export: of {preferences.votes} votes went {preferences.reasons()}."


def _others(root: Path) -> str:
    names = sorted(path.parent.name for path in root.glob(f"[!.]*/{MANIFEST_FILE}"))
    return f"; there are {', '.join(names)}" if names else "; none has been made yet"
