"""Find passages of other texts that were put, edited, into the texts of a file, beside tools of text reuse research.

usage: python benchmarks/passages.py TEXTS TRUTH [--peers PYTHON]

TEXTS is JSON Lines with `id` and `text`. TRUTH has a line for each passage: `host` and `source` (ids), `edit_rate`, and
`host_span` and `source_span`, its first character and the one after its last in each. PYTHON is that of an environment
with the peers:

    python -m venv peers && peers/bin/pip install text-matcher Quid

Wirecopy and text-matcher take each text with each other. Quid, which takes a quarter of a second for two texts, is
shown each host with its source and with the source of the next passage only: its precision is among pairs half of which
are right. text-matcher keeps stop words, whose list it does not bring, and finds nothing where it runs off the front of
a text. CPU time counts from texts in memory (batches of articles for Wirecopy) to passages, all threads together; all
else is as each tool has it by default.

A passage is found where one that overlaps it in both texts is. Pairs of texts that are copies (word-5-gram Jaccard of
.45) are not judged. Precision and recall of characters, granularity and plagdet are those of Potthast et al., An
evaluation framework for plagiarism detection (2010), micro-averaged.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import json
import math
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from copies import shingles

Pair = tuple[str, str]
Found = tuple[str, int, int, str, int, int]
Find = Callable[[], list[Found]]
BATCH = 500
COPY = 0.45


class Truth(NamedTuple):
    edit_rate: float
    spans: tuple[range, range]


def read_lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def wirecopy(texts: dict[str, str], shown: Sequence[Pair]) -> Find:
    from wirecopy.schemas.elements import Document
    from wirecopy.transforms.columns import storage
    from wirecopy.transforms.extract import extract_batch
    from wirecopy.transforms.matching.fingerprint import fingerprint
    from wirecopy.transforms.matching.match import match
    from wirecopy.transforms.matching.segments.segment import build

    documents = [Document("0" * 32, i, name, "record", text) for i, (name, text) in enumerate(texts.items())]
    batches = [extract_batch(documents[at : at + BATCH])[0] for at in range(0, len(documents), BATCH)]
    names = {
        key: name
        for batch in batches
        for key, name in zip(storage(batch["article_id"]).to_pylist(), batch["doc_ref"].to_pylist(), strict=True)
    }
    match(build([fingerprint(batches[0].slice(0, 2))]), [])

    def find() -> list[Found]:
        passages = match(build([fingerprint(batch) for batch in batches]), []).passages
        columns = ("src_article_id", "src_begin", "src_end", "dst_article_id", "dst_begin", "dst_end")
        rows = zip(*(storage(passages[column]).to_pylist() for column in columns), strict=True)
        return [(names[a], a_begin, a_end, names[b], b_begin, b_end) for a, a_begin, a_end, b, b_begin, b_end in rows]

    return find


def text_matcher(texts: dict[str, str], shown: Sequence[Pair]) -> Find:
    from text_matcher.matcher import Matcher, Text

    def find() -> list[Found]:
        read = [Text(text, name, removeStopwords=False) for name, text in texts.items()]
        found = []
        for a, b in itertools.combinations(read, 2):
            with contextlib.suppress(IndexError, RecursionError):
                matcher = Matcher(a, b, removeStopwords=False)
                matcher.match()
                spans = zip(matcher.locationsA, matcher.locationsB, strict=True)
                found += [(a.label, *left, b.label, *right) for left, right in spans]
        return found

    return find


def quid(texts: dict[str, str], shown: Sequence[Pair]) -> Find:
    from quid.core.Quid import Quid

    def find() -> list[Found]:
        comparer = Quid(include_text_in_result=False)
        return [
            (host, at.target_span.start, at.target_span.end, source, at.source_span.start, at.source_span.end)
            for host, source in shown
            for at in comparer.compare(texts[source], texts[host])
        ]

    return find


TOOLS = {each.__name__: each for each in (wirecopy, text_matcher, quid)}


def run(tool: str, texts: dict[str, str], shown: Sequence[Pair]) -> None:
    try:
        find = TOOLS[tool](texts, shown)
    except ImportError:
        return
    began = time.process_time()
    with contextlib.redirect_stdout(None):
        found = find()
    json.dump([time.process_time() - began, found], sys.stdout)


def overlap(a: range, b: range) -> bool:
    return a.start < b.stop and b.start < a.stop


def without_copies(found: Sequence[Found], texts: dict[str, str]) -> list[Found]:
    cut = functools.cache(lambda name: shingles(texts[name]))
    are_copies = functools.cache(lambda a, b: len(cut(a) & cut(b)) >= COPY * len(cut(a) | cut(b)))
    return [each for each in found if not are_copies(each[0], each[3])]


def score(found: Sequence[Found], truth: dict[Pair, Truth]) -> dict[str, float]:
    by_pair: dict[Pair, list[tuple[range, range]]] = defaultdict(list)
    for a, a_begin, a_end, b, b_begin, b_end in found:
        here, there = range(a_begin, a_end), range(b_begin, b_end)
        if (b, a) in truth:
            by_pair[b, a].append((there, here))
        else:
            by_pair[a, b].append((here, there))
    detected = right = 0
    pieces = {}
    for pair, passages in by_pair.items():
        covered = [set().union(*(passage[side] for passage in passages)) for side in (0, 1)]
        detected += sum(map(len, covered))
        if pair in truth:
            spans = truth[pair].spans
            right += sum(len(own.intersection(span)) for own, span in zip(covered, spans, strict=True))
            pieces[pair] = sum(all(map(overlap, passage, spans)) for passage in passages)
    hits = {pair for pair, count in pieces.items() if count}
    marks = {
        "pairs found": len(by_pair),
        "precision": len(hits) / max(1, len(by_pair)),
        "recall": len(hits) / len(truth),
    }
    for rate in sorted({own.edit_rate for own in truth.values()}):
        edited = {pair for pair, own in truth.items() if own.edit_rate == rate}
        marks[f"recall at {rate:g}"] = len(hits & edited) / len(edited)
    precision = right / max(1, detected)
    recall = right / sum(len(span) for own in truth.values() for span in own.spans)
    granularity = sum(pieces.values()) / max(1, len(hits))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return marks | {
        "char precision": precision,
        "char recall": recall,
        "granularity": granularity,
        "plagdet": f1 / math.log2(1 + max(1, granularity)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts")
    parser.add_argument("truth")
    parser.add_argument("--peers", default=sys.executable, help="the Python that has the peers")
    parser.add_argument("--tool", choices=TOOLS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    texts = {row["id"]: row["text"] for row in read_lines(options.texts)}
    truth = {
        (row["host"], row["source"]): Truth(row["edit_rate"], (range(*row["host_span"]), range(*row["source_span"])))
        for row in read_lines(options.truth)
    }
    hosts, sources = zip(*truth, strict=True)
    shown = [*truth, *zip(hosts, sources[1:] + sources[:1], strict=True)]
    if options.tool:
        run(options.tool, texts, shown)
        return
    columns: dict[str, dict[str, float]] = {}
    for tool in TOOLS:
        python = sys.executable if tool == "wirecopy" else options.peers
        command = [python, __file__, options.texts, options.truth, "--tool", tool]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        if not answer:
            print(f"{tool} is not installed")
            continue
        seconds, found = json.loads(answer)
        compared = len(shown) if tool == "quid" else math.comb(len(texts), 2)
        columns[tool] = {"pairs compared": compared, "CPU s": seconds, "texts a CPU s": len(texts) / seconds}
        columns[tool] |= score(without_copies(found, texts), truth)
    print(f"{len(texts):,} texts  " + "".join(f"{tool:>14}" for tool in columns))
    for mark in columns["wirecopy"]:
        values = (column[mark] for column in columns.values())
        print(f"{mark:14}" + "".join(f"{v:14,}" if isinstance(v, int) else f"{v:14,.3f}" for v in values))


if __name__ == "__main__":
    main()
