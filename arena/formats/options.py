"""What a person may say about an import beside the file and what it holds."""

from dataclasses import dataclass

from arena.types import VoterKind


@dataclass(frozen=True, slots=True)
class Options:
    """`set_name` is the prompt set that prompts go into; `fields` are those of the file's first row.

    `models` are the names under which the chosen and rejected sides of preference pairs compete.
    """

    set_name: str
    set_given: bool
    fields: tuple[str, ...]
    skip_bad: bool = False
    voter_kind: VoterKind = VoterKind.HUMAN
    voter: str | None = None
    models: tuple[str, str] | None = None
