"""Every entry once, whatever a feed does to its names; every edit once."""

from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.fetch.entries import EDITED, NEW, changes, mark
from wirecopy.transforms.read.feeds.feeds import Entry


def entry(n, guid="g{}", url="https://news.example.com/{}", title="Story {}", **more):
    return Entry(guid and guid.format(n), url and url.format(n), title and title.format(n), None, **more)


def seen(*bodies):
    """Marks that bodies leave, one poll after another."""
    memory = set()
    for body in bodies:
        for one in mark(body, "example.com"):
            memory.update(one.marks)
    return memory


def found(body, *before):
    return [(one.entry, change) for one, change in changes(mark(body, "example.com"), seen(*before))]


FIRST = [entry(n) for n in range(5)]


def test_all_is_new_once_and_then_nothing_is():
    assert [change for _, change in found(FIRST)] == [NEW] * 5
    assert found(FIRST, FIRST) == []


def test_a_rewritten_guid_at_the_same_address_is_the_same_entry():
    assert found([entry(n, guid="other-{}") for n in range(5)], FIRST) == []


def test_a_rewritten_address_under_the_same_guid_and_title_is_the_same_entry():
    assert found([entry(n, url="https://news.example.com/2026/{}") for n in range(5)], FIRST) == []


def test_variants_of_an_address_are_one():
    for url in (
        "http://news.example.com/{}",
        "https://news.example.com/{}?utm_source=rss&utm_medium=feed",
        "https://m.news.example.com/{}/",
        "https://www.news.example.com/{}#top",
        "https://news.example.com/{}?amp=1",
    ):
        assert found([entry(n, guid=None, url=url) for n in range(5)], FIRST) == [], url


def test_a_guid_that_all_entries_share_hides_none():
    body = [entry(n, guid="item") for n in range(10)]
    assert len(found(body)) == 10
    assert len(found([entry(n, guid="item") for n in range(5, 12)], body)) == 2


def test_a_guid_that_is_used_again_for_another_story_hides_it_not():
    latest = [Entry("latest", "https://news.example.com/1", "Harbour closed", None)]
    then = [Entry("latest", "https://news.example.com/2", "Harbour open again", None)]
    assert [change for _, change in found(then, latest)] == [NEW]


def test_entries_without_names_are_told_apart_by_their_date_where_they_have_the_same_words():
    def change(day, title="Roblox"):
        return Entry(None, "https://news.example.com/", title, "<p>Running</p>", published=f"2026-01-{day:02}")

    first = [change(1), change(1, "Other")]
    then = [change(2), *first]
    assert [kind for _, kind in found(first)] == [NEW, NEW]
    assert found(then, first) == [(change(2), NEW)]
    assert found(then, first, then) == []
    assert found([change(3), change(2)], first, then) == [(change(3), NEW)]


def test_entries_that_all_point_to_the_front_page_are_told_apart():
    body = [entry(n, url="https://news.example.com/") for n in range(5)]
    assert len(found(body)) == 5
    assert found(body, body) == []
    assert len(found([*body, entry(9, url="https://news.example.com/")], body)) == 1


def test_entries_with_words_alone_are_known_by_them():
    body = [Entry(None, None, f"Story {n}", f"<p>{n}</p>") for n in range(3)]
    assert len(found(body)) == 3
    assert found(body, body) == []


def test_an_entry_that_stands_twice_in_a_body_is_one():
    assert len(found([*FIRST, *FIRST])) == 5


def test_another_title_is_an_edit_once():
    edited = [*FIRST[:4], entry(4, title="Story {}, corrected")]
    assert [(one.title, change) for one, change in found(edited, FIRST)] == [("Story 4, corrected", EDITED)]
    assert found(edited, FIRST, edited) == []
    assert found(FIRST, FIRST, edited) == []


def test_another_date_of_change_is_an_edit_but_not_one_that_every_entry_has_in_every_body():
    dated = [entry(n, modified="2026-01-01T10:00:00Z") for n in range(5)]
    one = [*dated[:4], entry(4, modified="2026-01-01T11:00:00Z")]
    assert [change for _, change in found(one, dated)] == [EDITED]
    assert found([entry(n, modified="2026-01-01T11:00:00Z") for n in range(5)], dated) == []


GUIDS = st.sampled_from([None, "g{}", "other-{}", "https://news.example.com/?p={}", "same"])
URLS = st.sampled_from(
    [
        "https://news.example.com/{}",
        "http://news.example.com/{}",
        "https://m.news.example.com/{}?utm_campaign=x",
        "https://news.example.com/{}?fbclid=abc#c",
    ]
)


@given(st.lists(st.tuples(st.lists(st.integers(0, 30), unique=True, max_size=12), GUIDS, URLS), min_size=1, max_size=6))
def test_whatever_a_feed_does_to_guids_and_addresses_each_story_is_new_once(polls):
    """A law: over any polls, with names rewritten between them, a story is new in the first body that has it."""
    memory, new = set(), []
    for numbers, guid, url in polls:
        marked = mark([entry(n, guid, url) for n in numbers], "example.com")
        new += [one.entry.title for one, change in changes(marked, memory) if change == NEW]
        assert not [one for one, change in changes(marked, memory) if change == EDITED]
        for one in marked:
            memory.update(one.marks)
    assert sorted(new) == sorted({f"Story {n}" for numbers, _, _ in polls for n in numbers})


@given(st.permutations(range(8)), st.text(max_size=20), st.one_of(st.none(), st.text(max_size=20)))
def test_order_makes_no_difference_and_nothing_breaks_it(order, title, guid):
    body = [entry(n) for n in range(7)] + [Entry(guid, None, title, None)]
    shuffled = [body[n] for n in order]
    assert {one.marks for one in mark(body, "o")} == {one.marks for one in mark(shuffled, "o")}
    assert changes(mark(shuffled, "o"), {m for one in mark(body, "o") for m in one.marks}) == []
