"""A text traced: which articles of a lake it draws on, passage by passage.

The text is fingerprinted as a new article is and matched with the lake's index; nothing is written. Each word goes to
the article that has it first: an agency's own copy before a reprint that credits it before plain text, then by time
(`transforms.provenance.origin`). Quotes, notices and forms, and what a site prints around its texts, are nobody's.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wirecopy.schemas.articles import ARTICLE_BATCH
from wirecopy.schemas.elements import Document
from wirecopy.transforms.columns import storage
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.index.runs import Ahead, Index, open_index
from wirecopy.transforms.lake.commits import Snapshot, open_snapshot
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.rows import Matches
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.provenance.facts import facts
from wirecopy.transforms.provenance.origin import Sighting, lag_s, orient, standing
from wirecopy.transforms.text.tokens import tokenize
from wirecopy.transforms.tracing.claims import Claim, Shared, bridged, claim
from wirecopy.transforms.tracing.results import Source, Trace, TracedPassage
from wirecopy.transforms.tracing.rows import events_of, rows_of
from wirecopy.transforms.tracing.words import Block, blocks, cut

_NO_UNIT = "0" * 32
_TOLD = ("outlet", "outlet_name", "headline", "url", "language", "event_at")


def trace(lake: str | Path, text: str, language: str | None = None) -> Trace:
    """Return which articles of a lake a text draws on, how much of it comes from each, and with which passages.

    Args:
        lake: the lake's folder.
        text: the text, without its headline.
        language: BCP-47 tag of the text; found out where None.

    Raises:
        LakeError: there is no lake, or it cannot be read.
        ValueError: the text has no words.
    """
    document = Document(_NO_UNIT, 0, "text", "record", text, language=language)
    return trace_document(Path(lake), document)


def trace_document(lake: Path, document: Document) -> Trace:
    """Return the trace of a document, such as a page. Raises as `trace` does; ValueError where it holds no article."""
    batch, rejects = extract_batch([document])
    if not batch.num_rows:
        raise ValueError(f"{rejects[0].reason}: {rejects[0].error}" if rejects else "it holds no article")
    snapshot, index = opened(lake)
    return trace_article(snapshot, index, batch)


def trace_id(lake: Path, article_id: uuid.UUID) -> Trace:
    """Return the trace of an article of the lake. Raises as `trace` does; KeyError where the lake does not have it."""
    snapshot, index = opened(lake)
    return trace_article(snapshot, index, article_of(snapshot, article_id))


def opened(lake: Path) -> tuple[Snapshot, Index]:
    """Return the newest commit of a lake with its index. Raises LakeError."""
    if not (lake / "_commits").is_dir():
        raise LakeError(f"there is no lake at {lake}: make one with `wirecopy ingest PATH --lake {lake}`")
    while True:
        snapshot = open_snapshot(lake)
        if not snapshot.number:
            raise LakeError(f"the lake at {lake} is empty: take something in with `wirecopy ingest PATH --lake {lake}`")
        try:
            return snapshot, open_index(snapshot)
        except Ahead:
            continue


def article_of(snapshot: Snapshot, article_id: uuid.UUID) -> pa.RecordBatch:
    """Return an article of the lake with its text, of schema ARTICLE_BATCH.

    Raises KeyError where the lake does not have it, LakeError where it was given away without texts.
    """
    events = events_of(snapshot, article_id.bytes)
    columns = [name for name in ARTICLE_BATCH.names if name not in ("article_id", "text")]
    rows = rows_of(snapshot, "articles", events, columns)
    texts = rows_of(snapshot, "texts", events, ("text",))
    if not rows:
        raise KeyError(f"the lake has no article {article_id}")
    if not texts:
        raise LakeError(f"the lake has no text of the article {article_id}: it was given away without texts")
    row = rows[article_id.bytes] | texts[article_id.bytes] | {"article_id": article_id.bytes}
    for name in ("identity", "unit_id", "text_hash"):
        row[name] = row[name].bytes
    return pa.RecordBatch.from_pylist([row], schema=ARTICLE_BATCH)


class _Text(NamedTuple):
    """The text, with what is known of it and where its words stand."""

    row: Mapping[str, Any]
    sighting: Sighting
    begins: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    is_known: bool


class _Other(NamedTuple):
    """An article that shares words with the text."""

    sighting: Sighting
    n_words: int
    event_at: dt.datetime | None
    shared: list[Shared]


def trace_article(snapshot: Snapshot, index: Index, article: pa.RecordBatch) -> Trace:
    """Return the trace of one article, of schema ARTICLE_BATCH with one row, in the lake or not.

    Args:
        snapshot: the lake.
        index: its index.
        article: the article with its text.

    Raises ValueError where the text has no words.
    """
    text = _text(article, index)
    if not len(text.begins):
        raise ValueError("the text has no words")
    others = _others(text, match(build([fingerprint(article)]), index.segments), index)
    before = sorted((other for other in others if _is_source(text, other)), key=_precedence)
    after = [other for other in others if not _is_source(text, other)]
    claims = claim(len(text.begins), [other.shared for other in before])
    claimed: defaultdict[int, int] = defaultdict(int)
    for each in claims:
        claimed[each.holder] += each.end - each.begin
    order = sorted(claimed, key=lambda holder: (-claimed[holder], holder))
    later = sorted(((_covered(other), other) for other in after), key=lambda pair: (-pair[0], _precedence(pair[1])))
    told = _told(snapshot, [*(before[holder] for holder in order), *(other for _, other in later)])
    texts = rows_of(snapshot, "texts", {before[i].sighting.article_id: before[i].event_at for i in order}, ("text",))
    row = text.row
    return Trace(
        text=row["text"],
        article_id=str(uuid.UUID(bytes=text.sighting.article_id)) if text.is_known else None,
        outlet=row["outlet"] or row["outlet_name"],
        headline=row["headline"],
        url=row["url"],
        language=row["language"],
        credits=tuple(dict.fromkeys(credit["agency"] for credit in row["credits"])),
        n_words=len(text.begins),
        sources=tuple(_source(text, before[holder], claimed[holder], told) for holder in order),
        passages=tuple(_passage(text, each, order, before, texts) for each in claims),
        later=tuple(_source(text, other, covered, told) for covered, other in later),
        own_words=len(text.begins) - sum(claimed.values()),
        n_articles=snapshot.rows("articles"),
        commit=snapshot.number,
    )


def _text(article: pa.RecordBatch, index: Index) -> _Text:
    [row] = article.to_pylist()
    known = bool(index.holds(storage(article["article_id"]))[0].as_py())
    [sighting] = _sightings(facts(pa.Table.from_batches([article])))
    tokens = tokenize(article["text"])
    return _Text(row, sighting, tokens.begins, tokens.ends, known)


def _sightings(rows: pa.Table) -> list[Sighting]:
    """Return the sightings of FACTS."""
    times = (rows[name].cast(pa.int64()).to_pylist() for name in ("begin_at", "end_at", "told_at"))
    ids = storage(rows["article_id"]).to_pylist()
    columns = (rows[name].to_pylist() for name in ("outlet", "agency", "credit_kind"))
    return list(map(Sighting, ids, *columns, *times))


def _others(text: _Text, matches: Matches, index: Index) -> list[_Other]:
    """Return the articles that share words with the text, less passages that are nobody's: quotes, stock, furniture."""
    own = text.sighting.article_id
    shared: defaultdict[bytes, list[Shared]] = defaultdict(list)
    for row in matches.passages.filter(matches.passages["taken"]).to_pylist():
        mine, its = ("dst", "src") if row["dst_article_id"].bytes == own else ("src", "dst")
        begin = int(np.searchsorted(text.ends, row[f"{mine}_begin"], side="right"))
        end = int(np.searchsorted(text.begins, row[f"{mine}_end"], side="left"))
        words = max(row["n_words"], end - begin) if mine == "dst" else row["n_words"]
        shared[row[f"{its}_article_id"].bytes].append(
            Shared(
                begin,
                end,
                row[f"{its}_begin"],
                row[f"{its}_end"],
                row["identity"] * words,
                row["is_quote"],
            )
        )
    rows = index.facts(pa.array(shared, pa.binary(16)))
    counts, events = rows["n_words"].to_pylist(), rows["event_at"].to_pylist()
    sightings = _sightings(rows)
    return [
        _Other(sighting, n_words, event_at, bridged(shared[sighting.article_id]))
        for sighting, n_words, event_at in zip(sightings, counts, events, strict=True)
    ]


