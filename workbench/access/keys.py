"""The key that a home signs its cookies with, and the names these go by."""

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from workbench.private import draft

_KEY_FILE = "cookie.key"


def load_key(home: Path) -> bytes:
    """Return the home's signing key, making it (mode 0600) at first use."""
    path = home / _KEY_FILE
    if not path.exists():
        whole = draft(path, secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            os.link(whole, path)  # whoever comes second takes the key of the first, which is whole by then
        whole.unlink()
    return path.read_bytes()


def cookie_name(cookie: str, key: bytes) -> str:
    """Return the name of a cookie of the home with this key: browsers do not tell two ports of one machine apart."""
    return f"{cookie}_{hashlib.sha256(key).hexdigest()[:8]}"
