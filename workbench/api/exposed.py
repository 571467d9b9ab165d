"""One line of the API's table: which verb stands at which path, for whom, and what its parameters mean.

Everything else about a route (types, defaults, the body, the answer) is read off the verb's own signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.access.roles import Role

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Exposed:
    """A verb as a route.

    `path` names path parameters as the verb does. `words` describe parameters whose meaning the general list
    (`workbench.api.words`) does not tell. With `paged` the verb returns a list and the route a page of it, from a
    cursor on. The parameters in `without` keep their defaults: they are for the process that has the home open.
    With `own` the verb takes paths of the app's machine, and only commands that run there may call it; the document
    does not show it.
    With `keyset` (a parameter, a field) the verb returns at most `limit` items that come after the one whose field has
    that value, and the route a page of them.
    The parameters in `analysts` take the role analyst, whoever else may use the route.
    """

    verb: str
    method: Method
    path: str
    role: Role
    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    paged: bool = False
    without: tuple[str, ...] = ()
    own: bool = False
    keyset: tuple[str, str] | None = None
    job: bool = False
    analysts: tuple[str, ...] = ()
