"""Factiva snapshots and streams: articles as Dow Jones' interfaces give them in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wirecopy.schemas.elements import Document
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import string, web_address

MARKS = frozenset(("an", "source_code"))
"""Names that each article has."""
_TIMES = frozenset(("publication_datetime", "publication_date", "modification_datetime", "ingestion_datetime"))


def is_snapshot(value: Mapping[str, Any]) -> bool:
    """Say whether an object is an article of a Factiva snapshot."""
    return value.keys() >= MARKS and not _TIMES.isdisjoint(value)


def document(value: Mapping[str, Any], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return an article's document, of form `record`: its lead and what follows it, its times to the millisecond.

    Raises:
        Fault: `no text` where it has neither, `not text` where it says that another one is deleted.
    """
    lead, body = string(value.get("snippet"), strip=False), string(value.get("body"), strip=False)
    if lead and body and body.lstrip().startswith(lead.strip()[:200]):
        lead = None
    text = "\n\n".join(part for part in (lead, body) if part and part.strip())
    if not text:
        if value.get("action") == "del":
            raise Fault("not text", f"the deletion of article {string(value.get('an'))}")
        raise Fault("no text", "a Factiva article without snippet and body")
    byline = string(value.get("byline"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=string(value.get("an")),
        namespace="factiva",
        url=web_address(value.get("url")),
        outlet_name=string(value.get("source_name")),
        headline=string(value.get("title")),
        authors=(byline,) if byline else (),
        byline=byline,
        dateline=string(value.get("dateline")),
        credit=string(value.get("credit")),
        language=string(value.get("language_code")),
        section=string(value.get("section")),
        status="cancelled" if value.get("action") == "del" else None,
        published=string(value.get("publication_datetime")) or string(value.get("publication_date")),
        modified=string(value.get("modification_datetime")) or string(value.get("modification_date")),
    )
