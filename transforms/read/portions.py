"""Units read a portion at a time: batches of documents, with what else came up on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from wirecopy.schemas.elements import Document, Reject, Row, Unit
from wirecopy.transforms.read import read

MAX_ELEMENTS = 500
MAX_CHARS = 4 << 20


class Portion(NamedTuple):
    """What was read of a unit, in the order of its records, or of several units that gave a few documents and no more.

    Attributes:
        unit: the unit's number among those that are read; of several the first one's.
        documents: at most MAX_ELEMENTS with the others, and MAX_CHARS unless there is only one.
        others: rejects, and rows that the unit states.
        error: what the system said where an I/O error stopped the unit, so that nothing of it is whole.
        units: how many units in a row it is of; several are whole.
    """

    unit: int
    documents: Sequence[Document] = ()
    others: Sequence[Reject | Row] = ()
    error: str | None = None
    units: int = 1


def portions(units: Sequence[Unit], skipped: int = 0, most: int = MAX_ELEMENTS) -> Iterator[Portion]:
    """Yield what units give, in order.

    Args:
        units: what to read.
        skipped: elements of the first unit that are read and left out.
        most: elements of a portion at most.
    """
    held: list[Portion] = []
    count = size = 0
    for portion, is_small in _by_unit(units, skipped, most):
        n = len(portion.documents)
        chars = sum(len(document.content) for document in portion.documents)
        if held and not (is_small and count + n <= most and size + chars <= MAX_CHARS):
            yield _joined(held)
            held, count, size = [], 0, 0
        if is_small:
            held.append(portion)
            count, size = count + n, size + chars
        else:
            yield portion
    if held:
        yield _joined(held)


def _joined(held: Sequence[Portion]) -> Portion:
    """Return portions that are whole units as one."""
    first, last = held[0].unit, held[-1].unit
    return Portion(first, [document for each in held for document in each.documents], units=last + 1 - first)


def _by_unit(units: Sequence[Unit], skipped: int, most: int) -> Iterator[tuple[Portion, bool]]:
    """Yield the portions of one unit after another, and whether a portion is all of its unit and documents only."""
    for number, unit in enumerate(units):
        documents: list[Document] = []
        others: list[Reject | Row] = []
        size = 0
        is_first = True
        try:
            for element in islice(read(unit), skipped, None):
                if isinstance(element, Document):
                    if documents and size + len(element.content) > MAX_CHARS:
                        yield Portion(number, documents, others), False
                        documents, others, size, is_first = [], [], 0, False
                    documents.append(element)
                    size += len(element.content)
                else:
                    others.append(element)
                if len(documents) + len(others) == most:
                    yield Portion(number, documents, others), False
                    documents, others, size, is_first = [], [], 0, False
            if documents or others:
                yield Portion(number, documents, others), is_first and not others
        except OSError as error:
            yield Portion(number, error=f"{unit.path}: {error}"), False
        skipped = 0
