"""The elements that flow between steps. They are plain tuples: `schemas.coders` teaches Beam to carry them.

Instants are microseconds since 1970-01-01 UTC; ids are 32 hexadecimal digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Unit(NamedTuple):
    """A piece of input that is read, sealed and committed as one, and skipped once it is committed.

    Attributes:
        unit_id: blake2b-128 of (reader and mapping version, content hash of the file, range).
        path: where it is read from; a label, not part of its identity.
        reader: name of the reader, a module of transforms.read.
        begin: first byte or record of its range.
        end: byte or record after its range; -1 for the whole file.
        size: bytes to be read, for planning.
        first: 1-based number of the first line or record in its range, for doc_ref.
        mapping: the user's own mapping as JSON, see transforms.read.fields.mapping; empty where all is guessed.
        inside: names of the members, from the outside in, where path is an archive such as zip or tar.
    """

    unit_id: str
    path: str
    reader: str
    begin: int
    end: int
    size: int
    first: int = 1
    mapping: str = ""
    inside: Sequence[str] = ()


class Document(NamedTuple):
    """One record as its container gives it, before extraction.

    `content` is HTML for form `html`, a text file with its headline and closing lines for form `text`, an article's
    text that arrived extracted for form `record`. It is decoded text, save a page of a web archive: that is its bytes,
    with the `charset` that its header declares, and extraction decodes them. The other fields are what the container
    says of it, unparsed; None where it says nothing. `instead` is the document that stands in its place where it yields
    no article, such as the feed's own text of a page.
    """

    unit_id: str
    record: int
    doc_ref: str
    form: str
    content: str | bytes
    source_id: str | None = None
    namespace: str | None = None
    url: str | None = None
    outlet: str | None = None
    outlet_name: str | None = None
    feed_url: str | None = None
    headline: str | None = None
    deck: str | None = None
    authors: Sequence[str] = ()
    byline: str | None = None
    dateline: str | None = None
    slugline: str | None = None
    credit: str | None = None
    language: str | None = None
    section: str | None = None
    keywords: Sequence[str] = ()
    status: str | None = None
    revision: str | None = None
    embargoed: str | None = None
    published: str | None = None
    modified: str | None = None
    first_seen_at: int | None = None
    fetched_at: int | None = None
    instead: Document | None = None
    charset: str | None = None


class Reject(NamedTuple):
    """A piece of input that was not taken in whole: a row of `rejects` less the run."""

    stage: str
    reason: str
    error: str
    doc_ref: str
    unit_id: str
    url: str | None = None
    payload_sha256: bytes | None = None
    retryable: bool = False


class Row(NamedTuple):
    """A row of a table that input states outright, such as a poll in a spool file, less what only the commit knows.

    Attributes:
        unit_id: the unit it stands in.
        table: the table's name.
        values: values by column, as JSON has them: instants as numbers, ids as hexadecimal digits. Rows of `latest`
            tables may have `read` beside them: the commit as of which what they replace was known.
    """

    unit_id: str
    table: str
    values: Mapping[str, Any]


class Sealed(NamedTuple):
    """Some units read, extracted and fingerprinted, in one folder of the run that sealed them.

    Attributes:
        folder: the folder's path; its name is made of the units it holds.
        units: the units asked for, whole or failed.
        failed: (unit_id, error) of units that an I/O error stopped: nothing of them is here, they stay open.
        articles: rows in it.
        rejects: rejects in it.
    """

    folder: str
    units: Sequence[Unit]
    failed: Sequence[tuple[str, str]]
    articles: int
    rejects: int


class Committed(NamedTuple):
    """What one commit took in; number 0 where there was nothing to commit."""

    number: int
    units: int
    failed: int
    articles: int
    copies: int
    reuse: int
    rejects: int


class Run(NamedTuple):
    """One run of a command: what its rows and commits are marked with."""

    run_id: str
    command: str
    version: str
    started_at: int
