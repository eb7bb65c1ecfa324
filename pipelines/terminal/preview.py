"""What a dry run shows of records: which column is taken for what, and what their first rows would become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TextIO

from wirecopy.pipelines.terminal.report import print_unit, shown
from wirecopy.pipelines.terminal.summary import OF_RECORDS
from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read import Skipped, Unreadable, read
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import noted_shapes, resolve
from wirecopy.transforms.read.fields.own import owned

ROWS = 3
FILES = 5
"""Files of records of which the mapping is shown, at most."""
_TRIED = 50
"""Records that are read at most to find three that are articles."""
_WIDTH = 100
_SHOWN = (
    "outlet",
    "outlet_name",
    "published_at",
    "published_precision",
    "headline",
    "authors",
    "url",
    "language",
    "text",
)


def print_plan(plan: Iterable[Unit | Reject | Skipped | Unreadable], out: TextIO) -> None:
    """List planned units, how many there are of each format, and of files of records what would become of them."""
    counts: dict[str, int] = {}
    samples: dict[str, Unit] = {}
    size = 0
    for item in plan:
        print_unit(item, out)
        if isinstance(item, Unit):
            counts[item.reader] = counts.get(item.reader, 0) + 1
            size += item.size
            if item.reader in OF_RECORDS and len(samples) < FILES:
                samples.setdefault(item.path, item)
    print(f"{size:>14,}  bytes in {sum(counts.values()):,} units", file=out)
    for reader, count in sorted(counts.items()):
        print(f"{count:>14,}  unit{'s' if count > 1 else ''} of {reader}", file=out)
    for unit in samples.values():
        for line in _sample(unit):
            print(line, file=out)


def _sample(unit: Unit) -> Iterator[str]:
    """Yield lines that say which column of a file's first records is taken for what, and what they would become."""
    with noted_shapes() as shapes:
        try:
            elements = list(islice(read(unit), _TRIED))
        except (Fault, OSError) as error:
            yield f"{shown(unit.path)}: {shown(str(error))}"
            return
    documents = [each for each in elements if isinstance(each, Document)][:ROWS]
    yield ""
    yield f"{shown(unit.path)}: the columns of its first records, and what they are taken for"
    own = owned(unit.mapping)
    places = dict(resolve(next(iter(shapes)), unit.mapping)) if shapes else {}
    for field, paths in places.items():
        said = own.get(field)
        where = f"'{said.constant}'" if said and said.constant is not None else ", ".join(map(".".join, paths))
        if said and said.pattern:
            where += f" ~ {said.pattern.pattern}"
        yield f"  {field:<12}  {shown(where)}"
    for field in own.keys() - places.keys():
        yield f"  {field:<12}  no column {'.'.join(own[field].path)!r} in these records"
    used = {path[0] for paths in places.values() for path in paths if path}
    names = [entry if isinstance(entry, str) else entry[0] for entry in next(iter(shapes), ())]
    if rest := [name for name in names if name not in used]:
        yield f"  not used      {shown(', '.join(rest))[: 2 * _WIDTH]}"
    yield from _rows(documents)


def _rows(documents: list[Document]) -> Iterator[str]:
    from wirecopy.transforms.extract import extract_batch

    batch, rejects = extract_batch(documents)
    for row in batch.to_pylist():
        yield f"  {shown(row['doc_ref'])} would become"
        for name in _SHOWN:
            yield f"    {name:<20}  {_cell(row[name])}"
    for reject in rejects:
        yield f"  {shown(reject.doc_ref)} would be rejected: {reject.reason}: {shown(reject.error)}"


def _cell(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else "unknown" if value is None else str(value)
    text = shown(" ".join(text.split())) or "none"
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."