def _is_source(text: _Text, other: _Other) -> bool:
    """Say whether the article had the words before the text did.

    What is not in the lake, and whose outlet is not known, is a text in somebody's hand: it is nobody's source but
    where it is certainly the older one.
    """
    own = text.sighting
    if not text.is_known and own.outlet is None:
        lag = lag_s(own, other.sighting)
        return lag is None or lag < 0
    direction = orient(own, other.sighting)
    return not direction.source_first or (direction.confidence == 0.5 and not text.is_known)


def _precedence(other: _Other) -> tuple[Any, ...]:
    """Return what sorts articles as those do that head a cluster, see `transforms.provenance.clusters`."""
    one = other.sighting
    return standing(one)[0], one.told_at is None, one.told_at or 0, -other.n_words, one.article_id


def _covered(other: _Other) -> int:
    """Return how many words of the text stand in an article."""
    covered, reached = 0, 0
    for shared in sorted(other.shared):
        covered += max(0, shared.end - max(shared.begin, reached))
        reached = max(reached, shared.end)
    return covered


def _told(snapshot: Snapshot, others: Sequence[_Other]) -> dict[bytes, dict[str, Any]]:
    events = {other.sighting.article_id: other.event_at for other in others}
    return rows_of(snapshot, "articles", events, _TOLD)


