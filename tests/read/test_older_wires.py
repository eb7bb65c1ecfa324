"""NewsML 1, IPTC 7901 and ANPA 1312, and what wires put beside a story in NITF and NewsML-G2."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.sniff import sniff

ONE = "The town council of Velmar decided on Tuesday to close the museum on the moat."
TWO = "Mayor Judith Brand said the work would cost four million and take two years."


def of(tmp_path: Path, name: str, data: str | bytes) -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


MESSAGE = (
    "\x01eca062 4 i 211 ccccb   dpa 061\r\n\x02\r\n\r\nVelmar-museum/\r\n"
    "Velmar museum closes\r\nuntil autumn =\r\n\r\n"
    f"   Velmar (dpa) - {ONE[:49]}\r\n{ONE[49:].strip()}\r\n   {TWO}\r\n\r\n"
    "dpa xx yy\r\n\r\n061137 GMT Mar 26\r\n\x03\x04"
)


def test_messages_of_iptc_7901(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "wire.txt", MESSAGE * 2)
    assert len(documents) == 2 and not rejects
    found = documents[1]
    assert (found.headline, found.slugline, found.credit) == (
        "Velmar museum closes until autumn",
        "Velmar-museum",
        "dpa",
    )
    assert (found.content, found.published) == (f"Velmar (dpa) - {ONE}\n\n{TWO}", "2026-03-06T11:37:00Z")


def test_iptc_7901_without_its_control_bytes(tmp_path: Path) -> None:
    text = "ecp0007 4 s 850  dpa-tns 0908\n\nKultur/Velmar/\nMuseum schließt\nVon Jutta Brandl =\n\n"
    text += f"Velmar (dpa) - {ONE}\n   {TWO}\n"
    (found,), _ = of(tmp_path, "meldung.txt", text + "\ndpa xx yy\n061137 Mai 26\n")
    assert (found.headline, found.byline, found.slugline) == ("Museum schließt", "Von Jutta Brandl", "Kultur/Velmar")
    assert (found.content, found.published) == (f"Velmar (dpa) - {ONE}\n\n{TWO}", "2026-05-06T11:37:00")


ANPA = (
    "\x16\x16\x01W2870\x1fasian\r\nf l \x13BC-LT--Velmar-Museum     03-06 0149\r\n\x02^BC-LT--Velmar-Museum,149<\r\n"
    "^Velmar museum closes <\r\n^Eds: With AP Photos.<\r\n^By MARA ROOK=\r\n^Associated Press=\r\n"
    f"\t   VELMAR (AP) _ {ONE}\r\n \r\n\t   {TWO}\r\n\x03\r\nAP-WF-03-06-26 1202GMT\r\n\x04"
)


def test_messages_of_anpa_1312(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "wire.tst", ANPA * 2)
    assert len(documents) == 2 and not rejects
    found = documents[0]
    assert (found.headline, found.byline, found.credit) == ("Velmar museum closes", "By MARA ROOK", "AP")
    assert (found.content, found.published) == (f"VELMAR (AP) _ {ONE}\n\n{TWO}", "2026-03-06T12:02:00Z")
    assert found.slugline == "BC-LT--Velmar-Museum"


NEWSML = f"""<?xml version="1.0" encoding="utf-8"?>
<NewsML Version="1.2"><NewsEnvelope><DateAndTime>20260306T135006Z</DateAndTime></NewsEnvelope>
<NewsItem xml:lang="en"><Identification><NewsIdentifier><ProviderId>wire.example</ProviderId>
<NewsItemId>TX1</NewsItemId>
<RevisionId>2</RevisionId><PublicIdentifier>urn:newsml:wire.example:20260306:TX1:2</PublicIdentifier></NewsIdentifier>
</Identification><NewsManagement><FirstCreated>20260306T134951+0000</FirstCreated><Status FormalName="Usable"/>
</NewsManagement><NewsComponent><NewsLines><HeadLine>Museum closes</HeadLine><DateLine>VELMAR (AFP) -</DateLine>
</NewsLines>
<AdministrativeMetadata><Provider><Party FormalName="AFP"/></Provider></AdministrativeMetadata>
<NewsComponent><Role FormalName="Main"/><NewsLines><ByLine>Mara Rook</ByLine></NewsLines>
<ContentItem><MediaType FormalName="Text"/><DataContent><p>{ONE}</p><p>{TWO}</p></DataContent>
</ContentItem></NewsComponent>
<NewsComponent><Role FormalName="Caption"/><ContentItem><MediaType FormalName="Text"/><DataContent><p>A caption.</p>
</DataContent></ContentItem></NewsComponent></NewsComponent></NewsItem>
<NewsItem><NewsComponent><ContentItem Href="a.jpg"><MediaType FormalName="Photo"/></ContentItem></NewsComponent>
</NewsItem>
</NewsML>"""


ANPA_LINES = ["Velmar museum closes", "Eds: With AP Photos.", "By MARA ROOK", "Associated Press"]
ANPA_TEXT = "\tVELMAR (AP) _ The town council decided on Tuesday to close the museum.\n\tMayor Brand said more.\n"
STRIPPED = {
    "marked": "W2870asian\nf l BC-LT--Velmar     03-06 0149\n^BC-LT--Velmar,149<\n"
    + "".join(f"^{line}<\n" for line in ANPA_LINES)
    + ANPA_TEXT
    + "\nAP-WF-03-06-26 1202GMT\n",
    "unmarked": "\nBC-LT--Velmar,0149\n" + "\n".join(ANPA_LINES) + f"\n\n{ANPA_TEXT}\nAP-WF-03-06-26 1202GMT<\n",
}


@pytest.mark.parametrize("kind", STRIPPED)
def test_anpa_1312_without_its_control_bytes(tmp_path: Path, kind: str) -> None:
    documents, rejects = of(tmp_path, "a.txt", STRIPPED[kind] * 2)
    assert len(documents) == 2 and not rejects
    for found in documents:
        assert (found.headline, found.byline, found.slugline) == (
            "Velmar museum closes",
            "By MARA ROOK",
            "BC-LT--Velmar",
        )
        assert (found.published, found.credit) == ("2026-03-06T12:02:00Z", "AP")
        assert str(found.content).startswith("VELMAR (AP) _ The") and str(found.content).endswith("Brand said more.")


def test_a_slug_without_a_stroke_and_an_agency_before_the_time(tmp_path: Path) -> None:
    text = "ecb0456 3 e 320  afp 0789\n\nVelmar-musée\nLe musée ferme =\n\n"
    text += "   VELMAR, 6 mars (AFP) - Le conseil a décidé.\n"
    (found,), _ = of(tmp_path, "a.txt", text + "xx/yy\n\nAFP 061137 GMT MAR 26\n")
    assert (found.headline, found.slugline) == ("Le musée ferme", "Velmar-musée")
    assert (found.published, found.content) == ("2026-03-06T11:37:00Z", "VELMAR, 6 mars (AFP) - Le conseil a décidé.")


def test_newsml_1(tmp_path: Path) -> None:
    (found,), (reject,) = of(tmp_path, "afp.xml", NEWSML)
    batch, _ = extract_batch([found])
    (row,) = batch.to_pylist()
    assert (row["headline"], row["agency"], row["authors"]) == ("Museum closes", "AFP", ["Mara Rook"])
    assert (row["text"], row["revision"], row["status"]) == (f"{ONE}\n\n{TWO}", "2", "usable")
    assert str(row["published_at"]) == "2026-03-06 13:49:51+00:00"
    assert found.source_id == "urn:newsml:wire.example:20260306:TX1" and reject.reason == "not text"


def test_a_note_to_editors_is_no_text_of_nitf(tmp_path: Path) -> None:
    note = "<note><body.content><p>Editors: check the tide.</p></body.content></note>"
    nitf = f"<nitf><body><body.head>{note}</body.head><body.content><p>{ONE}</p>{note}</body.content></body></nitf>"
    (found,), _ = of(tmp_path, "a.xml", nitf)
    assert found.content == ONE


def newsml_g2(meta: str, body: str) -> str:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="tag:a,2026:1" version="1"><itemMeta/>
<contentMeta>{meta}</contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html></inlineXML></contentSet></newsItem>"""


