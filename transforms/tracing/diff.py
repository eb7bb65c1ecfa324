"""Two texts side by side, whole: what they share, what was changed in it, what only one has, and what was moved.

Passages that both have are found as the lake finds them (`transforms.similarity.compare`), so that text in another
order is known as moved; what lies between those that follow each other alike is compared word by word.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wirecopy.transforms.similarity.compare import compare
from wirecopy.transforms.tracing.words import Block, Cut, blocks, cut

MOST_CELLS = 4_000_000
"""Stretches whose words multiply to more and that hold no shared passage are not compared word by word."""

FEW_WORDS = 5
"""Fewer words in common, amid a stretch that is otherwise another, are chance."""

MOSTLY = 0.5
"""A stretch of whose words so large a share stands in the other text is the same, edited: each word counts."""

CHANGE_WORDS = 15
"""So many words left out, put in or exchanged are a change within a passage; more stand by themselves."""

LONE_WORDS, LONE_GAP = 1, 3
"""Words in common, at most so many, with more than so many changed words around them are a part of the change."""

SHARED, MOVED, ONLY_A, ONLY_B = "shared", "moved", "only a", "only b"

_NAME = re.compile(r"[^\W\d_]")
_SENTENCE = re.compile(r"(?:^|[.!?…:;\n“”\"«»])[\s“”\"«»()'’—–-]*$")


@dataclass(frozen=True)
class Change:
    """What was changed within a passage that two texts share.

    Attributes:
        a_begin, a_end: code points in the first text; empty where words were put in.
        b_begin, b_end: code points in the second text; empty where words were left out.
        kind: `replaced`, `deleted` or `inserted`.
        number: the words hold a number.
        name: the words hold a name: one with a capital that opens no sentence.
    """

    a_begin: int
    a_end: int
    b_begin: int
    b_end: int
    kind: str
    number: bool
    name: bool


@dataclass(frozen=True)
class Stretch:
    """A stretch of two texts.

    Attributes:
        kind: `shared` (in both, in this order), `moved` (in both, elsewhere), `only a` or `only b`.
        a_begin, a_end: its code points in the first text; empty, where it would stand, for `only b`.
        b_begin, b_end: its code points in the second text; empty, where it would stand, for `only a`.
        changes: what was changed in it, in order.
    """

    kind: str
    a_begin: int
    a_end: int
    b_begin: int
    b_end: int
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Diff:
    """Two texts compared, whole.

    Attributes:
        a, b: the texts.
        stretches: every word of both, each in one stretch, in the order of the first text; those that only the second
            has stand where they stand there.
        a_words, b_words: words of each text.
        common_words: words that both have alike, moved ones among them.
    """

    a: str
    b: str
    stretches: tuple[Stretch, ...]
    a_words: int
    b_words: int
    common_words: int

    @property
    def alike(self) -> float:
        """Share of the longer text's words that both have alike, 0 to 1; 1 for two texts without words."""
        longer = max(self.a_words, self.b_words)
        return self.common_words / longer if longer else 1.0

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes within what is shared or moved, in order."""
        return tuple(change for stretch in self.stretches for change in stretch.changes)


def diff(a: str, b: str, language_a: str | None = None, language_b: str | None = None) -> Diff:
    """Return how two texts differ, whole.

    Words are the same where they are visibly the same; one that differs in case or accents alone is a replaced one.

    Args:
        a: the first text.
        b: the second text.
        language_a: BCP-47 tag of the first text; None where it is not known.
        language_b: BCP-47 tag of the second text.
    """
    first, second = cut(a), cut(b)
    found = _passages(a, b, first, second, language_a, language_b)
    line = _in_line(found)
    moved = sorted(set(found) - set(line))
    common = [*_between(first, second, line, moved)]
    for passage in line:
        common += _inside(first, second, passage)
    groups = _grouped(sorted(common), moved)
    stretches = [*_in_order(a, b, first, second, groups, moved)]
    n_common = sum(block.n for group in groups for block in group)
    for passage in moved:
        same = _inside(first, second, passage)
        n_common += sum(block.n for block in same)
        stretches.append(_stretch(MOVED, a, b, first, second, same, passage))
    stretches.sort(key=lambda one: (one.a_begin, one.kind == ONLY_A, one.b_begin))
    return Diff(a, b, tuple(stretches), len(first.codes), len(second.codes), n_common)


class _Range(NamedTuple):
    """Words of both texts: a_begin to a_end of the first, b_begin to b_end of the second."""

    a_begin: int
    a_end: int
    b_begin: int
    b_end: int


def _passages(a: str, b: str, first: Cut, second: Cut, language_a: str | None, language_b: str | None) -> list[_Range]:
    """Return the passages that both texts have, in words."""
    return [
        _Range(
            bisect_left(first.begins, one.a_begin),
            bisect_left(first.begins, one.a_end),
            bisect_left(second.begins, one.b_begin),
            bisect_left(second.begins, one.b_end),
        )
        for one in compare(a, b, language_a, language_b)
    ]


def _in_line(found: Sequence[_Range]) -> list[_Range]:
    """Return the passages that follow each other in both texts and have most words of all that do."""
    best: list[tuple[int, int]] = []
    ordered = sorted(found)
    for n, one in enumerate(ordered):
        before = [m for m in range(n) if ordered[m].a_end <= one.a_begin and ordered[m].b_end <= one.b_begin]
        last = max(before, key=lambda m: best[m][0], default=-1)
        best.append((one.a_end - one.a_begin + (best[last][0] if last >= 0 else 0), last))
    at = max(range(len(best)), key=lambda n: best[n][0], default=-1)
    line = []
    while at >= 0:
        line.append(ordered[at])
        at = best[at][1]
    return line[::-1]


def _inside(first: Cut, second: Cut, within: _Range) -> list[Block]:
    """Return the words in common of a stretch of both texts."""
    same = blocks(first.codes[within.a_begin : within.a_end], second.codes[within.b_begin : within.b_end])
    return [Block(block.a + within.a_begin, block.b + within.b_begin, block.n) for block in same]


def _between(first: Cut, second: Cut, line: Sequence[_Range], moved: Sequence[_Range]) -> Iterator[Block]:
    """Yield the words in common of what lies between passages in line; moved passages are in common with nothing."""
    ends = [_Range(0, 0, 0, 0), *line, _Range(len(first.codes), 0, len(second.codes), 0)]
    a_codes, b_codes = list(first.codes), list(second.codes)
    for passage in moved:
        a_codes[passage.a_begin : passage.a_end] = [-1] * (passage.a_end - passage.a_begin)
        b_codes[passage.b_begin : passage.b_end] = [-2] * (passage.b_end - passage.b_begin)
    for before, after in itertools.pairwise(ends):
        a, b = a_codes[before.a_end : after.a_begin], b_codes[before.b_end : after.b_begin]
        if not a or not b:
            continue
        head = _alike(a, b)
        tail = min(_alike(a[::-1], b[::-1]), len(a) - head, len(b) - head)
        yield from _at(before, [Block(0, 0, head)] if head else [])
        a_rest, b_rest = a[head : len(a) - tail], b[head : len(b) - tail]
        if a_rest and b_rest and len(a_rest) * len(b_rest) <= MOST_CELLS:
            same = blocks(a_rest, b_rest)
            edited = sum(block.n for block in same) + head + tail >= MOSTLY * max(len(a), len(b))
            kept = [block for block in same if edited or block.n >= FEW_WORDS]
            yield from _at(before, [Block(block.a + head, block.b + head, block.n) for block in kept])
        yield from _at(before, [Block(len(a) - tail, len(b) - tail, tail)] if tail else [])


def _alike(a: Sequence[int], b: Sequence[int]) -> int:
    """Return with how many same words two stretches begin."""
    return next((n for n, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


def _at(before: _Range, found: Sequence[Block]) -> Iterator[Block]:
    for block in found:
        yield Block(block.a + before.a_end, block.b + before.b_end, block.n)


def _grouped(common: Sequence[Block], moved: Sequence[_Range]) -> list[list[Block]]:
    """Return the words in common by stretches, without the few that stand alone amid what is otherwise another text."""
    groups: list[list[Block]] = []
    for block in common:
        last = groups[-1][-1] if groups else None
        if (
            last
            and block.a - last.a - last.n <= CHANGE_WORDS
            and block.b - last.b - last.n <= CHANGE_WORDS
            and not any(last.a < one.a_begin < block.a or last.b < one.b_begin < block.b for one in moved)
        ):
            groups[-1].append(block)
        else:
            groups.append([block])
    most = max((sum(block.n for block in group) for group in groups), default=0)
    return [group for group in groups if sum(block.n for block in group) >= min(FEW_WORDS, most)]


def _in_order(
    a: str, b: str, first: Cut, second: Cut, groups: Sequence[Sequence[Block]], moved: Sequence[_Range]
) -> Iterator[Stretch]:
    """Yield the stretches of both texts in order, less those that are moved."""
    ends = len(first.codes), len(second.codes)
    a_at = b_at = 0
    for n, group in enumerate([*groups, [Block(*ends, 0)]]):
        whole = _Range(group[0].a, group[-1].a + group[-1].n, group[0].b, group[-1].b + group[-1].n)
        if n == 0 and n < len(groups):
            whole = _to_edge(whole, _Range(0, whole.a_end, 0, whole.b_end), moved)
        if n == len(groups) - 1:
            whole = _to_edge(whole, _Range(whole.a_begin, ends[0], whole.b_begin, ends[1]), moved)
        for begin, end in _free(a_at, whole.a_begin, [(one.a_begin, one.a_end) for one in moved]):
            place = _place(second, b, b_at)
            yield Stretch(ONLY_A, *_span(first, a, begin, end), place, place)
        for begin, end in _free(b_at, whole.b_begin, [(one.b_begin, one.b_end) for one in moved]):
            place = _place(first, a, whole.a_begin)
            yield Stretch(ONLY_B, place, place, *_span(second, b, begin, end))
        a_at, b_at = whole.a_end, whole.b_end
        if group[0].n:
            yield _stretch(SHARED, a, b, first, second, group, whole)


def _to_edge(whole: _Range, wider: _Range, moved: Sequence[_Range]) -> _Range:
    """Return a stretch as far as the edge of both texts where only a few changed words lie between, else as it is."""
    a_more = wider.a_end - wider.a_begin - whole.a_end + whole.a_begin
    b_more = wider.b_end - wider.b_begin - whole.b_end + whole.b_begin
    few = max(a_more, b_more) <= min(CHANGE_WORDS, whole.a_end - whole.a_begin)
    clear = not any(
        (one.a_begin < wider.a_end and one.a_end > wider.a_begin)
        or (one.b_begin < wider.b_end and one.b_end > wider.b_begin)
        for one in moved
    )
    return wider if few and clear else whole


def _free(begin: int, end: int, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a range that are not taken."""
    for low, high in sorted(taken):
        if begin < low < end:
            yield begin, low
        if high > begin and low < end:
            begin = max(begin, high)
    if begin < end:
        yield begin, end


