"""LexisNexis and Nexis Uni: the articles of their text, HTML and word processor exports, by their labels and lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.exports import words
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import web_address
from wirecopy.transforms.read.fields.mapping import words as keywords
from wirecopy.transforms.read.io import charset, separated
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire.wrapped import paragraphs

READER_VERSION = 1

NUMBERED = (
    r"(?:\d{1,6} (?:of|von|de|di|van|av|из) \d{1,6} (?:DOCUMENTS?|DOKUMENTEN?|DOCUMENTOS?|DOCUMENTI|DOCUMENTEN)"
    r"|(?:Document|Dokument|Documento|Documento) \d{1,6} (?:of|von|de|di|van) \d{1,6})"
)
"""The line that stands before each article of an old export."""
_BEGINS = re.compile(rb"^[ \t]*" + NUMBERED.encode() + rb"[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_TOP = 1 << 13
_WORDS = (b"DOCUMENT", b"DOKUMENT", b"Document", b"Dokument")
_CAPITALS = re.compile(rb"^[ \t]*[A-Z\x80-\xff][A-Z\x80-\xff-]{3,30} ?: ", re.MULTILINE)
_NUMBER_LINE = re.compile(NUMBERED, re.IGNORECASE)
_LABELS = {
    label: field
    for field, labels in {
        "byline": "byline author by-line auteur autor autore von par",
        "section": "section rubrik rubrique sección sezione",
        "length": "length länge longueur extensión longitud lunghezza lengte extensão",
        "dateline": "dateline",
        "headline": "headline titel titre título title",
        "deck": "highlight subhead",
        "source": "source quelle",
        "body": "body text textkörper",
        "series": "series column",
        "graphic": "graphic grafik graphique photo illustration",
        "tail": "load-date update language sprache langue idioma lingua publication-type journal-code document-type"
        " type update-code acc-no correction correction-date notes url category subject company organization industry"
        " person ticker geographic geographic-code country state city terms names classification publikationstyp"
        " erscheinungsdatum ladedatum copyright distribution end issn fecha-de-carga jnl-code zeitungs-code"
        " date-de-chargement type-de-publication publication-subtype edition date-chargement fecha-carga"
        " type-publication type-publicacion tipo-publicación tipo-de-publicación publicatietype laaddatum taal"
        " data-caricamento laddatum",
    }.items()
    for label in labels.split()
}
_LABEL = re.compile(r"([^\W\d_][^\W\d_ ]*(?:[ -][^\W\d_]+){0,3}) ?:(?:[ \t]+|$)")
_HEADINGS = {
    **dict.fromkeys(("Body", "Textkörper", "Haupttext", "Corps", "Texte", "Cuerpo", "Corpo", "Testo", "Tekst"), "body"),
    **dict.fromkeys(("Graphic", "Grafik", "Graphique", "Gráfico"), "graphic"),
    **dict.fromkeys(("Classification", "Klassifizierung", "Clasificación", "Classificazione"), "tail"),
}
_LANGUAGE = ("language", "sprache", "langue", "idioma", "lingua")
_HEAD = frozenset(("byline", "section", "length", "dateline", "headline", "deck", "source", "series"))
END_LINE = (
    "(?:End of Document|Ende des Dokuments|Dokumentende|Fin du document|Fin del documento|Fine del documento"
    "|Fim do documento|Einde van het document)"
)
"""The line that ends each article of an export of Nexis Uni."""
_END = re.compile(rf"^[ \t]*{END_LINE}[ \t]*$", re.MULTILINE | re.IGNORECASE)
_PAGE_LINE = re.compile(r"^[ \t]*(?:Page \d+ of \d+|[^\n]{0,200}\tPage \d+ of \d+)[ \t]*$", re.MULTILINE)
_COVER = re.compile(r"^(?:User Name|Job Number|Documents? \(\d+\)|Client/Matter|Search Terms|Search Type)\b")


class Block(NamedTuple):
    """Lines between blank ones, and whether they stand in the middle of the page."""

    text: str
    centred: bool


def is_text(head: bytes) -> bool:
    """Say whether a text begins as an export: with the number of its first article, maybe behind a cover sheet."""
    top = head[:_TOP]
    if not any(word in top for word in _WORDS):
        return False
    found = _BEGINS.search(top)
    return found is not None and head[: found.start()].count(b"\n") < 60 and _CAPITALS.search(head) is not None


def spans(stream: Stream) -> Iterator[Span]:
    """Cut an export into runs of articles."""
    return separated.spans(stream, _BEGINS)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each article that begins in a unit, or a reject; see `separated.read`."""
    yield from separated.read(unit, stream, _BEGINS, partial(_of_text, unit.unit_id))


def _of_text(unit_id: str, data: bytes, ordinal: int, doc_ref: str) -> Document | None:
    if not _BEGINS.match(data.lstrip()) and not _BEGINS.search(data, 0, 200):
        return None
    text = charset.decode(data).replace("\r\n", "\n").replace("\f", "\n")
    _, _, text = text.lstrip("\n").partition("\n")
    return document(blocks(text), unit_id, ordinal, doc_ref)


def blocks(text: str) -> list[Block]:
    """Return the blocks of a text."""
    found = []
    for part in re.split(r"\n[ \t]*\n", text):
        lines = [line for line in part.split("\n") if line.strip()]
        if lines:
            centred = all(line.startswith((" " * 8, "\t\t")) for line in lines)
            found.append(Block("\n".join(lines), centred))
    return found


