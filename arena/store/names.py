"""What is said of a name that nothing has: the nearest ones, or those there are."""

import difflib
from collections.abc import Sequence


def unknown(what: str, name: str, known: Sequence[str], *, none: str) -> str:
    """Return a sentence on a `name` that no `what` has; `none` is what to do while there is none at all."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"There is no {what} called {name!r}: did you mean {' or '.join(map(repr, near))}?"
    if known:
        return f"There is no {what} called {name!r}; there are: {', '.join(known[:10])}."
    return f"There is no {what} called {name!r}, and {none}"