def _span(words: Cut, text: str, begin: int, end: int) -> tuple[int, int]:
    """Return the code points of some words with what stands before the first word of all, and up to the next word."""
    return (0 if begin == 0 else words.begins[begin]), _place(words, text, end)


def _place(words: Cut, text: str, at: int) -> int:
    """Return the code point where a word begins; the end of the text where there is none."""
    return 0 if at == 0 else words.begins[at] if at < len(words.begins) else len(text)


def _stretch(kind: str, a: str, b: str, first: Cut, second: Cut, same: Sequence[Block], whole: _Range) -> Stretch:
    """Return a stretch that both texts have, with what is changed in it."""
    changes: list[Change] = []
    a_at, b_at = whole.a_begin, whole.b_begin
    for block in [*_telling(same, whole), Block(whole.a_end, whole.b_end, 0)]:
        if block.a > a_at or block.b > b_at:
            changes.append(_change(a, b, first, second, _Range(a_at, block.a, b_at, block.b)))
        for n in range(block.n):
            one, other = block.a + n, block.b + n
            if _word(a, first, one) != _word(b, second, other):
                changes.append(_change(a, b, first, second, _Range(one, one + 1, other, other + 1)))
        a_at, b_at = block.a + block.n, block.b + block.n
    a_span = _span(first, a, whole.a_begin, whole.a_end)
    return Stretch(kind, *a_span, *_span(second, b, whole.b_begin, whole.b_end), tuple(changes))


