"""Exports of databases of news: Factiva, Nexis, ProQuest and Europresse."""

from __future__ import annotations

import io
import re
import zipfile
from html import escape
from pathlib import Path
from typing import Any

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.office.rtf import text_of
from wirecopy.transforms.read.sniff import sniff

ONE = "The council voted on Tuesday to mend the wall that the storm had broken."
TWO = "Mayor Ines Calder said that it would take two summers and many stones."


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def of(tmp_path: Path, name: str, data: str, encoding: str = "utf-8") -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_bytes(data.encode(encoding))
    return read_all(path)


def told(documents: list[Document], *fields: str) -> list[Any]:
    batch, rejects = extract_batch(documents)
    assert not rejects
    rows = batch.to_pylist()
    days = [{**row, "day": str(row["published_at"])[:16]} for row in rows]
    return [tuple(row[field] for field in fields) for row in days]


FIELDS = ("headline", "authors", "outlet_name", "day", "language")
EXPECTED = ("Vote splits town", ["Mara Rook"], "The Gazette", "2026-03-01 08:00", "en")


def factiva(
    n: int, prefix: str = "en", words: str = "104 words", date: str = "1 March 2026", language: str = "English"
) -> str:
    return f"""<div class="article {prefix}Article" id="article-GAZ0020260301"><p><div id="hd">
<span class="{prefix}Headline">Vote splits town</span></div><div class="author">By Mara Rook</div>
<div>{words}</div><div>{date}</div><div>08:00</div>
<div>The Gazette</div><div>ELLGAZ</div><div>A1</div><div>{language}</div>
<div>Copyright 2026, Ellery Media. All Rights Reserved.</div></p>
<p class="articleParagraph {prefix}articleParagraph">{ONE}</p>
<p class="articleParagraph {prefix}articleParagraph">{TWO}</p>
<p>Document ELLGAZ0020260301em360000{n}</p></div><br/><span class="pb"></span>"""


PAGE = '<html><head><meta charset="utf-8"></head><body><div id="contentWrapper">{}</div></body></html>'


def test_a_page_of_factiva(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "Factiva.htm", PAGE.format(factiva(1) + factiva(2)))
    assert not rejects and [x.source_id for x in documents] == [f"ELLGAZ0020260301em360000{n}" for n in (1, 2)]
    assert told(documents, *FIELDS) == [EXPECTED] * 2
    assert documents[0].content == f"{ONE}\n\n{TWO}"


@pytest.mark.parametrize(
    ("prefix", "words", "date", "language"),
    [
        ("de", "104 Wörter", "1. März 2026", "Englisch"),
        ("fr", "104 mots", "1 mars 2026", "Anglais"),
        ("es", "1.104 palabras", "1 marzo 2026", "Inglés"),
        ("zhcn", "104 字", "2026 年 3 月 1 日", "英语"),
    ],
)
def test_factiva_in_other_languages(tmp_path: Path, prefix: str, words: str, date: str, language: str) -> None:
    documents, _ = of(tmp_path, "Factiva.html", PAGE.format(factiva(1, prefix, words, date, language)))
    assert told(documents, *FIELDS) == [EXPECTED]


def test_factiva_with_its_indexing(tmp_path: Path) -> None:
    rows = {"HD": "Vote splits town", "BY": "By Mara Rook", "WC": "104 words", "PD": "1 March 2026", "ET": "08:00"}
    rows |= {"SN": "The Gazette", "SC": "ELLGAZ", "LA": "English", "CY": "Copyright", "LP": f"<p>{ONE}</p>"}
    rows |= {"TD": f"<p>{TWO}</p>", "AN": "Document ELLGAZ0020260301em3600001"}
    table = "".join(
        f'<tr><td class="index"><b>{code}</b>&nbsp;</td><td>{value}</td></tr>' for code, value in rows.items()
    )
    documents, _ = of(tmp_path, "a.htm", PAGE.format(f'<div class="article deArticle"><table>{table}</table></div>'))
    assert told(documents, *FIELDS) == [EXPECTED]
    assert (documents[0].content, documents[0].source_id) == (f"{ONE}\n\n{TWO}", "ELLGAZ0020260301em3600001")


