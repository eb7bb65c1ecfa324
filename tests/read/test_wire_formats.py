from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def row(tmp_path: Path, name: str, data: str | dict[str, Any]) -> dict[str, Any]:
    documents, _ = of(tmp_path, name, data)
    batch, _ = extract_batch(documents)
    (found,) = batch.to_pylist()
    return found


def of(tmp_path: Path, name: str, data: str | dict[str, Any]) -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1), encoding="utf-8")
    return read_all(path)


NITF = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-4.dtd">
<nitf xml:lang="en"><head><title>Slug</title>
<docdata management-status="usable"><doc-id regsrc="AP" id-string="D8QNL1"/><date.issue norm="20190528T081057Z"/>
<du-key key="malawi-homes" version="3"/><doc.copyright holder="AP" year="2019"/>
<identified-content/><key-list><keyword key="cyclone"/></key-list></docdata>
<tobject><tobject.subject tobject.subject.type="weather"/></tobject>
<revision-history norm="20190528T083000Z"/><revision-history norm="20190528T090000Z"/></head>
<body><body.head><hedline><hl1>After the cyclone&nbsp;&mdash; new homes</hl1></hedline>
<byline>By <person>NEIL SHAW</person><byttl>Associated Press</byttl></byline>
<distributor>The Associated Press</distributor>
<dateline><location>MWALIJA, Malawi</location></dateline></body.head>
<body.content><block><p>MWALIJA, Malawi (AP) - The <em>home</em> is
now rubble.</p><media media-type="image"><media-caption>A photo</media-caption></media>
<p>Second.</p></block></body.content>
<body.end><tagline>Reporting by X</tagline></body.end></body></nitf>"""


def test_nitf(tmp_path: Path) -> None:
    (found,), rejects = of(tmp_path, "a.nitf", NITF)
    assert not rejects
    assert found.content == "MWALIJA, Malawi (AP) - The home is now rubble.\n\nSecond.\n\nReporting by X"
    assert found.headline == "After the cyclone — new homes"
    assert (found.byline, found.authors, found.dateline, found.credit) == (
        "By NEIL SHAW Associated Press",
        ("NEIL SHAW",),
        "MWALIJA, Malawi",
        "The Associated Press",
    )
    assert (found.source_id, found.namespace, found.published) == ("D8QNL1", "AP", "20190528T081057Z")
    assert (found.keywords, found.status, found.language) == (("cyclone", "weather"), "usable", "en")
    assert (found.slugline, found.revision, found.modified) == ("malawi-homes", "3", "20190528T090000Z")


def test_nitf_of_a_newspaper_archive(tmp_path: Path) -> None:
    archive = (
        NITF.replace("<identified-content/>", '<pubdata name="The Times" ex-ref="https://times.com/1"/>')
        .replace("<block>", '<block class="lead_paragraph"><p>LEAD: The lead.</p></block><block class="full_text">')
        .replace("<person>NEIL SHAW</person>", "NEIL SHAW")
    )
    (found,), _ = of(tmp_path, "a.nitf", archive)
    assert found.content.startswith("MWALIJA, Malawi (AP)") and "LEAD" not in found.content
    assert (found.outlet_name, found.url, found.authors) == ("The Times", "https://times.com/1", ("By NEIL SHAW",))


def test_nitf_says_what_it_means_in_other_places(tmp_path: Path) -> None:
    other = (
        NITF.replace('<nitf xml:lang="en">', '<nitf baselang="nb-NO">')
        .replace("<location>MWALIJA, Malawi</location>", "<story.date>20190528T081057Z</story.date>")
        .replace('norm="20190528T081057Z"', 'norm="20190528+0100"')
        .replace("<block><p>", "<block><hl2>In the text</hl2><p>")
    )
    (found,), _ = of(tmp_path, "a.nitf", other)
    assert (found.language, found.dateline, found.published, found.deck) == ("nb-NO", None, "20190528", None)
    assert found.headline == "After the cyclone — new homes"


def test_names_of_characters_need_no_declaration(tmp_path: Path) -> None:
    (found,), _ = of(tmp_path, "a.nitf", NITF.replace('<!DOCTYPE nitf SYSTEM "nitf-3-4.dtd">', ""))
    assert found.headline == "After the cyclone — new homes"


DATELINE = "<dateline>MOSCOW, Monday (Reuters)</dateline>"


def newsml(meta: str = "", content: str = "", kind: str = "text", more: str = "") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:acme.com:20161018:FED"
 version="11" xml:lang="en-GB">
<itemMeta><itemClass qcode="ninat:{kind}"/><provider qcode="nprov:REUTERS"/>
<versionCreated>2018-10-21T16:25:32-05:00</versionCreated><firstCreated>2016-10-18T13:12:21-05:00</firstCreated>{meta}
</itemMeta><contentMeta><by>By Jane Doe</by>{DATELINE}<creditline>Acme</creditline>
<slugline>US-Finance-Fed</slugline><headline> Fed to halt QE </headline>{more}</contentMeta>
<contentSet>{content}</contentSet></newsItem>"""