def _telling(same: Sequence[Block], whole: _Range) -> list[Block]:
    """Return the words in common without single ones amid changed words, such as an article: these are one change."""
    ends = [Block(whole.a_begin, whole.b_begin, 0), *same, Block(whole.a_end, whole.b_end, 0)]
    kept: list[Block] = []
    for n, block in enumerate(same, 1):
        before, after = kept[-1] if kept else ends[0], ends[n + 1]
        gap = max(block.a - before.a - before.n, block.b - before.b - before.n)
        next_gap = max(after.a - block.a - block.n, after.b - block.b - block.n)
        if block.n > LONE_WORDS or not gap or not next_gap or gap + next_gap <= LONE_GAP or len(same) == 1:
            kept.append(block)
    return kept


def _change(a: str, b: str, first: Cut, second: Cut, which: _Range) -> Change:
    a_begin, a_end = _exact(first, a, which.a_begin, which.a_end)
    b_begin, b_end = _exact(second, b, which.b_begin, which.b_end)
    kind = "inserted" if a_begin == a_end else "deleted" if b_begin == b_end else "replaced"
    words = [(a, first, at) for at in range(which.a_begin, which.a_end)]
    words += [(b, second, at) for at in range(which.b_begin, which.b_end)]
    number = any(any(map(str.isdigit, _word(*word))) for word in words)
    return Change(a_begin, a_end, b_begin, b_end, kind, number, any(_is_name(*word) for word in words))


def _exact(words: Cut, text: str, begin: int, end: int) -> tuple[int, int]:
    """Return the code points of some words and nothing around them; where there is none, the place of the next word."""
    return (words.begins[begin], words.ends[end - 1]) if end > begin else (_place(words, text, begin),) * 2


def _word(text: str, words: Cut, at: int) -> str:
    return unicodedata.normalize("NFC", text[words.begins[at] : words.ends[at]])


def _is_name(text: str, words: Cut, at: int) -> bool:
    """Say whether a word has a capital and opens no sentence."""
    word = _word(text, words, at)
    if not _NAME.match(word) or not word[0].isupper():
        return False
    return not _SENTENCE.search(text[max(0, words.begins[at] - 8) : words.begins[at]])
