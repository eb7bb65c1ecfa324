"""A site's own lines as they were learned from a lake: what the view `furniture` found, written to a file.

Nothing is learned while articles are taken in, so that a text depends on its document and on the file alone, in
whatever order documents come. The file's version stands in each row whose text lost a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from wirecopy.transforms.extract.story import Story
from wirecopy.transforms.hashing import blake2b_128


class Furniture(NamedTuple):
    """Lines that are outlets' own.

    Attributes:
        version: eight hexadecimal digits of the lines' hash; empty where nothing was learned.
        lines: the lines by outlet, a registrable domain.
    """

    version: str
    lines: Mapping[str, frozenset[str]]


NOTHING_LEARNED = Furniture("", {})


def read_furniture(path: Path) -> Furniture:
    """Return the furniture in a Parquet file with the columns `outlet` and `text`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such file.
    """
    try:
        table = pq.read_table(path, columns=["outlet", "text"])
        rows = sorted(
            set(zip(*(table[name].cast(pa.string()).to_pylist() for name in table.column_names), strict=True))
        )
        if not all(outlet and text for outlet, text in rows):
            raise ValueError("a row without outlet or text")
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no furniture, a Parquet file with outlet and text: {error}") from None
    lines: dict[str, set[str]] = {}
    for outlet, text in rows:
        lines.setdefault(outlet, set()).add(text)
    version = blake2b_128(*(part.encode() + b"\n" for row in rows for part in row)).hex()[:8]
    return Furniture(version, {outlet: frozenset(texts) for outlet, texts in lines.items()})


def without_furniture(story: Story, outlet: str | None, furniture: Furniture) -> Story:
    """Return a story less its outlet's own lines; the same where it has none, or nothing else."""
    own = furniture.lines.get(outlet or "")
    if not own:
        return story
    lines = story.text.split("\n")
    kept = [line for line in lines if line not in own]
    text = "\n".join(kept).strip("\n")
    if len(kept) == len(lines) or not any(map(str.isalnum, text)):
        return story
    return story._replace(text=text, extractor=f"{story.extractor} furniture/{furniture.version}")