XHTML = """<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">
<head><title>no</title></head><body><p>One.</p><p>Two.</p></body></html></inlineXML>"""


def test_newsml_g2(tmp_path: Path) -> None:
    (found,), _ = of(tmp_path, "a.xml", newsml('<pubStatus qcode="stat:usable"/>', XHTML))
    assert (found.content, found.headline, found.byline) == ("One.\n\nTwo.", "Fed to halt QE", "By Jane Doe")
    assert (found.dateline, found.credit, found.keywords) == ("MOSCOW, Monday (Reuters)", "Acme", ())
    assert (found.source_id, found.namespace, found.language) == ("urn:newsml:acme.com:20161018:FED", "", "en-GB")
    assert (found.published, found.modified) == ("2016-10-18T13:12:21-05:00", "2018-10-21T16:25:32-05:00")
    assert (found.status, found.slugline, found.revision) == ("usable", "US-Finance-Fed", "11")


def test_newsml_g2_metadata_is_that_of_the_item(tmp_path: Path) -> None:
    more = """<creator><name>Jane Doe</name></creator>
<contributor role="ctrol:descrWriter"><name>sp/lrc</name></contributor>
<genre><name>Interview</name></genre><keyword>rates</keyword>
<subject qcode="medtop:1"><name>economy</name></subject><subject><broader><name>Georgia</name></broader></subject>"""
    part = "<partMeta><headline>Of a part</headline><subject><name>part</name></subject></partMeta>"
    data = newsml("<service><name>UK News</name></service>", XHTML, more=more).replace(
        "<contentSet>", part + "<contentSet>"
    )
    (found,), _ = of(tmp_path, "a.xml", data)
    assert (found.authors, found.section, found.keywords) == (("Jane Doe",), "UK News", ("rates", "economy"))
    (found,), _ = of(tmp_path, "b.xml", newsml(content=XHTML).replace("<creditline>Acme</creditline>", ""))
    assert found.credit == "REUTERS"
    provider = '<provider uri="http://cv.iptc.org/newscodes/newsprovider/dpa"/>'
    uncredited = newsml(content=XHTML).replace("<creditline>Acme</creditline>", "")
    (found,), _ = of(tmp_path, "c.xml", uncredited.replace('<provider qcode="nprov:REUTERS"/>', provider))
    assert found.credit == "dpa"


def test_escaped_html_in_newsml_g2(tmp_path: Path) -> None:
    data = "<inlineData contenttype='text/html'>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</inlineData>"
    (found,), _ = of(tmp_path, "a.xml", newsml(content=data))
    assert found.content == "One.\n\nTwo."


def test_parties_may_be_literals_and_plain_text_may_be_marked_up(tmp_path: Path) -> None:
    more = '<creator literal="Opta Sports Data" qcode="NS:OPTA"/><infoSource literal="Reuters" qcode="NS:RTRS"/>'
    data = "<inlineData contenttype='text/plain'><![CDATA[<p>One &amp; only.</p><p>Two.</p>]]></inlineData>"
    item = newsml(content=data, more=more).replace("<creditline>Acme</creditline>", "")
    (found,), _ = of(tmp_path, "a.xml", item)
    assert (found.authors, found.credit, found.content) == (("Opta Sports Data",), "Reuters", "One & only.\n\nTwo.")


