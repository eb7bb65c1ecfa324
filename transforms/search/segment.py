"""A segment: articles with all that a search asks of them, as rows that are found by a word.

Its articles are numbered by time, so that copies of one text stand side by side. Rows are of three kinds: an article
with its number; a form of a word with its stem, and the other way round; and the articles that hold a term, with how
much it weighs in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wirecopy.schemas.search import COMMON, COMMON_FROM, DOC_BITS, LEVELS
from wirecopy.transforms.columns import storage
from wirecopy.transforms.search.terms import fold, stem, terms, tokens

HEADLINE = 3
"""A word of the headline counts so often."""
K1, B, USUAL = 1.2, 0.75, 400
"""BM25's constants, and the words of an article of usual length."""

_ROWS = 2_000
_TOGETHER = 1 << 20
"""Postings that are sorted at once."""


class Word(NamedTuple):
    """A form with a stem of it, the articles that hold it, and whether it is too common to have postings."""

    form: str
    stem: str
    held: int
    common: bool


class Content(NamedTuple):
    """What a segment holds.

    Attributes:
        article_ids: n plain ids, in the order of (event_at, article_id), those without a time last.
        events: their event_at.
        keys: sorted terms that have postings, distinct.
        bounds: where the postings of each key begin, and at last where they end.
        docs: u32, numbers of the articles that hold a key, ascending for each key.
        levels: u8, how much the key weighs in each, 1 to LEVELS.
        words: sorted, distinct.
    """

    article_ids: pa.Array
    events: pa.Array
    keys: list[str]
    bounds: NDArray[np.int64]
    docs: NDArray[np.uint32]
    levels: NDArray[np.uint8]
    words: list[Word]


