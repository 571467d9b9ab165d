"""Where templates are found: a user's own folders first, then those that come with the workbench.

The form of a file stands in `judges.template_file`.
"""

from collections.abc import Sequence
from pathlib import Path

from arena.errors import NotFound
from judges.template import BUILTIN_FOLDER, Template
from judges.template_file import read_template


def builtin_templates() -> tuple[Template, ...]:
    """Return the templates that come with the workbench, by name."""
    return tuple(read_template(path) for path in sorted(BUILTIN_FOLDER.glob("*.txt")))


def template_names(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the names that `load_template` finds in `folders` and among the built-in ones, sorted."""
    places = (*folders, BUILTIN_FOLDER)
    return tuple(sorted({path.stem for folder in places for path in folder.glob("*.txt")}))


def template_path(name: str, folders: Sequence[Path] = ()) -> Path:
    """Return the file of a template; one in `folders` goes before a built-in one of the same name.

    Raises:
        NotFound: there is none; the message lists those there are.
    """
    for folder in (*folders, BUILTIN_FOLDER):
        path = folder / f"{name}.txt"
        if path.parent == folder and path.is_file():
            return path
    raise NotFound(f"There is no template {name!r}; there are {', '.join(template_names(folders))}.")


def load_template(name: str, folders: Sequence[Path] = ()) -> Template:
    """Return the template of that name, from `folders` (a user's own) or the built-in ones.

    Raises:
        NotFound: there is none.
        InvalidInput: its file is not a template; the message names the file and the line.
    """
    return read_template(template_path(name, folders))
