"""Lists of feeds, in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.fetch.lists.feedlist import Wanted, interval, parse_list, read_lists
from wirecopy.transforms.fetch.lists.opml import Outline, read_opml, write_opml

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: text.strip() == text and not set(text) & set("\ufffe\uffff")
)


@given(st.lists(st.builds(Outline, TEXT, st.none() | TEXT, st.none() | TEXT), unique_by=lambda one: one.url))
def test_what_is_exported_is_imported_again(outlines):
    again = read_opml(write_opml(outlines, "Feeds"))
    assert again == [one._replace(title=one.title or one.url) for one in outlines]


def test_folders_other_cases_and_doubles_of_opml():
    found = read_opml(
        b"""<?xml version="1.0"?><OPML version="1.0"><body><outline text="World"><outline TEXT="A" xmlurl="http://a.com/f"/>
        <outline text="B" title="Bee" xmlUrl=" http://b.com/f " htmlUrl="http://b.com"/></outline>
        <outline text="again" xmlUrl="http://a.com/f"/><outline text="a note"/></body></OPML>"""
    )
    assert found == [Outline("http://a.com/f", "A"), Outline("http://b.com/f", "Bee", "http://b.com")]


def test_lists_of_every_kind_give_the_same_feeds(tmp_path):
    urls = ["https://a.example.com/feed", "https://b.example.com/rss"]
    (tmp_path / "a.opml").write_bytes(write_opml(map(Outline, urls), "Feeds"))
    (tmp_path / "a.txt").write_text(f"\ufeff# the feeds\n{urls[0]}\n\nb.example.com/rss  # without a scheme\n", "utf-8")
    (tmp_path / "a.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls))
    for name in ("a.opml", "a.txt", "a.toml"):
        assert [one.url for one in read_lists([str(tmp_path / name)])] == urls
    assert [one.url for one in read_lists(urls)] == urls
    assert [one.url for one in read_lists(["feed://a.example.com/feed"])] == ["http://a.example.com/feed"]


def test_settings_of_a_feed():
    data = b'[[feeds]]\nurl = "https://a.com/f"\ntitle = "A"\noutlet = "a.com"\nevery = "5m"\n'
    assert parse_list(data, ".toml") == [Wanted("https://a.com/f", "A", "a.com", 300)]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.toml", b"[[feeds]\n", "no TOML"),
        ("a.toml", b'[[feeds]]\nurl = "https://a.com"\nevry = "5m"\n', "evry"),
        ("a.toml", b'[[feeds]]\ntitle = "A"\n', "url"),
        ("a.toml", b'[[feeds]]\nurl = "https://a.com"\nevery = "5s"\n', "between a minute and a day"),
        ("a.opml", b"<rss></rss>", "no OPML"),
        ("a.opml", b"<opml><body>", "XML"),
        ("a.txt", b"hello world\n", "no address"),
        ("a.txt", b"https://localhost/feed\n", "local name"),
        ("a.txt", b"http://10.0.0.1/feed\n", "no public address"),
        ("a.txt", b"file:///etc/passwd\n", "only http and https"),
    ],
)
def test_a_list_that_cannot_be_used_says_why_and_which(tmp_path, name, data, says):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ValueError, match=says) as error:
        read_lists([str(path)])
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ValueError, match=r"gone\.opml: No such file"):
        read_lists([str(tmp_path / "gone.opml")])


@pytest.mark.parametrize(("text", "seconds"), [("60", 60), ("90s", 90), ("5m", 300), ("1h", 3600), (" 1D ", 86_400)])
def test_intervals(text, seconds):
    assert interval(text) == seconds