def test_the_header_of_a_page_in_newsml_is_no_text(tmp_path: Path) -> None:
    body = (
        f"<header><ul><li>International</li></ul><h1>Museum</h1></header><section class='main'><p>{ONE}</p></section>"
    )
    body += "<section class='notepad nonpublic'><p>To editors.</p></section><footer>Contact</footer>"
    (found,), _ = of(tmp_path, "dpa.xml", newsml_g2("<headline>Museum</headline>", body))
    assert found.content == ONE
    body = f"<div class='header'><h1>Museum</h1><p>06.03.2026</p></div><h1>Museum</h1><p>{ONE}</p>"
    (found,), _ = of(tmp_path, "apa.xml", newsml_g2("<headline>Museum</headline>", body))
    assert found.content == ONE


def test_captions_and_times_of_reuters_are_neither_deck_nor_dateline(tmp_path: Path) -> None:
    meta = "<slugline>MUSEUM/</slugline><headline>Museum closes</headline>"
    meta += "<dateline>2026-03-06 20:13:08\n GMT+00:00</dateline>"
    caption = '<description role="descRole:caption">MUSEUM/:Museum closes</description>'
    (found,), _ = of(tmp_path, "r.xml", newsml_g2(meta + caption, f"<p>{ONE}</p>"))
    assert (found.deck, found.dateline, found.slugline) == (None, None, "MUSEUM/")
    told = '<description role="drol:summary">What it costs.</description>'
    (found,), _ = of(tmp_path, "s.xml", newsml_g2(meta + caption + told, f"<p>{ONE}</p>"))
    assert found.deck == "What it costs."


