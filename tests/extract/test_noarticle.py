"""Front pages, lists, pages not found, walls and checks are no articles; stories about them are."""

from __future__ import annotations

import pytest

from wirecopy.schemas.elements import Document
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.extract.pages.noarticle import evidence

PARAGRAPHS = (
    "<p>The harbour council of Port Ellery voted on Tuesday to rebuild the northern breakwater after last"
    " winter's storms"
    " tore away forty metres of stone and flooded three streets of the old town.</p><p>Mayor Ines Calder said the work"
    " would cost eleven million and take two summers, and that the fleet would be moved to the inner basin.</p>"
)
TEASERS = "".join(
    f"<div class=t><h2><a href='/news/{n}.html'>Breakwater vote {n} splits the town</a></h2><p>The harbour"
    f" council voted"
    f" on Tuesday to rebuild the northern breakwater number {n} after last winter's storms.</p></div>"
    for n in range(8)
)
LINKS = "".join(
    f"<li><h3><a href='/n/{n}'>Another story number {n} of the day</a></h3><p>What the council said of the pier number"
    f" {n}, and who paid for it in the end.</p></li>"
    for n in range(8)
)


def page(body: str, title: str = "Ellery Gazette", head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


NO_ARTICLES = {
    "front page": (page(TEASERS, head="<meta property='og:type' content='website'>"), "https://www.ellerygazette.com/"),
    "front page without marks": (page(TEASERS), "https://www.ellerygazette.com/"),
    "section": (page(f"<h1>Port</h1>{TEASERS}"), "https://www.ellerygazette.com/section/port/"),
    "tag": (page(f"<h1>Storms</h1><ul>{LINKS}</ul>"), "https://www.ellerygazette.com/tag/storms"),
    "front page from a file": (page(TEASERS, head="<meta property='og:type' content='website'>"), None),
    "404": (page("<h1>Page not found</h1><p>The page you are looking for does not exist.</p>", "404 | Gazette"), None),
    "404 in German": (page("<h1>Seite nicht gefunden</h1><p>Die Seite gibt es nicht oder nicht mehr.</p>"), None),
    "404 with teasers": (page(f"<h1>Oops! That page can't be found.</h1>{TEASERS}", "Page not found - Gazette"), None),
    "check": (
        page(
            "<h1>www.ellerygazette.com</h1><p>Checking if the site connection is secure</p><p>Ray ID: 7a1b</p>",
            "Just a moment...",
        ),
        None,
    ),
    "check by mark": (
        page("<p>Please enable JS and disable any ad blocker</p><script"
            " src='https://ct.captcha-delivery.com/c.js'></script>",
             "ellerygazette.com", "<meta name='x' content='datadome'>"),
        None,
    ),
    "consent": (
        page(
            "<h1>Before you continue to Ellery News</h1><p>We and our partners keep cookies and other"
            " identifiers on your"
            " device, and use personal data for advertising.</p><p>You can withdraw your consent in the settings at any"
            " time.</p><button>Accept all</button><button>Reject all</button>"
        ),
        None,
    ),
    "consent in German": (
        page(
            "<h1>Bevor Sie weiterlesen</h1><p>Wir und unsere 120 Partner verwenden Cookies und Kennungen, um Werbung zu"
            " zeigen; dazu brauchen wir Ihre Einwilligung nach dem Datenschutzrecht.</p><button>Alle"
            " akzeptieren</button>"
        ),
        None,
    ),
    "consent in French": (
        page(
            "<h1>Le respect de votre vie privée est notre priorité</h1><p>Avec votre consentement, nos"
            " partenaires et nous"
            " utilisons des cookies et des données personnelles pour la publicité.</p><button>Tout accepter</button>"
        ),
        None,
    ),
    "archive": (
        page("<h1>March 2026</h1><ul>" + "".join(
            f"<li><a href='/n/{n}'>Harbour council votes on item number {n} of the day</a> 0{n % 9 + 1}.03.2026</li>"
            for n in range(12)
        ) + "</ul>"),
        "https://www.ellerygazette.com/archive/2026/03",
    ),
    "section by its declared address": (
        page(f"<h1>Port</h1>{TEASERS}", head="<link rel='canonical' href='https://www.ellerygazette.com/section/port/'>"),
        None,
    ),
    "script only": (page("<noscript>You need to enable JavaScript to run this app.</noscript><p></p>"), None),
    "blocked": (page("<h1>ellerygazette.com</h1><p>Please enable JS and disable any ad blocker</p>"), None),
    "incident": ("<html><body><iframe src='/x'>Request unsuccessful. Incapsula incident ID: 1-2</iframe></body></html>",
                 None),
    "log in": (
        page("<h1>Log in to continue</h1><form><input type=password></form><p>Subscribe now to read this and get"
             " unlimited access to all our journalism.</p>", "Log in | Gazette"),
        None,
    ),
    "domain for sale": (
        page("<h1>ellerygazette.com</h1><p>This domain is for sale. Buy this domain for 1,999 dollars.</p>"),
        None,
    ),
    "consent or subscription in German": (
        page("<h1>Willkommen beim Boten</h1><p>Um der Nutzung mit Werbung zuzustimmen, müssen Cookies erlaubt sein."
             " Zu Trackern siehe Datenschutzerklärung, Widerruf jederzeit.</p><p>Oder das Pur-Abo abschließen und"
             " ohne Werbetracking lesen, für 2,99 Euro in der Woche.</p>", "Zustimmung erforderlich | Bote"),
        None,
    ),
}  # fmt: skip

ARTICLES = {
    "a short brief that names a check": page(
        "<h1>Port site back</h1><p>The port's website is back after readers were told they must enable JavaScript to"
        " continue, the harbour office said on Friday; it blamed a supplier.</p><ul>"
        + "".join(f"<li><a href='/n/{n}'>Another story of the day, number {n}</a></li>" for n in range(9)) + "</ul>"
    ),
    "about logging in": page(f"<h1>Log in</h1><form><input type=password></form>{PARAGRAPHS * 3}"),
    "about a domain": page(f"<h1>Town's domain is for sale</h1><p>Buy this domain, a page said.</p>{PARAGRAPHS * 3}"),
    "a story": page(f"<article><h1>Breakwater vote</h1>{PARAGRAPHS}</article>"),
    "a short story beside teasers": page("<article><h1>Breakwater"
    " vote</h1>{PARAGRAPHS}</article><aside>{TEASERS}</aside>"),
    "about a banner": page(
        "<h1>Just a moment: Velmar fines museum over cookie banner</h1><p>The town fined its museum because the"
        " banner of"
        " its website gave visitors no choice but to click 'Accept all', the clerk for data protection said.</p><p>The"
        " museum stored cookies and other identifiers before anybody gave consent, Judith Brand told the council.</p>"
        "<button>Accept all</button>",
        "Just a moment: Velmar fines museum over cookie banner",
    ),
    "about a page not found": page(
        f"<h1>Page not found: the lost leaf of the Velmar chronicle</h1>{PARAGRAPHS * 3}",
        "Page not found: the lost leaf of the Velmar chronicle",
    ),
    "about checks": page(
        "<h1>Why sites ask whether you are human</h1><p>Checking your browser before you read takes seconds,"
        " and the words"
        f" 'verify you are human' are seen by millions every day, researchers say.</p>{PARAGRAPHS * 4}",
        "Why sites ask whether you are human",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_ARTICLES)
def test_what_stands_where_an_article_should(kind: str) -> None:
    content, url = NO_ARTICLES[kind]
    assert evidence(content, url)
    batch, rejects = extract_batch([Document("0" * 32, 0, "page.html", "html", content, url=url)])
    assert (batch.num_rows, [reject.reason for reject in rejects]) == (0, ["not an article"])


@pytest.mark.parametrize("kind", ARTICLES)
def test_a_story_is_an_article(kind: str) -> None:
    assert evidence(ARTICLES[kind], "https://www.ellerygazette.com/news/1.html") is None
    assert evidence(ARTICLES[kind]) is None