def test_nitf_inside_newsml_g2(tmp_path: Path) -> None:
    nitf = NITF.partition('dtd">')[2].replace("&nbsp;&mdash;", "-")
    (found,), _ = of(
        tmp_path, "a.xml", newsml(content=f"<inlineXML contenttype='application/nitf+xml'>{nitf}</inlineXML>")
    )
    assert found.content.startswith("MWALIJA, Malawi (AP)")
    assert (found.headline, found.source_id) == ("Fed to halt QE", "urn:newsml:acme.com:20161018:FED")


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ("", None),
        ('<pubStatus qcode="stat:canceled"/>', "cancelled"),
        ('<pubStatus qcode="stat:withheld"/>', "withheld"),
        ('<pubStatus qcode="stat:usable"/><embargoed>2018-10-23T12:00:00Z</embargoed>', "withheld"),
        ('<pubStatus qcode="stat:usable"/><embargoed>2018-10-01T12:00:00Z</embargoed>', "usable"),
        ('<pubStatus qcode="stat:canceled"/><embargoed>2018-10-23T12:00:00Z</embargoed>', "cancelled"),
    ],
)
def test_embargo_and_publishing_status(tmp_path: Path, meta: str, status: str | None) -> None:
    assert row(tmp_path, "a.xml", newsml(meta, XHTML))["status"] == status


def test_an_embargo_has_an_end_or_none(tmp_path: Path) -> None:
    found = row(tmp_path, "a.xml", newsml("<embargoed>2018-10-23T12:00:00Z</embargoed>", XHTML))
    assert found["embargoed_until"] == datetime(2018, 10, 23, 12, tzinfo=UTC)
    found = row(tmp_path, "b.xml", newsml("<embargoed/>", XHTML))
    assert (found["status"], found["embargoed_until"]) == ("withheld", None)
    released = NITF.replace("<du-key", '<date.release norm="20190529T000000Z"/><du-key')
    found = row(tmp_path, "c.nitf", released)
    assert (found["status"], found["embargoed_until"]) == ("withheld", datetime(2019, 5, 29, tzinfo=UTC))


def test_a_withdrawn_story_is_another_version_of_it(tmp_path: Path) -> None:
    usable = row(tmp_path, "a.xml", newsml('<pubStatus qcode="stat:usable"/>', XHTML))
    withdrawn = row(tmp_path, "b.xml", newsml('<pubStatus qcode="stat:canceled"/>', XHTML))
    assert usable["text"] == withdrawn["text"] and usable["identity"] == withdrawn["identity"]
    assert usable["article_id"] != withdrawn["article_id"] and withdrawn["status"] == "cancelled"


def test_a_withdrawal_without_a_text_is_kept(tmp_path: Path) -> None:
    notice = '<pubStatus qcode="stat:canceled"/><edNote>Withdrawn: the figures are wrong.</edNote>'
    (found,), _ = of(tmp_path, "a.xml", newsml(notice))
    assert (found.content, found.status) == ("Withdrawn: the figures are wrong.", "cancelled")
    item = {"uri": "urn:a:1", "type": "text", "pubStatus": "canceled", "headlines": [{"value": "The figures"}]}
    (found,), _ = of(tmp_path, "a.json", item)
    assert (found.content, found.status) == ("The figures", "cancelled")
    nitf = NITF.replace('"usable"', '"canceled"').partition("<body.content>")[0] + "</body></nitf>"
    (found,), _ = of(tmp_path, "a.nitf", nitf)
    assert (found.content, found.status) == ("After the cyclone — new homes", "cancelled")


def test_the_content_of_an_item_may_stand_alone(tmp_path: Path) -> None:
    inner = NITF.partition("<nitf")[2].replace("&nbsp;&mdash;", "-")
    nitf = f'<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/" xsi:schemaLocation="x"{inner}'
    (found,), rejects = of(
        tmp_path, "a.xml", f"<contentSet><inlineXML contenttype='application/nitf+xml'>{nitf}</inlineXML></contentSet>"
    )
    assert not rejects and found.content.startswith("MWALIJA, Malawi (AP)") and found.dateline == "MWALIJA, Malawi"
    documents, rejects = of(
        tmp_path, "b.xml", "<contentMeta><dateline>MOSCOW, Monday (Reuters)</dateline></contentMeta>"
    )
    assert not documents and [reject.reason for reject in rejects] == ["no text"]
    documents, rejects = of(tmp_path, "c.xml", "<contentSet><inlineXML><p>An open end</inlineXML></contentSet>")
    assert not documents and [reject.reason for reject in rejects] == ["malformed"]