def test_lists_and_tables_keep_their_lines_and_paragraphs_that_are_set_in_do_not(tmp_path: Path) -> None:
    listed = "<p>(Adds)\n    * Museum to close\n    * Cellar wet\n\n    By Mara Rook\n"
    listed += f"    {ONE[:45]}\n{ONE[45:].strip()}</p>"
    (found,), _ = of(tmp_path, "r.xml", newsml_g2("", listed))
    assert found.content == f"(Adds)\n\n* Museum to close\n\n* Cellar wet\n\nBy Mara Rook\n\n{ONE}"
    (found,), _ = of(tmp_path, "s.xml", newsml_g2("", f"<p>{ONE[:45]}\n      {ONE[45:].strip()}\n      {TWO}</p>"))
    assert found.content == f"{ONE} {TWO}"


HOSTILE = {
    "7901, cut": MESSAGE[:60],
    "7901, header only": "\x01eca062 4 i 211\r\n",
    "7901, no header": MESSAGE + "\x01eca062 is not a header",
    "7901, long lines": "\x01eca062 4 i 211 dpa 1\r\n" + "x/" * 100_000,
    "anpa, cut": ANPA[:80],
    "anpa, no text": "\x16\x16\x01" * 5000,
    "anpa, marks": ANPA[:75] + "\x02" + "^\r\n" * 50_000,
    "newsml 1, cut": NEWSML[:900],
    "newsml 1, deep": "<NewsML>" + "<NewsComponent>" * 5000,
    "newsml 1, entities": NEWSML.replace(
        "<NewsML ", '<!DOCTYPE NewsML [<!ENTITY a SYSTEM "file:///etc/passwd">]><NewsML ', 1
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_end_in_rejects(tmp_path: Path, name: str) -> None:
    documents, rejects = of(tmp_path, "a.xml" if "newsml" in name else "a.txt", HOSTILE[name])
    assert documents or rejects
    assert "crash" not in {x.reason for x in rejects}


@pytest.mark.parametrize(
    "text",
    ["abc123 4 x 12 are the codes of this story.\nIt goes on.\n", "BC-Velmar, 149 words\nIt goes on.\n", "^caret\n"],
)
def test_what_is_no_message(text: str) -> None:
    assert sniff(text.encode(), "a.txt") == "text"