def test_factiva_without_author_time_and_language(tmp_path: Path) -> None:
    bare = factiva(1).replace('<div class="author">By Mara Rook</div>', "").replace("<div>08:00</div>", "")
    documents, _ = of(tmp_path, "a.htm", PAGE.format(bare.replace("<div>English</div>", "")))
    assert told(documents, *FIELDS) == [("Vote splits town", [], "The Gazette", "2026-03-01 00:00", "en")]


def rtf(lines: list[str]) -> str:
    body = "".join(
        r"{\pard\f1 " + "".join(c if ord(c) < 128 else rf"\u{ord(c)}?" for c in line) + r"\par}" for line in lines
    )
    head = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}{\f1 Arial;}}{\*\generator Made;}{\stylesheet{\s0 Normal;}}"
    )
    return head + "\n" + body + "}"


def test_factiva_as_rtf(tmp_path: Path) -> None:
    article = [
        "Vote splits town",
        "By Mara Rook",
        "104 words",
        "1 March 2026",
        "08:00",
        "The Gazette",
        "ELLGAZ",
        "A1",
        "English",
    ]
    article += ["Copyright 2026, Ellery Media – all.", "", ONE, TWO, "Document ELLGAZ0020260301em3600001", ""]
    documents, rejects = of(tmp_path, "Factiva.rtf", rtf(article * 2))
    assert told(documents, *FIELDS) == [EXPECTED] * 2 and not rejects
    assert documents[0].content == f"{ONE}\n\n{TWO}"


def test_what_rtf_means() -> None:
    assert text_of(
        rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\u8364 ?\uc0\u-3913 x{\*\x hidden}{\pict 00ff}\par b\{c\}\~d}"
    ) == ("Пр€\uf0b7x\nb{c}\xa0d")


def test_another_rtf_document_is_one_reject_that_says_so(tmp_path: Path) -> None:
    documents, (reject,) = of(tmp_path, "a.rtf", rtf([ONE, TWO]))
    assert not documents and reject.reason == "unsupported" and "RTF" in reject.error


def nexis(n: int, of_: int) -> str:
    return f"""


                               {n} of {of_} DOCUMENTS


                             The Gazette

                            March {n}, 2026 Sunday 08:00 AM GMT
                            Late Edition - Final

Vote splits town

BYLINE: Mara Rook

SECTION: NEWS; Pg. 1

LENGTH: 104 words

DATELINE: ELLERY

{ONE[:40]}
{ONE[41:]}

NOTE: {TWO}

LOAD-DATE: March 2, 2026

LANGUAGE: ENGLISH

PUBLICATION-TYPE: Newspaper


                   Copyright 2026 Ellery Media Ltd
                              All Rights Reserved

"""


def test_nexis_as_text(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "a.TXT", (nexis(1, 2) + nexis(1, 2)).replace("\n", "\r\n"), "utf-8-sig")
    assert told(documents, *FIELDS) == [EXPECTED] * 2 and not rejects
    assert documents[0].section == "NEWS; Pg. 1" and documents[0].dateline == "ELLERY"
    assert isinstance(documents[0].content, str)
    assert documents[0].content.split() == f"{ONE} NOTE: {TWO}".split()