def test_where_a_story_was_made_stands_in_for_a_missing_dateline(tmp_path: Path) -> None:
    located = "<located qcode='geo:1'><name>Berlin</name><broader><name>Germany</name></broader></located>"
    (found,), _ = of(
        tmp_path, "a.xml", newsml("", "<inlineData>A text.</inlineData>", more=located).replace(DATELINE, "")
    )
    assert found.dateline == "Berlin"
    (found,), _ = of(tmp_path, "a.json", {"uri": "urn:a:1", "body_text": "A text.", "located": "Grosseto, Italy"})
    assert found.dateline == "Grosseto, Italy"


def test_what_carries_no_text_is_said_to(tmp_path: Path) -> None:
    assert [reject.reason for reject in of(tmp_path, "a.xml", newsml(kind="picture"))[1]] == ["not text"]
    assert [reject.reason for reject in of(tmp_path, "a.xml", newsml(content="<remoteContent/>"))[1]] == ["no text"]
    message = f"<newsMessage><itemSet><packageItem/>{newsml(content=XHTML).partition('?>')[2]}</itemSet></newsMessage>"
    documents, rejects = of(tmp_path, "a.xml", message)
    assert [document.doc_ref for document in documents] == [f"{tmp_path / 'a.xml'}#2"]
    assert [reject.reason for reject in rejects] == ["not text"]


def test_a_root_that_only_looks_like_one_of_newsml_g2_is_not_passed_over(tmp_path: Path) -> None:
    for root, reason in (("newsitem", "unsupported"), ("newsMessage", "not text")):
        assert [reject.reason for reject in of(tmp_path, "a.xml", f"<{root}><p>Text.</p></{root}>")[1]] == [reason]


