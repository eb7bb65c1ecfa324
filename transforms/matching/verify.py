"""Two articles compared, many pairs at once: whether one is a copy of the other, and the passages they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wirecopy.transforms.matching.assemble import gather_marks, gather_places, gather_words
from wirecopy.transforms.matching.segments.lists import take_lists
from wirecopy.transforms.matching.segments.segment import Segment
from wirecopy.transforms.similarity.common_runs import LEAST, Held, Runs, common_runs
from wirecopy.transforms.similarity.exact import count_common, count_distinct, is_copy
from wirecopy.transforms.similarity.passages import Hits, Passages, Words, find_passages, place
from wirecopy.transforms.similarity.whose import FORM, SOMEBODY, Texts, look, tell
from wirecopy.transforms.text.shingles import shingle


class Comparison(NamedTuple):
    """What the comparison of n pairs found.

    Attributes:
        copy: bool[n], one is a copy of the other.
        jaccard: f32[n], exact Jaccard index of the word 5-grams; 0 where there is neither copy nor passage.
        left_words: i64[n], words of the left article.
        right_words: i64[n], words of the right article.
        passages: their m shared passages, by pair.
        at_edge: bool[m], the passage opens both articles or closes both.
        passage_of: u1[m], whose words the passage is: SOMEBODY, or QUOTE, NOTICE_TEXT, FORM or LIST for nobody's.
        pair_of: u1[n], the same of all that the two share; SOMEBODY where they share no passage.
    """

    copy: NDArray[np.bool_]
    jaccard: NDArray[np.float32]
    left_words: NDArray[np.int64]
    right_words: NDArray[np.int64]
    passages: Passages
    at_edge: NDArray[np.bool_]
    passage_of: NDArray[np.uint8]
    pair_of: NDArray[np.uint8]


def compare(
    segments: Sequence[Segment],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    banded: NDArray[np.bool_],
    hit_bounds: NDArray[np.int64],
    left_at: NDArray[np.uint32],
    right_at: NDArray[np.uint32],
) -> Comparison:
    """Compare pairs of articles, which are numbered through all segments.

    Args:
        segments: where the articles are.
        left, right: i64[n], the articles of each pair.
        banded: bool[n], pairs that may be copies even if they share no passage.
        hit_bounds: i64[n + 1], the anchors that pair i has in common are hit_bounds[i] to hit_bounds[i + 1].
        left_at, right_at: u32, where the two articles hold them.
    """
    articles, rows = np.unique(np.concatenate([left, right]), return_inverse=True)
    left_row, right_row = rows.astype(np.uint32).reshape(2, -1)
    codes, words = gather_words(segments, articles)
    passages = find_passages(words, words, Hits(left_row, right_row, hit_bounds, left_at, right_at))
    n_words = np.diff(words.bounds)
    left_words, right_words = n_words[left_row], n_words[right_row]
    copy, jaccard = np.zeros(len(left), bool), np.zeros(len(left), np.float32)
    checked = banded.copy()
    checked[passages.pair] = True
    if checked.any():
        kept, rows = np.unique(np.concatenate([left_row[checked], right_row[checked]]), return_inverse=True)
        a, b = rows.astype(np.uint32).reshape(2, -1)
        codes, bounds = take_lists([(codes, words.bounds, kept.astype(np.int64))])
        shingles = shingle(codes, bounds)
        sizes = count_distinct(shingles)
        common = count_common(shingles, a, b)
        fewer = np.minimum(left_words, right_words)[checked]
        copy[checked] = is_copy(common, sizes[a], sizes[b], fewer)
        jaccard[checked] = common / np.maximum(sizes[a] + sizes[b] - common, 1)
        rest = copy & _leave_words(passages, left_words, right_words)
        if rest.any():
            passages = _without_uneven(passages, rest)
            chosen = rest[checked]
            runs = common_runs(codes, bounds, shingles, a[chosen], b[chosen], _held(passages, rest))
            passages = _add_runs(passages, runs, np.flatnonzero(rest), words, left_row)
    at_edge = _at_edge(passages, left_words, right_words)
    passage_of, pair_of = np.zeros(len(passages.pair), np.uint8), np.zeros(len(left), np.uint8)
    if len(passages.pair):
        of_checked = np.cumsum(checked)[passages.pair] - 1
        of_passage = a[of_checked], b[of_checked]
        weights, _ = take_lists([(words.weights, words.bounds, kept.astype(np.int64))])
        texts = Texts(codes, weights, gather_marks(segments, articles[kept]), bounds)
        passage_of, pair_of = _whose(texts, of_passage, passages, len(left))
        passages = place(passages, gather_places(segments, articles[kept]), *of_passage)
    return Comparison(copy, jaccard, left_words, right_words, passages, at_edge, passage_of, pair_of)


def _whose(
    texts: Texts, rows: tuple[NDArray[np.uint32], NDArray[np.uint32]], passages: Passages, n: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return whose words each passage is, and those of all passages of each of n pairs."""
    left, right = (passages.left_begin, passages.left_end), (passages.right_begin, passages.right_end)
    alone = tell(look(texts, rows, left, right, np.arange(len(passages.pair) + 1)))
    pairs, begins = np.unique(passages.pair, return_index=True)
    together = np.zeros(n, np.uint8)
    together[pairs] = tell(look(texts, rows, left, right, np.append(begins, len(passages.pair))))
    form = (alone == SOMEBODY) & (together[passages.pair] == FORM)
    return np.where(form, FORM, alone).astype(np.uint8), together


