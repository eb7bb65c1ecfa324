"""What is wrong with an input, on its way to becoming a reject."""

from __future__ import annotations

from hashlib import sha256

from wirecopy.schemas.elements import Reject, Unit
from wirecopy.schemas.rejects import REASONS
from wirecopy.transforms.addresses import without_user


class Fault(Exception):
    """An input cannot be read on from here. It never leaves this package: it ends as a `Reject`.

    Attributes:
        reason: a key of `schemas.rejects.REASONS`.
        error: what exactly is wrong.
    """

    def __init__(self, reason: str, error: str):
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is no reason of schemas.rejects.REASONS")
        super().__init__(f"{reason}: {error}")
        self.reason = reason
        self.error = error


def rejected(
    unit: Unit,
    fault: Fault,
    doc_ref: str | None = None,
    payload: bytes | memoryview | None = None,
    url: str | None = None,
) -> Reject:
    """Return the reject of a record of a unit, or of the unit itself where no `doc_ref` is given."""
    digest = sha256(payload).digest() if payload is not None else None
    place = without_user(url) if url else None
    return Reject("read", fault.reason, fault.error, doc_ref or unit.path, unit.unit_id, place, digest)
