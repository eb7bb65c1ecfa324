"""Exports of blogs, and feeds with rubbish in front or one link for all entries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.exports import blogs
from wirecopy.transforms.read.exports.blogs import shown
from wirecopy.transforms.read.io import separated
from wirecopy.transforms.read.io.streams import Stream

STORY = "The council voted on Tuesday to mend the wall that the storm had broken."


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def of(tmp_path: Path, name: str, data: str) -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_text(data, encoding="utf-8")
    return read_all(path)


def item(n: int, status: str = "publish", kind: str = "post", content: str = STORY, more: str = "") -> str:
    return f"""<item><title><![CDATA[Vote {n} &amp; more]]></title><link>https://g.com/{n}/</link>
<pubDate>Fri, 06 Mar 2026 09:00:00 +0100</pubDate><dc:creator><![CDATA[mrook]]></dc:creator>
<guid isPermaLink="false">https://g.com/?p={n}</guid><content:encoded><![CDATA[{content}]]></content:encoded>
<wp:post_date_gmt><![CDATA[2026-03-06 08:00:00]]></wp:post_date_gmt><wp:status><![CDATA[{status}]]></wp:status>
<wp:post_type><![CDATA[{kind}]]></wp:post_type>{more}
<category domain="category" nicename="a"><![CDATA[Arts &amp; Culture]]></category>
<category domain="category" nicename="uncategorized"><![CDATA[Uncategorized]]></category>
<category domain="post_format" nicename="aside"><![CDATA[Aside]]></category>
<wp:comment><wp:comment_content><![CDATA[Not at all.]]></wp:comment_content></wp:comment></item>
"""


HEAD = """<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Gazette</title><link>https://g.com</link>
<language>en-GB</language><wp:author><wp:author_login><![CDATA[mrook]]></wp:author_login>
<wp:author_display_name><![CDATA[Mara Rook]]></wp:author_display_name></wp:author>
"""


def test_a_wordpress_export_is_its_published_posts(tmp_path: Path) -> None:
    others = item(2, "draft") + item(3, kind="page") + item(4, "inherit", "attachment") + item(5, kind="custom_css")
    locked = item(6, more="<wp:post_password><![CDATA[x]]></wp:post_password>") + item(7, "private") + item(8, "future")
    (first, last), rejects = of(tmp_path, "a.xml", HEAD + item(1) + others + locked + item(9) + "</channel></rss>")
    assert (first.headline, first.authors, first.url) == ("Vote 1 & more", ("Mara Rook",), "https://g.com/1/")
    assert (first.keywords, first.outlet_name, first.content) == (("Arts & Culture",), "Gazette", STORY)
    assert (first.published, first.language, last.headline) == ("2026-03-06 08:00:00Z", "en-GB", "Vote 9 & more")
    assert [x.reason for x in rejects] == ["not text"] * 7


def test_all_units_of_an_export_know_its_people(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(HEAD + "".join(map(item, range(40))) + "</channel></rss>")
    with path.open("rb", buffering=0) as file:
        spans = list(separated.spans(Stream(file), blogs._BEGINS, 4000))  # type: ignore[arg-type]
    found = [
        each
        for span in spans
        for each in read(Unit("0" * 32, str(path), "blogs", span.begin, span.end, span.size, span.first))
        if isinstance(each, Document)
    ]
    assert len(spans) > 3 and [x.headline for x in found] == [f"Vote {n} & more" for n in range(40)]
    assert {tuple(x.authors) for x in found} == {("Mara Rook",)}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("One.\n\nTwo\nlines.", "One.\n\nTwo lines."),
        ('[caption id="a" width="3"]<img src="x"/> A quay[/caption]\n\nOne [sic] two.', "One [sic] two."),
        ('[gallery ids="1,2"]One.[embed]https://a.com[/embed]', "One."),
        ('[vc_row][vc_column width="1/2"]One.[/vc_column][/vc_row]', "One."),
        ("<!-- wp:paragraph --><p>One.</p><!-- /wp:paragraph -->\n\n<p>Two.</p>", "One.\n\nTwo."),
        ("[caption]no end", "no end"),
        ("", None),
    ],
)
def test_what_wordpress_shows(content: str, text: str | None) -> None:
    assert shown(content) == text


def entry(n: int, kind: str, more: str = "") -> str:
    return f"""<entry><id>tag:blogger.com,1999:blog-7.post-{n}</id><published>2014-05-02T08:00:00.000+02:00</published>
