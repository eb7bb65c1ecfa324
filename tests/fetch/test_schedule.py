"""When a feed is due again, over simulated days."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.fetch.schedule import (
    JITTER,
    MAX_S,
    MIN_S,
    SECOND,
    WHOLE_EVERY,
    after_failure,
    after_success,
    is_conditional,
    is_due,
    moved,
    retry_after,
)
from wirecopy.transforms.fetch.state import RETIRED, Feed, Poll

NOW = 1_767_225_600 * SECOND
FEED = Feed("https://news.example.com/feed")


def poll(at=NOW, outcome="new", entries=30, new=0, status=200):
    return Poll(FEED.feed_url, at, status, outcome, entries=entries, new=new)


def days(every_s, total_s, window=30):
    """Polls of a feed that gets an entry every so many seconds and shows the newest `window`."""
    feed, at, known, polls, missed, waits = FEED, NOW, 0, 0, 0, []
    while at < NOW + total_s * SECOND:
        published = (at - NOW) // (every_s * SECOND)
        new = published - known
        missed += max(0, new - window)
        waits.append(feed.interval_s)
        feed = after_success(feed, poll(at, entries=window, new=min(new, window)))
        known, at, polls = published, feed.next_at, polls + 1
    return polls, missed, waits


@pytest.mark.parametrize(("every_s", "most"), [(30, 3000), (300, 600), (3600, 60), (86_400, 40)])
def test_a_feed_is_polled_about_as_often_as_it_changes_and_misses_nothing(every_s, most):
    polls, missed, _ = days(every_s, 86_400)
    assert missed == 0
    assert polls <= most


@given(st.integers(60, 400_000), st.sampled_from([1, 10, 100]))
def test_the_interval_stays_between_a_minute_and_a_day(every_s, window):
    _, _, waits = days(every_s, 4 * 86_400, window)
    assert all(MIN_S <= wait <= MAX_S for wait in waits)


def test_a_fixed_interval_is_kept():
    feed = FEED._replace(every_s=300)
    for new in (0, 30, 0, 1):
        feed = after_success(feed, poll(new=new))
        assert 300 * SECOND <= feed.next_at - NOW <= 300 * (1 + JITTER) * SECOND


def test_failures_wait_longer_and_longer_up_to_a_day_and_are_forgiven():
    feed, waits = FEED, []
    for _ in range(12):
        feed = after_failure(feed, poll(outcome="failed", status=404))
        waits.append((feed.next_at - NOW) / SECOND)
    assert waits[0] >= FEED.interval_s
    assert all(later > sooner for sooner, later in itertools.pairwise(waits[:6]))
    assert max(waits) <= MAX_S * (1 + JITTER)
    assert feed.state == "active"
    assert after_success(feed, poll(new=1)).failures == 0


def test_retry_after_is_kept_to_and_capped():
    feed = after_failure(FEED, poll(outcome="failed", status=429), wait_s=7200)
    assert feed.next_at >= NOW + 7200 * SECOND
    feed = after_failure(FEED, poll(outcome="failed", status=429), wait_s=10**9)
    assert feed.next_at <= NOW + (1 + JITTER) * MAX_S * SECOND


def test_gone_is_for_good_and_forbidden_is_asked_once_a_day():
    gone = after_failure(FEED, poll(outcome=RETIRED, status=410))
    assert gone.state == RETIRED
    assert not is_due(gone, NOW + 10**15)
    refused = after_failure(FEED, poll(outcome="refused", status=403))
    assert refused.next_at >= NOW + MAX_S * SECOND


def test_without_a_network_it_tries_again_within_minutes():
    feed = FEED
    for _ in range(8):
        feed = after_failure(feed, poll(outcome="failed", status=None), offline=True)
    assert feed.next_at - NOW <= 300 * (1 + JITTER) * SECOND


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("317100", MAX_S),
        ("9" * 30, MAX_S),
        ("Thu, 01 Jan 2026 00:10:00 GMT", 600),
        ("Thu, 01 Jan 2026 00:10:00", 600),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
        (None, 0),
        ("Thu, 99 Jan 2026 00:10:00 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value, seconds):
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_breaks_it(value):
    assert 0 <= retry_after(value, NOW) <= MAX_S


def test_one_of_ten_polls_is_unconditional_and_liars_are_never_asked_conditionally():
    feed = FEED._replace(etag='"1"')
    asked = []
    for _ in range(2 * WHOLE_EVERY):
        conditional = is_conditional(feed)
        asked.append(conditional)
        feed = feed._replace(conditional=feed.conditional + 1 if conditional else 0)
    assert asked.count(False) == 2
    assert not is_conditional(feed._replace(validates=False))
    assert not is_conditional(FEED)


def test_a_clock_that_was_wrong_does_not_silence_a_feed():
    assert is_due(FEED._replace(next_at=NOW + 30 * MAX_S * SECOND), NOW)
    assert not is_due(FEED._replace(next_at=NOW + MAX_S * SECOND), NOW)
    assert is_due(FEED._replace(next_at=NOW + MAX_S * SECOND), NOW, every_s=300)


def test_a_move_counts_while_it_leads_to_the_same_place():
    there = "https://news.example.com/rss"
    feed = moved(moved(FEED, there), there)
    assert (feed.moved_to, feed.moved) == (there, 2)
    assert moved(feed, "https://elsewhere.example.com/").moved == 1
    assert moved(feed, None).moved == 0
    assert moved(feed, FEED.feed_url).moved == 0
