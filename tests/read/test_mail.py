"""Mail, mailboxes, and pages saved as mail or with their address in a comment."""

from __future__ import annotations

import base64
import quopri
from pathlib import Path

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.mail.message import is_mail
from wirecopy.transforms.read.sniff import sniff
from wirecopy.transforms.read.web.saved import saved

KOI = "text/plain; charset=koi8-r"
STORY = "The council voted on Tuesday to mend the wall – that the storm had broken = in winter."
HEAD = """From: =?utf-8?q?Ellery_Br=C3=ADefing?= <brief@gazette.com>
To: reader@example.org
Subject: =?iso-8859-1?q?Die_gr=FC=DFe?=
 =?utf-8?b?4oCT?= the vote
Date: Fri, 06 Mar 2026 07:07:00 +0100
Message-ID: <b{n}@gazette.com>
MIME-Version: 1.0
"""


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def of(tmp_path: Path, name: str, data: str | bytes) -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_all(path)


def part(kind: str, text: str, encoding: str = "quoted-printable") -> str:
    data = text.encode()
    body = quopri.encodestring(data) if encoding == "quoted-printable" else base64.encodebytes(data)
    return f"Content-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{body.decode()}"


def alternative(plain: str, html: str, n: int = 1, end: str = "--x--\n") -> str:
    kind = "Content-Type: multipart/alternative; boundary=x\n\n"
    return (
        HEAD.format(n=n) + kind + f"--x\n{part('text/plain', plain)}\n--x\n{part('text/html', html, 'base64')}\n{end}"
    )


def test_a_mail_is_an_article_with_its_subject(tmp_path: Path) -> None:
    (found,), rejects = of(tmp_path, "briefing", alternative(STORY, f"<p>{STORY}</p>"))
    assert not rejects
    assert (found.content.strip(), found.headline) == (STORY, "Die grüße– the vote")
    assert (found.outlet_name, found.source_id, found.namespace) == ("Ellery Bríefing", "b1@gazette.com", "")
    assert found.published == "Fri, 06 Mar 2026 07:07:00 +0100" and found.outlet is None


def test_the_html_stands_where_the_plain_text_only_points_to_it(tmp_path: Path) -> None:
    page = f"<html><head><style>p {{}}</style></head><body><p>{STORY}</p><p>{STORY} Twice.</p></body></html>"
    (found,), _ = of(tmp_path, "a.eml", alternative("View this mail in your browser.", page))
    assert found.content == f"{STORY}\n\n{STORY} Twice."


def test_a_mailbox_is_as_many_articles_as_it_has_mails(tmp_path: Path) -> None:
    box = "".join(
        f"From brief@gazette.com Fri Mar  6 07:00:0{n} 2026\n" + HEAD.format(n=n) + f"\n{n} {STORY}\n>From here on.\n\n"
        for n in range(5)
    )
    documents, rejects = of(tmp_path, "box", box)
    assert [x.source_id for x in documents] == [f"b{n}@gazette.com" for n in range(5)] and not rejects
    assert isinstance(documents[0].content, str) and documents[0].content.strip() == f"0 {STORY}\nFrom here on."
    assert [x.doc_ref.rpartition("#")[2] for x in documents] == ["1", "2", "3", "4", "5"]
    thunderbird = box.replace("From brief@gazette.com", "From -").replace("\n", "\r\n")
    assert len(of(tmp_path, "Inbox", thunderbird)[0]) == 5


def attached(name: str, kind: str, data: bytes) -> str:
    encoded = base64.encodebytes(data).decode()
    return (
        f'--x\nContent-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{encoded}\n"
    )


def test_files_attached_are_read_and_those_that_no_reader_takes_are_named(tmp_path: Path) -> None:
    mail = (
        HEAD.format(n=1)
        + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nThe story is attached.\n"
        + attached("=?utf-8?q?Gr=C3=BC=C3=9Fe.txt?=", KOI, "Совет решил во вторник.".encode("koi8-r"))
        + attached("a/b.html", "text/html", f"<html><body><h1>Vote</h1><p>{STORY}</p></body></html>".encode())
        + attached("c.pdf", "application/pdf", b"%PDF-1.4")
        + attached("d.eml", "application/octet-stream", (HEAD.format(n=2) + f"\n{STORY}\n").encode())
        + attached("sign.p7s", "application/pkcs7-signature", b"0\x80")
        + '--x\nContent-Type: image/png; name="logo.png"\nContent-ID: <logo>\n\nx\n--x--\n'
    )
    for name, data in (("a.eml", mail), ("box", "From a@b.c Fri Mar  6 07:00:00 2026\n" + mail)):
        documents, rejects = of(tmp_path, name, data)
        assert [str(x.content)[:10] for x in documents[:2]] == ["The story ", "Совет реши"]
        assert [x.doc_ref.partition("!/")[2] for x in documents] == ["", "Grüße.txt", "b.html", "d.eml"]
        assert documents[1].first_seen_at == documents[2].first_seen_at is not None and documents[1].published is None
        assert len({x.record for x in documents}) == 4
        assert [(x.reason, x.error, x.doc_ref.partition("!/")[2]) for x in rejects] == [
            ("unsupported", "a PDF document", "c.pdf")
        ]


