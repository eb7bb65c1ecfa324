"""Which watches may reach beyond the lake: those that this user set up, not those that a lake brought along.

A lake may come from a stranger, and a watch runs commands. So a watch is signed with a key that stays with the user.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from wirecopy.transforms.lake.files import LakeError

_BYTES = 32


def key_path() -> Path:
    """Return where the key is kept: in the user's folder of settings, or where WIRECOPY_WATCH_KEY says."""
    if named := os.environ.get("WIRECOPY_WATCH_KEY"):
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "wirecopy" / "watches.key"


def sign(definition: str) -> str:
    """Return the signature of a watch's definition; the key is made where there is none. Raises LakeError."""
    path = key_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(_BYTES))
        return _signature(path, definition)
    except OSError as error:
        raise LakeError(
            f"the key that watches are signed with cannot be kept at {path}: {error.strerror}; name another file in "
            "the environment variable WIRECOPY_WATCH_KEY"
        ) from None


def is_signed(definition: str, signature: str) -> bool:
    """Say whether a definition was signed with this user's key."""
    try:
        return hmac.compare_digest(_signature(key_path(), definition), signature)
    except OSError:
        return False


def _signature(path: Path, definition: str) -> str:
    key = path.read_text(encoding="ascii").strip().encode()
    return hmac.new(key, definition.encode(), hashlib.sha256).hexdigest()
