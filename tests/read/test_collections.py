"""Collections of stories in SGML, and the Reuters Corpus in XML."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.sniff import sniff

FULL = """   The council of Port Ellery voted on Tuesday to mend the
wall that the storm had broken, &lt;ELRY.L> said & went.
"""
READ = "The council of Port Ellery voted on Tuesday to mend the wall that the storm had broken, <ELRY.L> said & went."


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def of(tmp_path: Path, name: str, data: str, encoding: str = "utf-8") -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_bytes(data.encode(encoding))
    return read_all(path)


def row(document: Document) -> dict[str, Any]:
    batch, _ = extract_batch([document])
    (found,) = batch.to_pylist()
    return found


def reuters(number: int, text: str) -> str:
    return f"""<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN" OLDID="5541" NEWID="{number}">
<DATE>26-FEB-1987 15:01:01.79</DATE><TOPICS><D>cocoa</D></TOPICS><PLACES><D>usa</D></PLACES><PEOPLE></PEOPLE>
<UNKNOWN> &#5;&#5;C T f0704 reute</UNKNOWN><TEXT>&#2;
{text}</TEXT>
</REUTERS>
"""


def test_reuters_21578(tmp_path: Path) -> None:
    told = "<TITLE>VOTE ON &lt;ELRY.L></TITLE>\n<AUTHOR>    By Mara Rook, Reuters</AUTHOR>\n"
    told += "<DATELINE>    ELLERY, Feb 26 - </DATELINE>"
    whole = reuters(1, f"{told}<BODY>{FULL}    Second.\n Reuter\n&#3;</BODY>")
    brief = reuters(2, "<TITLE>BRIEF</TITLE>").replace("<TEXT>", '<TEXT TYPE="BRIEF">')
    data = '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n' + whole + brief + reuters(3, FULL)
    (first, third), rejects = of(tmp_path, "reut2-000.sgm", data, "latin-1")
    assert first.content == f"{READ}\n\nSecond."
    assert (first.headline, first.dateline, first.keywords) == ("VOTE ON <ELRY.L>", "ELLERY, Feb 26", ("cocoa", "usa"))
    assert (first.source_id, first.authors, third.content) == ("1", ("By Mara Rook, Reuters",), READ)
    assert [(x.reason, x.doc_ref.rpartition("#")[2]) for x in rejects] == [("no text", "3")]
    found = row(first)
    assert (found["agency"], str(found["published_at"])[:16]) == ("Reuters", "1987-02-26 15:01")


AP = f"""<DOC>
<DOCNO> AP880212-0001 </DOCNO>
<FILEID>AP-NR-02-12-88 2344EST</FILEID>
<SECOND>AM-Wall,0204</SECOND>
<HEAD>Council Mends &amp; Votes</HEAD>
<HEAD>Second Head</HEAD>
<BYLINE>By MARA ROOK</BYLINE>
<DATELINE>ELLERY, Maine (AP) </DATELINE>
<TEXT>
{FULL}   Second.
</TEXT>
</DOC>
"""


def test_trec_ap(tmp_path: Path) -> None:
    documents, rejects = of(
        tmp_path, "ap880212", AP + AP.replace("0001 ", "0002 ") + "<DOC><DOCNO>AP880212-3</DOCNO></DOC>"
    )
    assert [x.source_id for x in documents] == ["AP880212-0001", "AP880212-0002"]
    assert [x.reason for x in rejects] == ["no text"]
    found = row(documents[0])
    assert (found["headline"], found["agency"], found["authors"]) == ("Council Mends & Votes", "AP", ["MARA ROOK"])
    assert (found["text"], found["slugline"]) == (f"{READ}\n\nSecond.", "AM-Wall,0204")
    assert str(found["published_at"]) == "1988-02-13 04:44:00+00:00"


@pytest.mark.parametrize(
    ("story", "told"),
    [
        ("<DOCNO>FT911-3</DOCNO><DATE>910514\n</DATE><HEADLINE>\nFT  14 MAY 91 / (CORRECTED) Jubilee\n</HEADLINE>"
         "<TEXT>\nT.\n</TEXT><PUB>The Financial Times\n</PUB><PAGE>\nLondon Page 1\n</PAGE>",
         ("(CORRECTED) Jubilee", "Financial Times", "1991-05-14", "London Page 1")),
        ("<DOCNO> LA010189-0001 </DOCNO><DATE><P>January 1, 1989, Sunday, Home Edition </P></DATE>"
         "<SECTION><P>Books; Page 1</P></SECTION><HEADLINE><P>NEW FALLOUT </P></HEADLINE><TEXT><P>T.</P></TEXT>",
         ("NEW FALLOUT", "Los Angeles Times", "1989-01-01", "Books; Page 1")),
        ("<DOCNO> WSJ870324-0001 </DOCNO><HL> John Blair Is Near\n@ By Tim Metz\n@ Staff</HL><DD> 03/24/87</DD>"
         "<SO> WALL STREET JOURNAL (J)</SO><LP>T.</LP><TEXT>\n</TEXT>",
         ("John Blair Is Near", "The Wall Street Journal", "1987-03-24", None)),
        ("<DOCNO>SDA.940101.0001</DOCNO><DATE>19940101</DATE><TI>Rat</TI><LD>T.</LD><TX></TX>",
         ("Rat", None, "1994-01-01", None)),
        ("<DOCNO>H-1</DOCNO><TITLE><![CDATA[A < b title]]></TITLE><DATE>1996-06-22</DATE><TEXT><![CDATA[T.]]></TEXT>",
         ("A < b title", None, "1996-06-22", None)),
    ],
)  # fmt: skip
def test_papers_of_trec_and_clef(tmp_path: Path, story: str, told: tuple[str | None, ...]) -> None:
    (document,), rejects = of(tmp_path, "a", f"<DOC>\n{story}\n</DOC>\n")
    found = row(document)
    assert not rejects and found["text"] == "T."
    assert (found["headline"], found["outlet_name"], str(found["published_at"])[:10], found["section"]) == told


def test_gigaword(tmp_path: Path) -> None:
    head = '<DOC id="XIN_ENG_19941111.000{}" type="story" >\n<HEADLINE>\nVote\n</HEADLINE>\n'
    dateline = "<DATELINE>\nELLERY, Nov. 11 (Xinhua)\n</DATELINE>\n"
    story = head + dateline + f"<TEXT>\n<P>\n{FULL}</P>\n<P>\nSecond.\n</P>\n</TEXT>\n</DOC>\n"
    path = tmp_path / "xin_eng_199411.gz"
    path.write_bytes(gzip.compress("".join(map(story.format, range(3))).encode()))
    documents, _ = read_all(path)
    found = row(documents[2])
    assert len(documents) == 3 and found["text"] == f"{READ}\n\nSecond."
    assert (found["agency"], found["language"], str(found["published_at"])[:10]) == ("Xinhua", "en", "1994-11-11")


def test_aquaint(tmp_path: Path) -> None:
    story = """<DOC>
