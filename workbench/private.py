"""Files of a home that only its owner may read, and that are there whole or not at all."""

import os
import secrets
from pathlib import Path


def draft(path: Path, content: bytes) -> Path:
    """Write what is to take the place of `path` beside it, mode 0600 and safe on the disk; return where it is."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return beside