def test_nexis_in_german_with_the_copyright_above(tmp_path: Path) -> None:
    text = """Dokument 1 von 1


                              Der Grabenbote

                          Sonntag 1. März 2026

Rat stimmt für die Mauer

AUTOR: Jutta Brandl

RUBRIK: LOKALES; S. 3

LÄNGE: 104 Wörter

Der Rat hat am Dienstag beschlossen, die Mauer zu bauen, die der Sturm zerstört hat.

UPDATE: 2. März 2026

SPRACHE: GERMAN; DEUTSCH

PUBLICATION-TYPE: Zeitung

                 Copyright 2026 Verlag Alle Rechte Vorbehalten
"""
    documents, _ = of(tmp_path, "a.txt", text, "cp1252")
    assert told(documents, *FIELDS) == [
        ("Rat stimmt für die Mauer", ["Jutta Brandl"], "Der Grabenbote", "2026-03-01 00:00", "de")
    ]
    assert documents[0].content == (
        "Der Rat hat am Dienstag beschlossen, die Mauer zu bauen, die der Sturm zerstört hat."
    )


def test_nexis_as_a_page(tmp_path: Path) -> None:
    def article(n: int) -> str:
        return f"""<DOC NUMBER={n}>
<DOCFULL> --><BR><DIV CLASS="c0"><P CLASS="c1"><SPAN CLASS="c2">{n} of 2 DOCUMENTS</SPAN></P></DIV>
<BR><DIV CLASS="c0"><BR><P CLASS="c1"><SPAN CLASS="c2">The Gazette</SPAN></P></DIV>
<BR><DIV CLASS="c3"><P CLASS="c1"><SPAN CLASS="c4">March 1</SPAN><SPAN
CLASS="c2">, 2026 Sunday 08:00 AM GMT</SPAN></P></DIV>
<BR><DIV CLASS="c4"><P CLASS="c5"><SPAN CLASS="c6">Vote splits town</SPAN></P></DIV>
<DIV CLASS="c4"><P CLASS="c5"><SPAN CLASS="c7">BYLINE: </SPAN><SPAN CLASS="c2">Mara Rook</SPAN></P></DIV>
<DIV CLASS="c4"><P CLASS="c5"><SPAN CLASS="c7">LENGTH: </SPAN><SPAN CLASS="c2">104 words</SPAN></P></DIV>
<BR><DIV CLASS="c4"><P CLASS="c8"><SPAN CLASS="c2">{ONE}</SPAN></P><P CLASS="c8"><SPAN CLASS="c2">{TWO}</SPAN></P></DIV>
<BR><DIV CLASS="c4"><P CLASS="c5"><SPAN CLASS="c7">LANGUAGE: </SPAN><SPAN CLASS="c2">ENGLISH</SPAN></P></DIV>
<BR><DIV CLASS="c0"><BR><P CLASS="c1"><SPAN CLASS="c2">Copyright 2026 Ellery Media</SPAN></P></DIV><!-- Hide XML
"""

    css = '<STYLE TYPE="text/css"><!-- .c1 { text-align: center; margin: 0 } .c5 { text-align: left } --></STYLE>'
    page = (
        f"<HTML><HEAD>{css}</HEAD><BODY><!-- Hide XML section from browser\n{article(1)}{article(2)}--></BODY></HTML>"
    )
    documents, rejects = of(tmp_path, "a.HTML", page)
    assert told(documents, *FIELDS) == [EXPECTED] * 2 and not rejects
    assert documents[1].content == f"{ONE}\n\n{TWO}"


def test_nexis_uni_as_rtf(tmp_path: Path) -> None:
    cover = ["User Name: x", "Documents (2)", "1. Vote splits town", "Client/Matter: -None-"]
    article = [
        "Vote splits town",
        "The Gazette",
        "March 1, 2026 Sunday 08:00 AM GMT",
        "Copyright 2026 Ellery Media All Rights Reserved",
    ]
    article += [
        "Section: NEWS; Pg. 1",
        "Length: 104 words",
        "Byline: Mara Rook",
        "Body",
        ONE,
        TWO,
        "Graphic",
        "A photo of it",
    ]
    article += ["Load-Date: March 2, 2026", "End of Document"]
    documents, rejects = of(tmp_path, "a.RTF", rtf(cover + article * 2))
    assert told(documents, *FIELDS) == [EXPECTED] * 2 and not rejects
    assert documents[0].content == f"{ONE}\n\n{TWO}"


