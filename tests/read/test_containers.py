"""Documents, books and web archives in zip files, formats that are told of, Markdown and tables with more on top."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.exports.frontmatter import plain
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.sniff import sniff

STORY = "The council voted on Tuesday to mend the wall that the storm had broken, and to move the fleet."
PAGE = "<html><head><title>Vote</title></head><body><article><h1>Vote</h1>"
PAGE += f"<p>{STORY}</p><p>{STORY}</p></article></body></html>"


def of(tmp_path: Path, name: str, data: str | bytes) -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def zipped(members: dict[str, str | bytes], stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else None
            archive.writestr(name, data, kind)
    return out.getvalue()


OFFICE = {
    "a.docx": ({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}, "Word"),
    "b.xlsx": ({"docProps/app.xml": "<x/>", "xl/worksheets/sheet1.xml": "<x/>", "[Content_Types].xml": ""}, "Excel"),
    "c.pptx": ({"[Content_Types].xml": "", "ppt/presentation.xml": ""}, "PowerPoint"),
    "d.odt": ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}, "ODT"),
    "e.jar": ({"META-INF/MANIFEST.MF": "x", "a.txt": STORY}, "Java"),
}


@pytest.mark.parametrize("name", OFFICE)
@pytest.mark.parametrize("around", ["", "in a zip"])
def test_a_document_of_an_office_program_is_one_reject_that_names_it(tmp_path: Path, name: str, around: str) -> None:
    members, what = OFFICE[name]
    data = zipped(dict(members))
    documents, (reject,) = of(tmp_path, f"x{name}", zipped({name: data}) if around else data)
    assert not documents and reject.reason == "unsupported" and what in reject.error


def test_a_zip_file_with_a_folder_called_word_is_an_archive(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "a.zip", zipped({"word/a.txt": STORY, "xl/b.txt": STORY}))
    assert len(documents) == 2 and not rejects


def book(navbar: str = "This article was downloaded by", pages: int = 2) -> dict[str, str | bytes]:
    opf = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Gazette [Fri, 06 Mar 2026]</dc:title>'
    )
    opf += "<dc:date>2026-03-06T06:00:00+00:00</dc:date><dc:language>en</dc:language></metadata></package>"
    held: dict[str, str | bytes] = {"mimetype": "application/epub+zip", "META-INF/container.xml": "<container/>"}
    held |= {"content.opf": opf, "toc.ncx": "<ncx/>", "index.html": PAGE, "feed_0/index.html": PAGE}
    for n in range(pages):
        link = f'<div>{navbar} <strong>calibre</strong> aus <a href="https://g.com/{n}?a=1&amp;b=2">https://g.com/{n}</a></div>'
        top = '<div class="calibre_navbar">| <a href="../x.html">Next</a> |</div>'
        page = PAGE.replace("<body>", f"<body>{top}").replace("</body>", f"{link}</body>")
        held[f"feed_0/article_{n}/index.html"] = page
    return held


def test_a_book_of_news_is_its_articles_with_their_addresses(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "a.epub", zipped(book()))
    assert [x.url for x in documents] == ["https://g.com/0?a=1&b=2", "https://g.com/1?a=1&b=2"] and not rejects
    assert documents[0].outlet_name == "Gazette" and documents[0].first_seen_at == 1772776800_000_000
    batch, _ = extract_batch(documents)
    assert {(row["headline"], row["text"].count("calibre")) for row in batch.to_pylist()} == {("Vote", 0)}
    assert len(of(tmp_path, "b.zip", zipped({"a.epub": zipped(book("Heruntergeladen von"))}))[0]) == 2


def test_another_book_is_one_reject(tmp_path: Path) -> None:
    held = {name: data for name, data in book(pages=0).items() if not name.startswith("feed_0")}
    documents, (reject,) = of(tmp_path, "a.epub", zipped({**held, "chapter1.html": PAGE}))
    assert not documents and reject.reason == "unsupported" and "EPUB" in reject.error


RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.encode()


def record(kind: bytes, url: bytes, block: bytes, media: bytes = b"application/http") -> bytes:
    head = b"WARC/1.1\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nContent-Type: %s\r\n" % (kind, url, media)
    return head + b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)


TOOLS = b"".join(
    record(b"resource", url, STORY.encode(), b"text/plain")
    for url in (b"urn:text:https://a.com/", b"urn:pageinfo:x", b"urn:X-wpull:log", b"metadata://gnu.org/wget.log")
)
WARC = record(b"response", b"https://a.com/1", RESPONSE) + TOOLS


def test_what_crawlers_keep_for_themselves_is_no_article(tmp_path: Path) -> None:
    (found,), (reject,) = of(tmp_path, "a.warc", WARC)
    assert found.url == "https://a.com/1" and reject.reason == "not text" and "4 of the crawler's own" in reject.error


def test_a_web_archive_collection_is_its_pages_once(tmp_path: Path) -> None:
    pages = '{"format": "json-pages-1.0"}\n{"url": "https://a.com/1", "text": "Vote"}\n'
    held: dict[str, str | bytes] = {"archive/data.warc.gz": gzip.compress(WARC), "pages/pages.jsonl": pages}
    held |= {
        "indexes/index.cdx.gz": gzip.compress(b"com,a)/1 20260306100000 {}\n"),
        "datapackage.json": '{"profile": "x"}',
    }
    documents, rejects = of(tmp_path, "a.wacz", zipped({**held, "logs/crawl.log": "a log of the crawl"}, stored=True))
    assert len(documents) == 1 and {x.reason for x in rejects} == {"not text"}
    documents, rejects = of(tmp_path, "pages.jsonl", pages)
    assert not documents and [x.reason for x in rejects] == ["not text"]


@pytest.mark.parametrize(
    ("data", "name", "what"),
    [
        (b"TY  - NEWS\r\nTI  - Vote\r\nER  - \r\n", "a.ris", "RIS"),
        (b"% made\n@article{a,\n title={Vote}}", "a.bib", "BibTeX"),
        (b"Obj\x01\x04\x14avro.codec", "a.avro", "Avro"),
        (b"ARROW1\x00\x00" + bytes(30), "a.feather", "Arrow"),
        (b"RDX3\nX\n\x00\x00\x00", "a.RData", "R data"),
        (b"<stata_dta><header>", "a.dta", "Stata"),
        (b"$FL2@(#) SPSS DATA FILE", "a.sav", "SPSS"),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}", "a.pkl", "pickle"),
        (b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(60), "a.mdb", "Access"),
        (bytes(8) + b"DUCK" + bytes(60), "a.duckdb", "DuckDB"),
        (b"ZIM\x04" + bytes(60), "a.zim", "ZIM"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), "a.xls", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60) + "WordDocument".encode("utf-16-le"), "a.x", "Word"),
        (b"<results>\n<result><id>1</id></result></results>", "stories", "results"),
        (b'<add overwrite="true"><doc>', "stories", "add"),
        (b"\\documentclass{article}\n", "a.txt", "LaTeX"),
    ],
)
def test_formats_that_are_not_read_are_named(data: bytes, name: str, what: str) -> None:
    with pytest.raises(Fault) as fault:
        sniff(data, name)
    assert fault.value.reason == "unsupported" and what in fault.value.error


@pytest.mark.parametrize(
    "text",
    [
        "ORCHESTRAS met on Tuesday.", "MZUZU, Malawi - The council met.", "RIFFS and chords.", "ID3 is a tag.",
        "The big DUCK met.", "BMW said on Tuesday.", "TY Cobb - a life.\nHe met.", "@article of faith {it is}",
        "begin with the town", "<b>Bold</b> words", "<Start of the story\nIt goes on.", "--- a dash\nIt goes on.",
        "---\nA rule above the story.\n", "A\n2\nThe third line.", "1\nThe second line.", "%D is a letter",
    ],
)  # fmt: skip
def test_ordinary_texts_are_no_such_format(text: str) -> None:
    assert sniff(text.encode(), "a.txt") == "text"


CLIP = f"""---
title: "Vote: the wall's \\"end\\""
source: "https://g.com/clip.html"
author:
  - "[[Mara Rook]]"
  - '[[People/Bo Hart|Bo Hart]]'
