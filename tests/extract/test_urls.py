"""Addresses: the variants of one article's address are one, two articles stay two, and nothing is fetched."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.addresses import without_user
from wirecopy.transforms.extract.urls import canonical_url, day_in_path, outlet

ARTICLE = "https://example.com/2022/02/03/talks-end"
VARIANTS = """
http://example.com/2022/02/03/talks-end
https://www.example.com/2022/02/03/talks-end/
HTTPS://WWW.EXAMPLE.COM:443/2022/02/03/talks-end
http://example.com:80/2022/02/03/talks-end#comments
https://m.example.com/2022/02/03/talks-end
https://amp.example.com/2022/02/03/talks-end
https://example.com/2022/02/03/talks-end/amp
https://example.com/2022/02/03/talks-end/amp/
https://example.com/2022/02/03/talks-end?amp=1
https://example.com/2022/02/03/talks-end?outputType=amp
https://example.com/2022/02/03/talks-end?utm_source=rss&utm_medium=feed
https://example.com/2022/02/03/talks-end?fbclid=IwAR0&gclid=x&ref=home
https://example.com/2022/02/03/talks-end/index.html
https://example.com/2022/02/03/talks-end;jsessionid=0F3
https://example.com//2022/02/./03/x/../talks-end
https://example.com/2022/02/03/talks%2Dend
https://user:secret@example.com/2022/02/03/talks-end
//example.com/2022/02/03/talks-end
https://www-example-com.cdn.ampproject.org/c/s/www.example.com/2022/02/03/talks-end/amp
https://www.google.com/amp/s/www.example.com/2022/02/03/talks-end
""".split()
DIFFERENT = """
https://example.com/2022/02/03/talks-begin
https://example.com/2022/02/03/Talks-end
https://news.example.com/2022/02/03/talks-end
https://example.com:8080/2022/02/03/talks-end
https://example.com/2022/02/03/talks-end?page=2
https://example.com/2022/02/03/talks-end?id=7
https://example.org/2022/02/03/talks-end
https://example.com/amplifier/2022/02/03/talks-end
""".split()


@pytest.mark.parametrize("url", VARIANTS)
def test_variants_of_an_address_are_one(url):
    assert canonical_url(url) == ARTICLE


def test_addresses_of_different_articles_stay_apart():
    assert len({canonical_url(url) for url in [ARTICLE, *DIFFERENT]}) == len(DIFFERENT) + 1


def test_parameters_that_name_the_article_stay_in_a_fixed_order():
    assert canonical_url("http://x.com/?b=2&utm_id=9&a=1") == canonical_url("https://x.com/?a=1&b=2")
    assert canonical_url("http://x.com/story.php?id=7") != canonical_url("http://x.com/story.php?id=8")


NO_ADDRESSES = [
    "",
    " ",
    None,
    "mailto:a@example.com",
    "javascript:void(0)",
    "tag:x.com,2022:1",
    "http://",
    "ftp://x.com/a",
]
NO_ADDRESSES += ["https://[::1", "http://x.com:port/", "https://exa mple.com/", "a" * 9000]


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_web_address_has_no_canonical_form(url):
    assert canonical_url(url) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.bbc.co.uk/news/1", "bbc.co.uk"),
        ("http://Aravot.am/2022/02/03", "aravot.am"),
        ("www.aravot.am", "aravot.am"),
        ("https://edition.cnn.com/x", "cnn.com"),
        ("https://lenta.ru:443/news", "lenta.ru"),
        ("https://alice.blogspot.com/2022/1.html", "alice.blogspot.com"),
        ("https://bob.blogspot.com/2022/1.html", "bob.blogspot.com"),
        ("https://www.asahi.co.jp/a", "asahi.co.jp"),
        ("https://новости.рф/a", "xn--b1amnebsh.xn--p1ai"),
        ("Reuters", None),
        ("http://127.0.0.1/a", "127.0.0.1"),
        ("http://[2001:db8::1]/a", "[2001:db8::1]"),
        ("http://localhost:8000/a", "localhost"),
        (None, None),
    ],
)
def test_outlet_is_the_registrable_domain(url, expected):
    assert outlet(url) == expected


def test_no_suffix_list_is_fetched(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert outlet("https://never-seen-before.co.nz/") == "never-seen-before.co.nz"


@given(st.text(max_size=80))
def test_canonical_form_is_its_own(text):
    for url in (text, f"https://example.com/{text}", f"https://{text}.com/a?{text}"):
        canonical = canonical_url(url)
        assert canonical is None or canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://x.com/2022/02/03/talks-end", "2022-02-03"),
        ("https://x.com/news/2022-02-03/talks-end", "2022-02-03"),
        ("https://x.com/20220203/talks.html", "2022-02-03"),
        ("https://x.com/2022/02/talks-end", None),
        ("https://x.com/2022/13/03/talks-end", None),
        ("https://x.com/120220203/talks", None),
        ("https://x.com/a?d=/2022/02/03/", None),
        (None, None),
    ],
)
def test_the_day_an_address_is_filed_under(url, day):
    assert day_in_path(url) == day


@given(st.text(alphabet="ab:@%", max_size=12), st.sampled_from(["", "/", "/x@y", "?q=a@b", "#a@b"]))
def test_user_and_password_are_left_out_and_nothing_else(user, rest):
    assert without_user(f"https://{user}@example.org{rest}") == f"https://example.org{rest}"
    assert without_user(f"https://example.org{rest}") == f"https://example.org{rest}"
    assert without_user("mailto:a@b") == "mailto:a@b"
