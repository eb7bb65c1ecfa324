"""Who took text without being a copy of a story's head, and from whom: the partial members of clusters.

Words belong to the article that first has them, as far as is known. Who took a passage from a copy, and the head of
that copy's story gave as much, took it from the head. Who took from a copy more than the head gave took words that the
copy added, such as a paragraph of its own in an agency's story: then the copy is the source, and heads a cluster of
these words. An agency that a copy credits does not stand behind what it added.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wirecopy.transforms.columns import Array
from wirecopy.transforms.provenance.origin import OWN, REPRINT, SECOND

ADDED_WORDS = 40
"""Words that an article has to have from a copy beyond what it has from the copy's head: less than a passage, whose
bounds may differ by a few words."""
SLACK = 1.25
"""Those words may be so many times the words that the copy added, and `SLACK_WORDS` more: bounds are inexact. More than
that was not added by the copy, but stands in the head, though the pair with it was not kept."""
SLACK_WORDS = 20
EXPLAINED = 0.5
"""Share of a reprint's words that stand in agencies' own texts from which its credit stands for these and not for the
others."""
JOINT = 0.15
"""The same where a mere byline names the agency, as in `By our staff and Reuters`, and its own text is of the day."""
DAY = 86_400 * SECOND


class Articles(NamedTuple):
    """Articles by number, in canonical order: standing, length, when published, and what they are copies of.

    Attributes:
        rank: i64[n].
        words: i64[n].
        told, begin, end: i64[n], microseconds.
        dated: bool[n], these are known.
        by_line: bool[n], a byline alone names the agency.
        agency: i64[n], a number for each agency, -1 for none.
        head: i64[n], the article that each is a copy of, itself where it is none's.
        share: f64[n], share of its words that stand in its head; 1 for a head.
    """

    rank: Array
    words: Array
    told: Array
    begin: Array
    end: Array
    dated: Array
    by_line: Array
    agency: Array
    head: Array
    share: Array


class Pairs(NamedTuple):
    """Pairs by the numbers of their articles, sorted by the unordered pair."""

    src: Array
    dst: Array
    src_share: Array
    dst_share: Array
    sure: Array


class Takings(NamedTuple):
    """Rows (origin, member), each once, by number of their articles.

    Attributes:
        origin, member: i64[m].
        pair: i64[m], the pair that says so.
        sure: f64[m], how sure it is that the origin precedes the member.
    """

    origin: Array
    member: Array
    pair: Array
    sure: Array


def takings(articles: Articles, pairs: Pairs, direct: Array) -> Takings:
    """Return who took from whom, beside the copies of heads.

    Args:
        articles: the articles.
        pairs: what they share.
        direct: i64, the pairs whose source is no mere fellow taker.
    """
    src, dst = pairs.src[direct], pairs.dst[direct]
    head = articles.head[src]
    apart = head != articles.head[dst]
    given, others = _given(articles, pairs, head, dst), pairs.dst_share[direct]
    extra = (others - given) * articles.words[dst]
    own = (1 - articles.share[src]) * articles.words[src]
    added = (src != head) & (dst != head) & (extra >= ADDED_WORDS) & (extra <= SLACK * own + SLACK_WORDS)
    before = articles.dated[src] & articles.dated[dst] & (articles.end[src] <= articles.begin[dst])
    after = articles.dated[src] & articles.dated[dst] & (articles.end[dst] <= articles.begin[src])
    by_credit = articles.rank[src] < articles.rank[dst]
    added_sure = np.where(by_credit, np.where(before, 0.75, 0.5), pairs.sure[direct])
    sure = np.where(added, added_sure, pairs.sure[direct])
    origin = np.where(added, src, head)
    kept = np.flatnonzero(np.where(added, ~(by_credit & after & (articles.rank[src] != OWN)), apart))
    best = kept[np.lexsort((src[kept], -others[kept], src[kept] != origin[kept], dst[kept], origin[kept]))]
    first = np.ones(len(best), bool)
    first[1:] = (origin[best][1:] != origin[best][:-1]) | (dst[best][1:] != dst[best][:-1])
    best = best[first]
    return Takings(origin[best], dst[best], direct[best], sure[best])


def explained(articles: Articles, pairs: Pairs, direct: Array) -> Array:
    """Return which articles credit an agency whose own text, in the lake, is what the credit stands for.

    What else these articles hold is not the agency's, as far as is known.
    """
    n = len(articles.rank)
    src, dst, share = pairs.src[direct], pairs.dst[direct], pairs.dst_share[direct]
    of_agency = (articles.rank[src] == OWN) & (articles.rank[dst] == REPRINT)
    total = np.bincount(dst[of_agency], share[of_agency], n)
    same = of_agency & (articles.agency[src] == articles.agency[dst]) & articles.by_line[dst] & (share >= JOINT)
    same &= articles.dated[src] & articles.dated[dst] & (np.abs(articles.told[src] - articles.told[dst]) <= DAY)
    by_own_text = total >= EXPLAINED
    by_own_text[dst[same]] = True
    by_head = (articles.head != np.arange(n)) & (articles.agency == articles.agency[articles.head])
    found: Array = (articles.rank == REPRINT) & (by_head | by_own_text)
    return found


def _given(articles: Articles, pairs: Pairs, head: Array, member: Array) -> Array:
    """Return the share of each member's words that stands in a head, 0 where the two make no pair."""
    n = len(articles.rank)
    link = np.minimum(pairs.src, pairs.dst) * n + np.maximum(pairs.src, pairs.dst)
    key = np.minimum(head, member) * n + np.maximum(head, member)
    share = np.zeros(len(key))
    if len(link):
        place = np.minimum(np.searchsorted(link, key), len(link) - 1)
        share = np.where(
            link[place] == key, np.where(pairs.dst[place] == member, pairs.dst_share[place], pairs.src_share[place]), 0
        )
    return np.where(articles.head[member] == head, np.maximum(share, articles.share[member]), share)