def content(articles: pa.Table) -> Content:
    """Return what a segment of some articles holds; they have the columns of ARTICLE_BATCH that are asked here."""
    order = pc.sort_indices(
        pa.table({"at": storage(articles["event_at"]), "id": storage(articles["article_id"])}),
        sort_keys=[("at", "ascending"), ("id", "ascending")],
    )
    articles = articles.take(order)
    vocabulary: dict[str, int] = {}
    words: set[tuple[str, str]] = set()
    counted = []
    for at in range(0, len(articles), _ROWS):
        piece = articles.slice(at, _ROWS)
        held = [
            _counted(piece["text"], piece["language"], vocabulary, words, "", 1),
            _counted(piece["headline"], piece["language"], vocabulary, words, "", HEADLINE),
        ]
        counted.append(_weighed(held, len(piece), at))
        headline = _counted(piece["headline"], piece["language"], vocabulary, words, "headline:", 1)
        fields = [headline[:2], *_fields(piece, vocabulary)]
        counted += [_unweighed(rows, found, at) for rows, found in fields]
    return _content(articles, vocabulary, words, counted)


Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _counted(
    texts: pa.ChunkedArray,
    languages: pa.ChunkedArray,
    vocabulary: dict[str, int],
    words: set[tuple[str, str]],
    prefix: str,
    times: int,
) -> Pairs:
    """Return rows, terms and how often each stands there; what is new is added to the vocabulary and the words."""
    cut = tokens(texts)
    rows, coded = np.asarray(pc.list_parent_indices(cut), np.int64), pc.dictionary_encode(cut.flatten())
    codes = np.asarray(coded.indices).astype(np.int64)
    spoken = pc.dictionary_encode(pc.fill_null(languages.combine_chunks(), ""))
    language = np.asarray(spoken.indices).astype(np.int64)[rows]
    tags = spoken.dictionary.to_pylist()
    found = [terms(token) for token in coded.dictionary.to_pylist()]
    if not prefix:
        for code in np.unique(codes * len(tags) + language).tolist():
            tag = tags[code % len(tags)]
            words.update(
                (term.form, stem(term.spelled, tag) if term.spelled else term.form) for term in found[code // len(tags)]
            )
    numbers = [vocabulary.setdefault(prefix + term.form, len(vocabulary)) for each in found for term in each]
    lengths = np.array([len(each) for each in found], np.int64)
    begins = np.cumsum(lengths) - lengths
    repeats = lengths[codes]
    places = np.repeat(begins[codes] - (np.cumsum(repeats) - repeats), repeats) + np.arange(repeats.sum())
    held = np.array(numbers, np.int64)[places] if len(numbers) else np.zeros(0, np.int64)
    return np.repeat(rows, repeats), held, np.full(len(held), times, np.int64)


def _fields(articles: pa.Table, vocabulary: dict[str, int]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return rows and terms for what a search may ask of the fields of articles."""
    said = {
        "outlet:": articles["outlet"].to_pylist(),
        "agency:": articles["agency"].to_pylist(),
        "language:": articles["language"].to_pylist(),
    }
    names = articles["outlet_name"].to_pylist()
    said["outlet:"] = [outlet or name for outlet, name in zip(said["outlet:"], names, strict=True)]
    found = []
    for prefix, values in said.items():
        known = [(row, prefix + fold(value)) for row, value in enumerate(values) if value]
        if prefix == "language:":
            known += [(row, term.partition("-")[0]) for row, term in known if "-" in term]
        numbers = [vocabulary.setdefault(term, len(vocabulary)) for _, term in known]
        found.append((np.array([row for row, _ in known], np.int64), np.array(numbers, np.int64)))
    return found


def _weighed(held: list[Pairs], n: int, first: int) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8]]:
    rows, found, times = (np.concatenate([each[i] for each in held]) for i in range(3))
    length = np.bincount(rows, times, n)
    pairs, at = np.unique(found << 32 | rows, return_inverse=True)
    count = np.bincount(at, times)
    row = pairs & 0xFFFFFFFF
    weight = count / (count + K1 * (1 - B + B * length[row] / USUAL))
    level = np.clip(np.rint(weight * LEVELS), 1, LEVELS).astype(np.uint8)
    return pairs >> 32, (row + first).astype(np.uint32), level


def _unweighed(
    rows: NDArray[np.int64], found: NDArray[np.int64], first: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8]]:
    pairs = np.unique(found << 32 | rows)
    return pairs >> 32, ((pairs & 0xFFFFFFFF) + first).astype(np.uint32), np.ones(len(pairs), np.uint8)


def _content(
    articles: pa.Table,
    vocabulary: dict[str, int],
    words: set[tuple[str, str]],
    counted: list[tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8]]],
) -> Content:
    ranked, rank = ranks(list(vocabulary))
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.uint8))
    key, docs, levels = (np.concatenate([each[i] for each in (nothing, *counted)]) for i in range(3))
    bounds, docs, levels = in_order(rank[key], docs, levels, len(ranked))
    held = dict(zip(ranked, np.diff(bounds).tolist(), strict=True))
    whole = Content(
        storage(articles["article_id"]),
        articles["event_at"].combine_chunks(),
        ranked,
        bounds,
        docs,
        levels,
        sorted(Word(form, of, held[form], False) for form, of in words),
    )
    return thinned(whole)


def ranks(keys: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return distinct keys sorted, and the place of each given one among them."""
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.arange(len(keys))
    return [keys[at] for at in order], rank


def in_order(
    key: NDArray[np.int64], docs: NDArray[np.uint32], levels: NDArray[np.uint8], n: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8]]:
    """Return postings in the order of key and article, with where those of each of n keys begin and end."""
    at = np.argsort(key << DOC_BITS | docs, kind="stable")
    return np.searchsorted(key[at], np.arange(n + 1)).astype(np.int64), docs[at], levels[at]


def thinned(content: Content) -> Content:
    """Return a segment without the postings of what is common in it, which its words say."""
    n = len(content.article_ids)
    most = COMMON * n if n >= COMMON_FROM else n
    words = [word._replace(common=word.common or word.held > most) for word in content.words]
    common = {word.form for word in words if word.common}
    held = np.diff(content.bounds)
    kept = np.array([key not in common for key in content.keys], bool)
    bounds = np.concatenate([[0], np.cumsum(held[kept])]).astype(np.int64)
    stays = np.repeat(kept, held)
    keys = [key for key, keep in zip(content.keys, kept.tolist(), strict=True) if keep]
    return content._replace(
        keys=keys, bounds=bounds, docs=content.docs[stays], levels=content.levels[stays], words=words
    )


def merged(contents: Sequence[Content]) -> Content:
    """Return one segment of the articles of several."""
    ids = pa.concat_arrays([content.article_ids for content in contents])
    events = pa.concat_arrays([content.events for content in contents])
    order = pc.sort_indices(pa.table({"at": events, "id": ids}), sort_keys=[("at", "ascending"), ("id", "ascending")])
    number = np.empty(len(ids), np.uint32)
    number[np.asarray(order)] = np.arange(len(ids), dtype=np.uint32)
    keys: dict[str, int] = {}
    places = [np.array([keys.setdefault(key, len(keys)) for key in each.keys], np.int64) for each in contents]
    ranked, rank = ranks(list(keys))
    bounds, docs, levels = _postings(contents, [rank[place] for place in places], number, len(ranked))
    words: dict[tuple[str, str], Word] = {}
    common = {word.form for each in contents for word in each.words if word.common}
    held: dict[str, int] = {}
    for each in contents:
        for form, n in {word.form: word.held for word in each.words}.items():
            held[form] = held.get(form, 0) + n
        words |= {(word.form, word.stem): word for word in each.words}
    told = sorted(Word(form, of, held[form], form in common) for form, of in words)
    return thinned(Content(ids.take(order), events.take(order), ranked, bounds, docs, levels, told))


def _postings(
    contents: Sequence[Content], own: Sequence[NDArray[np.int64]], number: NDArray[np.uint32], n: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8]]:
    """Return the postings of several segments together, sorted a million at a time.

    Args:
        contents: the segments.
        own: the rank of each of their keys, ascending.
        number: the new number of each of their articles, those of one segment after those of another.
        n: keys in all.
    """
    held = np.zeros(n, np.int64)
    for ranks_of, each in zip(own, contents, strict=True):
        held[ranks_of] += np.diff(each.bounds)
    bounds = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    docs, levels = np.empty(bounds[-1], np.uint32), np.empty(bounds[-1], np.uint8)
    begin = 0
    while begin < n:
        end = max(begin + 1, int(np.searchsorted(bounds, bounds[begin] + _TOGETHER, "right")) - 1)
        found, first = [], 0
        for ranks_of, each in zip(own, contents, strict=True):
            low, high = np.searchsorted(ranks_of, [begin, end])
            keys = np.repeat(ranks_of[low:high], np.diff(each.bounds[low : high + 1]))
            some = slice(each.bounds[low], each.bounds[high])
            found.append((keys, number[first + each.docs[some]], each.levels[some]))
            first += len(each.article_ids)
        key, some_docs, some_levels = (np.concatenate([one[i] for one in found]) for i in range(3))
        order = np.argsort(key << DOC_BITS | some_docs, kind="stable")
        docs[bounds[begin] : bounds[end]] = some_docs[order]
        levels[bounds[begin] : bounds[end]] = some_levels[order]
        begin = end
    return bounds, docs, levels


def without(content: Content, ids: pa.Array) -> Content:
    """Return a segment less some articles, given by their plain ids. Of common words it no more knows who held them."""
    stays = ~np.asarray(pc.is_in(content.article_ids, value_set=ids))
    number = (np.cumsum(stays) - 1).astype(np.uint32)
    kept = stays[content.docs]
    held = np.add.reduceat(np.append(kept, False), content.bounds[:-1]) if len(content.keys) else np.zeros(0, np.int64)
    bounds = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    alive = held > 0
    counts = dict(zip(content.keys, held.tolist(), strict=True))
    words = [word._replace(held=min(counts.get(word.form, word.held), int(stays.sum()))) for word in content.words]
    return Content(
        content.article_ids.filter(pa.array(stays)),
        content.events.filter(pa.array(stays)),
        [key for key, keep in zip(content.keys, alive.tolist(), strict=True) if keep],
        np.concatenate([[0], bounds[1:][alive]]).astype(np.int64),
        number[content.docs[kept]],
        content.levels[kept],
        [word for word in words if word.held > 0],
    )