def test_xml_attacks_are_rejects(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE nitf [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + NITF.partition('dtd">')[2]
    assert [reject.reason for reject in of(tmp_path, "a.xml", bomb)[1]] == ["malformed"]
    (tmp_path / "secret").write_text("secret")
    steal = f'<!DOCTYPE nitf [<!ENTITY a SYSTEM "file://{tmp_path}/secret">]>' + NITF.partition('dtd">')[2]
    documents, rejects = of(tmp_path, "a.xml", steal.replace("Second.", "&a;"))
    assert not documents and [reject.reason for reject in rejects] == ["malformed"]
    deep = "<nitf>" + "<block>" * 100_000 + "x" + "</block>" * 100_000 + "</nitf>"
    assert next(reject.reason for reject in of(tmp_path, "a.xml", deep)[1]) in ("too large", "malformed")
    assert [reject.reason for reject in of(tmp_path, "a.xml", "<nitf><body>" + "<p/>" * 1_100_000)[1]] == ["too large"]
    assert [reject.reason for reject in of(tmp_path, "a.xml", NITF[:-30])[1]] == ["malformed"]
    assert [reject.reason for reject in of(tmp_path, "a.xml", "<?xml version='1.0'?><invoice/>")[1]] == ["unsupported"]


NINJS = {
    "uri": "urn:newsml:dpa.com:20090101:1",
    "type": "text",
    "versioncreated": "2019-05-10T16:02:28+02:00",
    "pubstatus": "usable",
    "language": "de",
    "byline": "Von Christian Hollmann",
    "headline": "Faktencheck",
    "slugline": "Fussball",
    "version": "2",
    "body_text": "DORTMUND (dpa) -  Der Text.",
    "body_xhtml": "<p>Nicht dieser.</p>",
    "copyrightholder": "dpa",
}


def test_ninjs_1(tmp_path: Path) -> None:
    (found,), _ = of(tmp_path, "a.json", NINJS)
    assert (found.form, found.content, found.headline) == ("record", "DORTMUND (dpa) -  Der Text.", "Faktencheck")
    assert (found.byline, found.credit, found.status, found.language) == (
        "Von Christian Hollmann",
        "dpa",
        "usable",
        "de",
    )
    assert (found.source_id, found.namespace, found.url) == ("urn:newsml:dpa.com:20090101:1", "", None)
    assert (found.published, found.slugline, found.revision) == ("2019-05-10T16:02:28+02:00", "Fussball", "2")


def test_ninjs_2_and_3(tmp_path: Path) -> None:
    item = {
        "uri": "http://example.com/1",
        "type": "text",
        "versionCreated": "2013-07-09T10:37:00Z",
        "firstCreated": "2013-07-08T10:00:00Z",
        "pubStatus": "canceled",
        "by": "Paulo Santalucia",
        "headlines": [{"role": "short", "value": "Captain"}, {"role": "main", "value": "Captain on trial"}],
        "bodies": [{"contentType": "application/xhtml+xml", "value": "<p>One.</p> <p>Two &amp; three.</p>"}],
    }
    (found,), _ = of(tmp_path, "a.json", item)
    assert (found.content, found.headline, found.byline) == (
        "One.\n\nTwo & three.",
        "Captain on trial",
        "Paulo Santalucia",
    )
    assert (found.published, found.modified, found.status) == (
        "2013-07-08T10:00:00Z",
        "2013-07-09T10:37:00Z",
        "cancelled",
    )
    assert found.url == "http://example.com/1"


def test_ninjs_lines_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_text(json.dumps(NINJS) + "\n" + json.dumps(NINJS | {"type": "picture"}) + "\n")
    documents, rejects = read_all(path)
    assert [document.byline for document in documents] == ["Von Christian Hollmann"]
    assert [(reject.reason, reject.doc_ref) for reject in rejects] == [("not text", f"{path}#2")]


def test_an_embargo_withholds_a_ninjs_item(tmp_path: Path) -> None:
    found = row(tmp_path, "a.json", NINJS | {"embargoed": "2019-05-11T00:00:00Z"})
    assert (found["status"], found["embargoed_until"]) == ("withheld", datetime(2019, 5, 11, tzinfo=UTC))


def test_fields_that_moved_between_versions_of_ninjs(tmp_path: Path) -> None:
    item = {"uri": "urn:a:1", "type": "text", "versioncreated": "2013-07-09T10:37:00Z"}
    plain = "One.\n\nTwo."
    one = item | {"headline_short": "Short", "headline_main": "The headline", "body_main": plain}
    one |= {"body_richtext": "<p>One.</p><p>Two.</p>"}
    bodies = [
        {"role": "lead", "value": "Lead."},
        {"role": "html", "value": "<p>No.</p>"},
        {"role": "main", "value": plain},
    ]
    two = item | {"title": "The headline", "bodies": bodies, "genres": [{"name": "Inrikes"}]}
    marked = item | {"headlines": [{"value": "The headline"}], "bodies": [{"value": "<p>One.</p><p>Two.</p>"}]}
    told = item | {"headline": "The headline", "descriptions": [{"role": "text", "value": plain}]}
    for number, version in enumerate((one, two, marked, told)):
        (found,), _ = of(tmp_path, f"{number}.json", version)
        assert (found.headline, found.content) == ("The headline", plain), version
    (found,), _ = of(tmp_path, "two.json", two)
    assert found.section == "Inrikes"


def test_ninjs_as_newsrooms_write_it(tmp_path: Path) -> None:
    item = {
        "guid": "fd8e441b-a698-4411-9246-7d5de21cced9",
        "type": "advisory",
        "pubstatus": "usable",
        "versioncreated": "2022-06-26T23:54:25+0000",
        "body_html": "<p>One.</p>",
        "source": "AAP",
        "service": [{"name": "Environment"}],
        "genre": [{"name": "Feature"}],
        "authors": [{"name": "Ed Itor", "role": "editor"}, {"name": "Jane Doe", "role": "author"}, {"name": "Li Bo"}],
    }
    for data in (item, {"total": 1, "item": [item]}):
        (found,), _ = of(tmp_path, "a.json", data)
        assert (found.source_id, found.namespace, found.content) == (item["guid"], "", "One.")
        assert (found.credit, found.section, found.authors) == ("AAP", "Environment", ("Jane Doe", "Li Bo"))
    picture = item | {"type": "picture", "body_text": "A museum"}
    assert [reject.reason for reject in of(tmp_path, "a.json", picture)[1]] == ["not text"]


def test_nitf_inside_ninjs(tmp_path: Path) -> None:
    nitf = NITF.replace("&nbsp;&mdash;", "-")
    (found,), _ = of(
        tmp_path, "a.json", {"uri": "urn:a:1", "bodies": [{"contentType": "text/vnd.IPTC.NITF", "value": nitf}]}
    )
    assert found.content == "MWALIJA, Malawi (AP) - The home is now rubble.\n\nSecond.\n\nReporting by X"


@pytest.mark.parametrize("listed", [False, True])
def test_stories_inside_a_ninjs_package(tmp_path: Path, listed: bool) -> None:
    story = {"uri": "urn:a:2", "type": "text", "body_text": "The story."}
    inside: dict[str, Any] = {"main": story, "picture": {"uri": "urn:a:3", "type": "picture", "body_text": "No."}}
    package = {"uri": "urn:a:1", "type": "composite", "associations": list(inside.values()) if listed else inside}
    documents, rejects = of(tmp_path, "a.json", package)
    assert [(x.source_id, x.content, x.doc_ref) for x in documents] == [
        ("urn:a:2", "The story.", f"{tmp_path / 'a.json'}#1/1")
    ]
    assert [reject.reason for reject in rejects] == ["not text"]


@pytest.mark.parametrize("kind", ["picture", "package", "video", "event", "composite"])
def test_ninjs_without_a_text_is_said_to_be(tmp_path: Path, kind: str) -> None:
    item = {"uri": "http://example.com/1", "type": kind, "versioncreated": "2013-07-09T10:37:00Z", "renditions": {}}
    assert [reject.reason for reject in of(tmp_path, "a.json", item)[1]] == ["not text"]


RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Aravot</title><link>https://aravot.am/</link><language>en</language>
<atom:link rel="self" href="https://aravot.am/feed/"/>
<item><title>One &amp;amp; only</title><link>https://aravot.am/1</link><guid>g1</guid><category>World</category>
<pubDate>Thu, 03 Feb 2022 13:33:00 MSK</pubDate><description>The deck.</description>
<content:encoded><![CDATA[<p>/TASS/. First.</p><p>Second <script>x</script>.</p>]]></content:encoded></item>
<item><title>Only a title</title><link>https://aravot.am/2</link></item>
</channel></rss>"""


def test_saved_feeds(tmp_path: Path) -> None:
    (found,), rejects = of(tmp_path, "feed.xml", RSS)
    assert found.content == "/TASS/. First.\n\nSecond ."
    assert (found.headline, found.deck, found.source_id, found.url) == (
        "One & only",
        "The deck.",
        "g1",
        "https://aravot.am/1",
    )
    assert (found.outlet_name, found.feed_url, found.namespace) == (
        "Aravot",
        "https://aravot.am/feed/",
        "https://aravot.am/feed/",
    )
    assert (found.published, found.language, found.keywords) == ("Thu, 03 Feb 2022 13:33:00 MSK", "en", ("World",))
    assert [(reject.reason, reject.url) for reject in rejects] == [("no text", "https://aravot.am/2")]


def test_atom_and_rdf(tmp_path: Path) -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>tag:a,1</id><title>H</title>
<link href="https://a.com/1"/><updated>2022-02-03T09:33:00Z</updated><author><name>Jane Doe</name></author>
<content type="html">&lt;p&gt;Text.&lt;/p&gt;</content></entry></feed>"""
    (found,), _ = of(tmp_path, "atom.xml", atom)
    assert (found.content, found.authors, found.published) == ("Text.", ("Jane Doe",), "2022-02-03T09:33:00Z")
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<item rdf:about="https://a.com/1"><title>H</title><link>https://a.com/1</link><description>Text.</description></item></rdf:RDF>"""
    (found,), _ = of(tmp_path, "rdf.xml", rdf)
    assert (found.content, found.url) == ("Text.", "https://a.com/1")


def test_a_news_sitemap_names_articles_and_holds_none(tmp_path: Path) -> None:
    sitemap = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://a.com/1</loc><n:news><n:title>Merger talks</n:title></n:news></url></urlset>"""
    documents, rejects = of(tmp_path, "sitemap.xml", sitemap)
    assert not documents
    assert [(reject.reason, reject.url) for reject in rejects] == [("no text", "https://a.com/1")]
    assert "Merger talks" in rejects[0].error


def test_feed_attacks_are_rejects(tmp_path: Path) -> None:
    attributes = "<rss><channel><body/><item " + " ".join(f'a{i}="1"' for i in range(20_000)) + "/></channel></rss>"
    assert [reject.reason for reject in of(tmp_path, "a.xml", attributes)[1]] == ["too large"]
    items = "<rss><channel>" + "<item><title>x</title></item>" * 120_000 + "</channel></rss>"
    assert [reject.reason for reject in of(tmp_path, "a.xml", items)[1]] == ["too large"]
