"""ninjs: news in JSON (IPTC), versions 1.0 to 3.x.

What is a field in ninjs 1 (`body_text`, `body_xhtml`, `headline`) is a list since ninjs 2 (`bodies`, `headlines`), and
`versioncreated` is written `versionCreated` since ninjs 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wirecopy.schemas.elements import Document
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import is_html, namespace, status, string, strings, web_address
from wirecopy.transforms.read.wire import markup, nitf

_SIGNS = frozenset(
    "associations bodies bodytext bodyxhtml descriptiontext headlines pubstatus renditions versioncreated".split()
)
_MEDIA = frozenset("animation audio component event graphic image photo picture planning video".split())
_MAIN = frozenset(("", "main", "text"))
_PARTS = frozenset("abstract caption ingress intro lead lede short summary teaser".split())
_MAKERS = frozenset(("author", "by", "creator", "writer"))


def is_ninjs(value: Mapping[str, Any]) -> bool:
    """Say whether an object is a ninjs item."""
    standard = value.get("standard") or value.get("$standard")
    if isinstance(standard, Mapping) and "ninjs" in str(standard.get("name")).lower():
        return True
    return isinstance(value.get("uri") or value.get("guid"), str) and not _SIGNS.isdisjoint(map(_fold, value))


def items(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield an item, and the items of text that stand whole within it, as a package's stories do."""
    yield value
    associated = value.get("associations")
    held = list(associated.values()) if isinstance(associated, Mapping) else associated
    for inner in held if isinstance(held, list) else ():
        if isinstance(inner, Mapping) and inner.get("type") == "text" and _chosen(_folded(inner), "body"):
            yield inner


def document(value: Mapping[str, Any], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of an item, of form `record`.

    Of several bodies the plain text is taken unchanged, else the text of the first with markup. An item of text
    without a body has its description, one that is withdrawn without either the note to editors, or its headline. The
    item's uri is its identity over all its versions.

    Raises:
        Fault: `not text` for pictures, packages, events and the like, `no text` where a text item has no body.
    """
    item = _folded(value)
    kind = string(item.get("type"))
    if kind in _MEDIA:
        raise Fault("not text", f"a ninjs item of type {kind}")
    state = status(item.get("pubstatus"))
    content = _chosen(item, "body") or (_chosen(item, "description") if kind == "text" else None)
    if content is None and state == "cancelled":
        content = string(item.get("ednote")) or _chosen(item, "headline")
    if content is None:
        reason = "no text" if kind in ("text", None) else "not text"
        raise Fault(reason, f"a ninjs item of type {kind} without a body")
    uri = string(item.get("uri")) or string(item.get("guid"))
    byline = string(item.get("byline")) or string(item.get("by"))
    created = string(item.get("versioncreated"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        content,
        source_id=uri,
        namespace=namespace(uri, None, string(item.get("source"))) if uri else None,
        url=web_address(item.get("canonicalurl")) or web_address(uri),
        headline=_chosen(item, "headline") or string(item.get("title")),
        deck=_chosen(item, "description") or _chosen(item, "subheadline"),
        authors=_authors(item) or ((byline,) if byline else ()),
        byline=byline,
        dateline=string(item.get("dateline")) or string(item.get("located")),
        slugline=string(item.get("slugline")),
        credit=string(item.get("creditline"))
        or next(iter(_names(item, "infosource")), None)
        or string(item.get("source"))
        or string(item.get("copyrightholder")),
        language=string(item.get("language")),
        section=next(iter((*_names(item, "service"), *_names(item, "genre"))), None),
        keywords=tuple(dict.fromkeys((*_names(item, "keyword"), *_names(item, "subject")))),
        status=state,
        revision=string(item.get("version")),
        embargoed=string(item.get("embargoed")),
        published=string(item.get("firstcreated")) or string(item.get("contentcreated")) or created,
        modified=created,
    )


def _folded(value: Mapping[str, Any]) -> dict[str, Any]:
    return {_fold(name): inner for name, inner in value.items()}


def _fold(name: str) -> str:
    return name.replace("_", "").lower()


def _chosen(item: Mapping[str, Any], name: str) -> str | None:
    """Return the fullest of the texts of a kind, plain ones first; where there is none, None."""
    texts = sorted(_texts(item, name), key=lambda text: (text[0] in _PARTS, _is_marked(*text), text[0] not in _MAIN))
    return next((found for text in texts if (found := _unmarked(text[2]) if _is_marked(*text) else text[2])), None)


def _texts(item: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    """Yield role, media type and value of each text of a kind: fields in ninjs 1, a list in ninjs 2 and 3."""
    for key, value in item.items():
        if key.startswith(name) and isinstance(value, str) and (text := string(value, strip=False)):
            yield key.removeprefix(name), "", text
    listed = item.get({"body": "bodies"}.get(name, f"{name}s"))
    for entry in listed if isinstance(listed, list) else ():
        fields = _folded(entry) if isinstance(entry, Mapping) else {}
        if isinstance(fields.get("value"), str) and (text := string(fields["value"], strip=False)):
            yield str(fields.get("role") or "").lower(), str(fields.get("contenttype") or ""), text


def _is_marked(role: str, media: str, text: str) -> bool:
    return (media != "" and not media.startswith("text/plain")) or role in ("html", "xhtml") or is_html(text)


def _unmarked(text: str) -> str | None:
    """Return the text of HTML, XHTML or NITF."""
    if "<nitf" not in text:
        return markup.fragment(text)
    try:
        return str(nitf.document(markup.parse(text.encode()), "", 0, "").content)
    except Fault:
        return None


def _authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Return who is named an author, and people whose relation to the item is to have made it."""
    named, people = item.get("authors") or item.get("author"), item.get("person") or item.get("people")
    makers = [each for each in named if _is_maker(each, "role", True)] if isinstance(named, list) else [named]
    makers += [each for each in people if _is_maker(each, "rel", False)] if isinstance(people, list) else []
    return strings(makers) or ()


def _is_maker(person: Any, name: str, by_default: bool) -> bool:
    role = person.get(name) if isinstance(person, Mapping) else None
    return role in _MAKERS if isinstance(role, str) and role else by_default


def _names(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return strings(item.get(name) or item.get(f"{name}s") or None) or ()
