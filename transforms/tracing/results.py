"""What a trace says of a text: plain values that JSON can hold, offsets in code points of the texts as they stand."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """An article of the lake that a text draws on, or that draws on the text.

    Attributes:
        article_id: its id, as a UUID in text.
        outlet: registrable domain of its publisher, or the publisher's name; None where neither is known.
        headline: its headline.
        url: its address.
        language: BCP-47 tag.
        agency: the news agency whose text it is, by its credit or because it stands on that agency's own domain.
        published_at: when it was published, or first seen; UTC.
        n_words: words of the traced text that come from it, or, of a later article, that stand in it.
        share: these words' share of all words of the traced text, 0 to 1.
        credit: how the traced text names whose text it is: `credited`, `cited` (which is no credit) or `none`; the
            agency counts where there is one, the outlet where not.
        same_outlet: both are of one outlet.
        confidence: how sure it is that this article was there first, .5 (a coin) to 1; None where nothing is known of
            the traced text but its words.
        lag_s: seconds from this article to the traced one; None where their times are unknown or overlap.
    """

    article_id: str
    outlet: str | None
    headline: str | None
    url: str | None
    language: str | None
    agency: str | None
    published_at: dt.datetime | None
    n_words: int
    share: float
    credit: str
    same_outlet: bool
    confidence: float | None
    lag_s: int | None


@dataclass(frozen=True)
class TracedPassage:
    """Words of a text that come from one source.

    Attributes:
        begin, end: their code points in the traced text.
        source: the place of the source among `Trace.sources`.
        source_begin, source_end: the code points of the passage in the source's text.
        words: the words as the traced text has them.
        source_words: the words as the source has them; None where the lake was given away without texts.
        n_words: how many words of the traced text these are.
        identity: share of the passage's words that both have alike, 0 to 1; the rest was changed.
        is_quote: it is shown as what somebody said, and the rest would be no passage.
        changed: code points, begin and end, of words in the traced text that the source does not have there; none where
            its text is not known.
    """

    begin: int
    end: int
    source: int
    source_begin: int
    source_end: int
    words: str
    source_words: str | None
    n_words: int
    identity: float
    is_quote: bool
    changed: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Trace:
    """Where a text comes from, as far as a lake knows.

    Attributes:
        text: the text that was traced; what was read of a page or file, without its headline.
        article_id: its id where it is an article of the lake, which is then left out of its own sources; else None.
        outlet, headline, url, language: what is known of the text.
        credits: agencies and outlets that the text credits.
        n_words: its words.
        sources: the articles it draws on, the greatest share first.
        passages: its passages, in order; none overlap.
        later: articles that hold words of it and came after it, the greatest share first; none where it has no time.
        own_words: words that come from no article of the lake: its own, or from elsewhere; quotes and stock among them.
        n_articles: articles in the lake that were looked through.
        commit: the commit of the lake that was looked through.
    """

    text: str
    article_id: str | None
    outlet: str | None
    headline: str | None
    url: str | None
    language: str | None
    credits: tuple[str, ...]
    n_words: int
    sources: tuple[Source, ...]
    passages: tuple[TracedPassage, ...]
    later: tuple[Source, ...]
    own_words: int
    n_articles: int
    commit: int

    @property
    def own_share(self) -> float:
        """Share of the text's words that are its own or of unknown source, 0 to 1; 1 for a text without words."""
        return self.own_words / self.n_words if self.n_words else 1.0

    @property
    def agencies(self) -> dict[str, float]:
        """The share of the text's words that is each agency's, the greatest first."""
        shares: defaultdict[str, float] = defaultdict(float)
        for source in self.sources:
            if source.agency:
                shares[source.agency] += source.share
        return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))
