"""Reading: from paths to units, from units to documents, one module a format.

`plan` says what is to be read, `read` reads one unit of it. Neither needs Beam; `transforms.read.transform` wires them.
"""

from __future__ import annotations

from collections.abc import Iterator

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.io.files import label
from wirecopy.transforms.read.io.opening import resumed
from wirecopy.transforms.read.plan import NoInput, Skipped, Unreadable, plan
from wirecopy.transforms.read.readers import READERS, RECORDWISE

__all__ = ["NoInput", "Skipped", "Unreadable", "plan", "read"]


def read(unit: Unit) -> Iterator[Document | Reject | Row]:
    """Yield the documents of a unit, in order, a reject for each record that gives none, and rows that it states.

    Raises:
        OSError: the unit cannot be read now; it stays open. What was yielded before is not whole.
    """
    labelled = unit._replace(path=label("!/".join((unit.path, *unit.inside))))
    try:
        with resumed(unit.path, unit.inside, unit.begin, unit.reader in RECORDWISE) as stream:
            yield from READERS[unit.reader].read(labelled, stream)
    except Fault as fault:
        yield rejected(labelled, fault)
    except (OSError, MemoryError):
        raise
    except Exception as error:
        yield rejected(labelled, Fault("crash", f"{type(error).__name__}: {error}"))
