"""What extraction finds in a text file or a page, before it becomes a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Stamp(NamedTuple):
    """A date as it stands, and where: one candidate for the time of publication.

    Attributes:
        raw: the string.
        source: record, feed, json-ld, microdata, meta, script or text.
    """

    raw: str
    source: str


class Story(NamedTuple):
    """An article and what was found of its metadata, unparsed; None where nothing was found.

    Attributes:
        text: the article's text, without headline, deck and furniture.
        published: dates it may have been published at, best first.
        modified: dates it may have been changed at, best first.
        credits: lines beside the text that credit somebody, such as `Source: Reuters`.
        sources: what the page marks as the text's source or agency.
        outlet: registrable domain of the publisher.
        language: what the page declares.
        is_free: whether the page says that it can be read without paying; None where it says nothing.
        extractor: how the text was found.
    """

    text: str
    headline: str | None = None
    deck: str | None = None
    authors: Sequence[str] = ()
    byline: str | None = None
    published: Sequence[Stamp] = ()
    modified: Sequence[Stamp] = ()
    credits: Sequence[str] = ()
    sources: Sequence[str] = ()
    section: str | None = None
    keywords: Sequence[str] = ()
    url: str | None = None
    outlet: str | None = None
    outlet_name: str | None = None
    language: str | None = None
    is_free: bool | None = None
    extractor: str = ""
