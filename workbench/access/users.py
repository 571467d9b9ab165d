"""The people who sign in: `users.toml` in the home, readable by its owner only.

The file is read again when it changes, so a person removed, another role or a new password holds from the next
request on, whoever wrote it.
"""

import json
import re
import threading
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arena.errors import Conflict, InvalidInput, NotFound
from workbench.access.roles import Role
from workbench.access.voters import PREFIX
from workbench.private import draft

FILE_NAME = "users.toml"
_NAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in; `stamp` changes with the password, and ends the sessions begun with the old one."""

    name: str
    role: Role
    hash: str = field(repr=False)

    @property
    def stamp(self) -> str:
        """Return what a session remembers of the password it was begun with."""
        return sha256(self.hash.encode()).hexdigest()[:16]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1)
    role: Role
    password: str = Field(min_length=1, description="the argon2 hash")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    users: tuple[_Entry, ...] = ()


class Users:
    """The users of a home; every method may be called from any thread."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE_NAME
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._users: dict[str, User] = {}

    @property
    def exist(self) -> bool:
        """Whether there is a users file, even an empty one: then people sign in."""
        self._refresh()
        return self._seen is not None

    def get(self, name: str) -> User | None:
        """Return the user of that name, `None` if there is none."""
        self._refresh()
        return self._users.get(name)

    def list(self) -> list[User]:
        """Return all users by name.

        Raises:
            InvalidInput: the file cannot be used.
        """
        self._refresh()
        return sorted(self._users.values(), key=lambda user: user.name)

    def add(self, name: str, role: Role, hashed: str) -> User:
        """Add somebody.

        Raises:
            InvalidInput: the name cannot be used.
            Conflict: there is somebody of that name.
        """
        check_name(name)
        if self.get(name) is not None:
            raise Conflict(
                f"There is a user {name} already: `workbench users password {name}` sets a new password."
            )
        return self._put(User(name, role, hashed))

    def set_role(self, name: str, role: Role) -> User:
        """Give somebody another role; raises `NotFound`."""
        return self._put(replace(self.known(name), role=role))

    def set_password(self, name: str, hashed: str) -> User:
        """Give somebody another password, which ends their sessions; raises `NotFound`."""
        return self._put(replace(self.known(name), hash=hashed))

    def remove(self, name: str) -> None:
        """Remove somebody, which ends their sessions; raises `NotFound`."""
        self.known(name)
        self._write(user for user in self.list() if user.name != name)

    def known(self, name: str) -> User:
        """Return the user of that name; raises `NotFound`."""
        user = self.get(name)
        if user is None:
            known = ", ".join(known.name for known in self.list()) or "nobody"
            raise NotFound(f"There is no user {name!r}: there is {known}.")
        return user

    def _put(self, user: User) -> User:
        self._write([*(known for known in self.list() if known.name != user.name), user])
        return user

    def _write(self, users: Iterable[User]) -> None:
        entries = [
            f"[[users]]\nname = {_text(user.name)}\nrole = {_text(user.role)}\npassword = {_text(user.hash)}\n"
            for user in sorted(users, key=lambda user: user.name)
        ]
        text = "# Who may sign in. `workbench users` writes this file.\n\n" + "\n".join(entries)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft(self._path, text.encode()).replace(self._path)

    def _refresh(self) -> None:
        """Read the file if it is another one than before."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            with self._lock:
                self._seen, self._users = None, {}
            return
        state = (found.st_mtime_ns, found.st_size, found.st_ino)
        if state == self._seen:
            return
        with self._lock:
            users = _read(self._path)
            self._users, self._seen = users, state


def check_name(name: str) -> None:
    """Raise `InvalidInput` unless somebody can be called so."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} cannot be a user's name: use 1 to 64 letters, digits and . _ @ + -")
    if name.startswith(PREFIX):
        raise InvalidInput(
            f"{name!r} cannot be a user's name: those that begin so are of people who do not sign in."
        )


def _read(path: Path) -> dict[str, User]:
    try:
        entries = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).users
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path}: `{where}` cannot be used: {first['msg'].lower()}.") from error
    users = {entry.name: User(entry.name, entry.role, entry.password) for entry in entries}
    if len(users) < len(entries):
        raise InvalidInput(f"{path} lists somebody twice: keep one entry for each name.")
    return users


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