def docx(lines: list[str]) -> bytes:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r><w:del><w:t>x</w:t></w:del></w:p>" for line in lines)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>')
    return out.getvalue()


NEXIS_UNI = [
    "Vote splits town",
    "The Gazette",
    "March 1, 2026 Sunday 08:00 AM GMT",
    "Copyright 2026 Ellery Media All Rights Reserved",
    *("Section: NEWS; Pg. 1", "Length: 104 words", "Byline: Mara Rook", "Body", "", ONE, "", TWO, ""),
    *("Load-Date: March 2, 2026", "", "End of Document", ""),
]


def test_word_documents_of_nexis_alone_many_in_one_and_in_a_zip(tmp_path: Path) -> None:
    batch = io.BytesIO()
    with zipfile.ZipFile(batch, "w") as archive:
        archive.writestr("Files (2)/one.DOCX", docx(NEXIS_UNI))
        archive.writestr("Files (2)/two.DOCX", docx(NEXIS_UNI))
        archive.writestr("Files (2)_doclist.DOCX", docx(["Documents (2)", "1. Vote splits town"]))
    many = docx(["User Name: x", "Documents (2)", "1. Vote", "Client/Matter: -None-", *NEXIS_UNI, *NEXIS_UNI])
    for name, data, count in (("a.DOCX", docx(NEXIS_UNI), 1), ("b.docx", many, 2), ("c.zip", batch.getvalue(), 2)):
        (tmp_path / name).write_bytes(data)
        documents, rejects = read_all(tmp_path / name)
        assert told(documents, *FIELDS) == [EXPECTED] * count
        assert documents[0].content == f"{ONE}\n\n{TWO}"
        assert [x.reason for x in rejects] == (["not text"] if name == "c.zip" else [])


def test_nexis_uni_as_lines_of_text_in_two_languages(tmp_path: Path) -> None:
    documents, _ = of(tmp_path, "a.txt", "\n".join(NEXIS_UNI * 2))
    assert told(documents, *FIELDS) == [EXPECTED] * 2
    german = "\n".join(NEXIS_UNI).replace("Section", "Rubrik").replace("Length: 104 words", "Länge: 104 Wörter")
    german = german.replace("Byline", "Autor").replace("Body", "Textkörper").replace("Load-Date", "Ladedatum")
    documents, _ = of(tmp_path, "b.txt", german.replace("End of Document", "Dokumentende"), "cp1252")
    assert told(documents, *FIELDS) == [EXPECTED] and documents[0].content == f"{ONE}\n\n{TWO}"


FACTIVA_LINES = {
    "as shown": ["Vote splits town", "By Mara Rook", "104 words", "1 March 2026", "08:00", "The Gazette", "GAZ", "A1",
                 "English", "(c) 2026 Ellery Media", "", ONE, "", TWO, "", "Document ELLGAZ0020260301em3600001"],
    "with its section": ["News", "Vote splits town", "Mara Rook", "104 words", "1 March 2026", "08:00", "The Gazette",
                         "GAZ", "English", "Copyright 2026", "", ONE, "", TWO, "Document ELLGAZ0020260301em3600001"],
    "codes above": ["SE", "News", "HD", "Vote splits town", "BY", "By Mara Rook", "WC", "104 words", "PD",
                    "1 March 2026", "ET", "08:00", "SN", "The Gazette", "SC", "GAZ", "LA", "English", "CY", "(c) 2026",
                    "LP", ONE, "TD", TWO, "AN", "Document ELLGAZ0020260301em3600001"],
    "codes before": ["HD Vote splits town", "BY By Mara Rook", "WC 104 words", "PD 1 March 2026", "ET 08:00",
                     "SN The Gazette", "SC GAZ", "LA English", "CY (c) 2026", "LP " + ONE, "", "TD " + TWO, "",
                     "AN Document ELLGAZ0020260301em3600001"],
}  # fmt: skip