<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#{kind}"/>
<category scheme="http://www.blogger.com/atom/ns#" term="Museum"/>{more}<title type="text">Vote {n}</title>
<content type="html">&lt;p&gt;{STORY}&lt;/p&gt;</content>
<link rel="alternate" type="text/html" href="http://g.blogspot.com/{n}.html"/>
<author><name>Mara Rook</name></author></entry>"""


ATOM = """<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'
 xmlns:app='http://purl.org/atom/app#'><id>tag:blogger.com,1999:blog-7.archive</id><title type='text'>Notes</title>"""


def test_a_blogger_export_is_its_published_posts(tmp_path: Path) -> None:
    draft = entry(5, "post", "<app:control><app:draft>yes</app:draft></app:control>")
    others = "".join(entry(n, kind) for n, kind in enumerate(("template", "settings", "comment", "page")))
    (found,), rejects = of(tmp_path, "b.xml", ATOM + others + draft + entry(6, "post") + "</feed>")
    assert (found.headline, found.keywords, found.authors) == ("Vote 6", ("Museum",), ("Mara Rook",))
    assert (found.url, found.outlet_name, found.content) == ("http://g.blogspot.com/6.html", "Notes", STORY)
    assert [x.reason for x in rejects] == ["not text"] * 5


def rss(*items: str) -> str:
    texts = (f"<title>R{n}</title>{told}<description>{n} {STORY}</description>" for n, told in enumerate(items))
    inner = "".join(f"<item>{text}</item>" for text in texts)
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>Log</title><link>https://a.app/</link>'
    return f"{head}{inner}</channel></rss>"


def identities(documents: list[Document]) -> int:
    batch, _ = extract_batch(documents)
    assert set(batch.column("outlet").to_pylist()) == {"a.app"}
    return len(set(batch.column("identity").to_pylist()))


@pytest.mark.parametrize("guid", ["", "<guid>https://a.app/log</guid>", "<guid>{n}</guid>"])
@pytest.mark.parametrize("link", ["https://a.app/log", "https://a.app/log#r{n}"])
def test_entries_that_link_to_one_page_are_articles_each(tmp_path: Path, guid: str, link: str) -> None:
    items = [f"<link>{link}</link>{guid}".format(n=n) for n in range(3)]
    documents, _ = of(tmp_path, "c.xml", rss(*items))
    assert identities(documents) == 3


def test_entries_with_pages_of_their_own_keep_them(tmp_path: Path) -> None:
    documents, _ = of(tmp_path, "c.xml", rss(*[f"<link>https://a.app/{n // 2}</link>" for n in range(4)]))
    assert identities(documents) == 2


def test_a_ticker_among_other_entries_is_told_apart_and_the_others_keep_their_addresses(tmp_path: Path) -> None:
    links = ["https://a.app/live"] * 3 + ["https://a.app/1"]
    documents, _ = of(tmp_path, "c.xml", rss(*[f"<link>{link}</link>" for link in links]))
    assert identities(documents) == 4 and [x.url for x in documents] == [None] * 3 + ["https://a.app/1"]
    items = [{"id": str(n), "url": "https://a.app/live", "title": f"R{n}", "content_text": STORY} for n in range(2)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Log", "items": items}
    documents, _ = of(tmp_path, "c.json", json.dumps(feed))
    assert identities(documents) == 2


@pytest.mark.parametrize(
    "warning",
    [
        "\ufeff\ufeff",
        "0\r\n",
        "<script>var a = 1;</script>\n",
        "<html><body>x</body></html>\n",
        "<!-- cached -->\n",
        "<br />\n<b>Warning</b>:  mysql_connect(): Access denied in <b>/var/www/x.php</b> on line <b>12</b><br />\n",
        "PHP Notice: Undefined index in x.php on line 3\n",
        "\nDeprecated: a in b on line 1\n<br />",
    ],
)
def test_what_php_warns_of_before_a_feed_is_passed_over(tmp_path: Path, warning: str) -> None:
    (found,), rejects = of(tmp_path, "feed.xml", warning + rss("<link>https://a.app/1</link>"))
    assert found.headline == "R0" and not rejects


HOSTILE = {
    "cut": HEAD + item(1) + item(2)[:300],
    "nested": HEAD + item(1, content="[a]" * 50_000 + "[/a]" * 50_000),
    "shortcodes": HEAD + item(1, content="[gallery " * 50_000),
    "many shortcodes": HEAD + item(1, content="".join(f"[/a{n}]" for n in range(50_000))),
    "entities": HEAD.replace("<rss", '<!DOCTYPE rss [<!ENTITY a "b">]><rss') + item(1, content="]]>&a;<![CDATA["),
    "not well-formed": HEAD + item(1, more="<wp:x>") + item(2),
    "deep": HEAD + item(1, more="<x>" * 3000 + "</x>" * 3000),
    "nothing": HEAD + "</channel></rss>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_exports_end_in_rejects(tmp_path: Path, name: str) -> None:
    documents, rejects = of(tmp_path, "a.xml", HOSTILE[name])
    assert documents or rejects
    assert "crash" not in {x.reason for x in rejects}
