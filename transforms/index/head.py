"""`HEAD.json`: the commit that the index stands for, by number and by content, and the runs that it is made of.

Its last line is the checksum of all that comes before. What it says is believed only where it has the right shape:
a run's name becomes a path.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wirecopy.transforms.index.manifest import DamagedError, checksum, read_file
from wirecopy.transforms.lake.commits import commit_identity
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.lake.files import replace as replace_file
from wirecopy.transforms.text.rarity import MODEL_ID

FORMAT = 6
RUN_NAME = re.compile(r"[0-9]{8}-[0-9a-f]{8}")
"""What the folder of a run is called."""

_CHECKSUM = re.compile(rb',\n "checksum": "([0-9a-f]{64})"\n}')
_CHECKSUM_BYTES = len(b',\n "checksum": ""\n}') + 64
_ID = re.compile("[0-9a-f]{32}")
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class NamedRun:
    """A run as `HEAD.json` names it.

    Attributes:
        name: its folder under index/.
        manifest: the checksum of its manifest.
        dead: ids, as hexadecimal digits, of articles that count no more in it.
    """

    name: str
    manifest: str
    dead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Head:
    """The index as of one commit.

    Attributes:
        commit: the commit's number; 0 for a lake that has none.
        identity: the commit's identity, as `commit_identity` gives it; empty for commit 0.
        runs: its runs, oldest first.
    """

    commit: int
    identity: str
    runs: tuple[NamedRun, ...] = ()


def read_head(root: Path) -> Head | None:
    """Return the head of a lake's index, None where there is no index or one that another version made.

    Raises DamagedError where it is not what was written, or stands for a commit that the lake does not have.
    """
    path = root / "index" / "HEAD.json"
    try:
        data = read_file(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedError(f"{path}: {error.strerror}") from None
    try:
        if not (found := _CHECKSUM.fullmatch(data, len(data) - min(len(data), _CHECKSUM_BYTES))):
            _pass_over_earlier(data, path)
            return None
        if checksum(data[: found.start()]) != found[1].decode():
            raise DamagedError(f"{path} is not what was written")
        record = json.loads(data)
        if (record["format"], record["model_id"]) != (FORMAT, MODEL_ID):
            return None
        head = _head(record)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DamagedError(f"{path} says nothing that can be read") from None
    if identity_of(root, head.commit) != head.identity:
        raise DamagedError(f"the index stands for a commit {head.commit} that is not in the lake")
    return head


def write_head(root: Path, head: Head) -> None:
    """Put a head in the place of another, in one step."""
    runs = [{"name": run.name, "manifest": run.manifest, "dead": list(run.dead)} for run in head.runs]
    record = {
        "format": FORMAT,
        "model_id": MODEL_ID,
        "commit": head.commit,
        "identity": head.identity,
        "runs": runs,
    }
    body = json.dumps(record, indent=1).encode().removesuffix(b"\n}")
    data = body + b',\n "checksum": "' + checksum(body).encode() + b'"\n}'
    replace_file(root / "index" / "HEAD.json", data)


def identity_of(root: Path, number: int) -> str | None:
    """Return the identity of a commit, the empty one of commit 0; None where it is not there."""
    try:
        return commit_identity(root, number) if number else ""
    except (LakeError, OSError):
        return None


def run_name(number: int) -> str:
    """Return a new name for a run that was made at a commit."""
    return f"{number:08d}-{uuid.uuid4().hex[:8]}"


def _pass_over_earlier(data: bytes, path: Path) -> None:
    """Pass over what an earlier version wrote, which had no checksum. Raises DamagedError where it is none of that."""
    record = json.loads(data)
    if not isinstance(record, dict) or record.get("format") not in range(1, FORMAT):
        raise DamagedError(f"{path} is not what was written")


def _head(record: dict[str, Any]) -> Head:
    commit, identity = record["commit"], record["identity"]
    if type(commit) is not int or commit < 0 or not isinstance(identity, str):
        raise ValueError
    runs = []
    for run in record["runs"]:
        name, manifest, dead = run["name"], run["manifest"], run["dead"]
        if not RUN_NAME.fullmatch(name) or not _DIGEST.fullmatch(manifest) or not isinstance(dead, list):
            raise ValueError
        if not all(_ID.fullmatch(one) for one in dead):
            raise ValueError
        runs.append(NamedRun(name, manifest, tuple(dead)))
    if len({run.name for run in runs}) != len(runs):
        raise ValueError
    return Head(commit, identity, tuple(runs))
