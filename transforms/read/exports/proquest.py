"""ProQuest: its export in text, in which lines of underscores part the documents and labels name their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.exports import words
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import words as keywords
from wirecopy.transforms.read.io import charset, separated
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire.wrapped import paragraphs

READER_VERSION = 2

_BEGINS = re.compile(rb"^_{20,}[ \t\r]*$", re.MULTILINE)
_LABELS = {
    label: field
    for field, labels in {
        "text": "full text|texto completo|texte intégral|volltext|testo completo|texte complet|tekst|全文文献|全文",
        "headline": "title|título|titre|titel|titolo",
        "authors": "author|autor|auteur|autore|verfasser",
        "outlet": "publication title|título de publicación|titre de la publication|titel der publikation"
        "|titolo della pubblicazione|título da publicação|source",
        "published": "publication date|fecha de publicación|date de publication|erscheinungsdatum|publikationsdatum"
        "|data di pubblicazione|data de publicação",
        "section": "section|sección|sezione|abschnitt|seção",
        "language": "language of publication|idioma de publicación|langue de publication|sprache der publikation"
        "|publikationssprache|lingua della pubblicazione|idioma da publicação|language|idioma|langue|sprache",
        "id": "proquest document id|id del documento de proquest|id document proquest|proquest-dokument-id"
        "|identificación del documento de proquest|id documento proquest|accession number",
        "url": "document url|url del documento|url du document|dokument-url|url documento",
        "keywords": "subject|materia|sujet|schlagwort|thema|soggetto|assunto",
        "deck": "abstract|resumen|résumé|zusammenfassung|abstract (english)",
        "credit": "credit|crédito",
        "other": "details|detalles|détails|dettagli|publication info|links|"
        "enlaces|liens|company / organization|company|people|location|lugar|lieu|ort"
        "|pages|página|publication year|year|año|año de publicación|année de publication|publisher|editorial|éditeur"
        "|place of publication|country of publication|publication subject|issn|eissn|isbn|source type|tipo de fuente"
        "|type de source|quellentyp|document type|tipo de documento|type de document|dokumententyp|copyright"
        "|last updated|última actualización|database|base de datos|base de données|datenbank|document feature|volume"
        "|issue|number of pages|first page|column|edition|caption|illustration|identifier / keyword|identifier"
        "|publication date (original)|correspondence author|dateline|series|supplement|start page",
    }.items()
    for label in labels.split("|")
}
_LABEL = re.compile(r"^([^\W\d_][^:\n]{1,50}?) ?[:：][ \t\xa0]*(?=\S|$)", re.MULTILINE)
_NUMBERED = re.compile(r"\s*(?:Document|Documento|Dokument) \d+ (?:of|de|von|di|sur) \d+\s*\n", re.IGNORECASE)
_HEADING = re.compile(
    r"^(full text|texto completo|texte intégral|volltext|testo completo|abstract(?: \(english\))?|resumen|résumé"
    r"|details|detalles|détails|dettagli|links|enlaces|liens)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
"""Headings of newer exports, which older ones follow by a colon."""
_CITED = re.compile(r"(?P<names>[^\W\d_][^.;\n]*, [^;\n]*?(?:; [^.;\n]+, [^;\n]*?)*)\. (?=[^\n]*\d{4})")
_LINK = re.compile(r"^[ \t]*(?:\[?ProQuest document link\]?|Find a copy)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_SIGN = re.compile(rb"proquest", re.IGNORECASE)


def is_text(head: bytes) -> bool:
    """Say whether a text begins as an export: with a line of underscores, fields of ProQuest below it."""
    found = _BEGINS.search(head, 0, 4096) if b"_" * 20 in head[:4096] else None
    return found is not None and _SIGN.search(head) is not None and b":" in head


def spans(stream: Stream) -> Iterator[Span]:
    """Cut an export into runs of documents."""
    return separated.spans(stream, _BEGINS)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each one that begins in a unit, or a reject; see `separated.read`."""
    yield from separated.read(unit, stream, _BEGINS, partial(_document, unit.unit_id))


def _document(unit_id: str, data: bytes, ordinal: int, doc_ref: str) -> Document | None:
    text = _BEGINS.sub(b"", data)
    if not text.strip():
        return None
    return _of_text(charset.decode(text).replace("\r\n", "\n"), unit_id, ordinal, doc_ref)


def _of_text(text: str, unit_id: str, ordinal: int, doc_ref: str) -> Document | None:
    text = _HEADING.sub(r"\1: ", text)
    marks = [(found, field) for found in _LABEL.finditer(text) if (field := _LABELS.get(found[1].lower()))]
    fields: dict[str, str] = {}
    for number, (found, field) in enumerate(marks):
        end = marks[number + 1][0].start() if number + 1 < len(marks) else len(text)
        value = text[found.end() : end].strip()
        if value and (field != "other"):
            fields.setdefault(field, value)
    top = text[: marks[0][0].start()] if marks else text
    if "id" not in fields and "text" not in fields and "url" not in fields:
        return None
    one = {field: " ".join(value.split()) for field, value in fields.items()}
    titled, _, cited = _LINK.sub("", _NUMBERED.sub("", top)).strip().partition("\n\n")
    headline = one.get("headline") or " ".join(titled.split()) or None
    if "text" not in fields:
        raise Fault("no text", f"a document of ProQuest without its full text: {(headline or 'no title')[:200]}")
    author = one.get("authors") or ((named := _CITED.match(cited.strip())) and named["names"]) or None
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        paragraphs(fields["text"]),
        source_id=one.get("id"),
        namespace="proquest" if "id" in one else None,
        outlet_name=one.get("outlet", "").partition(";")[0].strip() or None,
        headline=headline,
        authors=_names(author),
        byline=author,
        credit=one.get("credit"),
        language=words.language(one.get("language")),
        section=one.get("section"),
        keywords=keywords(one.get("keywords")),
        published=one.get("published"),
    )


def _names(author: str | None) -> tuple[str, ...]:
    """Return the names in a field that gives the family name first, as `Rook, Mara; Hart, Bo`."""
    names = []
    for each in (author or "").split(";"):
        family, _, given = each.strip(" .").partition(",")
        if family:
            names.append(f"{given.strip()} {family.strip()}".strip())
    return tuple(names)
