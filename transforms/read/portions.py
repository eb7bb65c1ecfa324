"""Units read a portion at a time: batches of documents, with what else came up on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from schemas.elements import Document, Reject, Row, Unit
from transforms.read import read

MAX_ELEMENTS = 500
MAX_CHARS = 4 << 20


class Portion(NamedTuple):
    """What was read of a unit, in the order of its records.

    Attributes:
        unit: the unit's number among those that are read.
        documents: at most MAX_ELEMENTS with the others, and MAX_CHARS unless there is only one.
        others: rejects, and rows that the unit states.
        error: what the system said where an I/O error stopped the unit, so that nothing of it is whole.
    """

    unit: int
    documents: Sequence[Document] = ()
    others: Sequence[Reject | Row] = ()
    error: str | None = None


def portions(units: Sequence[Unit], skipped: int = 0, most: int = MAX_ELEMENTS) -> Iterator[Portion]:
    """Yield what units give, in order.

    Args:
        units: what to read.
        skipped: elements of the first unit that are read and left out.
        most: elements of a portion at most.
    """
    for number, unit in enumerate(units):
        documents: list[Document] = []
        others: list[Reject | Row] = []
        size = 0
        try:
            for element in islice(read(unit), skipped, None):
                if isinstance(element, Document):
                    if documents and size + len(element.content) > MAX_CHARS:
                        yield Portion(number, documents, others)
                        documents, others, size = [], [], 0
                    documents.append(element)
                    size += len(element.content)
                else:
                    others.append(element)
                if len(documents) + len(others) == most:
                    yield Portion(number, documents, others)
                    documents, others, size = [], [], 0
            if documents or others:
                yield Portion(number, documents, others)
        except OSError as error:
            yield Portion(number, error=f"{unit.path}: {error}")
        skipped = 0