published: 2026-03-06 # as printed
created: 2026-03-07T10:00:00Z
description: >-
  The council
  voted
tags: [clippings, "harbour"]
---
# Vote: the wall's "end"

{STORY} ![[a.png]]![](b.png)

## The **cost**

Mayor [Ines](https://x.org/a_(b)) said *so* \\* twice. He wrote snake_case_words.
"""


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    (found,), rejects = of(tmp_path, "clip.md", CLIP)
    assert not rejects and (found.headline, found.url) == ('Vote: the wall\'s "end"', "https://g.com/clip.html")
    assert (found.authors, found.published, found.keywords) == (("Mara Rook", "Bo Hart"), "2026-03-06", ("harbour",))
    assert found.first_seen_at == 1772877600_000_000
    assert found.content == f"{STORY}\n\nThe cost\n\nMayor Ines said so * twice. He wrote snake_case_words."


def test_front_matter_in_toml_and_with_a_name_as_source(tmp_path: Path) -> None:
    (found,), _ = of(tmp_path, "a.md", f'+++\ntitle = "Vote"\ndate = 2026-03-06\n+++\n{STORY}\n')
    assert (found.headline, found.published, found.content) == ("Vote", "2026-03-06", STORY)
    (found,), _ = of(
        tmp_path, "b.md", f"---\nsource: The Gazette\nurl: https://g.com/1\ndate: 2026-03-06\n---\n{STORY}\n"
    )
    assert (found.outlet_name, found.url) == ("The Gazette", "https://g.com/1")


@pytest.mark.parametrize(
    "data",
    ["---\ntitle: x\n", "---\ntitle: x\n---\n", "+++\ntitle = [\n+++\nText.", "---\na: [" + "[" * 9999 + "\n---\nx"],
)
def test_hostile_front_matter_ends_in_a_reject_or_an_article(tmp_path: Path, data: str) -> None:
    documents, rejects = of(tmp_path, "a.md", data)
    assert len(documents) + len(rejects) == 1 and "crash" not in {x.reason for x in rejects}


def test_markdown_of_many_brackets_takes_no_time() -> None:
    assert plain("[" * 30_000) and plain("![" * 30_000 + "](" * 30_000) and plain("*a" * 30_000)


def test_a_table_below_lines_about_the_query(tmp_path: Path) -> None:
    top = "Report:,Bulk Mentions\r\nBrand:,Ellery, port\r\nFrom:,2026-03-01\r\n\r\n"
    rows = f'1,2026-03-06 08:00:00.0,Vote,https://g.com/1,Mara Rook,"{STORY}\n\nTwo."\r\n2,2026-03-06 09:00:00.0,Fleet,https://g.com/2,,"{STORY}"\r\n'
    documents, rejects = of(tmp_path, "a.csv", top + "Query Id,Date,Title,Url,Author,Full Text\r\n" + rows)
    assert [x.headline for x in documents] == ["Vote", "Fleet"] and not rejects
    assert documents[0].content == f"{STORY}\n\nTwo."


@pytest.mark.parametrize("top", ["sep=,\r\n", '"sep=;"\n', "# exported 2026\n# query: port, town\n\n"])
def test_a_table_below_what_programs_write_above_it(tmp_path: Path, top: str) -> None:
    parting = ";" if ";" in top else ","
    rows = [["title", "text", "date"], ["Vote", f'"{STORY}"', "2026-03-06"]]
    documents, rejects = of(tmp_path, "a.csv", top + "".join(parting.join(row) + "\n" for row in rows))
    assert [(x.headline, x.content, x.published) for x in documents] == [("Vote", STORY, "2026-03-06")] and not rejects


def test_markdown_without_a_title_has_its_first_heading(tmp_path: Path) -> None:
    (found,), _ = of(tmp_path, "a.md", f"---\nsource: https://a.com/1\n---\n\n# Vote [now](https://x.y)\n\n{STORY}\n")
    assert (found.headline, found.content) == ("Vote now", STORY)


def test_the_first_line_of_hard_wrapped_text_is_no_deck(tmp_path: Path) -> None:
    text = "COUNCIL VOTES FOR WALL\n  The harbour council of Port Ellery voted\n  on Tuesday to mend the wall that\n"
    text += "  last winter's storms had broken, it said.\n      Mayor Calder said it would take\n  two summers.\n"
    documents, _ = of(tmp_path, "9865", text)
    batch, _ = extract_batch(documents)
    (row,) = batch.to_pylist()
    assert (row["headline"], row["deck"]) == ("COUNCIL VOTES FOR WALL", None)
    assert row["text"].startswith("The harbour council of Port Ellery voted\non Tuesday")


HOSTILE = {
    "a.epub": zipped(book())[:-300],
    "b.epub": zipped({"mimetype": "application/epub+zip", "feed_0/article_0/index.html": "<div>" * 100_000}),
    "c.epub": zipped({"mimetype": "application/epub+zip", "feed_0/article_0/index.html": b"x" * (17 << 20)}),
    "d.epub": zipped({**book(), "content.opf": "<package>" * 9999}),
    "e.epub": zipped({**book(), "feed_0/article_0/a.html": "<p>calibre</p>" * 9999 + ">calibre</b>" * 9999}),
    "f.docx": b"PK\x03\x04" + b"\xff" * 300,
    "g.wacz": zipped({"archive/a.warc": WARC, "datapackage.json": "{"})[:-100],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_containers_end_in_rejects(tmp_path: Path, name: str) -> None:
    documents, rejects = of(tmp_path, name, HOSTILE[name])
    assert documents or rejects
    assert "crash" not in {x.reason for x in rejects}