def test_a_mail_that_is_passed_on_is_its_first_senders(tmp_path: Path) -> None:
    inner = (
        "---------- Weitergeleitete Nachricht ----------\nVon: Velmarer Bote <brief@bote.de>\n"
        "Gesendet: Freitag, 6. März 2026 08:00\nAn: a@b.example\nBetreff: Museum schließt\n\n\n" + STORY
    )
    head = HEAD.format(n=3).replace("Subject:", "Subject: WG:")
    (found,), _ = of(tmp_path, "a.eml", f"{head}\n\nZur Kenntnis\n\n{inner}\n".encode())
    assert (found.headline, found.outlet_name, found.content) == ("Museum schließt", "Velmarer Bote", STORY)
    assert found.published == "Freitag, 6. März 2026 08:00"
    (found,), _ = of(tmp_path, "b.eml", f"{HEAD.format(n=3)}\n\nZur Kenntnis\n\n{inner}\n".encode())
    assert str(found.content).startswith("Zur Kenntnis") and found.outlet_name == "Ellery Bríefing"


@pytest.mark.parametrize("names", ["From Sent To Subject", "Von Gesendet An Betreff", "De Envoyé À Objet"])
def test_a_mail_that_outlook_saved_as_text(tmp_path: Path, names: str) -> None:
    sender, sent, to, subject = names.split()
    text = f"{sender}:\tBriefing <b@gazette.com>\n{sent}:\tFriday, 6 March 2026 08:00\n{to}:\tBo\n"
    text += f"{subject}:\tVote – now\n\n"
    for encoding in ("utf-8-sig", "cp1252"):
        (found,), _ = of(tmp_path, "a.txt", (text + STORY).encode(encoding))
        assert (found.headline, found.outlet_name, found.content) == ("Vote – now", "Briefing", STORY)
        assert found.published == "Friday, 6 March 2026 08:00"


def test_words_that_a_mail_hides_are_no_text(tmp_path: Path) -> None:
    page = f'<html><body><div style="display:none">Preheader words</div><p>{STORY}</p></body></html>'
    (found,), _ = of(tmp_path, "a.eml", alternative("See HTML.", page))
    assert found.content == STORY


def test_mails_in_a_mail_are_articles_too(tmp_path: Path) -> None:
    digest = (
        HEAD.format(n=1)
        + "Content-Type: multipart/digest; boundary=d\n\n"
        + "".join(f"--d\nContent-Type: message/rfc822\n\n{HEAD.format(n=n)}\n{n} {STORY}\n" for n in (2, 3))
    )
    documents, rejects = of(tmp_path, "digest.eml", digest + "--d--\n")
    assert [x.source_id for x in documents] == ["b2@gazette.com", "b3@gazette.com"] and not rejects


def test_soft_line_ends_are_taken_back(tmp_path: Path) -> None:
    mail = (
        HEAD.format(n=1)
        + 'Content-Type: text/plain; charset=utf-8; format="flowed"\n\nOne line \nthat goes on.\nTwo.\n'
    )
    (found,), _ = of(tmp_path, "a.eml", mail)
    assert found.content == "One line that goes on.\nTwo."


def test_an_apple_mail_and_one_of_a_list(tmp_path: Path) -> None:
    mail = "List-Id: <news.gazette.com>\nArchived-At: <https://gazette.com/m/1>\n" + HEAD.format(n=1) + f"\n{STORY}\n"
    data = mail.encode()
    (found,), _ = of(tmp_path, "1.emlx", b"%d      \n%s<?xml version='1.0'?><plist/>" % (len(data), data))
    assert (found.content, found.url, found.outlet) == (STORY, "https://gazette.com/m/1", "news.gazette.com")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (b"From: a@b.c\nDate: x\nSubject: y\n\nz", True),
        (b"Received: x\n y\nReceived: z\nReturn-Path: <a>\nSubject: b\n\n", True),
        (b"Subject: Harbour\nDate: Tuesday\n\nThe council met.", False),
        (b"Title: a\nFrom: Port Ellery\nText: b\nNote: c\nDate: d\n\n", False),
        (b"From here to there: a story.\nDate: it has none.\nSubject matter: none.\n", False),
        (b"From the editor at 10:30\n\nThe council met.\n", False),
        (b"PORT ELLERY: The council met.\nMayor: we go on.\n", False),
    ],
)
def test_what_is_a_mail(text: bytes, is_one: bool) -> None:
    assert is_mail(text) is is_one
    assert (sniff(text, "a.txt") == "text") is not is_one


def test_a_story_that_begins_with_from_is_no_mailbox(tmp_path: Path) -> None:
    (found,), _ = of(tmp_path, "a.txt", "From Port Ellery at 10:30\nThe council met on Tuesday.\n")
    assert found.form == "text"


