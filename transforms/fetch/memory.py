"""What was seen before: the marks of each feed's entries, and those of the pages that were fetched for any feed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

FEED_MARKS = 8_000
"""Marks that are kept of one feed: some two thousand entries, the latest seen."""

PAGE_MARKS = 1_000_000
"""Marks that are kept of pages over all feeds, the latest fetched."""


class Memory:
    """Marks, see `transforms.fetch.entries`; of each kind the latest."""

    def __init__(self) -> None:
        self._feeds: dict[str, dict[int, None]] = {}
        self._pages: dict[int, None] = {}
        self.forgotten: frozenset[bytes] = frozenset()
        """Tombstones of articles that were forgotten on request, see `transforms.extract.forgotten`."""

    def of(self, feed_url: str) -> Collection[int]:
        """Return the marks of a feed's entries."""
        return self._feeds.get(feed_url, {})

    def see(self, feed_url: str, marks: Iterable[int]) -> None:
        """Remember marks of entries of a feed as the latest."""
        _remember(self._feeds.setdefault(feed_url, {}), marks, FEED_MARKS)

    def rename(self, former: str, feed_url: str) -> None:
        """Give a feed's memory to its new address."""
        self.see(feed_url, self._feeds.pop(former, {}))

    def has_page(self, mark: int) -> bool:
        """Say whether a page was fetched, or is being fetched, for some feed."""
        return mark in self._pages

    def take_page(self, marks: Iterable[int]) -> None:
        """Remember marks of pages that are fetched."""
        _remember(self._pages, marks, PAGE_MARKS)


def _remember(known: dict[int, None], marks: Iterable[int], most: int) -> None:
    for mark in marks:
        known.pop(mark, None)
        known[mark] = None
    for mark in list(known)[: max(0, len(known) - most)]:
        del known[mark]
