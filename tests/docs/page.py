"""A page of the documents as a reader follows it: its code blocks in order, and what an invisible comment says of each.

A comment `<!-- test: WORDS -->` stands before the block it speaks of, `<!-- setup: NAMES -->` anywhere before the first
one. `WORDS` is one of

    exit 0 10                 the commands' exit codes, where they are not all 0
    file NAME                 the block is what a reader saves under that name
    elsewhere tests/x.py      a test of its own runs these commands
    changes the machine       needs root or a service manager; what can be checked of it is checked elsewhere
    example                   an output that no command of the page prints
"""

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
COMMENT = re.compile(r"<!--\s*(test|setup):\s*(.*?)\s*-->", re.DOTALL)
COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*(workbench|make|curl|python3?|pip)\s", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block of code; `line` counts from 1, `mark` is what the comment before it says."""

    language: str
    text: str
    line: int
    mark: str = ""
    fenced: bool = True


@dataclass(frozen=True)
class Page:
    """One page: what it needs to begin with, its blocks, and its text."""

    path: Path
    setups: tuple[str, ...]
    blocks: tuple[Block, ...]
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def runs(self) -> bool:
        """Whether there is a command or a program on it."""
        return any(block.language in ("sh", "python") for block in self.blocks)


def pages() -> list[Page]:
    """Return README and every page of docs/."""
    return [read(path) for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]


def read(path: Path) -> Page:
    """Read one page."""
    text = path.read_text("utf-8")
    setups: list[str] = []
    blocks: list[Block] = []
    mark = ""
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "html_block":
            for kind, words in COMMENT.findall(token.content):
                if kind == "setup":
                    setups += re.split(r"[,\s]+", words)
                else:
                    mark = words
        elif token.type in ("fence", "code_block"):
            line = (token.map or [0])[0] + 1 + (token.type == "fence")
            blocks.append(Block(token.info.strip(), token.content, line, mark, token.type == "fence"))
            mark = ""
    return Page(path, tuple(setups), tuple(blocks), text)


def commands(script: str, first_line: int) -> list[tuple[int, str]]:
    """Return the commands of a shell block with their lines: continued lines, loops and here-documents in one piece."""
    found: list[tuple[int, str]] = []
    waiting = ""
    begun = first_line
    for number, line in enumerate(script.splitlines(), first_line):
        if not waiting and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begun = begun if waiting else number
        waiting += line + "\n"
        if not _goes_on(waiting):
            found.append((begun, waiting.rstrip("\n")))
            waiting = ""
    assert not waiting, f"line {begun}: this command has no end:\n{waiting}"
    return found


def _goes_on(script: str) -> bool:
    import subprocess

    if script.endswith("\\\n"):
        return True
    here = re.findall(r"<<-?\s*['\"]?(\w+)['\"]?", script)
    if any(not re.search(rf"^\s*{word}$", script, re.MULTILINE) for word in here):
        return True
    checked = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True, check=False)
    return "unexpected end of file" in checked.stderr or "looking for matching" in checked.stderr


def shows(expected: str, printed: str) -> str | None:
    """Return the first line of `expected` that `printed` lacks, in order; `…` or `...` stands for anything.

    Runs of blanks and the lines of tables count as one blank, since a reader's terminal decides them.
    """
    lines = [_plain(line) for line in printed.splitlines()]
    place = 0
    for line in expected.splitlines():
        wanted = _plain(line)
        if not wanted or wanted in ("...", "…"):
            continue
        pattern = re.compile(".*".join(map(re.escape, re.split(r"\.\.\.|…", wanted))))
        place = next((i + 1 for i in range(place, len(lines)) if pattern.fullmatch(lines[i])), -1)
        if place < 0:
            return line
    return None


def _plain(line: str) -> str:
    return re.sub(r"[\s─│┃━╇┼]+", " ", line).strip()
