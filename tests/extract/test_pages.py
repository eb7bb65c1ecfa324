"""Pages: what they declare is believed first, what they show fills the gaps, and no page takes the extractor down."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import fromstring

from wirecopy.schemas.elements import Document
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.extract.dates.zones import language_country
from wirecopy.transforms.extract.pages.pages import MAX_CHARS, MAX_TAGS, choose_authors, choose_headline, read_page
from wirecopy.transforms.extract.pages.structured import read_structured
from wirecopy.transforms.extract.pages.visible import shown_bylines, shown_dates

UNIT = "0" * 32
URL = "https://www.example.com/politics/council-votes"
HEADLINE = "Council votes to keep the old bridge open for another year"
PARAGRAPHS = [
    "The city council voted on Tuesday to keep the old bridge open for another year, ending months of argument.",
    "Its members had been told that repairs would cost four million, which the mayor called a price worth paying.",
    "Two of them voted against, saying that the money should go to the new bridge, which opens in three years.",
    "Traffic on the old bridge has doubled since the tunnel was closed, and drivers wait for an hour each morning.",
    "The council will look at the matter again in the spring, when engineers have finished their survey of the arches.",
]
ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": HEADLINE,
    "datePublished": "2022-02-03T13:33:00+03:00",
    "dateModified": "2022-02-03T15:00:00+03:00",
    "author": [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Person", "name": "John Roe"}],
    "publisher": {"@type": "Organization", "name": "The Example"},
    "articleSection": "Politics",
    "keywords": "bridge, council",
    "inLanguage": "en-GB",
}


def page(head="", above="", below="", heading=HEADLINE, paragraphs=PARAGRAPHS):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{heading} | The Example</title>"
        f"{head}</head>"
        f"<body><nav><ul><li><a href='/'>Home</a></li><li><a href='/w'>World</a></li></ul></nav><main><article>"
        f"<h1>{heading}</h1>{above}{text}{below}</article></main><footer>© The Example</footer></body></html>"
    )


def script(value):
    return f"<script type='application/ld+json'>{value if isinstance(value, str) else json.dumps(value)}</script>"


def row(content, **fields):
    batch, rejects = extract_batch([Document(UNIT, 0, "p.html", "html", content, **{"url": URL} | fields)])
    assert (batch.num_rows, rejects) == (1, [])
    return batch.to_pylist()[0]


def test_a_page_becomes_a_row():
    found = row(page(script(ARTICLE)))
    assert found["headline"] == HEADLINE
    assert found["authors"] == ["Jane Doe", "John Roe"]
    assert found["published_at"] == datetime(2022, 2, 3, 10, 33, tzinfo=UTC)
    assert (found["published_precision"], found["published_source"]) == ("second", "json-ld")
    assert found["modified_at"] == datetime(2022, 2, 3, 12, tzinfo=UTC)
    assert (found["section"], found["keywords"], found["outlet_name"]) == (
        "Politics",
        ["bridge", "council"],
        "The Example",
    )
    assert (found["outlet"], found["language"]) == ("example.com", "en-GB")
    assert found["text"].split("\n") == PARAGRAPHS


SHAPES = {
    "a list": [ARTICLE],
    "a graph": {"@graph": [{"@type": "WebSite", "name": "The Example"}, ARTICLE]},
    "the main entity": {"@type": "WebPage", "mainEntity": ARTICLE},
    "several types": ARTICLE | {"@type": ["Article", "http://schema.org/NewsArticle"]},
    "names as strings": ARTICLE | {"author": ["Jane Doe", "John Roe"]},
    "a list of names in one author": ARTICLE | {"author": {"@type": "Person", "name": ["Jane Doe", "John Roe"]}},
    "references": {
        "@graph": [
            ARTICLE | {"author": [{"@id": "#jane"}, {"@id": "#john"}]},
            {"@id": "#jane", "@type": "Person", "name": "Jane Doe"},
            {"@id": "#john", "@type": "Person", "givenName": "John", "familyName": "Roe"},
        ]
    },
    "names as values": ARTICLE | {"author": {"@list": [{"name": {"@value": "Jane Doe"}}, [{"name": "John Roe"}]]}},
    "a comment around it": "<!-- " + json.dumps(ARTICLE) + " -->",
    "character data": "//<![CDATA[\n" + json.dumps(ARTICLE) + "\n//]]>",
    "a trailing comma": json.dumps(ARTICLE)[:-1] + ",}",
    "a semicolon behind it": json.dumps(ARTICLE) + ";",
    "two values in one script": json.dumps({"@type": "WebSite"}) + "\n" + json.dumps(ARTICLE),
    "line ends in strings": json.dumps(ARTICLE).replace("Council votes", "Council\nvotes"),
    "references to characters": json.dumps(ARTICLE | {"author": ["Jane&nbsp;Doe", "John Roe"]}),
    "escapes that JSON does not know": json.dumps(ARTICLE).replace("Politics", "Mayor\\'s politics"),
    "bare quotation marks in a text": json.dumps(ARTICLE | {"articleBody": "He said no."}).replace(
        "no.", 'no "never".'
    ),
    "another kind of script": script(ARTICLE).replace("ld+json", "LD+JSON; charset=utf-8"),
    "a script in a comment": "<!-- " + script(ARTICLE) + " -->",
    "microdata": f"""<div itemscope itemtype="https://schema.org/NewsArticle">
        <meta itemprop="headline" content="{HEADLINE}"><span itemprop="author" itemscope itemtype="https://schema.org/Person">
        <a itemprop="url" href="/j"><b itemprop="name">Jane Doe</b></a></span><span itemprop="author">John Roe</span>
        <time itemprop="datePublished" datetime="2022-02-03T13:33:00+03:00">today</time></div>""",
    "RDFa": f"""<div vocab="https://schema.org/" typeof="schema:NewsArticle">
        <h2 property="schema:headline">{HEADLINE}</h2>
        <span property="schema:author" typeof="schema:Person"><b property="schema:name">Jane Doe</b></span>
        <span property="schema:author">John Roe</span>
        <meta property="schema:datePublished" content="2022-02-03T13:33:00+03:00"></div>""",
    "fields spread over two objects": [
        {key: ARTICLE[key] for key in ("@type", "headline", "author")} | {"url": URL},
        {key: ARTICLE[key] for key in ("@type", "headline", "datePublished")},
    ],
    "another article in a list": [
        {"@type": "ItemList", "itemListElement": [ARTICLE | {"headline": "Another", "author": "Else"}]},
        ARTICLE,
    ],
    "another article beside it": [
        ARTICLE | {"headline": "Another", "author": "Else", "url": "https://www.example.com/another", "keywords": "x"},
        ARTICLE | {"url": URL + "?utm_source=x"},
    ],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_json_ld_is_read_in_all_its_shapes(shape):
    shown = SHAPES[shape] if str(SHAPES[shape]).startswith(("<div", "<script", "<!-- <script")) else None
    declared = read_structured(fromstring(page(shown or script(SHAPES[shape]))), URL)
    assert [declared.headline, *declared.titles][not declared.headline] == HEADLINE
    assert declared.authors[0] == ["Jane Doe", "John Roe"]
    assert declared.published[0].raw == "2022-02-03T13:33:00+03:00"


@pytest.mark.parametrize(
    "head",
    [
        "<meta property='article:published_time' content='2022-02-03T13:33:00+03:00'>",
        "<meta name='parsely-pub-date' content='2022-02-03T10:33:00Z'>",
        "<meta itemprop='datePublished' content='2022-02-03T10:33:00+00:00'>",
        "<meta name='DC.date.issued' content='2022-02-03T10:33:00Z'>",
        "<meta name='date' content='Thu, 03 Feb 2022 10:33:00 GMT'>",
        "<meta property='http://ogp.me/ns/article#published_time' content='2022-02-03T10:33:00Z'>",
        "<meta name='republish-date' content='2022-03-01'><meta name='last_published_at' content='2022-03-02'>"
        "<meta name='DCSext.articleFirstPublished' content='2022-02-03T10:33:00Z'>",
        script({"@type": "WebPage", "datePublished": "2022-02-03T10:33:00Z"}),
        script(ARTICLE | {"datePublished": "2022-02-03"})
        + "<meta property='article:published_time' content='2022-02-03T10:33:00Z'>",
    ],
)
def test_the_time_is_read_wherever_it_is_declared(head):
    found = row(page(head))
    assert found["published_at"] == datetime(2022, 2, 3, 10, 33, tzinfo=UTC)
    assert (found["published_precision"], found["published_inferred"]) == ("second", [])


@pytest.mark.parametrize(
    "above",
    [
        "<time datetime='2022-02-03T10:33Z'>today</time>",
        "<abbr class='published' title='2022-02-03T10:33Z'>3 February 2022</abbr>",
        "<div class='meta'><span>3 February 2022, 10:33 GMT</span></div>",
        "<p>Published on February 3, 2022 at 10:33 UTC</p>",
        "<div>Published: 03.02.2022 10:33 GMT</div>",
        "<div><a href='/j'>Jane Doe</a> <span>3 February 2022</span><span>10:33 AM UTC</span> Updated ago</div>",
    ],
)
def test_the_time_that_is_only_shown_is_found(above):
    found = row(page(above=above))
    assert found["published_at"] == datetime(2022, 2, 3, 10, 33, tzinfo=UTC)
    assert found["published_precision"] == "minute"
    assert found["text"].split("\n") == PARAGRAPHS


def test_a_declared_day_is_made_an_instant_by_the_one_time_that_scripts_give_on_it():
    day = script(ARTICLE | {"datePublished": "2022-02-03"})
    state = "<script>page = {'pubDate': '2022-02-03T13:33:00+03:00', 'next': {'pubDate': '2022-02-01T08:00Z'}}</script>"
    found = row(page(day + state))
    assert (found["published_at"], found["published_source"]) == (datetime(2022, 2, 3, 10, 33, tzinfo=UTC), "script")
    twice = state + "<script>var x = {publishedAt: '2022-02-03T17:00:00+03:00'}</script>"
    assert row(page(day + twice))["published_precision"] == "day"


def test_the_time_of_a_change_is_not_that_of_publication():
    above = "<div>By Jane Doe <span>Updated on 3 February 2022, 10:33 GMT</span></div>"
    found = row(page(script(ARTICLE | {"datePublished": "2022-02-03"}), above=above))
    assert found["published_precision"] == "day"


@pytest.mark.parametrize(
    "change",
    [
        "<time datetime='2022-02-05T09:00Z'>Updated 5 February 2022, 09:00</time>",
        "<span>Last updated: </span><time datetime='2022-02-05T09:00Z'>5 February 2022</time>",
        "<time class='modified' datetime='2022-02-05T09:00Z'>5 February 2022</time>",
        "<ul><li><h3><a href='/x'>Another story</a></h3><time datetime='2022-02-05T09:00Z'>5 February</time></li></ul>",
    ],
)
def test_the_first_time_of_a_page_is_not_always_its_own(change):
    published = "<time class='entry-date published updated' datetime='2022-02-03T10:33Z'>3 February 2022</time>"
    assert row(page(above=f"<div>{change}</div><div>{published}</div>"))["published_raw"] == "2022-02-03T10:33Z"


def test_the_day_of_the_visit_is_not_that_of_publication():
    visited = page(above="<p>3 February 2022</p>").replace("<nav>", "<div>Saturday, 5 March 2022</div><nav>")
    assert row(visited)["published_raw"] == "3 February 2022"


def test_a_time_behind_a_day_may_be_that_of_a_change():
    shown = row(page(above="<div>3 February 2022, updated at 16:40</div>"))
    assert (shown["published_raw"], shown["published_precision"]) == ("3 February 2022", "day")


def test_a_teaser_in_microdata_is_not_the_article():
    teaser = (
        "<div itemscope itemtype='https://schema.org/NewsArticle'><a href='/x'><h2 itemprop='headline'>Other</h2></a>"
        "<meta itemprop='datePublished' content='2022-02-05T09:00:00Z'></div>"
    )
    found = row(page(above="<p>3 February 2022, 10:33 GMT</p>", below=teaser * 2))
    assert (found["headline"], found["published_raw"]) == (HEADLINE, "3 February 2022, 10:33 GMT")


def test_a_day_is_not_made_an_instant():
    found = row(page(script(ARTICLE | {"datePublished": "2022-02-03"})))
    assert (found["published_precision"], found["published_raw"]) == ("day", "2022-02-03")


def test_a_page_without_a_date_has_none():
    found = row(page())
    assert (found["published_at"], found["published_precision"], found["published_source"]) == (None, "none", None)


def test_a_date_that_cannot_be_is_reported_and_the_next_one_taken():
    head = script(ARTICLE | {"datePublished": "0000-00-00"})
    batch, rejects = extract_batch([Document(UNIT, 0, "p", "html", page(head), url=URL)])
    assert batch.num_rows == 1
    assert [reject.reason for reject in rejects] == ["bad date"]
    assert row(page(head + "<meta property='article:published_time' content='2022-02-03T10:33:00Z'>"))["published_at"]


@pytest.mark.parametrize(
    "above",
    [
        "<p class='byline'>By <a rel='author' href='/j'>Jane Doe</a></p>",
        "<span class='article-author__name'>Jane Doe</span>",
        "<div class='author'>von Jane Doe, 3. Februar 2022</div>",
        "<p>By Jane Doe</p>",
        "<p>By <a href='/team/jane'>Jane Doe</a> on Thursday, February 3rd, 2022</p>",
        "<div class='byline'><span>Jane Doe</span><br>The Example<div>Published 9:41 a.m. Feb. 3, 2022</div></div>",
        "<div class='meta'>3 min <a href='https://www.example.com/author/jane-doe'>Jane Doe</a></div>",
        "<div class='author'><p>von</p><p>Jane Doe</p><p>15:36 Uhr</p></div>",
        "<p class='about'>Von Jane Doe publiziert am 3. Februar 2022</p>",
        "<h3 class='author__name'>Jane Doe</h3><p class='author__role'>News reporter @jane</p>",
        "<blockquote><p>No.</p><b class='author-name'>A Reader</b></blockquote><b class='author-name'>Jane Doe</b>",
        "<div class='author__text'>Jane Doe</div><p class='author__text'>Add as preferred on Google</p>",
        "<article class='teaser'><a rel='author' href='/e'>El Se</a></article><a rel='author' href='/j'>Jane Doe</a>",
    ],
)
def test_a_byline_that_is_only_shown_is_found(above):
    assert row(page(above=above))["authors"] == ["Jane Doe"]


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Mathatisi Sebusi/Mohalenyane Phakela", ["Mathatisi Sebusi", "Mohalenyane Phakela"]),
        ("MTHOBISI SITHOLE", ["MTHOBISI SITHOLE"]),
        ("Key Points", ["The Example"]),
        ("What Happened Next", ["The Example"]),
        ("Mohloai Mpesi.", ["The Example"]),
        ("Thandiwe Nkosi", ["The Example"]),
    ],
)
def test_a_first_line_of_names_is_a_byline_where_the_outlet_alone_is_declared(line, authors):
    spoken_of = [*PARAGRAPHS, "The council thanked Thandiwe Nkosi, who is leaving it in the spring after thirty years."]
    found = row(page(script(ARTICLE | {"author": "The Example"}), paragraphs=[line, *spoken_of]))
    assert found["authors"] == authors
    assert found["text"].split("\n") == spoken_of if authors != ["The Example"] else [line, *spoken_of]


def test_an_agency_among_the_authors_is_a_credit():
    found = row(page(script(ARTICLE | {"author": [{"name": "Jane Doe"}, {"name": "Reuters"}]})))
    assert found["agency"] == "Reuters"
    assert [(credit["agency"], credit["where"]) for credit in found["credits"]] == [("Reuters", "byline")]


def test_a_source_that_the_markup_names_is_a_credit():
    found = row(page(script(ARTICLE | {"sourceOrganization": {"name": "Agence France-Presse"}})))
    assert [(credit["agency"], credit["where"]) for credit in found["credits"]] == [("AFP", "markup")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"isAccessibleForFree": True}, True),
        ({"isAccessibleForFree": "False"}, False),
        ({"isAccessibleForFree": "http://schema.org/True"}, True),
        ({"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paid"}}, False),
        ({}, None),
    ],
)
def test_a_page_says_whether_it_is_free(said, expected):
    assert row(page(script(ARTICLE | said)))["is_free"] is expected
    tier = "<meta property='article:content_tier' content='locked'>"
    assert row(page(script(ARTICLE | said) + tier))["is_free"] is (False if expected is None else expected)


def test_a_time_with_its_zone_is_believed_before_one_without():
    head = script(ARTICLE | {"datePublished": "2022-02-03T13:33:00"})
    assert row(page(head))["published_inferred"] == ["zone"]
    meta = "<meta property='article:published_time' content='2022-02-03T13:33:00+03:00'>"
    found = row(page(head + meta))
    assert (found["published_at"], found["published_inferred"]) == (datetime(2022, 2, 3, 10, 33, tzinfo=UTC), [])
    another = "<meta property='article:published_time' content='2022-02-03T15:40:00+03:00'>"
    assert row(page(head + another))["published_at"] == datetime(2022, 2, 3, 13, 33, tzinfo=UTC)


def test_a_clock_without_a_zone_is_set_by_what_readers_see():
    head = script(ARTICLE | {"datePublished": "2022-02-03 18:33:00"})
    shown = row(page(head, above="<p>Published: Feb. 3, 2022 at 1:33 pm ET</p>"))
    assert (shown["published_at"], shown["published_inferred"]) == (datetime(2022, 2, 3, 18, 33, tzinfo=UTC), [])


def test_a_zone_of_zero_gives_way_to_another_one_on_the_same_clock():
    head = script(ARTICLE | {"datePublished": "2022-02-03T13:33:00+00:00"})
    meta = "<meta property='article:published_time' content='2022-02-03T{}:33:00-04:00'>"
    assert row(page(head + meta.format(13)))["published_at"] == datetime(2022, 2, 3, 17, 33, tzinfo=UTC)
    assert row(page(head + meta.format("09")))["published_at"] == datetime(2022, 2, 3, 13, 33, tzinfo=UTC)
    assert row(page(head + meta.format(14)))["published_at"] == datetime(2022, 2, 3, 13, 33, tzinfo=UTC)


def test_midnight_gives_way_to_another_time_of_its_day():
    head = script(ARTICLE | {"datePublished": "2022-02-03T00:00:00+03:00"})
    meta = "<meta property='article:published_time' content='2022-02-0{}T13:33:00+03:00'>"
    assert row(page(head + meta.format(3)))["published_at"] == datetime(2022, 2, 3, 10, 33, tzinfo=UTC)
    assert row(page(head + meta.format(4)))["published_at"] == datetime(2022, 2, 2, 21, tzinfo=UTC)


def test_a_date_that_stands_for_none_gives_way_to_what_readers_see():
    head = script(ARTICLE | {"datePublished": "0001-01-01T00:00:00Z"})
    found = row(page(head, above="<div>Published 11:11 PM EST Nov 19, 2021</div>"))
    assert (found["published_at"], found["published_source"]) == (datetime(2021, 11, 20, 4, 11, tzinfo=UTC), "text")


@pytest.mark.parametrize(
    ("tag", "country"),
    [("tr", "TR"), ("de-AT", "AT"), ("en-IN", "IN"), ("zh-Hant-TW", "TW"), ("en-US", None), ("fr", None), ("", None)],
)
def test_a_language_says_which_clock_its_press_keeps(tag, country):
    assert language_country(tag) == country


def test_the_clock_of_a_page_is_that_of_its_language():
    text = [
        "Belediye meclisi salı günü yaptığı toplantıda eski köprünün bir yıl daha açık kalmasına karar verdi.",
        "Üyelere onarımın dört milyon liraya mal olacağı söylenmişti, başkan bunun ödenmeye değer olduğunu belirtti.",
        "İki üye, paranın üç yıl sonra açılacak olan yeni köprüye harcanması gerektiğini söyleyerek karşı oy kullandı.",
    ]
    head = script({"@type": "NewsArticle", "headline": "Eski köprü açık", "datePublished": "2022-02-03T13:33:00"})
    found = row(page(head, heading="Eski köprü açık", paragraphs=text).replace("lang='en'", "lang='tr'"))
    assert (found["published_at"].hour, found["published_inferred"]) == (10, ["zone"])


def test_the_outlet_is_an_author_only_where_there_is_no_other():
    site = {"The Example", "example.com", "example"}
    assert choose_authors([["The Example"], ["Example Sport"], ["Jane Doe"]], site) == ["Jane Doe"]
    assert choose_authors([["Example Sport"], []], site) == ["Example Sport"]
    assert choose_authors([["Jane Doe", "Example News"], ["John Roe"]], site) == ["Jane Doe", "Example News"]
    assert choose_authors([["admin"], ["https://example.com/author/jane"], ["By Jane Doe"]], site) == ["Jane Doe"]
    assert choose_authors([["Jane Doe, Example News"]], site) == ["Jane Doe"]
    assert choose_authors([], ()) == []


@pytest.mark.parametrize(
    ("declared", "shared", "shown", "title", "expected"),
    [
        ("A b c", ["A b c"], ["A b c"], "A b c - Site", "A b c"),
        ("What is declared", ["What is shared"], ["What is declared"], "", "What is declared"),
        ("Declared", [], ["Something else"], "", "Declared"),
        # what heading and shared title agree on, where JSON-LD has the words of the title
        ("Words to search for", ["What readers see"], ["What readers see"], "Words to search for", "What readers see"),
        ("Of its own", ["From one field"], ["From one field"], "From one field | Site", "Of its own"),
        # sites' names, sections, labels
        ("A b c - Site", ["A b c - Site"], [], "A b c - Site", "A b c"),
        ("A b c - Site", ["A b c"], ["A b c"], "A b c - Site", "A b c"),
        ("A b c | Sport", ["A b c | Sport"], ["Other", "A b c"], "", "A b c"),
        (None, ["A b c - Sport", "A b c"], ["A b c"], "", "A b c"),
        (None, ["A b c - all the latest"], ["A b c"], "", "A b c - all the latest"),
        (None, ["Opinion | A b c"], ["A b c"], "Opinion | A b c", "A b c"),
        (None, ["Road closed - bridge open"], ["Bridge open"], "", "Road closed - bridge open"),
        (None, ["首相が辞任へ：Site"], [], "首相が辞任へ：Site", "首相が辞任へ"),
        # cut off
        (
            "The bridge that was closed opens...",
            ["The bridge that was closed opens again"],
            [],
            "",
            "The bridge that was closed opens again",
        ),
        (("A long line " * 10)[:110], [], [("A long line " * 10).strip()], "", ("A long line " * 10).strip()),
        ("Short", ["Short and another"], [], "", "Short"),
        # typography alone
        ("It’s here", ["It's here"], ["It’s here"], "It's here | Site", "It's here"),
        ("“Yes”, he says", ["“Yes”, he says"], ["“Yes”, he says"], '"Yes", he says', "“Yes”, he says"),
        ("Road - bridge", ["Road: bridge"], [], "Road: bridge - Politics", "Road: bridge"),
        # no declaration, or one that names the site alone
        (None, [], ["Only this"], "Only this | Site", "Only this"),
        (None, ["The whole site"], ["The whole site"], "What the story is about - Site", "The whole site"),
        (None, ["The whole paper"], [], "What this story is about - Site", "What this story is about"),
        (None, [], ["Menu", "Bridge opens in spring", "Search"], "Bridge opens - Site", "Bridge opens in spring"),
        (None, [], [], "What the title says | Site", "What the title says"),
        (None, [], ["Menu", "Search"], "Site", "Site"),
        (None, [], [], "", None),
    ],
)
def test_the_headline_is_what_the_page_agrees_on(declared, shared, shown, title, expected):
    assert choose_headline(declared, shared, shown, title, {"Site"}) == expected


@pytest.mark.parametrize(
    "headline", ["Le maire : « Nous fermons »", "« Le musée ferme », dit le maire", "Le « musée » ferme"]
)
@pytest.mark.parametrize("behind", ["", " - Site", " | Site", " » Site"])
def test_a_quotation_mark_that_closes_cuts_nothing_off(headline: str, behind: str) -> None:
    assert choose_headline(None, [headline + behind], [headline], headline + behind, {"Site"}) == headline
    assert choose_headline(None, [], [], headline + behind, {"Site"}) == headline


def test_a_headline_in_two_lines_is_not_run_together():
    assert row(page(heading="The old bridge<br>stays open"))["headline"] == "The old bridge stays open"


@pytest.mark.parametrize("head", ["", "<meta property='og:title' content='Brü&shy;cke bleibt&nbsp;offen&#8203;'>"])
def test_what_no_reader_sees_is_no_part_of_a_headline(head):
    assert row(page(head, heading="Brü&shy;cke bleibt&nbsp;offen"))["headline"] == "Brücke bleibt offen"


def test_what_stands_around_the_text_is_no_text():
    related = "".join(f"<li><a href='/{n}'>Another story of the week, number {n}</a></li>" for n in range(5))
    below = (
        f"<h3><a href='/more'>More on this story</a></h3><ul>{related}</ul><p>Share this article</p>"
        "<p>Sign up for our daily newsletter</p><p><a href='/x'>Read also: the mayor of another city resigns</a></p>"
        "<p>© 2022 The Example. All rights reserved.</p>"
    )
    assert row(page(script(ARTICLE), below=below))["text"].split("\n") == PARAGRAPHS


def test_the_declared_text_stands_in_where_scripts_fill_the_page():
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    found = row(page(script(ARTICLE | {"articleBody": body}), paragraphs=["Loading the story, please wait a moment."]))
    assert found["text"].split("\n") == PARAGRAPHS
    assert "json-ld" in found["extractor"]


def test_what_the_declared_text_does_not_have_is_the_site_s():
    deck = "The bridge has been waiting for its repair since the flood of three winters ago, and so have its users."
    box = "Our reporters have been writing about the city for a hundred years, and this is what they offer you now."
    inside = [deck, PARAGRAPHS[0], "What comes next", *PARAGRAPHS[1:3], box, *PARAGRAPHS[3:], box]
    declared = script(ARTICLE | {"articleBody": " ".join(PARAGRAPHS)})
    expected = [deck, PARAGRAPHS[0], "What comes next", *PARAGRAPHS[1:]]
    assert row(page(declared, paragraphs=inside))["text"].split("\n") == expected
    for part in (PARAGRAPHS[0], "Another text. " * 60):
        undecided = row(page(script(ARTICLE | {"articleBody": part}), paragraphs=inside))
        assert undecided["text"].split("\n").count(PARAGRAPHS[3]) == 1 and box in undecided["text"]


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>One paragraph alone.</p>", "One paragraph alone."),
        ("First line<br>second &amp; last <a href='/x'>line</a>", "First line\nsecond & last line"),
        ("<p>A list:</p><ul><li>one</li><li>two</li></ul><script>var x</script>", "A list:\none\ntwo"),
        ("<div><blockquote>1 &lt; 2 &lt;b&gt;</blockquote>behind</div>", "1 < 2 <b>\nbehind"),
    ],
)
def test_a_fragment_is_an_article_whole(fragment, text):
    found = row(fragment, headline="A headline")
    assert (found["headline"], found["text"]) == ("A headline", text)


@pytest.mark.parametrize(
    "post", ["div class='post'", "article", "article class='post-1 entry'", "section class='content'"]
)
def test_a_live_blog_is_kept_whole(post):
    posts = [
        f"<{post}><h3>Post {n}</h3><p>{paragraph}</p></{post.split()[0]}>" for n, paragraph in enumerate(PARAGRAPHS)
    ]
    blog = page(script(ARTICLE), paragraphs=[]).replace("</article>", f"</article><div>{''.join(posts)}</div>")
    assert [line for line in row(blog)["text"].split("\n") if line in PARAGRAPHS] == PARAGRAPHS


@pytest.mark.parametrize("headline", ["<h1>Another story</h1>", "<h2><a href='/other'>Another story</a></h2>"])
def test_articles_with_headlines_of_their_own_are_not_parts_of_one(headline):
    others = "".join(f"<article>{headline}<p>{'Another story altogether. ' * 9}</p></article>" for _ in "abc")
    found = row(page(script(ARTICLE)).replace("</article>", f"</article>{others}"))
    assert found["text"].split("\n") == PARAGRAPHS


def test_a_body_that_advertisements_cut_into_pieces_is_kept_whole():
    pieces = "".join(
        f"<div class='grid'><div class='item article__body'>{''.join(f'<p>{text}</p>' for text in part)}</div>"
        "<div class='ad'></div></div>"
        for part in (PARAGRAPHS[:2] * 3, PARAGRAPHS[2:] * 3)
    )
    whole = page(script(ARTICLE), paragraphs=[]).replace("</article>", f"</article><div class='chunks'>{pieces}</div>")
    assert set(PARAGRAPHS) <= set(row(whole)["text"].split("\n"))


def test_a_text_is_not_cut_short_where_the_page_holds_many_times_as_much_prose():
    sections = "".join(
        f"<div class='part-{name}'><div><h2>Part {name}</h2>"
        + "".join(f"<p>{name} {number}: {PARAGRAPHS[number % len(PARAGRAPHS)]}</p>" for number in range(3))
        + "</div></div>"
        for name in ("one", "two", "three", "four", "five", "six")
    )
    lead = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    whole = "<html><head><title>The council votes</title></head><body><main><h1>The council votes</h1>"
    whole += f"<div class='article-body'>{lead}</div>{sections}</main></body></html>"
    found = row(whole)["text"]
    assert all(f"{name} 2: " in found for name in ("one", "three", "six"))


def test_links_inside_the_text_stay():
    linked = [PARAGRAPHS[0].replace("city council", "<a href='/council'>city council</a>"), *PARAGRAPHS[1:]]
    assert row(page(script(ARTICLE), paragraphs=linked))["text"].split("\n") == PARAGRAPHS


def test_a_reprint_is_not_a_version_of_the_original():
    canonical = "<link rel='canonical' href='{}'>"
    own = row(page(canonical.format("https://example.com/the-real-address")))
    assert own["canonical_url"] == "https://example.com/the-real-address"
    reprint = row(page(canonical.format("https://original.org/story")))
    assert reprint["canonical_url"] == "https://example.com/politics/council-votes"
    front = row(page(canonical.format("https://www.example.com/")))
    assert front["canonical_url"] == "https://example.com/politics/council-votes"


HOSTILE = {
    "paragraphs": "<p>short</p>" * 150_000,
    "cells": "<table>" + ("<tr>" + "<td>x</td>" * 20 + "</tr>") * 15_000 + "</table>",
    "nesting": "<div>" * 100_000,
    "attributes": "<p " + " ".join(f"a{n}='x'" for n in range(200_000)) + ">text</p>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_page_is_turned_away(kind):
    batch, rejects = extract_batch([Document(UNIT, 0, "p", "html", f"<html><body>{HOSTILE[kind]}</body></html>")])
    assert batch.num_rows == 0
    assert [reject.reason for reject in rejects] == ["too large"]


@pytest.mark.parametrize(
    "content",
    [
        "<html><body>" + "<div>" * 20_000 + "deep" + "</div>" * 20_000,
        script("[" * 100_000) + "<p>text</p>",
        "<" * 100_000,
        "<html></html>",
        "not a page at all",
        "<p>" + "&amp;" * 50_000,
        "<html><!-- </script" + "<script ld+json>" * 50_000 + "--><p>text</p>",
        script('{"@type": "Article", "headline": "x", ' + '"author": [' * 100_000) + "<p>text</p>",
        "<html>" + "<div itemscope itemtype='Article'><b itemprop='name'>x</b>" * 20_000,
        "<html><script>" + "datePublished:" * 100_000 + "</script><p>text</p>",
        "<?xml version='1.0' encoding='utf-16'?><html><body><p>text</p></body></html>",
        "<html><body><p>a\x00b\ud800c</p></body></html>",
    ],
)
def test_a_broken_page_is_a_row_or_a_reject(content):
    batch, rejects = extract_batch([Document(UNIT, 0, "p", "html", content)])
    assert batch.num_rows + len(rejects) >= 1


def test_pictures_written_into_a_page_do_not_count():
    picture = f'<p><img src="data:image/png;base64,{"iVBORw0KGgo" * 50_000}"></p>'
    assert len(picture) * 12 > MAX_CHARS
    assert "ferries" in read_page(page(below=picture * 12 + f"<p>{'The ferries run again. ' * 20}</p>")).text


def test_a_page_of_a_large_site_is_within_bounds():
    assert page(below="<p>line</p>" * 5_000).count("<") < MAX_TAGS * 2
    assert not isinstance(read_page(page(below="<p>line</p>" * 5_000)), str)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["@type", "@id", "@graph", "name", *ARTICLE]), inner, max_size=6)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_no_json_ld_raises(value):
    node = {"@type": "NewsArticle"} | value if isinstance(value, dict) else value
    read_structured(fromstring(page(script(json.dumps(node)))), URL)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/='\"&;ab p div 12:/", max_size=300))
def test_no_markup_raises(markup):
    tree = fromstring(f"<html><body><h1>x</h1>{markup}</body></html>")
    read_structured(tree)
    shown_bylines(tree, "x")
    shown_dates(tree, None, None)
    read_page(markup)