@pytest.mark.parametrize("kind", FACTIVA_LINES)
def test_factiva_as_plain_text(tmp_path: Path, kind: str) -> None:
    trailer = "\n\nSearch Summary\n\nText\tport\n\n© 2026 Factiva, Inc. All rights reserved.\n"
    text = "\n".join([*FACTIVA_LINES[kind], "", ""])
    documents, rejects = of(tmp_path, "Factiva.txt", text + text + trailer)
    assert told(documents, *FIELDS) == [EXPECTED] * 2 and not rejects
    assert {x.source_id for x in documents} == {"ELLGAZ0020260301em3600001"}
    assert documents[0].content == f"{ONE}\n\n{TWO}"


PROQUEST = f"""____________________________________________________________

Report Information from ProQuest

March 06 2026 10:00

____________________________________________________________

Document 1 of 2

Vote splits town

Author: Rook, Mara; Hart, Bo

Publication info: The Gazette ; Ellery [Ellery]01 Mar 2026: A.1.

http://proxy.example/login?url=https://www.proquest.com/docview/1

Abstract: None available.

Full text: {ONE}

"We begin: now," she said.

{TWO}

Subject: Walls; Storms

Title: Vote splits town

Publication title: The Gazette; Ellery

Publication date: Mar 1, 2026

Language of publication: English

ProQuest document ID: 123

Document URL: https://www.proquest.com/docview/123

____________________________________________________________

Title: No text here

ProQuest document ID: 124

____________________________________________________________

Copyright 2026 ProQuest
"""


def test_proquest_as_text(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "ProQuestDocuments-2026.txt", PROQUEST)
    assert told(documents, *FIELDS) == [
        ("Vote splits town", ["Mara Rook", "Bo Hart"], "The Gazette", "2026-03-01 00:00", "en")
    ]
    assert documents[0].content == f'{ONE}\n\n"We begin: now," she said.\n\n{TWO}'
    assert (documents[0].source_id, documents[0].keywords) == ("123", ("Walls", "Storms"))
    assert [x.reason for x in rejects] == ["no text"]


def test_proquest_with_headings(tmp_path: Path) -> None:
    one = f"""Vote splits town

Rook, Mara; Hart, Bo. The Gazette; Ellery. 01 Mar 2026: A1.

ProQuest document link

FULL TEXT

{ONE}

{TWO}

DETAILS

Subject: Walls; Storms

Publication title: The Gazette; Ellery

Publication date: Mar 1, 2026

Language of publication: English

ProQuest document ID: 123

"""
    documents, rejects = of(tmp_path, "ProQuest.txt", one + "_" * 60 + "\n\n" + one)
    expected = ("Vote splits town", ["Mara Rook", "Bo Hart"], "The Gazette", "2026-03-01 00:00", "en")
    assert told(documents, *FIELDS) == [expected] * 2 and not rejects
    assert documents[0].content == f"{ONE}\n\n{TWO}"


EUROPRESSE = f"""<article><header><div class="rdp__DocPublicationName">
<span class="DocPublicationName">La Gazette, no. 123</span></div>
<div><span class="DocHeader">Actualités, dimanche 1 mars 2026 08:00 734 mots, p. 1</span></div>
<div class="titreArticle"><p class="sm-margin-TopNews titreArticleVisu rdp__articletitle">Le vote divise</p></div>
<div class="docAuthors sm-margin-bottomNews">Mara Rook</div></header>
<section><div class="DocText clearfix"><div><p>{ONE}</p><p>{TWO}</p></div></div></section>
<footer><div class="publiC-lblNodoc">news·20260301·GE·001</div></footer></article>"""


def test_a_page_of_europresse(tmp_path: Path) -> None:
    page = f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"></head><body>{EUROPRESSE * 2}</body></html>'
    documents, rejects = of(tmp_path, "biblio.HTML", page)
    expected = ("Le vote divise", ["Mara Rook"], "La Gazette", "2026-03-01 08:00", "en")
    assert told(documents, *FIELDS) == [expected] * 2 and not rejects
    assert (documents[0].content, documents[0].section) == (f"{ONE}\n\n{TWO}", "Actualités")


