"""What a command is asked about: a file, an address, an article of the lake, or standard input."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import typer

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.fetch.http.client import Client, FetchError, Reply, session
from wirecopy.transforms.fetch.http.guard import Network, networks
from wirecopy.transforms.fetch.http.politeness import Held, SystemClock, Turns
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.read import NoInput, plan, read

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_UNIT = "0" * 32


class Asked(NamedTuple):
    """What was named: an article of the lake by its id, or a document from elsewhere."""

    article_id: uuid.UUID | None = None
    document: Document | None = None


def read_input(named: str, cidrs: Sequence[str] = (), contact: str = "") -> Asked:
    """Return what a command line names.

    Args:
        named: a path, an address of http or https, an article's id, or - for standard input.
        cidrs: networks that may be asked though they are not public.
        contact: where the operator can be reached, for the User-Agent.

    Raises:
        typer.BadParameter: it names nothing.
        LakeError: it cannot be had, or holds no one article; the message says why.
        OSError: it cannot be read.
    """
    if named == "-":
        with tempfile.TemporaryDirectory(prefix="wirecopy-") as folder:
            path = Path(folder) / "standard input"
            path.write_bytes(sys.stdin.buffer.read())
            return Asked(document=_of_file(str(path), "standard input"))
    if _ADDRESS.match(named):
        return Asked(document=_of_address(named, _networks(cidrs), contact))
    if _ID.fullmatch(named) and not Path(named).exists():
        return Asked(uuid.UUID(named))
    if not Path(named).is_file():
        raise typer.BadParameter(f"{named!r} is neither a file nor an address nor the id of an article")
    return Asked(document=_of_file(named, named))


def _networks(cidrs: Sequence[str]) -> tuple[Network, ...]:
    try:
        return networks(cidrs)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--allow-network") from None


def _of_file(path: str, called: str) -> Document:
    """Return the one document of a file."""
    found: list[Document] = []
    faults: list[str] = []
    try:
        for item in plan([path]):
            for each in read(item) if isinstance(item, Unit) else [item]:
                if isinstance(each, Document):
                    found.append(each)
                elif isinstance(each, Reject):
                    faults.append(f"{each.reason}: {each.error}")
            if len(found) > 1:
                break
    except NoInput as error:
        raise LakeError(str(error)) from None
    if len(found) > 1:
        raise LakeError(
            f"{called} holds several articles, and one is asked for: take it into a lake with `wirecopy ingest`, and "
            "name an article by its id"
        )
    if not found:
        raise LakeError(f"{called} holds no article: {faults[0] if faults else 'nothing that can be read'}")
    return found[0]


def _of_address(url: str, opened: Sequence[Network], contact: str) -> Document:
    try:
        reply = asyncio.run(_fetched(url, opened, contact))
    except FetchError as error:
        raise LakeError(f"{url}: {error} ({error.reason})") from None
    except Held as error:
        raise LakeError(f"{url}: its server asks to be left alone for a while: {error}") from None
    if not 200 <= reply.status < 300:
        raise LakeError(f"{url}: the server answers {reply.status}")
    kind, _, parameters = reply.header.get("content-type", "").partition(";")
    label = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters)
    form = "text" if kind.strip().lower() == "text/plain" else "html"
    return Document(
        _UNIT, 0, url, form, reply.body, url=reply.url, fetched_at=reply.at, charset=label[1] if label else None
    )


async def _fetched(url: str, opened: Sequence[Network], contact: str) -> Reply:
    clock = SystemClock()
    async with session(contact, opened) as web:
        return await Client(web, Turns(clock), clock, opened).get(url)
