"""ninjs: news in JSON (IPTC), versions 1.0 to 3.x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.elements import Document
from transforms.read import markup
from transforms.read.faults import Fault
from transforms.read.mapping import status, string, strings, web_address
from transforms.read.wire import withheld

_SIGNS = frozenset(
    "associations bodies bodytext bodyxhtml descriptiontext headlines pubstatus renditions versioncreated".split()
)
_TEXT_TYPES = ("text", "composite", None)


def is_ninjs(value: Mapping[str, Any]) -> bool:
    """Say whether an object is a ninjs item."""
    standard = value.get("standard")
    if isinstance(standard, Mapping) and standard.get("name") == "ninjs":
        return True
    return isinstance(value.get("uri"), str) and not _SIGNS.isdisjoint(map(_fold, value))


def document(value: Mapping[str, Any], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of an item, of form `record`.

    Of several bodies the plain text is taken unchanged, else the text of the first with markup. The item's uri is its
    identity over all its versions.

    Raises:
        Fault: `not text` for pictures, packages, events and the like, `no text` where a text item has no body.
    """
    item = {_fold(name): inner for name, inner in value.items()}
    kind = string(item.get("type"))
    if kind not in _TEXT_TYPES:
        raise Fault("not text", f"a ninjs item of type {kind}")
    content = _body(item)
    if content is None:
        raise Fault("not text" if kind == "composite" else "no text", f"a ninjs item of type {kind} without a body")
    uri = string(item.get("uri"))
    created = string(item.get("versioncreated"))
    first = string(item.get("firstcreated")) or string(item.get("contentcreated"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        content,
        source_id=uri,
        namespace="" if uri and ":" in uri else None,
        url=web_address(item.get("canonicalurl")) or web_address(uri),
        headline=_chosen(item, "headline"),
        deck=_chosen(item, "description") or _chosen(item, "subheadline"),
        authors=_authors(item),
        byline=string(item.get("byline")) or string(item.get("by")),
        dateline=string(item.get("dateline")) or string(item.get("located")),
        credit=string(item.get("creditline")) or _source(item) or string(item.get("copyrightholder")),
        language=string(item.get("language")),
        section=_names(item, "genre")[:1][0] if _names(item, "genre") else None,
        keywords=tuple(
            dict.fromkeys((*(strings(item.get("slugline")) or ()), *_keywords(item), *_names(item, "subject")))
        ),
        status=withheld(status(item.get("pubstatus")), string(item.get("embargoed")), created),
        published=first or created,
        modified=created,
    )


def _fold(name: str) -> str:
    return name.replace("_", "").lower()


def _body(item: Mapping[str, Any]) -> str | None:
    bodies = (
        [body for body in item.get("bodies") or () if isinstance(body, dict)] if _is_list(item.get("bodies")) else []
    )
    media = {(string(_get(body, "contenttype")) or "text/plain"): _get(body, "value") for body in reversed(bodies)}
    plain = item.get("bodytext") or next((text for name, text in media.items() if name.startswith("text/plain")), None)
    if isinstance(plain, str) and plain.strip():
        return string(plain, strip=False)
    rich = [item.get("bodyxhtml"), item.get("bodyhtml"), *media.values()]
    rich += [inner for name, inner in item.items() if name.startswith("body") and name != "bodies"]
    return next(
        (text for each in rich if isinstance(each, str) and (text := markup.fragment(string(each) or ""))), None
    )


def _chosen(item: Mapping[str, Any], name: str) -> str | None:
    """Return a text that is one string in ninjs 1 and a list of texts by role since ninjs 2, the main one first."""
    listed = (
        [each for each in item.get(name + "s") or () if isinstance(each, dict)]
        if _is_list(item.get(name + "s"))
        else []
    )
    listed.sort(key=lambda each: _get(each, "role") not in ("main", "medium", None))
    return (
        string(item.get(name))
        or string(item.get(name + "text"))
        or (string(_get(listed[0], "value")) if listed else None)
    )


def _authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Return people whose relation to the item is to have made it."""
    people = item.get("person") or item.get("people")
    if not _is_list(people):
        return ()
    makers = [
        each for each in people or () if isinstance(each, dict) and each.get("rel") in ("author", "creator", "by")
    ]
    return strings(makers) or ()


def _source(item: Mapping[str, Any]) -> str | None:
    found = strings(item.get("infosource") or item.get("infosources") or None)
    return found[0] if found else None


def _names(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return strings(item.get(name) or item.get(name + "s") or None) or ()


def _keywords(item: Mapping[str, Any]) -> tuple[str, ...]:
    return strings(item.get("keywords") or None) or ()


def _get(value: Mapping[str, Any], name: str) -> Any:
    return next((inner for key, inner in value.items() if _fold(key) == name), None)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