def test_an_article_of_europresse_is_told_by_its_headline_too(tmp_path: Path) -> None:
    nameless = re.sub(r"<span class=.DocPublicationName.>.*?</span>", "", EUROPRESSE)
    documents, rejects = of(tmp_path, "biblio.html", f"<html><body>{nameless}{EUROPRESSE * 2}</body></html>")
    assert [(x.outlet_name, x.headline) for x in documents] == [
        (None, "Le vote divise"),
        ("La Gazette", "Le vote divise"),
        ("La Gazette", "Le vote divise"),
    ]
    assert not rejects


def test_europresse_without_article_elements(tmp_path: Path) -> None:
    older = (
        EUROPRESSE.replace("<article>", "<div>").replace("</article>", "</div>").replace("DocText", "docOcurrContainer")
    )
    documents, _ = of(tmp_path, "b.html", f"<html><body><div>{older * 2}</div></body></html>")
    assert [x.headline for x in documents] == ["Le vote divise"] * 2


HOSTILE = {
    "factiva, cut": PAGE.format(factiva(1) + factiva(2))[:-900],
    "factiva, nested": PAGE.format('<div class="article enArticle">' * 3000),
    "factiva, no article": '<p class="articleParagraph enarticleParagraph">x</p>',
    "europresse, empty": '<article><p class="titreArticleVisu rdp__articletitle">x</p></article>',
    "many tags": '<div class="article enArticle">' + "<b>" * 300_000,
    "nexis, cut": nexis(1, 2)[:200] + "BYLINE: ",
    "nexis, nothing": "1 of 2 DOCUMENTS\n\nBYLINE: x\n\n2 of 2 DOCUMENTS\n",
    "proquest, cut": PROQUEST[:400],
    "proquest, labels": "_" * 40 + "\nProQuest\n" + "Title: x\n" * 50_000 + "ProQuest document ID: 1\n",
    "rtf, nested": "{\\rtf1" + "{" * 50_000,
    "rtf, unbalanced": "{\\rtf1 a}}}}} \\u99999999 \\'zz \\ansicpg77 Length: 1\nEnd of Document",
    "lines, cut": "\n".join(FACTIVA_LINES["as shown"] * 2)[:-60],
    "lines, nothing": "x\n9 words\n\nDocument ELLGAZ0020260301em3600001\n" * 3,
    "lines, codes": "HD\nPD\nSN\nWC 1 words\nAN Document ELLGAZ0020260301em3600001\n",
    "lines, ends": "Length: 1\n" + "End of Document\n" * 20_000,
    "rtf, cut": rtf([ONE, "104 words", "Document ELLGAZ0020260301em3600001"])[:-30],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_exports_end_in_rejects(tmp_path: Path, name: str) -> None:
    documents, rejects = of(tmp_path, "a.html" if "<" in HOSTILE[name] else "a.txt", HOSTILE[name])
    assert documents or rejects
    assert "crash" not in {x.reason for x in rejects}


@pytest.mark.parametrize(
    ("data", "name", "reader"),
    [
        (b"Document 1 of 2\n\nThe council met.\n", "a.txt", "text"),
        (b"He asked for 1 of 2 DOCUMENTS\nBYLINE: x\n", "a.txt", "text"),
        (b"<html><body><div class='article entArticle-x'><p>Factiva</p></div></body></html>", "a.html", "html"),
        (b"<html><body><article><p class='DocText'>Europresse</p></article></body></html>", "a.html", "html"),
        (b"____________________\nThe council met: here.\n", "a.txt", "text"),
    ],
)
def test_what_is_no_export(data: bytes, name: str, reader: str) -> None:
    assert sniff(data, name) == reader