<DOCNO> APW19980601.0003 </DOCNO>
<DOCTYPE> NEWS STORY </DOCTYPE>
<DATE_TIME> 1998-06-01 00:02:00 </DATE_TIME>
<HEADER>
w1848
</HEADER>
<BODY>
<SLUG> BC-Vote </SLUG>
<HEADLINE>
Vote
</HEADLINE>
<TEXT>
ELLERY (AP) _ T.
</TEXT>
(rm)
</BODY>
<TRAILER>
AP-NY
</TRAILER>
</DOC>
"""
    (document,), _ = of(tmp_path, "19980601_APW_ENG", story)
    assert (document.content, document.slugline, document.published) == (
        "ELLERY (AP) _ T.",
        "BC-Vote",
        "1998-06-01 00:02:00",
    )


def test_a_web_collection_holds_pages(tmp_path: Path) -> None:
    page = "<DOC>\n<DOCNO>G00-1</DOCNO>\n<DOCHDR>\nhttp://a.gov/x\nHTTP/1.1 200 OK\n</DOCHDR>\n"
    page += "<html><p>T.</p></html>\n</DOC>"
    (document,), _ = of(tmp_path, "a", page)
    assert (document.form, document.url, document.content) == ("html", "http://a.gov/x", "<html><p>T.</p></html>")


def test_the_reuters_corpus(tmp_path: Path) -> None:
    item = """<?xml version="1.0" encoding="iso-8859-1" ?>
<newsitem itemid="2286" id="root" date="1996-08-20" xml:lang="en">
<title>MEXICO: Vote.</title><headline>Vote é.</headline><byline>Mara Rook</byline>
<dateline>ELLERY 1996-08-20</dateline><text><p>One.</p>
<p>Two.</p></text><copyright>(c) Reuters Limited 1996</copyright>
<metadata><codes class="bip:topics:1.0"><code code="GCAT"/></codes></metadata></newsitem>"""
    (document,), _ = of(tmp_path, "2286newsML.xml", item, "latin-1")
    assert (document.content, document.headline, document.credit) == ("One.\n\nTwo.", "Vote é.", "Reuters")
    assert (document.source_id, document.published, document.authors) == ("2286", "1996-08-20", ("Mara Rook",))


HOSTILE = {
    "cut": AP[:300],
    "no end tags": "<DOC><DOCNO> 1 <TEXT> a <HEADLINE> b" * 9,
    "nested": "<DOC><DOCNO>1</DOCNO><TEXT>" + "<I>" * 30_000 + "x" + "</I>" * 30_000 + "</TEXT></DOC>",
    "long tag": "<DOC><DOCNO>1</DOCNO><TEXT " + "a" * 100_000 + "></DOC>",
    "entities": '<!DOCTYPE DOC [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'
    "<DOC><DOCNO>1</DOCNO><TEXT>&a; b</TEXT></DOC>",
    "many tags": "<DOC><DOCNO>1</DOCNO><TEXT>" + "</TEXT><TEXT>" * 50_000,
    "comments": "<DOC><DOCNO>1</DOCNO><TEXT>" + "<!--" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_collections_end_in_rejects(tmp_path: Path, name: str) -> None:
    documents, rejects = of(tmp_path, "a.sgm", HOSTILE[name])
    assert documents or rejects
    assert "crash" not in {x.reason for x in rejects}
    assert not any("root:" in str(x.content) for x in documents)


def test_a_story_beyond_the_bound_is_one_reject_and_the_next_is_read(tmp_path: Path) -> None:
    huge = "<DOC>\n<DOCNO>1</DOCNO>\n<TEXT>\n" + ("x" * 99 + "\n") * 170_000 + "</TEXT>\n</DOC>\n"
    documents, rejects = of(tmp_path, "a", huge + AP)
    assert [x.source_id for x in documents] == ["AP880212-0001"] and [x.reason for x in rejects] == ["too large"]


@pytest.mark.parametrize(
    ("data", "reader"),
    [
        (b"<DOC is how a story begins", "text"),
        (b"<html><body><DOC><DOCNO>1</DOCNO></DOC></body></html>", "html"),
        (b"The tag <DOC><DOCNO> begins a story.", "text"),
    ],
)
def test_what_is_no_collection(data: bytes, reader: str) -> None:
    assert sniff(data, "a.txt") == reader