MHTML = """From: <Saved by Blink>
Snapshot-Content-Location: https://gazette.com/news/vote.html
Subject: Vote
Date: Fri, 6 Mar 2026 09:15:00 -0000
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="x"

--x
{page}
--x
Content-Type: text/css
Content-Location: cid:css@mhtml.blink

p {{}}
--x--
"""
PAGE = f'<html><head><meta property="article:published_time" content="2026-03-06T08:00:00Z"></head><body><article>\
<h1>Vote</h1><p>{STORY} {STORY}</p><p>{STORY}</p></article></body></html>'


def test_a_page_saved_as_mhtml_has_its_address_and_its_time(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "Vote", MHTML.format(page=part("text/html", PAGE)))
    batch, _ = extract_batch(documents)
    (row,) = batch.to_pylist()
    assert not rejects and "=3D" not in row["text"]
    assert (row["headline"], row["url"]) == ("Vote", "https://gazette.com/news/vote.html")
    assert str(row["published_at"]).startswith("2026-03-06 08:00") and str(row["fetched_at"]).startswith(
        "2026-03-06 09:15"
    )


def test_a_page_of_internet_explorer_has_the_address_of_its_part(tmp_path: Path) -> None:
    mht = MHTML.replace("Snapshot-Content-Location: https://gazette.com/news/vote.html\n", "")
    mht = mht.replace("<Saved by Blink>", "<Saved by Windows Internet Explorer 8>").replace("\n", "\r\n")
    page = part("text/html", PAGE, "base64").replace("\n\n", "\nContent-Location: http://gazette.com/a\n\n", 1)
    (found,), _ = of(tmp_path, "a.mht", mht.format(page=page))
    assert (found.url, found.form) == ("http://gazette.com/a", "html")


def test_a_saved_page_without_a_page_is_a_reject(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "a.mhtml", MHTML.format(page="Content-Type: image/png\n\nx"))
    assert not documents and [x.reason for x in rejects] == ["no text"]


@pytest.mark.parametrize(
    ("comment", "url"),
    [
        ("<!-- saved from url=(0056)https://a.com/x?a=1&amp;b=2 -->", "https://a.com/x?a=1&b=2"),
        ("<!-- saved from url=(0014)about:internet -->", None),
        ("<!--\n Page saved with SingleFile \n url: https://a.com/x \n"
         " saved date: Fri Mar 06 2026 09:15:00 GMT+0100 (CET)\n-->", "https://a.com/x"),
        ("<!-- Mirrored from a.com/x.html by HTTrack Website Copier/3.x -->", "http://a.com/x.html"),
        ('<html data-scrapbook-source="https://a.com/x" data-scrapbook-create="20260306091500000">', "https://a.com/x"),
        ("<p>It was saved from url=(0056)https://a.com/x by many.</p>", None),
    ],
)  # fmt: skip
def test_where_a_page_was_saved_from(comment: str, url: str | None) -> None:
    found = saved(f"<!DOCTYPE html>\n{comment}\n<html></html>")
    assert found.url == url
    assert (found.at == 1772784900_000_000) is ("SingleFile" in comment)


HOSTILE = {
    "nested": HEAD.format(n=1)
    + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(300)),
    "many parts": HEAD.format(n=1) + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\n\n" * 30_000,
    "mails in mails": "".join(HEAD.format(n=n) + "Content-Type: message/rfc822\n\n" for n in range(3000)),
    "no end": alternative("", "", end=""),
    "lying charset": HEAD.format(n=1) + "Content-Type: text/plain; charset=punycode\n\n\xff\xfe" + "\x00" * 30,
    "bad base64": HEAD.format(n=1) + "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n====A\n",
    "no boundary": HEAD.format(n=1) + "Content-Type: multipart/mixed\n\n--b\n",
    "bad date": "Date: 99 Foo 99999\n" + HEAD.format(n=1) + "\n",
    "bad fields": "From: =?utf-8?b?\xff?= <\nSubject: =?x?q?=?=\nDate:\nMIME-Version: 1\nContent-Type: ;;;=\n\n",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["a.eml", "a.mhtml", "a.mbox"])
def test_hostile_mails_end_in_rejects(tmp_path: Path, name: str, kind: str) -> None:
    begin = "From a@b.c Fri Mar  6 07:00:00 2026\n" if kind == "a.mbox" else ""
    documents, rejects = of(tmp_path, kind, (begin + HOSTILE[name]).encode("latin-1", "replace"))
    assert documents or rejects
    assert not {x.reason for x in rejects} & {"crash"}


def test_a_mail_beyond_the_bound_is_one_reject_and_the_next_is_read(tmp_path: Path) -> None:
    begin = "From a@b.c Fri Mar  6 07:00:00 2026\n"
    huge = begin + HEAD.format(n=1) + "\n" + ("x" * 99 + "\n") * 170_000
    documents, rejects = of(tmp_path, "a.mbox", huge + "\n" + begin + HEAD.format(n=2) + f"\n{STORY}\n")
    assert [x.source_id for x in documents] == ["b2@gazette.com"]
    assert [(x.reason, x.doc_ref.rpartition("#")[2]) for x in rejects] == [("too large", "1")]