def _leave_words(
    passages: Passages, left_words: NDArray[np.int64], right_words: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which pairs have no passage, or leave words enough, on both sides, that may stand in another one."""
    n = len(left_words)
    matching = np.bincount(passages.pair, np.minimum(passages.left_words, passages.right_words), n)
    leave: NDArray[np.bool_] = np.minimum(left_words, right_words) - matching >= LEAST
    leave[np.bincount(passages.pair, minlength=n) == 0] = True
    return leave


def _without_uneven(passages: Passages, chosen: NDArray[np.bool_]) -> Passages:
    """Return the passages less those of the chosen pairs that skip words of one article, which may stand elsewhere."""
    by = np.abs(passages.left_words.astype(np.int64) - passages.right_words.astype(np.int64))
    stays = ~chosen[passages.pair] | (by < LEAST)
    fields: dict[str, Any] = {name: column[stays] for name, column in passages._asdict().items()}
    return Passages(**fields)


def _held(passages: Passages, chosen: NDArray[np.bool_]) -> Held:
    """Return the passages of the chosen pairs, which are numbered anew."""
    kept = chosen[passages.pair]
    counts = np.bincount(passages.pair[kept], minlength=len(chosen))[chosen]
    sides = (passages.left_begin, passages.left_end, passages.right_begin, passages.right_end)
    return Held(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), *(side[kept] for side in sides))


def _at_edge(passages: Passages, left_words: NDArray[np.int64], right_words: NDArray[np.int64]) -> NDArray[np.bool_]:
    opens = (passages.left_begin == 0) & (passages.right_begin == 0)
    closes = (passages.left_end == left_words[passages.pair]) & (passages.right_end == right_words[passages.pair])
    at_edge: NDArray[np.bool_] = opens | closes
    return at_edge


def _add_runs(
    passages: Passages, runs: Runs, pairs: NDArray[np.int64], words: Words, left_row: NDArray[np.uint32]
) -> Passages:
    """Return the passages with the equal runs of more pairs among them; the score of a run is its words' rarity."""
    pair = pairs[runs.pair]
    left = words.bounds[left_row[pair]]
    rarity = np.concatenate([[0], np.cumsum(words.weights & 0x7F, dtype=np.int64)])
    length = runs.left_end - runs.left_begin
    score = (rarity[left + runs.left_end] - rarity[left + runs.left_begin]) * runs.matched // length
    added = Passages(
        pair=pair.astype(np.uint32),
        left_begin=runs.left_begin.astype(np.uint32),
        left_end=runs.left_end.astype(np.uint32),
        right_begin=runs.right_begin.astype(np.uint32),
        right_end=runs.right_end.astype(np.uint32),
        left_words=length.astype(np.uint32),
        right_words=(runs.right_end - runs.right_begin).astype(np.uint32),
        matched=runs.matched.astype(np.uint32),
        score=score.astype(np.int32),
    )
    order = np.argsort(np.concatenate([passages.pair, added.pair]), kind="stable")
    return Passages(*(np.concatenate(columns)[order] for columns in zip(passages, added, strict=True)))


def join_comparisons(parts: Sequence[Comparison]) -> Comparison:
    """Return the comparisons of several lists of pairs as one."""
    offsets = np.cumsum([0, *(len(part.copy) for part in parts)])[:-1]
    moved = [
        part.passages._replace(pair=(part.passages.pair + offset).astype(np.uint32))
        for part, offset in zip(parts, offsets, strict=True)
    ]
    passages = Passages(*(np.concatenate(columns) for columns in zip(*moved, strict=True)))
    return Comparison(
        np.concatenate([part.copy for part in parts]),
        np.concatenate([part.jaccard for part in parts]),
        np.concatenate([part.left_words for part in parts]),
        np.concatenate([part.right_words for part in parts]),
        passages,
        np.concatenate([part.at_edge for part in parts]),
        np.concatenate([part.passage_of for part in parts]),
        np.concatenate([part.pair_of for part in parts]),
    )
