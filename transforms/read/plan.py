"""What is to be read: the units of input that paths name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import PurePath

from wirecopy.schemas.elements import Reject, Unit
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.read import archives
from wirecopy.transforms.read.faults import Fault, rejected
from wirecopy.transforms.read.fields.mapping import MAPPING_VERSION
from wirecopy.transforms.read.io import files
from wirecopy.transforms.read.io.files import NoInput, Skipped, Unreadable
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.io.spans import Span, digested
from wirecopy.transforms.read.readers import READERS, RECORDWISE, choose

__all__ = ["NoInput", "Skipped", "Unreadable", "plan"]


def plan(
    paths: Sequence[str], mapping: str = "", follow_links: bool = False
) -> Iterator[Unit | Reject | Skipped | Unreadable]:
    """Yield what files, folders and globs hold, lazily, folders in sorted order.

    Units of one file come in order. Where and under which name a file stands makes no difference to its units'
    ids; a file that grew keeps the ids of the units that did not change.

    Args:
        paths: files, folders and globs (`**` spans folders). What is named itself is read whatever it is called.
        mapping: the user's own mapping of records, see `transforms.read.fields.mapping`.
        follow_links: follow links that lead out of the folder they stand in; those to what is named itself always are.

    Yields:
        Unit: a piece of input to be given to `read`.
        Reject: a file that no reader takes; its `unit_id` is stable, so it can be reported once.
        Skipped: what a folder walk passed over.
        Unreadable: what an I/O error kept from being planned; it stays open.

    Raises:
        NoInput: at once, before anything is yielded, where a path names nothing.
    """
    files.check(paths)
    return _plan(paths, mapping, follow_links)


def _plan(paths: Sequence[str], mapping: str, follow_links: bool) -> Iterator[Unit | Reject | Skipped | Unreadable]:
    for found in files.walk(paths, follow_links):
        if not isinstance(found, str):
            yield found
            continue
        try:
            yield from _units(found, (), mapping)
        except OSError as error:
            yield Unreadable(found, str(error))


def _units(path: str, inside: tuple[str, ...], mapping: str) -> Iterator[Unit | Reject | Skipped]:
    place = "!/".join((path, *inside))
    try:
        with closing(open_stream(path, inside)) as stream:
            reader = choose(stream, PurePath(place).name)
        with closing(open_stream(path, inside, reader in RECORDWISE)) as stream:
            spans = READERS[reader].spans(stream)
            if reader in RECORDWISE:
                with closing(open_stream(path, inside, True)) as again:
                    yield from (_unit(path, inside, reader, span, mapping) for span in digested(spans, again))
            else:
                for span in spans:
                    if isinstance(span, Skipped):
                        yield Skipped(f"{place}!/{span.path}", span.kind)
                    else:
                        yield _unit(path, inside, reader, span, mapping)
        if reader == "archives":
            with closing(open_stream(path, inside)) as stream:
                apart = archives.apart(stream)
            for member in apart:
                yield from _units(path, (*inside, member), mapping)
    except Fault as fault:
        yield rejected(_whole_file(path, place), fault)
    except (OSError, MemoryError):
        raise
    except Exception as error:
        yield rejected(_whole_file(path, place), Fault("crash", f"{type(error).__name__}: {error}"))


def _unit(path: str, inside: tuple[str, ...], reader: str, span: Span, mapping: str) -> Unit:
    rules = f"{reader} {READERS[reader].READER_VERSION} {MAPPING_VERSION} {mapping}"
    extent = f"{span.begin} {span.end}"
    unit_id = blake2b_128(rules.encode(), span.digest, extent.encode()).hex()
    return Unit(unit_id, path, reader, span.begin, span.end, span.size, span.first, mapping, inside)


def _whole_file(path: str, place: str) -> Unit:
    """Return the unit that the reject of a whole file is reported for, named by its first bytes and its size."""
    with closing(files.open_file(path)) as file:
        head = file.read(1 << 16)
        size = file.seek(0, os.SEEK_END)
    inside = place[len(path) :].encode(errors="surrogateescape")
    return Unit(blake2b_128(inside, head, str(size).encode()).hex(), files.label(place), "none", 0, -1, size)