def _source(text: _Text, other: _Other, n_words: int, told: Mapping[bytes, Mapping[str, Any]]) -> Source:
    one, own = other.sighting, text.sighting
    row = told.get(one.article_id, dict.fromkeys(_TOLD))
    agency = standing(one)[1]
    known = own.outlet is not None or own.begin_at is not None
    return Source(
        article_id=str(uuid.UUID(bytes=one.article_id)),
        outlet=one.outlet or row["outlet_name"],
        headline=row["headline"],
        url=row["url"],
        language=row["language"],
        agency=agency,
        published_at=other.event_at,
        n_words=n_words,
        share=n_words / len(text.begins),
        credit=_credit(text.row, agency, {one.outlet, row["outlet_name"]}),
        same_outlet=own.outlet is not None and own.outlet == one.outlet,
        confidence=orient(own, one).confidence if known else None,
        lag_s=lag_s(one, own),
    )


def _credit(row: Mapping[str, Any], agency: str | None, outlets: set[str | None]) -> str:
    """Return how an article names whose text it is: the agency where there is one, else the outlet."""
    names = {agency} if agency else outlets
    if row["agency"] in names - {None} or any(credit["agency"] in names for credit in row["credits"]):
        return "credited"
    return "cited" if any(cited["name"] in names for cited in row["cited"]) else "none"


def _passage(
    text: _Text,
    each: Claim,
    order: Sequence[int],
    before: Sequence[_Other],
    texts: Mapping[bytes, Mapping[str, Any]],
) -> TracedPassage:
    begin, end = int(text.begins[each.begin]), int(text.ends[each.end - 1])
    words, n_words, shared = text.row["text"][begin:end], each.end - each.begin, each.shared
    there = texts.get(before[each.holder].sighting.article_id)
    aligned = _aligned(words, there["text"], shared, n_words) if there else None
    source_begin, source_end = aligned.span if aligned else (shared.other_begin, shared.other_end)
    return TracedPassage(
        begin=begin,
        end=end,
        source=order.index(each.holder),
        source_begin=source_begin,
        source_end=source_end,
        words=words,
        source_words=there["text"][source_begin:source_end] if there else None,
        n_words=n_words,
        identity=aligned.identity if aligned else min(1.0, shared.matched / max(1, shared.end - shared.begin)),
        is_quote=shared.is_quote,
        changed=tuple((begin + first, begin + last) for first, last in aligned.changed) if aligned else (),
    )


class _Aligned(NamedTuple):
    """Words of a passage against the source's: where these stand there, the share that is equal, and what is not."""

    span: tuple[int, int]
    identity: float
    changed: list[tuple[int, int]]


def _aligned(words: str, source: str, shared: Shared, n_words: int) -> _Aligned:
    mine, its = cut(words), cut(source[shared.other_begin : shared.other_end])
    same = blocks(mine.codes, its.codes)
    if not same:
        return _Aligned((shared.other_begin, shared.other_end), 0.0, [(0, len(words))])
    first, last = same[0], same[-1]
    whole = n_words == shared.end - shared.begin
    low, high = (0, len(its.codes)) if whole else (first.b, last.b + last.n)
    changed, at = [], 0
    for block in [*same, Block(len(mine.codes), 0, 0)]:
        if block.a > at:
            changed.append((mine.begins[at], mine.ends[block.a - 1]))
        at = block.a + block.n
    equal = sum(block.n for block in same)
    span = shared.other_begin + its.begins[low], shared.other_begin + its.ends[high - 1]
    return _Aligned(span, equal / max(n_words, high - low), changed)
