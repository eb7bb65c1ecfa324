"""What Flink's REST interface tells of a cluster and its jobs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from wirecopy.transforms.lake.files import LakeError

_ENDED = frozenset({"FINISHED", "FAILED", "CANCELED", "SUSPENDED"})
_REPLY_S = 30
_MOST_BYTES = 16 << 20


def version(address: str) -> str:
    """Return the version of the cluster as `--flink_version` has it, such as 1.19. Raises LakeError."""
    found = _asked(address, "/config").get("flink-version")
    if not isinstance(found, str) or found.count(".") < 1:
        raise LakeError(f"{address} answers, but not as Flink does: name host and port of Flink's REST interface")
    return ".".join(found.split(".")[:2])


def slots(address: str) -> int:
    """Return how many slots a cluster has, 0 where it starts them when a job comes. Raises LakeError."""
    found = _asked(address, "/overview").get("slots-total")
    return found if isinstance(found, int) else 0


def running(address: str, name: str) -> list[str]:
    """Return the ids of the jobs of a name that have not ended. Raises LakeError."""
    jobs = _asked(address, "/jobs/overview").get("jobs", [])
    return [job["jid"] for job in jobs if job["name"] == name and job["state"] not in _ENDED]


def cancel(address: str, name: str) -> None:
    """Cancel the jobs of a name that have not ended. Raises LakeError."""
    for job_id in running(address, name):
        _asked(address, f"/jobs/{job_id}", "PATCH")


def _asked(address: str, path: str, method: str = "GET") -> dict[str, Any]:
    url = f"{address if '://' in address else f'http://{address}'}{path}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=_REPLY_S) as reply:
            found = json.loads(reply.read(_MOST_BYTES))
    except (OSError, ValueError, urllib.error.URLError) as error:
        why = getattr(error, "reason", error)
        raise LakeError(f"Flink cannot be asked at {url}: {why}; start it, or name another with --engine") from None
    if not isinstance(found, dict):
        raise LakeError(f"{url} answers, but not as Flink does: name host and port of Flink's REST interface")
    return found
