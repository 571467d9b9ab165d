"""Passwords as argon2id hashes with the parameters that argon2-cffi recommends (RFC 9106, low memory).

A check costs tens of milliseconds and 64 MiB on purpose; two run at a time, so that a flood of attempts takes neither
the processor nor the memory from voters.
"""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from arena.errors import InvalidInput

MIN_CHARACTERS = 8
MAX_CHARACTERS = 1024
_HASHER = PasswordHasher()
_TURNS = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """Return the hash of a new password.

    Raises:
        InvalidInput: it is too short or too long.
    """
    if len(password) < MIN_CHARACTERS:
        raise InvalidInput(f"A password needs at least {MIN_CHARACTERS} characters: choose a longer one.")
    if len(password) > MAX_CHARACTERS:
        raise InvalidInput(f"A password has at most {MAX_CHARACTERS} characters: choose a shorter one.")
    return _HASHER.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Return whether `hashed` was made of this password; without a hash `False`, after the same time."""
    if len(password) > MAX_CHARACTERS:
        return False
    with _TURNS:
        nobody = _nobody()
        try:
            return _HASHER.verify(hashed or nobody, password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobody() -> str:
    """Return a hash that no password has: checked where there is no such person."""
    return _HASHER.hash(secrets.token_hex(32))