def document(found: Sequence[Block], unit_id: str, ordinal: int, doc_ref: str) -> Document:
    """Return the document of an article, of form `record`. Raises Fault `no text` where no text stands in it."""
    fields: dict[str, str] = {}
    above: list[Block] = []
    body: list[str] = []
    place = "above"
    for block in found:
        stripped = block.text.strip()
        label, value = _labelled(stripped)
        if label in ("tail", "graphic") or (place != "above" and not label and _is_rights(block)):
            place = "tail"
            name = _LABEL.match(stripped)
            if name and label:
                fields.setdefault(name[1].lower().replace(" ", "-"), value)
        elif place == "tail" and not label:
            continue
        elif label in _HEAD and (place != "body" or not body):
            fields.setdefault(label, value)
            place = "head"
        elif label == "body" and not body:
            place = "body"
            if value not in _HEADINGS:
                body.append(value)
        elif place == "above":
            above.append(block)
        elif place != "tail":
            place = "body"
            body.append(stripped if block.text[:1] not in " \t" else block.text)
    source, date, headline, rest = _above(above)
    if not body and rest and not fields:
        body = rest
    text = paragraphs("\n\n".join(body))
    if not text:
        raise Fault("no text", f"an article of Nexis without a text: {(headline or 'no headline')[:200]}")
    byline = _one(fields.get("byline"))
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        url=web_address(fields.get("url")),
        outlet_name=source,
        headline=_one(fields.get("headline")) or headline,
        deck=_one(fields.get("deck")),
        authors=(byline,) if byline else (),
        byline=byline,
        dateline=_one(fields.get("dateline")),
        language=next((tag for name in _LANGUAGE if (tag := words.language(fields.get(name)))), None),
        section=_one(fields.get("section")),
        keywords=keywords(_one(fields.get("subject"))),
        published=date,
    )


def _labelled(text: str) -> tuple[str | None, str]:
    """Return the field that a block is labelled as, and what stands behind the label."""
    found = _LABEL.match(text)
    name = found[1].lower().replace(" ", "-") if found else text.lower()
    field = _LABELS.get(name)
    if found is None or text in _HEADINGS:
        return _HEADINGS.get(text), text
    if field in ("source", "graphic", "tail", "headline", "byline") and not (found[1].isupper() or found[1].istitle()):
        return None, text
    return field, text[found.end() :].strip()


def _is_rights(block: Block) -> bool:
    return words.COPYRIGHT.match(block.text.strip()) is not None and len(block.text) < 300


def _above(above: Sequence[Block]) -> tuple[str | None, str | None, str | None, list[str]]:
    """Return source, date and headline of the blocks above an article's labels, and those behind the headline."""
    known = [block for block in above if not _is_rights(block) and not _NUMBER_LINE.fullmatch(block.text.strip())]
    lines = [Block(line, block.centred) for block in known for line in block.text.split("\n")] if known else []
    dated = next(
        (n for n, line in enumerate(lines[:12]) if words.DATE.search(line.text) and len(line.text) < 120), None
    )
    if dated is None:
        return (None, None, _one(known[0].text) if known else None, [block.text for block in known[1:]])
    before = [line for line in lines[:dated] if line.text.strip()]
    behind = lines[dated + 1 :]
    blocks_behind = [
        block for block in known if any(line.text in block.text.split("\n") for line in behind) and not block.centred
    ]
    date = _one(lines[dated].text)
    if len(before) > 1 and not blocks_behind:
        return _one(before[-1].text), date, _one(" ".join(line.text for line in before[:-1])), []
    headline = _one(blocks_behind[0].text) if blocks_behind else None
    return _one(before[0].text) if before else None, date, headline, [block.text for block in blocks_behind[1:]]


def _one(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def is_lines(text: str) -> bool:
    """Say whether a text is made of articles as Nexis Uni's documents for word processors hold them."""
    if not _END.search(text):
        return False
    found = filter(None, map(_LABEL.match, text.splitlines()))
    return any(_LABELS.get(each[1].lower().replace(" ", "-")) in ("length", "tail", "section") for each in found)


def documents_of_lines(text: str, unit_id: str, path: str) -> Iterator[Document | Fault]:
    """Yield the document of each article in the text of a word processor's file, or what is wrong with it.

    Each line is a paragraph. An article ends with the line `End of Document`; a cover sheet stands before the first.
    """
    parts = _END.split(_PAGE_LINE.sub("", text))
    for ordinal, part in enumerate(parts[:-1]):
        lines = [Block(stripped, False) for line in part.split("\n") if (stripped := line.strip("\ufeff \t\r"))]
        if ordinal == 0:
            cover = max((n for n, line in enumerate(lines) if _COVER.match(line.text)), default=-1)
            lines = lines[_behind_cover(lines, cover) :] if cover >= 0 else lines
        try:
            yield document(lines, unit_id, ordinal, f"{path}#{ordinal + 1}")
        except Fault as fault:
            yield fault


def _behind_cover(lines: Sequence[Block], cover: int) -> int:
    """Return where the first article begins behind a cover sheet: three lines before its first label, its date last."""
    for place in range(cover + 1, len(lines)):
        if words.DATE.search(lines[place].text) and len(lines[place].text) < 80 and place - 2 > cover:
            return place - 2
    return cover + 1
